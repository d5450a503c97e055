//! PART: a user leaves a channel.
//!
//! Spec: Modern IRC, "PART message". Wire: `session::features::part`. Proof: `scenarios/part.txt`.

use std::sync::Arc;

use super::outlet::Outlet;
use super::{Decision, join, record};
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::{ChannelId, UserId};
use crate::refusal::Refusal;
use crate::user::User;
use crate::world::World;

/// Leaving is always allowed to who is inside.
///
/// # Errors
/// 403 when there is no such channel, 442 when the user is outside.
pub fn decide(world: &World, user: &User, channel: &str, reason: Option<&str>) -> Result<Decision, Refusal> {
    let channel = join::expect_member(world, user, channel)?;
    Ok(record(Fact::Parted { user: user.id, channel: channel.id, reason: reason.map(Arc::from) }))
}

/// Leaves every channel (`JOIN 0`).
pub fn decide_all(user: &User) -> Decision {
    let leave = |channel: &ChannelId| Fact::Parted { user: user.id, channel: *channel, reason: None };
    Decision::Record(user.channels.iter().map(leave).collect())
}

/// Takes the user out; the members and the user themself hear it.
pub fn apply(world: &mut World, id: UserId, channel: ChannelId, reason: Option<&Arc<str>>, outlet: &mut Outlet<'_>) {
    let (Some(room), actor) = (world.channels.get(&channel), world.actor(id)) else { return };
    let name = room.name.clone();
    let kind = EventKind::Parted { channel: room.named(), reason: reason.cloned() };
    world.remove_member(channel, id, &mut outlet.rows);
    outlet.announce_in(vec![name], Audience::channel(channel), actor, kind);
}
