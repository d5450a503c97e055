//! Opening a store: what is asked for, and what the hall starts from.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, mpsc};
use std::time::Instant;

use chat::ids::{LogId, Seq};
use chat::rows::Row;
use chat::time::{self, Timestamp};
use irc::casemap::CaseMapping;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _};

use crate::checkpoint::Checkpointer;
use crate::connection;
use crate::disk::{Disk, Files};
use crate::error::StoreError;
use crate::index::{IndexPath, IndexReader, Indexer};
use crate::log::{EmbeddedLog, Parts};
use crate::queue::Shared;
use crate::reader::{Answering, Desk, Reader};
use crate::row::{self, CHAIN_START, KEPT_COLUMNS, KeptRow};
use crate::schema::{self, DATABASE_FILE};
use crate::step::Worker;
use crate::writer::Writer;

/// Rows at the end of the log whose checksums are verified at every start: those that a power loss may have torn.
const VERIFIED_AT_START: u32 = 10_000;

/// When a fact counts as committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// After an `fsync`: survives power loss.
    #[default]
    Disk,
    /// When the kernel has it: survives `kill -9`, not power loss.
    Process,
    /// At once; written within about a second. A crash costs what was not yet written.
    Memory,
}

/// How a store is to be opened.
#[derive(Clone)]
pub struct Options {
    /// When a fact counts as committed.
    pub durability: Durability,
    /// How channel names are compared: they are kept folded.
    pub casemapping: CaseMapping,
    /// The version of the program, noted in a store that it makes.
    pub program_version: String,
    /// When the store is made, noted in it.
    pub now: Timestamp,
    /// Called by the store's threads when there is news or an answer: wakes the event loop. Must not block.
    pub on_news: Arc<dyn Fn() + Send + Sync>,
    /// The most pages of 4096 bytes that the database may have, 0 for no bound; looked at before every transaction.
    /// It is how tests fill and empty a "disk".
    pub pages_max: Arc<AtomicU32>,
    /// Where the files are.
    pub disk: Disk,
    /// Whether what people say is kept.
    pub history: bool,
}

impl Options {
    /// Returns those of a store on the machine's own disk that keeps all that is said.
    pub fn new(durability: Durability, on_news: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self {
            durability,
            casemapping: CaseMapping::Ascii,
            program_version: env!("CARGO_PKG_VERSION").into(),
            now: Timestamp(0),
            on_news,
            pages_max: Arc::default(),
            disk: Disk::default(),
            history: true,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("durability", &self.durability)
            .field("casemapping", &self.casemapping)
            .field("program_version", &self.program_version)
            .finish_non_exhaustive()
    }
}

/// A store that is open.
#[derive(Debug)]
pub struct Opened {
    /// The side that writes.
    pub log: EmbeddedLog,
    /// The side that reads.
    pub reader: Reader,
    /// What the hall starts from.
    pub start: StartState,
}

/// A store that is open, for a driver without threads: nothing is written or read unless it steps the workers.
#[derive(Debug)]
pub struct Stepped {
    /// Its two sides.
    pub opened: Opened,
    /// What would be its threads. Which of those that are due is stepped first makes no difference to what is true.
    pub workers: Vec<Worker>,
}

/// What stood in the store when it was opened.
#[derive(Debug)]
pub struct StartState {
    /// Durable state as it was last kept, by kind and key.
    pub rows: Vec<Row>,
    /// The log's own number: the new one for a new store, else the one it was made with.
    pub log_id: LogId,
    /// The highest place ever given as far as the file tells. [`Seq::ZERO`] for a new store.
    pub last: Seq,
    /// When the last fact happened.
    pub last_at: Timestamp,
    /// What opening did or found beyond the ordinary, a sentence each, for the operator's log.
    pub notes: Vec<String>,
}

/// Opens the store in a directory, which must exist; makes, migrates or recovers it as needed, and starts its threads.
/// The caller sees to it that no other process has it open.
///
/// `new_log_id` is a random number, used when there is no store yet. One that SQLite can keep has the top bit clear; it
/// is cleared here.
///
/// # Errors
///
/// When the directory or database cannot be used, see [`StoreError`]. Nothing was changed then, but that a migration
/// may have left a copy.
pub fn open(dir: &Path, options: Options, new_log_id: LogId) -> Result<Opened, StoreError> {
    let Stepped { mut opened, workers } = open_stepped(dir, options, new_log_id)?;
    #[expect(clippy::disallowed_methods, reason = "the workers' clock")]
    let began = Instant::now();
    for worker in workers {
        opened.log.take_thread(worker.spawn(move || time::Instant::at(began.elapsed()))?);
    }
    Ok(opened)
}

/// Opens the store as [`open`] does, without threads: the caller steps the workers.
///
/// # Errors
///
/// As [`open`].
pub fn open_stepped(dir: &Path, options: Options, new_log_id: LogId) -> Result<Stepped, StoreError> {
    let Disk { vfs, files } = options.disk.clone();
    let path = dir.join(DATABASE_FILE);
    let mut notes = Vec::new();
    let wal_bytes = wal_bytes(&*files, &path);
    let failed = |action| {
        let path = path.clone();
        move |source| StoreError::database(action, &path, source)
    };
    schema::look_before_opening(&*files, &path)?;
    let mut connection = connection::unchanged(&path, vfs).map_err(failed("open"))?;
    schema::prepare(&mut connection, &path, &options, new_log_id, &mut notes)?;
    connection::prepare_to_write(&connection, options.durability).map_err(failed("prepare"))?;
    sync_directory(&*files, dir)?;
    if wal_bytes > 0 {
        notes.push(recover(&connection, &path, wal_bytes)?);
    }
    let (start, chain) = read_start(&connection, &path, notes)?;
    let reading = connection::reading(&path, vfs).map_err(failed("open for reading"))?;
    let checkpointing = connection::checkpointing(&path, vfs).map_err(failed("open for checkpoints"))?;
    let searching = connection::reading(&path, vfs).map_err(failed("open for searching"))?;
    let indexing = connection::reading(&path, vfs).map_err(failed("open for the index"))?;
    let index = IndexPath::new(dir, options.disk.clone());

    let shared = Arc::new(Shared::new(start.last, Arc::clone(&options.on_news)));
    let (held, ended) = mpsc::channel();
    let checkpointer = Checkpointer::new(Arc::clone(&shared), checkpointing);
    let desk = Arc::new(Desk::new(Arc::clone(&options.on_news)));
    let reader = Reader::new(Arc::clone(&desk));
    let answering = |connection, index| Answering {
        desk: Arc::clone(&desk),
        shared: Arc::clone(&shared),
        connection,
        log_id: start.log_id,
        casemapping: options.casemapping,
        written_behind: options.durability == Durability::Memory,
        waiting: None,
        index,
    };
    let searches = answering(searching, Some(IndexReader::new(index.clone(), Arc::clone(&shared))));
    let answering = answering(reading, None);
    let indexer = Indexer::new(Arc::clone(&shared), indexing, start.log_id, options.casemapping, index);
    let Options { durability, casemapping, history, .. } = options;
    let writer = Writer::new(Arc::clone(&shared), path, options, chain, start.last);
    let workers = vec![
        Worker::new("store writer", &shared.writer, writer, &held),
        Worker::new("store checkpoints", &shared.checkpointer, checkpointer, &held),
        Worker::new("store reader", &desk.bell, answering, &held),
        Worker::new("store search", &desk.searcher, searches, &held),
        Worker::new("store index", &shared.indexer, indexer, &held).standing_back(),
    ];
    let (last, last_at) = (start.last, start.last_at);
    let log = EmbeddedLog::new(Parts { shared, desk, durability, casemapping, history, last, last_at, ended });
    Ok(Stepped { opened: Opened { log, reader, start }, workers })
}

/// Makes, migrates and checks the store as [`open`] does, and opens a connection that writes, whatever is written safe from power
/// loss: for who takes in much while no server runs.
///
/// # Errors
///
/// As [`open`].
pub(crate) fn open_alone(
    dir: &Path,
    options: Options,
    new_log_id: LogId,
) -> Result<(Connection, StartState), StoreError> {
    let path = dir.join(DATABASE_FILE);
    let vfs = options.disk.vfs;
    let stepped = open_stepped(dir, Options { durability: Durability::Disk, ..options }, new_log_id)?;
    // Its workers never run: nothing else has the file open.
    let start = stepped.opened.start;
    drop((stepped.opened.log, stepped.opened.reader, stepped.workers));
    let connection = connection::writing(&path, vfs, Durability::Disk)
        .map_err(|source| StoreError::database("open alone", &path, source))?;
    Ok((connection, start))
}

/// Returns the size of the write-ahead log that a former process left, which it removes when it closes in order.
fn wal_bytes(files: &dyn Files, path: &Path) -> u64 {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    files.size(&PathBuf::from(wal))
}

/// Moves what a former process committed into the database. SQLite has found the last whole transaction by itself when
/// the file was opened; this syncs it, so that nothing is shown that power loss could still take away. A full disk may be
/// read all the same.
///
/// # Errors
///
/// When the disk reports anything else. The former process may have ended because its syncs failed, and what it did not
/// get onto the disk still stands in the system's cache: it looks committed, and can vanish at any moment.
fn recover(connection: &Connection, path: &Path, wal_bytes: u64) -> Result<String, StoreError> {
    let begun = format!("the store was not closed the last time; its write-ahead log of {wal_bytes} bytes was");
    match connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)) {
        Ok(0) => Ok(format!("{begun} moved into the database")),
        Ok(_) => Ok(format!("{begun} read, and stays because another program reads it")),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => {
            Ok(format!("{begun} read, and stays because it cannot be moved into the database: {error}"))
        }
        Err(error) => Err(StoreError::database("recover", path, error)),
    }
}

/// Makes the names of new files survive power loss.
fn sync_directory(files: &dyn Files, dir: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Io { action: "sync the directory", path: dir.to_owned(), source };
    files.sync_directory(dir).map_err(failed)
}

/// Reads what the hall starts from, and the value of the checksum chain.
fn read_start(connection: &Connection, path: &Path, mut notes: Vec<String>) -> Result<(StartState, u32), StoreError> {
    let failed = |action| move |source| StoreError::database(action, path, source);
    let log_id = schema::meta_number(connection, "log_id").map_err(failed("read the log's number from"))?;
    let log_id = log_id.and_then(|id| u64::try_from(id).ok()).map(LogId);
    let Some(log_id) = log_id else {
        return Err(StoreError::Damaged { path: path.to_owned(), what: "it has no log number".into() });
    };
    let high_water = schema::meta_number(connection, "high_water").map_err(failed("read the last number from"))?;
    let (last, last_at, chain) = newest(connection).map_err(failed("read the last fact of"))?;
    let last = last.max(row::seq_from(high_water.unwrap_or(0)));
    verify_tail(connection, &mut notes).map_err(failed("verify the last facts of"))?;
    let rows = durable_rows(connection, path)?;
    Ok((StartState { rows, log_id, last, last_at, notes }, chain))
}

/// Returns place, time and chain of the newest fact; of the last one that was removed when there is none.
pub(crate) fn newest(connection: &Connection) -> rusqlite::Result<(Seq, Timestamp, u32)> {
    let newest = connection
        .query_row("SELECT seq, at, chain FROM facts ORDER BY seq DESC LIMIT 1", [], |row| {
            Ok((row::seq_from(row.get(0)?), Timestamp(row.get(1)?), row.get(2)?))
        })
        .optional()?;
    newest.map_or_else(|| removed(connection), Ok)
}

/// Returns place, time and chain of the last fact that was removed from the log's beginning.
pub(crate) fn removed(connection: &Connection) -> rusqlite::Result<(Seq, Timestamp, u32)> {
    let number = |name| schema::meta_number(connection, name).map(Option::unwrap_or_default);
    let (seq, at, chain) = (number("removed_through")?, number("removed_at")?, number("chain_start")?);
    Ok((row::seq_from(seq), Timestamp(at), u32::try_from(chain).unwrap_or(CHAIN_START)))
}

/// Compares the checksums of the newest rows; what does not agree is noted, and never served by the reader.
fn verify_tail(connection: &Connection, notes: &mut Vec<String>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(&format!("SELECT {KEPT_COLUMNS} FROM facts ORDER BY seq DESC LIMIT ?1"))?;
    let mut rows = statement.query([VERIFIED_AT_START])?;
    let mut later: Option<KeptRow> = None;
    let mut breaks = Vec::new();
    let mut damaged = Vec::new();
    let mut seen = 0;
    while let Some(row) = rows.next()? {
        seen += 1;
        let row = KeptRow::read(row)?;
        if let Some(later) = later.as_ref().filter(|later| row::chained(row.chain, later.row_check) != later.chain) {
            breaks.push(later.seq.0);
        }
        if !row.is_whole() {
            damaged.push(row.seq.0);
        }
        later = Some(row);
    }
    // The first of all follows on what was removed.
    if let Some(first) = later.filter(|_| seen < VERIFIED_AT_START) {
        let (_, _, chain) = removed(connection)?;
        if row::chained(chain, first.row_check) != first.chain {
            breaks.push(first.seq.0);
        }
    }
    if !damaged.is_empty() {
        notes.push(format!("facts that are not as they were written, and are not shown: {}", numbers(&damaged)));
    }
    if !breaks.is_empty() {
        notes.push(format!(
            "places where the chain of checksums is broken, or facts are missing before: {}",
            numbers(&breaks)
        ));
    }
    Ok(())
}

/// Writes the lowest of some numbers, given from the highest down.
fn numbers(descending: &[u64]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<String> = descending.iter().rev().take(SHOWN).map(u64::to_string).collect();
    match descending.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn durable_rows(connection: &Connection, path: &Path) -> Result<Vec<Row>, StoreError> {
    let failed = |source| StoreError::database("read the durable state of", path, source);
    let mut statement =
        connection.prepare("SELECT kind, key, data, row_check FROM rows ORDER BY kind, key").map_err(failed)?;
    let mut columns = statement.query([]).map_err(failed)?;
    let mut rows = Vec::new();
    while let Some(columns) = columns.next().map_err(failed)? {
        rows.push(row::durable(columns).map_err(failed)?.map_err(|bad| StoreError::row(path, &bad))?);
    }
    Ok(rows)
}
