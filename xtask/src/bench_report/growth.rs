//! How cost grows: the same measurement at several sizes, as a line that is straight when it grows as it should.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::plot::{self, Line};
use super::{PLOTS, measured, spread, written};

/// One line of points.
pub(super) struct Series {
    /// The name of its files, each with the size behind it, and of its plot.
    name: &'static str,
    title: &'static str,
    /// What the sizes count.
    unit: &'static str,
    /// How `loggia bench` is asked; `{}` is the size.
    words: &'static str,
    sizes: &'static [u32],
    figures: &'static [Figure],
}

/// What is taken of a measurement.
struct Figure {
    /// Its name in the JSON.
    name: &'static str,
    heading: &'static str,
    digits: usize,
}

const DELIVERIES: Figure = Figure { name: "deliveries_per_second", heading: "deliveries/s", digits: 0 };
const CPU: Figure = Figure { name: "cpu_seconds_per_million", heading: "CPU, s per million", digits: 2 };
const MEMORY: Figure = Figure { name: "proportional_mib", heading: "memory (PSS), MiB", digits: 0 };

/// All lines. The first figure of each is drawn.
pub(super) const SERIES: [Series; 4] = [
    Series {
        name: "growth-members",
        title: "One room of so many members",
        unit: "members",
        words: "fanout --members {} --server loggia --runs 1 --seconds 2",
        sizes: &[10, 100, 1000, 5000, 10_000, 19_000],
        figures: &[DELIVERIES, CPU, MEMORY],
    },
    Series {
        name: "growth-rooms",
        title: "So many rooms of two who talk",
        unit: "rooms",
        words: "rooms --rooms {} --members 2 --server loggia --runs 1 --seconds 2",
        sizes: &[1, 10, 100, 1000, 9000],
        figures: &[DELIVERIES, CPU, MEMORY],
    },
    Series {
        name: "growth-shards",
        title: "One room of 1,000, its members on so many shards",
        unit: "shards",
        words: "fanout --members 1000 --server loggia-{}-shards --runs 1 --seconds 2",
        sizes: &[1, 2, 4, 8, 16],
        figures: &[DELIVERIES, CPU, MEMORY],
    },
    Series {
        name: "growth-idle",
        title: "So many connections that say nothing",
        unit: "connections",
        words: "idle --connections {} --door plain --server loggia --runs 1",
        sizes: &[1000, 2000, 5000, 10_000, 18_900],
        figures: &[
            Figure { name: "process_mib", heading: "process (PSS), MiB", digits: 1 },
            Figure { name: "bytes_per_connection", heading: "bytes for each", digits: 0 },
        ],
    },
];

impl Series {
    /// Returns how each of its points is measured: the name of its file, and the words for `loggia bench`.
    pub(super) fn points(&self) -> impl Iterator<Item = (String, String)> + '_ {
        self.sizes.iter().map(|size| (self.file(*size), self.words.replace("{}", &size.to_string())))
    }

    fn file(&self, size: u32) -> String {
        format!("{}-{size}", self.name)
    }

    /// Writes its table and its plot, of what was measured.
    pub(super) fn write(&self, directory: &Path, text: &mut String) -> Result<()> {
        let mut rows = Vec::new();
        for size in self.sizes {
            let Some(measured) = measured(directory, &self.file(*size))? else {
                println!("not measured: {}", self.file(*size));
                continue;
            };
            let server = &measured["servers"][0];
            rows.push((*size, self.figures.iter().map(|figure| spread(&server[figure.name])).collect::<Vec<_>>()));
        }
        if rows.is_empty() {
            return Ok(());
        }
        let headings: Vec<_> = self.figures.iter().map(|figure| figure.heading).collect();
        writeln!(text, "\n### {}\n\n`loggia bench {}`:\n", self.title, self.words.replace("{}", "…"))?;
        writeln!(text, "| {} | {} |\n|---|{}", self.unit, headings.join(" | "), "---|".repeat(headings.len()))?;
        for (size, figures) in &rows {
            write!(text, "| {} |", written(f64::from(*size), 0))?;
            for (figure, value) in self.figures.iter().zip(figures) {
                let shown = value.map_or_else(|| "–".to_owned(), |[_, median, _]| written(median, figure.digits));
                write!(text, " {shown} |")?;
            }
            text.push('\n');
        }
        let points = rows.iter().filter_map(|(size, figures)| Some((f64::from(*size), figures.first()?.as_ref()?[1])));
        let line = Line { points: points.collect(), horizontal: self.unit, vertical: headings[0] };
        let image = format!("{PLOTS}/{}.svg", self.name);
        let path = Path::new("docs").join(&image);
        std::fs::write(&path, plot::line(self.title, &line))
            .with_context(|| format!("cannot write {}", path.display()))?;
        writeln!(text, "\n![{}]({image})", self.title)?;
        Ok(())
    }
}
