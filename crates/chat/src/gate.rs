//! The gate: effects wait here until what they show is committed, and leave in commit order.
//!
//! * What a fact causes leaves when the fact is committed.
//! * An answer that shows durable state leaves when the newest change of state is committed.
//! * Anything else a session is told, and signals it sends, wait for the session's own earlier facts only: so its
//!   answers stay in order, and a `PONG` says that all it caused is on its way.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use crate::effect::Effect;
use crate::ids::{MsgId, Seq, SessionId};
use crate::refusal::Refusal;
use crate::reply::Reply;

/// What an effect has to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// This fact.
    Fact(Seq),
    /// What this session caused before.
    Session(SessionId),
    /// The newest change of state, and what this session caused before.
    State(SessionId),
}

/// Effects that wait, by the fact they wait for.
#[derive(Debug)]
pub struct Gate {
    committed: Seq,
    newest_state: Seq,
    /// In the order they leave: by fact, then as they came. One map without lists inside: one message holds about three.
    held: BTreeMap<(Seq, u64), Effect>,
    next_held: u64,
    /// What each session has to wait for and is not committed, ascending: its own facts, and changes of state that an
    /// answer of its showed.
    fences: BTreeMap<SessionId, SmallVec<[Seq; 4]>>,
    open: Vec<Effect>,
}

impl Gate {
    /// Makes a gate for a log whose facts through `committed` are safe.
    pub fn new(committed: Seq) -> Self {
        Self {
            committed,
            newest_state: committed,
            held: BTreeMap::new(),
            next_held: 0,
            fences: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    /// Notes that a fact has its place in the log.
    pub fn ordered(&mut self, seq: Seq, changes_state: bool, by: Option<SessionId>) {
        if changes_state {
            self.newest_state = seq;
        }
        if let Some(session) = by {
            self.fence(session, seq);
        }
    }

    /// Lets an effect through, or holds it until what it waits for is committed.
    pub fn pass(&mut self, wait: Wait, effect: Effect) {
        let until = match wait {
            Wait::Fact(seq) => seq,
            Wait::Session(session) => self.fence_of(session),
            Wait::State(session) => {
                self.fence(session, self.newest_state);
                self.fence_of(session)
            }
        };
        if until <= self.committed {
            self.open.push(effect);
        } else {
            self.next_held += 1;
            self.held.insert((until, self.next_held), effect);
        }
    }

    /// Lets a session wait for this fact too, if it is still to be committed.
    fn fence(&mut self, session: SessionId, seq: Seq) {
        if seq > self.committed && seq > self.fence_of(session) {
            self.fences.entry(session).or_default().push(seq);
        }
    }

    fn fence_of(&self, session: SessionId) -> Seq {
        self.fences.get(&session).and_then(|fences| fences.last()).copied().unwrap_or(Seq::ZERO)
    }

    /// Opens the gate for all that waits for facts through `through`.
    pub fn committed(&mut self, through: Seq) {
        if through <= self.committed {
            return;
        }
        self.committed = through;
        while let Some(first) = self.held.first_entry().filter(|first| first.key().0 <= through) {
            self.open.push(first.remove());
        }
        self.fences.retain(|_, fences| {
            fences.retain(|seq| *seq > through);
            !fences.is_empty()
        });
    }

    /// Drops what a message caused, because it could not be kept: its sender is refused instead, in its place. What the
    /// session was to be told after it waits for what the session did before.
    ///
    /// Only the session itself waits for a message's fact, so all that is held for it is the sender's.
    pub fn voided(&mut self, id: MsgId, by: Option<SessionId>, refusal: &Refusal) {
        let mut earlier = Seq::ZERO;
        if let Some(session) = by
            && let Some(fences) = self.fences.get_mut(&session)
        {
            fences.retain(|seq| *seq != id.seq);
            earlier = fences.iter().rev().find(|seq| **seq < id.seq).copied().unwrap_or(Seq::ZERO);
            if fences.is_empty() {
                self.fences.remove(&session);
            }
        }
        let caused: Vec<_> = self.held.range((id.seq, 0)..=(id.seq, u64::MAX)).map(|(place, _)| *place).collect();
        for effect in caused.into_iter().filter_map(|place| self.held.remove(&place)).collect::<Vec<_>>() {
            let effect = match effect {
                Effect::Event { event, .. } if event.id == Some(id) => continue,
                Effect::Reply { to, reply: Reply::Event(event) } if event.id == Some(id) => {
                    Effect::Reply { to, reply: Reply::Refused(refusal.clone()) }
                }
                other => other,
            };
            self.pass(Wait::Fact(earlier), effect);
        }
    }

    /// Returns the place of the newest change of state.
    pub fn newest_state(&self) -> Seq {
        self.newest_state
    }

    /// Returns what may leave now, in order.
    pub fn take_open(&mut self) -> impl Iterator<Item = Effect> {
        self.open.drain(..)
    }

    /// Returns the number of effects that wait.
    pub fn held(&self) -> usize {
        self.held.len()
    }
}
