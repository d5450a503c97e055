//! Effects of the hall become bytes: rendered once for each profile, shared by all who have it.

use std::sync::Arc;

use chat::effect::{Audience, Effect};
use chat::event::{Event, EventKind};
use chat::ids::{ChannelId, SessionId, UserId};
use chat::person::Person;
use chat::reply::Reply;
use chat::time::Now;
use irc::capability::CapSet;
use smallvec::SmallVec;

use super::framing::Framing;
use super::outgoing::{Range, Source};
use super::rooms::Slot;
use super::{Due, Shard, Talk};
use crate::features;
use crate::irc_session::Cx;

/// The renderings of one event.
struct Renderings {
    /// The capabilities that change its bytes.
    relevant: CapSet,
    /// Whether nobody shares one: each session writes its own.
    apart: bool,
    /// What is rendered, by these capabilities and by how it is framed.
    done: SmallVec<[(CapSet, Framing, Range); 4]>,
}

/// What somebody is to an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    Addressee,
    Watcher,
}

impl Shard {
    /// Takes an effect. Those for sessions that are gone are dropped.
    pub fn effect(&mut self, effect: &Effect, now: Now) {
        match effect {
            Effect::Attached { to, user, person, channels } => self.attach(*to, *user, person, channels),
            Effect::Event { audience, event } => self.event(audience, event, now),
            Effect::Reply { to, reply } => {
                if let Reply::Event(event) = reply {
                    self.note_before(event);
                }
                self.reply(*to, reply, now);
                if let Reply::Event(event) = reply {
                    self.note_after(event);
                }
            }
            Effect::Tell { to, reply } => {
                self.with_session(*to, now, |talk, cx| match talk {
                    Talk::Irc(irc) => irc.tell(reply, cx),
                    Talk::Classroom(classroom) => classroom.tell(reply, cx),
                    Talk::Doorway(_) | Talk::Over => {}
                });
            }
            Effect::Done { to } => {
                self.with_session(*to, now, |talk, cx| match talk {
                    Talk::Irc(irc) => irc.done(cx),
                    Talk::Classroom(classroom) => classroom.done(cx),
                    Talk::Doorway(_) | Talk::Over => {}
                });
            }
            // No session of this shard has to do with it.
            Effect::AccountRemoved(_) | Effect::Push(_) => {}
            Effect::BannedNetworks(networks) => self.ban_networks(Arc::clone(networks)),
            Effect::Close { to, reason } => {
                self.detach(*to);
                self.with_session(*to, now, |talk, cx| match talk {
                    Talk::Irc(irc) => irc.close(reason, cx),
                    Talk::Classroom(classroom) => classroom.dismissed(reason, cx),
                    Talk::Doorway(_) | Talk::Over => {}
                });
            }
        }
    }

    fn with_session(&mut self, session: SessionId, now: Now, run: impl FnOnce(&mut Talk, &mut Cx<'_>)) {
        if let Some(slot) = self.connections.find(session) {
            self.with(slot, now, run);
        }
    }

    fn reply(&mut self, to: SessionId, reply: &Reply, now: Now) {
        let Some(slot) = self.connections.find(to) else { return };
        let run = |talk: &mut Talk, cx: &mut Cx<'_>| match talk {
            // Who was told goodbye hears nothing more of others. An answer behind it, which may be the echo of their own
            // message, would say that they had heard all that came before.
            Talk::Irc(irc) if irc.is_closing() => {}
            Talk::Irc(irc) => irc.reply(reply, cx),
            Talk::Classroom(classroom) => classroom.reply(reply, cx),
            Talk::Doorway(_) | Talk::Over => {}
        };
        // The echo of what somebody says belongs to what the others say.
        if matches!(reply, Reply::Event(_)) {
            self.with_patience(slot, now, run);
        } else {
            self.with(slot, now, run);
        }
    }

    fn attach(&mut self, session: SessionId, user: UserId, person: &Arc<Person>, channels: &[ChannelId]) {
        let Some(slot) = self.connections.find(session) else { return };
        let Some(entry) = self.connections.get_mut(slot) else { return };
        entry.user = Some(user);
        match &mut entry.talk {
            Talk::Irc(irc) => irc.set_person(Arc::clone(person)),
            Talk::Classroom(classroom) => classroom.attach(user, person),
            Talk::Doorway(_) | Talk::Over => {}
        }
        self.users += 1;
        self.stats.registered += 1;
        self.rooms.attach(user, slot);
        for channel in channels {
            self.rooms.enter(user, *channel);
        }
    }

    fn detach(&mut self, session: SessionId) {
        let Some(slot) = self.connections.find(session) else { return };
        let Some(user) = self.connections.get_mut(slot).and_then(|entry| entry.user.take()) else { return };
        self.users -= 1;
        self.rooms.detach(user, slot);
    }

    fn event(&mut self, audience: &Audience, event: &Arc<Event>, now: Now) {
        self.note_before(event);
        self.events += 1;
        let number = self.events;
        let except = audience.except.and_then(|session| self.connections.find(session));
        if let Some(entry) = except.and_then(|slot| self.connections.get_mut(slot)) {
            entry.seen = number;
        }
        let (relevant, apart) = (features::relevant_caps(event), features::is_for_each_apart(event));
        let mut renderings = Renderings { relevant, apart, done: SmallVec::new() };
        // The index is lent to the loop: nothing in it changes while one event is delivered.
        let rooms = core::mem::take(&mut self.rooms);
        for channel in &audience.channels {
            for slot in rooms.of_channel(*channel) {
                self.deliver(*slot, event, Relation::Addressee, &mut renderings, now);
            }
        }
        for user in &audience.users {
            for slot in rooms.of_user(*user) {
                self.deliver(*slot, event, Relation::Addressee, &mut renderings, now);
            }
        }
        self.rooms = rooms;
        for watcher in &audience.watchers {
            if let Some(slot) = self.connections.find(*watcher) {
                self.deliver(slot, event, Relation::Watcher, &mut renderings, now);
            }
        }
        self.note_after(event);
    }

    /// Gives an event to one session, unless it has it already or is not to see it.
    fn deliver(&mut self, slot: Slot, event: &Arc<Event>, to: Relation, renderings: &mut Renderings, now: Now) {
        let events = self.events;
        let Some(entry) = self.connections.get_mut(slot) else { return };
        if core::mem::replace(&mut entry.seen, events) == events {
            return;
        }
        let caps = match &entry.talk {
            Talk::Irc(irc) if renderings.apart && !irc.is_closing() && !entry.is_shut => {
                self.with(slot, now, |talk, cx| {
                    if let Talk::Irc(irc) = talk {
                        irc.metadata_changed(event, cx);
                    }
                });
                return;
            }
            Talk::Irc(irc) if !irc.is_closing() && !entry.is_shut => irc.caps(),
            Talk::Classroom(_) => {
                self.with(slot, now, |talk, cx| {
                    if let Talk::Classroom(classroom) = talk {
                        classroom.event(event, cx);
                    }
                });
                return;
            }
            _ => return,
        };
        let shown = match to {
            Relation::Watcher => features::is_shown_to_watcher(event, caps),
            Relation::Addressee => entry.user.is_some_and(|user| features::is_shown(event, caps, user)),
        };
        if !shown {
            return;
        }
        let (profile, framing) = (caps & renderings.relevant, entry.framing);
        let rendered = renderings.done.iter().find(|(caps, framed, _)| (*caps, *framed) == (profile, framing));
        let range = rendered.map(|(_, _, range)| range.clone());
        let range = range.unwrap_or_else(|| {
            let shared = &mut self.turn.shared;
            let start = shared.len();
            features::event(event, profile, &self.settings, shared);
            let range = framing.frame(shared, start);
            renderings.done.push((profile, framing, range.clone()));
            range
        });
        entry.outgoing.push(Source::Shared, range, &mut self.turn.pieces);
        self.stats.deliveries += 1;
        if entry.due == Due::Nothing {
            entry.due = Due::Heard;
            self.heard.push_back(slot);
        }
    }

    /// Notes what an event says about who is where, before it is shown: a newcomer sees their own entry.
    fn note_before(&mut self, event: &Event) {
        let Some(actor) = &event.actor else { return };
        match &event.kind {
            EventKind::Joined { channel } => self.rooms.enter(actor.user, channel.id),
            EventKind::NickChanged { now }
            | EventKind::RealNameChanged { now }
            | EventKind::AccountChanged { now }
            | EventKind::HostChanged { now, .. } => {
                for slot in self.rooms.of_user(actor.user).to_vec() {
                    match self.connections.get_mut(slot).map(|entry| &mut entry.talk) {
                        Some(Talk::Irc(irc)) => irc.set_person(Arc::clone(now)),
                        Some(Talk::Classroom(classroom)) => classroom.attach(actor.user, now),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// And after it was shown: who left has seen it too.
    fn note_after(&mut self, event: &Event) {
        let Some(actor) = &event.actor else { return };
        match &event.kind {
            EventKind::Parted { channel, .. } => self.rooms.leave(actor.user, channel.id),
            EventKind::Kicked { channel, member, .. } => self.rooms.leave(*member, channel.id),
            _ => {}
        }
    }
}
