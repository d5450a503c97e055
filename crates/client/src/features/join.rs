//! JOIN: somebody enters a room.
//!
//! Spec: Modern IRC, "JOIN message"; `IRCv3` "extended-join".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (nick, channel) = (nick_of(line)?, line.params.get(0)?);
    let is_me = state.is_me(nick);
    let folded = Box::from(state.isupport.fold(nick));
    // Only its own JOIN brings the client into a room.
    let room = if is_me { state.room_or_new(channel)? } else { state.room_mut(channel)? };
    if is_me {
        room.is_joined = true;
        room.name = channel.into();
        room.members.clear();
    }
    room.members.entry(folded).or_default();
    let person = state.person_or_new(nick);
    person.nick = nick.into();
    if let Some((_, address)) = line.source.and_then(|source| source.split_once('!')) {
        person.address = Some(address.into());
    }
    if let (Some(account), Some(realname)) = (line.params.get(1), line.params.get(2)) {
        person.account = Some(account).filter(|name| *name != "*").map(Box::from);
        person.realname = Some(realname.into());
    }
    Some(Change::Joined { room: channel.into(), nick: nick.into() })
}

/// The person comes back to a room, if they were out of it.
pub(super) fn show(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (nick, channel) = (nick_of(line)?, line.params.get(0)?);
    let has_history = state.isupport.has_history();
    let is_back = state.is_me(nick) && state.room_mut(channel)?.window.come_back(has_history);
    is_back.then(|| Change::Said(channel.into()))
}
