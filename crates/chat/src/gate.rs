//! The gate: effects wait here until what they show is committed, and leave in commit order.
//!
//! * What a fact causes leaves when the fact is committed.
//! * An answer that shows durable state leaves when the newest change of state is committed. That somebody leaves is none,
//!   unless something durable changes by it: a crash would bring it as well.
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
            self.changed_state(seq);
        }
        if let Some(session) = by {
            self.fence(session, seq);
        }
    }

    /// Notes that a fact has changed state that answers may show.
    pub fn changed_state(&mut self, seq: Seq) {
        self.newest_state = seq;
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
                Effect::Push(push) if push.event.id == Some(id) => continue,
                Effect::Reply { to, reply: Reply::Event(event) } if event.id == Some(id) => {
                    Effect::Reply { to, reply: Reply::Refused(refusal.clone()) }
                }
                other => other,
            };
            self.pass(Wait::Fact(earlier), effect);
        }
    }

    /// Returns the newest fact that a session waits for; [`Seq::ZERO`] when it waits for none.
    pub fn newest_of(&self, session: SessionId) -> Seq {
        self.fence_of(session)
    }

    /// Returns the place through which all facts are committed: what they show has left, or leaves before what comes next.
    pub fn committed_through(&self) -> Seq {
        self.committed
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::effect::Audience;
    use crate::event::{Event, EventKind};
    use crate::ids::{ChannelId, LogId};
    use crate::time::Timestamp;

    const ALICE: SessionId = SessionId(1);
    const BOB: SessionId = SessionId(2);
    const LOG: LogId = LogId(5);

    fn pong(to: SessionId, token: &str) -> Effect {
        Effect::Reply { to, reply: Reply::Pong(token.into()) }
    }

    fn id(seq: u64) -> MsgId {
        MsgId { log: LOG, seq: Seq(seq) }
    }

    fn event(id: MsgId) -> Arc<Event> {
        Arc::new(Event { at: Timestamp(0), id: Some(id), actor: None, kind: EventKind::Away { text: None } })
    }

    /// Lets a fact through with what it causes: an event for a channel, and the answer to who caused it.
    fn fact(gate: &mut Gate, seq: u64, changes_state: bool, by: SessionId) {
        gate.ordered(Seq(seq), changes_state, Some(by));
        let event = event(id(seq));
        let audience = Audience::channel(ChannelId(1));
        gate.pass(Wait::Fact(Seq(seq)), Effect::Event { audience, event: Arc::clone(&event) });
        gate.pass(Wait::Fact(Seq(seq)), Effect::Reply { to: by, reply: Reply::Event(event) });
    }

    /// Takes what may leave: `e3` an event, `1:r3` its answer for session 1, `1:word` a pong, `1:no` a refusal.
    fn leaves(gate: &mut Gate) -> Vec<String> {
        let shown = |effect| match effect {
            Effect::Event { event, .. } => format!("e{}", event.id.unwrap().seq.0),
            Effect::Reply { to, reply: Reply::Event(event) } => format!("{}:r{}", to.0, event.id.unwrap().seq.0),
            Effect::Reply { to, reply: Reply::Pong(token) } => format!("{}:{token}", to.0),
            Effect::Reply { to, reply: Reply::Refused(_) } => format!("{}:no", to.0),
            other => panic!("nobody sent {other:?}"),
        };
        gate.take_open().map(shown).collect()
    }

    #[test]
    fn effects_leave_in_the_order_of_the_log() {
        let mut gate = Gate::new(Seq(2));
        fact(&mut gate, 3, false, ALICE);
        fact(&mut gate, 4, true, BOB);
        fact(&mut gate, 5, false, ALICE);
        assert_eq!((leaves(&mut gate).len(), gate.held()), (0, 6));
        gate.committed(Seq(4));
        assert_eq!(leaves(&mut gate), ["e3", "1:r3", "e4", "2:r4"]);
        gate.committed(Seq(3));
        assert_eq!(leaves(&mut gate).len(), 0);
        gate.committed(Seq(9));
        assert_eq!((leaves(&mut gate), gate.held()), (vec!["e5".to_owned(), "1:r5".to_owned()], 0));
        assert!(gate.fences.is_empty());
    }

    #[test]
    fn what_is_committed_already_leaves_at_once() {
        let mut gate = Gate::new(Seq(2));
        gate.committed(Seq(3));
        fact(&mut gate, 3, true, ALICE);
        gate.pass(Wait::State(ALICE), pong(ALICE, "now"));
        assert_eq!(leaves(&mut gate), ["e3", "1:r3", "1:now"]);
    }

    #[test]
    fn a_session_waits_for_its_own_facts_and_nobody_elses() {
        let mut gate = Gate::new(Seq(2));
        fact(&mut gate, 3, false, ALICE);
        gate.pass(Wait::Session(ALICE), pong(ALICE, "after"));
        gate.pass(Wait::Session(BOB), pong(BOB, "free"));
        assert_eq!(leaves(&mut gate), ["2:free"]);
        gate.committed(Seq(3));
        assert_eq!(leaves(&mut gate), ["e3", "1:r3", "1:after"]);
        gate.pass(Wait::Session(ALICE), pong(ALICE, "free"));
        assert_eq!(leaves(&mut gate), ["1:free"]);
    }

    #[test]
    fn an_answer_about_state_waits_for_the_newest_change_and_holds_back_the_sessions_later_ones() {
        let mut gate = Gate::new(Seq(2));
        fact(&mut gate, 3, true, ALICE);
        fact(&mut gate, 4, false, ALICE);
        gate.pass(Wait::State(BOB), pong(BOB, "state"));
        gate.pass(Wait::Session(BOB), pong(BOB, "later"));
        assert_eq!(leaves(&mut gate).len(), 0);
        gate.committed(Seq(3));
        // The message is no state: nobody but its sender waits for it.
        assert_eq!(leaves(&mut gate), ["e3", "1:r3", "2:state", "2:later"]);
    }

    #[test]
    fn a_lost_message_is_refused_in_its_place() {
        let mut gate = Gate::new(Seq(2));
        fact(&mut gate, 3, true, ALICE);
        gate.pass(Wait::Session(ALICE), pong(ALICE, "one"));
        fact(&mut gate, 4, false, ALICE);
        gate.pass(Wait::Session(ALICE), pong(ALICE, "two"));
        fact(&mut gate, 5, false, BOB);
        gate.pass(Wait::Session(BOB), pong(BOB, "three"));
        for (seq, by) in [(4, ALICE), (5, BOB)] {
            gate.voided(id(seq), Some(by), &Refusal::NoText);
        }
        // Bob did nothing before; Alice's change of state is still to be committed, and her answers stay in order.
        assert_eq!(leaves(&mut gate), ["2:no", "2:three"]);
        gate.committed(Seq(3));
        assert_eq!(leaves(&mut gate), ["e3", "1:r3", "1:one", "1:no", "1:two"]);
        assert_eq!((gate.held(), gate.fences.len()), (0, 0));
    }

    #[test]
    fn a_lost_message_waits_for_whatever_its_sender_waited_for() {
        let mut gate = Gate::new(Seq(2));
        fact(&mut gate, 3, true, BOB);
        gate.pass(Wait::State(ALICE), pong(ALICE, "state"));
        fact(&mut gate, 4, false, ALICE);
        fact(&mut gate, 5, false, ALICE);
        gate.voided(id(5), Some(ALICE), &Refusal::NoText);
        gate.pass(Wait::Session(ALICE), pong(ALICE, "end"));
        assert_eq!(leaves(&mut gate).len(), 0);
        gate.committed(Seq(4));
        assert_eq!(leaves(&mut gate), ["e3", "2:r3", "1:state", "e4", "1:r4", "1:no", "1:end"]);
    }

    #[test]
    fn a_signal_that_waited_behind_a_lost_message_is_not_lost() {
        let mut gate = Gate::new(Seq(2));
        fact(&mut gate, 3, false, ALICE);
        // Signals are numbered apart, and this one happens to have the message's number.
        let signal = event(MsgId { log: LogId(6), seq: Seq(3) });
        gate.pass(Wait::Session(ALICE), Effect::Event { audience: Audience::channel(ChannelId(1)), event: signal });
        gate.voided(id(3), Some(ALICE), &Refusal::NoText);
        assert_eq!(leaves(&mut gate), ["1:no", "e3"]);
    }
}
