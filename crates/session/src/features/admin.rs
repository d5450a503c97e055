//! ADMIN on the wire: who runs the server. Proof: `scenarios/admin.txt`.
//!
//! Spec: Modern IRC, "ADMIN message".

use irc::message::Message;
use irc::numerics::{self, Language};

use super::target_server::is_this_server;
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Answers `ADMIN [target]`, or 402.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    if is_this_server(session, message, 0, cx) {
        session.render(cx, reply);
    }
}

/// Writes 256 to 259.
fn reply(render: &mut Render<'_>) {
    let settings = render.settings;
    render.numeric(numerics::RPL_ADMINME, &[settings.server_name()]);
    render.numeric(numerics::RPL_ADMINLOC1, &[&settings.network]);
    render.numeric(numerics::RPL_ADMINLOC2, &[&settings.description]);
    // No address is kept; who runs the server can be found here.
    let whom_to_ask = match settings.language {
        Language::En => "Ask an operator; /WHO * o lists those who are online",
        Language::It => "Chiedi a un operatore; /WHO * o elenca quelli in linea",
    };
    render.numeric(numerics::RPL_ADMINEMAIL, &[whom_to_ask]);
}
