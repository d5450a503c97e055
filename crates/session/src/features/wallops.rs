//! WALLOPS on the wire. Meaning: `chat::features::wallops`. Proof: `scenarios/wallops.txt`.

use chat::command::Command;
use chat::event::Event;
use irc::capability::CapSet;
use irc::message::Message;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::event_line;
use crate::settings::Settings;

/// Reads `WALLOPS :text`.
///
/// # Errors
/// 461 when there is no text.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    match message.params.get(0).filter(|text| !text.is_empty()) {
        Some(text) => Ok(smallvec![Command::Wallops { text: text.into() }]),
        None => Err(Complaint::need_more_params("WALLOPS")),
    }
}

/// Writes `WALLOPS :text`.
pub fn event(event: &Event, text: &str, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    event_line(out, event, caps, settings).command("WALLOPS").trailing(text).end_cut();
}

#[cfg(test)]
mod tests {
    use chat::event::EventKind;

    use super::*;
    use crate::features::testing::{asked, complained, settings, shown};

    #[test]
    fn asked_and_shown() {
        assert_eq!(asked(ask, "WALLOPS :tea time"), [Command::Wallops { text: "tea time".into() }]);
        assert_eq!(complained(ask, "WALLOPS :"), ":loggia.local 461 alice WALLOPS :Not enough parameters\r\n");
        let line = shown(&EventKind::Wallops { text: "tea".into() }, |wallops, out| {
            event(wallops, "tea", CapSet::SERVER_TIME, &settings(), out);
        });
        assert_eq!(line, "@time=1970-01-01T00:00:01.000Z :alice!~alice@home WALLOPS :tea\r\n");
    }
}
