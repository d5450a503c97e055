//! What is secret of accounts: in their rows while it holds, and nowhere in the file after that.

use std::fs;
use std::sync::Arc;

use chat::account::{Account, AccountChange, RemovedAccount};
use chat::fact::Fact;
use chat::rows::{Row, RowChange};
use chat::time::Timestamp;

use crate::migrations::Old;
use crate::support::{Scratch, Store};

fn registered(private: &str) -> Fact {
    let account = Box::new(Account::new("Carol", Timestamp(5)));
    Fact::AccountRegistered { account, private: private.into(), user: None, invitation: None }
}

fn changed(change: AccountChange, text: &str) -> Fact {
    Fact::AccountChanged { account: "Carol".into(), change, text: text.into() }
}

fn row(credentials: &str, email: Option<&str>) -> RowChange {
    let email = email.map(Arc::from);
    RowChange::Put(Row::Account(Box::new(Account {
        credentials: credentials.into(),
        email,
        ..Account::new("Carol", Timestamp(5))
    })))
}

fn retired() -> Row {
    Row::RemovedAccount(RemovedAccount { name: "Carol".into(), at: Timestamp(2_000) })
}

/// Orders a fact with a row, as the hall does.
fn order(store: &mut Store, fact: &Fact, rows: impl IntoIterator<Item = RowChange>) {
    store.order(fact);
    for change in rows {
        store.log.keep(change);
    }
    store.log.flush();
    store.settle();
}

fn is_in_the_file(scratch: &Scratch, word: &str) -> bool {
    fs::read(scratch.database()).unwrap().windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn a_former_secret_is_nowhere_in_the_file() {
    let scratch = Scratch::new("secrets");
    let mut store = Store::open(&scratch);
    order(&mut store, &registered("argon-first\ncarol@example.org"), [row("argon-first", Some("carol@example.org"))]);
    let reset = AccountChange::ResetIssued { until: Timestamp(9), code: "".into() };
    order(&mut store, &changed(reset, "hash-of-code"), [row("argon-first", Some("carol@example.org"))]);
    store.log.close().unwrap();
    assert!(is_in_the_file(&scratch, "argon-first"), "its row has it");
    let mut store = Store::open(&scratch);
    order(&mut store, &changed(AccountChange::Password {}, "argon-second"), [row("argon-second", None)]);
    store.log.close().unwrap();
    assert!(is_in_the_file(&scratch, "argon-second"));
    for former in ["argon-first", "carol@example.org", "hash-of-code"] {
        assert!(!is_in_the_file(&scratch, former), "{former} is in the file");
    }
    let mut store = Store::open(&scratch);
    let RowChange::Put(account) = row("", None) else { unreachable!("it is put") };
    let gone = Fact::AccountRemoved { account: "Carol".into(), keeps_messages: false };
    order(&mut store, &gone, [RowChange::Remove(account), RowChange::Put(retired())]);
    store.log.close().unwrap();
    assert!(!is_in_the_file(&scratch, "argon-second"));
    let store = Store::open(&scratch);
    assert_eq!(store.start.rows, [retired()]);
    assert!(store.start.notes.is_empty(), "checksums agree: {:?}", store.start.notes);
    store.log.close().unwrap();
}

#[test]
fn a_store_of_format_4_keeps_the_names_and_loses_the_secrets() {
    let scratch = Scratch::new("names-of-format-4");
    let mut old = Old::make(&scratch, 4);
    let gone = |name: &str| Fact::AccountRemoved { account: name.into(), keeps_messages: false };
    old.fact(1, &registered("argon-old"), None);
    old.fact(2, &gone("Carol"), None);
    old.fact(3, &gone("dan"), None);
    // Somebody has registered dan again.
    old.fact(4, &registered(""), None);
    let dan = Row::Account(Box::new(Account::new("Dan", Timestamp(6))));
    old.row("account", "dan", &serde_json::to_string(&dan).unwrap());
    drop(old);
    assert!(is_in_the_file(&scratch, "argon-old"));
    let store = Store::open(&scratch);
    assert!(store.start.notes[0].contains("from format 4"), "{:?}", store.start.notes);
    let Row::RemovedAccount(kept) = &store.start.rows[1] else { panic!("{:?}", store.start.rows) };
    assert_eq!((&store.start.rows[0], &*kept.name), (&dan, "Carol"));
    store.log.close().unwrap();
    assert!(!is_in_the_file(&scratch, "argon-old"));
}
