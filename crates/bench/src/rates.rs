//! `loggia bench rates`: how many messages per second the server keeps before anyone sees them.
//!
//! Each run measures, in turns: many senders who each keep some messages on their way; the same while others read history all the
//! time; the same with texts of ten words each, until the index of words has them all; one lone sender who waits for every echo; a bare SQLite insert loop with groups and rows of the same size; a bare file with one `fdatasync` per group. An echo leaves when
//! the commit that keeps its message is done, so answered messages are kept messages; at the end they are counted in the database.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::bare::{self, Groups, per_second};
use crate::dialogue::Dialogue;
use crate::load::{Load, Outcome, Senders, Until};
use crate::report::{Report, grouped, mebibytes};
use crate::scratch::Stage;
use crate::server_process::{Choices, Setup};
use crate::speech::Texts;
use crate::spread::{Spread, quantile};
use crate::{clock, index_lag};

/// What Ergo's manual says of its SQLite history, to compare with.
const ERGO_STATED: f64 = 1000.0;

/// Others who read history meanwhile.
const READERS: usize = 4;

/// How many senders, for how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Senders at once
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    senders: u32,
    /// Messages that each of them has on their way at most
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    window: u32,
    /// Bytes of a message's text
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=400))]
    text_bytes: u32,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// Runs: the table shows the least, the middle and the most
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// When a message counts as kept, as in the configuration
    #[arg(long, default_value = "disk", value_parser = ["disk", "process", "memory"])]
    durability: String,
}

/// What one run gave.
struct Run {
    many: Side,
    read: Side,
    words: Side,
    lone: Side,
    sqlite: f64,
    file: f64,
    /// `fdatasync` of one message's bytes, per second.
    lone_file: f64,
}

/// One server under one load.
struct Side {
    rate: f64,
    /// Messages per second until the index of words had them all, too.
    indexed_rate: f64,
    /// How long it took the index, when the last message was kept.
    index_behind: Duration,
    outcome: Outcome,
    facts_per_commit: f64,
    commit_millis: f64,
    /// Microseconds of CPU per message.
    cpu_micros: f64,
    written_bytes: f64,
    resident_bytes: u64,
    row_bytes: usize,
}

pub(crate) fn run(options: &Options, stage: &Stage) -> anyhow::Result<Report> {
    let runs: Vec<Run> = (0..options.runs).map(|_| one_run(options, stage)).collect::<anyhow::Result<_>>()?;
    Ok(report(options, &runs))
}

fn one_run(options: &Options, stage: &Stage) -> anyhow::Result<Run> {
    let span = Duration::from_secs(options.seconds.into());
    let texts = Texts::Same { bytes: usize::try_from(options.text_bytes)? };
    let many = Load { senders: usize::try_from(options.senders)?, window: options.window.into(), texts, readers: 0 };
    let read = Load { readers: READERS, ..many };
    let words = Load { texts: Texts::Words { seed: 1 }, ..many };
    let (many, read) = (side(options, stage, many, span)?, side(options, stage, read, span)?);
    let words = side(options, stage, words, span)?;
    let lone = side(options, stage, Load { senders: 1, window: 1, texts, readers: 0 }, span)?;
    let scratch = stage.scratch("bare")?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a group")]
    let rows = many.facts_per_commit.round().max(1.0) as u64;
    let groups = Groups { rows, row_bytes: many.row_bytes, span: span / 2 };
    let sqlite = bare::sqlite(scratch.path(), groups)?;
    let file = bare::file(scratch.path(), groups)?;
    let lone_file = bare::file(scratch.path(), Groups { rows: 1, ..groups })?;
    Ok(Run { many, read, words, lone, sqlite, file, lone_file })
}

/// Starts a server, loads it, and looks what it has used and kept.
fn side(options: &Options, stage: &Stage, load: Load, span: Duration) -> anyhow::Result<Side> {
    let scratch = stage.scratch("rates")?;
    let setup = Setup::new(&stage.program, scratch.path(), Choices::of(&options.durability))?;
    let server = setup.start()?;
    let mut senders = Senders::connect(server.address, load, "sender")?;
    let mut waiting = Dialogue::connect(server.address, "waiting", "#waiting", "")?;
    let figures = ["loggia_facts_committed_total", "loggia_commit_groups_total", "loggia_commit_seconds_sum"];
    let figures = || figures.map(|name| setup.figure(name));
    let (before, usage_before) = (figures(), server.usage()?);
    let began = clock::now();
    let outcome = senders.run(Until::Elapsed(span))?;
    let kept_in = began.elapsed();
    let index_behind = index_lag::wait(&setup, &mut waiting)?;
    let (after, usage) = (figures(), server.usage()?);
    let [facts, commits, seconds] = {
        let mut differences = [0.0; 3];
        for ((difference, after), before) in differences.iter_mut().zip(after).zip(before) {
            *difference = after? - before?;
        }
        differences
    };
    drop(senders);
    server.stop()?;
    let (kept, row_bytes) = in_the_database(&setup)?;
    ensure!(
        kept == outcome.kept_altogether,
        "{} messages were answered, and {kept} are in the database",
        outcome.kept_altogether
    );
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let per_message = |amount: f64| amount / (outcome.kept_altogether as f64).max(1.0);
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let written = (usage.written_bytes - usage_before.written_bytes) as f64;
    Ok(Side {
        rate: per_second(outcome.kept, outcome.took),
        indexed_rate: per_second(outcome.kept_altogether, kept_in + index_behind),
        index_behind,
        facts_per_commit: facts / commits.max(1.0),
        commit_millis: seconds * 1e3 / commits.max(1.0),
        cpu_micros: per_message(usage.cpu.saturating_sub(usage_before.cpu).as_secs_f64() * 1e6),
        written_bytes: per_message(written),
        resident_bytes: usage.resident_bytes,
        row_bytes,
        outcome,
    })
}

/// Counts the messages in the database of a server that has stopped, and says how many bytes one takes in its table.
fn in_the_database(setup: &Setup) -> anyhow::Result<(u64, usize)> {
    let failed = "cannot look into the database";
    let connection = Connection::open_with_flags(setup.database(), OpenFlags::SQLITE_OPEN_READ_ONLY).context(failed)?;
    let sql = "SELECT count(*), coalesce(avg(length(data) + length(text)), 0) FROM facts WHERE kind = 'said'";
    let (kept, bytes): (i64, f64) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).context(failed)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the width of a row")]
    Ok((u64::try_from(kept)?, bytes.round() as usize))
}

fn report(options: &Options, runs: &[Run]) -> Report {
    let mut report = Report::new("rates");
    report.say(format!(
        "Kept messages per second, durability {}, texts of {} bytes; {} runs of {} s in turns\n",
        options.durability, options.text_bytes, options.runs, options.seconds
    ));
    let spread = |value: fn(&Run) -> f64| Spread::of(runs.iter().map(value));
    let (senders, window) = (options.senders, options.window);
    let rates = [
        (format!("{senders} senders, {window} on their way each"), "many", spread(|run| run.many.rate)),
        (format!("the same, while {READERS} others read history"), "many_read", spread(|run| run.read.rate)),
        (
            "pages of 100 that they are given".into(),
            "pages",
            spread(|run| per_second(run.read.outcome.pages, run.read.outcome.took)),
        ),
        (format!("{senders} senders, texts of ten words"), "words", spread(|run| run.words.rate)),
        ("the same, until the index has them all".into(), "words_indexed", spread(|run| run.words.indexed_rate)),
        ("one sender, each waits for its echo".into(), "lone", spread(|run| run.lone.rate)),
        ("bare SQLite, the same groups".into(), "bare_sqlite", spread(|run| run.sqlite)),
        ("bare file, one fdatasync per group".into(), "bare_file", spread(|run| run.file)),
        ("bare file, one fdatasync per message".into(), "bare_file_lone", spread(|run| run.lone_file)),
    ];
    report.spreads("messages/s", &rates, grouped);
    let ratios = [
        ("many senders : bare SQLite".into(), "many_to_sqlite", spread(|run| run.many.rate / run.sqlite)),
        ("many senders : bare file".into(), "many_to_file", spread(|run| run.many.rate / run.file)),
        ("read meanwhile : not read".into(), "read_to_many", spread(|run| run.read.rate / run.many.rate)),
        ("lone sender : bare fdatasync".into(), "lone_to_file", spread(|run| run.lone.rate / run.lone_file)),
        ("many senders : what Ergo states".into(), "many_to_ergo_stated", spread(|run| run.many.rate / ERGO_STATED)),
    ];
    report.spreads("ratios within a run", &ratios, |ratio| format!("{ratio:.2}"));
    details(runs, &mut report);
    report.say(format!("\nErgo's manual states about {} messages per second into SQLite.", grouped(ERGO_STATED)));
    report
}

/// What lies behind the rates, of many senders, of many with texts of ten words, and of a lone one.
fn details(runs: &[Run], report: &mut Report) {
    let both = |value: &dyn Fn(&Side) -> f64| {
        let of = |side: fn(&Run) -> &Side| Spread::of(runs.iter().map(|run| value(side(run))));
        [of(|run| &run.many), of(|run| &run.words), of(|run| &run.lone)]
    };
    let echo = |share| move |side: &Side| f64::from(quantile(&side.outcome.latencies, share)) / 1e3;
    let details: [(&str, &str, [Spread; 3]); 9] = [
        ("facts per commit", "facts_per_commit", both(&|side| side.facts_per_commit)),
        ("commit, mean ms", "commit_ms", both(&|side| side.commit_millis)),
        ("echo p50, ms", "echo_p50_ms", both(&echo(0.5))),
        ("echo p99, ms", "echo_p99_ms", both(&echo(0.99))),
        ("echo max, ms", "echo_max_ms", both(&echo(1.0))),
        ("index behind at the end, ms", "index_behind_ms", both(&|side| side.index_behind.as_secs_f64() * 1e3)),
        ("server CPU per message, µs", "cpu_us_per_message", both(&|side| side.cpu_micros)),
        ("written per message, bytes", "written_bytes_per_message", both(&|side| side.written_bytes)),
        ("server memory, MiB", "resident_mib", both(&|side| mebibytes(side.resident_bytes))),
    ];
    let median = |spread: &Spread| format!("{:.2}", spread.median);
    let row = |(what, _, sides): &(&str, _, [Spread; 3])| {
        [(*what).to_owned()].into_iter().chain(sides.iter().map(median)).collect()
    };
    report.table(&["medians of the runs", "many", "ten words", "lone"], &details.iter().map(row).collect::<Vec<_>>());
    for (_, name, [many, words, lone]) in &details {
        report.value(name, json!({ "many": many, "words": words, "lone": lone }));
    }
}
