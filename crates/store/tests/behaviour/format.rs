//! Whose database it is, and of which format: what is not ours or too new is refused and left as it was.

use std::fs;

use crate::support::{Scratch, Store, kept, said, try_open};
use irc::casemap::CaseMapping;
use store::{Durability, FORMAT, StoreError};

fn refused(scratch: &Scratch) -> StoreError {
    let before = fs::read(scratch.database()).unwrap();
    let Err(error) = try_open(&scratch.0, Durability::Disk, CaseMapping::Ascii) else { panic!("it was opened") };
    assert_eq!(fs::read(scratch.database()).unwrap(), before, "left as it was");
    error
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let scratch = Scratch::new("newer");
    Store::open(&scratch).log.close().unwrap();
    scratch.sqlite().pragma_update(None, "user_version", FORMAT + 1).unwrap();
    let error = refused(&scratch);
    assert!(matches!(error, StoreError::NewerFormat { found, known: FORMAT, .. } if found == FORMAT + 1));
    let text = error.to_string();
    let expected =
        format!("loggia.db has store format {}, which is newer than format {FORMAT} of this program", FORMAT + 1);
    assert!(text.contains(&expected), "{text}");
}

#[test]
fn what_a_newer_program_has_kept_is_no_damage() {
    let scratch = Scratch::new("newer-row");
    let mut store = Store::open(&scratch);
    store.log.keep(kept("#tea", 7));
    store.turn([&said("one")]);
    store.log.close().unwrap();
    let newer = r##"{"kind":"teapot","name":"#tea"}"##;
    let check = crc32fast::hash(format!("channel\0#tea\0{newer}").as_bytes());
    let changed = scratch.sqlite().execute("UPDATE rows SET data = ?1, row_check = ?2", (newer, check)).unwrap();
    assert_eq!(changed, 1);
    let error = refused(&scratch);
    assert!(matches!(error, StoreError::NewerRow { .. }), "{error}");
    assert!(
        error.to_string().contains("was written by a newer version of loggia (channel #tea says something"),
        "{error}"
    );
    let report = store::verify(&scratch.0).unwrap().to_string();
    assert!(report.contains("the server does not start with it; use the newer version of loggia"), "{report}");
}

#[test]
fn another_programs_database_is_refused() {
    let scratch = Scratch::new("foreign");
    scratch.sqlite().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    let error = refused(&scratch);
    assert!(matches!(error, StoreError::NotOurs { .. }), "{error}");
    assert!(error.to_string().contains("is not a database of loggia"), "{error}");
}

#[test]
fn what_is_no_database_is_refused() {
    let scratch = Scratch::new("text");
    for content in ["Dear diary, today I wrote a chat server.", "SQLite"] {
        fs::write(scratch.database(), content).unwrap();
        assert!(matches!(refused(&scratch), StoreError::NotOurs { .. }));
    }
}

#[test]
fn a_page_of_noise_is_damage_wherever_it_is_met() {
    let scratch = Scratch::new("noise");
    let mut store = Store::open(&scratch);
    for number in 0..100 {
        store.turn([&said(&format!("message {number} {}", "perché ".repeat(20)))]);
    }
    store.settle();
    store.log.close().unwrap();
    let whole = fs::read(scratch.database()).unwrap();
    let mut damaged = 0;
    for page in whole.chunks(4096).enumerate().skip(1).map(|(number, _)| number * 4096) {
        let mut noisy = whole.clone();
        let end = (page + 4096).min(noisy.len());
        for (place, byte) in noisy[page..end].iter_mut().enumerate() {
            *byte = u8::try_from(place * 7 % 251).unwrap() | 0x80;
        }
        fs::write(scratch.database(), noisy).unwrap();
        // A page that the start does not need may be found out later.
        match try_open(&scratch.0, Durability::Disk, CaseMapping::Ascii) {
            Err(error) => {
                assert!(matches!(error, StoreError::Damaged { .. }), "page at {page}: {error:?}");
                assert!(error.to_string().contains("restore a backup"), "{error}");
                damaged += 1;
            }
            // Its threads have ended before the next page is tried; what they could still write does not matter.
            Ok(store) => drop(store.log.close()),
        }
    }
    assert!(damaged > 0);
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let scratch = Scratch::new("absent");
    let dir = scratch.0.join("nowhere");
    let Err(error) = try_open(&dir, Durability::Disk, CaseMapping::Ascii) else { panic!("it was opened") };
    assert!(
        error.to_string().starts_with("cannot open ") && error.to_string().ends_with("nowhere/loggia.db"),
        "{error}"
    );
}

#[test]
fn an_empty_file_becomes_a_store() {
    let scratch = Scratch::new("empty");
    fs::write(scratch.database(), "").unwrap();
    let mut store = Store::open(&scratch);
    assert!(store.start.notes[0].starts_with("made a new store"), "{:?}", store.start.notes);
    store.turn([&said("hello")]);
    store.settle();
    assert_eq!(store.texts("#tea"), ["hello"]);
    store.log.close().unwrap();
    let created: String =
        scratch.sqlite().query_row("SELECT value FROM meta WHERE name = 'created'", [], |row| row.get(0)).unwrap();
    assert_eq!(created, "by loggia 0.0-test, 1970-01-01T00:00:01.000Z");
}
