//! What is found by its words: the same as the store in memory finds, however far the index is; what the files hold after
//! something was taken back; an index that is lost, damaged, or of another log.

use std::cell::Cell;
use std::fs;
use std::sync::Arc;

use chat::event::{Message, MessageKind, Target};
use chat::fact::Fact;
use chat::history::memory::Memory;
use chat::history::{Direct, Directs, Found, Query, Search};
use chat::ids::{Seq, SessionId, UserId};
use chat::rank::Rank;
use chat::search::Asked;
use chat::time::{Instant, Timestamp};
use irc::casemap::CaseMapping;
use irc::names::{ChannelName, Nick};
use proptest::prelude::*;
use store::{Durability, EmbeddedLog, INDEX_FILE, Opened, Reader, StartState, Stepped, Worker};

use crate::support::{LOG, Scratch, Store, edited, options, person, quit, redacted, said, said_in, said_to};

/// Asks for words, everywhere alice may read.
pub(crate) fn search(text: &str) -> Search {
    let mut asked = Asked::default();
    asked.read(text).unwrap_or_else(|why| panic!("{text:?}: {why:?}"));
    Search {
        channels: ["#tea", "#cake"].map(|name| (ChannelName::trusted(name), Seq::ZERO)).into(),
        directs: Directs::Of("account:alice".into()),
        wanted: asked.wanted,
        from: asked.from,
        since: asked.since,
        until: asked.until,
        oldest: asked.since.is_some(),
        limit: 100,
        before: Seq(u64::MAX),
    }
}

/// The places of what was found.
pub(crate) fn places(found: Found) -> Vec<u64> {
    let Found::Search { messages, given_up: false } = found else { panic!("not found: {found:?}") };
    messages.iter().map(|kept| kept.id.seq.0).collect()
}

/// A store that is stepped: the index goes on when the test says so.
pub(crate) struct Machine {
    pub(crate) log: EmbeddedLog,
    pub(crate) reader: Reader,
    pub(crate) start: StartState,
    pub(crate) workers: Vec<Worker>,
    pub(crate) now: Cell<Instant>,
}

impl Machine {
    pub(crate) fn open(scratch: &Scratch) -> Self {
        Self::open_with(scratch, CaseMapping::Ascii)
    }

    pub(crate) fn open_with(scratch: &Scratch, casemapping: CaseMapping) -> Self {
        let options = store::Options { casemapping, ..options(Durability::Disk, Arc::new(|| ())) };
        let Stepped { opened: Opened { log, reader, start }, workers } =
            store::open_stepped(&scratch.0, options, LOG).unwrap();
        Self { log, reader, start, workers, now: Cell::new(Instant::default()) }
    }

    /// Steps the workers of these names while they have something to do.
    pub(crate) fn step(&mut self, names: &[&str]) {
        let now = self.now.get();
        while let Some(due) =
            self.workers.iter_mut().find(|worker| names.contains(&worker.name()) && worker.is_due(now))
        {
            due.step(&|| now);
        }
    }

    pub(crate) fn put(&mut self, facts: &[Fact]) {
        for fact in facts {
            self.log.order(Arc::new(fact.clone()), Timestamp(2_000));
        }
        self.log.flush();
        self.step(&["store writer"]);
    }

    /// Lets the index come up with the log.
    pub(crate) fn index(&mut self) {
        // It waits for more before it begins, and before it tries again.
        for _ in 0..3 {
            self.now.set(self.now.get() + std::time::Duration::from_secs(10));
            self.step(&["store index", "store writer"]);
        }
    }

    pub(crate) fn find(&mut self, search: &Search) -> Found {
        self.reader.ask(SessionId(9), Query::Search(Box::new(search.clone())));
        self.step(&["store search"]);
        self.reader.answers().pop().expect("an answer").found
    }

    pub(crate) fn close(mut self) {
        self.log.ask_to_end();
        self.step(&["store writer", "store index", "store checkpoints", "store reader", "store search"]);
        assert!(self.workers.iter().all(Worker::has_ended), "{:?}", self.workers);
        self.workers.clear();
        self.log.close().unwrap();
    }
}

fn bytes_have(scratch: &Scratch, word: &str) -> Vec<String> {
    let mut with_it = Vec::new();
    for entry in fs::read_dir(&scratch.0).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
            with_it.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    with_it
}

/// Lets FTS5 look whether a part agrees with itself, and how many messages have a word in it.
pub(crate) fn in_index(scratch: &Scratch, word: &str) -> i64 {
    let sqlite = rusqlite::Connection::open(scratch.0.join(INDEX_FILE)).unwrap();
    sqlite.execute("INSERT INTO part_0 (part_0) VALUES ('integrity-check')", []).unwrap();
    sqlite.query_row("SELECT count(*) FROM part_0 WHERE part_0 MATCH ?1", [word], |row| row.get(0)).unwrap()
}

#[test]
fn what_is_taken_back_or_changed_leaves_no_word_in_any_file() {
    let scratch = Scratch::new("search-erased");
    let mut store = Machine::open(&scratch);
    store.put(&[said("hunter2 xyzzy"), said("stays here"), said("mitsake")]);
    store.index();
    assert_eq!(in_index(&scratch, "xyzzy"), 1);
    store.put(&[redacted(1), edited(3, "mistake"), edited(3, "corrected")]);
    // Before the index knows of it, nothing of it is found either.
    assert_eq!(places(store.find(&search("xyzzy"))), [0_u64; 0]);
    assert_eq!(places(store.find(&search("mitsake"))), [0_u64; 0]);
    assert_eq!(places(store.find(&search("corrected"))), [3]);
    store.index();
    assert_eq!(
        ["xyzzy", "mitsake", "mistake", "corrected", "stays"].map(|word| in_index(&scratch, word)),
        [0, 0, 0, 1, 1]
    );
    assert_eq!(places(store.find(&search("corrected"))), [3]);
    let noted: i64 = scratch.sqlite().query_row("SELECT count(*) FROM to_forget", [], |row| row.get(0)).unwrap();
    assert_eq!(noted, 0, "nothing has to be forgotten any more");
    store.close();
    for word in ["hunter2", "xyzzy"] {
        assert_eq!(bytes_have(&scratch, word), [""; 0], "{word}");
    }
    // The words before an edit stay in the log, and nowhere else.
    assert_eq!(bytes_have(&scratch, "mitsake"), ["loggia.db"]);
    assert_eq!(bytes_have(&scratch, "stays").len(), 2);
}

#[test]
fn what_is_taken_back_just_before_the_end_is_gone_after_it() {
    let scratch = Scratch::new("search-end");
    let mut store = Store::open(&scratch);
    store.turn([&said("hunter2 xyzzy"), &said("stays")]);
    store.settle();
    store.turn([&redacted(1)]);
    store.log.close().unwrap();
    assert_eq!(bytes_have(&scratch, "xyzzy"), [""; 0]);
}

#[test]
fn a_crash_between_the_two_files_takes_nothing_out_twice() {
    let scratch = Scratch::new("search-crash");
    let mut store = Machine::open(&scratch);
    store.put(&[said("one xyzzy"), said("two xyzzy"), said("three")]);
    store.index();
    store.put(&[redacted(1), edited(3, "three xyzzy")]);
    // The index is without it, and the log does not know that yet.
    for _ in 0..2 {
        store.now.set(store.now.get() + std::time::Duration::from_secs(10));
        store.step(&["store index"]);
    }
    drop(store);
    assert_eq!(in_index(&scratch, "xyzzy"), 2);
    let mut store = Machine::open(&scratch);
    store.index();
    assert_eq!(in_index(&scratch, "xyzzy"), 2);
    assert_eq!(places(store.find(&search("xyzzy"))), [2, 3]);
    store.put(&[redacted(2)]);
    store.index();
    store.close();
    assert_eq!(in_index(&scratch, "xyzzy"), 1);
    let noted: i64 = scratch.sqlite().query_row("SELECT count(*) FROM to_forget", [], |row| row.get(0)).unwrap();
    assert_eq!(noted, 0);
}

#[test]
fn an_index_that_is_lost_damaged_or_of_another_log_is_made_anew() {
    let scratch = Scratch::new("search-lost");
    let path = scratch.0.join(INDEX_FILE);
    let mut store = Machine::open(&scratch);
    store.put(&[said("one tea"), said("two teas")]);
    store.index();
    store.close();
    let whole = fs::read(&path).unwrap();
    let of_before = scratch.0.join("before");
    fs::copy(scratch.database(), &of_before).unwrap();

    let spoil: [&dyn Fn(); 5] = [
        &|| fs::remove_file(&path).unwrap(),
        &|| fs::write(&path, "no database at all").unwrap(),
        &|| fs::write(&path, &whole[..whole.len() / 2]).unwrap(),
        &|| {
            let sqlite = rusqlite::Connection::open(&path).unwrap();
            sqlite.execute("UPDATE meta SET value = 99 WHERE name = 'log_id'", []).unwrap();
            sqlite.execute("DELETE FROM part_0_data", []).unwrap();
        },
        &|| {
            let sqlite = rusqlite::Connection::open(&path).unwrap();
            sqlite.execute("UPDATE meta SET value = value + 1 WHERE name = 'format'", []).unwrap();
        },
    ];
    for (number, spoil) in spoil.iter().enumerate() {
        spoil();
        let mut store = Machine::open(&scratch);
        assert_eq!(places(store.find(&search("tea"))), [1], "{number}: before there is an index");
        store.index();
        assert_eq!(places(store.find(&search("tea"))), [1], "{number}");
        store.close();
        assert_eq!(in_index(&scratch, "tea"), 1, "{number}");
    }

    // The log is that of a backup, and has other facts in the same places now.
    let mut store = Machine::open(&scratch);
    store.put(&[said("tea again"), said("and tea"), quit(1)]);
    store.index();
    store.close();
    fs::copy(&of_before, scratch.database()).unwrap();
    let mut store = Machine::open(&scratch);
    store.put(&[said("coffee"), said("milk"), said("juice")]);
    store.index();
    assert_eq!(places(store.find(&search("tea"))), [1]);
    assert_eq!(places(store.find(&search("juice"))), [5]);
    store.close();
    assert_eq!((in_index(&scratch, "tea"), in_index(&scratch, "juice")), (1, 1));
}

#[test]
fn an_index_that_breaks_while_it_is_used_is_made_anew() {
    let scratch = Scratch::new("search-breaks");
    let mut store = Machine::open(&scratch);
    store.put(&[said("one tea")]);
    store.index();
    let sqlite = rusqlite::Connection::open(scratch.0.join(INDEX_FILE)).unwrap();
    sqlite.execute("UPDATE part_0_data SET block = x'ffffffffffffffff' WHERE id > 1", []).unwrap();
    drop(sqlite);
    assert_eq!(places(store.find(&search("tea"))), [1], "found in the log itself");
    for _ in 0..3 {
        store.put(&[said("two teas")]);
        store.index();
    }
    assert_eq!(places(store.find(&search("tea*"))), [1, 2, 3, 4]);
    store.close();
    assert_eq!((in_index(&scratch, "tea"), in_index(&scratch, "teas")), (1, 3));
}

#[test]
fn names_that_fold_differently_now_are_found() {
    let scratch = Scratch::new("search-fold");
    let mut store = Machine::open(&scratch);
    store.put(&[said_in("#CAFFÈ", None, "un tè")]);
    store.index();
    store.close();
    let mut store = Machine::open_with(&scratch, CaseMapping::Precis);
    store.index();
    let channels = vec![(ChannelName::trusted("#caffè"), Seq::ZERO)];
    assert_eq!(places(store.find(&Search { channels, ..search("te") })), [1]);
    store.close();
}

#[test]
fn a_word_that_is_common_elsewhere_is_found_in_the_rooms_of_the_asker() {
    let scratch = Scratch::new("search-elsewhere");
    let mut store = Machine::open(&scratch);
    let mut facts = vec![said("first tea"), said_in("#cake", None, "second tea")];
    facts.extend((0..2500).map(|_| said_in("#other", None, "tea")));
    facts.push(said("third tea"));
    facts.extend((0..2500).map(|_| said_in("#other", None, "tea")));
    store.put(&facts);
    let all = [1, 2, 2503];
    let oldest = Search { oldest: true, ..search("tea") };
    assert_eq!(places(store.find(&search("tea"))), all, "from the log");
    store.index();
    assert_eq!(places(store.find(&search("tea"))), all);
    assert_eq!(places(store.find(&oldest)), all);
    assert_eq!(places(store.find(&Search { limit: 2, ..search("tea") })), all[1..]);
    assert_eq!(places(store.find(&Search { limit: 2, ..oldest })), all[..2]);
    assert_eq!(store.log.stats().unindexed_facts, 0);
    store.close();
}

#[test]
fn a_search_that_takes_too_long_is_given_up() {
    let scratch = Scratch::new("search-slow");
    let mut store = Machine::open(&scratch);
    store.put(&[said("one tea"), said("two tea"), said("three tea")]);
    store.index();
    store.reader.ask(SessionId(9), Query::Search(Box::new(search("tea"))));
    // Every look at the clock takes a second.
    let second = Cell::new(0);
    let late = || {
        second.set(second.get() + 1);
        Instant::at(std::time::Duration::from_secs(second.get()))
    };
    let searcher = store.workers.iter_mut().find(|worker| worker.name() == "store search").unwrap();
    searcher.step(&late);
    let found = store.reader.answers().pop().unwrap().found;
    let Found::Search { messages, given_up: true } = found else { panic!("{found:?}") };
    assert!(messages.len() < 3, "{messages:?}");
    store.close();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Nothing that people write is FTS5's syntax.
    #[test]
    fn any_question_is_answered(texts in prop::collection::vec(
        prop_oneof![
            any::<String>(),
            "[-\"'*():^+{}~|&; ]{0,12}",
            "((AND|OR|NOT|NEAR\\(|words|place|sender|:|\"|\\*|-|a|東|é) ?){0,8}",
        ],
        64,
    )) {
        let scratch = Scratch::new("search-any");
        let mut store = Machine::open(&scratch);
        store.put(&[said("a é 東 and or not near words place sender")]);
        store.index();
        for text in texts {
            let mut asked = Asked::default();
            if asked.read(&text).is_ok() {
                let question = Search { wanted: asked.wanted, from: asked.from, ..search("a") };
                places(store.find(&question));
            }
        }
    }
}

/// What is said and done in the property.
#[derive(Clone, Debug)]
enum Act {
    Say { place: u8, who: u8, text: String },
    Edit { message: u64, text: String },
    Redact { message: u64 },
    Other,
    Index,
    Restart,
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["tea", "teas", "Tè", "milk", "東京", "-", "\u{1}ACTION x"]), 0..4)
        .prop_map(|words| words.join(" "))
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (0..6_u8, 0..2_u8, text()).prop_map(|(place, who, text)| Act::Say { place, who, text }),
        2 => (1..20_u64, text()).prop_map(|(message, text)| Act::Edit { message, text }),
        2 => (1..20_u64).prop_map(|message| Act::Redact { message }),
        1 => Just(Act::Other),
        2 => Just(Act::Index),
        1 => Just(Act::Restart),
    ]
}

fn question() -> impl Strategy<Value = Search> {
    let words = prop::sample::select(vec![
        "tea",
        "te*",
        "t*",
        "te",
        "\"tea milk\"",
        "tea -milk",
        "-tea",
        "京",
        "東京",
        "milk tea",
        "",
        "from:alice",
        "from:BOB tea",
        "after:1970-01-01T00:00:02",
        "before:1970-01-01T00:00:01.999 tea",
        "x",
    ]);
    let channels = prop::sample::subsequence(vec![("#tea", 0), ("#cake", 0), ("#Tea", 5), ("#none", 0)], 0..3);
    let directs = prop::sample::select(vec![
        Directs::None,
        Directs::Of("account:alice".into()),
        Directs::Of("user:2".into()),
        Directs::With(Direct { owner: "account:alice".into(), peers: vec!["nick:bob".into(), "account:bob".into()] }),
    ]);
    (words, channels, directs, 1..6_usize, prop_oneof![Just(u64::MAX), 1..30_u64], any::<bool>()).prop_map(
        |(words, channels, directs, limit, before, oldest)| {
            let channels = channels.into_iter().map(|(name, from)| (ChannelName::trusted(name), Seq(from))).collect();
            let search = search(words);
            let oldest = oldest || search.oldest;
            Search { channels, directs, limit, before: Seq(before), oldest, ..search }
        },
    )
}

fn fact(act: &Act, last: Seq) -> Option<Fact> {
    let target = |place| match place {
        0 | 1 => ("#Tea", None),
        2 => ("#cake", None),
        3 => ("#tea", Some(Rank::Operator)),
        _ => ("", None),
    };
    Some(match act {
        Act::Say { place, who, text } => {
            let (channel, rank) = target(*place);
            let fact = if channel.is_empty() {
                let (nick, account) = if *who == 0 { ("bob", None) } else { ("alice", Some("alice".into())) };
                let target = Target::User { id: UserId(2), nick: Nick::trusted(nick), account };
                said_to(target, MessageKind::Notice, text)
            } else {
                said_in(channel, rank, text)
            };
            let Fact::Said { message, rules, delivery } = fact else { unreachable!() };
            let sender = if *who == 0 {
                person()
            } else {
                person().with(|fields| {
                    fields.nick = Nick::trusted("Bob");
                    fields.account = None;
                })
            };
            let how = if text.is_empty() { MessageKind::Tagmsg } else { message.how };
            let message = Message { sender, how, user: UserId(u64::from(*who) + 1), ..(*message).clone() };
            Fact::Said { message: Arc::new(message), rules, delivery }
        }
        // Nobody edits what is not there: the hall has seen it before it asks.
        Act::Edit { message, text } if Seq(*message) <= last && !text.is_empty() => edited(*message, text),
        Act::Redact { message } if Seq(*message) <= last => redacted(*message),
        Act::Other => quit(7),
        _ => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_store_finds_what_the_model_finds(
        acts in prop::collection::vec(act(), 1..40),
        questions in prop::collection::vec(question(), 12),
    ) {
        let scratch = Scratch::new("search-model");
        let mut store = Machine::open(&scratch);
        let mut model = Memory::new(LOG, CaseMapping::Ascii);
        for (number, act) in acts.iter().enumerate() {
            match act {
                Act::Index => store.index(),
                Act::Restart => {
                    store.close();
                    store = Machine::open(&scratch);
                    prop_assert!(store.start.notes.is_empty(), "{:?}", store.start.notes);
                }
                _ => {}
            }
            if let Some(fact) = fact(act, store.log.last()) {
                store.put(std::slice::from_ref(&fact));
                model.put(store.log.last(), Timestamp(2_000), Arc::new(fact));
            }
            let question = &questions[number % questions.len()];
            let expected = places(model.find(&Query::Search(Box::new(question.clone()))));
            prop_assert_eq!(places(store.find(question)), expected, "{:?} after {:?}", question, &acts[..=number]);
        }
        store.index();
        for question in &questions {
            let expected = places(model.find(&Query::Search(Box::new(question.clone()))));
            prop_assert_eq!(places(store.find(question)), expected, "{:?}", question);
        }
        store.close();
        in_index_if_any(&scratch);
    }
}

/// Lets FTS5 look whether what there is agrees with itself.
fn in_index_if_any(scratch: &Scratch) {
    let sqlite = rusqlite::Connection::open(scratch.0.join(INDEX_FILE)).unwrap();
    let parts: i64 = sqlite.query_row("SELECT count(*) FROM parts", [], |row| row.get(0)).unwrap();
    if parts > 0 {
        in_index(scratch, "tea");
    }
}
