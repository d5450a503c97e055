//! Several sessions, one user: whoever is logged in to the user's account and asks for the user's nick is that user.
//!
//! Spec: none; what clients see is what they see on entry. Wire: `session::features::welcome`. Proof:
//! `scenarios/sessions.txt`.

use std::sync::Arc;

use super::outlet::Outlet;
use super::{away, metadata, names, persistence, quit, read_marker};
use crate::event::EventKind;
use crate::ids::{ChannelId, UserId};
use crate::person::PersonFields;
use crate::refusal::Refusal;
use crate::reply::{Reply, Welcome};
use crate::time::Now;
use crate::user::{Attached, SeldomAttached, User};
use crate::world::{Pending, World};

/// Finds the user that a session is to become another session of: the one who stays for its account, under whatever nick, or
/// the one with its account and the wanted nick.
///
/// # Errors
/// [`Refusal::TooManySessions`].
pub fn user_of(world: &World, wanted: &PersonFields) -> Result<Option<UserId>, Refusal> {
    let Some(account) = &wanted.account else { return Ok(None) };
    let nick = wanted.nick.as_str();
    let of_nick = || world.user_by_nick(nick).filter(|user| is_of(user, account, world));
    let Some(user) = world.staying_user(account).or_else(of_nick) else { return Ok(None) };
    let limit = world.settings.sessions_per_user;
    if user.connections as usize >= limit {
        return Err(Refusal::TooManySessions { nick: nick.into(), limit });
    }
    Ok(Some(user.id))
}

fn is_of(user: &User, account: &str, world: &World) -> bool {
    user.person.account.as_deref().is_some_and(|own| world.mapping().same(own, account))
}

/// Adds the session to the user and shows it where the user is. The user may have gone meanwhile, or become somebody else:
/// then the answer is no.
pub fn attached(world: &mut World, id: UserId, account: &str, said: Option<&str>, now: Now, outlet: &mut Outlet<'_>) {
    let Pending { address, gateway, secure, unknown, away, subscriptions } = world.take_pending(outlet.origin());
    let limit = world.settings.sessions_per_user;
    let refusal = match world.users.get(&id) {
        None => Some(Refusal::NicknameInUse(account.into())),
        Some(user) if !is_of(user, account, world) => Some(Refusal::NicknameInUse(user.nick().into())),
        Some(user) if user.connections as usize >= limit => {
            Some(Refusal::TooManySessions { nick: user.nick().into(), limit })
        }
        Some(_) => None,
    };
    if let Some(refusal) = refusal {
        outlet.reply(Reply::Refused(refusal));
        return;
    }
    let since = outlet.seq().unwrap_or_default();
    // What comes live from there on stays live, also when the user leaves and enters again.
    let names = world.channel_names_of(id);
    let entered = names.iter().map(|name| (world.fold(name.as_str()), since)).collect();
    let Some(user) = world.users.get_mut(&id) else { return };
    if user.connections == 0 {
        user.signed_on = outlet.at;
    }
    user.connections += 1;
    user.active = now.instant;
    if let Some((session, address)) = outlet.origin().zip(address) {
        let seldom = SeldomAttached { gateway, away }.into();
        user.sessions.push(Attached { session, address, secure, seldom, since, entered });
        let channels: Vec<_> = user.channels.iter().copied().collect();
        let (person, modes) = (Arc::clone(&user.person), user.modes);
        world.sessions.insert(session, id);
        outlet.attach(session, id, Arc::clone(&person), channels.clone());
        // The session was one of those it counted itself.
        let persistence = world.users.get(&id).and_then(|user| persistence::status(world, user));
        let counts = world.counts(unknown.saturating_sub(1));
        metadata::connected(world, id, said, outlet);
        let metadata = metadata::subscribed(world, session, id, subscriptions);
        outlet.reply(Reply::Welcome(Box::new(Welcome { person, modes, counts, metadata, persistence })));
        for channel in channels {
            enter(world, id, channel, outlet);
        }
    }
    let text = world.users.get(&id).and_then(|user| user.away_on_arrival().cloned());
    away::become_away(world, id, text, outlet);
}

/// Shows a session a channel where its user is already.
fn enter(world: &World, id: UserId, channel: ChannelId, outlet: &mut Outlet<'_>) {
    let (Some(user), Some(channel)) = (world.users.get(&id), world.channels.get(&channel)) else { return };
    outlet.reply(Reply::Event(outlet.event(world.actor(id), EventKind::Joined { channel: channel.named() })));
    if channel.topic.is_some() {
        outlet.reply(Reply::Topic { channel: channel.name.clone(), topic: channel.topic.clone() });
    }
    outlet.reply(read_marker::on_entry(world, user, channel.name.as_str()));
    outlet.reply(names::on_entry(world, user, channel));
    if let Some(reply) = outlet.origin().and_then(|session| metadata::sync::on_entry(world, session, id, channel.id)) {
        outlet.reply(reply);
    }
}

/// Lets a session go; with the last one goes the user, unless they stay: then they are away.
pub fn detached(world: &mut World, id: UserId, reason: &Arc<str>, outlet: &mut Outlet<'_>) {
    let Some(user) = world.users.get_mut(&id) else { return };
    user.connections = user.connections.saturating_sub(1);
    if user.connections == 0 && !user.stays {
        quit::apply(world, id, None, reason, outlet);
        return;
    }
    if let Some(session) = outlet.origin() {
        user.sessions.retain(|attached| attached.session != session);
        world.sessions.remove(&session);
        world.watchers.forget(session);
        world.metadata.forget(session);
        outlet.close(session, Arc::clone(reason));
    }
    let Some(user) = world.users.get(&id) else { return };
    let away = if user.connections == 0 {
        // What they said before they went holds on.
        world.changed_users.insert(id);
        Some(user.seldom.away.clone().unwrap_or_else(|| Arc::clone(&world.settings.disconnected)))
    } else {
        user.away_of_sessions().cloned()
    };
    away::become_away(world, id, away, outlet);
}

/// Tells the sessions of a user who entered a channel with another one what is there: they see the JOIN as everybody does.
pub(super) fn tell_others_on_entry(user: &User, replies: &[Reply], outlet: &mut Outlet<'_>) {
    let origin = outlet.origin();
    for session in user.session_ids().filter(|session| Some(*session) != origin) {
        for reply in replies {
            outlet.tell(session, reply.clone());
        }
    }
}
