//! The pure half of a shard: all connections of one thread.
//!
//! A turn of the loop that drives it:
//!
//! 1. [`Shard::receive`] and its siblings say what happened on sockets; [`Shard::wake`] what is due;
//! 2. [`Shard::take_requests`] go to the hall, and its effects come back by [`Shard::effect`], until there are none;
//! 3. [`Shard::flush`] hands every connection's bytes over in one piece: one write per dirty connection and turn;
//! 4. [`Shard::take_actions`] says what else is to be done with sockets.

mod actions;
mod addresses;
mod browsers;
mod connections;
mod deliver;
mod doorway;
mod framing;
pub mod outgoing;
pub mod rooms;
mod stats;
#[cfg(test)]
mod tests;
mod timers;
mod websocket;
mod writing;

use core::net::IpAddr;
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chat::ascending::Ascending;
use chat::command::{Command, Request};
use chat::ids::SessionId;
use chat::server_ban::BannedNetworks;
use chat::time::{Instant, Now};

use crate::features::isupport::Isupport;
use crate::irc_session::Cx;
use crate::parting::{self, TurnedAway};
use crate::settings::{Peer, Settings, Vouchers};
use crate::work::Outcome;
pub use actions::{Action, CloseHow, ToWrite, WriteFailed};
use browsers::Browsers;
pub use connections::number_of;
use connections::{Connections, Due, Entry, Talk};
use framing::CloseCode;
pub use framing::Framing;
use outgoing::{Source, Turn};
use rooms::{Rooms, Slot};
pub use stats::{Census, Stats};

/// How long a connection that is to be closed may take to read its last bytes.
const LINGER: Duration = Duration::from_secs(5);

/// All connections of one thread.
#[derive(Debug)]
pub struct Shard {
    settings: Arc<Settings>,
    /// What 005 says by these: everybody who comes is told.
    isupport: Isupport,
    connections: Connections,
    rooms: Rooms,
    /// How many connections each address has; loopback is not counted.
    connections_by_address: BTreeMap<IpAddr, usize>,
    connections_per_address_max: usize,
    /// From where no connection is taken.
    banned: Arc<BannedNetworks>,
    browsers: Browsers,
    timers: Ascending<(Instant, Slot), ()>,
    /// What this turn writes, for all connections.
    turn: Turn,
    /// Where one connection's bytes are joined when they are not in one piece.
    scratch: Vec<u8>,
    /// Connections with something to write or to end, because of what they asked or what happened to them.
    answered: VecDeque<Slot>,
    /// Connections with something to write, because of what others did.
    heard: VecDeque<Slot>,
    requests: Vec<Request>,
    actions: Vec<Action>,
    /// Events so far: the number of the newest one.
    events: u64,
    /// Connections that are users.
    users: usize,
    /// Connections of the other shards that are not.
    unknown_elsewhere: usize,
    census: Census,
    stopping: bool,
    /// What has happened since the start.
    pub stats: Stats,
}

impl Shard {
    /// Makes a shard without connections. `number` tells it from others of the process.
    pub fn new(number: u8, settings: Arc<Settings>, connections_per_address_max: usize) -> Self {
        Self {
            isupport: Isupport::of(&settings),
            settings,
            connections: Connections::new(number),
            rooms: Rooms::default(),
            connections_by_address: BTreeMap::new(),
            connections_per_address_max,
            banned: Arc::default(),
            browsers: Browsers::default(),
            timers: Ascending::default(),
            turn: Turn::default(),
            scratch: Vec::new(),
            answered: VecDeque::new(),
            heard: VecDeque::new(),
            requests: Vec::new(),
            actions: Vec::new(),
            events: 0,
            users: 0,
            unknown_elsewhere: 0,
            census: Census::default(),
            stopping: false,
            stats: Stats::default(),
        }
    }

    /// Goes by other settings from now on, and tells clients what is different for them; doors must be the same in
    /// number and order.
    pub fn reload(&mut self, settings: Arc<Settings>, connections_per_address_max: usize, now: Now) {
        self.isupport = Isupport::of(&settings);
        let before = core::mem::replace(&mut self.settings, settings);
        self.connections_per_address_max = connections_per_address_max;
        for slot in self.connections.slots() {
            self.with(slot, now, |talk, cx| {
                if let Talk::Irc(irc) = talk {
                    irc.reloaded(&before, cx);
                }
            });
        }
    }

    /// Takes a new connection at one of the doors.
    ///
    /// # Errors
    /// When it is not: its network is banned, or there are too many from its address already.
    pub fn accept(&mut self, door: u16, peer: Peer, now: Now) -> Result<SessionId, TurnedAway> {
        let is_counted = self.admit(&peer, now)?;
        let (slot, id) = self.connections.insert(|id| Entry::new(id, door, peer, is_counted, now.instant));
        self.census.undecided += 1;
        self.decide(slot, now, false);
        Ok(id)
    }

    /// Takes what one read brought.
    pub fn receive(&mut self, session: SessionId, bytes: &[u8], now: Now) {
        let Some(slot) = self.connections.find(session) else { return };
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

    /// Tells that [`Action::StartTls`] has succeeded: what is read from now on was encrypted. `certificate` is the
    /// fingerprint of the client's, where it has shown one.
    pub fn secured(&mut self, session: SessionId, certificate: Option<&str>, now: Now) {
        let Some(slot) = self.connections.find(session) else { return };
        if let Some(Entry { talk: Talk::Doorway(doorway), peer, .. }) = self.entry_mut(slot) {
            doorway.secured(now.instant);
            peer.secure = true;
            peer.vouchers = Vouchers { gateway: None, certificate: certificate.map(Arc::from) }.into();
        }
        self.decide(slot, now, false);
    }

    /// Tells that the other side has closed its half: it will send no more.
    pub fn end_of_input(&mut self, session: SessionId, now: Now) {
        let Some(slot) = self.connections.find(session) else { return };
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
        let Some(slot) = self.connections.find(session) else { return };
        self.with(slot, now, |talk, cx| match talk {
            Talk::Irc(irc) => irc.leave(parting::CONNECTION_LOST, cx),
            Talk::Classroom(classroom) => classroom.handle(plain::Input::Lost, cx),
            Talk::Doorway(_) | Talk::Over => {}
        });
        self.close(slot, CloseHow::Reset);
    }

    /// Takes what came of [`Action::Work`].
    pub fn worked(&mut self, session: SessionId, outcome: &Outcome, now: Now) {
        let Some(slot) = self.connections.find(session) else { return };
        self.with(slot, now, |talk, cx| {
            if let Talk::Irc(irc) = talk {
                irc.worked(outcome, cx);
            }
        });
    }

    /// Tells an operator that [`Action::Rehash`] has failed, and why.
    pub fn rehash_failed(&mut self, session: SessionId, why: &str, now: Now) {
        let Some(slot) = self.connections.find(session) else { return };
        self.with(slot, now, |talk, cx| {
            if let Talk::Irc(irc) = talk {
                irc.render(cx, |render| render.fail_or_notice("REHASH", "CONFIG_BAD", &[], why));
            }
        });
    }

    /// Says goodbye to everybody, each in their own dialect. The listening sockets are closed by now.
    pub fn stop(&mut self, now: Now) {
        self.stopping = true;
        let goodbye = parting::stopping(self.settings.language);
        for slot in self.connections.slots() {
            self.with(slot, now, |talk, cx| match talk {
                Talk::Irc(irc) => irc.close(goodbye, cx),
                Talk::Classroom(classroom) => classroom.handle(plain::Input::Stop { goodbye }, cx),
                Talk::Doorway(_) => cx.actions.push(Action::Close { session: cx.id, how: CloseHow::Fin }),
                Talk::Over => {}
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
        self.connections.find(session).and_then(|slot| self.connections.get(slot)).is_some_and(|entry| {
            match &entry.talk {
                Talk::Irc(irc) => irc.is_paused(),
                Talk::Over => true,
                Talk::Classroom(classroom) => classroom.is_paused(),
                Talk::Doorway(_) => false,
            }
        })
    }

    /// Forgets a connection and has its socket closed. A user behind it leaves, if they have not been told to.
    fn close(&mut self, slot: Slot, how: CloseHow) {
        if let Some(entry) = self.forget(slot) {
            self.actions.push(Action::Close { session: entry.id, how });
        }
    }

    fn forget(&mut self, slot: Slot) -> Option<Entry> {
        let entry = self.connections.remove(slot)?;
        *self.census.of(&entry.talk, entry.framing) -= 1;
        if let Some(at) = entry.timer {
            self.timers.remove(&(at, slot));
        }
        if let Some(user) = entry.user {
            self.rooms.detach(user, slot);
            self.users -= 1;
        }
        if entry.is_counted {
            self.uncount(entry.peer.counted_as());
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

    /// Lets a connection handle something, and takes what it wrote, asked and wants. What it wrote leaves in this turn.
    fn with<T>(&mut self, slot: Slot, now: Now, run: impl FnOnce(&mut Talk, &mut Cx<'_>) -> T) -> Option<T> {
        let written_before = self.turn.answers.len();
        let result = self.with_patience(slot, now, run);
        if self.turn.answers.len() > written_before {
            self.mark_answered(slot);
        }
        result
    }

    /// Likewise; but where it waits for its turn to be written to, what it wrote now waits with that.
    fn with_patience<T>(&mut self, slot: Slot, now: Now, run: impl FnOnce(&mut Talk, &mut Cx<'_>) -> T) -> Option<T> {
        let unknown = self.unknown() + self.unknown_elsewhere;
        let entry = self.connections.get_mut(slot)?;
        let (written_before, actions_before) = (self.turn.answers.len(), self.actions.len());
        let address_before = entry.peer.address;
        let mut cx = Cx {
            settings: &self.settings,
            isupport: &self.isupport,
            now,
            id: entry.id,
            peer: &mut entry.peer,
            out: &mut self.turn.answers,
            requests: &mut self.requests,
            actions: &mut self.actions,
            unknown,
        };
        *self.census.of(&entry.talk, entry.framing) -= 1;
        let result = run(&mut entry.talk, &mut cx);
        if let Talk::Irc(irc) = &mut entry.talk {
            irc.settle();
        }
        *self.census.of(&entry.talk, entry.framing) += 1;
        if entry.is_shut {
            self.turn.answers.truncate(written_before);
        }
        if self.turn.answers.len() > written_before {
            let framed = entry.framing.frame(&mut self.turn.answers, written_before);
            entry.outgoing.push(Source::Answers, framed, &mut self.turn.pieces);
        }
        // Closing waits for the last bytes; everything else goes out as it is.
        let close = self.actions[actions_before..].iter().position(|action| matches!(action, Action::Close { .. }));
        if let Some(place) = close
            && let Action::Close { how, .. } = self.actions.remove(actions_before + place)
            && entry.closing.is_none()
        {
            entry.closing = Some((how, now.instant + LINGER));
            if how == CloseHow::Fin && entry.framing.is_websocket() {
                entry.shut(&mut self.turn, if self.stopping { CloseCode::GoingAway } else { CloseCode::Normal });
            }
        }
        let readdressed_from = Some(address_before).filter(|before| entry.peer.address != *before);
        if entry.outgoing.bytes() > 0 || entry.closing.is_some() {
            self.mark_due(slot);
        }
        self.schedule(slot);
        if let Some(before) = readdressed_from {
            self.recount(slot, before, now);
        }
        Some(result)
    }

    fn entry_mut(&mut self, slot: Slot) -> Option<&mut Entry> {
        self.connections.get_mut(slot)
    }

    /// Returns the number of connections.
    pub fn len(&self) -> usize {
        self.connections.len()
    }

    /// Tells whether there are no connections.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of connections that are not users.
    pub fn unknown(&self) -> usize {
        self.len().saturating_sub(self.users)
    }

    /// Tells how many such connections the other shards have, for LUSERS.
    pub fn set_unknown_elsewhere(&mut self, count: usize) {
        self.unknown_elsewhere = count;
    }

    /// Returns the number of connections by what they speak.
    pub fn census(&self) -> Census {
        self.census
    }
}
