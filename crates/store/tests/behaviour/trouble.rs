//! A disk that is full: messages are refused, state is kept in order, and all goes on by itself when there is room.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::support::{Scratch, Store, kept, quit, row, said};
use chat::ids::Seq;
use store::{CloseError, Durability, News};

/// Fills the disk: the database may not grow by a page.
fn fill(scratch: &Scratch, store: &mut Store) {
    store.settle();
    let database = scratch.sqlite();
    let pages: u32 = database.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.pages_max.store(pages, Ordering::Relaxed);
}

/// Makes room again.
fn empty(store: &Store) {
    store.pages_max.store(0, Ordering::Relaxed);
}

const FULL: &str = "no space left on the disk";

fn places(scratch: &Scratch) -> Vec<(i64, String)> {
    let database = scratch.sqlite();
    let mut statement = database.prepare("SELECT seq, kind FROM facts ORDER BY seq").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

#[test]
fn messages_are_voided_and_state_is_kept_in_order() {
    let scratch = Scratch::new("full-disk");
    let mut store = Store::open(&scratch);
    store.turn([&said("before")]);
    fill(&scratch, &mut store);

    let long = said(&"x".repeat(100_000));
    store.order(&quit(1));
    store.log.keep(kept("#tea", 7));
    store.turn([&long, &quit(2), &said("short")]);
    let news = store.news_until(|news| matches!(news, News::Voided { .. }));
    let why: Arc<str> = FULL.into();
    assert_eq!(
        news,
        [News::Refuses { why: Arc::clone(&why) }, News::Voided { facts: vec![Seq(3), Seq(5)], why: Arc::clone(&why) }]
    );
    assert!(store.log.stats().refusing);

    // What was ordered before the hall heard of it: the message is voided too, the state waits.
    store.turn([&quit(3), &long]);
    let news = store.news_until(|news| matches!(news, News::Voided { .. }));
    let voided = news.iter().find(|news| matches!(news, News::Voided { .. })).unwrap();
    assert_eq!(*voided, News::Voided { facts: vec![Seq(7)], why });
    assert!(!news.iter().any(|news| matches!(news, News::Refuses { .. })), "said once: {news:?}");

    empty(&store);
    let news = store.news_until(|news| *news == News::Accepts);
    let committed = news.iter().rposition(|news| *news == News::Committed(Seq(6)));
    let accepts = news.iter().position(|news| *news == News::Accepts);
    assert!(committed.is_some() && committed < accepts, "{news:?}");
    let after = store.turn([&said("after")]);
    assert_eq!(after, [Seq(8)]);
    store.settle();
    let stats = store.log.stats();
    assert_eq!((stats.voided, stats.refusing, stats.waiting_facts, stats.waiting_bytes), (3, false, 0, 0));
    assert!(stats.failures >= 2);
    assert_eq!(store.texts("#tea"), ["before", "after"]);
    store.log.close().unwrap();

    let kept: Vec<(i64, String)> = [(1, "said"), (2, "user_quit"), (4, "user_quit"), (6, "user_quit"), (8, "said")]
        .map(|(s, k)| (s, k.into()))
        .into();
    assert_eq!(places(&scratch), kept);
    let store = Store::open(&scratch);
    assert_eq!(store.start.rows, [row("#tea", 7)]);
    assert!(store.start.notes.is_empty(), "the chain of checksums has no break: {:?}", store.start.notes);
}

#[test]
fn recovery_is_noticed_though_nothing_waits_and_voided_places_are_never_given_again() {
    let scratch = Scratch::new("probe");
    let mut store = Store::open(&scratch);
    store.turn([&said("before")]);
    fill(&scratch, &mut store);
    store.turn([&said(&"x".repeat(100_000))]);
    store.news_until(|news| matches!(news, News::Voided { .. }));
    empty(&store);
    let news = store.news_until(|news| *news == News::Accepts);
    assert_eq!(news, [News::Accepts]);
    store.log.close().unwrap();
    let store = Store::open(&scratch);
    assert_eq!(store.start.last, Seq(2), "the voided fact's place");
    let probes: i64 = scratch.sqlite().query_row("SELECT count(*) FROM probe", [], |row| row.get(0)).unwrap();
    assert_eq!(probes, 0);
}

#[test]
fn it_can_happen_again_and_again() {
    let scratch = Scratch::new("again");
    let mut store = Store::open(&scratch);
    let mut expected = Vec::new();
    for round in 0..3 {
        let text = format!("round {round}");
        store.turn([&said(&text)]);
        expected.push(text);
        fill(&scratch, &mut store);
        store.turn([&said(&"x".repeat(1_000_000))]);
        let news = store.news_until(|news| matches!(news, News::Voided { .. }));
        assert!(matches!(&news[0], News::Refuses { why } if &**why == FULL), "{news:?}");
        empty(&store);
        store.news_until(|news| *news == News::Accepts);
    }
    assert_eq!(store.texts("#tea"), expected);
    store.log.close().unwrap();
}

#[test]
fn what_memory_has_shown_is_never_voided() {
    let scratch = Scratch::new("memory-full");
    let mut store = Store::open_as(&scratch, Durability::Memory);
    let pages: u32 = scratch.sqlite().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.pages_max.store(pages, Ordering::Relaxed);
    let long = "x".repeat(100_000);
    store.turn([&said(&long)]);
    let news = store.news_until(|news| matches!(news, News::Refuses { .. }));
    assert_eq!(news[0], News::Committed(Seq(1)));
    empty(&store);
    let news = store.news_until(|news| *news == News::Accepts);
    assert!(!news.iter().any(|news| matches!(news, News::Voided { .. })), "{news:?}");
    assert_eq!(store.texts("#tea"), [long]);
}

#[test]
fn closing_gives_up_in_time_and_says_what_is_lost() {
    let scratch = Scratch::new("close-full");
    let mut store = Store::open(&scratch);
    store.turn([&said("before")]);
    fill(&scratch, &mut store);
    let mut long = quit(1);
    if let chat::fact::Fact::UserQuit { reason, .. } = &mut long {
        *reason = "x".repeat(100_000).into();
    }
    store.turn([&long, &long]);
    store.news_until(|news| matches!(news, News::Refuses { .. }));
    match store.log.close() {
        Err(CloseError::Lost { facts: 2, why }) => assert_eq!(&*why, FULL),
        other => panic!("{other:?}"),
    }
    assert_eq!(Store::open(&scratch).start.last, Seq(1));
}
