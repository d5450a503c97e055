//! SETNAME: a user changes their real name.
//!
//! Spec: `IRCv3` "setname". Wire: `session::features::setname`. Proof: `scenarios/setname.txt`.

use std::sync::Arc;

use super::outlet::Outlet;
use super::{Decision, record};
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::refusal::Refusal;
use crate::user::User;
use crate::world::World;

/// Decides whether the text may be the user's real name. The same one again is silently nothing.
///
/// # Errors
/// [`Refusal::BadRealName`] when it is empty or too long: cutting it would show others what nobody wrote.
pub fn decide(world: &World, user: &User, realname: &str) -> Result<Decision, Refusal> {
    let rules = &world.settings.names;
    if realname.len() > rules.real_name_bytes_max || rules.real_name(realname).is_err() {
        return Err(Refusal::BadRealName);
    }
    if *user.person.realname == *realname {
        return Ok(Decision::Answered);
    }
    Ok(record(Fact::RealNameChanged { user: user.id, realname: realname.into() }))
}

/// Changes the real name; the user, all who share a channel and those who watch the nick hear it.
pub fn apply(world: &mut World, id: UserId, realname: &Arc<str>, outlet: &mut Outlet<'_>) {
    let (Some(user), actor) = (world.users.get(&id), world.actor(id)) else { return };
    let audience = Audience::channels(user.channels.iter().copied())
        .and_user(id)
        .and_watchers(world.watchers.of(user.nick(), world.mapping()));
    let now = user.person.with(|fields| fields.realname = Arc::clone(realname));
    world.set_person(id, &now);
    outlet.announce(audience, actor, EventKind::RealNameChanged { now });
}
