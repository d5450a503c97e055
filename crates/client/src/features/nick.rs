//! NICK: somebody is called otherwise. A conversation with them goes on under the new name, unless there is one already.
//!
//! Spec: Modern IRC, "NICK message".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (before, now) = (nick_of(line)?, line.params.get(0)?);
    if state.is_me(before) {
        state.me = now.into();
    }
    let fold = |name: &str| Box::<str>::from(state.isupport.fold(name));
    let (from, to) = (fold(before), fold(now));
    if let Some(mut person) = state.people.remove(&from) {
        person.nick = now.into();
        state.people.insert(to.clone(), person);
    }
    for room in state.rooms.values_mut() {
        if let Some(signs) = room.members.remove(&from) {
            room.members.insert(to.clone(), signs);
        }
    }
    if !state.rooms.contains_key(&to)
        && let Some(mut room) = state.rooms.remove(&from)
    {
        room.name = now.into();
        state.rooms.insert(to, room);
    }
    Some(Change::Renamed { before: before.into(), now: now.into() })
}
