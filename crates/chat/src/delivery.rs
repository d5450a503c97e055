//! Exactly once: what clients number themselves is kept once, however often it is sent.
//!
//! A client gives each thing it sends an id: a stream that it has chosen at random, and a number that grows. The log keeps
//! the id with the fact. Here stands what has to be known at once: the highest number of the streams that were used lately,
//! so that the usual message, with a higher one, needs no look at the store; and what is under way, so that the same thing
//! sent again meanwhile waits for what becomes of it.
//!
//! Spec: `docs/protocol/delivery.md`. Decisions: [`crate::hall`]. Wire: `session::features::delivery`.
//! Proof: `scenarios/delivery.txt`, `chat/tests/chat/delivery.rs`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::ids::{Seq, SessionId};
use crate::time::Timestamp;

/// The highest number that an id may have: what SQLite can keep.
pub const NUMBER_MAX: u64 = i64::MAX as u64;

/// The fewest characters of a stream's name: 96 random bits in base64.
pub const STREAM_CHARS_MIN: usize = 16;

/// The most characters of a stream's name.
pub const STREAM_CHARS_MAX: usize = 64;

/// The id that a client has given to something it sends. The stream is a secret of who chose it: nobody else is told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeliveryId {
    /// The client's random name for what it sends.
    pub stream: Arc<str>,
    /// The place in it, from 1.
    pub number: u64,
}

/// What the log keeps of an id, in the commit of its fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The id.
    pub id: DeliveryId,
    /// The account that has sent it.
    pub account: Option<Arc<str>>,
    /// How long the stream is remembered at least.
    pub until: Timestamp,
}

/// What becomes of something that has an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// It was never kept: it is to be decided.
    Fresh,
    /// The same is under way, or the store is being asked: it is to wait until it is woken.
    Wait,
    /// The store is to be asked.
    Ask,
    /// The stream belongs to another account.
    NotYours,
}

/// What is known of a stream.
#[derive(Clone, Debug)]
struct Stream {
    /// The highest number that was recorded, if it was kept or not.
    highest: u64,
    /// The account that has begun it.
    account: Option<Arc<str>>,
    /// Whether the store is being asked about it; until the answer, nothing else is known.
    asked: bool,
    /// When it was used last, counted in uses.
    used: u64,
}

/// The streams that were used lately, and what is under way.
#[derive(Debug, Default)]
pub struct Deliveries {
    streams: BTreeMap<Arc<str>, Stream>,
    by_use: BTreeMap<u64, Arc<str>>,
    uses: u64,
    /// What is being decided, or is decided and neither committed nor voided.
    under_way: BTreeSet<DeliveryId>,
    /// Of these, those that have their place in the log.
    placed: BTreeMap<Seq, DeliveryId>,
    waiting: BTreeMap<Arc<str>, Vec<SessionId>>,
    woken: VecDeque<SessionId>,
}

impl Deliveries {
    /// Looks what is to become of something that this account sends. When it is fresh, it is under way from now on.
    pub fn look(&mut self, session: SessionId, id: &DeliveryId, account: Option<&str>, streams_max: usize) -> Look {
        let Some(stream) = self.streams.get(&id.stream) else {
            self.make_room(streams_max);
            self.streams.insert(Arc::clone(&id.stream), Stream { highest: 0, account: None, asked: true, used: 0 });
            self.touch(&id.stream);
            return Look::Ask;
        };
        if stream.asked || self.under_way.contains(id) {
            self.waiting.entry(Arc::clone(&id.stream)).or_default().push(session);
            return Look::Wait;
        }
        if !stream.belongs_to(account) {
            return Look::NotYours;
        }
        let is_new = id.number > stream.highest;
        if is_new {
            self.under_way.insert(id.clone());
        } else if let Some(stream) = self.streams.get_mut(&id.stream) {
            stream.asked = true;
        }
        self.touch(&id.stream);
        if is_new { Look::Fresh } else { Look::Ask }
    }

    /// Notes what the store knows of a stream, and says whether it is this account's; nothing, when it could not be read.
    pub fn learned(
        &mut self,
        stream: &Arc<str>,
        known: Option<(u64, Option<Arc<str>>)>,
        account: Option<&str>,
    ) -> bool {
        self.wake(stream);
        let Some((highest, owner)) = known else {
            // What was known before is as true as it was; of a stream that nothing is known of, the store is asked again.
            if self.streams.get(stream).is_some_and(|known| known.highest == 0) {
                self.forget(stream);
            } else if let Some(known) = self.streams.get_mut(stream) {
                known.asked = false;
            }
            return false;
        };
        let Some(known) = self.streams.get_mut(stream) else { return false };
        known.asked = false;
        if known.highest == 0 {
            known.account = owner;
        }
        known.highest = known.highest.max(highest);
        known.belongs_to(account)
    }

    /// Notes that something is to be decided after all.
    pub fn begin(&mut self, id: &DeliveryId) {
        self.under_way.insert(id.clone());
    }

    /// Notes that nothing was recorded of it.
    pub fn give_up(&mut self, id: &DeliveryId) {
        self.under_way.remove(id);
        self.wake(&id.stream);
    }

    /// Notes that it has its place in the log.
    pub fn ordered(&mut self, delivery: &Delivery, seq: Seq, is_committed: bool) {
        let id = &delivery.id;
        if let Some(stream) = self.streams.get_mut(&id.stream) {
            if stream.highest == 0 {
                stream.account.clone_from(&delivery.account);
            }
            stream.highest = stream.highest.max(id.number);
        }
        if is_committed {
            self.give_up(id);
        } else {
            self.under_way.insert(id.clone());
            self.placed.insert(seq, id.clone());
        }
    }

    /// Notes that all facts through this one are safe.
    pub fn committed(&mut self, through: Seq) {
        while let Some(first) = self.placed.first_entry().filter(|first| *first.key() <= through) {
            let id = first.remove();
            self.give_up(&id);
        }
    }

    /// Notes that a fact could not be kept.
    pub fn voided(&mut self, seq: Seq) {
        if let Some(id) = self.placed.remove(&seq) {
            self.give_up(&id);
        }
    }

    /// Returns the next session that need not wait any more.
    pub fn next_woken(&mut self) -> Option<SessionId> {
        self.woken.pop_front()
    }

    fn wake(&mut self, stream: &Arc<str>) {
        self.woken.extend(self.waiting.remove(stream).into_iter().flatten());
    }

    fn touch(&mut self, name: &Arc<str>) {
        self.uses += 1;
        if let Some(stream) = self.streams.get_mut(name) {
            self.by_use.remove(&stream.used);
            stream.used = self.uses;
            self.by_use.insert(self.uses, Arc::clone(name));
        }
    }

    /// Lets the stream go that was not used for the longest time, of those that nothing is under way in.
    fn make_room(&mut self, streams_max: usize) {
        if self.streams.len() < streams_max {
            return;
        }
        let is_busy = |name: &Arc<str>| {
            let first = DeliveryId { stream: Arc::clone(name), number: 0 };
            self.streams.get(name).is_some_and(|stream| stream.asked)
                || self.under_way.range(first..).next().is_some_and(|id| id.stream == *name)
        };
        if let Some(oldest) = self.by_use.values().find(|name| !is_busy(name)).cloned() {
            self.forget(&oldest);
        }
    }

    fn forget(&mut self, name: &Arc<str>) {
        if let Some(stream) = self.streams.remove(name) {
            self.by_use.remove(&stream.used);
        }
    }
}

impl Stream {
    /// Tells whether an account may go on with the stream: one that nobody's account has begun is for who knows its name.
    fn belongs_to(&self, account: Option<&str>) -> bool {
        self.account.as_deref().is_none_or(|owner| account == Some(owner))
    }
}
