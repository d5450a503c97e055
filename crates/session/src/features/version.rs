//! VERSION on the wire: which program this is, and what it can do. Proof: `scenarios/version.txt`.
//!
//! Spec: Modern IRC, "VERSION message".

use irc::message::Message;
use irc::numerics;

use super::isupport;
use super::target_server::is_this_server;
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Answers `VERSION [target]`, or 402.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    if is_this_server(session, message, 0, cx) {
        session.render(cx, reply);
    }
}

/// Writes 351 and all of 005.
fn reply(render: &mut Render<'_>) {
    let settings = render.settings;
    render.numeric(numerics::RPL_VERSION, &[&settings.version, settings.server_name(), &settings.description]);
    isupport::reply(render);
}
