//! Where features put what they cause.

use std::sync::Arc;

use irc::names::ChannelName;

use crate::effect::{Audience, Effect};
use crate::event::{Actor, Event, EventKind};
use crate::gate::{Gate, Wait};
use crate::history::Happening;
use crate::ids::{ChannelId, MsgId, Seq, SessionId, UserId};
use crate::person::Person;
use crate::push::Push;
use crate::reply::Reply;
use crate::rows::{Row, RowChange};
use crate::server_ban::BannedNetworks;
use crate::time::Timestamp;

/// Takes events and replies of one command or fact, and gives them to the gate with what they must wait for.
#[derive(Debug)]
pub struct Outlet<'a> {
    pub(crate) gate: &'a mut Gate,
    pub(crate) wait: Wait,
    /// The session that asked, when it is known here.
    pub(crate) origin: Option<SessionId>,
    /// When it happened.
    pub at: Timestamp,
    /// The id of what happened.
    pub(crate) id: Option<MsgId>,
    /// Rows of durable state that the fact has changed, to be kept in the same commit. Only facts change any.
    pub(crate) rows: Vec<RowChange>,
    /// Whether the client has given an id to what it asks: it is told its outcome in any case.
    pub(crate) is_delivery: bool,
    /// What people see of the fact, for history to keep.
    pub(crate) happening: Option<Box<Happening>>,
}

impl<'a> Outlet<'a> {
    /// Makes one for the answers to a session.
    pub(crate) fn answering(gate: &'a mut Gate, session: SessionId, at: Timestamp) -> Self {
        Self {
            gate,
            wait: Wait::Session(session),
            origin: Some(session),
            at,
            id: None,
            rows: Vec::new(),
            is_delivery: false,
            happening: None,
        }
    }

    /// Returns the place of the fact that is being applied.
    pub fn seq(&self) -> Option<Seq> {
        match self.wait {
            Wait::Fact(seq) => Some(seq),
            Wait::Session(_) | Wait::State(_) => None,
        }
    }

    /// Returns the place through which all facts are committed.
    pub fn committed(&self) -> Seq {
        self.gate.committed_through()
    }

    /// Returns the session that asked.
    pub fn origin(&self) -> Option<SessionId> {
        self.origin
    }

    /// Shows an event to an audience, and to the session that caused it as the answer to its command.
    pub fn announce(&mut self, mut audience: Audience, actor: Option<Actor>, kind: EventKind) {
        audience.except = self.origin;
        let event = self.event(actor, kind);
        self.send(audience, Arc::clone(&event));
        self.reply(Reply::Event(event));
    }

    /// As [`Self::announce`]; history keeps it for these channels.
    pub fn announce_in(
        &mut self,
        channels: Vec<ChannelName>,
        audience: Audience,
        actor: Option<Actor>,
        kind: EventKind,
    ) {
        let event = self.event(actor, kind);
        self.file(&event, channels);
        self.send(Audience { except: self.origin, ..audience }, Arc::clone(&event));
        self.reply(Reply::Event(event));
    }

    /// Lets history keep what the fact that is being applied shows to these channels.
    pub fn file(&mut self, event: &Event, channels: Vec<ChannelName>) {
        debug_assert!(matches!(self.wait, Wait::Fact(_)), "what is no fact has no place in history");
        if !channels.is_empty() {
            self.happening = Happening::of(event, channels).map(Box::new);
        }
    }

    /// Shows an event to an audience only.
    pub fn show(&mut self, audience: Audience, actor: Option<Actor>, kind: EventKind) {
        let event = self.event(actor, kind);
        self.send(audience, event);
    }

    /// Makes an event of this moment.
    pub fn event(&self, actor: Option<Actor>, kind: EventKind) -> Arc<Event> {
        Arc::new(Event { at: self.at, id: self.id, actor, kind })
    }

    /// Shows an event made before.
    pub fn send(&mut self, audience: Audience, event: Arc<Event>) {
        if !audience.is_empty() {
            self.gate.pass(self.wait, Effect::Event { audience, event });
        }
    }

    /// Keeps a row of durable state, in the same commit as the fact that is being applied.
    pub fn keep(&mut self, row: Row) {
        debug_assert!(matches!(self.wait, Wait::Fact(_)), "only facts change durable state");
        self.rows.push(RowChange::Put(row));
    }

    /// Lets a row of durable state be gone, in the same commit as the fact that is being applied.
    pub fn forget(&mut self, row: Row) {
        debug_assert!(matches!(self.wait, Wait::Fact(_)), "only facts change durable state");
        self.rows.push(RowChange::Remove(row));
    }

    /// Answers the session that asked.
    pub fn reply(&mut self, reply: Reply) {
        if let Some(to) = self.origin {
            self.gate.pass(self.wait, Effect::Reply { to, reply });
        }
    }

    /// Answers the session that asked with durable state: waits until all of it is committed.
    pub fn reply_with_state(&mut self, reply: Reply) {
        if let Some(to) = self.origin {
            self.gate.pass(Wait::State(to), Effect::Reply { to, reply });
        }
    }

    /// Tells a session something it did not ask for.
    pub fn tell(&mut self, to: SessionId, reply: Reply) {
        self.gate.pass(self.wait, Effect::Tell { to, reply });
    }

    /// Makes a session this user, who is in these channels.
    pub fn attach(&mut self, to: SessionId, user: UserId, person: Arc<Person>, channels: Vec<ChannelId>) {
        self.gate.pass(self.wait, Effect::Attached { to, user, person, channels });
    }

    /// Keeps connections from banned networks out.
    pub fn ban_networks(&mut self, networks: BannedNetworks) {
        self.gate.pass(self.wait, Effect::BannedNetworks(Arc::new(networks)));
    }

    /// Has the edge remove what it keeps for an account.
    pub fn account_removed(&mut self, account: Arc<str>) {
        self.gate.pass(self.wait, Effect::AccountRemoved(account));
    }

    /// Has devices notified.
    pub fn push(&mut self, push: Push) {
        self.gate.pass(self.wait, Effect::Push(push));
    }

    /// Closes a session's connection.
    pub fn close(&mut self, to: SessionId, reason: Arc<str>) {
        self.gate.pass(self.wait, Effect::Close { to, reason });
    }
}
