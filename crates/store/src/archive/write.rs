//! Writing an archive, of one moment, while the store may be in use.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use chat::ids::{LogId, MsgId};
use chat::rows::Row;
use chat::time::Timestamp;
use data_encoding::HEXLOWER;
use rusqlite::{Connection, Transaction};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::line::{End, FactLine, HappeningLine, Head, Line, StreamLine, Time};
use super::{LINES_PER_NEWS, VERSION};
use crate::disk::Disk;
use crate::row::{self, KEPT_COLUMNS, KeptRow};
use crate::schema::{self, DATABASE_FILE};
use crate::{StoreError, connection, delivery};

/// The facts that are in an archive: what was said, and what became of it.
const KINDS: &str = "('said', 'edited', 'redacted', 'channel_renamed')";

/// How many numbers of a stream stand in one line.
const NUMBERS_PER_LINE: i64 = 1000;

/// Why an archive is not whole.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive cannot be written.
    #[error("cannot write the archive")]
    Write(#[from] io::Error),
}

/// What stands in an archive that was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// All lines, but for the first and the last.
    pub lines: u64,
    /// Messages among them that are not erased.
    pub messages: u64,
    /// What was left out because it is not as it was written; `loggia verify` says more.
    pub damaged: u64,
}

/// Writes everything that the store in `dir` keeps at this moment. `progress` is told now and then how many lines are
/// written, and of how many.
///
/// # Errors
/// [`ExportError`]; what is written then is no archive: it has no last line.
pub fn export(
    dir: &Path,
    program_version: &str,
    now: Timestamp,
    out: impl Write,
    progress: impl FnMut(u64, u64),
) -> Result<Exported, ExportError> {
    let path = dir.join(DATABASE_FILE);
    let failed = |source| StoreError::database("read", &path, source);
    let mut connection = connection::reading(&path, None).map_err(failed)?;
    schema::expect_newest(&*Disk::default().files, &connection, &path)?;
    // One transaction sees one moment.
    let transaction = connection.transaction().map_err(failed)?;
    let log = log_id(&transaction).map_err(failed)?;
    let mut archive = Archive {
        out,
        hasher: Sha256::new(),
        lines: 0,
        progress,
        all: count(&transaction).map_err(failed)?,
        exported: Exported::default(),
    };
    archive.put(&Line::Archive(Head {
        version: VERSION,
        program: format!("loggia {program_version}"),
        made: now.to_string(),
        log: log.0,
        casemapping: casemapping(&transaction).map_err(failed)?,
    }))?;
    archive.rows(&transaction).map_err(|error| error.at(&path))?;
    archive.log(&transaction, log).map_err(|error| error.at(&path))?;
    archive.streams(&transaction, now).map_err(|error| error.at(&path))?;
    archive.end()
}

/// What goes wrong on the way: reading or writing.
#[derive(Debug)]
enum Trouble {
    Read(rusqlite::Error),
    Write(io::Error),
}

impl Trouble {
    fn at(self, path: &Path) -> ExportError {
        match self {
            Self::Read(source) => StoreError::database("read", path, source).into(),
            Self::Write(error) => error.into(),
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Read(error)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

fn log_id(connection: &Connection) -> rusqlite::Result<LogId> {
    Ok(LogId(schema::meta_number(connection, "log_id")?.and_then(|id| u64::try_from(id).ok()).unwrap_or(0)))
}

fn casemapping(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("SELECT value FROM meta WHERE name = 'casemapping'", [], |row| row.get(0))
}

fn count(connection: &Connection) -> rusqlite::Result<u64> {
    let sql = format!(
        "SELECT (SELECT count(*) FROM rows) + (SELECT count(*) FROM facts WHERE kind IN {KINDS})
              + (SELECT count(*) FROM happenings)"
    );
    connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).map(|count| u64::try_from(count).unwrap_or(0))
}

/// The archive while it is written.
struct Archive<W, P> {
    out: W,
    hasher: Sha256,
    lines: u64,
    progress: P,
    all: u64,
    exported: Exported,
}

impl<W: Write, P: FnMut(u64, u64)> Archive<W, P> {
    fn put(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.hasher.update(&text);
        self.out.write_all(&text)?;
        self.lines += 1;
        if self.lines.is_multiple_of(LINES_PER_NEWS) {
            (self.progress)(self.lines, self.all);
        }
        Ok(())
    }

    fn rows(&mut self, transaction: &Transaction<'_>) -> Result<(), Trouble> {
        let mut statement = transaction.prepare("SELECT kind, key, data, row_check FROM rows ORDER BY kind, key")?;
        let mut rows = statement.query([])?;
        while let Some(columns) = rows.next()? {
            match row::durable(columns)? {
                Ok(row) => {
                    if let Some(row) = for_others(row) {
                        self.put(&Line::Row(row))?;
                    }
                }
                Err(_) => self.exported.damaged += 1,
            }
        }
        Ok(())
    }

    /// Writes facts and happenings in the order of their places.
    fn log(&mut self, transaction: &Transaction<'_>, log: LogId) -> Result<(), Trouble> {
        let mut facts =
            transaction.prepare(&format!("SELECT {KEPT_COLUMNS} FROM facts WHERE kind IN {KINDS} ORDER BY seq"))?;
        let mut happenings =
            transaction.prepare("SELECT seq, at, data, text, text_check, row_check FROM happenings ORDER BY seq")?;
        let (mut facts, mut happenings) = (facts.query([])?, happenings.query([])?);
        let (mut fact, mut happening) = (next_fact(&mut facts)?, next_happening(transaction, &mut happenings)?);
        loop {
            let fact_first = match (&fact, &happening) {
                (None, None) => return Ok(()),
                (Some(fact), Some(happening)) => fact.seq <= happening.seq,
                (first, _) => first.is_some(),
            };
            if fact_first {
                let row = fact.take();
                fact = next_fact(&mut facts)?;
                self.fact(row, log)?;
            } else {
                let read = happening.take();
                happening = next_happening(transaction, &mut happenings)?;
                match read.and_then(|read| read.line) {
                    Some(line) => self.put(&Line::Happening(line))?,
                    None => self.exported.damaged += 1,
                }
            }
        }
    }

    fn fact(&mut self, row: Option<KeptRow>, log: LogId) -> io::Result<()> {
        let line = row.filter(KeptRow::is_whole).and_then(|row| {
            let fact: Map<String, Value> = serde_json::from_str(&row.data).ok()?;
            let erased = row.text.is_none() && row.text_check.is_some();
            let id = MsgId { log, seq: row.seq }.to_string();
            Some(FactLine { seq: row.seq.0, id, time: Time(row.at), text: row.text, erased, fact })
        });
        let Some(line) = line else {
            self.exported.damaged += 1;
            return Ok(());
        };
        self.exported.messages += u64::from(!line.erased && line.fact.get("kind").is_some_and(|kind| kind == "said"));
        self.put(&Line::Fact(line))
    }

    /// Writes what clients have given an id, as long as it is remembered.
    fn streams(&mut self, transaction: &Transaction<'_>, now: Timestamp) -> Result<(), Trouble> {
        let mut streams =
            transaction.prepare("SELECT id, name, account, until FROM streams WHERE until >= ?1 ORDER BY id")?;
        let mut numbers = transaction
            .prepare("SELECT number, seq FROM deliveries WHERE stream = ?1 AND number > ?2 ORDER BY number LIMIT ?3")?;
        let mut streams = streams.query([now.0])?;
        while let Some(stream) = streams.next()? {
            let (id, name): (i64, String) = (stream.get(0)?, stream.get(1)?);
            let (account, until): (Option<String>, i64) = (stream.get(2)?, stream.get(3)?);
            let mut after = 0;
            loop {
                let page = numbers.query_map((id, after, NUMBERS_PER_LINE), |row| Ok((row.get(0)?, row.get(1)?)))?;
                let page = page.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
                let Some((last, _)) = page.last() else { break };
                after = *last;
                let place = |(number, seq): &(i64, i64)| (number.unsigned_abs(), row::seq_from(*seq).0);
                self.put(&Line::Stream(StreamLine {
                    name: delivery::hashed(&name),
                    account: account.clone(),
                    until: Time(Timestamp(until)),
                    numbers: page.iter().map(place).collect(),
                }))?;
            }
        }
        Ok(())
    }

    fn end(mut self) -> Result<Exported, ExportError> {
        let sha256 = HEXLOWER.encode(&self.hasher.clone().finalize());
        let lines = self.lines;
        self.put(&Line::End(End { lines, sha256 }))?;
        self.out.flush()?;
        (self.progress)(self.all, self.all);
        Ok(Exported { lines: lines - 1, ..self.exported })
    }
}

/// Leaves out what would let somebody in: credentials, codes, invitations.
fn for_others(row: Row) -> Option<Row> {
    match row {
        Row::Account(mut account) => {
            account.credentials = Arc::from("");
            account.reset = None;
            Some(Row::Account(account))
        }
        Row::Invitation(_) => None,
        other => Some(other),
    }
}

fn next_fact(rows: &mut rusqlite::Rows<'_>) -> rusqlite::Result<Option<KeptRow>> {
    rows.next()?.map(KeptRow::read).transpose()
}

/// A happening that was read; `None` in it when it is not as it was written.
struct Read {
    seq: chat::ids::Seq,
    line: Option<HappeningLine>,
}

fn next_happening(transaction: &Transaction<'_>, rows: &mut rusqlite::Rows<'_>) -> rusqlite::Result<Option<Read>> {
    let Some(columns) = rows.next()? else { return Ok(None) };
    let seq = row::seq_from(columns.get(0)?);
    let at = Timestamp(columns.get(1)?);
    let (text, text_check): (Option<String>, Option<u32>) = (columns.get(3)?, columns.get(4)?);
    let happening = row::happening(columns)?;
    let mut channels =
        transaction.prepare_cached("SELECT channel FROM happenings_of_channel WHERE seq = ?1 ORDER BY channel")?;
    let channels =
        channels.query_map([row::seq_column(seq)], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    let erased = text.is_none() && text_check.is_some();
    let line =
        happening.map(|happening| HappeningLine { seq: seq.0, time: Time(at), channels, text, erased, happening });
    Ok(Some(Read { seq, line }))
}
