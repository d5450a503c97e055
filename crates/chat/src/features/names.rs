//! NAMES: who is in a channel.
//!
//! Spec: Modern IRC, "NAMES message". Wire: `session::features::names`. Proof: `scenarios/names.txt`.

use std::sync::Arc;

use crate::channel::Channel;
use crate::modes::{ChannelFlags, UserModes};
use crate::permission::{self, Hidden};
use crate::reply::{Names, NamesOf, Reply};
use crate::user::User;
use crate::world::World;

/// Answers NAMES for one or more channels, separated by commas. Unknown and hidden ones are left out.
pub fn query(world: &World, user: &User, argument: &str) -> Reply {
    let visible = argument
        .split(',')
        .filter_map(|name| world.channel_by_name(name))
        .filter(|channel| channel.is_visible_to(user))
        .map(|channel| members_of(world, user, channel))
        .collect();
    Reply::Names(Box::new(Names { argument: argument.into(), channels: visible, on_entry: false }))
}

/// Tells somebody who just entered who is there.
pub fn on_entry(world: &World, user: &User, channel: &Channel) -> Reply {
    Reply::Names(Box::new(members_on_entry(world, user, channel)))
}

/// Lists who is there, as somebody sees it who just entered.
pub(super) fn members_on_entry(world: &World, user: &User, channel: &Channel) -> Names {
    Names { argument: channel.name.as_str().into(), channels: vec![members_of(world, user, channel)], on_entry: true }
}

/// Outsiders do not see invisible members.
fn members_of(world: &World, asker: &User, channel: &Channel) -> NamesOf {
    let is_inside = channel.members.contains_key(&asker.id);
    let all = permission::may_see(Hidden::InvisibleMembers, is_inside, asker.is_operator());
    let members = channel
        .members
        .iter()
        .filter_map(|(id, ranks)| world.users.get(id).map(|user| (user, *ranks)))
        .filter(|(user, _)| all || !user.modes.contains(UserModes::INVISIBLE))
        .map(|(user, ranks)| (Arc::clone(&user.person), ranks))
        .collect();
    NamesOf { channel: channel.name.clone(), secret: channel.modes.flags.contains(ChannelFlags::SECRET), members }
}
