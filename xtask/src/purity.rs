//! What the sources of a pure crate must not name: sockets, files, clocks, threads, the environment, async, random order.
//!
//! Clippy's bans name single functions; this looks for whole modules. An exception is possible where it is harmless, and
//! says why on its own line or the one above: `// pure: <reason>`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::source;

/// What one look through a folder found.
pub(crate) struct Scan {
    /// How many files were read.
    pub(crate) files: usize,
    /// One sentence per forbidden name, with file and line.
    pub(crate) faults: Vec<String>,
}

/// Modules of the standard library, by the name after `std::`, and what to use instead.
const FORBIDDEN_MODULES: &[(&str, &str)] = &[
    ("net", "sockets belong to `transport`; an address as plain data is `core::net`"),
    ("fs", "files belong to `store`; what is to be kept is an output"),
    ("thread", "the caller owns the value and its thread"),
    ("env", "settings are arguments"),
    ("process", "return a refusal or a fault"),
    ("os", "what the system knows is an input"),
];

/// Names that are wrong wherever they come from, and what to use instead.
const FORBIDDEN_NAMES: &[(&str, &str)] = &[
    ("SystemTime", "wall-clock time is an input"),
    ("HashMap", "iterates in random order; use BTreeMap"),
    ("HashSet", "iterates in random order; use BTreeSet"),
    ("RandomState", "randomness is an input"),
];

/// Macros that write somewhere.
const FORBIDDEN_MACROS: &[&str] = &["println", "eprintln", "print", "eprint", "dbg"];

/// Looks through every source file under `folder`.
///
/// # Errors
///
/// When a file cannot be read.
pub(crate) fn scan_folder(folder: &Path) -> Result<Scan> {
    let mut scan = Scan { files: 0, faults: Vec::new() };
    for path in source::rust_files(folder)? {
        // `#[cfg(test)] mod tests;` in a file of its own.
        if path.file_name().is_some_and(|name| name == "tests.rs")
            || path.components().any(|part| part.as_os_str() == "tests")
        {
            continue;
        }
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        scan.files += 1;
        scan.faults
            .extend(faults_in(&text).into_iter().map(|(line, fault)| format!("{}:{line}: {fault}", path.display())));
    }
    Ok(scan)
}

/// Returns line number and sentence for each forbidden name in one file's text.
fn faults_in(text: &str) -> Vec<(usize, String)> {
    let code = source::without_tests(&source::blank(text));
    let lines: Vec<&str> = text.lines().collect();
    let excused = |line: usize| {
        let has_reason = |index: Option<usize>| {
            let comment = index.and_then(|index| lines.get(index)).and_then(|line| line.split_once("// pure: "));
            comment.is_some_and(|(_, reason)| !reason.trim().is_empty())
        };
        has_reason(line.checked_sub(1)) || has_reason(line.checked_sub(2))
    };
    let tokens = tokens_of(&code);
    let mut faults: Vec<(usize, String)> = Vec::new();
    for (line, path) in paths_of(&tokens) {
        if let Some(fault) = fault_of_path(&path) {
            faults.push((line, fault));
        }
    }
    for pair in tokens.windows(2) {
        let (line, word) = pair[0];
        match (word, pair[1].1) {
            ("async", "fn" | "move" | "{") => {
                faults.push((line, "async: pure code returns what it waits for".to_owned()));
            }
            (".", "await") => faults.push((line, "await: pure code returns what it waits for".to_owned())),
            (name, "!") if FORBIDDEN_MACROS.contains(&name) => {
                faults.push((line, format!("{name}!: pure code writes nowhere; return what is to be said")));
            }
            _ => {}
        }
    }
    faults.retain(|(line, _)| !excused(*line));
    faults.sort();
    faults.dedup();
    faults
}

fn fault_of_path(path: &[&str]) -> Option<String> {
    let shown = path.join("::");
    if let ["std", module, ..] = path
        && let Some((_, instead)) = FORBIDDEN_MODULES.iter().find(|(name, _)| name == module)
    {
        return Some(format!("{shown}: {instead}"));
    }
    if let Some((_, instead)) = FORBIDDEN_NAMES.iter().find(|(name, _)| path.contains(name)) {
        return Some(format!("{shown}: {instead}"));
    }
    if path.windows(2).any(|pair| pair == ["Instant", "now"]) {
        return Some(format!("{shown}: the time is an argument"));
    }
    None
}

/// Splits code into words, `::` and single signs, each with its line number (from 1).
fn tokens_of(code: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let width = if first.is_alphanumeric() || first == '_' {
                rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (token, after) = rest.split_at(width);
            if !first.is_whitespace() {
                tokens.push((index + 1, token));
            }
            rest = after;
        }
    }
    tokens
}

/// Returns every path `a::b::c`, with the groups of `use a::{b, c::d}` written out.
fn paths_of<'a>(tokens: &[(usize, &'a str)]) -> Vec<(usize, Vec<&'a str>)> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        at = if is_name(tokens[at].1) { collect_path(tokens, at, &[], &mut paths) } else { at + 1 };
    }
    paths
}

/// Reads one path that begins at `at`, its groups included; returns the place after it.
fn collect_path<'a>(
    tokens: &[(usize, &'a str)],
    mut at: usize,
    prefix: &[&'a str],
    paths: &mut Vec<(usize, Vec<&'a str>)>,
) -> usize {
    let line = tokens[at].0;
    let mut path = prefix.to_vec();
    path.push(tokens[at].1);
    at += 1;
    while at + 1 < tokens.len() && tokens[at].1 == "::" {
        let next = tokens[at + 1].1;
        if is_name(next) {
            path.push(next);
            at += 2;
        } else if next == "{" {
            at += 2;
            while at < tokens.len() && tokens[at].1 != "}" {
                at = if is_name(tokens[at].1) { collect_path(tokens, at, &path, paths) } else { at + 1 };
            }
            return at + 1;
        } else {
            break;
        }
    }
    paths.push((line, path));
    at
}

fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        faults_in(text).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn clean_code_is_clean() {
        let text = "use std::collections::{BTreeMap, VecDeque};\nuse std::time::{Duration, Instant};\nuse core::net::IpAddr;\nfn at(now: Instant) {}\n";
        assert_eq!(faults_in(text), []);
    }

    #[test]
    fn forbidden_modules_are_found_alone_and_in_groups() {
        assert_eq!(
            lines("use std::fs;\nuse std::{\n    net::TcpStream,\n    thread,\n};\nfn f() { std::process::exit(1) }"),
            [1, 3, 4, 6]
        );
    }

    #[test]
    fn clocks_and_random_order_are_found() {
        assert_eq!(lines("use std::time;\nlet a = time::SystemTime::now();\nlet b = Instant::now();"), [2, 3]);
        assert_eq!(lines("use std::collections::HashMap;\nlet s: HashSet<u8> = x;"), [1, 2]);
    }

    #[test]
    fn async_and_printing_are_found() {
        assert_eq!(lines("pub async fn f() {}\nlet g = async move { h().await };\nprintln!(\"x\");"), [1, 2, 2, 3]);
        assert_eq!(faults_in("let asynchronous = awaiting.awaited;"), []);
    }

    #[test]
    fn words_in_comments_strings_and_tests_are_not_code() {
        assert_eq!(
            faults_in(
                "// std::fs\n/// Instant::now()\nlet a = \"std::net\";\n#[cfg(test)]\nmod tests { use std::fs; }"
            ),
            []
        );
    }

    #[test]
    fn a_reason_excuses_its_line_and_the_next_and_nothing_else() {
        let text = "// pure: looked up only, never iterated\nuse std::collections::HashMap;\nlet a: HashMap<u8, u8> = b; // pure: the same\nlet c: HashMap<u8, u8>;\nlet d: HashMap<u8, u8>;";
        assert_eq!(lines(text), [5]);
        assert_eq!(lines("// pure: \nuse std::fs;"), [2], "an empty reason excuses nothing");
    }
}
