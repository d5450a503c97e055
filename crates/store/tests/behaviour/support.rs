//! What the tests of the store share: a directory, facts, and a way to wait for news.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chat::event::{EventKind, Message, MessageKind, Target};
use chat::fact::Fact;
use chat::history::{Conversation, Found, Kinds, Page, Query, Span};
use chat::ids::{ChannelId, LogId, MsgId, RulesVersion, Seq, SessionId, UserId};
use chat::modes::ChannelModes;
use chat::person::{Person, PersonFields};
use chat::rank::Rank;
use chat::reply::Kept;
use chat::rows::{ChannelRow, Row, RowChange};
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use irc::names::{ChannelName, Nick, UserName};
use store::{Answer, CloseError, Durability, EmbeddedLog, News, Opened, Options, Reader, StartState, StoreError};

pub(crate) use crate::scratch::Scratch;

/// Longer than anything here takes; a test that waits so long fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// The log's number in tests.
pub(crate) const LOG: LogId = LogId(0x1234_5678);

impl Scratch {
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join(store::DATABASE_FILE)
    }

    /// Opens the database beside the store, as another program would.
    pub(crate) fn sqlite(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.database()).unwrap()
    }
}

/// A log that is closed at the end: no thread of it writes into a directory that is being removed.
pub(crate) struct Log(Option<EmbeddedLog>);

impl Log {
    pub(crate) fn close(mut self) -> Result<(), CloseError> {
        self.0.take().map_or(Ok(()), EmbeddedLog::close)
    }
}

impl Deref for Log {
    type Target = EmbeddedLog;

    fn deref(&self) -> &EmbeddedLog {
        self.0.as_ref().expect("it is there until it is closed")
    }
}

impl DerefMut for Log {
    fn deref_mut(&mut self) -> &mut EmbeddedLog {
        self.0.as_mut().expect("it is there until it is closed")
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // Whoever wants to know has called `close`.
        drop(self.0.take().map(EmbeddedLog::close));
    }
}

/// An open store and its news so far.
pub(crate) struct Store {
    pub(crate) log: Log,
    pub(crate) reader: Reader,
    pub(crate) start: StartState,
    pub(crate) pages_max: Arc<AtomicU32>,
    woken: Receiver<()>,
    /// What `settle` has waited for already.
    settled: Seq,
}

pub(crate) fn options(durability: Durability, on_news: Arc<dyn Fn() + Send + Sync>) -> Options {
    Options { program_version: "0.0-test".into(), now: Timestamp(1_000), ..Options::new(durability, on_news) }
}

pub(crate) fn try_open(dir: &Path, durability: Durability, casemapping: CaseMapping) -> Result<Store, StoreError> {
    open_with(dir, Options { casemapping, ..options(durability, Arc::new(|| ())) })
}

fn open_with(dir: &Path, options: Options) -> Result<Store, StoreError> {
    let (sender, woken) = mpsc::channel();
    let sender = Mutex::new(sender);
    let wake = Arc::new(move || {
        let _ = sender.lock().unwrap().send(());
    });
    let options = Options { on_news: wake, ..options };
    let pages_max = Arc::clone(&options.pages_max);
    let Opened { log, reader, start } = store::open(dir, options, LOG)?;
    let settled = start.last;
    let log = Log(Some(log));
    Ok(Store { log, reader, start, pages_max, woken, settled })
}

/// Opens a store that keeps nothing that is said.
pub(crate) fn try_open_without_history(dir: &Path, durability: Durability) -> Store {
    open_with(dir, Options { history: false, ..options(durability, Arc::new(|| ())) }).unwrap()
}

impl Store {
    pub(crate) fn open(scratch: &Scratch) -> Self {
        Self::open_as(scratch, Durability::Disk)
    }

    pub(crate) fn open_as(scratch: &Scratch, durability: Durability) -> Self {
        try_open(&scratch.0, durability, CaseMapping::Ascii).unwrap()
    }

    /// Orders a fact.
    pub(crate) fn order(&mut self, fact: &Fact) -> Seq {
        self.log.order(Arc::new(fact.clone()), Timestamp(2_000)).0
    }

    /// Orders facts and ends the turn.
    pub(crate) fn turn<'a>(&mut self, facts: impl IntoIterator<Item = &'a Fact>) -> Vec<Seq> {
        let places = facts.into_iter().map(|fact| self.order(fact)).collect();
        self.log.flush();
        places
    }

    /// Waits for news until one of them is wanted; returns all that came, it included.
    pub(crate) fn news_until(&mut self, wanted: impl Fn(&News) -> bool) -> Vec<News> {
        let mut all = Vec::new();
        loop {
            all.extend(self.log.news());
            if all.iter().any(&wanted) {
                return all;
            }
            self.woken.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no such news, only {all:?}"));
        }
    }

    /// Waits until all that was ordered is committed, and returns the news of it: none when it was waited for before.
    pub(crate) fn settle(&mut self) -> Vec<News> {
        let last = self.log.last();
        if self.settled == last {
            return Vec::new();
        }
        self.settled = last;
        self.news_until(|news| matches!(news, News::Committed(through) if *through >= last))
    }

    /// Asks for a channel's last messages and waits for the answer.
    pub(crate) fn replay(&mut self, channel: &str, before: Seq, most: usize) -> Vec<Kept> {
        let Found::Page { entries, .. } = self.find(Query::Page(latest(channel, before, most))) else {
            panic!("no page")
        };
        entries
            .into_iter()
            .map(|event| match event.kind {
                EventKind::Message(message) => Kept { id: event.id.unwrap(), at: event.at, message },
                other => panic!("no message: {other:?}"),
            })
            .collect()
    }

    /// Asks and waits for the answer.
    pub(crate) fn find(&mut self, query: Query) -> Found {
        self.reader.ask(SessionId(9), query);
        loop {
            if let Some(Answer { session, found }) = self.reader.answers().pop() {
                assert_eq!(session, SessionId(9));
                return found;
            }
            self.woken.recv_timeout(PATIENCE).expect("an answer");
        }
    }

    /// The texts of a channel's last messages.
    pub(crate) fn texts(&mut self, channel: &str) -> Vec<String> {
        let before = Seq(self.log.last().0 + 1);
        self.replay(channel, before, 1000).iter().map(|kept| kept.message.text.to_string()).collect()
    }
}

/// A channel's last messages before a place.
pub(crate) fn latest(channel: &str, before: Seq, most: usize) -> Page {
    Page {
        of: Conversation::Channel(ChannelName::trusted(channel)),
        span: Span::Latest(None),
        limit: most,
        kinds: Kinds::default(),
        visible_from: Seq::ZERO,
        before,
    }
}

pub(crate) fn person() -> Arc<Person> {
    Arc::new(Person::from(PersonFields {
        nick: Nick::trusted("alice"),
        username: UserName::trusted("~alice"),
        host: "home".into(),
        realname: "Alice Röder".into(),
        shown: Some("Alice R.".into()),
        account: Some("alice".into()),
        bot: true,
        operator: false,
    }))
}

pub(crate) fn said_to(target: Target, how: MessageKind, text: &str) -> Fact {
    let tags = vec![("+draft/reply".into(), Some("abc".into())), ("+typing".into(), None)];
    let message = Message {
        how,
        user: UserId(1),
        sender: person(),
        target,
        text: text.into(),
        tags,
        concats: None,
        relayed_by: None,
    };
    Fact::Said { message: Arc::new(message), rules: RulesVersion(3), delivery: None }
}

pub(crate) fn said_in(channel: &str, rank: Option<Rank>, text: &str) -> Fact {
    let target = Target::Channel { id: ChannelId(5), name: ChannelName::trusted(channel), rank };
    said_to(target, MessageKind::Privmsg, text)
}

pub(crate) fn said(text: &str) -> Fact {
    said_in("#Tea", None, text)
}

pub(crate) fn id(seq: u64) -> MsgId {
    MsgId { log: LOG, seq: Seq(seq) }
}

/// Other words for what was said at a place.
pub(crate) fn edited(original: u64, text: &str) -> Fact {
    let Fact::Said { message, .. } = said(text) else { unreachable!() };
    Fact::Edited { original: id(original), message, delivery: None }
}

pub(crate) fn redacted(message: u64) -> Fact {
    let target = Target::Channel { id: ChannelId(5), name: ChannelName::trusted("#Tea"), rank: None };
    Fact::Redacted {
        user: UserId(1),
        target,
        message: id(message),
        by: None,
        reason: Some("spam".into()),
        delivery: None,
    }
}

pub(crate) fn quit(user: u64) -> Fact {
    Fact::UserQuit { user: UserId(user), by: None, banned: false, reason: "gone".into() }
}

pub(crate) fn kept(name: &str, limit: u32) -> RowChange {
    RowChange::Put(row(name, limit))
}

pub(crate) fn row(name: &str, limit: u32) -> Row {
    Row::Channel(ChannelRow {
        name: ChannelName::trusted(name),
        created: Timestamp(77),
        topic: None,
        modes: ChannelModes { limit: Some(limit), ..ChannelModes::default() },
        lists: Default::default(),
        registration: None,
        metadata: std::collections::BTreeMap::new(),
    })
}
