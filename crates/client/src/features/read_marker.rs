//! MARKREAD: up to where the person has read, on whichever of their clients.
//!
//! Spec: `IRCv3` "read-marker".

use irc::message::Message;
use irc::time::Timestamp;
use irc::write::LineWriter;

use super::message::is_mention;
use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (name, value) = (line.params.get(0)?, line.params.get(1)?);
    // `*`: nothing was read yet.
    let at = value.strip_prefix("timestamp=").and_then(Timestamp::parse)?;
    move_to(state, name, at).then(|| Change::Said(name.into()))
}

/// Notes that the person has read everything in a room. What is to be sent is appended to `out`, where servers keep markers.
pub(crate) fn read(state: &mut State, name: &str, server_keeps: bool, out: &mut Vec<u8>) -> bool {
    let Some(room) = state.room_mut(name) else { return false };
    let newest = room.window.entries().rev().find_map(|entry| entry.time);
    let had_unread = room.unread > 0;
    (room.unread, room.mentions) = (0, 0);
    let Some(newest) = newest.filter(|newest| room.read_to.is_none_or(|read| read < *newest)) else {
        return had_unread;
    };
    room.read_to = Some(newest);
    if server_keeps {
        LineWriter::new(out).command("MARKREAD").param(name).last(&format!("timestamp={newest}")).end();
    }
    true
}

/// Moves a marker forward; back it never goes.
fn move_to(state: &mut State, name: &str, at: Timestamp) -> bool {
    let Some(room) = state.room_or_new(name).filter(|room| room.read_to.is_none_or(|read| read < at)) else {
        return false;
    };
    room.read_to = Some(at);
    count_anew(state, name);
    true
}

/// Counts anew what was not read in a room, by its marker. Without one nobody knows.
pub(super) fn count_anew(state: &mut State, name: &str) {
    let (me, ignored) = (state.me.clone(), state.ignored.clone());
    let isupport = state.isupport.clone();
    let Some(room) = state.room_mut(name).filter(|room| room.read_to.is_some()) else { return };
    let is_channel = room.is_channel;
    room.count(|entry| !ignored.contains(&*isupport.fold(&entry.from)), |entry| is_mention(entry, &me, is_channel));
}
