//! PING on the wire. Meaning: `chat::features::ping`. Proof: `scenarios/ping.txt`.

use chat::command::Command;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `PING token`, also before registration.
///
/// # Errors
/// 461 without a token, 409 when it is empty.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    match message.params.get(0) {
        None => Err(Complaint::need_more_params("PING")),
        Some("") => Err(Complaint::numeric(numerics::ERR_NOORIGIN, &[])),
        Some(token) => Ok(smallvec![Command::Ping { token: token.into() }]),
    }
}

/// Writes `PONG server token`.
pub fn reply(token: &str, render: &mut Render<'_>) {
    let server = render.settings.server_name();
    render.line().command("PONG").param(server).last(token).end_cut();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{asked, complained, rendered};

    #[test]
    fn the_token_comes_back() {
        assert_eq!(asked(ask, "PING :black tea"), [Command::Ping { token: "black tea".into() }]);
        assert_eq!(rendered(|render| reply("tea", render)), ":loggia.local PONG loggia.local tea\r\n");
        assert_eq!(rendered(|render| reply("black tea", render)), ":loggia.local PONG loggia.local :black tea\r\n");
        assert_eq!(complained(ask, "PING"), ":loggia.local 461 alice PING :Not enough parameters\r\n");
        assert_eq!(complained(ask, "PING :"), ":loggia.local 409 alice :No origin specified\r\n");
    }
}
