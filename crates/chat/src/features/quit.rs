//! QUIT: a user leaves, however it came about.
//!
//! Spec: Modern IRC, "QUIT message". Wire: `session::features::quit`. Proof: `scenarios/quit.txt`.

use std::sync::Arc;

use super::outlet::Outlet;
use super::{kill, monitor};
use crate::effect::Audience;
use crate::event::{Actor, EventKind};
use crate::fact::Fact;
use crate::ids::UserId;
use crate::user::User;
use crate::world::World;

/// Leaving is always allowed. Who has other sessions leaves with this one only.
pub fn decide(user: &User, reason: Arc<str>) -> Fact {
    Fact::SessionDetached { user: user.id, reason }
}

/// Removes the user; the nick is free at once, and all who shared a channel hear it.
pub fn apply(world: &mut World, id: UserId, by: Option<UserId>, reason: &Arc<str>, outlet: &mut Outlet<'_>) {
    let by = by.and_then(|by| world.actor(by));
    let channels = world.channel_names_of(id);
    let Some(user) = world.remove_user(id, &mut outlet.rows) else { return };
    world.whowas.remember(&user.person, outlet.at, world.settings.whowas_entries);
    let actor = Actor { user: id, person: Arc::clone(&user.person) };
    let mut audience = Audience::channels(user.channels.iter().copied());
    audience.users.push(id);
    let event = outlet.event(Some(actor), EventKind::Quit { reason: Arc::clone(reason) });
    outlet.file(&event, channels);
    outlet.send(audience, event);
    if let Some(by) = by {
        kill::tell(&by, &user, reason, outlet);
    }
    for session in user.session_ids() {
        outlet.close(session, Arc::clone(reason));
    }
    monitor::offline(world, &user.person, outlet);
}
