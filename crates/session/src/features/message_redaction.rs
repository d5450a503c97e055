//! REDACT on the wire. Meaning: `chat::features::message_redaction`. Proof: `scenarios/message-redaction.txt`.
//!
//! Clients without the capability hear nothing of it: a fallback would repeat that there was something to hide.
//!
//! Spec: `IRCv3` draft "message-redaction".

use chat::command::{Command, Named, Redaction};
use chat::event::{Event, Target};
use chat::ids::MsgId;
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::event_line;
use crate::settings::Settings;

/// Reads `REDACT target msgid [:reason]`.
///
/// # Errors
/// 421 without the capability: who has not asked for it would not see what they did.
pub fn ask(session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    if !session.caps().contains(CapSet::MESSAGE_REDACTION) {
        return Err(Complaint::numeric(numerics::ERR_UNKNOWNCOMMAND, &["REDACT"]));
    }
    let [target, id] = [0, 1].map(|place| message.params.get(place).unwrap_or_default().into());
    let reason = message.params.get(2).filter(|reason| !reason.is_empty()).map(Box::from);
    Ok(smallvec![Command::Redact(Box::new(Redaction { message: Named { target, id }, reason }))])
}

/// Writes `REDACT target msgid [:reason]`.
pub fn event(
    event: &Event,
    target: &Target,
    message: MsgId,
    reason: Option<&str>,
    caps: CapSet,
    settings: &Settings,
    out: &mut Vec<u8>,
) {
    let line = event_line(out, event, caps, settings).command("REDACT");
    let line = line.param(&target.shown()).param(&message.to_string());
    match reason {
        Some(reason) => line.trailing(reason).end_cut(),
        None => line.end(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing::{asked_with, complained};

    #[test]
    fn the_reason_may_be_left_out() {
        let redact = |reason: Option<&str>| {
            let message = Named { target: "#tea".into(), id: "1-2".into() };
            [Command::Redact(Box::new(Redaction { message, reason: reason.map(Box::from) }))]
        };
        let asked = |line| asked_with(CapSet::MESSAGE_REDACTION, ask, line);
        assert_eq!(asked("REDACT #tea 1-2"), redact(None));
        assert_eq!(asked("REDACT #tea 1-2 :"), redact(None));
        assert_eq!(asked("REDACT #tea 1-2 :bad example"), redact(Some("bad example")));
        assert!(complained(ask, "REDACT #tea 1-2").contains(" 421 "));
    }
}
