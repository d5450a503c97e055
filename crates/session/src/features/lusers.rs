//! LUSERS on the wire. Meaning: `chat::features::lusers`. Proof: `scenarios/lusers.txt`.

use chat::command::Command;
use chat::reply::Counts;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `LUSERS`. A mask and a target mean nothing on a network of one server.
///
/// # Errors
/// None.
pub fn ask(_session: &IrcSession, _message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    Ok(smallvec![Command::Lusers { unknown: cx.unknown }])
}

/// Writes 251 to 255, 265 and 266. Also part of the welcome.
pub fn reply(counts: &Counts, render: &mut Render<'_>) {
    let users = (counts.visible + counts.invisible).to_string();
    let max = counts.max.to_string();
    let visible = counts.visible.to_string();
    let invisible = counts.invisible.to_string();
    render.numeric(numerics::RPL_LUSERCLIENT, &[&visible, &invisible, "1"]);
    render.numeric(numerics::RPL_LUSEROP, &[&counts.operators.to_string()]);
    render.numeric(numerics::RPL_LUSERUNKNOWN, &[&counts.unknown.to_string()]);
    render.numeric(numerics::RPL_LUSERCHANNELS, &[&counts.channels.to_string()]);
    // Servers that are linked to this one: none.
    render.numeric(numerics::RPL_LUSERME, &[&users, "0"]);
    render.numeric(numerics::RPL_LOCALUSERS, &[&users, &max, &users, &max]);
    render.numeric(numerics::RPL_GLOBALUSERS, &[&users, &max, &users, &max]);
}
