//! `loggia bench history`: pages of 100 from a channel with a long past.
//!
//! The past is written through the server, then pages are asked for one after the other: from the question's write to the end of the
//! answer's batch, so the server's parsing, looking up and rendering, and the sockets are in it. Places are random, so that pages
//! come from everywhere. The whole past is read once, and must be what was written.

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::json;

use crate::bare::per_second;
use crate::chance::Chance;
use crate::clock;
use crate::dialogue::{Dialogue, Entry};
use crate::load::{Load, Senders, Until};
use crate::report::{Report, grouped, grouped_count};
use crate::scratch::Stage;
use crate::server_process::{Choices, Setup};
use crate::speech::Texts;
use crate::spread::quantile;

/// The channel with the long past: the one that the first sender fills.
const CHANNEL: &str = "#past0";

/// What is said in it.
const TEXTS: Texts = Texts::Same { bytes: 64 };

/// How long a past, how many questions.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Messages of the channel
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1000..=1_000_000_000))]
    messages: u64,
    /// Pages of each kind
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pages: u32,
    /// The seed of the random places
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The ways to ask for a page.
const KINDS: [&str; 9] = [
    "LATEST",
    "AROUND an id",
    "BEFORE an id",
    "AFTER an id",
    "BETWEEN two ids",
    "AROUND a time",
    "BEFORE a time",
    "AFTER a time",
    "BETWEEN two times",
];

pub(crate) fn run(options: &Options, stage: &Stage) -> anyhow::Result<Report> {
    let scratch = stage.scratch("history")?;
    let setup = Setup::new(&stage.program, scratch.path(), Choices::of("disk"))?;
    let server = setup.start()?;
    let mut report = Report::new("history");
    let load = Load { senders: 1, window: 8192, texts: TEXTS, readers: 0 };
    let mut writer = Senders::connect(server.address, load, "past")?;
    let written = writer.run(Until::Kept(options.messages))?;
    let mut reader = Dialogue::connect(server.address, "reader", CHANNEL, "")?;
    let mut walking = Vec::new();
    let (read, places) = walk(&mut reader, &mut walking)?;
    ensure!(read == written.kept_altogether, "{} messages were kept, and {read} can be read", written.kept_altogether);
    walking.sort_unstable();
    report.say(format!(
        "A channel of {} messages, written by one sender at {} per second; {} pages of each kind at random places\n",
        grouped_count(read),
        grouped(per_second(written.kept, written.took)),
        options.pages
    ));
    let asked = ask_for_pages(options, &mut reader, &places)?;
    let kinds = KINDS.iter().zip(&asked).chain([(&"the whole past, page by page", &walking)]);
    let mut rows = Vec::new();
    for (kind, latencies) in kinds {
        let millis = [0.5, 0.95, 0.99, 1.0].map(|share| f64::from(quantile(latencies, share)) / 1e3);
        let [p50, p95, p99, max] = millis;
        rows.push([(*kind).to_owned()].into_iter().chain(millis.map(|millis| format!("{millis:.2}"))).collect());
        report.value(kind, json!({ "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": max }));
    }
    report.table(&["pages of 100, ms", "p50", "p95", "p99", "max"], &rows);
    report.value("messages", read);
    server.stop()?;
    Ok(report)
}

/// Reads the whole past, page by page, and returns the first entry of each page: places that are spread evenly.
fn walk(reader: &mut Dialogue, walking: &mut Vec<u32>) -> anyhow::Result<(u64, Vec<Entry>)> {
    let mut places = Vec::new();
    let mut read = 0;
    let mut next = format!("AFTER {CHANNEL} timestamp=1970-01-01T00:00:00.000Z 100");
    loop {
        let page = timed(reader, &next, walking)?;
        let Some(last) = page.last() else { return Ok((read, places)) };
        next = format!("AFTER {CHANNEL} msgid={} 100", last.id);
        read += page.len() as u64;
        places.extend(page.into_iter().next());
    }
}

/// Asks for pages of all kinds at random places, in turns; returns the sorted microseconds of each kind.
fn ask_for_pages(
    options: &Options,
    reader: &mut Dialogue,
    places: &[Entry],
) -> anyhow::Result<[Vec<u32>; KINDS.len()]> {
    let mut chance = Chance::new(options.seed, 0);
    let last = places.last().context("nothing could be read")?;
    let mut latencies: [Vec<u32>; KINDS.len()] = Default::default();
    for _ in 0..options.pages {
        // A page's length or more from both ends, so that each page by ids is a full one. Many messages may be of one millisecond.
        let place = usize::try_from(chance.within(1..places.len() as u64 - 2))?;
        let (Entry { id, time, .. }, other) = (&places[place], &places[place + 2]);
        let questions = [
            format!("LATEST {CHANNEL} * 100"),
            format!("AROUND {CHANNEL} msgid={id} 100"),
            format!("BEFORE {CHANNEL} msgid={id} 100"),
            format!("AFTER {CHANNEL} msgid={id} 100"),
            format!("BETWEEN {CHANNEL} msgid={id} msgid={} 100", other.id),
            format!("AROUND {CHANNEL} timestamp={time} 100"),
            format!("BEFORE {CHANNEL} timestamp={time} 100"),
            format!("AFTER {CHANNEL} timestamp={time} 100"),
            format!("BETWEEN {CHANNEL} timestamp={time} timestamp={} 100", last.time),
        ];
        for (question, latencies) in questions.iter().zip(&mut latencies) {
            let page = timed(reader, question, latencies)?;
            let is_by_time = question.contains("timestamp=");
            let is_full = page.len() == 100 || is_by_time && page.len() < 100;
            ensure!(is_full, "{} messages came for `{question}`, and not 100", page.len());
        }
    }
    for of_kind in &mut latencies {
        of_kind.sort_unstable();
    }
    Ok(latencies)
}

/// Asks for a page and notes how many microseconds it took.
fn timed(reader: &mut Dialogue, question: &str, latencies: &mut Vec<u32>) -> anyhow::Result<Vec<Entry>> {
    let began = clock::now();
    let page = reader.page(question)?;
    latencies.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
    Ok(page)
}
