//! A log in memory: one that keeps everything at once, or one that does what it is told.

use std::collections::VecDeque;
use std::sync::Arc;

use chat::Input;
use chat::fact::Fact;
use chat::history::memory::Memory;
use chat::history::{Found, Happening, Query};
use chat::ids::{Seq, Ticket};
use chat::time::Timestamp;
use irc::casemap::CaseMapping;

use super::{LOG, is_message};
use crate::targets::script::LogStep;

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
        }
    }

    /// Takes a fact. Returns what the hall is to be told.
    pub(super) fn append(&mut self, ticket: Ticket, fact: Arc<Fact>, at: Timestamp) -> Vec<Input> {
        self.unordered.push_back((ticket, fact, at));
        if self.orders_later {
            return Vec::new();
        }
        let mut inputs = self.order();
        if self.manner == LogManner::AtOnce {
            inputs.extend(self.commit());
        }
        inputs
    }

    /// Does what it is told; a log that keeps everything at once has nothing to be told.
    pub(super) fn step(&mut self, step: LogStep) -> Vec<Input> {
        if self.manner == LogManner::AtOnce {
            return Vec::new();
        }
        let why = || Arc::from("the disk is full");
        match step {
            LogStep::Order => self.order(),
            LogStep::Commit => {
                let mut inputs = self.order();
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
                if later { Vec::new() } else { self.order() }
            }
            LogStep::Refuse => vec![Input::LogRefuses { why: why() }],
            LogStep::Accept => vec![Input::LogAccepts],
        }
    }

    fn order(&mut self) -> Vec<Input> {
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

    /// Takes what people saw of a fact.
    pub(super) fn file(&mut self, seq: Seq, at: Timestamp, happening: Happening) {
        self.memory.file(seq, at, happening);
    }

    /// Answers a question: all that it may show is committed.
    pub(super) fn find(&self, query: &Query) -> Found {
        assert!(query.before() <= Seq(self.committed.0 + 1), "a question comes before what it is about is committed");
        self.memory.find(query)
    }

    /// At the end, nothing waits.
    pub(super) fn check(&self) {
        assert!(
            self.unordered.is_empty() && self.uncommitted.is_empty(),
            "the log was told everything, and facts wait"
        );
    }
}
