//! Following the log: what was said goes into the index, and what was taken back or changed out of it.

use std::sync::Arc;
use std::time::Duration;

use chat::ids::{LogId, Seq};
use chat::time::Instant;
use irc::casemap::CaseMapping;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::facts::{Fact, facts_behind};
use super::{Entry, HandedOver, Index, IndexPath};
use crate::queue::{Item, Shared, Stage};
use crate::row;
use crate::step::{Clock, Next, Part};

/// So many facts are put in without waiting for more.
const BATCH_FACTS: u32 = 8192;

/// After so many facts it is looked whether the log is to end.
const FACTS_AT_ONCE: u64 = 64;

/// How long facts gather unless they make a batch: a search looks into the log for what is not in the index.
const GATHER: Duration = Duration::from_millis(250);

/// The most changed texts of one transaction: each is taken out of the tables word by word, which takes some tenths of a
/// millisecond, and what is said meanwhile waits.
const BATCH_CHANGES: i64 = 512;

/// How long the end of the log waits for what is to be taken out of the index: for all of it, unless much was removed just before.
const CLOSING_TIME_MAX: Duration = Duration::from_secs(1);

/// How long until the next attempt after the index could not be written.
const RETRY: Duration = Duration::from_secs(5);

/// Fills the index until the log is closed.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent of each other: each is something that may be left to do"
)]
pub(crate) struct Indexer {
    shared: Arc<Shared>,
    /// Reads the log.
    log: Connection,
    log_id: LogId,
    mapping: CaseMapping,
    path: IndexPath,
    /// `None` before the first step and after a failure.
    index: Option<Index>,
    /// Until when what is new gathers.
    gathering_until: Option<Instant>,
    /// The log has not been looked at since the start.
    first: bool,
    retry_at: Option<Instant>,
    /// There may be more to take out.
    forgetting: bool,
    /// There may be pieces of the index to merge.
    may_merge: bool,
    /// Not before: so much is said that the next batch may be full before pieces were merged, which would then be written more often.
    merging_at: Option<Instant>,
    /// The log was not empty when it was opened.
    had_facts: bool,
    /// Behind the index the log has nothing up to here: the newest facts may be among those that were removed.
    nothing_through: Seq,
}

impl Part for Indexer {
    fn step(&mut self, clock: Clock<'_>) -> Next {
        let mut state = self.shared.state();
        if state.stage >= Stage::Closing {
            if state.stage == Stage::Closing && !state.drained {
                return Next::Bell;
            }
            drop(state);
            self.close(clock);
            return Next::Ended;
        }
        self.forgetting |= std::mem::take(&mut state.removed);
        if std::mem::take(&mut state.index_damaged) {
            drop(state);
            self.make_anew();
            return Next::Step;
        }
        let (indexed, written) = (state.indexed.0, state.written.0);
        let enough = indexed + if written > indexed { u64::from(BATCH_FACTS) } else { 1 };
        state.indexer_waits_for = Seq(enough);
        drop(state);
        if let Some(at) = self.retry_at.filter(|at| clock() < *at) {
            return Next::BellOr(at);
        }
        self.retry_at = None;
        if !self.first && !self.forgetting {
            if written <= indexed {
                self.gathering_until = None;
                return self.merge(clock);
            }
            let until = *self.gathering_until.get_or_insert(clock() + GATHER);
            if written < enough && clock() < until {
                return Next::BellOr(until);
            }
        }
        match self.follow(clock) {
            Ok(has_more) => self.first &= has_more,
            Err(error) => {
                self.failed(&error);
                self.retry_at = Some(clock() + RETRY);
            }
        }
        Next::Step
    }
}

impl Indexer {
    /// Makes one that reads the log by this connection.
    pub(crate) fn new(
        shared: Arc<Shared>,
        log: Connection,
        log_id: LogId,
        mapping: CaseMapping,
        path: IndexPath,
    ) -> Self {
        let (index, gathering_until, retry_at) = (None, None, None);
        let had_facts = shared.state().written > Seq::ZERO;
        Self {
            shared,
            log,
            log_id,
            mapping,
            path,
            index,
            gathering_until,
            first: true,
            retry_at,
            forgetting: false,
            may_merge: true,
            merging_at: None,
            had_facts,
            nothing_through: Seq::ZERO,
        }
    }

    /// Does what the log has for the index, up to a batch; tells whether there was anything.
    fn follow(&mut self, clock: Clock<'_>) -> rusqlite::Result<bool> {
        self.open()?;
        let Some(index) = &mut self.index else { unreachable!("it was just opened") };
        // All is read as it was at one moment: then the index has of each message the text before the first change that
        // is noted in `to_forget`, or the newest.
        let written = self.shared.state().written;
        let snapshot = self.log.unchecked_transaction()?;
        let forgotten = forget(&snapshot, index, self.mapping)?;
        // Only now: `HandedOver` says why.
        let handed_over = std::mem::take(&mut self.shared.state().handed_over);
        let through = index.through.max(self.nothing_through);
        let facts = if let Some(facts) = handed_over.behind(through).filter(|_| forgotten == 0) {
            facts
        } else {
            let mut facts = facts_behind(&snapshot, index.through)?;
            if facts.is_empty() {
                self.nothing_through = written;
            }
            // Much may be left to forget, when much was removed from the log's beginning: what is said now does not wait for that,
            // but for what is noted of itself.
            if let Some(changed) = changed_behind(&snapshot, index)? {
                facts.retain(|fact| fact.seq < changed);
            }
            facts
        };
        snapshot.commit()?;
        self.merging_at = (facts.len() >= BATCH_FACTS as usize).then(|| clock() + GATHER);
        let has_more = forgotten > 0 || !facts.is_empty();
        if forgotten > 0 {
            index.empty_wal()?;
        }
        if !facts.is_empty() {
            let shared = &self.shared;
            put(index, facts, self.mapping, || shared.state().stage >= Stage::Closing)?;
        }
        self.forgetting = forgotten > 0;
        self.may_merge |= has_more;
        self.tell();
        Ok(has_more)
    }

    /// Does a step of merging, while there is nothing to put in.
    fn merge(&mut self, clock: Clock<'_>) -> Next {
        let Some(index) = self.index.as_ref().filter(|_| self.may_merge) else { return Next::Bell };
        if let Some(at) = self.merging_at.filter(|at| clock() < *at) {
            return Next::BellOr(at);
        }
        match index.merge() {
            Ok(true) => {}
            Ok(false) => {
                self.may_merge = false;
                index.give_memory_back();
            }
            Err(error) => {
                self.failed(&error);
                self.retry_at = Some(clock() + RETRY);
            }
        }
        Next::Step
    }

    fn open(&mut self) -> rusqlite::Result<()> {
        if self.index.is_some() {
            return Ok(());
        }
        let chain_at = |seq| {
            let sql = "SELECT chain FROM facts WHERE seq = ?1";
            self.log.query_row(sql, [row::seq_column(seq)], |row| row.get(0)).optional()
        };
        let (mut index, is_new) = Index::open(&self.path, self.log_id, self.mapping, chain_at)?;
        if is_new {
            if self.had_facts {
                tracing::info!("there is no index of words that belongs to the log: it is made from the log");
            }
            // What the index never had need not be taken out of it.
            let newest = "SELECT coalesce(max(id), 0) FROM to_forget";
            let newest: i64 = self.log.query_row(newest, [], |row| row.get(0))?;
            index.change(|change| {
                change.forgotten = newest;
                Ok(())
            })?;
        }
        // What was taken out before a crash may still be noted in the log; otherwise nothing is to be told of it.
        let noted = "SELECT EXISTS (SELECT 1 FROM to_forget WHERE id <= ?1)";
        let is_noted: bool = self.log.query_row(noted, [index.forgotten], |row| row.get(0))?;
        let mut state = self.shared.state();
        state.index_made += 1;
        // Of it there may be notes that the index will not see.
        state.handed_over = HandedOver::default();
        if !is_noted {
            state.forgotten = index.forgotten;
        }
        drop(state);
        self.index = Some(index);
        self.tell();
        Ok(())
    }

    /// Tells the others how far the index is, and the writer what it need not keep any more.
    fn tell(&self) {
        let Some(index) = &self.index else { return };
        let mut state = self.shared.state();
        state.indexed = index.through.max(self.nothing_through);
        let forgot = state.forgotten < index.forgotten;
        if forgot {
            state.forgotten = index.forgotten;
            state.queue.push_back(Item::Forgotten { through: index.forgotten });
        }
        drop(state);
        if forgot {
            self.shared.writer.ring();
        }
        self.shared.wake();
    }

    fn failed(&mut self, error: &rusqlite::Error) {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        if matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase)) {
            tracing::error!(%error, "the index of words is damaged; it is made anew from the log");
            self.make_anew();
        } else {
            tracing::error!(%error, "cannot write the index of words; trying again");
            self.index = None;
        }
    }

    /// Throws the index away. The next step makes it.
    fn make_anew(&mut self) {
        self.index = None;
        self.nothing_through = Seq::ZERO;
        self.path.remove();
        let mut state = self.shared.state();
        state.indexed = Seq::ZERO;
        state.index_made += 1;
        drop(state);
        self.first = true;
    }

    /// Takes out what is to be taken out, and tells whether nothing is left.
    fn forget_all(&mut self, clock: Clock<'_>) -> rusqlite::Result<bool> {
        self.open()?;
        let Some(index) = &mut self.index else { unreachable!("it was just opened") };
        let until = clock() + CLOSING_TIME_MAX;
        let mut has_more = true;
        while has_more && clock() < until {
            has_more = forget(&self.log, index, self.mapping)? > 0;
        }
        index.empty_wal()?;
        self.tell();
        Ok(!has_more)
    }

    /// Takes out what is still to be taken out, and lets the writer go on, which waits for that. What was said last is
    /// put in at the next start.
    fn close(&mut self, clock: Clock<'_>) {
        match self.forget_all(clock) {
            Ok(true) => {}
            Ok(false) => {
                tracing::info!("the index of words still has some of what was removed; it goes on at the next start");
            }
            Err(error) => {
                tracing::warn!(%error, "the index of words is behind the log; it is looked through at the next start");
            }
        }
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        self.shared.state().indexer_ended = true;
        self.shared.writer.ring();
    }
}

/// Returns the first of those messages behind the index of which a change is noted that it has not been told.
fn changed_behind(log: &Connection, index: &Index) -> rusqlite::Result<Option<Seq>> {
    let mut first = log.prepare_cached("SELECT min(said) FROM to_forget WHERE said > ?1 AND id > ?2")?;
    let first: Option<i64> =
        first.query_row(params![row::seq_column(index.through), index.forgotten], |row| row.get(0))?;
    Ok(first.map(row::seq_from))
}

/// Takes out the texts that messages had before; where they have others now, those go in. Returns how many.
fn forget(log: &Connection, index: &mut Index, mapping: CaseMapping) -> rusqlite::Result<u32> {
    let (newest, first): (i64, i64) = log
        .prepare_cached(
            "SELECT (SELECT coalesce(max(id), 0) FROM to_forget), (SELECT coalesce(min(seq), 0) FROM facts)",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if newest <= index.forgotten {
        return Ok(0);
    }
    let mut changed = log.prepare_cached(
        "SELECT t.id, t.said, t.channel, t.data, t.text, coalesce((
             SELECT later.text FROM to_forget later WHERE later.said = t.said AND later.id > t.id
             ORDER BY later.id LIMIT 1
         ), (SELECT text FROM newest_texts WHERE seq = t.said))
         FROM to_forget t WHERE t.id > ?1 ORDER BY t.id LIMIT ?2",
    )?;
    let mut rows = changed.query(params![index.forgotten, BATCH_CHANGES])?;
    index.change(|change| {
        change.drop_before(row::seq_from(first))?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            let (said, data) = (row::seq_from(row.get(1)?), row.get_ref(3)?.as_str()?);
            let channel = row.get_ref(2)?.as_str_or_null()?;
            let entry = |text: &str| Entry::of(channel, data, text, mapping);
            // What is behind comes with its newest text.
            if said <= change.through {
                if let Some(before) = entry(row.get_ref(4)?.as_str()?) {
                    change.forget(said, &before)?;
                }
                if let Some(now) = row.get_ref(5)?.as_str_or_null()?.and_then(entry) {
                    change.put(said, &now)?;
                }
            }
            change.forgotten = row.get(0)?;
            count += 1;
        }
        Ok(count)
    })
}

/// Puts in what was said since, each in its newest text; not all of it when `is_enough`.
fn put(
    index: &mut Index,
    facts: Vec<Fact>,
    mapping: CaseMapping,
    is_enough: impl Fn() -> bool,
) -> rusqlite::Result<()> {
    index.change(|change| {
        for fact in facts {
            if let Some(entry) = fact.entry(mapping) {
                change.put(fact.seq, &entry)?;
            }
            (change.through, change.chain) = (fact.seq, Some(fact.chain));
            if fact.seq.0.is_multiple_of(FACTS_AT_ONCE) && is_enough() {
                break;
            }
        }
        Ok(())
    })
}
