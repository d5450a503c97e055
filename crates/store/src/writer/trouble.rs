//! What the writer does when the disk says no: it refuses, voids what may be voided, and tries again.

use std::sync::Arc;
use std::time::Duration;

use chat::ids::Seq;
use chat::time::Instant;
use rusqlite::Connection;

use super::{Writer, begin};
use crate::failure::Failure;
use crate::news::News;
use crate::open::{Durability, Options};
use crate::queue::{Item, Stage};
use crate::row;

/// After a failure: how long until the next attempt, doubled each time up to the longest.
const RETRY_FIRST: Duration = Duration::from_millis(100);
const RETRY_LONGEST: Duration = Duration::from_secs(1);

/// Attempts while closing; then what is left is given up, and [`crate::EmbeddedLog::close`] says so.
pub(super) const CLOSING_ATTEMPTS_MAX: u32 = 10;

/// What is written to see whether the disk takes anything again: more than the remainder that a full disk still takes.
const PROBE_BYTES: i32 = 64 << 10;

/// What the disk did not take, and how it goes on.
#[derive(Debug)]
pub(super) struct Trouble {
    /// How long to wait before the next attempt.
    retry_after: Duration,
    /// When that is over.
    pub(super) retry_at: Instant,
    /// Attempts since the log was closed.
    pub(super) closing_attempts: u32,
    /// The newest fact that was voided: its place must never be given again.
    pub(super) high_water: Seq,
    /// The outcome of an attempt is unknown, so nothing is voided until a transaction stands in its place.
    unknown: bool,
}

impl Trouble {
    fn new() -> Self {
        let retry_at = Instant::default();
        Self { retry_after: RETRY_FIRST, retry_at, closing_attempts: 0, high_water: Seq::ZERO, unknown: false }
    }
}

impl Writer {
    /// Notes a failure: refuses from now on, voids what may be voided, and waits before the next attempt.
    pub(super) fn failed(&mut self, failure: Failure, now: Instant) {
        // Whatever state the connection is in, a new one has none.
        self.connection = None;
        let mut news = Vec::new();
        let trouble = if let Some(trouble) = &mut self.trouble {
            trouble.retry_after = (trouble.retry_after * 2).min(RETRY_LONGEST);
            trouble
        } else {
            tracing::error!(error = %failure.error, why = %failure.why, "the store cannot write");
            news.push(News::Refuses { why: Arc::clone(&failure.why) });
            self.trouble.insert(Trouble::new())
        };
        trouble.unknown |= !failure.certain;
        // What is committed in memory was shown: it is never voided, only written later.
        if !trouble.unknown && self.options.durability != Durability::Memory {
            let facts: Vec<Seq> = self.pending.iter().filter_map(Item::message).collect();
            if let Some(newest) = facts.last() {
                trouble.high_water = *newest;
                self.void(facts, &failure.why, &mut news);
            }
        }
        let mut state = self.shared.state();
        if let Some(trouble) = &mut self.trouble {
            let closing = state.stage >= Stage::Closing;
            trouble.retry_at = now + if closing { RETRY_FIRST } else { trouble.retry_after };
        }
        state.stats.failures += 1;
        state.stats.refusing = true;
        state.refusal = Some(failure.why);
        drop(state);
        self.shared.tell(news);
    }

    fn void(&mut self, facts: Vec<Seq>, why: &Arc<str>, news: &mut Vec<News>) {
        let voided = self.pending.iter().filter(|item| item.message().is_some());
        self.settle(facts.len() as u64, voided.map(Item::bytes).sum());
        self.pending.retain(|item| item.message().is_none());
        self.shared.state().stats.voided += facts.len() as u64;
        news.push(News::Voided { facts, why: Arc::clone(why) });
    }

    /// Writes something of a group's size and removes it again, and remembers the highest place that was voided.
    pub(super) fn probe(&mut self, high_water: Seq) -> Result<(), Failure> {
        self.connect()?;
        let Some(connection) = &mut self.connection else { unreachable!("connect has just opened it") };
        probe(connection, &mut self.pages_max, &self.options, high_water).map_err(Failure::before_commit)
    }
}

fn probe(connection: &mut Connection, pages_max: &mut u32, options: &Options, high_water: Seq) -> rusqlite::Result<()> {
    let transaction = begin(connection, pages_max, options)?;
    transaction
        .execute("UPDATE meta SET value = max(value, ?1) WHERE name = 'high_water'", [row::seq_column(high_water)])?;
    transaction.execute("INSERT INTO probe VALUES (zeroblob(?1))", [PROBE_BYTES])?;
    transaction.commit()?;
    connection.execute("DELETE FROM probe", [])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use chat::event::{Message, MessageKind, Target};
    use chat::fact::Fact;
    use chat::ids::{LogId, RulesVersion, UserId};
    use chat::person::{Person, PersonFields};
    use chat::time::Timestamp;
    use irc::names::{Nick, UserName};
    use rusqlite::ffi;

    use super::*;
    use crate::open::open;
    use crate::queue::Shared;
    use crate::scratch::Scratch;

    fn message(seq: u64) -> Item {
        let nick = Nick::trusted("alice");
        let sender = Person::from(PersonFields {
            nick: nick.clone(),
            username: UserName::trusted("~alice"),
            host: "home".into(),
            realname: "Alice".into(),
            shown: None,
            account: None,
            bot: false,
            operator: false,
        });
        let target = Target::User { id: UserId(1), nick, account: None };
        let text = format!("message {seq}").into();
        let how = MessageKind::Privmsg;
        let message = Message {
            how,
            user: UserId(1),
            sender: Arc::new(sender),
            target,
            text,
            tags: Vec::new(),
            concats: None,
            relayed_by: None,
        };
        let fact = Fact::Said { message: Arc::new(message), rules: RulesVersion(0), delivery: None };
        Item::Fact { seq: Seq(seq), at: Timestamp(1), fact: Arc::new(fact) }
    }

    fn failure(code: i32) -> Failure {
        Failure::in_commit(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None))
    }

    /// A writer without a thread, on a store that was made and closed.
    fn writer(name: &str) -> (Scratch, Writer) {
        let scratch = Scratch::new(&format!("writer-{name}"));
        let options = Options::new(Durability::Disk, Arc::new(|| ()));
        open(&scratch.0, options.clone(), LogId(1)).unwrap().log.close().unwrap();
        let shared = Arc::new(Shared::new(Seq(0), Arc::new(|| ())));
        let path = scratch.0.join(crate::DATABASE_FILE);
        (scratch, Writer::new(shared, path, options, row::CHAIN_START, Seq(0)))
    }

    #[test]
    fn after_an_unknown_outcome_nothing_is_voided_but_written_again() {
        let (_scratch, mut writer) = writer("unknown");
        writer.pending.extend([message(1), message(2)]);
        writer.failed(failure(ffi::SQLITE_IOERR_FSYNC), Instant::default());
        // A later failure is certain, but says nothing about the first attempt, whose commit mark may be in the file.
        writer.failed(failure(ffi::SQLITE_FULL), Instant::default());
        let why = "the disk reports an error".into();
        assert_eq!(writer.shared.state().news, [News::Refuses { why }]);
        writer.shared.state().news.clear();
        writer.attempt(&Instant::default).unwrap();
        assert_eq!(writer.shared.state().news, [News::Committed(Seq(2)), News::Accepts]);
    }

    #[test]
    fn a_commit_that_reports_an_error_is_found_by_looking() {
        let (_scratch, mut writer) = writer("looking");
        writer.pending.extend([message(1), message(2)]);
        assert!(!writer.is_there().unwrap());
        writer.commit().unwrap();
        assert!(writer.is_there().unwrap());
    }

    #[test]
    fn waits_grow_up_to_a_second() {
        let (_scratch, mut writer) = writer("waits");
        let waits: Vec<u64> = (0..6)
            .map(|_| {
                writer.failed(failure(ffi::SQLITE_FULL), Instant::default());
                u64::try_from(writer.trouble.as_ref().unwrap().retry_after.as_millis()).unwrap()
            })
            .collect();
        assert_eq!(waits, [100, 200, 400, 800, 1000, 1000]);
    }
}
