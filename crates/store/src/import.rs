//! What was said elsewhere, taken into the store: once, however often it is brought.
//!
//! Messages are first staged in a temporary file, which sorts them; then they are appended to the log, page by page, each with
//! the id of where it comes from: by [`Import`] in a store that nobody else uses, by [`crate::EmbeddedLog::take_in`] in one
//! that is used. History is ordered by place within a channel, so what is older than the newest that stands in a channel is
//! not taken in, and counted. That is decided by whoever writes, within the transaction, so nothing can come between. An
//! import that was interrupted is simply made again.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use chat::event::{Message, Target};
use chat::fact::Fact;
use chat::ids::{LogId, MsgId, RulesVersion, Seq};
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use crate::open::{newest, open_alone};
use crate::queue::Item;
use crate::schema::DATABASE_FILE;
use crate::{Options, StoreError, channel_keys, insert, kept, row};

/// Messages of one page: a transaction's, which others wait for while the store is used.
const PAGE_MESSAGES: i64 = 1024;

/// What tells a message from all others, wherever it comes from.
pub type Source = [u8; 16];

/// A message from elsewhere.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Which it is.
    pub source: Source,
    /// When it was said.
    pub at: Timestamp,
    /// The message: to a channel, by nobody who is here.
    pub message: Message,
    /// The message that it answers or is a sign under; it gets the tag `+draft/reply`. When that message is not here, the tag is left out; a
    /// message of tags alone is then left out itself.
    pub reply_to: Option<Source>,
}

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Taken in.
    pub new: u64,
    /// There already.
    pub known: u64,
    /// By channel: not taken in, because something newer stands there.
    pub too_old: BTreeMap<String, u64>,
    /// Signs under messages that are not here.
    pub without_message: u64,
}

/// What became of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was taken in.
    New,
    /// It was there.
    Known,
    /// Something newer stands in this channel.
    TooOld(String),
    /// It is a sign under a message that is not here.
    WithoutMessage,
}

impl Outcome {
    /// Counts one more.
    pub fn add(&mut self, fate: Fate) {
        match fate {
            Fate::New => self.new += 1,
            Fate::Known => self.known += 1,
            Fate::TooOld(channel) => *self.too_old.entry(channel).or_default() += 1,
            Fate::WithoutMessage => self.without_message += 1,
        }
    }
}

/// What is to be imported, gathered and sorted in a temporary file.
#[derive(Debug)]
pub struct Staging {
    connection: Connection,
    casemapping: CaseMapping,
    staged: u64,
    /// Up to where pages were taken.
    after: (i64, i64),
}

impl Staging {
    /// Begins. Names are compared as the store does it that this goes into.
    ///
    /// # Errors
    /// When the temporary file cannot be made.
    pub fn begin(casemapping: CaseMapping) -> Result<Self, StoreError> {
        let made = Connection::open("").and_then(|connection| {
            connection.execute_batch(
                "PRAGMA journal_mode = OFF;
                 PRAGMA synchronous = OFF;
                 CREATE TABLE said (
                     number INTEGER PRIMARY KEY, at INTEGER NOT NULL, source BLOB NOT NULL, reply BLOB,
                     channel TEXT NOT NULL, data TEXT NOT NULL, text TEXT NOT NULL
                 );
                 CREATE INDEX said_in_order ON said (at, number);",
            )?;
            Ok(connection)
        });
        let connection = made.map_err(failed_to("make"))?;
        Ok(Self { connection, casemapping, staged: 0, after: (i64::MIN, 0) })
    }

    /// Takes a message.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn stage(&mut self, imported: &Imported) -> Result<(), StoreError> {
        let Target::Channel { name, .. } = &imported.message.target else {
            unreachable!("only what was said in channels is imported")
        };
        let data = serde_json::to_string(&imported.message).expect("a message can be written as JSON");
        self.connection
            .prepare_cached("INSERT INTO said VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)")
            .and_then(|mut put| {
                put.execute(params![
                    imported.at.0,
                    imported.source,
                    imported.reply_to,
                    name.folded(self.casemapping).as_str(),
                    data,
                    &*imported.message.text
                ])
            })
            .map_err(failed_to("write"))?;
        self.staged += 1;
        Ok(())
    }

    /// Returns how many messages were taken.
    pub fn staged(&self) -> u64 {
        self.staged
    }

    /// Returns the next messages in the order of their times, and where it is told what became of them: of each, once it is
    /// in the store. Nothing is left when it ends without all of them: the store was closed. `None`: that was all.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn next_page(&mut self) -> Result<Option<(Page, Receiver<Fate>)>, StoreError> {
        let page = self.read_page().map_err(failed_to("read"))?;
        let Some(end) = page.last() else { return Ok(None) };
        self.after = (end.at.0, end.number);
        let (told, fates) = channel();
        Ok(Some((Page { staged: page, told }, fates)))
    }

    fn read_page(&self) -> rusqlite::Result<Vec<Staged>> {
        let mut select = self.connection.prepare_cached(
            "SELECT number, at, source, reply, channel, data, text FROM said
             WHERE (at, number) > (?1, ?2) ORDER BY at, number LIMIT ?3",
        )?;
        let rows = select.query_map(params![self.after.0, self.after.1, PAGE_MESSAGES], |row| {
            Ok(Staged {
                number: row.get(0)?,
                at: Timestamp(row.get(1)?),
                source: row.get(2)?,
                reply: row.get(3)?,
                channel: row.get(4)?,
                data: row.get(5)?,
                text: row.get(6)?,
            })
        })?;
        rows.collect()
    }
}

fn failed_to(what: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError {
    move |source| StoreError::database(what, Path::new("the temporary file of an import"), source)
}

/// Some messages, to be appended to a log in one go.
#[derive(Debug)]
pub struct Page {
    staged: Vec<Staged>,
    told: Sender<Fate>,
}

impl Page {
    /// Returns how many messages it has: at least one.
    #[expect(clippy::len_without_is_empty, reason = "there is no empty page")]
    pub fn len(&self) -> usize {
        self.staged.len()
    }

    /// Gives each message the place behind `last`; returns the last place, too.
    pub(crate) fn placed(self, mut last: Seq) -> (Vec<Item>, Seq) {
        let place = |staged| {
            last.0 += 1;
            let appended = Appended { staged, fate: RefCell::default(), told: self.told.clone() };
            Item::Imported { seq: last, message: Box::new(appended) }
        };
        let items = self.staged.into_iter().map(place).collect();
        (items, last)
    }
}

/// A message on its way into the store.
#[derive(Debug)]
pub(crate) struct Appended {
    staged: Staged,
    /// What becomes of it when the transaction is committed that was begun last.
    fate: RefCell<Option<Fate>>,
    told: Sender<Fate>,
}

impl Appended {
    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.staged.data.len() + self.staged.text.len()
    }

    /// It is committed: tells what became of it. Whoever waited for it may have gone.
    pub(crate) fn committed(&self) {
        if let Some(fate) = self.fate.take() {
            let _ = self.told.send(fate);
        }
    }

    /// Decides what becomes of it; returns the fact that is to be kept at this place, and when it was said.
    pub(crate) fn admit(
        &self,
        transaction: &Transaction<'_>,
        seq: Seq,
    ) -> rusqlite::Result<Option<(Timestamp, Arc<Fact>)>> {
        let (fate, fact) = admit(transaction, &self.staged, seq)?;
        self.fate.replace(Some(fate));
        if fact.is_none() {
            // Its place was given all the same.
            kept::raise_high_water(transaction, seq)?;
        }
        Ok(fact.map(|fact| (self.staged.at, fact)))
    }
}

/// An import into a store that nobody else uses.
#[derive(Debug)]
pub struct Import {
    connection: Connection,
    path: PathBuf,
    casemapping: CaseMapping,
    last: Seq,
}

impl Import {
    /// Opens the store in a directory as [`crate::open`] does. The caller sees to it that no other process has it open.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn begin(dir: &Path, options: Options, new_log_id: LogId) -> Result<Self, StoreError> {
        let (casemapping, path) = (options.casemapping, dir.join(DATABASE_FILE));
        let (connection, start) = open_alone(dir, options, new_log_id)?;
        let last = start.last;
        Ok(Self { connection, path, casemapping, last })
    }

    /// Takes in what was gathered; `progress` is told how many messages are done, and of how many.
    ///
    /// # Errors
    /// When the store cannot be written. What was told as done is there.
    pub fn finish(mut self, staging: &mut Staging, mut progress: impl FnMut(u64, u64)) -> Result<Outcome, StoreError> {
        let path = self.path.clone();
        let failed = |source| StoreError::database("write an import to", &path, source);
        let mut outcome = Outcome::default();
        let (_, _, mut chain) = newest(&self.connection).map_err(failed)?;
        let mut done = 0;
        while let Some((page, fates)) = staging.next_page()? {
            let items;
            (items, self.last) = page.placed(self.last);
            let items = VecDeque::from(items);
            chain = self.append(&items, chain).map_err(failed)?;
            done += items.len() as u64;
            items.iter().for_each(Item::committed);
            for fate in fates.try_iter() {
                outcome.add(fate);
            }
            progress(done, staging.staged);
        }
        Ok(outcome)
    }

    fn append(&self, items: &VecDeque<Item>, chain: u32) -> rusqlite::Result<u32> {
        let transaction = self.connection.unchecked_transaction()?;
        let written = insert::all(&transaction, items, chain, self.casemapping, true)?;
        transaction.commit()?;
        Ok(written.chain)
    }
}

/// A message as it was staged.
#[derive(Debug)]
struct Staged {
    number: i64,
    at: Timestamp,
    source: Source,
    reply: Option<Source>,
    channel: String,
    data: String,
    text: String,
}

/// Decides whether a message is taken in, and notes its place.
fn admit(connection: &Connection, staged: &Staged, seq: Seq) -> rusqlite::Result<(Fate, Option<Arc<Fact>>)> {
    if place(connection, &staged.source)?.is_some() {
        return Ok((Fate::Known, None));
    }
    if staged.at < newest_in(connection, &staged.channel)? {
        return Ok((Fate::TooOld(staged.channel.clone()), None));
    }
    let mut message: Message = serde_json::from_str(&staged.data).expect("what was staged can be read");
    message.text = staged.text.as_str().into();
    if let Some(reply) = &staged.reply {
        match place(connection, reply)? {
            Some(seq) => {
                let id = MsgId { log: log_id(connection)?, seq }.to_string();
                message.tags.push(("+draft/reply".into(), Some(id.into())));
            }
            None if staged.text.is_empty() => return Ok((Fate::WithoutMessage, None)),
            None => {}
        }
    }
    connection
        .prepare_cached("INSERT INTO imported (source, seq) VALUES (?1, ?2)")?
        .execute(params![staged.source, row::seq_column(seq)])?;
    let fact = Fact::Said { message: Arc::new(message), rules: RulesVersion(0), delivery: None };
    Ok((Fate::New, Some(Arc::new(fact))))
}

fn log_id(connection: &Connection) -> rusqlite::Result<LogId> {
    let id: i64 =
        connection.prepare_cached("SELECT value FROM meta WHERE name = 'log_id'")?.query_row([], |row| row.get(0))?;
    Ok(LogId(id.unsigned_abs()))
}

/// Returns where a message from elsewhere stands, if it does.
fn place(connection: &Connection, source: &Source) -> rusqlite::Result<Option<Seq>> {
    connection
        .prepare_cached("SELECT seq FROM imported WHERE source = ?1")?
        .query_row([source], |row| row.get(0).map(row::seq_from))
        .optional()
}

/// Returns the time of the newest that stands in a channel; the beginning of time when nothing does.
fn newest_in(connection: &Connection, channel: &str) -> rusqlite::Result<Timestamp> {
    let key = channel_keys::key(connection, channel)?;
    let at: Option<i64> = connection.query_row(
        "SELECT max(at) FROM (
             SELECT at FROM (SELECT at FROM facts WHERE channel = ?1 ORDER BY seq DESC LIMIT 1)
             UNION ALL
             SELECT at FROM (SELECT h.at FROM happenings_of_channel c JOIN happenings h ON h.seq = c.seq
                             WHERE c.channel = ?1 ORDER BY c.seq DESC LIMIT 1)
         )",
        [key],
        |row| row.get(0),
    )?;
    Ok(at.map_or(Timestamp(i64::MIN), Timestamp))
}
