//! MOTD on the wire: the message of the day. Proof: `scenarios/motd.txt`.
//!
//! Spec: Modern IRC, "MOTD message".

use irc::numerics;

use crate::render::Render;

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
