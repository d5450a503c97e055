//! Prints how many messages per second the store commits with an `fsync` per group, from senders that pipeline, and how
//! long a lone sender waits: `cargo run --release -p store --example throughput [DIRECTORY [IN_FLIGHT]]`.
//!
//! Beside it stands what the machine can do: the same bytes written to a bare file with one `fdatasync` per group; and how
//! many per second it is when the index of words has to have them all, too, for which it is waited at the end.

#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chat::event::{Message, MessageKind, Target};
use chat::fact::Fact;
use chat::ids::{ChannelId, LogId, RulesVersion, Seq, UserId};
use chat::person::{Person, PersonFields};
use chat::time::Timestamp;
use irc::names::{ChannelName, Nick, UserName};
use store::{Durability, EmbeddedLog, News, Options};

const SPAN: Duration = Duration::from_secs(5);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::args().nth(1).map_or_else(|| std::env::temp_dir().join("loggia-throughput"), PathBuf::from);
    println!(
        "durability  in flight   facts/s  facts/commit  wait ms (p50, p99, max)  bare file facts/s  indexed/s  index behind ms"
    );
    let one: Option<u64> = std::env::args().nth(2).map(|in_flight| in_flight.parse()).transpose()?;
    let all = [1, 64, 1024, 16_384];
    for durability in [Durability::Disk, Durability::Process, Durability::Memory] {
        if one.is_some() && durability != Durability::Disk {
            continue;
        }
        for in_flight in one.map_or(all.to_vec(), |one| vec![one]) {
            let _ = fs::remove_dir_all(&dir);
            fs::create_dir_all(&dir)?;
            measure(&dir, durability, in_flight)?;
        }
    }
    fs::remove_dir_all(&dir)?;
    Ok(())
}

/// Keeps so many facts in flight for a while, as that many senders would who each wait for their echo.
fn measure(dir: &Path, durability: Durability, in_flight: u64) -> Result<(), Box<dyn std::error::Error>> {
    let (sender, woken) = mpsc::channel();
    let sender = Mutex::new(sender);
    let wake = move || {
        let _ = sender.lock().map(|sender| sender.send(()));
    };
    let options = Options::new(durability, Arc::new(wake));
    let mut log = store::open(dir, options, LogId(1))?.log;
    let facts: Vec<Arc<Fact>> = texts().iter().zip(0..).map(|(text, number)| Arc::new(message(text, number))).collect();
    let (ordered, took, waits) = pipeline(&mut log, &woken, &facts, in_flight)?;
    let stats = log.stats();
    let ended = now();
    while log.stats().unindexed_facts > 0 {
        woken.recv_timeout(SPAN * 10)?;
    }
    let behind = ended.elapsed();
    log.close()?;
    let wait = |percent: usize| waits[(waits.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    let per_commit = stats.facts as f64 / stats.commits.max(1) as f64;
    let bare = if durability == Durability::Disk { bare_file(dir, per_commit)? } else { f64::NAN };
    println!(
        "{:<10}  {in_flight:>9}  {:>8.0}  {per_commit:>12.1}  {:>9.2} {:>6.1} {:>6.1}  {bare:>17.0}  {:>9.0}  {:>15.0}",
        format!("{durability:?}"),
        ordered as f64 / took.as_secs_f64(),
        wait(50),
        wait(99),
        wait(100),
        ordered as f64 / (took + behind).as_secs_f64(),
        behind.as_secs_f64() * 1e3,
    );
    Ok(())
}

/// Returns how many facts were committed, in what time, and how long each turn's facts waited, sorted.
fn pipeline(
    log: &mut EmbeddedLog,
    woken: &Receiver<()>,
    facts: &[Arc<Fact>],
    in_flight: u64,
) -> Result<(u64, Duration, Vec<Duration>), Box<dyn std::error::Error>> {
    let began = now();
    let (mut ordered, mut committed) = (Seq::ZERO, Seq::ZERO);
    let (mut turns, mut waits) = (VecDeque::new(), Vec::new());
    while began.elapsed() < SPAN {
        while ordered.0 - committed.0 < in_flight && !log.is_full() {
            let fact = &facts[usize::try_from(ordered.0)? % facts.len()];
            ordered = log.order(Arc::clone(fact), Timestamp(0)).0;
        }
        log.flush();
        if turns.back().is_none_or(|(last, _)| *last < ordered) {
            turns.push_back((ordered, now()));
        }
        let before = committed;
        for news in log.news() {
            match news {
                News::Committed(through) => committed = through,
                other => return Err(format!("{other:?}").into()),
            }
        }
        while let Some((_, at)) = turns.pop_front_if(|(last, _)| *last <= committed) {
            waits.push(at.elapsed());
        }
        if committed == before {
            woken.recv_timeout(SPAN)?;
        }
    }
    waits.sort();
    Ok((committed.0, began.elapsed(), waits))
}

/// Appends groups of as many rows to a file, each with its `fdatasync`; returns rows per second.
fn bare_file(dir: &Path, rows_per_group: f64) -> std::io::Result<f64> {
    /// About a message's row and its entry in the index.
    const ROW_BYTES: f64 = 420.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
    let group = vec![b'x'; (rows_per_group * ROW_BYTES) as usize];
    let mut file = File::create(dir.join("bare"))?;
    let began = now();
    let mut groups = 0.0;
    while began.elapsed() < SPAN / 5 {
        file.write_all(&group)?;
        file.sync_data()?;
        groups += 1.0;
    }
    Ok(groups * rows_per_group / began.elapsed().as_secs_f64())
}

#[expect(clippy::disallowed_methods, reason = "this program measures time")]
fn now() -> Instant {
    Instant::now()
}

/// Texts of ten words: each of the first ten words is as likely as all of the next ninety together.
fn texts() -> Vec<String> {
    const TEXTS: usize = 16_384;
    const WORDS: f64 = 50_000.0;
    let mut state = 1_u64;
    let mut word = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to WORDS")]
        let rank = WORDS.powf((state >> 11) as f64 / (1_u64 << 53) as f64) as u32;
        format!("w{rank:x}")
    };
    (0..TEXTS).map(|_| (0..10).map(|_| word()).collect::<Vec<_>>().join(" ")).collect()
}

fn message(text: &str, number: u64) -> Fact {
    let sender = Person::from(PersonFields {
        nick: Nick::trusted("alice"),
        username: UserName::trusted("~alice"),
        host: "192.0.2.1".into(),
        realname: "Alice".into(),
        shown: None,
        account: None,
        bot: false,
        operator: false,
    });
    let message = Message {
        how: MessageKind::Privmsg,
        user: UserId(1),
        sender: Arc::new(sender),
        target: Target::Channel {
            id: ChannelId(number % 64),
            name: ChannelName::trusted(format!("#piazza{}", number % 64)),
            rank: None,
        },
        text: text.into(),
        tags: Vec::new(),
        concats: None,
        relayed_by: None,
    };
    Fact::Said { message: Arc::new(message), rules: RulesVersion(1), delivery: None }
}
