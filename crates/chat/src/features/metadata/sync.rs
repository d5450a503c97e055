//! Who wants to know about which keys, and what they are told: at once, on entry, and when they ask.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Decision, Found, Outlet, find, told};
use crate::channel::Channel;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::ids::{ChannelId, SessionId, UserId};
use crate::metadata::{Change, Shown, Values};
use crate::refusal::Refusal;
use crate::reply::{MetadataReply, Reply};
use crate::user::User;
use crate::world::World;

/// Everybody and everything that a session hears of, as a target of SYNC.
const ALL: &str = "*ALL";

/// The most values that a session is told without having asked for them; when there are more, it is told to ask (774).
const UNASKED_VALUES_MAX: usize = 200;

/// The most values that an answer to SYNC holds: about as much as may wait for a session that reads slowly.
const VALUES_MAX: usize = 2000;

/// The keys that a session wants to know about, and what was found under them.
struct Search<'a> {
    world: &'a World,
    keys: &'a BTreeSet<Arc<str>>,
    found: Vec<Shown>,
    most: usize,
    /// Whether there was more.
    is_cut: bool,
}

impl<'a> Search<'a> {
    fn new(world: &'a World, keys: &'a BTreeSet<Arc<str>>, most: usize) -> Self {
        Self { world, keys, found: Vec::new(), most, is_cut: false }
    }

    /// Takes the values under the keys. Goes through whichever there is less of.
    fn look(&mut self, target: &str, values: &Values) {
        if values.is_empty() || self.is_cut {
            return;
        }
        let target: Arc<str> = target.into();
        let show = |(key, value): (&Arc<str>, &Arc<str>)| Shown {
            target: Arc::clone(&target),
            key: Arc::clone(key),
            value: Arc::clone(value),
        };
        if self.keys.len() < values.len() {
            self.found.extend(self.keys.iter().filter_map(|key| values.get_key_value(key)).map(show));
        } else {
            self.found.extend(values.iter().filter(|(key, _)| self.keys.contains(*key)).map(show));
        }
        if self.found.len() > self.most {
            self.is_cut = true;
            self.found.truncate(self.most);
        }
    }

    fn look_at_user(&mut self, user: &User) {
        let world = self.world;
        self.look(user.nick(), world.metadata_of(user));
    }

    /// Looks at a channel, and at its members for whoever is one of them.
    fn look_at_channel(&mut self, channel: &Channel, asker: &User) {
        self.look(channel.name.as_str(), &channel.metadata);
        if channel.members.contains_key(&asker.id) && !self.keys.is_empty() {
            for member in channel.members.keys().filter_map(|id| self.world.users.get(id)) {
                self.look_at_user(member);
                if self.is_cut {
                    return;
                }
            }
        }
    }

    /// Looks at everybody and everything that a session hears of: its user, their channels and who is there, and whom it
    /// watches.
    fn look_at_all(&mut self, session: SessionId, user: &User) {
        let mut users: BTreeMap<UserId, &User> = BTreeMap::from([(user.id, user)]);
        for channel in user.channels.iter().filter_map(|id| self.world.channels.get(id)) {
            self.look(channel.name.as_str(), &channel.metadata);
            let members = channel.members.keys().filter_map(|id| self.world.users.get(id));
            users.extend(members.map(|member| (member.id, member)));
        }
        let watched = self.world.watchers.watched_by(session).filter_map(|nick| self.world.user_by_nick(nick));
        users.extend(watched.map(|watched| (watched.id, watched)));
        for user in users.into_values() {
            if self.is_cut {
                return;
            }
            self.look_at_user(user);
        }
    }

    /// Returns what was found; nothing if it is too much to be told unasked.
    fn unasked(self) -> Option<Vec<Shown>> {
        (!self.is_cut).then_some(self.found)
    }
}

/// Answers SYNC.
///
/// # Errors
/// [`Refusal::Metadata`] for an invalid target.
pub(super) fn asked(
    world: &World,
    session: SessionId,
    user: &User,
    target: &str,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let none = BTreeSet::new();
    let mut search = Search::new(world, world.metadata.keys_of(session).unwrap_or(&none), VALUES_MAX);
    let about = if target == ALL {
        search.look_at_all(session, user);
        ALL.into()
    } else {
        let found = find(world, user, target)?;
        match found {
            Found::User(other) => search.look_at_user(other),
            Found::Channel(channel) => search.look_at_channel(channel, user),
        }
        found.name()
    };
    Ok(told(outlet, MetadataReply::Synced { about, values: Some(search.found) }))
}

/// Notes the keys that a session wants to know about from now on, and tells it their values.
pub(super) fn subscribe(
    world: &mut World,
    session: SessionId,
    id: UserId,
    keys: Vec<Arc<str>>,
    outlet: &mut Outlet<'_>,
) {
    let new: BTreeSet<Arc<str>> = keys.into_iter().collect();
    world.metadata.subscribe(session, new.iter().cloned());
    let Some(user) = world.users.get(&id).filter(|_| !new.is_empty()) else { return };
    let mut search = Search::new(world, &new, UNASKED_VALUES_MAX);
    search.look_at_all(session, user);
    let reply = MetadataReply::Subscribed(search.unasked());
    outlet.reply_with_state(Reply::Metadata(Box::new(reply)));
}

/// Returns what a session is to be told of a channel that its user has entered; `None` if it knows nothing of metadata.
pub(in crate::features) fn on_entry(
    world: &World,
    session: SessionId,
    id: UserId,
    channel: ChannelId,
) -> Option<Reply> {
    let keys = world.metadata.keys_of(session)?;
    let (user, channel) = (world.users.get(&id)?, world.channels.get(&channel)?);
    let mut search = Search::new(world, keys, UNASKED_VALUES_MAX);
    search.look_at_channel(channel, user);
    let (about, values) = (channel.shown(), search.unasked());
    Some(Reply::Metadata(Box::new(MetadataReply::Synced { about, values })))
}

/// Tells the sessions of a user who has entered a channel what is said there, and its members what the user says.
pub(in crate::features) fn entered(world: &World, id: UserId, channel: ChannelId, outlet: &mut Outlet<'_>) {
    let sessions = world.users.get(&id).into_iter().flat_map(User::session_ids);
    for session in sessions {
        let Some(reply) = on_entry(world, session, id, channel) else { continue };
        if outlet.origin() == Some(session) { outlet.reply(reply) } else { outlet.tell(session, reply) }
    }
    tell_members(world, id, channel, outlet);
}

/// Tells the members of a channel what somebody says of themself who has entered it.
fn tell_members(world: &World, id: UserId, channel: ChannelId, outlet: &mut Outlet<'_>) {
    let Some(user) = world.users.get(&id) else { return };
    let values = world.metadata_of(user);
    if values.is_empty() {
        return;
    }
    let changes = values.iter().map(|(key, value)| Change { key: Arc::clone(key), value: Some(Arc::clone(value)) });
    let kind = EventKind::MetadataChanged { target: user.nick().into(), changes: changes.collect() };
    let mut audience = Audience::channel(channel);
    audience.except = outlet.origin();
    outlet.show(audience, world.actor(id), kind);
}

/// Returns what a session is to be told of somebody whom it watches and who is there; `None` if it knows nothing of
/// metadata, or there is nobody.
pub(in crate::features) fn of_watched(world: &World, session: SessionId, nick: &str) -> Option<Reply> {
    let keys = world.metadata.keys_of(session)?;
    let user = world.user_by_nick(nick)?;
    let mut search = Search::new(world, keys, UNASKED_VALUES_MAX);
    search.look_at_user(user);
    let (about, values) = (user.nick().into(), search.unasked());
    Some(Reply::Metadata(Box::new(MetadataReply::Synced { about, values })))
}
