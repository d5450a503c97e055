//! Transcripts: what is asked, and under it what everybody sees. `UPDATE=1` writes what is seen; read it before you keep it.
//!
//! `> alice JOIN #tea` asks; `! late`, `! unordered`, `! at once`, `! order`, `! commit`, `! void`, `! refuse`, `! accept`
//! `! restart` and `! wait 60` are about the log and the time.

use std::fmt::Write as _;
use std::path::Path;

use chat::hall::Input;

use crate::table::{Pace, Table};

/// Runs the transcript's commands and writes it anew.
fn run(script: &str) -> String {
    let mut table = Table::new();
    let mut written = String::new();
    for line in script.lines() {
        if line.starts_with("  ") {
            continue;
        }
        let _ = writeln!(written, "{line}");
        if let Some(asked) = line.strip_prefix("> ") {
            let (names, asked) = asked.split_once(' ').unwrap();
            for name in names.split(',') {
                table.ask(name, asked);
            }
        } else if let Some(event) = line.strip_prefix("! ") {
            direct(&mut table, event);
        }
        for (name, line) in core::mem::take(&mut table.seen) {
            let _ = writeln!(written, "  {name} ← {line}");
        }
    }
    written
}

fn direct(table: &mut Table, event: &str) {
    match event {
        "late" => table.pace = Pace::CommitsLate,
        "unordered" => table.pace = Pace::OrdersLate,
        "at once" => table.pace = Pace::AtOnce,
        "restart" => table.restart(),
        "order" => table.order(),
        "commit" => table.commit(),
        "void" => table.void(),
        "refuse" => table.input(Input::LogRefuses { why: "disk full".into() }),
        "accept" => table.input(Input::LogAccepts),
        other => table.wait(other.strip_prefix("wait ").unwrap().parse().unwrap()),
    }
}

#[test]
fn everybody_sees_what_the_transcripts_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chat/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = String::new();
    for file in files {
        let expected = std::fs::read_to_string(&file).unwrap();
        let seen = run(&expected);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&file, &seen).unwrap();
        } else if let Some((number, (seen, expected))) =
            seen.lines().chain([""]).zip(expected.lines().chain([""])).enumerate().find(|(_, (a, b))| a != b)
        {
            let name = file.file_name().unwrap().display();
            let _ = writeln!(wrong, "{name}:{}\n  expected {expected}\n  seen     {seen}", number + 1);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
