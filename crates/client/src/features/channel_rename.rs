//! RENAME: a channel has another name; who is in it stays there, and what was said.
//!
//! Spec: `IRCv3` "channel-rename".

use irc::message::Message;

use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (before, now) = (line.params.get(0)?, line.params.get(1)?);
    let mut room = state.rooms.remove(&*state.isupport.fold(before))?;
    room.name = now.into();
    state.rooms.insert(state.isupport.fold(now).into(), room);
    Some(Change::Room(now.into()))
}
