//! Prints what becomes slower as a store grows, with a million messages in a thousand channels, one in a hundred of them
//! corrected: how long a page of RESUME takes for somebody who is in all of them, and how long commits wait while half of it all is
//! removed. `cargo run --release -p store --example scale [DIRECTORY]`.

#![allow(clippy::cast_precision_loss, reason = "figures for people")]

use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chat::event::{Message, MessageKind, Target};
use chat::fact::Fact;
use chat::history::{Found, Kinds, Query, Since};
use chat::ids::{ChannelId, LogId, MsgId, RulesVersion, Seq, SessionId, UserId};
use chat::person::{Person, PersonFields};
use chat::time::Timestamp;
use irc::names::{ChannelName, Nick, UserName};
use store::{Durability, EmbeddedLog, Keep, News, Opened, Options, Reader};

const MESSAGES: u64 = 1_000_000;
const CHANNELS: u64 = 1_000;
const EDITED_EVERY: u64 = 100;
const LOG: LogId = LogId(1);

type Trouble = Box<dyn std::error::Error>;

fn main() -> Result<(), Trouble> {
    let dir = std::env::args().nth(1).map_or_else(|| std::env::temp_dir().join("loggia-scale"), PathBuf::from);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir)?;
    let (sender, woken) = mpsc::channel();
    let sender = Mutex::new(sender);
    let wake = move || {
        let _ = sender.lock().map(|sender| sender.send(()));
    };
    let options = Options::new(Durability::Disk, Arc::new(wake));
    let Opened { mut log, reader, .. } = store::open(&dir, options, LOG)?;
    fill(&mut log, &woken)?;
    resume(&reader, &woken, log.last())?;
    remove(&mut log, &woken)?;
    log.close()?;
    fs::remove_dir_all(&dir)?;
    Ok(())
}

fn fill(log: &mut EmbeddedLog, woken: &Receiver<()>) -> Result<(), Trouble> {
    for number in 1..=MESSAGES {
        let fact = if number.is_multiple_of(EDITED_EVERY) { edited(number - 1) } else { said(number) };
        log.order(Arc::new(fact), Timestamp(i64::try_from(number)?));
        if number.is_multiple_of(4096) {
            commit(log, woken)?;
        }
    }
    commit(log, woken)?;
    while log.stats().unindexed_facts > 0 {
        woken.recv()?;
    }
    Ok(())
}

/// Ends the turn and waits until all is committed; returns for how long.
fn commit(log: &mut EmbeddedLog, woken: &Receiver<()>) -> Result<Duration, Trouble> {
    let began = now();
    log.flush();
    loop {
        for news in log.news() {
            match news {
                News::Committed(through) if through == log.last() => return Ok(began.elapsed()),
                News::Committed(_) => {}
                other => return Err(format!("{other:?}").into()),
            }
        }
        woken.recv()?;
    }
}

/// Pages of 100 from places all over the log, for somebody who is in all channels, and for somebody who is in one where nothing is
/// said.
fn resume(reader: &Reader, woken: &Receiver<()>, last: Seq) -> Result<(), Trouble> {
    let all: Vec<_> = (0..CHANNELS).map(channel).collect();
    for (who, channels) in [("in all channels", all), ("in a silent one", vec![ChannelName::trusted("#silence")])] {
        let channels: Vec<_> = channels.into_iter().map(|name| (name, Seq::ZERO, Seq(u64::MAX))).collect();
        let mut took = Vec::new();
        for place in 0..50 {
            let query = Query::Since(Since {
                after: Some(MsgId { log: LOG, seq: Seq(1 + place * (MESSAGES / 50)) }),
                channels: channels.clone(),
                owner: "account:alice".into(),
                direct_to: Seq(u64::MAX),
                kinds: Kinds::default(),
                limit: 100,
                before: Seq(last.0 + 1),
            });
            let began = now();
            reader.ask(SessionId(1), query);
            let answer = loop {
                if let Some(answer) = reader.answers().pop() {
                    break answer;
                }
                woken.recv()?;
            };
            took.push(began.elapsed());
            let Found::Since { .. } = answer.found else { return Err("no page".into()) };
        }
        told(&format!("a page of RESUME, {who}"), took);
    }
    Ok(())
}

/// A lone sender, while nothing is removed, and while half of all is.
fn remove(log: &mut EmbeddedLog, woken: &Receiver<()>) -> Result<(), Trouble> {
    const COMMITS: u64 = 1000;
    for (group, while_what) in [(1, "a message"), (1000, "a thousand messages")] {
        for removes in [false, true] {
            let mut took = Vec::new();
            for number in 0..COMMITS {
                if removes && number == 0 {
                    let share = if group == 1 { MESSAGES / 4 } else { MESSAGES / 2 };
                    log.keep_only(Keep { since: Some(Timestamp(i64::try_from(share)?)), bytes: None });
                }
                for _ in 0..group {
                    log.order(Arc::new(said(number)), Timestamp(i64::try_from(MESSAGES)?));
                }
                took.push(commit(log, woken)?);
            }
            let meanwhile = if removes { ", while much is removed" } else { "" };
            told(&format!("a commit of {while_what}{meanwhile}"), took);
        }
    }
    Ok(())
}

fn told(what: &str, mut took: Vec<Duration>) {
    took.sort();
    let millis = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    println!("{what:<60} p50 {:>8.2} ms   p99 {:>8.2} ms   max {:>8.2} ms", millis(50), millis(99), millis(100));
}

#[expect(clippy::disallowed_methods, reason = "this program measures time")]
fn now() -> Instant {
    Instant::now()
}

fn channel(number: u64) -> ChannelName {
    ChannelName::trusted(format!("#channel{}", number % CHANNELS))
}

fn message(number: u64, text: String) -> Message {
    let sender = Person::from(PersonFields {
        nick: Nick::trusted("alice"),
        username: UserName::trusted("~alice"),
        host: "192.0.2.1".into(),
        realname: "Alice".into(),
        shown: None,
        account: Some("alice".into()),
        bot: false,
        operator: false,
    });
    Message {
        how: MessageKind::Privmsg,
        user: UserId(1),
        sender: Arc::new(sender),
        target: Target::Channel { id: ChannelId(number % CHANNELS), name: channel(number), rank: None },
        text: text.into(),
        tags: Vec::new(),
        concats: None,
        relayed_by: None,
    }
}

fn said(number: u64) -> Fact {
    let text = format!("the quick brown fox number {number} jumps over the lazy dog and has tea");
    Fact::Said { message: Arc::new(message(number, text)), rules: RulesVersion(1), delivery: None }
}

fn edited(number: u64) -> Fact {
    let message = message(number, format!("fox number {number} has a biscuit"));
    let original = MsgId { log: LOG, seq: Seq(number) };
    Fact::Edited { original, message: Arc::new(message), delivery: None }
}
