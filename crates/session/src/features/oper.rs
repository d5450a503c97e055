//! OPER on the wire. Meaning: `chat::features::oper`. Proof: `scenarios/oper.txt`.

use chat::command::Command;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::{Cx, IrcSession, Then};
use crate::render::Render;
use crate::work::{Outcome, Work};

/// Carries out `OPER name password`: has the password checked by somebody who may take their time. The session waits.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let [name, password]: [Box<str>; 2] = [0, 1].map(|place| message.params.get(place).unwrap_or_default().into());
    let then = Then::Oper { name: Box::clone(&name) };
    session.work(Work::Operator { name, password }, then, cx);
}

/// Goes on when the password is checked: asks the hall, or says no (464) and has it noted who tried.
pub fn worked(session: &mut IrcSession, name: Box<str>, outcome: &Outcome, cx: &mut Cx<'_>) {
    if let Outcome::Operator(Some(class)) = outcome {
        return session.ask(smallvec![Command::Oper { class: *class }], None, cx);
    }
    session.render(cx, |render| render.numeric(numerics::ERR_PASSWDMISMATCH, &[]));
    session.ask(smallvec![Command::OperRefused { name }], None, cx);
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
            [r#"! Work { session: SessionId(1), work: Operator { name: "admin", .. } }"#]
        );
        assert_eq!(rendered(super::reply), ":loggia.local 381 alice :You are now an IRC operator\r\n");
    }
}
