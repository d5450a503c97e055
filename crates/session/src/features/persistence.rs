//! Whether a user stays while nobody is connected, on the wire. Meaning: `chat::features::persistence`. Proof:
//! `scenarios/persistence.txt`.
//!
//! Spec: `IRCv3` "draft/persistence" (specification pull request #503).

use chat::command::{Command, PersistenceCommand};
use chat::reply::PersistenceStatus;
use irc::message::Message;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `PERSISTENCE GET` and `PERSISTENCE SET ON|OFF|DEFAULT`. "Implementations SHOULD ignore unrecognized subcommands".
///
/// # Errors
/// `FAIL PERSISTENCE INVALID_PARAMETERS`.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let subcommand = message.params.get(0).unwrap_or_default().to_ascii_uppercase();
    let setting = message.params.get(1).map(str::to_ascii_uppercase);
    let command = match (subcommand.as_str(), setting.as_deref()) {
        ("GET", _) => PersistenceCommand::Get,
        ("SET", Some("ON")) => PersistenceCommand::Set(Some(true)),
        ("SET", Some("OFF")) => PersistenceCommand::Set(Some(false)),
        ("SET", Some("DEFAULT")) => PersistenceCommand::Set(None),
        ("SET", _) => return Err(Complaint::fail("PERSISTENCE", "INVALID_PARAMETERS", "Invalid parameters")),
        _ => return Ok(Commands::new()),
    };
    Ok(smallvec![Command::Persistence(command)])
}

/// Writes `PERSISTENCE STATUS <wish> <effective>`.
pub fn reply(status: PersistenceStatus, render: &mut Render<'_>) {
    let word = |on| if on { "ON" } else { "OFF" };
    let wish = status.wish.map_or("DEFAULT", word);
    render.line().command("PERSISTENCE").param("STATUS").param(wish).param(word(status.stays)).end();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{asked, complained, rendered};

    #[test]
    fn the_forms_are_read() {
        let set = |wish| [Command::Persistence(PersistenceCommand::Set(wish))];
        assert_eq!(asked(ask, "PERSISTENCE get"), [Command::Persistence(PersistenceCommand::Get)]);
        assert_eq!(asked(ask, "PERSISTENCE SET on"), set(Some(true)));
        assert_eq!(asked(ask, "PERSISTENCE SET OFF"), set(Some(false)));
        assert_eq!(asked(ask, "PERSISTENCE SET Default"), set(None));
        assert_eq!(asked(ask, "PERSISTENCE FUTURE thing"), []);
        for line in ["PERSISTENCE SET", "PERSISTENCE SET maybe"] {
            let expected = ":loggia.local FAIL PERSISTENCE INVALID_PARAMETERS :Invalid parameters\r\n";
            assert_eq!(complained(ask, line), expected);
        }
    }

    #[test]
    fn the_status_has_wish_and_effect() {
        let shown = |wish, stays| rendered(|render| reply(PersistenceStatus { wish, stays }, render));
        assert_eq!(shown(None, false), ":loggia.local PERSISTENCE STATUS DEFAULT OFF\r\n");
        assert_eq!(shown(Some(true), true), ":loggia.local PERSISTENCE STATUS ON ON\r\n");
        assert_eq!(shown(Some(false), true), ":loggia.local PERSISTENCE STATUS OFF ON\r\n");
    }
}
