//! A store without threads: nothing happens but by steps, and with them everything does.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chat::history::{Found, Query};
use chat::ids::{Seq, SessionId};
use chat::time::{Instant, Timestamp};
use store::{Durability, News, Opened, Options, Stepped, Worker};

use crate::support::{LOG, Scratch, latest, options, quit, said};

fn open(scratch: &Scratch, durability: Durability) -> (Stepped, Options) {
    let options = options(durability, Arc::new(|| ()));
    (store::open_stepped(&scratch.0, options.clone(), LOG).unwrap(), options)
}

/// Steps what is due until nothing is; returns when time alone brings something next, but for the index.
fn settle(workers: &mut [Worker], now: &Cell<Instant>) -> Option<Instant> {
    while let Some(due) = workers.iter_mut().find(|worker| worker.is_due(now.get())) {
        due.step(&|| now.get());
    }
    workers.iter().filter(|worker| worker.name() != "store index").filter_map(Worker::deadline).min()
}

#[test]
fn facts_are_committed_found_and_closed_by_steps() {
    let scratch = Scratch::new("stepped");
    let (Stepped { opened: Opened { mut log, reader, .. }, mut workers }, _) = open(&scratch, Durability::Disk);
    let now = Cell::new(Instant::default());
    assert_eq!(settle(&mut workers, &now), None);
    log.order(Arc::new(said("hello")), Timestamp(2_000));
    log.flush();
    assert_eq!(log.news().count(), 0, "nothing happens by itself");
    assert_eq!(settle(&mut workers, &now), None);
    assert_eq!(log.news().collect::<Vec<_>>(), [News::Committed(Seq(1))]);

    reader.ask(SessionId(9), Query::Page(latest("#tea", Seq(2), 10)));
    assert!(reader.answers().is_empty());
    settle(&mut workers, &now);
    let answers = reader.answers();
    assert!(
        matches!(&answers[..], [answer] if matches!(&answer.found, Found::Page { entries, .. } if entries.len() == 1))
    );

    log.order(Arc::new(quit(1)), Timestamp(3_000));
    log.ask_to_end();
    settle(&mut workers, &now);
    assert!(workers.iter().all(Worker::has_ended), "{workers:?}");
    drop(workers);
    log.close().unwrap();
    let (Stepped { opened, .. }, _) = open(&scratch, Durability::Disk);
    assert_eq!((opened.start.last, opened.start.notes), (Seq(2), vec![]));
}

#[test]
fn after_trouble_the_clock_decides_when_it_is_tried_again() {
    let scratch = Scratch::new("stepped-trouble");
    let (Stepped { opened: Opened { mut log, .. }, mut workers }, options) = open(&scratch, Durability::Disk);
    let now = Cell::new(Instant::default());
    options.pages_max.store(1, Ordering::Relaxed);
    log.order(Arc::new(said(&"x".repeat(1_000_000))), Timestamp(2_000));
    log.flush();
    let first_retry = settle(&mut workers, &now).unwrap();
    assert_eq!(first_retry, Instant::at(Duration::from_millis(100)));
    assert!(matches!(&log.news().collect::<Vec<_>>()[..], [News::Refuses { .. }, News::Voided { .. }]));
    options.pages_max.store(0, Ordering::Relaxed);
    now.set(Instant::at(Duration::from_millis(99)));
    assert_eq!(settle(&mut workers, &now), Some(first_retry));
    now.set(first_retry);
    assert_eq!(settle(&mut workers, &now), None);
    assert_eq!(log.news().collect::<Vec<_>>(), [News::Accepts]);
}

#[test]
fn what_is_written_behind_is_written_after_a_second_or_when_somebody_asks() {
    let scratch = Scratch::new("stepped-behind");
    let (Stepped { opened: Opened { mut log, reader, .. }, mut workers }, _) = open(&scratch, Durability::Memory);
    let now = Cell::new(Instant::default());
    let second = Instant::at(Duration::from_secs(1));
    log.order(Arc::new(said("hello")), Timestamp(2_000));
    log.flush();
    assert_eq!(settle(&mut workers, &now), Some(second));
    assert_eq!(log.stats().commits, 0);
    now.set(second);
    assert_eq!(settle(&mut workers, &now), None);
    assert_eq!(log.stats().commits, 1);

    log.order(Arc::new(said("again")), Timestamp(2_000));
    log.flush();
    reader.ask(SessionId(9), Query::Page(latest("#tea", Seq(3), 10)));
    settle(&mut workers, &now);
    assert_eq!(log.stats().commits, 2);
    assert!(
        matches!(&reader.answers()[..], [answer] if matches!(&answer.found, Found::Page { entries, .. } if entries.len() == 2))
    );
}
