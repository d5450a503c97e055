//! OPER on the wire. Meaning: `chat::features::oper`. Proof: `scenarios/oper.txt`.

use chat::command::Command;
use chat::refusal::Refusal;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use super::authenticate::guest;
use crate::irc_session::{Cx, IrcSession, Then};
use crate::render::Render;
use crate::texts::{self, accounts::RegisterTrouble};
use crate::work::{Outcome, Work};

/// An OPER that is under way.
pub struct Attempt {
    name: Box<str>,
    password: Box<str>,
}

impl core::fmt::Debug for Attempt {
    /// Leaves out the password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Attempt").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Carries out `OPER name password`: asks the hall whether there were too many guesses, for names that exist and others alike.
/// The session waits.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let [name, password]: [Box<str>; 2] = [0, 1].map(|place| message.params.get(place).unwrap_or_default().into());
    let ask = Command::AskOper { name: name.clone(), guest: guest(cx) };
    session.busy.oper = Some(Box::new(Attempt { name, password }));
    session.ask(smallvec![ask], None, cx);
    session.wait(Then::Oper);
}

/// The hall said yes: has the password checked by somebody who may take their time.
pub fn permitted(session: &mut IrcSession, cx: &mut Cx<'_>) {
    let Some(attempt) = &session.busy.oper else { return };
    let work = Work::Operator { name: attempt.name.clone(), password: attempt.password.clone() };
    session.go_on(cx, |session, cx| session.work(work, Then::Oper, cx));
}

/// The hall said no.
pub fn refused(session: &mut IrcSession, refusal: &Refusal, cx: &mut Cx<'_>) {
    session.busy.oper = None;
    session.go_on(cx, |session, cx| {
        session.render(cx, |render| match refusal {
            Refusal::TooManyGuesses { .. } => {
                let text = texts::refusal(refusal, render.settings.language);
                render.fail_or_notice("OPER", "TOO_MANY_ATTEMPTS", &[], &text);
            }
            other => super::refusal::reply(other, render),
        });
    });
}

/// Goes on when the password is checked: asks the hall, or says no (464) and has it noted who tried.
pub fn worked(session: &mut IrcSession, outcome: &Outcome, cx: &mut Cx<'_>) {
    let Some(Attempt { name, .. }) = session.busy.oper.take().map(|attempt| *attempt) else { return };
    match outcome {
        Outcome::Operator(Some(class)) => {
            session.ask(smallvec![Command::Oper { name, class: *class, guest: guest(cx) }], None, cx);
        }
        // Nobody has looked at the password.
        Outcome::Busy => session.render(cx, |render| {
            let text = texts::accounts::register(RegisterTrouble::Busy, render.settings.language);
            render.fail_or_notice("OPER", "TEMPORARILY_UNAVAILABLE", &[], &text);
        }),
        _ => {
            session.render(cx, |render| render.numeric(numerics::ERR_PASSWDMISMATCH, &[]));
            session.ask(smallvec![Command::OperRefused { name }], None, cx);
        }
    }
}

/// Writes 381. The MODE that follows is an event of its own.
pub fn reply(render: &mut Render<'_>) {
    render.numeric(numerics::RPL_YOUREOPER, &[]);
}

#[cfg(test)]
mod tests {
    use super::Attempt;
    use crate::features::testing::{rendered, settings, told};
    use crate::irc_session::Stage;

    #[test]
    fn whether_one_may_try_is_asked_first_and_later_lines_wait() {
        let asked = told(&settings(), Stage::Registered, &["OPER admin :two words", "TIME"]);
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert!(asked[0].contains("AskOper") && !asked[0].contains("two words"), "{asked:?}");
        assert_eq!(rendered(super::reply), ":loggia.local 381 alice :You are now an IRC operator\r\n");
    }

    #[test]
    fn passwords_are_in_no_log() {
        let attempt = Attempt { name: "admin".into(), password: "two words".into() };
        assert_eq!(format!("{attempt:?}"), r#"Attempt { name: "admin", .. }"#);
    }
}
