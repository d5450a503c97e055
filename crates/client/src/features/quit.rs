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
    for room in state.rooms.values_mut() {
        room.members.remove(&folded);
    }
    // In which room it is shown is the affair of whoever shows it.
    let text = line.params.get(0).unwrap_or_default().into();
    Some(Change::Left { room: "*".into(), nick: nick.into(), by: None, text })
}
