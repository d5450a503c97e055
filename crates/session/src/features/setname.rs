//! SETNAME on the wire. Meaning: `chat::features::setname`. Proof: `scenarios/setname.txt`.

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

/// Reads `SETNAME :real name`. Whether it is valid is the hall's to say (`FAIL SETNAME INVALID_REALNAME`).
///
/// # Errors
/// None of its own: 461 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    Ok(smallvec![Command::SetName { realname: message.params.get(0).unwrap_or_default().into() }])
}

/// Writes `SETNAME :real name`.
pub fn event(event: &Event, now: &Person, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    event_line(out, event, caps, settings).command("SETNAME").trailing(&now.realname).end_cut();
}
