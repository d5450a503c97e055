//! NICK after registration on the wire. Meaning: `chat::features::nick`. Proof: `scenarios/nick.txt`.

use chat::command::Command;
use chat::event::Event;
use chat::person::Person;
use irc::capability::CapSet;
use irc::message::Message;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::event_line;
use crate::settings::Settings;

/// Reads `NICK nick`.
///
/// # Errors
/// None of its own: 431 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let nick = message.params.get(0).unwrap_or_default().into();
    Ok(smallvec![Command::Nick { nick, as_shown: false }])
}

/// Writes `NICK nick`; its source is the mask with the old one.
pub fn event(event: &Event, now: &Person, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    event_line(out, event, caps, settings).command("NICK").param(now.nick().as_str()).end();
}
