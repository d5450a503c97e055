//! WHO and WHOX: which users there are.
//!
//! Spec: Modern IRC, "WHO message"; WHOX. Wire: `session::features::who`. Proof: `scenarios/who.txt`, `whox.txt`.

use std::sync::Arc;

use irc::mask::glob;

use crate::channel::Channel;
use crate::command::WhoxFields;
use crate::modes::UserModes;
use crate::permission::{self, Hidden, ServerAction, check_server};
use crate::reply::{Reply, Who, WhoEntry};
use crate::time::Now;
use crate::user::User;
use crate::world::World;

/// Answers with the members of a channel, the user of that nick, or all whom the mask fits.
///
/// Invisible users are found by their exact nick, by people who share a channel, by server operators, and by themselves.
pub fn query(
    world: &World,
    user: &User,
    mask: &str,
    operators_only: bool,
    fields: Option<WhoxFields>,
    now: Now,
) -> Reply {
    let found = if mask.starts_with('#') {
        world.channel_by_name(mask).map_or_else(Vec::new, |channel| in_channel(world, user, channel, now))
    } else if let Some(found) = world.user_by_nick(mask) {
        vec![entry(world, user, found, now)]
    } else {
        matching(world, user, mask, now)
    };
    let people = found.into_iter().filter(|entry| entry.operator || !operators_only).collect();
    Reply::Who(Box::new(Who { mask: mask.into(), fields, people }))
}

fn in_channel(world: &World, asker: &User, channel: &Channel, now: Now) -> Vec<WhoEntry> {
    if !channel.is_visible_to(asker) {
        return Vec::new();
    }
    let inside = channel.members.contains_key(&asker.id);
    channel
        .members
        .keys()
        .filter_map(|id| world.users.get(id))
        .filter(|found| inside || is_visible(asker, found))
        .map(|found| entry_in(asker, found, Some(channel), now))
        .collect()
}

fn matching(world: &World, asker: &User, mask: &str, now: Now) -> Vec<WhoEntry> {
    let mapping = world.mapping();
    // `0` is the old way to write "all".
    let pattern = if mask == "0" { "*".into() } else { mapping.fold_cow(mask) };
    let fits = |text: &str| glob(&pattern, &mapping.fold_cow(text));
    let all = &*pattern == "*" || fits(&world.settings.server_name);
    world
        .users
        .values()
        .filter(|found| {
            let person = &found.person;
            all || fits(person.nick().as_str())
                || fits(person.username())
                || fits(person.host())
                || fits(&person.realname)
        })
        .filter(|found| is_visible(asker, found))
        .map(|found| entry(world, asker, found, now))
        .collect()
}

fn is_visible(asker: &User, found: &User) -> bool {
    let is_inside = || asker.id == found.id || asker.shares_channel_with(found);
    !found.modes.contains(UserModes::INVISIBLE)
        || permission::may_see(Hidden::InvisibleUser, is_inside(), asker.is_operator())
}

/// Shows a user outside a channel: with one that both are in.
fn entry(world: &World, asker: &User, found: &User, now: Now) -> WhoEntry {
    let shared = found.channels.intersection(&asker.channels).next().and_then(|id| world.channels.get(id));
    entry_in(asker, found, shared, now)
}

fn entry_in(asker: &User, found: &User, channel: Option<&Channel>, now: Now) -> WhoEntry {
    WhoEntry {
        person: Arc::clone(&found.person),
        channel: channel.map(|channel| channel.name.clone()),
        ranks: channel.and_then(|channel| channel.ranks_of(found.id)).unwrap_or_default(),
        away: found.seldom.away.is_some(),
        operator: found.is_operator(),
        idle_seconds: found.idle_seconds(now.instant),
        address: found
            .sessions
            .last()
            .filter(|_| asker.id == found.id || check_server(asker.operator, ServerAction::SeeAddresses).is_ok())
            .map(|attached| attached.address),
    }
}
