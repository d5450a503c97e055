//! A store that an earlier version has made is brought up to date with all that stood in it, after a copy was made.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use chat::event::{Event, EventKind, Message, MessageKind, Target};
use chat::fact::Fact;
use chat::history::{Conversation, Direct, Found, Happened, Happening, Kinds, Page, Query, Since};
use chat::ids::{ChannelId, Seq, UserId};
use chat::rank::Rank;
use irc::names::{ChannelName, Nick};
use rusqlite::{Connection, params};
use store::FORMAT;

use crate::support::{LOG, Scratch, Store, edited, id, latest, person, redacted, row, said, said_in, said_to};

/// What the schema of each format was, from 1 on.
const SCHEMAS: [&str; 9] = [
    include_str!("formats/1.sql"),
    include_str!("formats/2.sql"),
    include_str!("formats/3.sql"),
    include_str!("formats/4.sql"),
    include_str!("formats/5.sql"),
    include_str!("formats/6.sql"),
    include_str!("formats/7.sql"),
    include_str!("formats/8.sql"),
    include_str!("formats/9.sql"),
];

const APPLICATION_ID: i32 = 0x4c6f_6767;

/// When everything in the old store happened.
const AT: i64 = 1_500;

/// A database as the program of that time has written it.
pub(crate) struct Old {
    format: usize,
    sqlite: Connection,
    chain: u32,
}

impl Old {
    pub(crate) fn make(scratch: &Scratch, format: usize) -> Self {
        let sqlite = scratch.sqlite();
        sqlite.pragma_update(None, "journal_mode", "WAL").unwrap();
        sqlite.execute_batch(SCHEMAS[format - 1]).unwrap();
        sqlite.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        sqlite.pragma_update(None, "user_version", i32::try_from(format).unwrap()).unwrap();
        let log_id = i64::try_from(LOG.0).unwrap();
        sqlite
            .execute("INSERT INTO meta VALUES ('log_id', ?1), ('high_water', 0), ('casemapping', 'ascii')", [log_id])
            .unwrap();
        if format >= 8 {
            sqlite
                .execute_batch(
                    "INSERT INTO meta VALUES ('removed_through', 0), ('removed_at', 0), ('chain_start', 0), ('kept_bytes', 0)",
                )
                .unwrap();
        }
        Self { format, sqlite, chain: 0 }
    }

    /// Writes a fact as all formats have it. `channel` is the column's value.
    pub(crate) fn fact(&mut self, seq: i64, fact: &Fact, channel: Option<&str>) {
        let data = serde_json::to_string(fact).unwrap();
        let kind = serde_json::to_value(fact).unwrap()["kind"].as_str().unwrap().to_owned();
        let text = fact.text().map(ToString::to_string);
        let text_check = text.as_deref().map(|text| crc32fast::hash(text.as_bytes()));
        let row_check = row_check(seq, &kind, &data, text_check);
        let mut chain = crc32fast::Hasher::new();
        chain.update(&self.chain.to_le_bytes());
        chain.update(&row_check.to_le_bytes());
        self.chain = chain.finalize();
        self.sqlite
            .execute(
                "INSERT INTO facts (seq, at, kind, channel, data, text, text_check, row_check, chain)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![seq, AT, kind, channel, data, text, text_check, row_check, self.chain],
            )
            .unwrap();
    }

    /// Writes what the programs of each format wrote of a short conversation: messages to a channel, to its operators and
    /// to a person; since format 3 an entry; since format 4 edits, and a message that was taken back.
    fn talk(&mut self) {
        self.fact(1, &said("Perché no?"), Some("#tea"));
        // Formats 1 and 2 had it under the channel's name, 3 to 7 nowhere.
        let place = match self.format {
            1 | 2 => Some("#tea"),
            3..=7 => None,
            _ => Some("@#tea"),
        };
        self.fact(2, &said_in("#Tea", Some(Rank::Operator), "among us"), place);
        self.fact(3, &to_bob(), None);
        if self.format >= 3 {
            self.sqlite
                .execute(
                    "INSERT INTO direct VALUES (3, 'account:alice', 'account:alice', 'alice', 'user:8', 'nick:bob', 'bob')",
                    [],
                )
                .unwrap();
            self.fact(4, &Fact::Parted { user: UserId(1), channel: ChannelId(5), reason: Some("tea".into()) }, None);
            let data = serde_json::to_string(&parted()).unwrap();
            let checked = self.format >= 8;
            let columns = if checked { ", text_check, row_check" } else { "" };
            let text_check = crc32fast::hash(b"tea");
            let checks = if checked {
                format!(", {text_check}, {}", row_check(4, "happening", &data, Some(text_check)))
            } else {
                String::new()
            };
            let sql =
                format!("INSERT INTO happenings (seq, at, data, text{columns}) VALUES (4, ?1, ?2, 'tea'{checks})");
            self.sqlite.execute(&sql, params![AT, data]).unwrap();
            self.sqlite.execute("INSERT INTO happenings_of_channel VALUES ('#tea', 4)", []).unwrap();
        }
        if self.format >= 4 {
            self.fact(5, &edited(1, "Perché sì!"), None);
            self.fact(6, &said("never mind"), Some("#tea"));
            self.fact(7, &redacted(6), None);
            self.fact(8, &other_words_to_bob(), None);
            self.sqlite
                .execute_batch("INSERT INTO edits VALUES (5, 1), (8, 3); UPDATE facts SET text = NULL WHERE seq = 6;")
                .unwrap();
        }
        match self.format {
            ..=5 => {}
            6..=8 => self.sqlite.execute_batch("INSERT INTO redactions VALUES (7, 6)").unwrap(),
            _ => {
                let all = "('#tea', 5, 1), ('#tea', 7, 6), ('account:alice', 8, 3), ('user:8', 8, 3)";
                self.sqlite.execute_batch(&format!("INSERT INTO corrections VALUES {all}")).unwrap();
            }
        }
        // Words stood in the database until format 6.
        if (4..7).contains(&self.format) {
            self.sqlite
                .execute(
                    "INSERT INTO words (rowid, text) VALUES (1, 'Perché sì!'), (2, 'among us'), (3, 'just you')",
                    [],
                )
                .unwrap();
        }
        if self.format >= 8 {
            self.sqlite
                .execute_batch(
                    "UPDATE meta SET value = (
                         SELECT sum(octet_length(data) + coalesce(octet_length(text), 0))
                         FROM (SELECT data, text FROM facts UNION ALL SELECT data, text FROM happenings)
                     ) WHERE name = 'kept_bytes'",
                )
                .unwrap();
        }
    }

    /// Writes a row of durable state.
    pub(crate) fn row(&self, kind: &str, key: &str, data: &str) {
        if self.format >= 8 {
            let check = crc32fast::hash(format!("{kind}\0{key}\0{data}").as_bytes());
            self.sqlite.execute("INSERT INTO rows VALUES (?1, ?2, ?3, ?4)", params![kind, key, data, check]).unwrap();
        } else {
            self.sqlite.execute("INSERT INTO rows VALUES (?1, ?2, ?3)", [kind, key, data]).unwrap();
        }
    }

    fn keep_channel(&self) {
        let mut data = serde_json::to_value(row("#Tea", 7)).unwrap();
        if self.format == 1 {
            data.as_object_mut().unwrap().remove("row");
            self.sqlite.execute("INSERT INTO channel_rows VALUES ('#tea', ?1)", [data.to_string()]).unwrap();
        } else {
            self.row("channel", "#tea", &data.to_string());
        }
    }
}

fn to_bob() -> Fact {
    let bob = Target::User { id: UserId(8), nick: Nick::trusted("bob"), account: None };
    said_to(bob, MessageKind::Privmsg, "just you")
}

fn other_words_to_bob() -> Fact {
    let Fact::Said { message, .. } = to_bob() else { unreachable!() };
    let message = Message { text: "just us".into(), ..Message::clone(&message) };
    Fact::Edited { original: id(3), message: Arc::new(message), delivery: None }
}

/// The checksum of a row, as all formats have it.
fn row_check(seq: i64, kind: &str, data: &str, text_check: Option<u32>) -> u32 {
    let mut check = crc32fast::Hasher::new();
    for number in [seq, AT] {
        check.update(&number.to_le_bytes());
    }
    for part in [kind, data] {
        check.update(part.as_bytes());
    }
    check.update(&[u8::from(text_check.is_some())]);
    check.update(&text_check.unwrap_or(0).to_le_bytes());
    check.finalize()
}

fn parted() -> Happening {
    let channel = ChannelName::trusted("#Tea");
    Happening {
        user: UserId(1),
        person: person(),
        what: Happened::Parted { channel: channel.clone() },
        text: Some("tea".into()),
        channels: vec![channel],
    }
}

/// The texts of what happened and was said in a channel, and between alice and bob.
fn all_texts(store: &mut Store) -> (Vec<String>, Vec<String>) {
    let kinds = Kinds { tagmsgs: true, events: true };
    let in_channel = Page { kinds, ..latest("#tea", Seq(9), 10) };
    let direct = Direct { owner: "account:alice".into(), peers: vec!["nick:bob".into()] };
    let between = Page { of: Conversation::Direct(direct), ..in_channel.clone() };
    let mut texts = |page| {
        let Found::Page { entries, is_end: true } = store.find(Query::Page(page)) else { panic!("no page") };
        let text = |kind: &EventKind| match kind {
            EventKind::Message(message) => message.text.to_string(),
            EventKind::Parted { reason, .. } => reason.as_deref().unwrap_or_default().to_owned(),
            other => panic!("nobody did that: {other:?}"),
        };
        entries.iter().map(|event| text(&event.kind)).collect::<Vec<_>>()
    };
    (texts(in_channel), texts(between))
}

/// The places of what was edited and taken back, as who was away is told.
fn corrections(store: &mut Store) -> Vec<u64> {
    let since = Since {
        after: Some(id(0)),
        channels: vec![(ChannelName::trusted("#TEA"), Seq::ZERO, Seq(99))],
        owner: "account:alice".into(),
        direct_to: Seq(99),
        kinds: Kinds::default(),
        limit: 99,
        before: Seq(99),
    };
    let Found::Since { entries, .. } = store.find(Query::Since(since)) else { panic!("no page") };
    let is_correction = |event: &&Event| matches!(event.kind, EventKind::Edited { .. } | EventKind::Redacted { .. });
    entries.iter().filter(is_correction).map(|event| event.id.unwrap().seq.0).collect()
}

#[test]
fn every_format_is_brought_to_the_newest_with_all_that_stood_in_it() {
    for format in 1..=SCHEMAS.len() {
        let scratch = Scratch::new(&format!("format-{format}"));
        let mut old = Old::make(&scratch, format);
        old.talk();
        old.keep_channel();
        drop(old);
        let copy = PathBuf::from(format!("{}.v{format}.bak", scratch.database().display()));

        let expected = match format {
            1 | 2 => vec!["Perché no?"],
            3 => vec!["Perché no?", "tea"],
            _ => vec!["Perché sì!", "tea"],
        };
        let (between_them, corrected) = if format < 4 { ("just you", vec![]) } else { ("just us", vec![5, 7, 8]) };
        let check = |store: &mut Store| {
            assert_eq!(store.start.rows, [row("#Tea", 7)], "format {format}");
            let (in_channel, between) = all_texts(store);
            assert_eq!(
                (in_channel, between),
                (expected.iter().map(ToString::to_string).collect(), vec![between_them.into()])
            );
            assert_eq!(corrections(store), corrected, "format {format}");
            let Found::Message(Some(among)) = store.find(Query::message_in(id(2), ChannelName::trusted("#TEA"))) else {
                panic!("format {format}: what was said to operators is not found")
            };
            assert_eq!(&*among.message.text, "among us");
        };
        let mut store = Store::open(&scratch);
        let note = format!("from format {format} to {FORMAT}; the former one is {}", copy.display());
        assert!(store.start.notes[0].ends_with(&note), "{:?}", store.start.notes);
        check(&mut store);
        store.turn([&said("and now")]);
        store.settle();
        store.log.close().unwrap();
        let mut store = Store::open(&scratch);
        assert!(store.start.notes.is_empty(), "format {format}: {:?}", store.start.notes);
        assert_eq!(store.texts("#tea").last().map(String::as_str), Some("and now"));
        store.log.close().unwrap();
        let report = store::verify(&scratch.0).unwrap();
        assert!(report.is_well(), "format {format}: {report}");

        // The copy is what was there before, and can be gone on from.
        let again = Scratch::new(&format!("format-{format}-again"));
        fs::copy(&copy, again.database()).unwrap();
        let version: i64 = again.sqlite().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, i64::try_from(format).unwrap());
        let mut store = Store::open(&again);
        check(&mut store);
        store.log.close().unwrap();
    }
}
