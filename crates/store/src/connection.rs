//! How connections to the database are opened: one that writes, one for each reader, one that checkpoints.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::disk::Disk;
use crate::open::Durability;

/// How long a connection waits for another program (a backup, say) that holds a lock.
const BUSY_WAIT: Duration = Duration::from_secs(2);

/// The write-ahead log's file is cut to this size when it starts anew: to what it has grown to by then under load
/// (`checkpoint::RESTART_PAGES`), so that its blocks are not given back and taken again each time.
const WAL_BYTES_KEPT: i64 = 36 << 20;

/// What the connection that writes keeps of the database in memory, in KiB, while little is said. On a server with many connections who
/// say nothing, more would be filled with who has come, which nobody needs again.
const WRITER_CACHE_KIB: i64 = 512;

/// The same from when so many speak at once that groups have [`MANY_MESSAGES`]: a group of 4,096 messages of usual length, and the pages
/// of the index that as many channels end in as talk. With SQLite's own 2 MiB, pages were written out in the middle of a group and read
/// again.
const WRITER_CACHE_LARGE_KIB: i64 = 4 << 10;

/// Groups with so many messages want a large cache.
pub(crate) const MANY_MESSAGES: usize = 128;

/// Statements each connection keeps prepared.
const STATEMENTS_KEPT: usize = 64;

/// The name of the SQLite VFS to use; `None` for SQLite's own.
type Vfs = Option<&'static str>;

/// Opens the connection that writes, making the file where it is absent.
pub(crate) fn writing(path: &Path, vfs: Vfs, durability: Durability) -> rusqlite::Result<Connection> {
    let connection = unchanged(path, vfs)?;
    prepare_to_write(&connection, durability)?;
    Ok(connection)
}

/// Opens a connection that could write, and changes nothing yet: the file may not be ours.
pub(crate) fn unchanged(path: &Path, vfs: Vfs) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, vfs)?;
    connection.busy_timeout(BUSY_WAIT)?;
    keep_statements(&connection)?;
    // What is erased is overwritten, not only forgotten; also by a migration. The file itself is not changed by this.
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    Ok(connection)
}

fn open(path: &Path, flags: OpenFlags, vfs: Vfs) -> rusqlite::Result<Connection> {
    match vfs {
        None => Connection::open_with_flags(path, flags),
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
    }
}

/// Keeps statements prepared, whatever values are bound to them.
fn keep_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // Else SQLite plans a statement anew when a value changes that might make another plan better, which for us, who never run
    // ANALYZE, is never so: it took 10 µs and more for each message of a page.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Lets the connection that writes keep what large groups need.
pub(crate) fn keep_more(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_LARGE_KIB)
}

/// Chooses how commits are written and synced.
pub(crate) fn prepare_to_write(connection: &Connection, durability: Durability) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    let synchronous = match durability {
        Durability::Disk => "FULL",
        Durability::Process | Durability::Memory => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    // Off the commit path: `checkpoint.rs` does it.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)
}

/// Opens a connection that only reads.
pub(crate) fn reading(path: &Path, vfs: Vfs) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, vfs)?;
    connection.busy_timeout(BUSY_WAIT)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Opens a connection to look through a database that a server may have open. Where none has, no file is left beside it: who only
/// reads cannot remove the files that reading makes.
pub(crate) fn looking(path: &Path, disk: &Disk) -> rusqlite::Result<Connection> {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    if !matches!(disk.files.first_bytes(Path::new(&wal), 0), Ok(None)) {
        return reading(path, disk.vfs);
    }
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX, disk.vfs)?;
    connection.busy_timeout(BUSY_WAIT)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// Opens the connection that moves the write-ahead log into the database. It never waits for a lock: it tries again later.
pub(crate) fn checkpointing(path: &Path, vfs: Vfs) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = open(path, flags, vfs)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES_KEPT)?;
    Ok(connection)
}

/// Sets how many pages the database may have: 0, as when it was opened, for as many as fit on the disk.
pub(crate) fn limit_pages(connection: &Connection, pages_max: u32) -> rusqlite::Result<()> {
    /// SQLite's own greatest number.
    const ALL: u32 = 4_294_967_294;
    let pages = match pages_max {
        0 => ALL,
        pages => pages,
    };
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use rusqlite::StatementStatus;

    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_statement_is_prepared_once_for_all_values() {
        let scratch = Scratch::new("connection");
        let path = scratch.0.join(crate::DATABASE_FILE);
        let connection = unchanged(&path, None).unwrap();
        connection.execute_batch(include_str!("schema.sql")).unwrap();
        for connection in [&connection, &reading(&path, None).unwrap()] {
            // Of all statements, this one was planned anew: it depends on a value of which SQLite would keep statistics.
            let mut statement = connection.prepare("SELECT max(seq) FROM edits WHERE message = ?1").unwrap();
            for message in 0..3 {
                statement.query_row([message], |row| row.get::<_, Option<i64>>(0)).unwrap();
            }
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0);
        }
    }
}
