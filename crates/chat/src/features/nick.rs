//! NICK: a user takes another nick.
//!
//! Spec: Modern IRC, "NICK message". Wire: `session::features::nick`. Proof: `scenarios/nick.txt`.

use std::sync::Arc;

use irc::names::{Nick, derive_nick};

use super::outlet::Outlet;
use super::{Decision, connect, monitor, record};
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::person::PersonFields;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::user::User;
use crate::world::World;

/// Decides whether the user may take the name. The same name again is silently nothing; its other case is a change.
///
/// # Errors
/// [`Refusal::ErroneousNickname`], [`Refusal::NicknameInUse`], [`Refusal::NicknameReserved`].
pub fn decide(world: &World, user: &User, wanted: &str, as_shown: bool) -> Result<Decision, Refusal> {
    let rules = &world.settings.names;
    let fields = if as_shown {
        let (nick, shown) = (derive_nick(wanted, rules), Some(wanted.into()));
        PersonFields { nick, shown, ..user.person.fields() }
    } else {
        let nick = rules.nick(wanted).map_err(|_| Refusal::ErroneousNickname(wanted.into()))?;
        PersonFields { nick, shown: None, ..user.person.fields() }
    };
    let person = connect::free_person(world, &fields, Some(user.id))?;
    if person == *user.person {
        return Ok(Decision::Answered);
    }
    Ok(record(Fact::NickChanged { user: user.id, nick: person.nick().clone(), shown: person.shown.clone() }))
}

/// Tells a session that is nobody yet whether the nick is free. Nothing is reserved, and whose nick it is does not matter
/// yet, for the session may still log in: registration decides.
///
/// # Errors
/// [`Refusal::NicknameInUse`].
pub fn look(world: &World, wanted: &str) -> Result<Decision, Refusal> {
    if world.is_name_taken(wanted, None) { Err(Refusal::NicknameInUse(wanted.into())) } else { Ok(Decision::Answered) }
}

/// Changes the nick; all who share a channel hear it from the old one.
pub fn apply(world: &mut World, id: UserId, nick: &Nick, shown: Option<&Arc<str>>, outlet: &mut Outlet<'_>) {
    let Some(user) = world.users.get(&id) else { return };
    if let Some(taken) = world.taken_name(nick.as_str(), shown.map(AsRef::as_ref), Some(id)) {
        outlet.reply(Reply::Refused(Refusal::NicknameInUse(taken.into())));
        return;
    }
    let audience = Audience::channels(user.channels.iter().copied()).and_user(id);
    let before = Arc::clone(&user.person);
    let now = before.with(|fields| {
        fields.nick = nick.clone();
        fields.shown = shown.cloned();
    });
    let channels: Vec<_> = user.channels.iter().copied().collect();
    let names = world.channel_names_of(id);
    let actor = world.actor(id);
    world.set_person(id, &now);
    // Bans look at masks: messages decided against the old nick are judged again.
    for channel in channels {
        if let Some(channel) = world.channels.get_mut(&channel) {
            channel.rules_changed();
        }
    }
    outlet.announce_in(names, audience, actor, EventKind::NickChanged { now: Arc::clone(&now) });
    if world.fold(before.nick().as_str()) != world.fold(nick.as_str()) {
        world.whowas.remember(&before, outlet.at, world.settings.whowas_entries);
        monitor::offline(world, &before, outlet);
        monitor::online(world, &now, outlet);
    }
}
