//! All servers at one glance: the figures that are asked for first, a row for each server.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{servers, spread, written};

/// A column: its heading, and what stands in it, one behind the other: the measurement, the figure's name in the JSON, and the
/// digits behind the point.
type Column = (&'static str, &'static [(&'static str, &'static str, usize)]);

const COLUMNS: [Column; 6] = [
    (
        "saturated fan-out, 100 / 1,000 / 5,000 members: deliveries/s",
        &[
            ("fanout-100", "deliveries_per_second", 0),
            ("fanout-1000", "deliveries_per_second", 0),
            ("fanout-5000", "deliveries_per_second", 0),
        ],
    ),
    (
        "server CPU, s per million deliveries",
        &[
            ("fanout-100", "cpu_seconds_per_million", 2),
            ("fanout-1000", "cpu_seconds_per_million", 2),
            ("fanout-5000", "cpu_seconds_per_million", 2),
        ],
    ),
    (
        "20,000 deliveries/s, 100 members: p50 / p99, ms / CPU",
        &[("rate-100", "p50_ms", 2), ("rate-100", "p99_ms", 1), ("rate-100", "cpu_seconds_per_million", 1)],
    ),
    (
        "100 rooms of 10: deliveries/s / CPU",
        &[("rooms", "deliveries_per_second", 0), ("rooms", "cpu_seconds_per_million", 2)],
    ),
    ("idle connection, bytes", &[("idle", "bytes_per_connection", 0)]),
    ("come, register, go: cycles/s", &[("churn", "cycles_per_second", 0)]),
];

/// Who has a row.
const ROWS: [&str; 7] = ["loggia", "loggia-disk", "inspircd", "ngircd", "ircd-hybrid", "bare", "bare-16"];

/// Returns the table, of what was measured: medians.
pub(super) fn table(directory: &Path) -> Result<String> {
    let mut text = String::new();
    let headings: Vec<&str> = COLUMNS.iter().map(|(heading, _)| *heading).collect();
    writeln!(text, "\n| medians | {} |\n|---|{}", headings.join(" | "), "---|".repeat(COLUMNS.len()))?;
    for name in ROWS {
        write!(text, "| {name} |")?;
        for (_, cells) in &COLUMNS {
            let cells: Result<Vec<Option<String>>> = cells
                .iter()
                .map(|(measurement, figure, digits)| cell(directory, measurement, name, figure, *digits))
                .collect();
            let cells = cells?;
            if cells.iter().all(Option::is_none) {
                text.push_str(" – |");
            } else {
                let cells: Vec<&str> = cells.iter().map(|cell| cell.as_deref().unwrap_or("–")).collect();
                write!(text, " {} |", cells.join(" / "))?;
            }
        }
        text.push('\n');
    }
    Ok(text)
}

/// Returns a server's figure in a measurement, if there is one.
fn cell(directory: &Path, measurement: &str, name: &str, figure: &str, digits: usize) -> Result<Option<String>> {
    let path = directory.join(measurement).with_extension("json");
    let Ok(file) = std::fs::read_to_string(&path) else { return Ok(None) };
    let measured: Value = serde_json::from_str(&file).with_context(|| format!("{} is no JSON", path.display()))?;
    // Where there are several doors, the plain one comes first.
    let server = servers(&measured).find(|server| server["name"] == name || server["server"] == name);
    Ok(server.and_then(|server| spread(&server[figure])).map(|[_, median, _]| written(median, digits)))
}
