//! VERSION on the wire: which program this is, and what it can do. Proof: `scenarios/version.txt`.
//!
//! Spec: Modern IRC, "VERSION message".

use irc::numerics;

use super::isupport;
use crate::render::Render;

/// Writes 351 and all of 005.
pub fn reply(render: &mut Render<'_>) {
    let settings = render.settings;
    render.numeric(numerics::RPL_VERSION, &[&settings.version, settings.server_name(), &settings.description]);
    isupport::reply(render);
}
