//! The store on a simulated disk, step by step.

use std::path::Path;
use std::sync::Arc;

use chat::fact::Fact;
use chat::ids::{LogId, Seq};
use chat::time::{Instant, Timestamp};
use irc::casemap::CaseMapping;
use store::{Durability, News, Options, Stepped, StoreError};

use super::{Crash, Disk, Faults, Lies};
use crate::random::Random;
use crate::vfs;

fn open(disk: &Disk) -> Result<Stepped, StoreError> {
    let options = Options {
        durability: Durability::Disk,
        casemapping: CaseMapping::Ascii,
        program_version: "test".into(),
        now: Timestamp(0),
        on_news: Arc::new(|| ()),
        pages_max: Arc::default(),
        disk: store::Disk { vfs: Some(vfs::NAME), files: Arc::new(disk.clone()) },
        history: true,
    };
    store::open_stepped(Path::new("/data"), options, LogId(1))
}

/// Has a fact committed by a process that then dies.
fn commit_and_die(disk: &Disk, crash: Crash) {
    let mut store = open(disk).expect("a good disk");
    store.opened.log.order(Arc::new(Fact::NodeStarted {}), Timestamp(0));
    store.opened.log.flush();
    while let Some(due) = store.workers.iter_mut().find(|worker| worker.is_due(Instant::default())) {
        due.step(&Instant::default);
    }
    assert_eq!(store.opened.log.news().collect::<Vec<_>>(), [News::Committed(Seq(1))]);
    disk.crash();
    drop(store);
    disk.restart(crash);
}

fn new_disk(seed: u64) -> Disk {
    let disk = Disk::new(Random::new(seed));
    vfs::install(&disk);
    disk
}

#[test]
fn what_was_synced_survives_any_crash_and_what_was_not_need_not() {
    let mut lost = 0;
    for seed in 0..40 {
        for crash in [Crash::Kill, Crash::PowerLoss] {
            let disk = new_disk(seed);
            commit_and_die(&disk, crash);
            assert_eq!(open(&disk).expect("it recovers").opened.start.last, Seq(1), "seed {seed}, {crash:?}");
        }
        let disk = new_disk(seed);
        disk.set_lies(Lies { sync_does_nothing: true, ..Lies::default() });
        commit_and_die(&disk, Crash::PowerLoss);
        lost += u32::from(open(&disk).map_or(true, |store| store.opened.start.last == Seq::ZERO));
    }
    assert!(lost > 10, "lost {lost} times of 40");
}

/// A former process may have ended because its syncs failed: what it wrote is then only in the system's cache.
#[test]
fn what_a_former_process_left_is_not_trusted_while_it_cannot_be_synced() {
    let disk = new_disk(1);
    commit_and_die(&disk, Crash::Kill);
    disk.set_faults(Faults { sync: 1000, ..Faults::default() });
    let error = open(&disk).expect_err("the write-ahead log cannot be synced").to_string();
    assert_eq!(error, "cannot recover /data/loggia.db");
    disk.set_faults(Faults::default());
    assert_eq!(open(&disk).expect("it recovers").opened.start.last, Seq(1));
}

/// The promise to a lone sender: its message waits for one sync. Only when the write-ahead log begins anew, after 4 MiB, its
/// new head is synced before.
#[test]
fn a_lone_commit_is_one_sync() {
    let disk = new_disk(1);
    let mut store = open(&disk).expect("a good disk");
    let mut commit = |seq| {
        store.opened.log.order(Arc::new(Fact::NodeStarted {}), Timestamp(0));
        store.opened.log.flush();
        let writer = store.workers.iter_mut().find(|worker| worker.name() == "store writer").expect("there is one");
        let before = disk.inner().syncs;
        while writer.is_due(Instant::default()) {
            writer.step(&Instant::default);
        }
        assert_eq!(store.opened.log.news().collect::<Vec<_>>(), [News::Committed(Seq(seq))]);
        disk.inner().syncs - before
    };
    // The first one begins the write-ahead log.
    assert_eq!(commit(1), 2);
    for seq in 2..100 {
        assert_eq!(commit(seq), 1, "commit {seq}");
    }
}
