//! MARKREAD on the wire. Meaning: `chat::features::read_marker`. Proof: `scenarios/read-marker.txt`.
//!
//! Spec: `IRCv3` "draft/read-marker".

use chat::command::Command;
use chat::time::Timestamp;
use irc::capability::CapSet;
use irc::message::Message;
use irc::write::LineWriter;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::settings::Settings;

/// Reads `MARKREAD target [timestamp=…]`.
///
/// # Errors
/// `NEED_MORE_PARAMS`, `INVALID_PARAMS`.
pub fn ask(_session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let language = cx.settings.language;
    let Some(target) = message.params.get(0).filter(|target| !target.is_empty()) else {
        let text = crate::texts::markread_needs_target(language);
        return Err(Complaint::fail("MARKREAD", "NEED_MORE_PARAMS", text));
    };
    if !is_word(target) {
        let text = crate::texts::markread_needs_target(language);
        return Err(Complaint::fail("MARKREAD", "INVALID_PARAMS", text));
    }
    let at = match message.params.get(1) {
        None => None,
        Some(given) => {
            let at = given.strip_prefix("timestamp=").and_then(Timestamp::parse);
            let wrong = || {
                let text = crate::texts::markread_bad_timestamp(language);
                let shown = if is_word(given) { given } else { "*" };
                Complaint::fail_about("MARKREAD", "INVALID_PARAMS", &[target, shown], text)
            };
            Some(at.ok_or_else(wrong)?)
        }
    };
    Ok(smallvec![Command::MarkRead { target: target.into(), at }])
}

/// Tells whether a text can stand in the middle of a line.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(':') && !text.contains(' ')
}

/// Writes `MARKREAD target timestamp=…`, or `*` where nothing is known.
pub fn reply(target: &str, at: Option<Timestamp>, on_entry: bool, render: &mut Render<'_>) {
    if !on_entry || render.caps.contains(CapSet::READ_MARKER) {
        write(render.line(), target, at);
    }
}

/// Writes the same for the other sessions of the one who has read.
pub fn event(target: &str, at: Timestamp, settings: &Settings, out: &mut Vec<u8>) {
    write(LineWriter::new(out).source(settings.server_name()), target, Some(at));
}

fn write(line: LineWriter<'_>, target: &str, at: Option<Timestamp>) {
    let at = at.map_or_else(|| "*".to_owned(), |at| format!("timestamp={at}"));
    line.command("MARKREAD").param(target).param(&at).end();
}
