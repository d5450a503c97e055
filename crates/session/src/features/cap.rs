//! CAP on the wire: which extensions a connection uses. Proof: `scenarios/cap.txt`, `cap-notify.txt`.
//!
//! Spec: `IRCv3` "capability-negotiation".

use irc::capability::{CapSet, Capability};
use irc::message::Message;
use irc::numerics;
use irc::write::{BODY_CONTENT_BYTES_MAX, LineWriter};

use crate::irc_session::{Cx, IrcSession};

/// What every session may ask for.
pub const OFFERED: CapSet = CapSet::CAP_NOTIFY
    .union(CapSet::MULTI_PREFIX)
    .union(CapSet::USERHOST_IN_NAMES)
    .union(CapSet::SERVER_TIME)
    .union(CapSet::MESSAGE_TAGS)
    .union(CapSet::ECHO_MESSAGE)
    .union(CapSet::LABELED_RESPONSE)
    .union(CapSet::BATCH)
    .union(CapSet::STANDARD_REPLIES)
    .union(CapSet::EXTENDED_JOIN)
    .union(CapSet::AWAY_NOTIFY)
    .union(CapSet::CHGHOST)
    .union(CapSet::SETNAME)
    .union(CapSet::INVITE_NOTIFY)
    .union(CapSet::EXTENDED_MONITOR)
    .union(CapSet::NO_IMPLICIT_NAMES)
    .union(CapSet::DRAFT_NO_IMPLICIT_NAMES);

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
            list(session, "LS", OFFERED, asked >= VERSION_302, cx);
        }
        "LIST" => list(session, "LIST", session.caps, session.cap_version >= VERSION_302, cx),
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

/// Answers LS and LIST.
fn list(session: &IrcSession, subcommand: &str, set: CapSet, several_lines: bool, cx: &mut Cx<'_>) {
    let names: Vec<&str> = set.capabilities().map(Capability::name).collect();
    let head = head(session, subcommand, cx);
    let lines = if several_lines {
        // All lines but the last have `*` before the list.
        split(&names, room(&head) - "* ".len())
    } else {
        vec![names.join(" ")]
    };
    for (number, line) in lines.iter().enumerate() {
        let writer = begin(&head, cx);
        let writer = if number + 1 < lines.len() { writer.param("*") } else { writer };
        writer.trailing(line).end_cut();
    }
}

/// Answers REQ: grants all that is asked for or nothing, and repeats the list as it came.
fn request(session: &mut IrcSession, wanted: &str, cx: &mut Cx<'_>) {
    let granted = decide(session.caps, session.cap_version, wanted);
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
        session.caps = caps;
    }
}

/// Returns the capabilities after a request, read from left to right; `None` when any of it cannot be granted.
fn decide(now: CapSet, version: u16, wanted: &str) -> Option<CapSet> {
    wanted.split(' ').filter(|word| !word.is_empty()).try_fold(now, |caps, word| {
        let (name, on) = word.strip_prefix('-').map_or((word, true), |name| (name, false));
        let capability = Capability::from_name(name).filter(|capability| OFFERED.has(*capability))?;
        // Who speaks 302 is always notified: "servers MUST NOT disable".
        if capability == Capability::CapNotify && !on && version >= VERSION_302 {
            return None;
        }
        Some(if on { caps | capability.bit() } else { caps - capability.bit() })
    })
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
fn split(words: &[&str], bytes_max: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.len() + 1 + word.len() <= bytes_max => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push((*word).to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::testing;
    use crate::irc_session::Stage;

    #[test]
    fn requests_are_granted_as_a_whole_or_not_at_all() {
        let (batch, names) = (CapSet::BATCH, CapSet::MULTI_PREFIX);
        let notify = CapSet::CAP_NOTIFY;
        for (now, version, wanted, after) in [
            (CapSet::empty(), 0, "batch", Some(batch)),
            (CapSet::empty(), 0, "batch multi-prefix ", Some(batch | names)),
            (CapSet::empty(), 0, "  batch   multi-prefix", Some(batch | names)),
            (batch, 0, "batch", Some(batch)),
            (batch, 0, "-batch", Some(CapSet::empty())),
            (batch, 0, "-batch multi-prefix", Some(names)),
            (batch, 0, "-multi-prefix", Some(batch)),
            (batch, 0, "-batch batch", Some(batch)),
            (batch, 0, "batch -batch", Some(CapSet::empty())),
            (batch, 0, "", Some(batch)),
            (batch, 0, "-batch tea-time", None),
            (batch, 0, "-", None),
            (batch, 0, "--batch", None),
            (CapSet::empty(), 0, "Batch", None),
            (CapSet::empty(), 0, "batch=1", None),
            // Known, but not offered.
            (CapSet::empty(), 0, "sts", None),
            (CapSet::empty(), 0, "cap-notify", Some(notify)),
            (notify, 301, "-cap-notify", Some(CapSet::empty())),
            (notify, 302, "cap-notify", Some(notify)),
            (notify, 302, "-cap-notify", None),
        ] {
            assert_eq!(decide(now, version, wanted), after, "{wanted:?}");
        }
    }

    /// The first lines of what somebody is told who is nobody yet.
    fn told(lines: &[&str]) -> Vec<String> {
        testing::told(&testing::settings(), Stage::Greeting(Box::default()), lines)
    }

    const OFFER: &str = "cap-notify multi-prefix userhost-in-names server-time message-tags echo-message \
        labeled-response batch standard-replies extended-join away-notify chghost setname invite-notify \
        extended-monitor no-implicit-names draft/no-implicit-names";

    #[test]
    fn what_is_asked_is_answered() {
        let offer = format!(":loggia.local CAP * LS :{OFFER}");
        for (lines, answers) in [
            (&["CAP LS"][..], &[offer.as_str()][..]),
            (&["cap ls 302"], &[&offer]),
            (&["CAP LIST"], &[":loggia.local CAP * LIST :"]),
            (&["CAP LS 302", "CAP LIST"], &[&offer, ":loggia.local CAP * LIST :cap-notify"]),
            (
                &["CAP LS 302", "CAP LS", "CAP REQ -cap-notify"],
                &[&offer, &offer, ":loggia.local CAP * NAK :-cap-notify"],
            ),
            (
                &["CAP REQ :batch  tea ", "CAP LIST"],
                &[":loggia.local CAP * NAK :batch  tea ", ":loggia.local CAP * LIST :"],
            ),
            (
                &["CAP REQ :setname batch ", "CAP LIST"],
                &[":loggia.local CAP * ACK :setname batch ", ":loggia.local CAP * LIST :batch setname"],
            ),
            (&["CAP REQ"], &[":loggia.local CAP * ACK :"]),
            (&["NICK dave", "CAP NEW"], &[":loggia.local 410 dave NEW :Invalid CAP command"]),
        ] {
            assert_eq!(told(lines), answers, "{lines:?}");
        }
    }

    #[test]
    fn registration_waits_for_the_end() {
        let names = ["NICK dave", "USER dave 0 * :Dave"];
        for begin in ["CAP LS", "CAP REQ :batch"] {
            let lines = [begin, names[0], names[1]];
            assert!(!told(&lines).iter().any(|line| line.starts_with("? Connect")), "{begin}");
            let lines = [begin, names[0], "CAP END", names[1]];
            assert!(told(&lines).iter().any(|line| line.starts_with("? Connect")), "{begin}");
            let lines = [names[0], begin, names[1], "CAP END"];
            assert!(told(&lines).iter().any(|line| line.starts_with("? Connect")), "{begin}");
        }
        assert!(told(&[names[0], "CAP LIST", names[1]]).iter().any(|line| line.starts_with("? Connect")));
    }

    #[test]
    fn an_answer_that_is_too_long_takes_two_lines() {
        let wanted = ["draft/no-implicit-names"; 20].join(" ");
        let written = told(&["NICK a_name_of_thirty_two_characters", &format!("CAP REQ :{wanted}")]);
        let lists: Vec<&str> =
            written.iter().filter_map(|line| line.split_once(" ACK :")).map(|(_, list)| list).collect();
        assert_eq!((lists.len(), lists.join(" ")), (2, wanted));
        assert!(written.iter().all(|line| line.len() <= 510));
    }

    #[test]
    fn versions_are_numbers() {
        for (argument, expected) in [
            (None, 0),
            (Some(""), 0),
            (Some("301"), 301),
            (Some("302"), 302),
            (Some("307"), 307),
            (Some("99999999999"), u16::MAX),
            (Some("+302"), 0),
            (Some("x"), 0),
        ] {
            assert_eq!(version(argument), expected, "{argument:?}");
        }
    }

    #[test]
    fn lists_are_split_between_words() {
        assert_eq!(split(&[], 10), [""]);
        assert_eq!(split(&["ab", "cd", "efg"], 5), ["ab cd", "efg"]);
        assert_eq!(split(&["ab", "cd", "efg"], 9), ["ab cd efg"]);
        assert_eq!(split(&["longer than the line", "x"], 5), ["longer than the line", "x"]);
    }

    /// Clients that do not speak 302 get one line, from a server with a long name too.
    #[test]
    fn what_is_offered_fits_one_line() {
        let names: Vec<&str> = OFFERED.capabilities().map(Capability::name).collect();
        let head = Head { server: &"s".repeat(63), client: "n".repeat(32), subcommand: "LS" };
        assert!(names.join(" ").len() <= room(&head));
    }

    #[test]
    fn the_room_is_what_is_left_of_a_line() {
        let head = Head { server: "irc", client: "anna".to_owned(), subcommand: "LS" };
        let begun = ":irc CAP anna LS :";
        assert_eq!(room(&head) + begun.len() + "\r\n".len(), 512);
    }
}
