//! The connections of a shard, each in a slot that is used again when it is gone.
//!
//! A [`SessionId`] names the shard, the slot, and the slot's generation: what the hall or a worker still says to a
//! connection that is gone finds nobody, though another may have its slot.

use chat::ids::{SessionId, UserId};
use chat::time::Instant;

use super::CloseHow;
use super::doorway::Doorway;
use super::framing::{CloseCode, Framing, push_close};
use super::outgoing::{Outgoing, Source, Turn};
use super::rooms::Slot;
use crate::classroom::Classroom;
use crate::irc_session::IrcSession;
use crate::settings::Peer;

/// The shard's number stands in the eight bits from this one on.
const SHARD_SHIFT: u32 = 56;
/// Generations are counted in 24 bits, between the shard's number and the slot.
const GENERATION_MASK: u32 = 0x00ff_ffff;

/// What a connection speaks.
#[derive(Debug)]
pub(super) enum Talk {
    /// Not known yet.
    Doorway(Box<Doorway>),
    Irc(Box<IrcSession>),
    Classroom(Box<Classroom>),
    /// It has been told all it will be told.
    Over,
}

/// Whether a connection is to be written to, and which of the shard's lists it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// It has heard what others did: in [`Shard::heard`].
    Heard,
    /// It has an answer: in [`Shard::answered`], and perhaps still in the other, where it counts no more.
    Answered,
}

/// One connection.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(super) struct Entry {
    pub(super) id: SessionId,
    pub(super) talk: Talk,
    /// How what it is sent is framed.
    pub(super) framing: Framing,
    /// Whether a WebSocket's close was sent: nothing may follow it.
    pub(super) is_shut: bool,
    pub(super) outgoing: Outgoing,
    pub(super) peer: Peer,
    pub(super) door: u16,
    /// Whether it stands under its address in [`Shard::connections_by_address`].
    pub(super) is_counted: bool,
    pub(super) user: Option<UserId>,
    /// The time in [`Shard::timers`].
    pub(super) timer: Option<Instant>,
    pub(super) closing: Option<(CloseHow, Instant)>,
    pub(super) due: Due,
    /// Whether the socket has refused bytes and not said since that it takes more.
    pub(super) blocked: bool,
    /// What a plain conversation has been told about it: it decides what is sent when.
    pub(super) told_blocked: bool,
    /// The last event it was given, so that nobody gets one twice.
    pub(super) seen: u64,
}

impl Entry {
    pub(super) fn new(id: SessionId, door: u16, peer: Peer, is_counted: bool, now: Instant) -> Self {
        Self {
            id,
            talk: Talk::Doorway(Box::new(Doorway::new(now))),
            framing: Framing::default(),
            is_shut: false,
            outgoing: Outgoing::default(),
            peer,
            door,
            is_counted,
            user: None,
            timer: None,
            closing: None,
            due: Due::Nothing,
            blocked: false,
            told_blocked: false,
            seen: 0,
        }
    }
}

impl Entry {
    /// Ends a WebSocket: nothing is sent after this.
    pub(super) fn shut(&mut self, turn: &mut Turn, code: CloseCode) {
        if !core::mem::replace(&mut self.is_shut, true) {
            let start = turn.answers.len();
            push_close(&mut turn.answers, code);
            self.outgoing.push(Source::Answers, start..turn.answers.len(), &mut turn.pieces);
        }
    }
}

/// All connections, by slot.
#[derive(Debug)]
pub(super) struct Connections {
    /// The shard's number.
    shard: u8,
    entries: Vec<Option<Entry>>,
    generations: Vec<u32>,
    free: Vec<Slot>,
}

impl Connections {
    pub(super) fn new(shard: u8) -> Self {
        Self { shard, entries: Vec::new(), generations: Vec::new(), free: Vec::new() }
    }

    /// Puts a connection into a free slot.
    pub(super) fn insert(&mut self, make: impl FnOnce(SessionId) -> Entry) -> (Slot, SessionId) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            self.generations.push(0);
            Slot::try_from(self.entries.len() - 1).unwrap_or_else(|_| unreachable!("sockets are fewer than 2^32"))
        });
        let generation = self.generations[slot as usize];
        let id = SessionId(u64::from(self.shard) << SHARD_SHIFT | u64::from(generation) << 32 | u64::from(slot));
        self.entries[slot as usize] = Some(make(id));
        (slot, id)
    }

    /// Takes a connection out; its id finds nobody from now on.
    pub(super) fn remove(&mut self, slot: Slot) -> Option<Entry> {
        let entry = self.entries.get_mut(slot as usize)?.take()?;
        let generation = &mut self.generations[slot as usize];
        *generation = (*generation + 1) & GENERATION_MASK;
        self.free.push(slot);
        Some(entry)
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Entry> {
        self.entries.get(slot as usize).and_then(Option::as_ref)
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut Entry> {
        self.entries.get_mut(slot as usize).and_then(Option::as_mut)
    }

    /// Finds the connection of a session; none when it is gone and its slot free or another's.
    pub(super) fn find(&self, session: SessionId) -> Option<Slot> {
        let slot = slot_in(session);
        self.get(slot).filter(|entry| entry.id == session).map(|_| slot)
    }

    /// Returns the slots in use, in ascending order.
    pub(super) fn slots(&self) -> Vec<Slot> {
        self.entries.iter().flatten().map(|entry| slot_in(entry.id)).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }
}

/// Returns the number of the shard that has a session.
pub fn number_of(session: SessionId) -> u8 {
    u8::try_from(session.0 >> SHARD_SHIFT).unwrap_or_else(|_| unreachable!("eight bits are left"))
}

fn slot_in(session: SessionId) -> Slot {
    Slot::try_from(session.0 & u64::from(Slot::MAX)).unwrap_or_else(|_| unreachable!("masked"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(connections: &mut Connections) -> (Slot, SessionId) {
        let peer = Peer::new([192, 0, 2, 1].into());
        connections.insert(|id| Entry::new(id, 0, peer, false, Instant::default()))
    }

    #[test]
    fn a_slot_is_used_again_under_another_id() {
        let mut connections = Connections::new(3);
        let (slot, first) = insert(&mut connections);
        let (other, _) = insert(&mut connections);
        assert_eq!((connections.find(first), connections.len()), (Some(slot), 2));
        assert!(connections.remove(slot).is_some_and(|entry| entry.id == first));
        assert!(connections.remove(slot).is_none(), "it is gone already");
        assert_eq!((connections.find(first), connections.slots()), (None, vec![other]));

        let (again, second) = insert(&mut connections);
        assert_eq!(again, slot);
        assert_ne!(second, first);
        assert_eq!((connections.find(first), connections.find(second)), (None, Some(slot)));
    }

    /// There are as many as there are connections: what is larger here is larger for all of them, most of which say nothing. What is
    /// there only for a moment stands in a [`chat::rare::Rare`].
    #[test]
    fn a_connection_takes_no_more_memory_unseen() {
        assert_eq!((size_of::<Option<Entry>>(), size_of::<IrcSession>()), (136, 88));
    }

    #[test]
    fn shards_give_different_ids() {
        let [first, second] = [0, 255].map(|number| insert(&mut Connections::new(number)).1);
        assert_ne!(first, second);
        assert_eq!((number_of(first), number_of(second)), (0, 255));
    }

    #[test]
    fn generations_begin_again_before_they_reach_the_shard_number() {
        let mut connections = Connections::new(1);
        let (slot, first) = insert(&mut connections);
        connections.generations[slot as usize] = GENERATION_MASK;
        connections.remove(slot);
        assert_eq!(insert(&mut connections), (slot, first));
    }
}
