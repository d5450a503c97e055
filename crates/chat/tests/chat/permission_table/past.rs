//! How far back somebody may read who may read at all: what `visible_from` says, printed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chat::channel::Channel;
use chat::ids::{Seq, UserId};
use chat::modes::{ChannelFlags, UserModes};
use chat::permission::visible_from;
use chat::person::{Person, PersonFields};
use chat::privacy::{LetInRow, Privacy, PrivacyRow};
use chat::rare::Rare;
use chat::time::{Instant, Timestamp};
use chat::user::User;
use irc::casemap::CaseMapping;
use irc::names::{ChannelName, Nick, UserName};
use smallvec::SmallVec;

use super::{channel, row};

/// The first row: [`super::rows_of`] asks that it is printed.
pub(super) const ROW: &str = "said while public";

/// The days of a channel, as places in the log: something is said, it becomes private, something is said, somebody is let in,
/// something is said, it becomes public, something is said.
const SAID_PUBLIC: Seq = Seq(10);
const SAID_PRIVATE: Seq = Seq(30);
const LET_IN: Seq = Seq(40);
const SAID_SINCE: Seq = Seq(50);
const OPENED: Seq = Seq(60);
const SAID_OPENED: Seq = Seq(70);

/// Who reads: with a place of their own from which on they were let in, and one of their account.
const READERS: [(&str, Option<Seq>, Option<Seq>); 5] = [
    ("was there", Some(Seq::ZERO), None),
    ("came later", Some(LET_IN), None),
    ("account was", Some(LET_IN), Some(Seq::ZERO)),
    ("put out", Some(SAID_OPENED), None),
    ("walked in", None, None),
];

fn user(account: bool) -> User {
    let person = Person::from(PersonFields {
        nick: Nick::trusted("anna"),
        username: UserName::trusted("anna"),
        host: "localhost".into(),
        realname: "Anna".into(),
        shown: None,
        account: account.then(|| "anna".into()),
        bot: false,
        operator: false,
    });
    User {
        id: UserId(1),
        person: person.into(),
        modes: UserModes::empty(),
        operator: None,
        channels: BTreeSet::new(),
        sessions: SmallVec::new(),
        connections: 1,
        stays: false,
        signed_on: Timestamp(0),
        active: Instant::default(),
        seldom: Rare::new(),
    }
}

/// What a reader may read from on.
fn from(reader: (Option<Seq>, Option<Seq>), channel: &Channel, privacy: Option<&Privacy>) -> Seq {
    let (own, of_account) = reader;
    let mapping = CaseMapping::Ascii;
    let mut channel = channel.clone();
    channel.let_in.extend(own.map(|place| (UserId(1), place)));
    let mut privacy = privacy.cloned();
    if let (Some(privacy), Some(from)) = (&mut privacy, of_account) {
        let name = ChannelName::trusted("#tea");
        privacy.restore_let_in(&LetInRow { name, account: "anna".into(), from }, mapping);
    }
    visible_from(&user(of_account.is_some()), &channel, privacy.as_ref(), mapping)
}

fn privacy(is_private: bool, born: Seq) -> Privacy {
    let mut privacy = Privacy::default();
    let through = if is_private { Seq::ZERO } else { OPENED };
    privacy.restore(&PrivacyRow { name: ChannelName::trusted("#tea"), is_private, through, born });
    privacy
}

/// Prints what of a channel's past whom it is for.
pub(super) fn print(table: &mut String) {
    let _ = writeln!(table, "\nRead what was said in a channel, for those who may read its history (`visible_from`)");
    row(table, "", READERS.iter().map(|(name, ..)| *name));
    let open = ChannelFlags::empty();
    let secret = ChannelFlags::INVITE_ONLY;
    let welcome = ChannelFlags::WELCOME;
    let was_private = privacy(false, Seq(1));
    let is_private = privacy(true, Seq(1));
    let another = privacy(false, SAID_OPENED);
    for (name, said, flags, privacy) in [
        (ROW, SAID_PUBLIC, open, None),
        ("said while private", SAID_PRIVATE, secret, Some(&is_private)),
        ("since the letting in", SAID_SINCE, secret, Some(&is_private)),
        ("private once", SAID_PRIVATE, open, Some(&was_private)),
        ("since it is public", SAID_OPENED, open, Some(&was_private)),
        ("while private, +W", SAID_PRIVATE, secret | welcome, Some(&is_private)),
    ] {
        let cells =
            READERS.iter().map(|(_, own, account)| shown(from((*own, *account), &channel(flags), privacy) <= said));
        row(table, name, cells);
    }
    // Another channel of the name: nobody was in that one, but accounts are who they are.
    let cells = READERS
        .iter()
        .map(|(_, _, account)| shown(from((None, *account), &channel(open | welcome), Some(&another)) <= SAID_PRIVATE));
    row(table, "+W of a namesake", cells);
}

fn shown(may: bool) -> &'static str {
    if may { "yes" } else { "no" }
}
