//! What is too old or too much is removed from the log's beginning; what a removed account has said is erased everywhere.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use chat::event::{Message, MessageKind, Target};
use chat::fact::Fact;
use chat::history::{Found, Happened, Happening, Page, Query};
use chat::ids::{ChannelId, Seq, UserId};
use chat::time::Timestamp;
use irc::names::{ChannelName, Nick};
use store::{Durability, Keep};

use crate::support::{Scratch, Store, edited, id, latest, person, redacted, said, said_to, try_open_without_history};

/// Orders a fact at a time of its own, alone in its turn.
fn at(store: &mut Store, at: i64, fact: &Fact) -> Seq {
    let (seq, _) = store.log.order(Arc::new(fact.clone()), Timestamp(at));
    store.log.flush();
    store.settle();
    seq
}

fn since(at: i64) -> Keep {
    Keep { since: Some(Timestamp(at)), bytes: None }
}

/// Waits until something holds of the database, as another program sees it.
pub(crate) fn until(scratch: &Scratch, holds: impl Fn(&rusqlite::Connection) -> bool) {
    /// Longer than anything here takes.
    const LOOKS_MAX: u32 = 4_000;
    const BETWEEN: Duration = Duration::from_millis(5);
    let sqlite = scratch.sqlite();
    // The store does not tell of it: nobody needs to know.
    let came_true = (0..LOOKS_MAX).any(|_| {
        holds(&sqlite) || {
            std::thread::park_timeout(BETWEEN);
            false
        }
    });
    assert!(came_true, "it never came to be");
}

fn count(sqlite: &rusqlite::Connection, of: &str) -> i64 {
    sqlite.query_row(&format!("SELECT count(*) FROM {of}"), [], |row| row.get(0)).unwrap()
}

fn is_in_the_file(scratch: &Scratch, word: &str) -> bool {
    [store::DATABASE_FILE, store::INDEX_FILE]
        .iter()
        .flat_map(|name| ["", "-wal"].map(|end| format!("{name}{end}")))
        .any(|name| {
            let bytes = fs::read(scratch.0.join(name)).unwrap_or_default();
            bytes.windows(word.len()).any(|window| window == word.as_bytes())
        })
}

fn parted(channel: &str, reason: &str) -> Happening {
    let channel = ChannelName::trusted(channel);
    let what = Happened::Parted { channel: channel.clone() };
    Happening { user: UserId(1), person: person(), what, text: Some(reason.into()), channels: vec![channel] }
}

fn part(store: &mut Store, when: i64, reason: &str) -> Seq {
    let fact = Fact::Parted { user: UserId(1), channel: ChannelId(5), reason: Some(reason.into()) };
    let (seq, at) = store.log.order(Arc::new(fact), Timestamp(when));
    store.log.file(seq, at, Box::new(parted("#Tea", reason)));
    store.log.flush();
    store.settle();
    seq
}

fn to_bob(text: &str) -> Fact {
    said_to(Target::User { id: UserId(8), nick: Nick::trusted("bob"), account: None }, MessageKind::Privmsg, text)
}

#[test]
fn what_is_too_old_goes_with_all_that_belongs_to_it_and_paging_goes_on() {
    let scratch = Scratch::new("old");
    let mut store = Store::open(&scratch);
    at(&mut store, 2_000, &said("xyzzy one"));
    at(&mut store, 2_000, &to_bob("plugh two"));
    part(&mut store, 2_001, "frotz three");
    at(&mut store, 2_002, &said("four"));
    at(&mut store, 2_002, &redacted(4));
    at(&mut store, 2_010, &edited(1, "grue one"));
    at(&mut store, 2_010, &said("seven"));
    at(&mut store, 2_011, &said("eight"));
    store.log.keep_only(since(2_010));
    until(&scratch, |sqlite| count(sqlite, "facts") == 3);
    let sqlite = scratch.sqlite();
    for table in ["direct", "edits", "corrections", "happenings", "happenings_of_channel"] {
        assert_eq!(count(&sqlite, table), 0, "{table}");
    }
    drop(sqlite);
    assert_eq!(store.texts("#tea"), ["seven", "eight"]);
    // A message that is gone still names its place.
    let before = |seq| Page {
        span: chat::history::Span::After(chat::history::Point::Message(id(seq))),
        ..latest("#tea", Seq(99), 1)
    };
    let Found::Page { entries, .. } = store.find(Query::Page(before(2))) else { panic!("no page") };
    assert_eq!(entries[0].id, Some(id(7)));
    assert!(matches!(store.find(Query::message(id(1))), Found::Message(None)));
    store.log.close().unwrap();
    for word in ["xyzzy", "plugh", "frotz", "grue"] {
        assert!(!is_in_the_file(&scratch, word), "{word} is in the file");
    }
    assert!(store::verify(&scratch.0).unwrap().is_well(), "{}", store::verify(&scratch.0).unwrap());
    let mut store = Store::open(&scratch);
    assert!(store.start.notes.is_empty(), "{:?}", store.start.notes);
    assert_eq!(store.turn([&said("nine")]), [Seq(9)]);
    store.settle();
    assert_eq!(store.texts("#tea"), ["seven", "eight", "nine"]);
}

#[test]
fn all_can_be_too_old_and_no_place_or_time_is_given_again() {
    let scratch = Scratch::new("all-old");
    let mut store = Store::open(&scratch);
    for number in 0..300 {
        at(&mut store, 5_000, &said(&format!("message {number}")));
    }
    store.log.keep_only(since(9_000));
    until(&scratch, |sqlite| count(sqlite, "facts") == 0);
    assert!(store.texts("#tea").is_empty());
    store.log.close().unwrap();
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
    let mut store = Store::open(&scratch);
    assert!(store.start.notes.is_empty(), "{:?}", store.start.notes);
    assert_eq!((store.start.last, store.start.last_at), (Seq(300), Timestamp(5_000)));
    assert_eq!(at(&mut store, 4_000, &said("behind")), Seq(301));
    store.log.close().unwrap();
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
}

#[test]
fn what_is_too_much_goes_until_the_rest_fits() {
    let scratch = Scratch::new("much");
    let mut store = Store::open(&scratch);
    for number in 0..600 {
        store.turn([&said(&format!("message {number:03} {}", "x".repeat(100)))]);
    }
    store.settle();
    let kept = |sqlite: &rusqlite::Connection| -> i64 {
        sqlite.query_row("SELECT value FROM meta WHERE name = 'kept_bytes'", [], |row| row.get(0)).unwrap()
    };
    let all = kept(&scratch.sqlite());
    let limit = all / 3;
    store.log.keep_only(Keep { since: None, bytes: Some(u64::try_from(limit).unwrap()) });
    until(&scratch, |sqlite| kept(sqlite) <= limit);
    let texts = store.texts("#tea");
    assert_eq!(texts.last().map(|text| &text[..11]), Some("message 599"));
    let one = all / 600;
    assert!(kept(&scratch.sqlite()) > limit - 2 * one, "not more than has to be");
    assert!((195..=200).contains(&texts.len()), "{} messages", texts.len());
    store.log.close().unwrap();
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
}

#[test]
fn removing_goes_on_while_people_talk() {
    let scratch = Scratch::new("meanwhile");
    let mut store = Store::open(&scratch);
    for _ in 0..40 {
        let facts: Vec<_> = (0..100).map(|number| said(&format!("old {number}"))).collect();
        store.turn(&facts);
    }
    store.settle();
    store.log.keep_only(since(3_000));
    for number in 0..50 {
        at(&mut store, 4_000, &said(&format!("new {number}")));
    }
    until(&scratch, |sqlite| count(sqlite, "facts") == 50);
    assert_eq!(store.texts("#tea").len(), 50);
    store.log.close().unwrap();
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
}

/// A message by somebody logged in to an account of this name.
fn said_by(account: &str, text: &str) -> Fact {
    let Fact::Said { message, rules, delivery } = said(text) else { unreachable!("it was said") };
    let fields = chat::person::PersonFields {
        account: Some(account.into()),
        ..chat::person::PersonFields::from((*message.sender).clone())
    };
    let message = Message { sender: Arc::new(fields.into()), ..(*message).clone() };
    Fact::Said { message: Arc::new(message), rules, delivery }
}

#[test]
fn what_a_removed_account_has_said_is_erased_from_the_disk_and_the_index() {
    let scratch = Scratch::new("account");
    let mut store = Store::open(&scratch);
    // Everybody here is alice, but for bob.
    store.turn([&said("xyzzy one"), &said_by("bob", "stays"), &to_bob("plugh"), &edited(1, "grue one")]);
    store.settle();
    part(&mut store, 2_000, "frotz");
    let gone = Fact::AccountRemoved { account: "ALICE".into(), keeps_messages: false };
    store.turn([&gone, &said("a guest called alice")]);
    store.settle();
    until(&scratch, |sqlite| count(sqlite, "erasures") == 0);
    assert_eq!(store.texts("#tea"), ["stays", "a guest called alice"]);
    let sqlite = scratch.sqlite();
    assert_eq!(count(&sqlite, "facts"), 7, "that something was said stays");
    drop(sqlite);
    for word in ["xyzzy", "plugh", "grue"] {
        let found = store.find(Query::Search(Box::new(crate::search::search(word))));
        assert!(matches!(&found, Found::Search { messages, .. } if messages.is_empty()), "{found:?}");
    }
    store.log.close().unwrap();
    for word in ["xyzzy", "plugh", "grue", "frotz"] {
        assert!(!is_in_the_file(&scratch, word), "{word} is in the file");
    }
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
}

#[test]
fn an_account_can_be_removed_and_what_was_said_stay() {
    let scratch = Scratch::new("account-stays");
    let mut store = Store::open(&scratch);
    store.turn([&said("one"), &Fact::AccountRemoved { account: "alice".into(), keeps_messages: true }]);
    store.settle();
    assert_eq!(count(&scratch.sqlite(), "erasures"), 0);
    assert_eq!(store.texts("#tea"), ["one"]);
}

#[test]
fn erasing_goes_on_after_a_restart() {
    let scratch = Scratch::new("account-restart");
    let mut store = Store::open(&scratch);
    let facts: Vec<_> = (0..100).map(|number| said(&format!("xyzzy {number}"))).collect();
    store.turn(&facts);
    store.settle();
    store.log.close().unwrap();
    // As a process leaves it that was killed after the account was removed.
    scratch.sqlite().execute("INSERT INTO erasures VALUES ('alice', 40, 100)", []).unwrap();
    let mut store = Store::open(&scratch);
    until(&scratch, |sqlite| count(sqlite, "erasures") == 0);
    assert_eq!(store.texts("#tea").len(), 39);
}

#[test]
fn without_history_nothing_that_is_said_reaches_the_disk_and_places_are_not_given_again() {
    let scratch = Scratch::new("no-history");
    let mut store = try_open_without_history(&scratch.0, Durability::Disk);
    store.turn([&said("xyzzy"), &said("plugh")]);
    store.settle();
    part(&mut store, 2_000, "frotz");
    store.turn([&edited(1, "grue"), &redacted(2), &said("zork")]);
    store.settle();
    assert!(store.texts("#tea").is_empty());
    let sqlite = scratch.sqlite();
    assert_eq!((count(&sqlite, "facts"), count(&sqlite, "happenings"), count(&sqlite, "edits")), (1, 0, 0));
    drop(sqlite);
    for word in ["xyzzy", "plugh", "frotz", "grue", "zork"] {
        assert!(!is_in_the_file(&scratch, word), "{word} is in the file");
    }
    store.log.close().unwrap();
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
    let store = try_open_without_history(&scratch.0, Durability::Disk);
    assert!(store.start.notes.is_empty(), "{:?}", store.start.notes);
    assert_eq!(store.start.last, Seq(6));
}
