//! How far a command reaches: about how many people the server goes through to carry it out.
//!
//! A few commands cost as much as a room is large. Whoever runs the hall takes only so many of them at a time, so that those
//! who ask for little do not wait for ten thousand who enter one room at the same moment (`session::host`).

use crate::command::{Command, Request};
use crate::ids::SessionId;
use crate::world::World;

/// To hand an event on to somebody costs a fraction of naming them: so many events weigh as much as one name.
const EVENTS_PER_NAME: usize = 8;

/// Returns about how many names a request costs; zero for what costs the same however many people there are, and for what
/// is said: that is what rooms are for.
pub fn of_request(world: &World, request: &Request) -> usize {
    request.commands.iter().map(|command| of_command(world, request.session, command)).sum()
}

fn of_command(world: &World, session: SessionId, command: &Command) -> usize {
    let members = |name: &str| world.channel_by_name(name).map_or(0, |channel| channel.members.len());
    let of_user = || world.sessions.get(&session).and_then(|user| world.users.get(user));
    match command {
        Command::Join { channel, .. } => members(channel),
        Command::Names { argument } => argument.split(',').map(members).sum(),
        Command::Who { mask, .. } if mask.starts_with('#') => members(mask),
        Command::Who { mask, .. } if world.user_by_nick(mask).is_some() => 0,
        Command::Who { .. } => world.users.len(),
        Command::List { .. } => world.channels.len(),
        Command::Part { channel, .. } => members(channel) / EVENTS_PER_NAME,
        Command::Quit { .. } | Command::PartAll | Command::Nick { .. } => {
            let channels = of_user().into_iter().flat_map(|user| &user.channels);
            let members = channels.filter_map(|id| world.channels.get(id)).map(|channel| channel.members.len());
            members.sum::<usize>() / EVENTS_PER_NAME
        }
        _ => 0,
    }
}
