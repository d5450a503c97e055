//! Walks a parsed configuration beside the schema, so that each mistake is told with its line and its remedy.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::schema::{Kind, Presence, Table};
use super::{SECTIONS, Section};

/// A mistake, before it is known which file it stands in.
#[derive(Debug)]
pub(super) struct Mistake {
    /// The byte at which it begins.
    pub(super) offset: usize,
    /// The key with its table.
    pub(super) key: String,
    /// What is wrong and what would be right.
    pub(super) problem: String,
}

/// What the walk found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What is wrong.
    pub(super) mistakes: Vec<Mistake>,
    /// Where each key stands that the file holds, by its path (`listen[1].address`).
    pub(super) offsets: BTreeMap<String, usize>,
}

/// Checks a whole document against the schema.
pub(super) fn document(document: &DeTable<'_>) -> Findings {
    let mut findings = Findings::default();
    for (name, value) in document {
        match SECTIONS.iter().find(|section| section.table.name == name.get_ref().as_ref()) {
            Some(section) => findings.section(section, value),
            None => findings.unknown_section(name.get_ref(), name.span(), value.get_ref()),
        }
    }
    findings.mistakes.sort_by_key(|mistake| mistake.offset);
    findings
}

impl Findings {
    fn mistake(&mut self, span: &Range<usize>, key: &str, problem: String) {
        self.mistakes.push(Mistake { offset: span.start, key: key.to_owned(), problem });
    }

    fn unknown_section(&mut self, name: &str, span: Range<usize>, value: &DeValue<'_>) {
        let of_tables = |entries: &DeArray<'_>| entries.iter().all(|entry| entry.get_ref().is_table());
        let problem = if value.is_table() || value.as_array().is_some_and(of_tables) && tables_with(name).is_empty() {
            let nearest = nearest(name, SECTIONS.iter().map(|section| section.table.name));
            format!("unknown table; the nearest known one is `{}`", written(nearest))
        } else {
            match tables_with(name).as_slice() {
                [] => {
                    let names = SECTIONS.iter().flat_map(|section| section.table.keys).map(|key| key.name);
                    let key = nearest(name, names);
                    format!("unknown key; the nearest known one is `{key}` in {}", tables_with(key).join(", "))
                }
                tables => format!("this key belongs in {}", tables.join(" or ")),
            }
        };
        self.mistake(&span, name, problem);
    }

    fn section(&mut self, section: &Section, value: &Spanned<DeValue<'_>>) {
        let name = section.table.name;
        self.offsets.insert(name.to_owned(), value.span().start);
        match (section.presence, value.get_ref()) {
            (Presence::Always | Presence::Optional, DeValue::Table(table)) => self.table(section.table, name, table),
            (Presence::Repeated, DeValue::Array(entries)) => {
                for (position, entry) in entries.iter().enumerate() {
                    let path = format!("{name}[{}]", position + 1);
                    self.offsets.insert(path.clone(), entry.span().start);
                    match entry.get_ref() {
                        DeValue::Table(table) => self.table(section.table, &path, table),
                        other => {
                            let problem = format!("a table is allowed here, not {}", shown(other));
                            self.mistake(&entry.span(), &path, problem);
                        }
                    }
                }
            }
            (Presence::Repeated, _) => {
                self.mistake(&value.span(), name, format!("write [[{name}]] with two brackets: there may be several"));
            }
            (Presence::Always | Presence::Optional, _) => {
                self.mistake(&value.span(), name, format!("write it as one table, [{name}]"));
            }
        }
    }

    fn table(&mut self, schema: &Table, path: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let key_path = format!("{path}.{}", name.get_ref());
            self.offsets.insert(key_path.clone(), name.span().start);
            if let Some(key) = schema.key(name.get_ref()) {
                self.value(&key.kind, &key_path, value);
                continue;
            }
            let problem = match tables_with(name.get_ref()).as_slice() {
                [] => {
                    let nearest = nearest(name.get_ref(), schema.keys.iter().map(|key| key.name));
                    format!("unknown key; the nearest known one is `{nearest}`")
                }
                tables => format!("unknown key here; `{}` belongs in {}", name.get_ref(), tables.join(" or ")),
            };
            self.mistake(&name.span(), &key_path, problem);
        }
    }

    fn value(&mut self, kind: &Kind, path: &str, value: &Spanned<DeValue<'_>>) {
        let found = value.get_ref();
        match (kind, found) {
            (Kind::WordOrTable(_, schema), DeValue::Table(table)) => self.table(schema, path, table),
            (Kind::Texts(form), DeValue::Array(items)) => {
                for item in items {
                    if !item.get_ref().as_str().is_some_and(form.fits) {
                        let problem =
                            format!("{} is allowed in this list, not {}", form.allowed, shown(item.get_ref()));
                        self.mistake(&item.span(), path, problem);
                    }
                }
            }
            _ if fits(kind, found) => {}
            _ => self.mistake(&value.span(), path, format!("{} is allowed here, not {}", allowed(kind), shown(found))),
        }
    }
}

fn fits(kind: &Kind, value: &DeValue<'_>) -> bool {
    match kind {
        Kind::Flag => value.is_bool(),
        Kind::Whole { min, max } => value
            .as_integer()
            .and_then(|number| u64::from_str_radix(number.as_str(), number.radix()).ok())
            .is_some_and(|number| (*min..=*max).contains(&number)),
        Kind::OneOf(words) | Kind::WordOrTable(words, _) => value.as_str().is_some_and(|word| words.contains(&word)),
        Kind::Text(form) => value.as_str().is_some_and(form.fits),
        Kind::Texts(_) => value.is_array(),
    }
}

/// Describes what a key may hold, as the beginning of a sentence.
pub(super) fn allowed(kind: &Kind) -> String {
    match kind {
        Kind::Flag => "true or false".to_owned(),
        Kind::Whole { min, max } if *max > i64::MAX as u64 / 2 => format!("a whole number of at least {min}"),
        Kind::Whole { min, max } => format!("a whole number from {min} to {max}"),
        Kind::OneOf(words) => one_of(words),
        Kind::Text(form) => form.allowed.to_owned(),
        Kind::Texts(form) => format!("a list [\"…\", \"…\"] of {}", form.allowed),
        Kind::WordOrTable(words, table) => {
            let keys: Vec<&str> = table.keys.iter().map(|key| key.name).collect();
            format!("{} or a table {{ {} }}", one_of(words), keys.join(", "))
        }
    }
}

fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    quoted.join(" or ")
}

/// Shows a value as it would stand in the file, shortened where it is long.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => {
            let short: String = text.chars().take(40).collect();
            let tail = if short.len() < text.len() { "…" } else { "" };
            format!("{:?}", format!("{short}{tail}"))
        }
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// Returns the known name that looks most like what was written.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    let name = name.to_ascii_lowercase().replace('-', "_");
    known
        .map(|candidate| (candidate, strsim::jaro_winkler(&name, candidate)))
        .max_by(|(_, left), (_, right)| left.total_cmp(right))
        .map_or("", |(candidate, _)| candidate)
}

/// Returns the tables that have a key of that name, as they are written.
fn tables_with(name: &str) -> Vec<String> {
    SECTIONS
        .iter()
        .filter(|section| section.table.key(name).is_some())
        .map(|section| written(section.table.name))
        .collect()
}

fn written(table: &str) -> String {
    let repeated = SECTIONS.iter().any(|section| section.table.name == table && section.presence == Presence::Repeated);
    if repeated { format!("[[{table}]]") } else { format!("[{table}]") }
}
