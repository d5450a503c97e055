//! Everything out as text and in again; and what was said elsewhere.

use std::io::BufReader;
use std::sync::Arc;

use chat::event::{EventKind, Message};
use chat::fact::Fact;
use chat::history::{Conversation, Found, Happened, Happening, Kinds, Page, Point, Query, Span};
use chat::ids::{ChannelId, LogId, Seq, UserId};
use chat::time::Timestamp;
use irc::names::ChannelName;
use store::{Durability, Exported, Fate, Import, Imported, News, Outcome, RestoreError, Restored, Staging};

use crate::delivery::{self as ids, sent};
use crate::support::{LOG, Scratch, Store, edited, kept, latest, options, person, redacted, said, said_in};

fn nothing() -> Arc<dyn Fn() + Send + Sync> {
    Arc::new(|| {})
}

fn export(scratch: &Scratch) -> (Vec<u8>, Exported) {
    let mut archive = Vec::new();
    let exported = store::export(&scratch.0, "0.0-test", Timestamp(5), &mut archive, |_, _| {}).unwrap();
    (archive, exported)
}

fn restore(scratch: &Scratch, archive: &[u8]) -> Result<Restored, RestoreError> {
    let mut told = (0, 0);
    let restored = store::restore(
        &scratch.0,
        &options(Durability::Disk, nothing()),
        LogId(77),
        || Ok(BufReader::new(archive)),
        |done, all| told = (done, all),
    )?;
    assert_eq!(told.0, told.1, "progress ends at its end");
    Ok(restored)
}

/// All entries of a channel, with everything that is known of them.
fn page(store: &mut Store, channel: &str) -> Vec<chat::event::Event> {
    let before = Seq(store.log.last().0 + 1);
    let kinds = Kinds { tagmsgs: true, events: true };
    let Found::Page { entries, .. } = store.find(Query::Page(Page { kinds, ..latest(channel, before, 1000) })) else {
        panic!("no page")
    };
    entries
}

#[test]
fn all_that_is_shown_is_shown_again() {
    let (old, new) = (Scratch::new("archive-old"), Scratch::new("archive-new"));
    let mut store = Store::open(&old);
    store.turn([&said("one"), &said("two"), &said("three"), &edited(1, "uno"), &redacted(2)]);
    let renamed = Fact::ChannelRenamed {
        user: UserId(1),
        channel: ChannelId(5),
        old: ChannelName::trusted("#Tea"),
        name: ChannelName::trusted("#coffee"),
        reason: "".into(),
    };
    store.turn([&renamed, &said_in("#coffee", None, "four"), &said_in("#Tea", None, "another tea")]);
    let (seq, at) = store.log.order(Arc::new(said_in("#coffee", None, "five")), Timestamp(2_000));
    let happening = Happening {
        user: UserId(1),
        person: person(),
        what: Happened::Parted { channel: ChannelName::trusted("#coffee") },
        text: Some("bye".into()),
        channels: vec![ChannelName::trusted("#coffee")],
    };
    store.log.file(seq, at, Box::new(happening));
    store.log.keep(kept("#coffee", 7));
    store.log.flush();
    store.settle();
    let before = (page(&mut store, "#coffee"), page(&mut store, "#tea"));
    assert!(before.0.iter().any(|event| matches!(event.kind, EventKind::Parted { .. })));
    assert_eq!((before.0.len(), before.1.len()), (5, 1));

    // While it is open, and again when it is closed.
    let (archive, exported) = export(&old);
    store.log.close().unwrap();
    assert_eq!(export(&old), (archive.clone(), exported));
    assert_eq!((exported.messages, exported.damaged), (5, 0));

    let restored = restore(&new, &archive).unwrap();
    assert_eq!(restored, Restored { rows: 1, messages: 5, known: 0 });
    // What was erased is erased, and all is as it was written.
    assert_eq!(export(&new).0, archive);
    let again = restore(&new, &archive).unwrap();
    assert_eq!((again.rows, again.messages), (0, 0));
    let mut store = Store::open(&new);
    assert_eq!(store.start.notes, Vec::<String>::new());
    assert_eq!((store.start.log_id, &store.start.rows[..]), (LOG, &[crate::support::row("#coffee", 7)][..]));
    assert_eq!((page(&mut store, "#coffee"), page(&mut store, "#tea")), before);
    // It goes on behind.
    store.turn([&said_in("#coffee", None, "six")]);
    store.settle();
    assert_eq!(store.texts("#coffee").last().map(String::as_str), Some("six"));
}

#[test]
fn what_clients_gave_an_id_is_known_by_it_where_the_archive_is_taken_in() {
    let (old, new) = (Scratch::new("archive-ids"), Scratch::new("archive-ids-new"));
    let mut store = Store::open(&old);
    let until = 1_800_000_000_000;
    let many: Vec<Arc<Fact>> = (1..=2001).map(|number| sent(&format!("n{number}"), "stream", number, until)).collect();
    store.turn(many.iter().map(|fact| &**fact).collect::<Vec<_>>());
    store.turn([&*sent("long ago", "ended", 1, 4), &said("six")]);
    store.settle();
    store.log.close().unwrap();
    let (archive, _) = export(&old);
    let text = String::from_utf8(archive.clone()).unwrap();
    assert_eq!(text.matches(r#""type":"stream""#).count(), 3, "in lines of a thousand, without what has ended");
    assert!(!text.contains(r#""name":"stream""#), "whoever knows its name could ask what became of it");
    restore(&new, &archive).unwrap();
    assert_eq!(restore(&new, &archive).unwrap().messages, 0);
    assert_eq!(export(&new).0, archive);
    let mut store = Store::open(&new);
    for number in [1, 1001, 2001] {
        assert_eq!(ids::kept(&mut store, "stream", number), Some((number, format!("n{number}"))));
    }
    // It goes on under its name, and what is known stays so.
    store.turn([&*sent("next", "stream", 2002, until), &*sent("again", "stream", 1, until)]);
    store.settle();
    assert_eq!(ids::kept(&mut store, "stream", 1), Some((1, "n1".into())));
    assert!(ids::kept(&mut store, "stream", 2002).is_some());
    store.log.close().unwrap();
    // Where it came from, nothing changes.
    restore(&old, &archive).unwrap();
    assert_eq!(export(&old).0, archive);
}

#[test]
fn places_of_the_former_server_are_not_given_again() {
    let (old, new) = (Scratch::new("archive-places"), Scratch::new("archive-places-new"));
    let mut store = Store::open(&old);
    store.turn([&said("one")]);
    // What people see of a fact that is not in the archive itself.
    let (seq, at) = store.log.order(Arc::new(Fact::NodeStarted {}), Timestamp(2_000));
    let what = Happened::Parted { channel: ChannelName::trusted("#tea") };
    let channels = vec![ChannelName::trusted("#tea")];
    let happening = Happening { user: UserId(1), person: person(), what, text: None, channels };
    store.log.file(seq, at, Box::new(happening));
    store.log.flush();
    store.settle();
    let (archive, _) = export(&old);
    let said_later = store.log.order(Arc::new(said("not in the archive")), Timestamp(2_000)).0;
    store.log.close().unwrap();
    restore(&new, &archive).unwrap();
    let mut store = Store::open(&new);
    assert!(store.log.order(Arc::new(said("new")), Timestamp(3_000)).0.0 > said_later.0 + 1_000_000);
    store.log.close().unwrap();
}

#[test]
fn an_archive_goes_into_nobody_elses_store() {
    let (old, new) = (Scratch::new("archive-mine"), Scratch::new("archive-theirs"));
    let mut store = Store::open(&old);
    store.turn([&said("one")]);
    store.log.close().unwrap();
    let (archive, _) = export(&old);
    let options = options(Durability::Disk, nothing());
    let mut theirs = store::open(&new.0, options, LogId(99)).unwrap();
    theirs.log.order(Arc::new(said("theirs")), Timestamp(2_000));
    theirs.log.close().unwrap();
    assert!(matches!(restore(&new, &archive), Err(RestoreError::Occupied)));
}

#[test]
fn any_cut_and_any_changed_byte_is_noticed() {
    let (old, new) = (Scratch::new("archive-whole"), Scratch::new("archive-broken"));
    let mut store = Store::open(&old);
    store.turn([&said("one"), &said("two")]);
    store.log.keep(kept("#tea", 3));
    store.log.close().unwrap();
    let (archive, _) = export(&old);
    for length in (0..archive.len()).step_by(7) {
        assert!(restore(&new, &archive[..length]).is_err(), "cut at {length}");
    }
    for at in (0..archive.len()).step_by(5) {
        let mut changed = archive.clone();
        changed[at] ^= 1;
        assert!(restore(&new, &changed).is_err(), "changed at {at}");
    }
    assert!(!new.database().exists(), "nothing was changed");
    restore(&new, &archive).unwrap();
}

fn imported(source: u8, at: i64, channel: &str, text: &str, reply_to: Option<u8>) -> Imported {
    let Fact::Said { message, .. } = said_in(channel, None, text) else { unreachable!() };
    let message = Message { tags: Vec::new(), user: UserId(0), ..(*message).clone() };
    Imported { source: [source; 16], at: Timestamp(at), message, reply_to: reply_to.map(|source| [source; 16]) }
}

fn staged(casemapping: irc::casemap::CaseMapping, all: &[Imported]) -> Staging {
    let mut staging = Staging::begin(casemapping).unwrap();
    for one in all {
        staging.stage(one).unwrap();
    }
    staging
}

fn import(scratch: &Scratch, all: &[Imported]) -> Outcome {
    let options = options(Durability::Disk, nothing());
    let mut staging = staged(options.casemapping, all);
    let import = Import::begin(&scratch.0, options, LOG).unwrap();
    let mut told = (0, 0);
    let outcome = import.finish(&mut staging, |done, all| told = (done, all)).unwrap();
    assert_eq!(told, (all.len() as u64, all.len() as u64));
    outcome
}

#[test]
fn what_was_said_elsewhere_is_sorted_and_comes_once() {
    let scratch = Scratch::new("import");
    let mut store = Store::open(&scratch);
    store.turn([&said("here")]); // at 2000
    store.log.close().unwrap();
    let all = [
        imported(2, 300, "#old", "second", Some(1)),
        imported(1, 100, "#old", "first", Some(9)),
        imported(3, 400, "#old", "", Some(2)),
        imported(4, 400, "#old", "", Some(9)),
        imported(5, 100, "#tea", "too old", None),
    ];
    let outcome = import(&scratch, &all);
    let expected =
        Outcome { new: 3, known: 0, too_old: [("#tea".to_owned(), 1)].into_iter().collect(), without_message: 1 };
    assert_eq!(outcome, expected);
    assert_eq!(import(&scratch, &all), Outcome { new: 0, known: 3, ..expected });
    let mut store = Store::open(&scratch);
    assert_eq!(store.start.notes, Vec::<String>::new());
    let entries = page(&mut store, "#old");
    let shown: Vec<_> = entries
        .iter()
        .map(|event| match &event.kind {
            EventKind::Message(message) => (event.at.0, &*message.text, message.tags.len()),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(shown, [(100, "first", 0), (300, "second", 1), (400, "", 1)]);
    // What is said now is later, and what was imported is found by its time all the same.
    store.turn([&said_in("#old", None, "now")]);
    store.settle();
    is_found_by_its_time(&mut store);
    store.log.close().unwrap();
    let again = Scratch::new("import-restored");
    restore(&again, &export(&scratch).0).unwrap();
    is_found_by_its_time(&mut Store::open(&again));
}

fn is_found_by_its_time(store: &mut Store) {
    for (channel, time, expected) in [("#old", 100, 300), ("#old", 300, 2000), ("#tea", 100, 2000)] {
        let span = Span::After(Point::Time(Timestamp(time)));
        let page = Page { span, limit: 1, ..latest(channel, Seq(u64::MAX), 1) };
        let page = Page { of: Conversation::Channel(ChannelName::trusted(channel)), ..page };
        let Found::Page { entries, .. } = store.find(Query::Page(page)) else { panic!("no page") };
        assert_eq!(entries.first().map(|event| event.at.0), Some(expected), "{channel} after {time}");
    }
}

#[test]
fn what_was_said_elsewhere_is_taken_into_a_store_that_is_used() {
    let scratch = Scratch::new("take-in");
    let mut store = Store::open(&scratch);
    let all = [
        imported(1, 100, "#old", "first", None),
        imported(2, 200, "#tea", "older than what is said meanwhile", None),
        imported(3, 300, "#old", "second", Some(1)),
    ];
    let mut staging = staged(irc::casemap::CaseMapping::Ascii, &all);
    let (page, fates) = staging.next_page().unwrap().unwrap();
    assert!(staging.next_page().unwrap().is_none());
    // In one turn with what people say; it is decided when it is written.
    store.turn([&said("meanwhile")]);
    store.log.take_in(page);
    store.turn([&said_in("#old", None, "now")]);
    store.settle();
    assert_eq!(fates.iter().collect::<Vec<_>>(), [Fate::New, Fate::TooOld("#tea".into()), Fate::New]);
    assert_eq!(store.texts("#old"), ["first", "second", "now"]);
    assert_eq!(store.texts("#tea"), ["meanwhile"]);
    store.log.close().unwrap();

    // Once more, and in the next process: it is there. A store that is closed takes nothing, and that is noticed.
    let mut store = Store::open(&scratch);
    assert_eq!((store.start.notes.len(), store.start.last), (0, Seq(5)));
    let mut again = staged(irc::casemap::CaseMapping::Ascii, &all[..1]);
    let (page, fates) = again.next_page().unwrap().unwrap();
    store.log.take_in(page);
    store.turn([&said("later")]);
    store.news_until(|news| matches!(news, News::Committed(_)));
    assert_eq!(fates.iter().collect::<Vec<_>>(), [Fate::Known]);
    store.log.close().unwrap();
    assert!(store::verify(&scratch.0).unwrap().is_well());
    let mut store = Store::open(&scratch);
    assert_eq!(store.texts("#tea"), ["meanwhile", "later"], "the places that nothing was kept at are no damage");
    store.log.close().unwrap();
}
