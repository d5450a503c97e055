//! The pure half of a shard: all connections of one thread.
//!
//! A turn of the loop that drives it:
//!
//! 1. [`Shard::receive`] and its siblings say what happened on sockets; [`Shard::wake`] what is due;
//! 2. [`Shard::take_requests`] go to the hall, and its effects come back by [`Shard::effect`], until there are none;
//! 3. [`Shard::flush`] hands every connection's bytes over in one piece: one write per dirty connection and turn;
//! 4. [`Shard::take_actions`] says what else is to be done with sockets.

mod deliver;
mod doorway;
pub mod outgoing;
pub mod rooms;

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chat::command::{Command, Request};
use chat::ids::{SessionId, UserId};
use chat::time::{Instant, Now};
use chat::user::OperatorClass;

use crate::classroom::Classroom;
use crate::irc_session::{Cx, IrcSession};
use crate::parting;
use crate::settings::{Peer, Settings};
use doorway::Doorway;
use outgoing::Outgoing;
use rooms::{Rooms, Slot};

/// How long a connection that is to be closed may take to read its last bytes.
const LINGER: core::time::Duration = core::time::Duration::from_secs(5);

/// How a socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseHow {
    /// By FIN, after all bytes.
    Fin,
    /// By reset.
    Reset,
}

/// What the event loop is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Close the socket; the session is forgotten.
    Close {
        /// Which.
        session: SessionId,
        /// How.
        how: CloseHow,
    },
    /// Give the socket to the web server, with what was read; the session is forgotten.
    HandOff {
        /// Which.
        session: SessionId,
        /// What was read.
        bytes: Vec<u8>,
    },
    /// Check an operator's password, and say so by [`Shard::verified`].
    Verify {
        /// Who asks.
        session: SessionId,
        /// The operator's name.
        name: Box<str>,
        /// What was given.
        password: Box<str>,
    },
    /// Read the configuration again.
    Rehash {
        /// Who asked.
        session: SessionId,
    },
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteFailed;

/// What has happened since the start, for the metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events put into a session's queue.
    pub deliveries: u64,
    /// Writes.
    pub writes: u64,
    /// Bytes written.
    pub bytes_out: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Sessions closed because they did not read.
    pub slow_readers: u64,
    /// Connections that became users.
    pub registered: u64,
}

/// The connections by what they speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Not known yet.
    pub undecided: usize,
    /// IRC.
    pub irc: usize,
    /// Plain.
    pub plain: usize,
}

impl Census {
    fn of(&mut self, talk: &Talk) -> &mut usize {
        match talk {
            Talk::Doorway(_) | Talk::Over => &mut self.undecided,
            Talk::Irc(_) => &mut self.irc,
            Talk::Classroom(_) => &mut self.plain,
        }
    }
}

/// What a connection speaks.
#[derive(Debug)]
enum Talk {
    /// Not known yet.
    Doorway(Box<Doorway>),
    Irc(Box<IrcSession>),
    Classroom(Box<Classroom>),
    /// It has been told all it will be told.
    Over,
}

/// One connection.
#[derive(Debug)]
struct Entry {
    id: SessionId,
    talk: Talk,
    outgoing: Outgoing,
    peer: Peer,
    door: u16,
    user: Option<UserId>,
    /// The time in [`Shard::timers`].
    timer: Option<Instant>,
    closing: Option<(CloseHow, Instant)>,
    dirty: bool,
    /// Whether the socket has refused bytes and not said since that it takes more.
    blocked: bool,
    /// The last event it was given, so that nobody gets one twice.
    seen: u64,
}

/// All connections of one thread.
#[derive(Debug)]
pub struct Shard {
    settings: Arc<Settings>,
    number: u8,
    entries: Vec<Option<Entry>>,
    generations: Vec<u32>,
    free: Vec<Slot>,
    rooms: Rooms,
    by_address: BTreeMap<IpAddr, usize>,
    connections_per_address: usize,
    timers: BTreeSet<(Instant, Slot)>,
    turn: Vec<u8>,
    scratch: Vec<u8>,
    dirty: Vec<Slot>,
    requests: Vec<Request>,
    actions: Vec<Action>,
    events: u64,
    /// Connections that are users.
    users: usize,
    census: Census,
    stopping: bool,
    /// What has happened since the start.
    pub stats: Stats,
}

impl Shard {
    /// Makes a shard without connections. `number` tells it from others of the process.
    pub fn new(number: u8, settings: Arc<Settings>, connections_per_address: usize) -> Self {
        Self {
            settings,
            number,
            entries: Vec::new(),
            generations: Vec::new(),
            free: Vec::new(),
            rooms: Rooms::default(),
            by_address: BTreeMap::new(),
            connections_per_address,
            timers: BTreeSet::new(),
            turn: Vec::new(),
            scratch: Vec::new(),
            dirty: Vec::new(),
            requests: Vec::new(),
            actions: Vec::new(),
            events: 0,
            users: 0,
            census: Census::default(),
            stopping: false,
            stats: Stats::default(),
        }
    }

    /// Goes by other settings from now on; doors must be the same in number and order.
    pub fn reload(&mut self, settings: Arc<Settings>, connections_per_address: usize) {
        self.settings = settings;
        self.connections_per_address = connections_per_address;
    }

    /// Takes a new connection at one of the doors.
    ///
    /// # Errors
    /// When there are too many from its address already: what to tell it before it is closed.
    pub fn accept(&mut self, door: u16, peer: Peer, now: Now) -> Result<SessionId, &'static str> {
        if self.stopping {
            return Err(parting::stopping(self.settings.language));
        }
        if !peer.is_loopback() {
            let count = self.by_address.entry(peer.address).or_default();
            if *count >= self.connections_per_address {
                return Err(parting::too_many_connections(self.settings.language));
            }
            *count += 1;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            self.generations.push(0);
            Slot::try_from(self.entries.len() - 1).unwrap_or_else(|_| unreachable!("sockets are fewer than 2^32"))
        });
        let id = self.id_of(slot);
        self.entries[slot as usize] = Some(Entry {
            id,
            talk: Talk::Doorway(Box::new(Doorway::new(now.instant))),
            outgoing: Outgoing::default(),
            peer,
            door,
            user: None,
            timer: None,
            closing: None,
            dirty: false,
            blocked: false,
            seen: 0,
        });
        self.census.undecided += 1;
        self.decide(slot, now, false);
        Ok(id)
    }

    /// Takes what one read brought.
    pub fn receive(&mut self, session: SessionId, bytes: &[u8], now: Now) {
        let Some(slot) = self.slot_of(session) else { return };
        self.stats.bytes_in += bytes.len() as u64;
        let is_doorway = match self.entry_mut(slot).map(|entry| &mut entry.talk) {
            Some(Talk::Doorway(doorway)) => {
                doorway.receive(bytes, now.instant);
                true
            }
            Some(Talk::Classroom(classroom)) => classroom.is_deciding() && classroom.hold_first(bytes, now.instant),
            _ => false,
        };
        if is_doorway {
            return self.decide(slot, now, false);
        }
        self.with(slot, now, |talk, cx| match talk {
            Talk::Irc(irc) => irc.receive(bytes, cx),
            Talk::Classroom(classroom) => classroom.handle(plain::Input::Bytes(bytes), cx),
            Talk::Doorway(_) | Talk::Over => {}
        });
    }

    /// Tells that the other side has closed its half: it will send no more.
    pub fn end_of_input(&mut self, session: SessionId, now: Now) {
        let Some(slot) = self.slot_of(session) else { return };
        self.decide(slot, now, true);
        self.with(slot, now, |talk, cx| match talk {
            Talk::Irc(irc) => irc.leave(parting::CONNECTION_CLOSED, cx),
            Talk::Classroom(classroom) => classroom.handle(plain::Input::EndOfInput, cx),
            Talk::Doorway(_) | Talk::Over => {
                cx.actions.push(Action::Close { session, how: CloseHow::Fin });
            }
        });
    }

    /// Tells that the connection is broken: nothing can be written any more.
    pub fn lost(&mut self, session: SessionId, now: Now) {
        let Some(slot) = self.slot_of(session) else { return };
        self.with(slot, now, |talk, cx| match talk {
            Talk::Irc(irc) => irc.leave(parting::CONNECTION_LOST, cx),
            Talk::Classroom(classroom) => classroom.handle(plain::Input::Lost, cx),
            Talk::Doorway(_) | Talk::Over => {}
        });
        self.close(slot, CloseHow::Reset);
    }

    /// Takes a worker's verdict on [`Action::Verify`].
    pub fn verified(&mut self, session: SessionId, class: Option<OperatorClass>, now: Now) {
        let Some(slot) = self.slot_of(session) else { return };
        self.with(slot, now, |talk, cx| {
            if let Talk::Irc(irc) = talk {
                irc.verified(class, cx);
            }
        });
    }

    /// Says goodbye to everybody, each in their own dialect. The listening sockets are closed by now.
    pub fn stop(&mut self, now: Now) {
        self.stopping = true;
        let goodbye = parting::stopping(self.settings.language);
        for slot in self.slots() {
            self.with(slot, now, |talk, cx| match talk {
                Talk::Irc(irc) => irc.close(goodbye, cx),
                Talk::Classroom(classroom) => classroom.handle(plain::Input::Stop { goodbye }, cx),
                Talk::Doorway(_) => cx.actions.push(Action::Close { session: cx.id, how: CloseHow::Fin }),
                Talk::Over => {}
            });
        }
    }

    /// Returns when [`Self::wake`] is to be called at the latest.
    pub fn next_wake(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// Does what is due.
    pub fn wake(&mut self, now: Now) {
        // Only those that are due now: what becomes due meanwhile comes with the next turn.
        let later = self.timers.split_off(&(now.instant, Slot::MAX));
        for (_, slot) in core::mem::replace(&mut self.timers, later) {
            let Some(entry) = self.entry_mut(slot) else { continue };
            entry.timer = None;
            if entry.closing.is_some_and(|(_, until)| until <= now.instant) {
                self.close(slot, CloseHow::Reset);
                continue;
            }
            self.decide(slot, now, false);
            self.with(slot, now, |talk, cx| match talk {
                Talk::Irc(irc) => irc.wake(cx),
                Talk::Classroom(classroom) => classroom.handle(plain::Input::Wake, cx),
                Talk::Doorway(_) | Talk::Over => {}
            });
        }
    }

    /// Takes what the sessions ask of the hall.
    pub fn take_requests(&mut self) -> Vec<Request> {
        core::mem::take(&mut self.requests)
    }

    /// Takes what is to be done with sockets.
    pub fn take_actions(&mut self) -> Vec<Action> {
        core::mem::take(&mut self.actions)
    }

    /// Tells whether a session's socket is not to be read now.
    pub fn is_paused(&self, session: SessionId) -> bool {
        self.slot_of(session).and_then(|slot| self.entry(slot)).is_some_and(|entry| match &entry.talk {
            Talk::Irc(irc) => irc.is_paused(),
            Talk::Over => true,
            Talk::Classroom(classroom) => classroom.is_paused(),
            Talk::Doorway(_) => false,
        })
    }

    /// Notes that a session's socket takes bytes again.
    pub fn writable(&mut self, session: SessionId) {
        let Some(slot) = self.slot_of(session) else { return };
        if let Some(entry) = self.entry_mut(slot) {
            entry.blocked = false;
        }
        self.mark_dirty(slot);
    }

    /// Ends the turn: gives each connection's bytes to `write` in one piece, which returns how many the socket took.
    pub fn flush(&mut self, now: Now, mut write: impl FnMut(SessionId, &[u8]) -> Result<usize, WriteFailed>) {
        // Writing may cause more to write (a plain client's next send): such a connection comes round again next turn.
        for slot in core::mem::take(&mut self.dirty) {
            let Some(entry) = self.entries.get_mut(slot as usize).and_then(Option::as_mut) else { continue };
            entry.dirty = false;
            let id = entry.id;
            let was_blocked = entry.outgoing.is_blocked();
            let stats = &mut self.stats;
            let outcome = if entry.blocked {
                entry.outgoing.keep(&self.turn);
                Ok(())
            } else {
                entry.outgoing.write(&self.turn, &mut self.scratch, |piece| {
                    let taken = write(id, piece)?;
                    stats.writes += 1;
                    stats.bytes_out += taken as u64;
                    Ok(taken)
                })
            };
            let is_blocked = entry.outgoing.is_blocked();
            entry.blocked = is_blocked;
            let too_much = entry.outgoing.bytes() > self.settings.sendq_bytes;
            if outcome == Err(WriteFailed) {
                self.lost(id, now);
            } else if too_much {
                self.overflow(slot, now);
            } else if was_blocked != is_blocked {
                let news = if is_blocked { plain::Input::SendBlocked } else { plain::Input::SendReady };
                self.with(slot, now, |talk, cx| {
                    if let Talk::Classroom(classroom) = talk {
                        classroom.handle(news, cx);
                    }
                });
            }
            self.close_when_flushed(slot, now);
        }
        // What was written to the turn's buffer meanwhile (a goodbye, a next send) is kept with its connections.
        for slot in &self.dirty {
            if let Some(entry) = self.entries.get_mut(*slot as usize).and_then(Option::as_mut) {
                entry.outgoing.keep(&self.turn);
            }
        }
        self.turn.clear();
        self.turn.shrink_to(TURN_BYTES_KEPT);
        self.scratch.clear();
        self.scratch.shrink_to(TURN_BYTES_KEPT);
    }

    /// Tells whether anything waits to be written that was not refused by its socket.
    pub fn has_dirty(&self) -> bool {
        !self.dirty.is_empty()
    }

    /// A session that does not read hurts itself only: it is closed, and history lets it catch up.
    fn overflow(&mut self, slot: Slot, now: Now) {
        self.stats.slow_readers += 1;
        self.with(slot, now, |talk, cx| match talk {
            Talk::Irc(irc) => irc.leave(parting::SENDQ_EXCEEDED, cx),
            Talk::Classroom(classroom) => classroom.handle(plain::Input::Lost, cx),
            Talk::Doorway(_) | Talk::Over => {}
        });
        self.close(slot, CloseHow::Reset);
    }

    fn close_when_flushed(&mut self, slot: Slot, now: Now) {
        let Some(entry) = self.entry_mut(slot) else { return };
        let Some((how, until)) = entry.closing else { return };
        if how == CloseHow::Reset || entry.outgoing.bytes() == 0 || until <= now.instant {
            self.close(slot, how);
        }
    }

    /// Forgets a connection and has its socket closed. A user behind it leaves, if they have not been told to.
    fn close(&mut self, slot: Slot, how: CloseHow) {
        if let Some(entry) = self.forget(slot) {
            self.actions.push(Action::Close { session: entry.id, how });
        }
    }

    fn forget(&mut self, slot: Slot) -> Option<Entry> {
        let entry = self.entries.get_mut(slot as usize)?.take()?;
        *self.census.of(&entry.talk) -= 1;
        self.generations[slot as usize] = (self.generations[slot as usize] + 1) & GENERATION_MASK;
        self.free.push(slot);
        if let Some(at) = entry.timer {
            self.timers.remove(&(at, slot));
        }
        if let Some(user) = entry.user {
            self.rooms.detach(user, slot);
            self.users -= 1;
        }
        if let Some(count) = self.by_address.get_mut(&entry.peer.address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&entry.peer.address);
            }
        }
        // The hall may be about to make it a user: its departure stands behind that in the queue.
        let known = match &entry.talk {
            Talk::Irc(irc) => irc.is_known_to_hall(),
            Talk::Classroom(classroom) => classroom.is_known_to_hall(),
            Talk::Doorway(_) | Talk::Over => false,
        };
        if known {
            let commands = smallvec::smallvec![Command::Quit { reason: parting::CONNECTION_CLOSED.into() }];
            self.requests.push(Request { session: entry.id, commands });
        }
        Some(entry)
    }

    /// Lets a connection handle something, and takes what it wrote, asked and wants.
    fn with<T>(&mut self, slot: Slot, now: Now, run: impl FnOnce(&mut Talk, &mut Cx<'_>) -> T) -> Option<T> {
        let unknown = self.unknown();
        let entry = self.entries.get_mut(slot as usize).and_then(Option::as_mut)?;
        let (written_before, actions_before) = (self.turn.len(), self.actions.len());
        let mut cx = Cx {
            settings: &self.settings,
            now,
            id: entry.id,
            peer: entry.peer,
            out: &mut self.turn,
            requests: &mut self.requests,
            actions: &mut self.actions,
            unknown,
        };
        *self.census.of(&entry.talk) -= 1;
        let result = run(&mut entry.talk, &mut cx);
        *self.census.of(&entry.talk) += 1;
        if self.turn.len() > written_before {
            entry.outgoing.push(written_before..self.turn.len());
        }
        // Closing waits for the last bytes; everything else goes out as it is.
        let close = self.actions[actions_before..].iter().position(|action| matches!(action, Action::Close { .. }));
        if let Some(place) = close
            && let Action::Close { how, .. } = self.actions.remove(actions_before + place)
            && entry.closing.is_none()
        {
            entry.closing = Some((how, now.instant + LINGER));
        }
        if entry.outgoing.bytes() > 0 || entry.closing.is_some() {
            self.mark_dirty(slot);
        }
        self.schedule(slot);
        Some(result)
    }

    /// Puts the connection's next deadline among the timers. One that has moved later is found out when it comes.
    fn schedule(&mut self, slot: Slot) {
        let Some(entry) = self.entries.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        let by_talk = match &entry.talk {
            Talk::Doorway(doorway) => Some(doorway.timeout(&self.settings, entry.door)),
            Talk::Irc(irc) => irc.timeout(&self.settings),
            Talk::Classroom(classroom) => classroom.timeout(),
            Talk::Over => None,
        };
        let due = [by_talk, entry.closing.map(|(_, until)| until)].into_iter().flatten().min();
        let Some(due) = due.filter(|due| entry.timer.is_none_or(|timer| *due < timer)) else { return };
        if let Some(timer) = entry.timer.replace(due) {
            self.timers.remove(&(timer, slot));
        }
        self.timers.insert((due, slot));
    }

    fn mark_dirty(&mut self, slot: Slot) {
        if let Some(entry) = self.entries.get_mut(slot as usize).and_then(Option::as_mut)
            && !entry.dirty
        {
            entry.dirty = true;
            self.dirty.push(slot);
        }
    }

    fn slots(&self) -> Vec<Slot> {
        self.entries.iter().flatten().map(|entry| slot_in(entry.id)).collect()
    }

    fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.entries.get(slot as usize).and_then(Option::as_ref)
    }

    fn entry_mut(&mut self, slot: Slot) -> Option<&mut Entry> {
        self.entries.get_mut(slot as usize).and_then(Option::as_mut)
    }

    fn id_of(&self, slot: Slot) -> SessionId {
        let generation = self.generations[slot as usize];
        SessionId(u64::from(self.number) << 56 | u64::from(generation) << 32 | u64::from(slot))
    }

    /// Finds the connection of a session; none when it is gone and its place free or another's.
    fn slot_of(&self, session: SessionId) -> Option<Slot> {
        let slot = slot_in(session);
        self.entry(slot).filter(|entry| entry.id == session).map(|_| slot)
    }

    /// Returns the number of connections.
    pub fn len(&self) -> usize {
        self.entries.len() - self.free.len()
    }

    /// Tells whether there are no connections.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of connections that are not users.
    fn unknown(&self) -> usize {
        self.len().saturating_sub(self.users)
    }

    /// Returns the number of connections by what they speak.
    pub fn census(&self) -> Census {
        self.census
    }
}

/// What of the turn's buffers stays allocated between turns, in bytes.
const TURN_BYTES_KEPT: usize = 256 * 1024;

/// Generations are counted in 24 bits.
const GENERATION_MASK: u32 = 0x00ff_ffff;

fn slot_in(session: SessionId) -> Slot {
    Slot::try_from(session.0 & u64::from(Slot::MAX)).unwrap_or_else(|_| unreachable!("masked"))
}
