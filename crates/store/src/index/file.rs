//! The file of the index: how it is opened, and when it is thrown away.

use std::path::{Path, PathBuf};

use chat::ids::{LogId, Seq};
use irc::casemap::CaseMapping;
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params};

use super::{Entry, INDEX_FILE, part_of};
use crate::connection;
use crate::disk::Disk;
use crate::row;

/// What this program writes: anything else is made anew.
const FORMAT: i64 = 2;

/// Statements kept prepared: for each of the newest parts some.
const STATEMENTS_KEPT: usize = 256;

/// The most bytes of words that FTS5 gathers before it writes them: what one transaction of the indexer has.
const GATHERED_BYTES: i64 = 64 << 20;

/// Pages that SQLite keeps in memory for who writes, in KiB: what one transaction changes, so that none is written twice.
const CACHE_KIB: i64 = 16 << 10;

/// Pages of 4096 bytes in the index's write-ahead log after which they are moved. Each time costs two syncs, which the log's commits
/// wait for, too.
const CHECKPOINT_PAGES: i64 = 4096;

/// So many pieces of about one size are merged also when there is more to be put in.
const PIECES_OF_ONE_SIZE_MAX: i64 = 16;

/// Pages that one step of merging writes: some ten milliseconds, which is how long what is new then waits.
const MERGED_PAGES: i64 = 256;

const SCHEMA: &str = "
    -- One value each: format, log_id, casemapping; through (all facts up to this place are in the index), chain (of that
    -- fact's row, to tell the log from another with the same number), forgotten (of `to_forget`, what was done).
    CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) WITHOUT ROWID, STRICT;
    -- The parts that there are: each is a table `part_N`. One that gets no more messages is merged into one piece at last.
    CREATE TABLE parts (number INTEGER PRIMARY KEY, is_merged INTEGER NOT NULL DEFAULT 0);
";

/// Where the index is.
#[derive(Clone)]
pub(crate) struct IndexPath {
    path: PathBuf,
    disk: Disk,
}

impl IndexPath {
    pub(crate) fn new(dir: &Path, disk: Disk) -> Self {
        Self { path: dir.join(INDEX_FILE), disk }
    }

    /// Tells whether there is a file.
    pub(crate) fn is_there(&self) -> bool {
        self.disk.files.size(&self.path) > 0
    }

    /// Opens it to look through it, also beside a server.
    pub(crate) fn look(&self) -> rusqlite::Result<Connection> {
        connection::looking(&self.path, &self.disk)
    }

    /// Opens it to search.
    pub(crate) fn read(&self) -> rusqlite::Result<Connection> {
        let connection = connection::reading(&self.path, self.disk.vfs)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        Ok(connection)
    }

    /// Throws it away. What cannot be removed is found again by who opens it next, and tried again then.
    pub(crate) fn remove(&self) {
        for ending in ["", "-wal", "-shm"] {
            let mut path = self.path.as_os_str().to_owned();
            path.push(ending);
            self.disk.files.remove(&PathBuf::from(path));
        }
    }

    fn write(&self) -> rusqlite::Result<Connection> {
        let connection = connection::unchanged(&self.path, self.disk.vfs)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A power loss takes at most what was put in last: the log has it, and how far the index is goes with it.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        Ok(connection)
    }
}

/// The index as the indexer holds it.
pub(crate) struct Index {
    connection: Connection,
    /// All facts up to here are in it.
    pub(crate) through: Seq,
    /// All rows of `to_forget` up to here were taken out.
    pub(crate) forgotten: i64,
}

impl Index {
    /// Opens what is there, or makes it anew when it is missing, not readable, or not of this log. `chain_at` gives the
    /// checksum chain at a place of the log; `None`: there is no such fact.
    pub(crate) fn open(
        path: &IndexPath,
        log: LogId,
        mapping: CaseMapping,
        chain_at: impl Fn(Seq) -> rusqlite::Result<Option<u32>>,
    ) -> rusqlite::Result<(Self, bool)> {
        if let Ok(Some((index, chain))) = Self::existing(path, log, mapping)
            && (index.through == Seq::ZERO || chain_at(index.through)?.map(i64::from) == chain)
        {
            return Ok((index, false));
        }
        path.remove();
        let connection = path.write()?;
        let transaction = connection.unchecked_transaction()?;
        transaction.execute_batch(SCHEMA)?;
        for (name, value) in [("format", FORMAT), ("log_id", log_column(log)), ("through", 0), ("forgotten", 0)] {
            transaction.execute("INSERT INTO meta VALUES (?1, ?2)", params![name, value])?;
        }
        transaction.execute("INSERT INTO meta VALUES ('casemapping', ?1)", [mapping.isupport_value()])?;
        transaction.commit()?;
        Ok((Self { connection, through: Seq::ZERO, forgotten: 0 }, true))
    }

    fn existing(path: &IndexPath, log: LogId, mapping: CaseMapping) -> rusqlite::Result<Option<(Self, Option<i64>)>> {
        let connection = path.write()?;
        let head = Head::read(&connection, log, mapping)?;
        Ok(head.map(|Head { through, forgotten, chain }| (Self { connection, through, forgotten }, chain)))
    }

    /// Changes it in one transaction; `work` notes how far it has come.
    pub(crate) fn change<T>(
        &mut self,
        work: impl FnOnce(&mut Change<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let transaction = self.connection.unchecked_transaction()?;
        let (through, forgotten) = (self.through, self.forgotten);
        let mut change = Change { connection: &self.connection, through, forgotten, chain: None, part: None };
        let result = work(&mut change)?;
        let Change { through, forgotten, chain, .. } = change;
        let mut put = transaction.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?;
        put.execute(params!["through", row::seq_column(through)])?;
        put.execute(params!["forgotten", forgotten])?;
        if let Some(chain) = chain {
            put.execute(params!["chain", chain])?;
        }
        drop(put);
        transaction.commit()?;
        (self.through, self.forgotten) = (through, forgotten);
        Ok(result)
    }

    /// Does one step of merging pieces, which each transaction adds one of: a search looks into each of them. Returns whether
    /// there was something to do.
    ///
    /// A part that gets no more messages becomes one piece; of the newest only so many of about one size are merged that
    /// none is written again and again.
    pub(crate) fn merge(&self) -> rusqlite::Result<bool> {
        let newest = part_of(Seq(self.through.0 + 1));
        let ended: Option<i64> = self
            .connection
            .prepare_cached("SELECT number FROM parts WHERE number < ?1 AND NOT is_merged LIMIT 1")?
            .query_row([newest], |row| row.get(0))
            .optional()?;
        let Some(ended) = ended else {
            let is_there = self.connection.prepare_cached("SELECT 1 FROM parts WHERE number = ?1")?.exists([newest])?;
            return if is_there { self.merge_part(newest, MERGED_PAGES) } else { Ok(false) };
        };
        if !self.merge_part(ended, -MERGED_PAGES)? {
            self.connection.prepare_cached("UPDATE parts SET is_merged = 1 WHERE number = ?1")?.execute([ended])?;
        }
        Ok(true)
    }

    /// Keeps no pages in memory: for a while nothing is to be done.
    pub(crate) fn give_memory_back(&self) {
        if let Err(error) = self.connection.execute_batch("PRAGMA shrink_memory") {
            tracing::debug!(%error, "the index of words keeps its memory");
        }
    }

    /// Lets FTS5 write so many pages of merged pieces, all of which are to be merged when the number is negative.
    fn merge_part(&self, part: i64, pages: i64) -> rusqlite::Result<bool> {
        let before = self.connection.total_changes();
        self.connection
            .prepare_cached(&format!("INSERT INTO part_{part} (part_{part}, rank) VALUES ('merge', ?1)"))?
            .execute([pages])?;
        // The insertion counts as one change itself: so FTS5's manual says how to tell that nothing was done.
        Ok(self.connection.total_changes() - before >= 2)
    }

    /// Moves its write-ahead log into it and empties that: no word that was taken out stays there.
    pub(crate) fn empty_wal(&self) -> rusqlite::Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }
}

/// What the index says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    /// All facts up to here are in it.
    pub(crate) through: Seq,
    /// All rows of `to_forget` up to here were taken out.
    pub(crate) forgotten: i64,
    /// The checksum chain at the last fact.
    pub(crate) chain: Option<i64>,
}

impl Head {
    /// Reads it; `None` when it is not an index that this program makes of this log.
    pub(crate) fn read(index: &Connection, log: LogId, mapping: CaseMapping) -> rusqlite::Result<Option<Self>> {
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name IN ('meta', 'parts')";
        if index.query_row(tables, [], |row| row.get::<_, i64>(0))? != 2 {
            return Ok(None);
        }
        let mut value = index.prepare("SELECT value FROM meta WHERE name = ?1")?;
        let mut number = |name: &str| value.query_row([name], |row| row.get::<_, i64>(0)).optional();
        if number("format")? != Some(FORMAT) || number("log_id")? != Some(log_column(log)) {
            return Ok(None);
        }
        let (through, forgotten, chain) = (number("through")?, number("forgotten")?, number("chain")?);
        let folded: Option<String> = value.query_row(["casemapping"], |row| row.get(0)).optional()?;
        let through = through.map_or(Seq::ZERO, row::seq_from);
        let is_ours = folded.as_deref() == Some(mapping.isupport_value());
        Ok(is_ours.then_some(Self { through, forgotten: forgotten.unwrap_or(0), chain }))
    }
}

/// A transaction of the index.
pub(crate) struct Change<'i> {
    connection: &'i Connection,
    /// How far it has come with facts.
    pub(crate) through: Seq,
    /// The checksum chain at that fact, when it is another.
    pub(crate) chain: Option<u32>,
    /// How far with what is to be forgotten.
    pub(crate) forgotten: i64,
    /// The part that was written last is there, and what puts a message into it: looked for once, for some thousand messages.
    part: Option<(i64, CachedStatement<'i>)>,
}

impl<'i> Change<'i> {
    /// Puts a message in.
    pub(crate) fn put(&mut self, seq: Seq, entry: &Entry) -> rusqlite::Result<()> {
        let columns = params![row::seq_column(seq), entry.words, entry.place, entry.sender];
        self.insert_into(part_of(seq))?.execute(columns).map(drop)
    }

    /// Returns what puts a message into a part, which is there then.
    fn insert_into(&mut self, part: i64) -> rusqlite::Result<&mut CachedStatement<'i>> {
        let written_last = self.part.take().filter(|(number, _)| *number == part);
        let insert = if let Some((_, insert)) = written_last { insert } else { self.begin(part)? };
        Ok(&mut self.part.insert((part, insert)).1)
    }

    /// Makes a part ready for messages.
    fn begin(&mut self, part: i64) -> rusqlite::Result<CachedStatement<'i>> {
        self.make(part)?;
        let mut has_more = self.connection.prepare_cached("UPDATE parts SET is_merged = 0 WHERE number = ?1")?;
        has_more.execute([part])?;
        let sql = format!("INSERT INTO part_{part} (rowid, words, place, sender) VALUES (?1, ?2, ?3, ?4)");
        self.connection.prepare_cached(&sql)
    }

    /// Takes a message out again, whose entry was this.
    pub(crate) fn forget(&mut self, seq: Seq, entry: &Entry) -> rusqlite::Result<()> {
        let part = part_of(seq);
        if !self.has(part)? {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO part_{part} (part_{part}, rowid, words, place, sender) VALUES ('delete', ?1, ?2, ?3, ?4)"
        );
        let columns = params![row::seq_column(seq), entry.words, entry.place, entry.sender];
        self.connection.prepare_cached(&sql)?.execute(columns).map(drop)
    }

    /// Drops the parts whose places are all before one: the log has nothing there any more.
    pub(crate) fn drop_before(&mut self, first: Seq) -> rusqlite::Result<()> {
        let mut parts = self.connection.prepare_cached("SELECT number FROM parts WHERE number < ?1")?;
        let parts = parts.query_map([part_of(first)], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
        for part in parts {
            self.connection.execute_batch(&format!("DROP TABLE part_{part}"))?;
            self.connection.execute("DELETE FROM parts WHERE number = ?1", [part])?;
        }
        Ok(())
    }

    fn has(&self, part: i64) -> rusqlite::Result<bool> {
        self.connection.prepare_cached("SELECT 1 FROM parts WHERE number = ?1")?.exists([part])
    }

    fn make(&mut self, part: i64) -> rusqlite::Result<()> {
        if self.has(part)? {
            return Ok(());
        }
        // Words are split and folded before they come here; the tokenizer has only to split at spaces. What is taken out
        // is removed from the tables at once, and nothing needs the number of a message's words. Pieces are merged when nothing
        // else is to be done ([`Index::merge`]), and before that only when there are sixteen of one size.
        self.connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE part_{part} USING fts5 (
                 words, place, sender, content = '', columnsize = 0, tokenize = 'ascii'
             );
             INSERT INTO part_{part} (part_{part}, rank) VALUES ('secure-delete', 1);
             INSERT INTO part_{part} (part_{part}, rank) VALUES ('automerge', 0);
             INSERT INTO part_{part} (part_{part}, rank) VALUES ('crisismerge', {PIECES_OF_ONE_SIZE_MAX});
             INSERT INTO part_{part} (part_{part}, rank) VALUES ('hashsize', {GATHERED_BYTES});"
        ))?;
        self.connection.execute("INSERT INTO parts (number) VALUES (?1)", [part]).map(drop)
    }
}

fn log_column(log: LogId) -> i64 {
    i64::try_from(log.0).unwrap_or(i64::MAX)
}
