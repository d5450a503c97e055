//! RELAYMSG on the wire. Meaning: `chat::features::relaymsg`. Proof: `scenarios/relaymsg.txt`.
//!
//! What others see is a PRIVMSG, written by [`super::message`].

use chat::command::{Command, Relay};
use chat::features::relaymsg::USER_NAME;
use irc::message::Message;
use irc::numerics;
use irc::write::BODY_CONTENT_BYTES_MAX;
use smallvec::smallvec;

use super::message::client_tags;
use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};

/// Reads `RELAYMSG #channel nick/elsewhere :text`.
///
/// The specification has clients ask for the capability before; like others that have the command, this server does not
/// insist.
///
/// # Errors
/// 417 for a text that would not fit the line others are sent.
pub fn ask(session: &IrcSession, message: &Message<'_>, cx: &Cx<'_>) -> Result<Commands, Complaint> {
    let param = |place| message.params.get(place).unwrap_or_default();
    let (channel, nick, text) = (param(0), param(1), param(2));
    let source = nick.len() + USER_NAME.len() + cx.settings.server_name().len() + "!@".len();
    if source + channel.len() + text.len() + ": PRIVMSG  :".len() > BODY_CONTENT_BYTES_MAX {
        return Err(Complaint::numeric(numerics::ERR_INPUTTOOLONG, &[]));
    }
    let tags = client_tags(session, message.tags);
    let relay = Relay { channel: channel.into(), nick: nick.into(), text: text.into(), tags };
    Ok(smallvec![Command::Relay(Box::new(relay))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{asked, complained};

    #[test]
    fn a_text_must_fit_the_line_that_others_are_sent() {
        let head = ":smt/d!relay@loggia.local PRIVMSG #tea :".len();
        let line = |length: usize| format!("RELAYMSG #tea smt/d :{}", "x".repeat(length));
        assert_eq!(asked(ask, &line(510 - head)).len(), 1);
        assert_eq!(complained(ask, &line(511 - head)), ":loggia.local 417 alice :Input line was too long\r\n");
    }
}
