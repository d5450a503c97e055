//! A log in memory: one that keeps everything at once, or one that does what it is told.

use std::collections::VecDeque;
use std::sync::Arc;

use chat::Input;
use chat::fact::Fact;
use chat::history::memory::Memory;
use chat::history::{Happening, Query};
use chat::ids::{Seq, SessionId, Ticket};
use chat::rows::RowChange;
use chat::time::Timestamp;
use chat::world::World;
use irc::casemap::CaseMapping;

use super::{LOG, is_message};
use crate::targets::script::LogStep;

/// More groups than one moment needs: each takes a read, or a line that had to wait.
const GROUPS_MAX: u32 = 60_000;

/// When the log commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::targets) enum LogManner {
    AtOnce,
    WhenTold,
}

#[derive(Debug)]
pub(super) struct Log {
    manner: LogManner,
    orders_later: bool,
    seq: Seq,
    last_at: Timestamp,
    unordered: VecDeque<(Ticket, Arc<Fact>, Timestamp)>,
    uncommitted: Vec<(Seq, Arc<Fact>, Timestamp)>,
    committed: Seq,
    memory: Memory,
    news: Vec<Input>,
    /// Since the clock has moved.
    pub(super) groups: u32,
}

impl Log {
    pub(super) fn new(manner: LogManner, casemapping: CaseMapping) -> Self {
        Self {
            manner,
            orders_later: false,
            seq: Seq::ZERO,
            last_at: Timestamp(0),
            unordered: VecDeque::new(),
            uncommitted: Vec::new(),
            committed: Seq::ZERO,
            memory: Memory::new(LOG, casemapping),
            news: Vec::new(),
            groups: 0,
        }
    }

    /// Does what it is told; a log that keeps everything at once has nothing to be told. The hall hears it as news.
    pub(super) fn step(&mut self, step: LogStep) {
        if self.manner == LogManner::WhenTold {
            let inputs = self.obey(step);
            self.news.extend(inputs);
        }
    }

    fn obey(&mut self, step: LogStep) -> Vec<Input> {
        let why = || Arc::from("the disk is full");
        match step {
            LogStep::Order => self.order_all(),
            LogStep::Commit => {
                let mut inputs = self.order_all();
                inputs.extend(self.commit());
                inputs
            }
            LogStep::Void => {
                let lost = self.uncommitted.extract_if(.., |(_, fact, _)| is_message(fact));
                let facts: Vec<Seq> = lost.map(|(seq, ..)| seq).collect();
                if facts.is_empty() { Vec::new() } else { vec![Input::Voided { facts, why: why() }] }
            }
            LogStep::OrderLater(later) => {
                self.orders_later = later;
                if later { Vec::new() } else { self.order_all() }
            }
            LogStep::Refuse => vec![Input::LogRefuses { why: why() }],
            LogStep::Accept => vec![Input::LogAccepts],
        }
    }

    fn order_all(&mut self) -> Vec<Input> {
        let mut inputs = Vec::new();
        for (ticket, fact, at) in self.unordered.drain(..) {
            self.seq.0 += 1;
            self.last_at = self.last_at.max(at);
            self.uncommitted.push((self.seq, Arc::clone(&fact), self.last_at));
            inputs.push(Input::Ordered { ticket, fact, seq: self.seq, at: self.last_at });
        }
        inputs
    }

    fn commit(&mut self) -> Option<Input> {
        for (seq, fact, at) in self.uncommitted.drain(..) {
            self.memory.put(seq, at, fact);
        }
        self.committed = self.seq;
        (self.seq > Seq::ZERO).then_some(Input::Committed(self.seq))
    }

    /// At the end, nothing waits.
    pub(super) fn check(&self) {
        assert!(
            self.unordered.is_empty() && self.uncommitted.is_empty(),
            "the log was told everything, and facts wait"
        );
    }
}

impl session::host::Log for Log {
    fn order(&mut self, ticket: Ticket, fact: &Arc<Fact>, _: &World, now: Timestamp) -> Option<(Seq, Timestamp)> {
        self.unordered.push_back((ticket, Arc::clone(fact), now));
        if self.orders_later {
            return None;
        }
        // Before this one, nothing waits for its place.
        self.order_all();
        Some((self.seq, self.last_at))
    }

    /// Nothing outlives this value.
    fn keep(&mut self, _: RowChange) {}

    fn file(&mut self, seq: Seq, at: Timestamp, happening: Box<Happening>) {
        self.memory.file(seq, at, *happening);
    }

    fn ask(&mut self, session: SessionId, query: Query) {
        // What was lost is decided, too: only what may still be lost must not be asked about.
        let open = self.uncommitted.first().map_or(self.seq, |(seq, ..)| Seq(seq.0 - 1));
        assert!(query.before() <= Seq(open.0 + 1), "a question comes before what it is about is committed");
        self.news.push(Input::Found { session, found: self.memory.find(&query) });
    }

    fn flush(&mut self) {
        self.groups += 1;
        assert!(self.groups < GROUPS_MAX, "the session and the hall never come to rest");
        if self.manner == LogManner::AtOnce && self.committed < self.seq {
            let committed = self.commit();
            self.news.extend(committed);
        }
    }

    fn news(&mut self) -> Vec<Input> {
        std::mem::take(&mut self.news)
    }
}
