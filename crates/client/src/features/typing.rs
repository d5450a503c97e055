//! TAGMSG with `+typing`: who is writing.
//!
//! Spec: `IRCv3` "typing". How long a word of it holds is for whoever shows it: six seconds while somebody writes.

use irc::message::Message;
use irc::write::LineWriter;

use super::{message, nick_of};
use crate::state::{Change, State};

pub(super) fn receive(state: &State, line: &Message<'_>) -> Option<Change> {
    let word = line.tags.value("+typing").or_else(|| line.tags.value("+draft/typing"))?;
    let (nick, target) = (nick_of(line)?, line.params.get(0)?);
    if state.is_me(nick) {
        return None;
    }
    let room = message::room_name(state, target, nick)?;
    // `paused`: a text stands there, and nobody writes on it.
    Some(Change::Typing { room: room.into(), nick: nick.into(), is_writing: &*word == "active" })
}

/// Says that the person writes, or does not any more.
pub(crate) fn tell(target: &str, is_writing: bool, out: &mut Vec<u8>) {
    let word = if is_writing { "active" } else { "done" };
    LineWriter::new(out).tag("+typing", Some(word)).command("TAGMSG").last(target).end();
}
