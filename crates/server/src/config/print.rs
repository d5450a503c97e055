//! `loggia config print-defaults`: every key with its default and what it is for.

use std::fmt::Write as _;

use serde::Serialize;
use toml::{Table as Values, Value};

use super::schema::{Kind, Presence};
use super::{Admin, Cluster, Config, Listen, Operator, SECTIONS, Section, check};

/// Returns a file that holds every key with its default.
///
/// Tables that are absent by default stand there behind `#`, so the file loads to exactly the defaults.
pub fn print_defaults() -> String {
    let defaults = values(&Config::default());
    let mut text = String::from("# Every key of Loggia's configuration with its default.\n");
    for section in SECTIONS {
        let table = match section.table.name {
            "listen" => values(&Listen::default()),
            "operator" => values(&Operator::default()),
            "cluster" => values(&Cluster::default()),
            "admin" => values(&Admin::default()),
            name => defaults.get(name).and_then(Value::as_table).cloned().unwrap_or_default(),
        };
        print_section(&mut text, section, &table);
    }
    text
}

fn print_section(text: &mut String, section: &Section, values: &Values) {
    let (header, absent) = match section.presence {
        Presence::Always => (format!("[{}]", section.table.name), ""),
        Presence::Optional => (format!("[{}]", section.table.name), "# "),
        Presence::Repeated => (format!("[[{}]]", section.table.name), "# "),
    };
    text.push('\n');
    print_docs(text, section.table.docs);
    let _ = writeln!(text, "{absent}{header}");
    for key in section.table.keys {
        print_docs(text, key.docs);
        if matches!(key.kind, Kind::Whole { .. }) {
            let _ = writeln!(text, "# Allowed: {}.", check::allowed(&key.kind));
        }
        match values.get(key.name) {
            Some(value) => {
                let _ = writeln!(text, "{absent}{} = {value}", key.name);
            }
            None => {
                let _ = writeln!(text, "# {} = \"…\"", key.name);
            }
        }
    }
}

fn print_docs(text: &mut String, docs: &[&str]) {
    for line in docs {
        let _ = writeln!(text, "#{line}");
    }
}

/// Turns a table into values, as TOML would hold them.
pub(crate) fn values(table: &impl Serialize) -> Values {
    Values::try_from(table).unwrap_or_else(|error| unreachable!("a configuration is always TOML: {error}"))
}
