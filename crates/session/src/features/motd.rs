//! MOTD on the wire: the message of the day. Proof: `scenarios/motd.txt`.
//!
//! Spec: Modern IRC, "MOTD message".

use irc::message::Message;
use irc::numerics;

use super::target_server::is_this_server;
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Answers `MOTD [target]`, or 402.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    if is_this_server(session, message, 0, cx) {
        session.render(cx, reply);
    }
}

/// Writes 375, 372 for each line, 376; or 422. Also the end of the welcome.
pub fn reply(render: &mut Render<'_>) {
    let settings = render.settings;
    if settings.motd.is_empty() {
        return render.numeric(numerics::ERR_NOMOTD, &[]);
    }
    render.numeric(numerics::RPL_MOTDSTART, &[settings.server_name()]);
    for line in &settings.motd {
        render.numeric(numerics::RPL_MOTD, &[line]);
    }
    render.numeric(numerics::RPL_ENDOFMOTD, &[]);
}
