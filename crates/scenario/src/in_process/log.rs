//! A log in memory that keeps everything at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use chat::Input;
use chat::fact::Fact;
use chat::history::memory::Memory;
use chat::history::{Happening, Query};
use chat::ids::{Seq, SessionId, Ticket};
use chat::rows::{Row, RowChange};
use chat::time::Timestamp;
use chat::world::World;
use irc::casemap::CaseMapping;
use session::host::Log;

use super::LOG;

/// More groups than any step of a transcript needs: the session and the hall would go round in circles.
const GROUPS_MAX: u32 = 100_000;

/// What outlives a process.
pub(super) struct MemoryLog {
    pub(super) last: Seq,
    memory: Memory,
    mapping: CaseMapping,
    /// Whether what is said is kept (`history.enabled`).
    pub(super) keeps_history: bool,
    /// By kind and key.
    rows: BTreeMap<(&'static str, String), Row>,
    news: Vec<Input>,
    /// Since the clock has moved.
    pub(super) groups: u32,
}

impl MemoryLog {
    pub(super) fn new(mapping: CaseMapping, keeps_history: bool) -> Self {
        let (rows, news) = (BTreeMap::new(), Vec::new());
        let memory = Memory::new(LOG, mapping);
        Self { last: Seq::ZERO, memory, mapping, keeps_history, rows, news, groups: 0 }
    }

    /// Returns what a process begins with.
    pub(super) fn rows(&self) -> Vec<Row> {
        self.rows.values().cloned().collect()
    }
}

impl Log for MemoryLog {
    fn order(&mut self, _: Ticket, fact: &Arc<Fact>, _: &World, now: Timestamp) -> Option<(Seq, Timestamp)> {
        self.last.0 += 1;
        if self.keeps_history {
            self.memory.put(self.last, now, Arc::clone(fact));
        }
        self.news.push(Input::Committed(self.last));
        Some((self.last, now))
    }

    fn keep(&mut self, change: RowChange) {
        let place = (change.row().kind(), change.row().key(self.mapping));
        match change {
            RowChange::Put(row) => self.rows.insert(place, row),
            RowChange::Remove(_) => self.rows.remove(&place),
        };
    }

    fn file(&mut self, seq: Seq, at: Timestamp, happening: Box<Happening>) {
        self.memory.file(seq, at, *happening);
    }

    fn ask(&mut self, session: SessionId, query: Query) {
        self.news.push(Input::Found { session, found: self.memory.find(&query) });
    }

    fn flush(&mut self) {
        self.groups += 1;
        assert!(self.groups < GROUPS_MAX, "the session and the hall never come to rest");
    }

    fn news(&mut self) -> Vec<Input> {
        std::mem::take(&mut self.news)
    }
}
