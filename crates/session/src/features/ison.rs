//! ISON on the wire. Meaning: `chat::features::ison`. Proof: `scenarios/ison.txt`.

use std::sync::Arc;

use chat::command::Command;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use super::packing::write_list_or_empty;
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `ISON nick nick…`.
///
/// # Errors
/// None of its own: 461 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    Ok(smallvec![Command::Ison { nicks: message.params.iter().map(Box::from).collect() }])
}

/// Writes 303, also when nobody is there.
pub fn reply(nicks: &[Arc<str>], render: &mut Render<'_>) {
    write_list_or_empty(render, numerics::RPL_ISON, &[], ' ', nicks);
}
