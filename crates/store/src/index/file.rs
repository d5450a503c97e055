//! The file of the index: how it is opened, and when it is thrown away.

use std::path::{Path, PathBuf};

use chat::ids::{LogId, Seq};
use irc::casemap::CaseMapping;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Entry, INDEX_FILE, part_of};
use crate::connection;
use crate::disk::Disk;
use crate::row;

/// What this program writes: anything else is made anew.
const FORMAT: i64 = 1;

/// Statements kept prepared: for each of the newest parts some.
const STATEMENTS_KEPT: usize = 256;

/// The most bytes of words that FTS5 gathers before it writes them: what one transaction of the indexer has.
const GATHERED_BYTES: i64 = 32 << 20;

const SCHEMA: &str = "
    -- One value each: format, log_id, casemapping; through (all facts up to this place are in the index), chain (of that
    -- fact's row, to tell the log from another with the same number), forgotten (of `to_forget`, what was done).
    CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) WITHOUT ROWID, STRICT;
    -- The parts that there are: each is a table `part_N`.
    CREATE TABLE parts (number INTEGER PRIMARY KEY);
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
        connection.pragma_update(None, "synchronous", "NORMAL")?;
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
        if let Ok(Some(index)) = Self::existing(path, log, mapping)
            && let kept = index.meta("chain")?
            && (index.through == Seq::ZERO || chain_at(index.through)?.map(i64::from) == kept)
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

    fn existing(path: &IndexPath, log: LogId, mapping: CaseMapping) -> rusqlite::Result<Option<Self>> {
        let connection = path.write()?;
        let known: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name IN ('meta', 'parts')", [], |row| {
                row.get(0)
            })?;
        let mut index = Self { connection, through: Seq::ZERO, forgotten: 0 };
        if known != 2 || index.meta("format")? != Some(FORMAT) || index.meta("log_id")? != Some(log_column(log)) {
            return Ok(None);
        }
        let folded: Option<String> = index
            .connection
            .query_row("SELECT value FROM meta WHERE name = 'casemapping'", [], |row| row.get(0))
            .optional()?;
        if folded.as_deref() != Some(mapping.isupport_value()) {
            return Ok(None);
        }
        index.through = index.meta("through")?.map_or(Seq::ZERO, row::seq_from);
        index.forgotten = index.meta("forgotten")?.unwrap_or(0);
        Ok(Some(index))
    }

    fn meta(&self, name: &str) -> rusqlite::Result<Option<i64>> {
        self.connection
            .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()
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

    /// Moves its write-ahead log into it and empties that: no word that was taken out stays there.
    pub(crate) fn empty_wal(&self) -> rusqlite::Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
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
    /// The part that was written last is there.
    part: Option<i64>,
}

impl Change<'_> {
    /// Puts a message in.
    pub(crate) fn put(&mut self, seq: Seq, entry: &Entry) -> rusqlite::Result<()> {
        let part = part_of(seq);
        if self.part != Some(part) {
            self.make(part)?;
            self.part = Some(part);
        }
        let sql = format!("INSERT INTO part_{part} (rowid, words, place, sender) VALUES (?1, ?2, ?3, ?4)");
        let columns = params![row::seq_column(seq), entry.words, entry.place, entry.sender];
        self.connection.prepare_cached(&sql)?.execute(columns).map(drop)
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
        // is removed from the tables at once, and nothing needs the number of a message's words.
        self.connection.execute_batch(&format!(
            "CREATE VIRTUAL TABLE part_{part} USING fts5 (
                 words, place, sender, content = '', columnsize = 0, tokenize = 'ascii'
             );
             INSERT INTO part_{part} (part_{part}, rank) VALUES ('secure-delete', 1);
             INSERT INTO part_{part} (part_{part}, rank) VALUES ('hashsize', {GATHERED_BYTES});"
        ))?;
        self.connection.execute("INSERT INTO parts VALUES (?1)", [part]).map(drop)
    }
}

fn log_column(log: LogId) -> i64 {
    i64::try_from(log.0).unwrap_or(i64::MAX)
}
