//! Plots as SVG: bars, each with the span from the least to the most of its runs; and lines.

use std::fmt::Write as _;

/// Pixels.
const WIDTH: f64 = 720.0;
const NAMES: f64 = 130.0;
const ROW: f64 = 30.0;
const HEAD: f64 = 46.0;

/// How high a line's plot is, and the room at its edges.
const PLOT_HEIGHT: f64 = 320.0;
const EDGE: f64 = 70.0;

/// One bar.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) min: f64,
    pub(super) median: f64,
    pub(super) max: f64,
}

/// Draws bars beneath a title and what they count.
pub(super) fn bars(title: &str, unit: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.max).fold(f64::MIN_POSITIVE, f64::max);
    let room = WIDTH - NAMES - 90.0;
    let (mut svg, mut top) = (String::new(), HEAD);
    for bar in bars {
        let place = |value: f64| NAMES + room * value / most;
        let (middle, height) = (top + ROW / 2.0, ROW - 12.0);
        let colour = if bar.name.starts_with("loggia") { "#2f6f5e" } else { "#9aa5a1" };
        let Bar { name, min, median, max } = bar;
        let written = write!(
            svg,
            r##"<text x="{:.0}" y="{:.0}" text-anchor="end">{name}</text>
<rect x="{NAMES:.0}" y="{:.0}" width="{:.1}" height="{height:.0}" fill="{colour}"/>
<line x1="{:.1}" x2="{:.1}" y1="{middle:.0}" y2="{middle:.0}" stroke="#333" stroke-width="2"/>
<text x="{:.0}" y="{:.0}">{}</text>
"##,
            NAMES - 8.0,
            middle + 4.0,
            top + 6.0,
            place(*median) - NAMES,
            place(*min),
            place(*max),
            place(*max) + 8.0,
            middle + 4.0,
            super::written(*median, if *median < 100.0 { 2 } else { 0 })
        );
        written.expect("a String takes everything");
        top += ROW;
    }
    let height = top + 10.0;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0} {height:.0}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="10" y="20" font-size="15">{title}</text>
<text x="10" y="37" fill="#555">{unit}: median, and from the least to the most of the runs</text>
{svg}</svg>
"##
    )
}

/// Points, by ascending size. Both axes are logarithmic: what grows in proportion is a straight line.
pub(super) struct Line {
    pub(super) points: Vec<(f64, f64)>,
    pub(super) horizontal: &'static str,
    pub(super) vertical: &'static str,
}

/// Draws a line beneath a title, with the value at each of its points.
pub(super) fn line(title: &str, line: &Line) -> String {
    let (left, right, top, bottom) = (EDGE, WIDTH - EDGE, HEAD + 20.0, PLOT_HEIGHT - 40.0);
    let across = axis(line.points.iter().map(|(size, _)| *size), left, right);
    let up = axis(line.points.iter().map(|(_, value)| *value), bottom, top);
    let (mut svg, mut path) = (String::new(), String::new());
    for (size, value) in &line.points {
        let (x, y) = (across(*size), up(*value));
        let command = if path.is_empty() { 'M' } else { 'L' };
        let drawn = write!(path, "{command}{x:.1} {y:.1}").and_then(|()| {
            write!(
                svg,
                r##"<circle cx="{x:.1}" cy="{y:.1}" r="4" fill="#2f6f5e"/>
<text x="{x:.0}" y="{:.0}" text-anchor="middle">{}</text>
<text x="{x:.0}" y="{:.0}" text-anchor="middle" fill="#555">{}</text>
"##,
                y - 10.0,
                super::written(*value, usize::from(*value < 100.0)),
                PLOT_HEIGHT - 18.0,
                super::written(*size, 0)
            )
        });
        drawn.expect("a String takes everything");
    }
    let Line { horizontal, vertical, .. } = line;
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0} {PLOT_HEIGHT:.0}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
<text x="10" y="20" font-size="15">{title}</text>
<text x="10" y="37" fill="#555">{vertical} by {horizontal}, both in powers</text>
<path d="{path}" fill="none" stroke="#2f6f5e" stroke-width="2"/>
<line x1="{left:.0}" x2="{right:.0}" y1="{:.0}" y2="{:.0}" stroke="#9aa5a1"/>
{svg}</svg>
"##,
        bottom + 8.0,
        bottom + 8.0
    )
}

/// Returns where a value stands between two edges, by its logarithm; in the middle, where there is only one.
fn axis(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> impl Fn(f64) -> f64 {
    let least = values.clone().fold(f64::INFINITY, f64::min).max(f64::MIN_POSITIVE).ln();
    let most = values.fold(f64::MIN_POSITIVE, f64::max).ln();
    move |value| {
        let share = if most > least { (value.max(f64::MIN_POSITIVE).ln() - least) / (most - least) } else { 0.5 };
        from + (to - from) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_factors_are_equal_distances() {
        let place = axis([1.0, 10.0, 100.0].into_iter(), 0.0, 200.0);
        assert_eq!([1.0, 10.0, 100.0].map(|value| format!("{:.0}", place(value))), ["0", "100", "200"]);
        assert!((axis([7.0].into_iter(), 0.0, 10.0)(7.0) - 5.0).abs() < 1e-9);
    }
}
