//! KILL on the wire. Meaning: `chat::features::kill`. Proof: `scenarios/kill.txt`.

use chat::command::Command;
use chat::person::Person;
use irc::message::Message;
use irc::names::Nick;
use irc::write::LineWriter;
use smallvec::smallvec;

use super::server_ban::no_reason;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;

/// Reads `KILL nick [:reason]`.
///
/// # Errors
/// None of its own: 461 is the table's.
pub fn ask(_session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let nick = message.params.get(0).unwrap_or_default().into();
    let reason = message.params.get(1).filter(|reason| !reason.is_empty());
    let reason = reason.unwrap_or(no_reason(cx.settings.language));
    Ok(smallvec![Command::Kill { nick, reason: reason.into() }])
}

/// Writes `KILL nick :comment` from the operator, to the one who is disconnected; `ERROR` follows.
pub fn reply(by: &Person, nick: &Nick, comment: &str, render: &mut Render<'_>) {
    LineWriter::new(render.out).source(by.mask()).command("KILL").param(nick.as_str()).trailing(comment).end_cut();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::asked;

    #[test]
    fn a_reason_is_always_given() {
        let kill = |reason: &str| [Command::Kill { nick: "bob".into(), reason: reason.into() }];
        assert_eq!(asked(ask, "KILL bob :too much sugar"), kill("too much sugar"));
        assert_eq!(asked(ask, "KILL bob"), kill("No reason given"));
        assert_eq!(asked(ask, "KILL bob :"), kill("No reason given"));
    }
}
