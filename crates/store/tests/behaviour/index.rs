//! The index of words by itself: its pieces are merged, and `loggia verify` compares it with the log.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use rusqlite::Connection;
use store::{INDEX_FILE, Keep};

use crate::search::{Machine, in_index, places, search};
use crate::support::{Scratch, edited, quit, redacted, said};

fn sqlite(scratch: &Scratch) -> Connection {
    Connection::open(scratch.0.join(INDEX_FILE)).unwrap()
}

/// Of how many pieces the first part is.
fn pieces(scratch: &Scratch) -> i64 {
    sqlite(scratch).query_row("SELECT count(DISTINCT segid) FROM part_0_idx", [], |row| row.get(0)).unwrap()
}

#[test]
fn pieces_are_merged_and_a_part_that_has_ended_is_one() {
    let scratch = Scratch::new("index-pieces");
    let mut store = Machine::open(&scratch);
    for number in 0..60 {
        store.put(&[said(&format!("tea number {number}")), said("and biscuits")]);
        store.index();
    }
    let newest = pieces(&scratch);
    assert!((2..=12).contains(&newest), "sixty transactions have left {newest} pieces");
    store.close();
    // The log goes on in the next part.
    scratch.sqlite().execute("UPDATE meta SET value = 1 << 20 WHERE name = 'high_water'", []).unwrap();
    let mut store = Machine::open(&scratch);
    store.put(&[said("tea elsewhere")]);
    store.index();
    assert_eq!(pieces(&scratch), 1);
    assert_eq!(places(store.find(&search("number 17"))), [35]);
    assert_eq!(places(store.find(&search("tea"))).len(), 61);
    // What comes to an old part later does not stay apart.
    store.put(&[edited(35, "tea of another kind"), redacted(37)]);
    store.index();
    assert_eq!(pieces(&scratch), 1);
    assert_eq!(places(store.find(&search("another kind"))), [35]);
    store.close();
    assert_eq!((in_index(&scratch, "tea"), in_index(&scratch, "17"), in_index(&scratch, "18")), (59, 0, 0));
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
    assert_eq!(report.indexed, Some(120));
}

/// Lets the index do one step, at a clock that says a second more each time when it is `late`.
fn step_once(store: &mut Machine, late: bool) {
    let now = Cell::new(store.now.get() + Duration::from_secs(10));
    store.now.set(now.get());
    let clock = || {
        now.set(if late { now.get() + Duration::from_secs(1) } else { now.get() });
        now.get()
    };
    let index = store.workers.iter_mut().find(|worker| worker.name() == "store index").unwrap();
    index.step(&clock);
}

fn noted(scratch: &Scratch) -> i64 {
    scratch.sqlite().query_row("SELECT count(*) FROM to_forget", [], |row| row.get(0)).unwrap()
}

#[test]
fn what_is_said_now_and_the_end_do_not_wait_until_much_is_forgotten() {
    let scratch = Scratch::new("index-much");
    let mut store = Machine::open(&scratch);
    let all: Vec<_> = (0..2000).map(|number| said(&format!("xyzzy {number}"))).collect();
    store.put(&all);
    store.index();
    store.log.keep_only(Keep { since: None, bytes: Some(1) });
    store.step(&["store writer"]);
    assert_eq!(noted(&scratch), 2000);
    store.put(&[said("fresh tea"), said("more tea")]);
    store.put(&[edited(2002, "more milk")]);
    step_once(&mut store, false);
    assert!(noted(&scratch) > 1000, "{}", noted(&scratch));
    // What is not edited is in the index, though most is still to be taken out of it.
    assert_eq!(store.log.stats().unindexed_facts, 2);
    assert_eq!(places(store.find(&search("tea"))), [2001]);
    assert_eq!(places(store.find(&search("milk"))), [2002]);

    store.log.ask_to_end();
    store.step(&["store writer"]);
    step_once(&mut store, true);
    assert!(noted(&scratch) > 0, "it has not waited for all of it");
    store.close();
    let mut store = Machine::open(&scratch);
    store.index();
    assert_eq!(noted(&scratch), 0);
    assert_eq!(places(store.find(&search("milk"))), [2002]);
    store.close();
    assert_eq!((in_index(&scratch, "xyzzy"), in_index(&scratch, "tea"), in_index(&scratch, "milk")), (0, 1, 1));
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
}

/// The index is given what is written while it keeps up; what is changed or erased before it has put that in, it must have as it is
/// now.
#[test]
fn what_was_changed_before_the_index_had_it_is_there_as_it_is() {
    let scratch = Scratch::new("index-changed-before");
    let mut store = Machine::open(&scratch);
    store.put(&[said("one tea"), said("hunter2"), said("three milk")]);
    store.put(&[redacted(2), edited(1, "one coffee")]);
    // Changed in the transaction that has written it.
    store.put(&[said("six tea"), edited(6, "six cake")]);
    store.put(&[said("eight tea")]);
    store.index();
    // Changed when some of what was written with it is in the index.
    store.put(&[said("nine tea"), said("ten hunter2")]);
    store.index();
    store.put(&[said("eleven tea"), edited(9, "nine biscuits")]);
    store.put(&[said("thirteen hunter2"), said("fourteen milk")]);
    store.put(&[redacted(10), redacted(13)]);
    store.put(&[said("seventeen tea")]);
    store.index();
    let found = |store: &mut Machine, word: &str| places(store.find(&search(word)));
    assert_eq!(found(&mut store, "tea"), [8, 11, 17]);
    assert_eq!(found(&mut store, "milk"), [3, 14]);
    assert_eq!(found(&mut store, "coffee"), [1]);
    store.close();
    for (word, messages) in [("tea", 3), ("milk", 2), ("coffee", 1), ("cake", 1), ("biscuits", 1), ("hunter2", 0)] {
        assert_eq!(in_index(&scratch, word), messages, "{word}");
    }
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
}

/// A store with an index that has all, closed.
fn indexed(scratch: &Scratch) {
    let mut store = Machine::open(scratch);
    store.put(&[said("one tea"), said("hunter2"), quit(1), said("three 東京"), said("mitsake")]);
    store.index();
    store.put(&[redacted(2), edited(5, "mistake")]);
    store.index();
    store.close();
}

/// All files with their bytes.
fn files(scratch: &Scratch) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(&scratch.0).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (path.file_name().unwrap().to_string_lossy().into(), fs::read(&path).unwrap())).collect()
}

#[test]
fn an_index_that_agrees_with_the_log_is_well() {
    let scratch = Scratch::new("index-well");
    indexed(&scratch);
    let before = files(&scratch);
    let report = store::verify(&scratch.0).unwrap();
    assert!(report.is_well(), "{report}");
    assert_eq!(report.indexed, Some(3));
    assert!(report.to_string().ends_with(", 3 messages in the index of words"), "{report}");
    assert!(files(&scratch) == before, "it has changed the directory: {:?}", files(&scratch).keys());
    fs::remove_file(scratch.0.join(INDEX_FILE)).unwrap();
    let report = store::verify(&scratch.0).unwrap();
    assert_eq!((report.is_well(), report.indexed), (true, None));
    assert!(report.to_string().ends_with(", no index of words: it is made when the server starts"), "{report}");
}

#[test]
fn what_the_index_has_wrong_is_found_and_it_is_said_how_it_is_made_anew() {
    let words = |command: &str, seq, words: &str| {
        format!(
            "INSERT INTO part_0 (part_0, rowid, words, place, sender)
             SELECT {command}, {seq}, '{words}', place, sender FROM temp.columns_of_one"
        )
    };
    for (change, problem) in [
        (words("'delete'", 1, "tea"), "the index of words lacks words of message 1"),
        (words("NULL", 2, "hunter2"), "has words that are erased or were never there of message 2"),
        (words("NULL", 5, "mitsake"), "has words that are erased or were never there of message 5"),
        ("DELETE FROM part_0_data WHERE id > 10".to_owned(), "the index of words cannot be read to the end"),
        ("DELETE FROM parts".to_owned(), "the index of words lacks words of message 1"),
    ] {
        let scratch = Scratch::new("index-wrong");
        indexed(&scratch);
        let sqlite = sqlite(&scratch);
        sqlite.execute_batch("CREATE TEMP TABLE columns_of_one AS SELECT '' AS place, '' AS sender").unwrap();
        sqlite.execute(&change, []).unwrap();
        drop(sqlite);
        let report = store::verify(&scratch.0).unwrap();
        let told = report.to_string();
        assert!(told.contains(problem), "{change}: {told}");
        assert!(told.contains("stop the server, remove loggia-index.db*"), "{change}: {told}");
        // As it says.
        fs::remove_file(scratch.0.join(INDEX_FILE)).unwrap();
        let mut store = Machine::open(&scratch);
        store.index();
        store.close();
        let report = store::verify(&scratch.0).unwrap();
        assert_eq!((report.is_well(), report.indexed), (true, Some(3)), "{change}: {report}");
    }
}
