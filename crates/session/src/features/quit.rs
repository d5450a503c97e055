//! QUIT on the wire. Meaning: `chat::features::quit`. Proof: `scenarios/quit.txt`.
//!
//! Spec: Modern IRC, "QUIT message": the reason of a QUIT that a client asked for begins with `Quit: `, also when
//! there is nothing behind it.

use chat::event::Event;
use irc::capability::CapSet;
use irc::message::Message;

use crate::irc_session::{Cx, IrcSession};
use crate::render::event_line;
use crate::settings::Settings;

/// Carries out `QUIT [:reason]`. Who is no user yet is gone at once and never counted.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let reason = message.params.get(0).unwrap_or_default();
    session.leave(&format!("Quit: {reason}"), cx);
}

/// Writes `QUIT :reason`.
pub fn event(event: &Event, reason: &str, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    event_line(out, event, caps, settings).command("QUIT").trailing(reason).end_cut();
}

#[cfg(test)]
mod tests {
    use chat::event::EventKind;

    use super::*;
    use crate::features::testing::{settings, shown, told};
    use crate::irc_session::Stage;

    #[test]
    fn a_user_leaves_through_the_hall_and_anybody_else_at_once() {
        assert_eq!(told(&settings(), Stage::Registered, &["QUIT :tea"]), [r#"? Quit { reason: "Quit: tea" }"#]);
        assert_eq!(told(&settings(), Stage::Registered, &["QUIT :"]), [r#"? Quit { reason: "Quit: " }"#]);
        assert_eq!(
            told(&settings(), Stage::Greeting(Box::default()), &["QUIT :tea"]),
            ["ERROR :Closing Link: localhost (Quit: tea)", "! Close { session: SessionId(1), how: Fin }",]
        );
    }

    #[test]
    fn the_reason_is_shown() {
        let line = shown(&EventKind::Quit { reason: "Quit: tea".into() }, |quit, out| {
            event(quit, "Quit: tea", CapSet::empty(), &settings(), out);
        });
        assert_eq!(line, ":alice!~alice@home QUIT :Quit: tea\r\n");
    }
}
