//! What the machine can do by itself: rows of the same width in groups of the same size, without a server.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use rusqlite::{Connection, params};

use crate::clock;

/// Rows as wide as the server's, in groups as large as its commits were.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Groups {
    /// Rows of one group.
    pub(crate) rows: u64,
    /// Bytes of one row.
    pub(crate) row_bytes: usize,
    /// For how long.
    pub(crate) span: Duration,
}

/// Inserts into a SQLite database, one transaction with its sync for each group; returns rows per second.
///
/// The database is opened as SQLite's documentation advises for a log that must survive a power cut (WAL, `synchronous = FULL`), and
/// checkpoints are SQLite's own: in the commit, every 1,000 pages.
pub(crate) fn sqlite(directory: &Path, groups: Groups) -> anyhow::Result<f64> {
    let failed = "the bare SQLite loop cannot write";
    let path = directory.join("bare.db");
    let mut connection = Connection::open(&path).context(failed)?;
    connection.pragma_update(None, "journal_mode", "WAL").context(failed)?;
    connection.pragma_update(None, "synchronous", "FULL").context(failed)?;
    connection
        .execute_batch(
            "CREATE TABLE messages (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, channel TEXT NOT NULL, data TEXT NOT NULL);
             CREATE INDEX messages_of_channel ON messages (channel, seq);",
        )
        .context(failed)?;
    let data = "x".repeat(groups.row_bytes);
    let began = clock::now();
    let mut rows = 0_u64;
    while began.elapsed() < groups.span {
        let transaction = connection.transaction().context(failed)?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT INTO messages VALUES (?1, ?2, ?3, ?4)").context(failed)?;
            for _ in 0..groups.rows {
                rows += 1;
                insert
                    .execute(params![i64::try_from(rows)?, 1_790_000_000_000_i64, "#piazza", data])
                    .context(failed)?;
            }
        }
        transaction.commit().context(failed)?;
    }
    Ok(per_second(rows, began.elapsed()))
}

/// Writes over a file that has its length already, with one `fdatasync` for each group; returns rows per second. (A file that grows
/// would sync its new length too, which a write-ahead log that is used again does not.)
pub(crate) fn file(directory: &Path, groups: Groups) -> anyhow::Result<f64> {
    /// As long as a write-ahead log under load.
    const FILE_BYTES: usize = 32 << 20;
    let failed = "the bare file cannot be written";
    let group = vec![b'x'; groups.row_bytes * usize::try_from(groups.rows)?];
    let mut file = File::create(directory.join("bare")).context(failed)?;
    file.write_all(&vec![0; FILE_BYTES]).and_then(|()| file.sync_all()).context(failed)?;
    let began = clock::now();
    let (mut rows, mut place) = (0, FILE_BYTES);
    while began.elapsed() < groups.span {
        if place + group.len() > FILE_BYTES {
            file.seek(SeekFrom::Start(0)).context(failed)?;
            place = 0;
        }
        place += group.len();
        file.write_all(&group).context(failed)?;
        file.sync_data().context(failed)?;
        rows += groups.rows;
    }
    Ok(per_second(rows, began.elapsed()))
}

/// Returns a rate.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn per_second(count: u64, span: Duration) -> f64 {
    count as f64 / span.as_secs_f64().max(f64::EPSILON)
}
