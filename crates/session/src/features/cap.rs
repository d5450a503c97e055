//! CAP on the wire: which extensions a connection uses. Proof: `scenarios/cap.txt`, `cap-notify.txt`.
//!
//! What there is to choose from stands in [`offer`]. Spec: `IRCv3` "capability-negotiation".

pub mod offer;
#[cfg(test)]
mod tests;

use irc::capability::{CapSet, Capability};
use irc::message::Message;
use irc::numerics;
use irc::write::{BODY_CONTENT_BYTES_MAX, LineWriter};

use super::metadata;
use crate::irc_session::{Cx, IrcSession};
use crate::settings::Settings;
use offer::{Offer, on_one_line};

/// The version of the protocol from which on a list may take several lines, capabilities have values, and `cap-notify`
/// is always on.
const VERSION_302: u16 = 302;

/// Carries out `CAP subcommand …`; 410 when nobody knows the subcommand.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let subcommand = message.params.get(0).unwrap_or_default();
    let argument = message.params.get(1);
    match subcommand.to_ascii_uppercase().as_str() {
        "LS" => {
            hold_registration(session);
            let asked = version(argument);
            session.cap_version = session.cap_version.max(asked);
            if session.cap_version >= VERSION_302 {
                session.caps |= CapSet::CAP_NOTIFY;
            }
            let offer = Offer::of(cx.settings, cx.peer);
            if asked >= VERSION_302 {
                list_lines(session, "LS", &offer.with_values(CapSet::all()), cx);
            } else {
                list_line(session, "LS", offer.without_values(), cx);
            }
        }
        "LIST" if session.cap_version >= VERSION_302 => {
            let names: Vec<&str> = session.caps.capabilities().map(Capability::name).collect();
            list_lines(session, "LIST", &names, cx);
        }
        "LIST" => list_line(session, "LIST", session.caps, cx),
        "REQ" => {
            hold_registration(session);
            request(session, argument.unwrap_or_default(), cx);
        }
        "END" => {
            if let Some(greeting) = session.greeting() {
                greeting.negotiating = false;
                session.register_when_complete(cx);
            }
        }
        _ => session.render(cx, |render| render.numeric(numerics::ERR_INVALIDCAPCMD, &[subcommand])),
    }
}

/// Whoever looks at capabilities before registration says `CAP END` when it is done.
fn hold_registration(session: &mut IrcSession) {
    if let Some(greeting) = session.greeting() {
        greeting.negotiating = true;
    }
}

/// Reads the version of `CAP LS`; what is no number is none, and what is too large is large enough.
fn version(argument: Option<&str>) -> u16 {
    let digits = argument.filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.map_or(0, |digits| digits.parse().unwrap_or(u16::MAX))
}

/// Answers LS and LIST for clients of 302, in as many lines as it takes.
fn list_lines<Word: AsRef<str>>(session: &IrcSession, subcommand: &str, words: &[Word], cx: &mut Cx<'_>) {
    let head = head(session, subcommand, cx);
    // All lines but the last have `*` before the list.
    let lines = split(words, room(&head) - "* ".len());
    for (number, line) in lines.iter().enumerate() {
        let writer = begin(&head, cx);
        let writer = if number + 1 < lines.len() { writer.param("*") } else { writer };
        writer.trailing(line).end_cut();
    }
}

/// Answers LS and LIST for clients that know of one line only.
fn list_line(session: &IrcSession, subcommand: &str, set: CapSet, cx: &mut Cx<'_>) {
    let head = head(session, subcommand, cx);
    let line = on_one_line(set, room(&head));
    begin(&head, cx).trailing(&line).end_cut();
}

/// Tells a session what a reload has changed, and takes from it what is no longer there.
pub fn reloaded(session: &mut IrcSession, before: &Settings, cx: &mut Cx<'_>) {
    tell_changes(session, &Offer::of(before, cx.peer), &Offer::of(cx.settings, cx.peer), cx);
}

fn tell_changes(session: &mut IrcSession, before: &Offer, offer: &Offer, cx: &mut Cx<'_>) {
    let changes = offer.changes_since(before);
    if session.caps.contains(CapSet::CAP_NOTIFY) {
        if !changes.gone.is_empty() {
            let names: Vec<&str> = changes.gone.capabilities().map(Capability::name).collect();
            announce(session, "DEL", &names, cx);
        }
        let knows_values = session.cap_version >= VERSION_302;
        let told = if knows_values { changes.new | changes.changed } else { changes.new & offer.without_values() };
        if !told.is_empty() && knows_values {
            announce(session, "NEW", &offer.with_values(told), cx);
        } else if !told.is_empty() {
            let names: Vec<&str> = told.capabilities().map(Capability::name).collect();
            announce(session, "NEW", &names, cx);
        }
    }
    // "Servers MUST cancel any capability-specific behavior for a client after sending the CAP DEL message".
    session.caps -= changes.gone;
}

fn announce<Word: AsRef<str>>(session: &IrcSession, subcommand: &str, words: &[Word], cx: &mut Cx<'_>) {
    let head = head(session, subcommand, cx);
    for line in split(words, room(&head)) {
        begin(&head, cx).trailing(&line).end_cut();
    }
}

/// Answers REQ: grants all that is asked for or nothing, and repeats the list as it came.
fn request(session: &mut IrcSession, wanted: &str, cx: &mut Cx<'_>) {
    let granted = decide(session.caps, session.cap_version, offer::grantable(cx.settings, cx.peer), wanted);
    let head = head(session, if granted.is_some() { "ACK" } else { "NAK" }, cx);
    if wanted.len() <= room(&head) {
        begin(&head, cx).trailing(wanted).end_cut();
    } else {
        // The answer's beginning is longer than the question's: what filled its line takes two.
        let words: Vec<&str> = wanted.split(' ').filter(|word| !word.is_empty()).collect();
        for line in split(&words, room(&head)) {
            begin(&head, cx).trailing(&line).end_cut();
        }
    }
    // Not before the last line of the answer has been written.
    if let Some(caps) = granted {
        let before = core::mem::replace(&mut session.caps, caps);
        metadata::negotiated(session, before, cx);
    }
}

/// Returns the capabilities after a request, read from left to right; `None` when any of it cannot be granted.
fn decide(now: CapSet, version: u16, grantable: CapSet, wanted: &str) -> Option<CapSet> {
    wanted
        .split(' ')
        .filter(|word| !word.is_empty())
        .try_fold(now, |caps, word| {
            let (name, on) = word.strip_prefix('-').map_or((word, true), |name| (name, false));
            let capability = Capability::from_name(name).filter(|capability| grantable.has(*capability))?;
            // Who speaks 302 is always notified: "servers MUST NOT disable".
            if capability == Capability::CapNotify && !on && version >= VERSION_302 {
                return None;
            }
            Some(if on { caps | capability.bit() } else { caps - capability.bit() })
        })
        // "Clients MUST NOT request more than one of [these]. Servers MUST NOT accept these requests either."
        .filter(|caps| !caps.contains(CapSet::METADATA.union(CapSet::METADATA_2)))
}

/// What an answer begins with: the words behind the server's name.
struct Head<'a> {
    server: &'a str,
    client: String,
    subcommand: &'a str,
}

fn head<'a>(session: &IrcSession, subcommand: &'a str, cx: &Cx<'a>) -> Head<'a> {
    Head { server: cx.settings.server_name(), client: session.client().to_owned(), subcommand }
}

fn begin<'a>(head: &Head<'_>, cx: &'a mut Cx<'_>) -> LineWriter<'a> {
    LineWriter::new(cx.out).source(head.server).command("CAP").param(&head.client).param(head.subcommand)
}

/// Returns the bytes left for a list: what `:server CAP client SUBCOMMAND :` leaves of a line.
fn room(head: &Head<'_>) -> usize {
    let spaces_and_colons = 6;
    let taken = head.server.len() + "CAP".len() + head.client.len() + head.subcommand.len() + spaces_and_colons;
    BODY_CONTENT_BYTES_MAX.saturating_sub(taken)
}

/// Distributes words over lines of at most `bytes_max`; no words make one empty line.
fn split<Word: AsRef<str>>(words: &[Word], bytes_max: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.iter().map(AsRef::as_ref) {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= bytes_max => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
