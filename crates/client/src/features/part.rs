//! PART: somebody leaves a room.
//!
//! Spec: Modern IRC, "PART message".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (nick, channel) = (nick_of(line)?, line.params.get(0)?);
    leave(state, channel, nick)?;
    let text = line.params.get(1).unwrap_or_default().into();
    Some(Change::Left { room: channel.into(), nick: nick.into(), by: None, text })
}

/// From here on nobody tells the person what is said there.
pub(super) fn show(state: &mut State, line: &Message<'_>) -> Option<Change> {
    hear_no_more(state, nick_of(line)?, line.params.get(0)?)
}

/// Notes that the client is not told any more what is said in a room, if it is the one who is gone.
pub(super) fn hear_no_more(state: &mut State, nick: &str, channel: &str) -> Option<Change> {
    if state.is_me(nick)
        && let Some(room) = state.room_mut(channel)
    {
        room.window.leave();
    }
    None
}

/// Takes somebody out of a room; when it is the client itself, it is not in it any more.
pub(super) fn leave(state: &mut State, channel: &str, nick: &str) -> Option<()> {
    let is_me = state.is_me(nick);
    let folded = Box::<str>::from(state.isupport.fold(nick));
    let room = state.room_mut(channel)?;
    room.members.remove(&folded)?;
    if is_me {
        room.is_joined = false;
        room.members.clear();
    }
    state.forget_strangers();
    Some(())
}
