//! All servers at one glance: the figures that are asked for first, a row for each server.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use super::{measured, servers, spread, written};

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
    let mut all = HashMap::new();
    for (name, _, _) in COLUMNS.iter().flat_map(|(_, cells)| *cells) {
        if !all.contains_key(name) {
            all.insert(*name, measured(directory, name)?.unwrap_or_default());
        }
    }
    let mut text = String::new();
    let headings: Vec<&str> = COLUMNS.iter().map(|(heading, _)| *heading).collect();
    writeln!(text, "\n| medians | {} |\n|---|{}", headings.join(" | "), "---|".repeat(COLUMNS.len()))?;
    for name in ROWS {
        write!(text, "| {name} |")?;
        for (_, cells) in &COLUMNS {
            let figures = cells.iter().map(|(measurement, figure, digits)| {
                median(&all[measurement], name, figure).map(|median| written(median, *digits))
            });
            let figures: Vec<Option<String>> = figures.collect();
            if figures.iter().all(Option::is_none) {
                text.push_str(" – |");
            } else {
                let figures: Vec<&str> = figures.iter().map(|figure| figure.as_deref().unwrap_or("–")).collect();
                write!(text, " {} |", figures.join(" / "))?;
            }
        }
        text.push('\n');
    }
    Ok(text)
}

/// Returns a server's figure in a measurement, if there is one. Where there are several doors, the plain one comes first.
fn median(measured: &Value, name: &str, figure: &str) -> Option<f64> {
    let server = servers(measured).find(|server| server["name"] == name || server["server"] == name)?;
    spread(&server[figure]).map(|[_, median, _]| median)
}
