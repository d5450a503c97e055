//! The read side: pages of a channel's history, and what is never served.

use crate::support::{LOG, Scratch, Store, said, said_in, said_to, try_open};
use chat::event::{MessageKind, Target};
use chat::history::{Found, Query};
use chat::ids::{ChannelId, MsgId, Seq, SessionId};
use chat::rank::Rank;
use chat::reply::Kept;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use irc::names::ChannelName;
use store::Durability;

fn texts(messages: &[Kept]) -> Vec<&str> {
    messages.iter().map(|kept| &*kept.message.text).collect()
}

#[test]
fn a_page_has_the_last_messages_before_a_place_oldest_first() {
    let scratch = Scratch::new("pages");
    let mut store = Store::open(&scratch);
    let facts: Vec<_> =
        (1..=100).map(|number| said_in(["#Tea", "#coffee"][number % 2], None, &number.to_string())).collect();
    store.turn(&facts);
    store.settle();

    let answer = store.replay("#TEA", Seq(101), 3);
    assert_eq!(texts(&answer), ["96", "98", "100"]);
    let first = &answer[0];
    assert_eq!((first.id, first.at), (MsgId { log: LOG, seq: Seq(96) }, Timestamp(2_000)));
    assert_eq!(first.message.sender, crate::support::person());
    assert_eq!(first.message.tags.len(), 2);

    assert_eq!(texts(&store.replay("#tea", Seq(96), 2)), ["92", "94"]);
    assert_eq!(texts(&store.replay("#tea", Seq(4), 10)), ["2"]);
    assert!(store.replay("#tea", Seq(2), 10).is_empty());
    assert!(store.replay("#tea", Seq(101), 0).is_empty());
    assert!(store.replay("#milk", Seq(101), 10).is_empty());
    assert_eq!(store.replay("#coffee", Seq(1000), 1000).len(), 50);
    store.log.close().unwrap();
    // Every question has an answer, also too late.
    assert_eq!(store.reader.answers().len(), 0);
    store.reader.ask(SessionId(1), Query::message(MsgId { log: LOG, seq: Seq(1) }));
    let answers = store.reader.answers();
    assert!(matches!(&answers[0].found, Found::Trouble(why) if &**why == "the store is closed"), "{answers:?}");
}

#[test]
fn what_is_for_operators_or_without_text_is_not_replayed() {
    let scratch = Scratch::new("for-all");
    let mut store = Store::open(&scratch);
    let channel = || Target::Channel { id: ChannelId(5), name: ChannelName::trusted("#tea"), rank: None };
    store.turn([
        &said("to all"),
        &said_in("#tea", Some(Rank::Operator), "to operators"),
        &said_to(channel(), MessageKind::Tagmsg, ""),
        &said_to(channel(), MessageKind::Notice, "a notice"),
    ]);
    store.settle();
    assert_eq!(store.texts("#tea"), ["to all", "a notice"]);
    assert_eq!(texts(&store.replay("#tea", Seq(4), 1)), ["to all"]);
}

#[test]
fn a_page_is_found_by_the_index_alone() {
    let scratch = Scratch::new("plan");
    let mut store = Store::open(&scratch);
    store.turn([&said("hello")]);
    store.settle();
    let plan: String = scratch
        .sqlite()
        .query_row(
            "EXPLAIN QUERY PLAN SELECT text FROM facts
             WHERE channel = ?1 AND seq < ?2 AND text <> '' ORDER BY seq DESC LIMIT ?3",
            ("#tea", 5, 10),
            |row| row.get(3),
        )
        .unwrap();
    assert_eq!(plan, "SEARCH facts USING INDEX messages_of_channel (channel=? AND seq<?)");
}

#[test]
fn a_changed_byte_is_noticed_at_the_start_and_never_served() {
    for (change, broken) in [
        ("UPDATE facts SET text = 'tWo' WHERE seq = 2", false),
        ("UPDATE facts SET data = replace(data, 'home', 'hole') WHERE seq = 2", false),
        ("UPDATE facts SET at = at + 1 WHERE seq = 2", false),
        ("UPDATE facts SET row_check = row_check + 1 WHERE seq = 2", true),
        ("DELETE FROM facts WHERE seq = 2", true),
    ] {
        let scratch = Scratch::new("corrupt");
        let mut store = Store::open(&scratch);
        store.turn([&said("one"), &said("two"), &said("three")]);
        store.settle();
        store.log.close().unwrap();
        assert_eq!(scratch.sqlite().execute(change, []).unwrap(), 1);

        let mut store = Store::open(&scratch);
        assert!(!store.start.notes.is_empty(), "{change}");
        let chain = store.start.notes.iter().any(|note| note.contains("chain of checksums"));
        let rows = store.start.notes.iter().any(|note| note.contains("not shown: 2"));
        assert_eq!((chain, rows), (broken, !change.starts_with("DELETE")), "{change}: {:?}", store.start.notes);
        assert_eq!(store.texts("#tea"), ["one", "three"], "{change}");
    }
}

#[test]
fn an_erased_text_is_gone_and_the_checksums_still_agree() {
    let scratch = Scratch::new("erased");
    let mut store = Store::open(&scratch);
    store.turn([&said("one"), &said("secret"), &said("three")]);
    store.settle();
    store.log.close().unwrap();
    scratch.sqlite().execute("UPDATE facts SET text = NULL WHERE seq = 2", []).unwrap();

    let mut store = Store::open(&scratch);
    assert!(store.start.notes.is_empty(), "{:?}", store.start.notes);
    assert_eq!(store.texts("#tea"), ["one", "three"]);
    store.turn([&said("four")]);
    store.settle();
    store.log.close().unwrap();
    let store = Store::open(&scratch);
    assert!(store.start.notes.is_empty(), "{:?}", store.start.notes);
}

#[test]
fn another_casemapping_folds_the_names_anew() {
    let scratch = Scratch::new("casemapping");
    let open = |casemapping| try_open(&scratch.0, Durability::Disk, casemapping).unwrap();
    let mut store = open(CaseMapping::Ascii);
    store.turn([&said_in("#Caffè", None, "one"), &said_in("#CAFFÈ", None, "two"), &said_in("#Tea", None, "tea")]);
    store.turn([&crate::support::edited(2, "two")]);
    store.order(&crate::support::quit(1));
    store.log.keep(crate::support::kept("#CAFFÈ", 1));
    store.log.flush();
    store.settle();
    assert_eq!(store.texts("#caffè"), ["one"]);
    store.log.close().unwrap();

    let mut store = open(CaseMapping::Precis);
    assert!(store.start.notes[0].contains("casemapping precis"), "{:?}", store.start.notes);
    assert_eq!(store.texts("#caffè"), ["one", "two"]);
    assert_eq!(store.texts("#tea"), ["tea"]);
    store.order(&crate::support::quit(2));
    store.log.keep(crate::support::kept("#Caffè", 2));
    store.log.close().unwrap();

    let mut store = open(CaseMapping::Ascii);
    assert_eq!(store.texts("#CAFFÈ"), ["two"]);
    assert_eq!(store.start.rows, [crate::support::row("#Caffè", 2)]);
    store.log.close().unwrap();
    assert!(open(CaseMapping::Ascii).start.notes.is_empty());
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
}
