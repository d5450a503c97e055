//! QUIT: somebody leaves all rooms.
//!
//! Spec: Modern IRC, "QUIT message".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let nick = nick_of(line)?;
    let folded = Box::<str>::from(state.isupport.fold(nick));
    state.people.remove(&folded)?;
    let mut rooms = Vec::new();
    for room in state.rooms.values_mut() {
        if room.members.remove(&folded).is_some() {
            rooms.push(room.name.clone());
        }
    }
    let text = line.params.get(0).unwrap_or_default().into();
    Some(Change::Quit { nick: nick.into(), rooms, text })
}
