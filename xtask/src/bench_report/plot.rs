//! Bars as SVG, each with the span from the least to the most of its runs.

use std::fmt::Write as _;

/// Pixels.
const WIDTH: f64 = 720.0;
const NAMES: f64 = 130.0;
const ROW: f64 = 30.0;
const HEAD: f64 = 46.0;

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
