//! `loggia bench search`: how long a search takes among very many messages, and how long the index needs to catch up.
//!
//! The messages are said through the server, in many channels of one size and a small one; in every eighth in a script without
//! spaces. When the index has come up with the log, as the server's figures say, questions of each kind are asked in turns, with
//! other words each time; from the write of the question to the end of the answer.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::json;

use crate::bare::per_second;
use crate::chance::Chance;
use crate::dialogue::Dialogue;
use crate::load::{Load, Senders, Until};
use crate::report::{Report, grouped, grouped_count};
use crate::scratch::Stage;
use crate::server_process::{Choices, Setup};
use crate::speech::{Texts, VOCABULARY, ideograph, word};
use crate::spread::quantile;
use crate::{clock, index_lag};

/// Senders, each in a channel of its own.
const SENDERS: usize = 64;

/// Messages in the small channel.
const SMALL: u64 = 1000;

/// The file that tells what an earlier run has left.
const SAID: &str = "said.txt";

/// As many of the channels' names as fit on a line.
const NAMES_OF_A_LINE: usize = 32;

/// How many messages, how many questions.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Messages to search among; ten million take some minutes to write, and 6 GB
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10_000..=1_000_000_000))]
    messages: u64,
    /// Questions of each kind
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    questions: u32,
    /// Search among what an earlier run with this option has left in this directory; the first one leaves it there
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// The seed of what is said and asked
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// A kind of question: its name, and how one is made.
type Kind = (&'static str, fn(&mut Chance) -> String);

const KINDS: [Kind; 16] = [
    ("a rare word", |chance| word(rare(chance))),
    ("a common word", |chance| word(common(chance))),
    ("two common words", |chance| format!("{} {}", word(common(chance)), word(common(chance)))),
    ("a phrase of two common words", |chance| format!("\"{} {}\"", word(common(chance)), word(common(chance)))),
    ("the beginning of words", |chance| format!("{}*", &word(rare(chance))[..3])),
    ("a common word, from one person", |chance| format!("{} from:said{}", word(common(chance)), any_sender(chance))),
    ("a common word, in one channel", |chance| format!("{} in:#said{}", word(common(chance)), any_sender(chance))),
    ("a common word, in a small channel", |chance| format!("{} in:#few0", word(common(chance)))),
    ("a rare word, from one person", |chance| format!("{} from:said{}", word(rare(chance)), any_sender(chance))),
    ("a common word, from nobody", |chance| format!("{} from:nobody", word(common(chance)))),
    ("a common word, not another", |chance| format!("{} -{}", word(common(chance)), word(common(chance)))),
    ("a beginning, in a small channel", |chance| format!("{}* in:#few0", &word(rare(chance))[..3])),
    ("a common word, before yesterday", |chance| format!("{} before:2020-01-01", word(common(chance)))),
    ("a rare word, the oldest", |chance| format!("{} after:2020-01-01", word(rare(chance)))),
    ("two characters side by side", |chance| spaceless(common(chance), common(chance))),
    ("a word that nobody said", |chance| format!("yy{}", word(rare(chance)))),
];

fn common(chance: &mut Chance) -> u32 {
    u32::try_from(chance.within(0..20)).unwrap_or(0)
}

fn rare(chance: &mut Chance) -> u32 {
    u32::try_from(chance.within(u64::from(VOCABULARY / 2)..VOCABULARY.into())).unwrap_or(0)
}

fn spaceless(first: u32, second: u32) -> String {
    [first, second].map(ideograph).iter().collect()
}

fn any_sender(chance: &mut Chance) -> u64 {
    chance.within(0..SENDERS as u64)
}

pub(crate) fn run(options: &Options, stage: &Stage) -> anyhow::Result<Report> {
    let scratch = stage.scratch("search")?;
    let directory = options.keep.as_deref().unwrap_or(scratch.path());
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    let setup = Setup::new(&stage.program, directory, Choices::of("disk"))?;
    let server = setup.start()?;
    let mut report = Report::new("search");
    let was_there = is_said(directory, options)?;
    if !was_there {
        let texts = Texts::Words { seed: options.seed };
        let mut few = Senders::connect(server.address, Load { senders: 1, window: 256, texts, readers: 0 }, "few")?;
        few.run(Until::Kept(SMALL))?;
        let mut many =
            Senders::connect(server.address, Load { senders: SENDERS, window: 256, texts, readers: 0 }, "said")?;
        let written = many.run(Until::Kept(options.messages - SMALL))?;
        let rate = per_second(written.kept, written.took);
        report.say(format!("Written at {} messages per second", grouped(rate)));
        report.value("written_per_second", rate);
    }
    let channels: Vec<String> = (0..SENDERS).map(|number| format!("#said{number}")).collect();
    let mut searcher = Dialogue::connect(server.address, "searcher", "#few0", "draft/search")?;
    for channels in channels.chunks(NAMES_OF_A_LINE) {
        let join = format!("JOIN {}\r\nPING joined", channels.join(","));
        searcher.ask(&join, |message| Ok(message.is_command("PONG")))?;
    }
    let caught_up = index_lag::wait(&setup, &mut searcher)?;
    if !was_there {
        fs::write(directory.join(SAID), said(options)).context("cannot note what was said")?;
    }
    report.say(format!(
        "{} messages in {} channels; the index was {:.1} s behind at the end\n",
        grouped_count(options.messages),
        SENDERS + 1,
        caught_up.as_secs_f64()
    ));
    report.value("messages", options.messages);
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

/// Tells whether an earlier run has said in this directory what this one is to search among.
fn is_said(directory: &Path, options: &Options) -> anyhow::Result<bool> {
    let path = directory.join(SAID);
    if !path.exists() {
        return Ok(false);
    }
    let there = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(there == said(options), "{} holds {}", directory.display(), there.trim_end());
    Ok(true)
}

fn said(options: &Options) -> String {
    format!("{} messages of the seed {}\n", options.messages, options.seed)
}

/// Asks; returns how many were found.
fn search(searcher: &mut Dialogue, words: &str) -> anyhow::Result<u64> {
    let text = words.replace(' ', "\\s");
    Ok(searcher.batch(&format!("SEARCH text={text};limit=100"))?.len() as u64)
}
