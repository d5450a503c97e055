//! A log in memory: one that keeps everything at once, or one that does what it is told.

use std::collections::VecDeque;
use std::sync::Arc;

use chat::Input;
use chat::event::{Message, Target};
use chat::fact::Fact;
use chat::ids::{MsgId, Seq, Ticket};
use chat::reply::Kept;
use chat::time::Timestamp;

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
    said: Vec<(MsgId, Timestamp, Arc<Message>)>,
}

impl Log {
    pub(super) fn new(manner: LogManner) -> Self {
        Self {
            manner,
            orders_later: false,
            seq: Seq::ZERO,
            last_at: Timestamp(0),
            unordered: VecDeque::new(),
            uncommitted: Vec::new(),
            said: Vec::new(),
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
            if let Fact::Said { message, .. } = &*fact {
                self.said.push((MsgId { log: LOG, seq }, at, Arc::clone(message)));
            }
        }
        (self.seq > Seq::ZERO).then_some(Input::Committed(self.seq))
    }

    /// Finds a channel's last messages before a place.
    pub(super) fn past_of(&self, channel: &str, before: Seq, most: usize) -> Vec<Kept> {
        let is_there =
            |message: &Message| matches!(&message.target, Target::Channel { name, .. } if name.as_str() == channel);
        let found = self.said.iter().rev().filter(|(id, _, message)| id.seq < before && is_there(message)).take(most);
        let mut kept: Vec<Kept> =
            found.map(|(id, at, message)| Kept { id: *id, at: *at, message: Arc::clone(message) }).collect();
        kept.reverse();
        kept
    }

    /// At the end, nothing waits.
    pub(super) fn check(&self) {
        assert!(
            self.unordered.is_empty() && self.uncommitted.is_empty(),
            "the log was told everything, and facts wait"
        );
    }
}
