//! What clients have given an id is found by it, and forgotten with its stream.

use std::sync::Arc;

use chat::delivery::{Delivery, DeliveryId};
use chat::fact::Fact;
use chat::history::{Delivered, Found, Query};
use chat::ids::Seq;
use chat::time::Timestamp;

use crate::support::{Scratch, Store, redacted, said};

fn id(stream: &str, number: u64) -> DeliveryId {
    DeliveryId { stream: stream.into(), number }
}

pub(crate) fn sent(text: &str, stream: &str, number: u64, until: i64) -> Arc<Fact> {
    let account = Some("anna".into());
    let delivery = Delivery { id: id(stream, number), account, until: Timestamp(until) };
    Arc::new(Fact::clone(&said(text)).with_delivery(delivery))
}

fn found(store: &mut Store, stream: &str, number: u64) -> Delivered {
    match store.find(Query::Delivery { id: id(stream, number), before: Seq(u64::MAX) }) {
        Found::Delivery(delivered) => delivered,
        other => panic!("{other:?}"),
    }
}

/// The place and the text of what was kept.
pub(crate) fn kept(store: &mut Store, stream: &str, number: u64) -> Option<(u64, String)> {
    let (id, _, fact) = found(store, stream, number).kept?;
    Some((id.seq.0, fact.text().map(ToString::to_string).unwrap_or_default()))
}

#[test]
fn what_was_kept_is_found_by_its_id_also_in_the_next_process() {
    let scratch = Scratch::new("delivery");
    let mut store = Store::open(&scratch);
    store.turn([&*sent("one", "a", 1, i64::MAX), &said("between"), &*sent("three", "a", 3, i64::MAX)]);
    store.settle();
    for _ in 0..2 {
        assert_eq!(kept(&mut store, "a", 1), Some((1, "one".into())));
        assert_eq!(kept(&mut store, "a", 3), Some((3, "three".into())));
        assert_eq!((kept(&mut store, "a", 2), kept(&mut store, "b", 1)), (None, None));
        let stream = found(&mut store, "a", 2);
        assert_eq!((stream.highest, stream.account.as_deref()), (3, Some("anna")));
        assert_eq!((found(&mut store, "b", 1).highest, found(&mut store, "b", 1).account), (0, None));
        store.log.close().unwrap();
        store = Store::open(&scratch);
    }
    store.turn([&redacted(1)]);
    store.settle();
    assert_eq!(kept(&mut store, "a", 1), Some((1, String::new())), "kept it was; its words are gone");
}

#[test]
fn what_was_kept_and_is_removed_since_is_not_decided_anew() {
    let scratch = Scratch::new("delivery-gone");
    let mut store = Store::open(&scratch);
    store.turn([&*sent("one", "a", 1, i64::MAX)]);
    store.settle();
    scratch.sqlite().execute("DELETE FROM facts WHERE seq = 1", []).unwrap();
    let one = found(&mut store, "a", 1);
    assert!(one.is_gone && one.kept.is_none());
    assert!(!found(&mut store, "a", 2).is_gone);
}

#[test]
fn a_stream_that_has_ended_is_forgotten_bit_by_bit() {
    let scratch = Scratch::new("delivery-ends");
    let mut store = Store::open(&scratch);
    // All that has happened until now is long past the end of the first stream.
    let numbers: Vec<_> = (1..=10).map(|number| sent("old", "old", number, 1)).collect();
    store.turn(numbers.iter().map(|fact| &**fact));
    store.settle();
    for number in 1..=10 {
        store.turn([&*sent("new", "new", number, i64::MAX)]);
        store.settle();
    }
    assert_eq!(found(&mut store, "old", 10).highest, 0);
    assert!((1..=10).all(|number| kept(&mut store, "old", number).is_none()));
    assert!((1..=10).all(|number| kept(&mut store, "new", number).is_some()));
    store.log.close().unwrap();
    let sqlite = scratch.sqlite();
    let left: i64 = sqlite.query_row("SELECT count(*) FROM deliveries", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 10);
}
