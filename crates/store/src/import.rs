//! What was said elsewhere, taken into the store: once, however often it is brought.
//!
//! Messages are first staged in a temporary file, which sorts them; then they are appended to the log, in groups, each with
//! the id of where it comes from. History is ordered by place within a channel, so what is older than the newest that stands
//! in a channel is not taken in, and counted. An import that was interrupted is simply made again.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chat::event::{Message, Target};
use chat::fact::Fact;
use chat::ids::{LogId, MsgId, RulesVersion, Seq};
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::open::{newest, open_alone};
use crate::queue::Item;
use crate::schema::DATABASE_FILE;
use crate::{Options, StoreError, channel_keys, insert, row};

/// Messages of one transaction.
const GROUP_MESSAGES: i64 = 4096;

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

/// An import while it gathers.
#[derive(Debug)]
pub struct Import {
    connection: Connection,
    path: PathBuf,
    casemapping: CaseMapping,
    log: LogId,
    last: Seq,
    staged: u64,
}

impl Import {
    /// Opens the store in a directory as [`crate::open`] does. The caller sees to it that no other process has it open.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn begin(dir: &Path, options: Options, new_log_id: LogId) -> Result<Self, StoreError> {
        let casemapping = options.casemapping;
        let path = dir.join(DATABASE_FILE);
        let (connection, start) = open_alone(dir, options, new_log_id)?;
        let failed = |source| StoreError::database("open for an import", &path, source);
        connection
            .execute_batch(
                "ATTACH '' AS staging;
                 PRAGMA staging.journal_mode = OFF;
                 PRAGMA staging.synchronous = OFF;
                 CREATE TABLE staging.said (
                     number INTEGER PRIMARY KEY, at INTEGER NOT NULL, source BLOB NOT NULL, reply BLOB,
                     channel TEXT NOT NULL, data TEXT NOT NULL, text TEXT NOT NULL
                 );
                 CREATE INDEX staging.said_in_order ON said (at, number);",
            )
            .map_err(failed)?;
        Ok(Self { connection, path, casemapping, log: start.log_id, last: start.last, staged: 0 })
    }

    /// Takes a message; it is not in the store yet.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn stage(&mut self, imported: &Imported) -> Result<(), StoreError> {
        let Target::Channel { name, .. } = &imported.message.target else {
            unreachable!("only what was said in channels is imported")
        };
        let data = serde_json::to_string(&imported.message).expect("a message can be written as JSON");
        self.connection
            .prepare_cached("INSERT INTO staging.said VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6)")
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
            .map_err(|source| StoreError::database("stage an import for", &self.path, source))?;
        self.staged += 1;
        Ok(())
    }

    /// Takes in what was staged; `progress` is told how many messages are done, and of how many.
    ///
    /// # Errors
    /// When the store cannot be written. What was told as done is there.
    pub fn finish(self, progress: impl FnMut(u64, u64)) -> Result<Outcome, StoreError> {
        let path = self.path.clone();
        self.append(progress).map_err(|source| StoreError::database("write an import to", &path, source))
    }

    fn append(mut self, mut progress: impl FnMut(u64, u64)) -> rusqlite::Result<Outcome> {
        let mut outcome = Outcome::default();
        let (_, _, mut chain) = newest(&self.connection)?;
        let mut newest = BTreeMap::new();
        let (mut after, mut done) = ((i64::MIN, 0), 0);
        loop {
            let page = self.page(after)?;
            let Some(end) = page.last() else { return Ok(outcome) };
            after = (end.at.0, end.number);
            let transaction = self.connection.unchecked_transaction()?;
            let mut items = VecDeque::new();
            for staged in &page {
                let item = admit(&transaction, staged, self.log, &mut self.last, &mut newest, &mut outcome)?;
                items.extend(item);
            }
            chain = insert::all(&transaction, &items, chain, self.casemapping, true)?;
            transaction.commit()?;
            done += page.len() as u64;
            progress(done, self.staged);
        }
    }

    fn page(&self, after: (i64, i64)) -> rusqlite::Result<Vec<Staged>> {
        let mut select = self.connection.prepare_cached(
            "SELECT number, at, source, reply, channel, data, text FROM staging.said
             WHERE (at, number) > (?1, ?2) ORDER BY at, number LIMIT ?3",
        )?;
        let rows = select.query_map(params![after.0, after.1, GROUP_MESSAGES], |row| {
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

/// A message as it was staged.
struct Staged {
    number: i64,
    at: Timestamp,
    source: Source,
    reply: Option<Source>,
    channel: String,
    data: String,
    text: String,
}

/// Gives a message its place, unless it is there, or stays outside.
fn admit(
    connection: &Connection,
    staged: &Staged,
    log: LogId,
    last: &mut Seq,
    newest: &mut BTreeMap<String, Timestamp>,
    outcome: &mut Outcome,
) -> rusqlite::Result<Option<Item>> {
    if place(connection, &staged.source)?.is_some() {
        outcome.known += 1;
        return Ok(None);
    }
    let before = match newest.get(&staged.channel) {
        Some(at) => *at,
        None => newest_in(connection, &staged.channel)?,
    };
    if staged.at < before {
        newest.insert(staged.channel.clone(), before);
        *outcome.too_old.entry(staged.channel.clone()).or_default() += 1;
        return Ok(None);
    }
    let mut message: Message = serde_json::from_str(&staged.data).expect("what was staged can be read");
    message.text = staged.text.as_str().into();
    if let Some(reply) = &staged.reply {
        match place(connection, reply)? {
            Some(seq) => {
                let id = MsgId { log, seq }.to_string();
                message.tags.push(("+draft/reply".into(), Some(id.into())));
            }
            None if staged.text.is_empty() => {
                outcome.without_message += 1;
                return Ok(None);
            }
            None => {}
        }
    }
    newest.insert(staged.channel.clone(), staged.at);
    last.0 += 1;
    connection
        .prepare_cached("INSERT INTO imported (source, seq) VALUES (?1, ?2)")?
        .execute(params![staged.source, row::seq_column(*last)])?;
    outcome.new += 1;
    let fact = Arc::new(Fact::Said { message: Arc::new(message), rules: RulesVersion(0), delivery: None });
    Ok(Some(Item::Fact { seq: *last, at: staged.at, fact }))
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
