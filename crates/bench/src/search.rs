//! `loggia bench search`: how long a search takes among very many messages, and how long the index needs to catch up.
//!
//! The messages are said through the server, in many channels of one size and a small one. When the index has come up with the log,
//! as the server's figures say, questions of each kind are asked in turns, with other words each time; from the write of
//! the question to the end of the answer.

use std::time::Duration;

use anyhow::ensure;
use clap::Args;
use serde_json::json;

use crate::bare::per_second;
use crate::chance::Chance;
use crate::clock;
use crate::dialogue::Dialogue;
use crate::load::{Load, Senders, Until};
use crate::report::{Report, grouped, grouped_count};
use crate::scratch::Stage;
use crate::server_process::Setup;
use crate::speech::{Texts, VOCABULARY, word};
use crate::spread::quantile;

/// Senders, each in a channel of its own.
const SENDERS: usize = 64;

/// Messages in the small channel.
const SMALL: u64 = 1000;

/// As many of the channels' names as fit on a line.
const NAMES_OF_A_LINE: usize = 32;

/// How long the index may take to catch up.
const INDEX_WAIT: Duration = Duration::from_hours(1);

/// The server's figure of what the index has not looked at yet.
const LAG: &str = "loggia_search_lag_facts";

/// How many messages, how many questions.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Messages to search among; ten million take some minutes to write, and 6 GB
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10_000..=1_000_000_000))]
    messages: u64,
    /// Questions of each kind
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    questions: u32,
    /// The seed of what is said and asked
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A kind of question: its name, and how one is made.
type Kind = (&'static str, fn(&mut Chance) -> String);

const KINDS: [Kind; 9] = [
    ("a rare word", |chance| word(rare(chance))),
    ("a common word", |chance| word(common(chance))),
    ("two common words", |chance| format!("{} {}", word(common(chance)), word(common(chance)))),
    ("a phrase of two common words", |chance| format!("\"{} {}\"", word(common(chance)), word(common(chance)))),
    ("the beginning of words", |chance| format!("{}*", &word(rare(chance))[..3])),
    ("a common word, from one person", |chance| format!("{} from:said{}", word(common(chance)), any_sender(chance))),
    ("a common word, in one channel", |chance| format!("{} in:#said{}", word(common(chance)), any_sender(chance))),
    ("a common word, in a small channel", |chance| format!("{} in:#few0", word(common(chance)))),
    ("a word that nobody said", |chance| format!("yy{}", word(rare(chance)))),
];

fn common(chance: &mut Chance) -> u32 {
    u32::try_from(chance.within(0..20)).unwrap_or(0)
}

fn rare(chance: &mut Chance) -> u32 {
    u32::try_from(chance.within(u64::from(VOCABULARY / 2)..VOCABULARY.into())).unwrap_or(0)
}

fn any_sender(chance: &mut Chance) -> u64 {
    chance.within(0..SENDERS as u64)
}

pub(crate) fn run(options: &Options, stage: &Stage) -> anyhow::Result<Report> {
    let scratch = stage.scratch("search")?;
    let setup = Setup::new(&stage.program, scratch.path(), "disk")?;
    let server = setup.start()?;
    let texts = Texts::Words { seed: options.seed };
    let mut few = Senders::connect(server.address, Load { senders: 1, window: 256, texts, readers: 0 }, "few")?;
    few.run(Until::Kept(SMALL))?;
    let mut many = Senders::connect(server.address, Load { senders: SENDERS, window: 256, texts, readers: 0 }, "said")?;
    let written = many.run(Until::Kept(options.messages - SMALL))?;
    let channels: Vec<String> = (0..SENDERS).map(|number| format!("#said{number}")).collect();
    let mut searcher = Dialogue::connect(server.address, "searcher", "#few0", "draft/search")?;
    for channels in channels.chunks(NAMES_OF_A_LINE) {
        let join = format!("JOIN {}\r\nPING joined", channels.join(","));
        searcher.ask(&join, |message| Ok(message.is_command("PONG")))?;
    }
    let caught_up = wait_for_the_index(&setup, &mut searcher)?;
    let mut report = Report::new("search");
    let rate = per_second(written.kept, written.took);
    report.say(format!(
        "{} messages in {} channels, written at {} per second; the index was {:.1} s behind at the end\n",
        grouped_count(options.messages),
        SENDERS + 1,
        grouped(rate),
        caught_up.as_secs_f64()
    ));
    report.value("messages", options.messages);
    report.value("written_per_second", rate);
    report.value("index_behind_seconds", caught_up.as_secs_f64());
    let mut chance = Chance::new(options.seed, u64::MAX);
    let mut asked = KINDS.map(|_| (Vec::new(), 0));
    for _ in 0..options.questions {
        for ((_, question), (latencies, found)) in KINDS.iter().zip(&mut asked) {
            let began = clock::now();
            *found += search(&mut searcher, &question(&mut chance))?;
            latencies.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
    let mut rows = Vec::new();
    for ((kind, _), (mut latencies, found)) in KINDS.iter().zip(asked) {
        latencies.sort_unstable();
        let millis = [0.5, 0.95, 1.0].map(|share| f64::from(quantile(&latencies, share)) / 1e3);
        let found = found / u64::from(options.questions);
        let figures = millis.map(|millis| format!("{millis:.2}")).into_iter().chain([grouped_count(found)]);
        rows.push([(*kind).to_owned()].into_iter().chain(figures).collect());
        let [p50, p95, max] = millis;
        report.value(kind, json!({ "p50_ms": p50, "p95_ms": p95, "max_ms": max, "found": found }));
    }
    report.table(&["the newest 100 with", "p50 ms", "p95 ms", "max ms", "found"], &rows);
    server.stop()?;
    Ok(report)
}

/// Asks until the index has come up with the log; returns how long that took.
fn wait_for_the_index(setup: &Setup, searcher: &mut Dialogue) -> anyhow::Result<Duration> {
    let began = clock::now();
    loop {
        // The figures are brought up to date with what the server does.
        searcher.ask("PING lag", |message| Ok(message.is_command("PONG")))?;
        if setup.figure(LAG)? == 0.0 {
            return Ok(began.elapsed());
        }
        ensure!(began.elapsed() < INDEX_WAIT, "the index does not catch up");
    }
}

/// Asks; returns how many were found.
fn search(searcher: &mut Dialogue, words: &str) -> anyhow::Result<u64> {
    let text = words.replace(' ', "\\s");
    Ok(searcher.batch(&format!("SEARCH text={text};limit=100"))?.len() as u64)
}
