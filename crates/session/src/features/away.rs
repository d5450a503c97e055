//! AWAY on the wire. Meaning: `chat::features::away`. Proof: `scenarios/away.txt`, `away-notify.txt`.

use chat::command::Command;
use chat::event::Event;
use chat::person::Person;
use irc::capability::CapSet;
use irc::message::Message;
use irc::numerics;
use smallvec::smallvec;

use crate::irc_session::commands::{Commands, Complaint};
use crate::irc_session::{Cx, IrcSession};
use crate::render::{Render, event_line};
use crate::settings::Settings;

/// Reads `AWAY [:text]`. An empty text means back, as none does. `*` says that nobody is there and why not is unknown: it
/// is passed on as it is, for clients know it.
///
/// # Errors
/// None.
pub fn ask(_session: &IrcSession, message: &Message<'_>, _cx: &Cx<'_>) -> Result<Commands, Complaint> {
    Ok(smallvec![Command::Away { text: text(message) }])
}

/// Notes `AWAY [:text]` of somebody who is nobody yet (305, 306): they will come already away.
///
/// Spec: `IRCv3` "pre-away".
pub fn note(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let text = text(message);
    session.render(cx, |render| reply(text.is_some(), render));
    if let Some(greeting) = session.greeting() {
        greeting.away = text;
    }
}

fn text(message: &Message<'_>) -> Option<Box<str>> {
    message.params.get(0).filter(|text| !text.is_empty()).map(Box::from)
}

/// Writes `AWAY :text`, or `AWAY` for somebody who is back.
///
/// Spec: `IRCv3` "away-notify".
pub fn event(event: &Event, text: Option<&str>, caps: CapSet, settings: &Settings, out: &mut Vec<u8>) {
    let line = event_line(out, event, caps, settings).command("AWAY");
    match text {
        Some(text) => line.trailing(text).end_cut(),
        None => line.end(),
    }
}

/// Writes 306, or 305 for somebody who is back.
pub fn reply(away: bool, render: &mut Render<'_>) {
    render.numeric(if away { numerics::RPL_NOWAWAY } else { numerics::RPL_UNAWAY }, &[]);
}

/// Writes 301: the one written to is away. It says so on their behalf, so it has the tags of what they say.
///
/// Spec: `IRCv3` "account-tag" ("numerics directly caused by the sender"), "oper-tag" ("numeric replies sent on behalf of the
/// user").
pub fn reply_is_away(person: &Person, text: &str, render: &mut Render<'_>) {
    render.numeric_from(person, numerics::RPL_AWAY, &[person.nick().as_str(), text]);
}
