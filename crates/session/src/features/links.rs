//! LINKS on the wire: the servers of the network, which is this one. Proof: `scenarios/links.txt`.
//!
//! Spec: Modern IRC, "LINKS message".

use irc::message::Message;
use irc::numerics;

use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Answers `LINKS`. A mask is not looked at: the answer is one line anyway.
pub fn here(session: &mut IrcSession, _message: &Message<'_>, cx: &mut Cx<'_>) {
    session.render(cx, reply);
}

/// Writes 364 and 365.
fn reply(render: &mut Render<'_>) {
    let settings = render.settings;
    let name = settings.server_name();
    render.numeric(numerics::RPL_LINKS, &[name, name, "0", &settings.description]);
    render.numeric(numerics::RPL_ENDOFLINKS, &[]);
}
