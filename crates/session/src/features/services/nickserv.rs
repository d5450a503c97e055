//! `NickServ`: accounts, in the words that IRC users know. Meaning: `chat::features::account`, `login`, `register`; what takes
//! several steps stands in `errand`. Proof: `scenarios/nickserv.txt`.

mod answers;
mod errand;
mod help;
mod words;

use chat::reply::{AccountReply, InvitationReply, Reply};

pub use answers::reply;
pub use errand::{Errand, refusal, worked};
pub use words::is_secret;

use super::{Service, help as shared, say};
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::texts::invitations;
use words::Wish;

/// Carries out what was said to `NickServ`.
pub fn told(session: &mut IrcSession, text: &str, cx: &mut Cx<'_>) {
    let language = cx.settings.language;
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or("HELP").to_ascii_uppercase();
    let params: Vec<&str> = words.collect();
    let lines = if name == "HELP" {
        shared::about(help::TOPICS, help::first(language), params.first().copied(), language)
    } else {
        match (shared::find(help::TOPICS, &name), Wish::read(&name, &params)) {
            (None, _) => vec![shared::unknown(&name, language)],
            (Some(topic), None) => vec![topic.usage_line(language)],
            (Some(_), Some(wish)) => return errand::carry_out(session, wish, cx),
        }
    };
    say_all(session, &lines, cx);
}

fn say_all(session: &IrcSession, lines: &[String], cx: &mut Cx<'_>) {
    session.render(cx, |render| {
        for line in lines {
            say(Service::NickServ, line, render);
        }
    });
}

/// Shows an answer of the hall.
pub fn answered(session: &mut IrcSession, reply: &Reply, cx: &mut Cx<'_>) {
    let language = cx.settings.language;
    match reply {
        Reply::Credentials { account, credentials } => errand::found(session, account, credentials, cx),
        Reply::Account(AccountReply::MayReset) => errand::may_reset(session, cx),
        Reply::LoggedIn(account) => {
            let by_password = session.busy.errand.take().is_some();
            session.tell(reply, cx);
            if by_password {
                say_all(session, &[answers::logged_in(account, language)], cx);
            }
        }
        Reply::LoggedOut => {
            session.tell(reply, cx);
            say_all(session, &[answers::logged_out(language).to_owned()], cx);
        }
        Reply::Persistence(status) => say_all(session, &[answers::always_on(*status, language)], cx),
        Reply::Invitation(answer) => session.render(cx, |render| invitation(answer, render)),
        other => session.tell(other, cx),
    }
}

/// Says what is told of invitations.
fn invitation(reply: &InvitationReply, render: &mut Render<'_>) {
    let language = render.settings.language;
    let lines = match reply {
        InvitationReply::Created { invitation, word } => invitations::created(invitation, word, language),
        InvitationReply::List(all) if all.is_empty() => vec![invitations::none(language).to_owned()],
        InvitationReply::List(all) => all.iter().map(|one| invitations::about(one, language)).collect(),
        InvitationReply::Revoked { id } => vec![invitations::revoked(id, language)],
    };
    for line in lines {
        say(Service::NickServ, &line, render);
    }
}
