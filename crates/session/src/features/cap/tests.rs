//! What is listed, granted and told.

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
    let lists: Vec<&str> = written.iter().filter_map(|line| line.split_once(" ACK :")).map(|(_, list)| list).collect();
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
