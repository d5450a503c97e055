//! Services: words that IRC users type out of habit (`/msg ChanServ REGISTER #tea`, `/cs REGISTER #tea`). There is nobody behind
//! these nicks, which nobody else may have: the words are read here and become the same commands as others.
//!
//! Spec: none. Meaning: `chat::features::registration`, `account`. Proof: `scenarios/chanserv.txt`, `nickserv.txt`.

pub mod chanserv;
mod help;
pub mod nickserv;

use chat::refusal::Refusal;
use chat::reply::Reply;
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics;
use irc::write::LineWriter;

use super::register;
use crate::irc_session::commands::Commands;
use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::texts;

/// Somebody who is no user and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Registered channels.
    ChanServ,
    /// Accounts.
    NickServ,
}

/// What words lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// The hall is asked.
    Ask(Commands),
    /// It is answered here, in these lines.
    Say(Vec<String>),
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::ChanServ, Self::NickServ];

    /// Returns the nick.
    pub fn nick(self) -> &'static str {
        match self {
            Self::ChanServ => "ChanServ",
            Self::NickServ => "NickServ",
        }
    }

    /// Finds the service that a PRIVMSG is for.
    pub fn of_message(message: &Message<'_>) -> Option<Self> {
        let target = message.params.get(0)?;
        Self::ALL.into_iter().find(|service| service.nick().eq_ignore_ascii_case(target))
    }
}

/// Takes a PRIVMSG to a service (412 without text), and echoes it to those who want that, unless there is a password in it.
pub fn told(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let Some(service) = Service::of_message(message) else { return };
    let text = message.params.get(1).unwrap_or_default();
    if text.is_empty() {
        return session.render(cx, |render| render.numeric(numerics::ERR_NOTEXTTOSEND, &[]));
    }
    // A password is shown to nobody, not even to who typed it.
    let is_secret = service == Service::NickServ && nickserv::is_secret(text);
    if session.caps().contains(CapSet::ECHO_MESSAGE)
        && !is_secret
        && let Some(person) = session.person().cloned()
    {
        let mut line = LineWriter::new(cx.out);
        if session.caps().contains(CapSet::SERVER_TIME) {
            line = line.tag("time", Some(&cx.now.wall.to_string()));
        }
        line.source(person.mask()).command("PRIVMSG").param(service.nick()).trailing(text).end_cut();
    }
    carry_out(session, service, text, cx);
}

/// Carries out `CHANSERV words` and `CS words`.
pub fn chanserv(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    carry_out(session, Service::ChanServ, &message.params.as_slice().join(" "), cx);
}

/// Carries out `NICKSERV words` and `NS words`.
pub fn nickserv(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    carry_out(session, Service::NickServ, &message.params.as_slice().join(" "), cx);
}

fn carry_out(session: &mut IrcSession, service: Service, text: &str, cx: &mut Cx<'_>) {
    let words = match service {
        Service::ChanServ => chanserv::read(text, session.client(), cx.settings.language),
        Service::NickServ => return nickserv::told(session, text, cx),
    };
    match words {
        Words::Ask(commands) => session.ask_service(commands, service, cx),
        Words::Say(lines) => session.render(cx, |render| {
            for line in lines {
                say(service, &line, render);
            }
        }),
    }
}

/// Writes a line that the service says.
pub fn say(service: Service, text: &str, render: &mut Render<'_>) {
    let source = format!("{}!services@{}", service.nick(), render.settings.server_name());
    LineWriter::new(render.out).source(&source).command("NOTICE").param(render.client).trailing(text).end_cut();
}

/// Says why something was not done, in a sentence.
pub fn refused(session: &mut IrcSession, service: Service, refusal: &Refusal, cx: &mut Cx<'_>) {
    if session.busy.registering.is_some() {
        return register::refused(session, refusal, cx);
    }
    let language = cx.settings.language;
    if let Some(errand) = session.busy.errand.take() {
        let text = nickserv::refusal(&errand, refusal, language);
        return session.go_on(cx, |session, cx| session.render(cx, |render| say(service, &text, render)));
    }
    session.render(cx, |render| say(service, &texts::refusal(refusal, language), render));
}

/// Shows an answer to what was said to a service.
pub fn answered(session: &mut IrcSession, service: Service, reply: &Reply, cx: &mut Cx<'_>) {
    match service {
        Service::ChanServ => session.tell(reply, cx),
        Service::NickServ => nickserv::answered(session, reply, cx),
    }
}
