//! The one part that writes: takes everything that waits as one group, one transaction, one sync.

mod trouble;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chat::ids::Seq;
use chat::time::Instant;
use rusqlite::hooks::Wal;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::failure::Failure;
use crate::index::Group;
use crate::insert::Written;
use crate::news::News;
use crate::open::{Durability, Options};
use crate::queue::{Item, Shared, Stage};
use crate::row;
use crate::step::{Clock, Next, Part};
use crate::{connection, insert, removal};
use trouble::{CLOSING_ATTEMPTS_MAX, Trouble};

/// The most facts of one transaction. Larger groups cost latency and gain nothing: the sync is a small part by then.
pub(crate) const GROUP_FACTS_MAX: usize = 4096;

/// The most bytes of one transaction.
const GROUP_BYTES_MAX: usize = 4 << 20;

/// With [`Durability::Memory`]: how long facts gather before they are written.
const WRITE_BEHIND: Duration = Duration::from_secs(1);

/// Writes until the log is closed and all is written, or the disk refuses for too long after that.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    /// `None` before the first attempt and after a failure: opened anew for the next.
    connection: Option<Connection>,
    /// Whether the connection keeps what large groups need.
    keeps_more: bool,
    /// How many pages the connection lets the database have, as `Options::pages_max` says it.
    pages_max: u32,
    path: PathBuf,
    options: Options,
    /// What was taken from the queue and is not committed: one group, or more after a failure.
    pending: VecDeque<Item>,
    /// The chain of checksums through the last committed row.
    chain: u32,
    /// Every fact through this one is committed or voided.
    settled: Seq,
    /// With [`Durability::Memory`]: until when the next group gathers.
    gathering_until: Option<Instant>,
    /// Something may be left to remove: from the start on, because a former process may not have come to its end.
    removing: bool,
    /// The disk did not let it be done.
    removal_failed: bool,
    trouble: Option<Trouble>,
}

impl Part for Writer {
    /// Writes one group.
    fn step(&mut self, clock: Clock<'_>) -> Next {
        if let Some(next) = self.wait(clock()) {
            return next;
        }
        self.take_group();
        let facts = self.pending.iter().filter(|item| item.is_fact()).count();
        match self.attempt(clock) {
            Ok(()) => self.remove(facts, clock),
            Err(failure) => self.failed(failure, clock()),
        }
        self.let_others_pass();
        Next::Step
    }
}

impl Writer {
    /// Makes a writer that goes on after the fact `settled`, whose row has this `chain`. It opens its own connection.
    pub(crate) fn new(shared: Arc<Shared>, path: PathBuf, options: Options, chain: u32, settled: Seq) -> Self {
        let pending = VecDeque::new();
        let (connection, gathering_until, trouble) = (None, None, None);
        Self {
            shared,
            connection,
            keeps_more: false,
            pages_max: 0,
            path,
            options,
            pending,
            chain,
            settled,
            gathering_until,
            removing: true,
            removal_failed: false,
            trouble,
        }
    }

    /// Tells what to wait for before the next attempt, or notes that it begins.
    fn wait(&mut self, now: Instant) -> Option<Next> {
        let mut state = self.shared.state();
        if state.checkpoint_waits {
            // A checkpoint that makes the write-ahead log start anew needs the writer's place for a moment.
            return Some(Next::Bell);
        }
        let closing = state.stage >= Stage::Closing;
        if let Some(trouble) = &mut self.trouble {
            let nothing_is_left = state.queue.is_empty() && self.pending.is_empty();
            if closing && (nothing_is_left || trouble.closing_attempts >= CLOSING_ATTEMPTS_MAX) {
                return Some(Next::Ended);
            }
            let closing_now = closing && trouble.closing_attempts == 0;
            if now < trouble.retry_at && !closing_now {
                return Some(Next::BellOr(trouble.retry_at));
            }
            trouble.closing_attempts += u32::from(closing);
        } else if state.queue.is_empty() {
            if closing && !state.indexer_ended && !state.drained {
                // It may have texts to take out of the index, and then we of the log.
                state.drained = true;
                self.shared.indexer.ring();
            }
            if closing && state.indexer_ended {
                return Some(Next::Ended);
            }
            if closing || !(self.removing || state.removal_asked) {
                return Some(Next::Bell);
            }
        } else if self.options.durability == Durability::Memory {
            let until = *self.gathering_until.get_or_insert(now + WRITE_BEHIND);
            let wanted = closing || state.queued_facts >= GROUP_FACTS_MAX || !state.readers.is_empty();
            if now < until && !wanted {
                return Some(Next::BellOr(until));
            }
        }
        self.gathering_until = None;
        state.writing = true;
        None
    }

    /// Removes some of what is to be removed. What cannot be removed now is, when it is asked for the next time.
    fn remove(&mut self, committed: usize, clock: Clock<'_>) {
        let mut state = self.shared.state();
        // What could not be removed is tried again when something else was written.
        self.removing |= std::mem::take(&mut state.removal_asked) || (self.removal_failed && committed > 0);
        let keep = state.keep;
        drop(state);
        if !self.removing || self.trouble.is_some() {
            return;
        }
        let casemapping = self.options.casemapping;
        let step = self.connect().and_then(|()| {
            let Some(connection) = &mut self.connection else { unreachable!("connect has just opened it") };
            let removed = begin(connection, &mut self.pages_max, &self.options).and_then(|transaction| {
                let more = removal::steps(&transaction, keep, committed, casemapping, clock)?;
                transaction.commit()?;
                Ok(more)
            });
            removed.map_err(Failure::before_commit)
        });
        if step.is_ok() {
            self.shared.state().removed = true;
            self.shared.indexer.ring();
        }
        self.removal_failed = step.is_err();
        self.removing = step.unwrap_or_else(|failure| {
            tracing::warn!(error = %failure.error, "cannot remove what is not to be kept; trying again later");
            self.connection = None;
            false
        });
    }

    /// Lets those go on who waited for the end of a transaction.
    fn let_others_pass(&self) {
        let mut state = self.shared.state();
        state.writing = false;
        let readers = std::mem::take(&mut state.readers);
        let checkpoint_waits = state.checkpoint_waits;
        drop(state);
        for reader in readers {
            reader.ring();
        }
        if checkpoint_waits {
            self.shared.checkpointer.ring();
        }
    }

    /// Takes what waits, up to a group's bounds. A fact's rows go with it.
    fn take_group(&mut self) {
        let mut state = self.shared.state();
        let (mut facts, mut bytes) = (0, 0);
        while let Some(item) = state.queue.pop_front() {
            bytes += item.bytes();
            facts += usize::from(item.is_fact());
            self.pending.push_back(item);
            let next_is_row = state.queue.front().is_some_and(|next| !next.is_fact());
            if (facts >= GROUP_FACTS_MAX || bytes >= GROUP_BYTES_MAX) && !next_is_row {
                break;
            }
        }
        state.queued_facts = state.queued_facts.saturating_sub(facts);
    }

    /// Writes what is pending; after trouble, also finds out whether the disk is well again.
    fn attempt(&mut self, clock: Clock<'_>) -> Result<(), Failure> {
        if !self.pending.is_empty() {
            let began = clock();
            let written = self.commit()?;
            self.committed(written, clock().since(began));
        }
        if let Some(trouble) = &self.trouble {
            let high_water = trouble.high_water;
            self.probe(high_water)?;
            self.trouble = None;
            self.shared.state().stats.refusing = false;
            self.shared.state().refusal = None;
            tracing::info!("the store takes facts again");
            self.shared.tell([News::Accepts]);
        }
        Ok(())
    }

    /// Writes all that is pending in one transaction.
    fn commit(&mut self) -> Result<Written, Failure> {
        self.connect()?;
        let Some(connection) = &mut self.connection else { unreachable!("connect has just opened it") };
        if !self.keeps_more && self.pending.iter().filter(|item| item.is_said()).count() >= connection::MANY_MESSAGES {
            connection::keep_more(connection).map_err(Failure::before_commit)?;
            self.keeps_more = true;
        }
        let begun = begin(connection, &mut self.pages_max, &self.options).and_then(|transaction| {
            let written =
                insert::all(&transaction, &self.pending, self.chain, self.options.casemapping, self.options.history)?;
            Ok((written, transaction))
        });
        let (written, transaction) = begun.map_err(Failure::before_commit)?;
        let Err(error) = transaction.commit() else { return Ok(written) };
        let failure = Failure::in_commit(error);
        if !failure.certain && self.is_there().is_ok_and(|there| there) {
            tracing::warn!(error = %failure.error, "a commit reported an error, but its facts are in the store");
            return Ok(written);
        }
        Err(failure)
    }

    /// Opens the file anew and looks whether the newest pending fact is in it.
    fn is_there(&mut self) -> Result<bool, Failure> {
        self.connection = None;
        self.connect()?;
        let Some(connection) = &self.connection else { unreachable!("connect has just opened it") };
        let Some(newest) = newest_fact(&self.pending) else { return Ok(false) };
        // Without history, a message leaves nothing but the mark that its place was given.
        connection
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM facts WHERE seq = ?1)
                     OR EXISTS (SELECT 1 FROM meta WHERE name = 'high_water' AND value >= ?1)",
                [row::seq_column(newest)],
                |row| row.get(0),
            )
            .map_err(Failure::before_commit)
    }

    fn connect(&mut self) -> Result<(), Failure> {
        if self.connection.is_none() {
            let mut connection = connection::writing(&self.path, self.options.disk.vfs, self.options.durability)
                .map_err(Failure::before_commit)?;
            self.watch_wal(&mut connection).map_err(Failure::before_commit)?;
            self.connection = Some(connection);
            self.keeps_more = false;
            self.pages_max = 0;
        }
        Ok(())
    }

    /// Lets every commit note, and tell the checkpointer when it is time, how long the write-ahead log is.
    fn watch_wal(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let shared = Arc::clone(&self.shared);
        connection.wal_hook(Some(move |_: &mut Wal, pages: i32| {
            let pages = u64::try_from(pages).unwrap_or(0);
            let mut state = shared.state();
            state.stats.wal_pages = pages;
            let is_due = pages >= state.checkpoint_at;
            drop(state);
            // Not after every commit: its thread would be woken each time, and a lone sender waits meanwhile.
            if is_due {
                shared.checkpointer.ring();
            }
            Ok(())
        }))
    }

    /// Notes that all that was pending is safe.
    fn committed(&mut self, written: Written, took: Duration) {
        let Written { chain, for_index } = written;
        self.chain = chain;
        let facts = self.pending.iter().filter(|item| item.is_fact()).count() as u64;
        let newest = newest_fact(&self.pending).unwrap_or(self.settled);
        let for_index = for_index.map(|facts| Group::new(self.settled, newest, facts));
        self.settled = self.settled.max(newest);
        self.settle(facts, self.pending.iter().map(Item::bytes).sum());
        self.removing |= self.pending.iter().any(Item::erases_account);
        self.pending.iter().for_each(Item::committed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let mut state = self.shared.state();
        state.stats.facts += facts;
        state.stats.commits += 1;
        state.stats.largest_group = state.stats.largest_group.max(facts);
        state.stats.commit_micros += micros;
        state.stats.commit_micros_max = state.stats.commit_micros_max.max(micros);
        state.written = self.settled;
        if let Some(group) = for_index {
            state.handed_over.add(group);
        }
        let indexer_waits = state.written >= state.indexer_waits_for;
        drop(state);
        // Everybody waits for this: all else comes after it, the freeing of what was written, too.
        self.shared.tell([News::Committed(self.settled)]);
        if indexer_waits {
            self.shared.indexer.ring();
        }
        self.pending.clear();
    }

    fn settle(&self, facts: u64, bytes: usize) {
        let mut state = self.shared.state();
        state.stats.waiting_facts = state.stats.waiting_facts.saturating_sub(facts);
        state.stats.waiting_bytes = state.stats.waiting_bytes.saturating_sub(bytes as u64);
    }
}

fn begin<'connection>(
    connection: &'connection mut Connection,
    pages_max: &mut u32,
    options: &Options,
) -> rusqlite::Result<Transaction<'connection>> {
    let wanted = options.pages_max.load(Ordering::Relaxed);
    // Not with each transaction: it is said in SQL, which is parsed each time.
    if *pages_max != wanted {
        connection::limit_pages(connection, wanted)?;
        *pages_max = wanted;
    }
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn newest_fact(items: &VecDeque<Item>) -> Option<Seq> {
    items.iter().rev().find_map(|item| match item {
        Item::Fact { seq, .. } | Item::Said { seq, .. } | Item::Place { seq } | Item::Imported { seq, .. } => {
            Some(*seq)
        }
        Item::Row(_) | Item::Happening { .. } | Item::Forgotten { .. } => None,
    })
}

/// Tells the others when the writer has ended, and the hall when it ended by a panic.
impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.state().stage = Stage::WriterEnded;
        self.let_others_pass();
        self.shared.checkpointer.ring();
        self.shared.indexer.ring();
        if std::thread::panicking() {
            let why: Arc<str> = "the thread that writes the log has died".into();
            self.shared.state().refusal = Some(Arc::clone(&why));
            self.shared.tell([News::Refuses { why }]);
        }
    }
}
