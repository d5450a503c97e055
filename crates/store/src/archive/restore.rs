//! Taking an archive in again: into a store in which nothing was said yet, or into one of the same log, which it continues.
//!
//! Places, ids and times stay, so that answers and read markers go on pointing where they did. The archive is read twice:
//! once to see that it is whole, once to write. What is there already is left as it is, so an attempt that was interrupted
//! is simply made again.

use std::collections::VecDeque;
use std::io::{self, BufRead};
use std::path::Path;
use std::sync::Arc;

use chat::fact::Fact;
use chat::ids::{LogId, Seq};
use chat::rows::Row;
use data_encoding::HEXLOWER;
use irc::casemap::CaseMapping;
use rusqlite::{Connection, Transaction, params};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::line::{End, FactLine, HappeningLine, Head, Line, StreamLine};
use super::{LINES_PER_NEWS, VERSION};
use crate::open::{newest, open_alone};
use crate::queue::Item;
use crate::row;
use crate::schema::DATABASE_FILE;
use crate::{Options, StoreError, delivery, insert, kept};

/// The longest line that is read: a message of the largest size, and what is known of it.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Facts of one transaction.
const GROUP_FACTS: usize = 4096;

/// Why an archive cannot be taken in.
#[derive(Debug, Error)]
pub enum RestoreError {
    /// The store cannot be opened or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive cannot be read.
    #[error("cannot read the archive")]
    Read(#[from] io::Error),
    /// It is none, or not whole.
    #[error("this is no whole archive of loggia: line {line}: {why}")]
    Broken {
        /// Where, counted from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// A newer program has written it.
    #[error(
        "the archive has version {found}, which is newer than version {VERSION} of this program: use a newer version of loggia"
    )]
    Newer {
        /// Its version.
        found: u32,
    },
    /// Something was said here already, and not there.
    #[error("something was said here already that is not in the archive: take it in with an empty --data directory")]
    Occupied,
}

/// What was taken in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Durable rows: accounts, channels and so on.
    pub rows: u64,
    /// Messages that are not erased.
    pub messages: u64,
    /// Lines that were there already.
    pub known: u64,
}

/// Takes in an archive. `archive` opens it, and is called twice; `progress` is told now and then how many lines are read, of
/// both readings together, and of how many. The caller sees to it that no other process has the store open.
///
/// # Errors
/// [`RestoreError`]; before the archive is known to be whole, nothing is changed.
pub fn restore<R: BufRead>(
    dir: &Path,
    options: &Options,
    new_log_id: LogId,
    mut archive: impl FnMut() -> io::Result<R>,
    mut progress: impl FnMut(u64, u64),
) -> Result<Restored, RestoreError> {
    let (head, end) = look_through(archive()?)?;
    let all = end.lines.saturating_mul(2);
    let path = dir.join(DATABASE_FILE);
    let failed = |source| RestoreError::from(StoreError::database("write", &path, source));
    let casemapping = options.casemapping;
    let (connection, _) = open_alone(dir, options.clone(), new_log_id)?;
    let last = make_room(&connection, head.log).map_err(failed)?.ok_or(RestoreError::Occupied)?;
    let (_, _, chain) = newest(&connection).map_err(failed)?;
    let mut writing = Writing {
        connection: &connection,
        casemapping,
        last,
        chain,
        group: Group::default(),
        streams: Vec::new(),
        is_new: false,
        restored: Restored::default(),
    };
    let mut lines = Lines::new(archive()?);
    while let Some(line) = lines.next()? {
        match line {
            Line::Archive(_) => {}
            Line::Row(row) => writing.row(&row).map_err(failed)?,
            Line::Fact(line) => {
                let number = lines.number;
                writing.fact(line).map_err(failed)?.map_err(|why| RestoreError::Broken { line: number, why })?;
            }
            Line::Happening(line) => writing.happening(line).map_err(failed)?,
            Line::Stream(line) => writing.streams.push(line),
            Line::End(_) => break,
        }
        if lines.number.is_multiple_of(LINES_PER_NEWS) {
            progress(end.lines + lines.number, all);
        }
    }
    writing.write_group().map_err(failed)?;
    writing.finish().map_err(failed)?;
    progress(all, all);
    Ok(writing.restored)
}

/// The lines of an archive, one after the other.
struct Lines<R> {
    archive: R,
    number: u64,
    text: String,
}

impl<R: BufRead> Lines<R> {
    fn new(archive: R) -> Self {
        Self { archive, number: 0, text: String::new() }
    }

    fn next(&mut self) -> Result<Option<Line>, RestoreError> {
        self.text.clear();
        self.number += 1;
        let mut bounded = io::Read::take(&mut self.archive, LINE_BYTES_MAX);
        let bytes = bounded.read_line(&mut self.text)?;
        if bytes == 0 {
            return Ok(None);
        }
        if !self.text.ends_with('\n') {
            return Err(self.broken("it is cut off, or too long"));
        }
        serde_json::from_str(&self.text).map(Some).map_err(|error| self.broken(&error.to_string()))
    }

    fn broken(&self, why: &str) -> RestoreError {
        RestoreError::Broken { line: self.number, why: why.to_owned() }
    }
}

/// Reads an archive to its end, and checks that it is whole.
fn look_through(archive: impl BufRead) -> Result<(Head, End), RestoreError> {
    let mut lines = Lines::new(archive);
    let head = match lines.next()? {
        Some(Line::Archive(head)) if head.version > VERSION => {
            return Err(RestoreError::Newer { found: head.version });
        }
        Some(Line::Archive(head)) => head,
        _ => return Err(lines.broken("it is not the first line of an archive")),
    };
    let mut hasher = Sha256::new();
    loop {
        hasher.update(&lines.text);
        let before = lines.number;
        match lines.next()? {
            Some(Line::End(end)) => {
                let sha256 = HEXLOWER.encode(&hasher.finalize());
                if end != (End { lines: before, sha256 }) {
                    return Err(lines.broken("the lines before the last are not those that were written"));
                }
                return Ok((head, end));
            }
            Some(Line::Archive(_)) => return Err(lines.broken("a second archive begins here")),
            Some(Line::Row(_) | Line::Fact(_) | Line::Happening(_) | Line::Stream(_)) => {}
            None => return Err(lines.broken("the last line is missing: the archive is cut off")),
        }
    }
}

/// Makes the store one of this log, if nothing was said in it; returns the last place that is taken. `None`: it is another's.
fn make_room(connection: &Connection, log: u64) -> rusqlite::Result<Option<Seq>> {
    let log = i64::try_from(log).unwrap_or(i64::MAX);
    let is_of_log: bool =
        connection.query_row("SELECT value = ?1 FROM meta WHERE name = 'log_id'", [log], |row| row.get(0))?;
    if !is_of_log {
        let is_used: bool =
            connection.query_row("SELECT EXISTS (SELECT 1 FROM facts WHERE kind = 'said')", [], |row| row.get(0))?;
        if is_used {
            return Ok(None);
        }
        // Only who came and went: the log begins anew.
        let transaction = connection.unchecked_transaction()?;
        transaction.execute_batch(
            "DELETE FROM facts; DELETE FROM happenings; DELETE FROM happenings_of_channel; DELETE FROM channel_keys;
             DELETE FROM direct; DELETE FROM edits; DELETE FROM corrections; DELETE FROM to_forget; DELETE FROM streams;
             DELETE FROM deliveries; DELETE FROM erasures; DELETE FROM imported;
             UPDATE meta SET value = 0
             WHERE name IN ('high_water', 'kept_bytes', 'removed_through', 'removed_at', 'chain_start', 'times_go_back');",
        )?;
        transaction.execute("UPDATE meta SET value = ?1 WHERE name = 'log_id'", [log])?;
        transaction.commit()?;
    }
    let last = connection.query_row("SELECT coalesce(max(seq), 0) FROM facts", [], |row| row.get(0))?;
    Ok(Some(row::seq_from(last)))
}

/// What one transaction is to write.
#[derive(Default)]
struct Group {
    items: VecDeque<Item>,
    erased: Vec<Seq>,
    happenings: Vec<HappeningLine>,
}

/// The second reading.
struct Writing<'c> {
    connection: &'c Connection,
    casemapping: CaseMapping,
    /// Everything through this place was there before.
    last: Seq,
    chain: u32,
    group: Group,
    /// What clients have given an id: noted when all that it was given to is there.
    streams: Vec<StreamLine>,
    /// Whether something was added to the log.
    is_new: bool,
    restored: Restored,
}

impl Writing<'_> {
    /// Puts a row where there is none of its kind and key.
    fn row(&mut self, row: &Row) -> rusqlite::Result<()> {
        let (kind, key) = (row.kind(), row.key(self.casemapping));
        let data = serde_json::to_string(row).expect("a row can be written as JSON");
        let put = self
            .connection
            .prepare_cached("INSERT OR IGNORE INTO rows VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![kind, key, data, row::durable_check(kind, &key, &data)])?;
        self.restored.rows += u64::from(put == 1);
        self.restored.known += u64::from(put == 0);
        Ok(())
    }

    /// Takes a fact; the inner error says what is wrong with it.
    fn fact(&mut self, line: FactLine) -> rusqlite::Result<Result<(), String>> {
        let seq = Seq(line.seq);
        if seq <= self.last {
            self.restored.known += 1;
            return Ok(Ok(()));
        }
        let fact: Fact = match serde_json::from_value(Value::Object(line.fact)) {
            Ok(fact) => fact,
            Err(error) => return Ok(Err(error.to_string())),
        };
        self.restored.messages += u64::from(!line.erased && matches!(fact, Fact::Said { .. }));
        let fact = Arc::new(fact.with_text(line.text.map(Arc::from)));
        if line.erased {
            self.group.erased.push(seq);
        }
        self.group.items.push_back(Item::Fact { seq, at: line.time.0, fact });
        if self.group.items.len() >= GROUP_FACTS {
            self.write_group()?;
        }
        Ok(Ok(()))
    }

    fn happening(&mut self, line: HappeningLine) -> rusqlite::Result<()> {
        if Seq(line.seq) <= self.last && self.has_happening(line.seq)? {
            self.restored.known += 1;
            return Ok(());
        }
        self.group.happenings.push(line);
        if self.group.happenings.len() >= GROUP_FACTS {
            self.write_group()?;
        }
        Ok(())
    }

    fn has_happening(&self, seq: u64) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM happenings WHERE seq = ?1)")?
            .query_row([row::seq_column(Seq(seq))], |row| row.get(0))
    }

    fn write_group(&mut self) -> rusqlite::Result<()> {
        let group = std::mem::take(&mut self.group);
        self.is_new |= !group.items.is_empty() || !group.happenings.is_empty();
        let transaction = self.connection.unchecked_transaction()?;
        self.chain = insert::all(&transaction, &group.items, self.chain, self.casemapping, true)?.chain;
        for seq in group.erased {
            let erased = kept::erase_text(&transaction, row::seq_column(seq))?;
            kept::add(&transaction, -erased)?;
        }
        for line in group.happenings {
            put_happening(&transaction, line)?;
        }
        transaction.commit()
    }
}

impl Writing<'_> {
    /// Notes the ids of clients. Places that the archive's server may have given after it was written are not given again.
    fn finish(&mut self) -> rusqlite::Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        // On the server that it came from, a stream stands under its name.
        let here = delivery::hashes_of_named(&transaction)?;
        let others = self.streams.iter().filter(|stream| !here.contains(&stream.name));
        for StreamLine { name, account, until, numbers } in others {
            delivery::put_back(&transaction, name, account.as_deref(), until.0, numbers)?;
        }
        if self.is_new {
            kept::go_on_far_behind(&transaction)?;
        }
        transaction.commit()
    }
}

/// Writes what people saw under the keys that its channels had.
fn put_happening(transaction: &Transaction<'_>, line: HappeningLine) -> rusqlite::Result<()> {
    let HappeningLine { seq, time, channels, text, erased, happening } = line;
    let seq = Seq(seq);
    let data = serde_json::to_string(&happening).expect("what happened can be written as JSON");
    let text_check = text.as_deref().or(erased.then_some("")).map(row::text_check);
    let check = row::happening_check(seq, time.0, &data, text_check);
    let column = row::seq_column(seq);
    transaction
        .prepare_cached("INSERT OR IGNORE INTO happenings VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![column, time.0.0, data, text, text_check, check])?;
    for channel in channels {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO happenings_of_channel VALUES (?1, ?2)")?
            .execute(params![channel, column])?;
    }
    kept::add(transaction, row::size(&data, text.as_deref()))
}
