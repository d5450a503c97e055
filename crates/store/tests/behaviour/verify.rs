//! What is not as it was written is found, wherever it stands, and never served.

use std::fs;
use std::sync::Arc;

use chat::event::{MessageKind, Target};
use chat::fact::Fact;
use chat::history::{Found, Happened, Happening, Kinds, Page, Query};
use chat::ids::{ChannelId, LogId, Seq, UserId};
use chat::time::Timestamp;
use irc::names::{ChannelName, Nick};
use store::{Durability, StoreError};

use crate::support::{Scratch, Store, edited, kept, latest, options, person, redacted, said, said_to, try_open};

/// A store with something of everything, closed.
fn full(scratch: &Scratch) {
    let mut store = Store::open(scratch);
    let bob = Target::User { id: UserId(8), nick: Nick::trusted("bob"), account: None };
    store.turn([&said("one"), &said("two"), &said_to(bob, MessageKind::Privmsg, "just you")]);
    store.turn([&edited(1, "uno"), &redacted(2)]);
    let name = ChannelName::trusted("#Tea");
    let parted = Fact::Parted { user: UserId(1), channel: ChannelId(5), reason: Some("bye".into()) };
    let (seq, at) = store.log.order(Arc::new(parted), Timestamp(2_000));
    let what = Happened::Parted { channel: name.clone() };
    let text = Some("bye".into());
    store.log.file(
        seq,
        at,
        Box::new(Happening { user: UserId(1), person: person(), what, text, channels: vec![name] }),
    );
    store.log.keep(kept("#Tea", 7));
    let renamed = Fact::ChannelRenamed {
        user: UserId(1),
        channel: ChannelId(5),
        old: ChannelName::trusted("#Tea"),
        name: ChannelName::trusted("#Cake"),
        reason: "".into(),
    };
    store.turn([&renamed, &said("another tea")]);
    store.settle();
    store.log.close().unwrap();
}

#[test]
fn a_store_as_it_was_written_is_well() {
    let scratch = Scratch::new("verify-well");
    full(&scratch);
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
    let counts = (report.facts, report.happenings, report.direct, report.edits, report.rows);
    assert_eq!(counts, (8, 1, 1, 1, 1));
}

#[test]
fn every_change_is_found_and_said() {
    for (change, problem) in [
        ("UPDATE facts SET text = 'One' WHERE seq = 1", "fact 1 is not as it was written"),
        ("UPDATE facts SET data = replace(data, 'home', 'hole') WHERE seq = 3", "fact 3 is not as it was written"),
        ("UPDATE facts SET row_check = row_check + 1 WHERE seq = 4", "chain of checksums is broken before fact 4"),
        ("UPDATE facts SET chain = chain + 1 WHERE seq = 4", "chain of checksums is broken before fact 4"),
        ("DELETE FROM facts WHERE seq = 5", "chain of checksums is broken before fact 6"),
        ("UPDATE facts SET channel = '#milk' WHERE seq = 1", "fact 1 was said in #tea and stands in #milk"),
        ("UPDATE facts SET channel = '#tea' WHERE seq = 8", "fact 8 was said in #tea 7 and stands in #tea"),
        ("DELETE FROM channel_keys", "the past of #cake stands under #tea and is looked for under #cake"),
        ("UPDATE direct SET receiver_owner = 'user:9'", "fact 3: whose direct message it is does not agree"),
        ("DELETE FROM direct", "fact 3: whose direct message it is does not agree"),
        (
            "INSERT INTO direct SELECT 99, sender_owner, sender_peer, sender_nick, receiver_owner, receiver_peer,
          receiver_nick FROM direct",
            "a direct message at place 99 belongs to nothing",
        ),
        ("DELETE FROM edits", "fact 4 gives fact 1 other words, which are not shown"),
        ("UPDATE edits SET message = 3", "fact 4 gives fact 1 other words, which are not shown"),
        ("INSERT INTO edits VALUES (77, 1)", "an edit at place 77 belongs to nothing"),
        ("DELETE FROM corrections", "fact 4 edits or takes back fact 1: who was away is not told"),
        ("UPDATE corrections SET place = '#milk'", "fact 4 edits or takes back fact 1: who was away is not told"),
        ("UPDATE corrections SET message = 3", "fact 4 edits or takes back fact 1: who was away is not told"),
        ("INSERT INTO corrections VALUES ('#tea', 77, 1)", "a correction at place 77 belongs to nothing"),
        ("UPDATE happenings SET text = 'hi'", "what happened with fact 6 is not as it was written"),
        ("UPDATE happenings SET data = replace(data, 'home', 'hole')", "what happened with fact 6 is not as it was"),
        ("DELETE FROM happenings_of_channel", "what happened with fact 6 stands in 0 channels"),
        ("DELETE FROM happenings", "what happened at place 6 belongs to nothing"),
        ("UPDATE rows SET data = replace(data, '7', '8')", "channel #tea is not as it was written"),
        ("UPDATE meta SET value = value + 1 WHERE name = 'kept_bytes'", "bytes are noted as kept and"),
    ] {
        let scratch = Scratch::new("verify-change");
        full(&scratch);
        assert!(scratch.sqlite().execute(change, []).unwrap() > 0, "{change}");
        let report = store::verify(&scratch.0).unwrap();
        assert!(report.to_string().contains(problem), "{change}: {report}");
    }
}

#[test]
fn flipped_bytes_are_found_and_never_served() {
    let scratch = Scratch::new("verify-flipped");
    let mut store = Store::open(&scratch);
    for number in 0..200 {
        store.turn([&said(&format!("message {number:03} {}", "perché ".repeat(20)))]);
    }
    store.settle();
    store.log.close().unwrap();
    let whole = fs::read(scratch.database()).unwrap();
    let (mut found, mut looked) = (0, 0);
    // A zero is free space, as good as always: nobody's.
    for place in (4096..whole.len()).step_by(1531).filter(|place| whole[*place] != 0) {
        looked += 1;
        let mut flipped = whole.clone();
        flipped[place] ^= 0x10;
        fs::write(scratch.database(), flipped).unwrap();
        match store::verify(&scratch.0) {
            Ok(report) => found += usize::from(!report.is_well()),
            Err(error) => {
                assert!(matches!(error, StoreError::Damaged { .. } | StoreError::Database { .. }), "{error}");
                found += 1;
            }
        }
        let Ok(mut store) = try_open(&scratch.0, Durability::Disk, irc::casemap::CaseMapping::Ascii) else { continue };
        let kinds = Kinds { tagmsgs: true, events: true };
        match store.find(Query::Page(Page { kinds, ..latest("#tea", Seq(999), 999) })) {
            Found::Page { entries, .. } => {
                for event in entries {
                    let chat::event::EventKind::Message(message) = &event.kind else { panic!("{event:?}") };
                    let number = event.id.unwrap().seq.0 - 1;
                    assert_eq!(*message.text, *format!("message {number:03} {}", "perché ".repeat(20)), "at {place}");
                }
            }
            Found::Trouble(_) => {}
            other => panic!("{other:?}"),
        }
        drop(store.log);
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{ending}", scratch.database().display()));
        }
    }
    assert!(found * 10 >= looked * 9, "{found} of {looked} flipped bytes were found");
}

#[test]
fn a_copy_is_whole_compact_and_goes_on_far_behind() {
    let scratch = Scratch::new("copy");
    let mut store = Store::open(&scratch);
    store.turn([&said("one"), &said("xyzzy"), &said("three"), &redacted(2)]);
    store.settle();
    let copy = Scratch::new("copied");
    store::copy(&scratch.0, &copy.database()).unwrap();
    // What comes later is not in it.
    store.turn([&said("later")]);
    store.settle();
    let bytes = fs::read(copy.database()).unwrap();
    assert!(!bytes.windows(5).any(|window| window == b"xyzzy"), "what was erased");
    let report = store::make_ready(&copy.0, options(Durability::Disk, Arc::new(|| ()))).unwrap();
    assert!(report.is_well() && report.facts == 4, "{report}");
    let mut copied = Store::open(&copy);
    assert_eq!(copied.start.log_id, store.start.log_id);
    assert_eq!(copied.texts("#tea"), ["one", "three"]);
    assert_eq!(copied.turn([&said("four")]), [Seq((1 << 32) + 1)]);
    copied.settle();
    assert_eq!(copied.texts("#tea"), ["one", "three", "four"]);
    assert_ne!(copied.start.log_id, LogId(0));
}

#[test]
fn only_a_database_of_ours_and_of_now_is_looked_through() {
    let scratch = Scratch::new("verify-ours");
    assert!(store::verify(&scratch.0).is_err(), "there is none");
    Store::open(&scratch).log.close().unwrap();
    for (format, is_newer) in [(store::FORMAT + 1, true), (store::FORMAT - 1, false)] {
        scratch.sqlite().pragma_update(None, "user_version", format).unwrap();
        match store::verify(&scratch.0).unwrap_err() {
            StoreError::NewerFormat { found, .. } => assert!(is_newer && found == format),
            StoreError::OlderFormat { found, .. } => assert!(!is_newer && found == format),
            other => panic!("{other}"),
        }
    }
}
