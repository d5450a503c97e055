//! OPER on the wire. Meaning: `chat::features::oper`. Proof: `scenarios/oper.txt`.

use irc::message::Message;
use irc::numerics;

use crate::irc_session::{Cx, IrcSession, Verifying};
use crate::render::Render;
use crate::shard::Action;

/// Carries out `OPER name password`: has the password checked by somebody who may take their time. The session waits.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let [name, password] = [0, 1].map(|place| message.params.get(place).unwrap_or_default().into());
    // Who called fills in the label of the answer.
    session.verifying = Some(Verifying::default());
    cx.actions.push(Action::Verify { session: cx.id, name, password });
}

/// Writes 381. The MODE that follows is an event of its own.
pub fn reply(render: &mut Render<'_>) {
    render.numeric(numerics::RPL_YOUREOPER, &[]);
}

#[cfg(test)]
mod tests {
    use crate::features::testing::{rendered, settings, told};
    use crate::irc_session::Stage;

    #[test]
    fn the_password_is_checked_elsewhere_and_later_lines_wait() {
        assert_eq!(
            told(&settings(), Stage::Registered, &["OPER admin :two words", "TIME"]),
            [r#"! Verify { session: SessionId(1), name: "admin", password: "two words" }"#]
        );
        assert_eq!(rendered(super::reply), ":loggia.local 381 alice :You are now an IRC operator\r\n");
    }
}
