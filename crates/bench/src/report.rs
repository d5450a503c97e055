//! What a scenario prints: tables for people, one JSON object for programs.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use crate::spread::Spread;

/// Whether everything was as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was, or nothing was judged.
    Right,
    /// Something was not: the report says what.
    Wrong,
}

/// What a scenario has to say.
#[derive(Debug)]
pub(crate) struct Report {
    text: String,
    values: Map<String, Value>,
    verdict: Verdict,
}

impl Report {
    /// Begins the report of a scenario.
    pub(crate) fn new(scenario: &str) -> Self {
        let values = Map::from_iter([("scenario".to_owned(), scenario.into())]);
        Self { text: String::new(), values, verdict: Verdict::Right }
    }

    /// Adds a line for people.
    pub(crate) fn say(&mut self, line: impl AsRef<str>) {
        self.text.push_str(line.as_ref());
        self.text.push('\n');
    }

    /// Adds a value for programs.
    pub(crate) fn value(&mut self, name: &str, value: impl Into<Value>) {
        self.values.insert(name.to_owned(), value.into());
    }

    /// Adds a table for people: the first column to the left, the others to the right.
    pub(crate) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let width = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([head[column].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        let head = head.iter().map(|cell| (*cell).to_owned()).collect();
        for row in std::iter::once(&head).chain(rows) {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let written = if column == 0 {
                    write!(self.text, "{cell:<width$}")
                } else {
                    write!(self.text, "  {cell:>width$}")
                };
                written.expect("a String takes everything");
            }
            self.text.truncate(self.text.trim_end_matches(' ').len());
            self.text.push('\n');
        }
    }

    /// Adds a table of several runs, each row with its name for programs, and an empty line.
    pub(crate) fn spreads(&mut self, head: &str, rows: &[(String, &str, Spread)], write: impl Fn(f64) -> String) {
        let cells = |(what, _, Spread { min, median, max }): &(String, &str, Spread)| {
            vec![what.clone(), write(*min), write(*median), write(*max)]
        };
        self.table(&[head, "min", "median", "max"], &rows.iter().map(cells).collect::<Vec<_>>());
        self.say("");
        for (_, name, spread) in rows {
            self.value(name, json!(spread));
        }
    }

    /// Notes that something was not as it must be.
    pub(crate) fn wrong(&mut self) {
        self.verdict = Verdict::Wrong;
    }

    /// Tells whether anything was.
    pub(crate) fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Writes the figures to a file as JSON, where one is named, and to standard output; there as tables, unless JSON was asked for
    /// without a file (`-`).
    pub(crate) fn print(&self, json: Option<&Path>) -> anyhow::Result<()> {
        let figures = || serde_json::to_string_pretty(&self.values).context("cannot write the figures as JSON");
        let text = match json {
            None => self.text.clone(),
            Some(path) if path == Path::new("-") => figures()? + "\n",
            Some(path) => {
                let failed = || format!("cannot write the figures to {}", path.display());
                std::fs::write(path, figures()? + "\n").with_context(failed)?;
                self.text.clone()
            }
        };
        io::stdout().lock().write_all(text.as_bytes()).context("cannot write to standard output")
    }
}

/// Writes a number, rounded and not negative, with a comma between thousands.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, for people")]
pub(crate) fn grouped(number: f64) -> String {
    grouped_count(number.round() as u64)
}

/// Returns an amount of memory in MiB.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Writes a count with a comma between thousands.
pub(crate) fn grouped_count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let numbers = [0.4, 999.0, 1000.0, 12_345.6, 1_234_567.0].map(grouped);
        assert_eq!(numbers, ["0", "999", "1,000", "12,346", "1,234,567"]);
    }

    #[test]
    fn a_table_is_aligned() {
        let mut report = Report::new("test");
        report.table(&["what", "n"], &[vec!["tea".into(), "10".into()], vec!["biscuits".into(), "7".into()]]);
        assert_eq!(report.text, "what       n\ntea       10\nbiscuits   7\n");
    }
}
