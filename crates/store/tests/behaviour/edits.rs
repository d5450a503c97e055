//! What was said gets other words, or is taken back: what history shows, what is found by its words, what stays on the disk.

use std::fs;

use crate::support::{LOG, Scratch, Store, edited, id, redacted, said, said_to};
use chat::event::{MessageKind, Target};
use chat::history::{Found, Kinds, Query};
use chat::ids::{ChannelId, Seq};
use irc::names::ChannelName;

/// The places of what has this word.
fn found(store: &mut Store, word: &str) -> Vec<u64> {
    let found = store.find(Query::Search(Box::new(crate::search::search(word))));
    let Found::Search { messages, .. } = found else { panic!("not found: {found:?}") };
    messages.iter().map(|kept| kept.id.seq.0).collect()
}

#[test]
fn an_edit_shows_the_newest_words_in_the_place_of_the_first() {
    let scratch = Scratch::new("edits");
    let mut store = Store::open(&scratch);
    store.turn([&said("tee at five"), &said("fine"), &edited(1, "tea at five"), &edited(1, "tea at six")]);
    store.settle();
    assert_eq!(store.texts("#tea"), ["tea at six", "fine"]);
    let first = &store.replay("#tea", Seq(5), 2)[0];
    assert_eq!((first.id, first.message.sender.clone()), (id(1), crate::support::person()));
    let tag = ("loggia.chat/edited".into(), Some(id(4).to_string().into()));
    assert_eq!(first.message.tags.first(), Some(&tag));
    assert_eq!(first.message.tags.len(), 3, "its own tags stay");
    let Found::Message(Some(one)) = store.find(Query::message(id(1))) else { panic!("it is there") };
    assert_eq!(&*one.message.text, "tea at six");
    // The words before are in the log, and are found no more.
    assert_eq!(
        (found(&mut store, "tee"), found(&mut store, "six"), found(&mut store, "five")),
        (vec![], vec![1], vec![])
    );
    let texts: i64 =
        scratch.sqlite().query_row("SELECT count(*) FROM facts WHERE text IS NOT NULL", [], |row| row.get(0)).unwrap();
    assert_eq!(texts, 4);
    // And so it is after a restart.
    store.log.close().unwrap();
    let mut store = Store::open(&scratch);
    assert_eq!(store.texts("#tea"), ["tea at six", "fine"]);
}

#[test]
fn what_is_redacted_is_gone_in_all_its_words_from_the_disk_too() {
    let scratch = Scratch::new("redacted");
    let mut store = Store::open(&scratch);
    store.turn([&said("hunter2 xyzzy"), &said("stays"), &edited(1, "plugh instead"), &redacted(1)]);
    store.settle();
    assert_eq!(store.texts("#tea"), ["stays"]);
    assert!(matches!(store.find(Query::message(id(1))), Found::Message(None)));
    assert_eq!(
        (found(&mut store, "xyzzy"), found(&mut store, "plugh"), found(&mut store, "stays")),
        (vec![], vec![], vec![2])
    );
    // Once more, other words that come too late, and for what there never was.
    store.turn([&redacted(1), &edited(1, "frotz"), &redacted(700), &edited(700, "frotz"), &redacted(2)]);
    store.settle();
    assert!(store.texts("#tea").is_empty());
    assert!(found(&mut store, "frotz").is_empty() && found(&mut store, "stays").is_empty());
    store.log.close().unwrap();
    let mut store = Store::open(&scratch);
    assert!(store.start.notes.is_empty(), "checksums agree: {:?}", store.start.notes);
    assert!(store.texts("#tea").is_empty());
    store.log.close().unwrap();
    let bytes = fs::read(scratch.database()).unwrap();
    for word in ["hunter2", "xyzzy", "plugh", "frotz"] {
        assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word} is in the file");
    }
}

#[test]
fn a_message_of_tags_alone_can_be_taken_back() {
    let scratch = Scratch::new("redacted-tags");
    let mut store = Store::open(&scratch);
    let channel = Target::Channel { id: ChannelId(5), name: ChannelName::trusted("#tea"), rank: None };
    store.turn([&said_to(channel, MessageKind::Tagmsg, "")]);
    store.settle();
    let kinds = Kinds { tagmsgs: true, events: false };
    let page = |before| chat::history::Page { kinds, ..crate::support::latest("#tea", before, 10) };
    let count = |found| if let Found::Page { entries, .. } = found { entries.len() } else { panic!("no page") };
    assert_eq!(count(store.find(Query::Page(page(Seq(9))))), 1);
    store.turn([&redacted(1)]);
    store.settle();
    assert_eq!(count(store.find(Query::Page(page(Seq(9))))), 0);
    assert_eq!(id(1).log, LOG);
}
