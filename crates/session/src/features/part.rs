//! PART on the wire. Meaning: `chat::features::part`. Proof: `scenarios/part.txt`.

use chat::command::Command;
use chat::event::{ChannelRef, Event};
use irc::capability::CapSet;
use irc::message::Message;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::event_line;
use crate::settings::Settings;

/// Reads `PART #a,#b [:reason]`.
///
/// # Errors
/// 461 when the list has no name in it.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let reason = message.params.get(1).filter(|reason| !reason.is_empty());
    let channels = message.params.get(0).unwrap_or_default().split(',').filter(|name| !name.is_empty());
    let commands: Commands =
        channels.map(|channel| Command::Part { channel: channel.into(), reason: reason.map(Box::from) }).collect();
    if commands.is_empty() { Err(Complaint::need_more_params("PART")) } else { Ok(commands) }
}

/// Writes `PART #channel [:reason]`.
pub fn event(
    event: &Event,
    channel: &ChannelRef,
    reason: Option<&str>,
    caps: CapSet,
    settings: &Settings,
    out: &mut Vec<u8>,
) {
    let line = event_line(out, event, caps, settings).command("PART").param(channel.name.as_str());
    match reason {
        Some(reason) => line.trailing(reason).end_cut(),
        None => line.end(),
    }
}
