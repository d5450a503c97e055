//! CAP on the wire: which extensions a connection uses. Proof: `scenarios/cap.txt`, `cap-notify.txt`.
//!
//! What there is to choose from stands in [`offer`]. Spec: `IRCv3` "capability-negotiation".

pub mod offer;

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
            // Known, but not offered, or only listed.
            (CapSet::empty(), 0, "sasl", None),
            (CapSet::empty(), 0, "sts", None),
            (CapSet::empty(), 0, "cap-notify", Some(notify)),
            (notify, 301, "-cap-notify", Some(CapSet::empty())),
            (notify, 302, "cap-notify", Some(notify)),
            (notify, 302, "-cap-notify", None),
        ] {
            let grantable = CapSet::all() - CapSet::STS - CapSet::SASL;
            assert_eq!(decide(now, version, grantable, wanted), after, "{wanted:?}");
        }
    }

    /// The first lines of what somebody is told who is nobody yet.
    fn told(lines: &[&str]) -> Vec<String> {
        testing::told(&testing::settings(), Stage::Greeting(Box::default()), lines)
    }

    fn offer() -> Offer {
        Offer::of(&testing::settings(), &crate::settings::Peer::new([127, 0, 0, 1].into()))
    }

    #[test]
    fn what_is_offered_is_listed_with_values_to_who_speaks_302() {
        let written = told(&["cap ls 302"]);
        let (last, others) = written.split_last().unwrap_or_else(|| panic!("nothing"));
        let others = others.iter().map(|line| line.strip_prefix(":loggia.local CAP * LS * :"));
        let words: Vec<&str> = others.chain([last.strip_prefix(":loggia.local CAP * LS :")]).flatten().collect();
        assert_eq!(words.join(" "), offer().with_values(CapSet::all()).join(" "));
        assert!(words.iter().any(|line| line.contains("draft/multiline=max-bytes=4096,max-lines=32")));
    }

    #[test]
    fn what_is_asked_is_answered() {
        let offer = format!(":loggia.local CAP * LS :{}", on_one_line(offer().without_values(), 480));
        let offer = offer.as_str();
        for (lines, answers) in [
            (&["CAP LS"][..], &[offer][..]),
            (&["cap ls"], &[offer]),
            (&["CAP LIST"], &[":loggia.local CAP * LIST :"]),
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
    fn a_version_once_named_stays() {
        let written = told(&["CAP LS 302", "CAP LS", "CAP LIST", "CAP REQ -cap-notify"]);
        let last: Vec<&str> = written.iter().rev().take(2).map(String::as_str).collect();
        assert_eq!(last, [":loggia.local CAP * NAK :-cap-notify", ":loggia.local CAP * LIST :cap-notify"]);
        let without = written.iter().rev().nth(2).is_some_and(|line| !line.contains('='));
        assert!(without, "an answer is as the question: {written:?}");
    }

    /// What a client with these capabilities is told when SETNAME and the password mechanism are taken away, relayed
    /// messages come, and searching stays; and the capabilities it has then.
    fn told_of_changes(caps: CapSet, cap_version: u16) -> (String, CapSet) {
        use Capability::{Relaymsg, Sasl, Search, Setname};
        let offer = |entries: &[(Capability, Option<&str>)]| {
            let entries = entries.iter().map(|(name, value)| (*name, value.map(|value| value.to_owned().into())));
            entries.collect::<Offer>()
        };
        let before = offer(&[(Setname, None), (Search, None), (Sasl, Some("PLAIN,EXTERNAL"))]);
        let after = offer(&[(Search, None), (Relaymsg, Some("/")), (Sasl, Some("EXTERNAL"))]);
        let mut session = IrcSession::new(chat::time::Now::default());
        (session.caps, session.cap_version) = (caps, cap_version);
        let written = testing::written(|cx| tell_changes(&mut session, &before, &after, cx));
        (written, session.caps)
    }

    #[test]
    fn a_reload_is_told_to_who_wants_to_know() {
        let (notify, rest) = (CapSet::CAP_NOTIFY, CapSet::SEARCH | CapSet::SASL);
        let all = rest | CapSet::SETNAME;
        assert_eq!(told_of_changes(all, 301), (String::new(), rest));
        assert_eq!(
            told_of_changes(all | notify, 301),
            (":loggia.local CAP * DEL :setname\r\n:loggia.local CAP * NEW :draft/relaymsg\r\n".into(), rest | notify)
        );
        let told = ":loggia.local CAP * DEL :setname\r\n:loggia.local CAP * NEW :sasl=EXTERNAL draft/relaymsg=/\r\n";
        assert_eq!(told_of_changes(all | notify, 302), (told.into(), rest | notify));
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
        assert_eq!(split::<&str>(&[], 10), [""]);
        assert_eq!(split(&["ab", "cd", "efg"], 5), ["ab cd", "efg"]);
        assert_eq!(split(&["ab", "cd", "efg"], 9), ["ab cd efg"]);
        assert_eq!(split(&["longer than the line", "x"], 5), ["longer than the line", "x"]);
    }

    #[test]
    fn the_room_is_what_is_left_of_a_line() {
        let head = Head { server: "irc", client: "anna".to_owned(), subcommand: "LS" };
        let begun = ":irc CAP anna LS :";
        assert_eq!(room(&head) + begun.len() + "\r\n".len(), 512);
    }
}
