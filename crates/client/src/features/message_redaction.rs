//! REDACT: something that was said is taken back.
//!
//! Spec: `IRCv3` "message-redaction".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, Room, State};

pub(super) fn show(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let id = line.params.get(1)?;
    let room = room_with(state, line, id)?;
    room.window.remove(id).then(|| Change::Said(room.name.clone()))
}

/// Finds the room that has a message: the target's; for what is to the client, that of who said it or whom it was said to.
pub(super) fn room_with<'s>(state: &'s mut State, line: &Message<'_>, id: &str) -> Option<&'s mut Room> {
    let (nick, target) = (nick_of(line)?, line.params.get(0)?);
    let name = match state.isupport.channel_of(target) {
        Some(channel) => channel,
        None if state.is_me(target) => nick,
        None => target,
    };
    state.room_mut(name)?.window.find(id)?;
    state.room_mut(name)
}
