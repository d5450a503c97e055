//! ADMIN on the wire: who runs the server. Proof: `scenarios/admin.txt`.
//!
//! Spec: Modern IRC, "ADMIN message".

use irc::numerics::{self, Language};

use crate::render::Render;

/// Writes 256 to 259.
pub fn reply(render: &mut Render<'_>) {
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
