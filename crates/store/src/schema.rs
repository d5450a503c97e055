//! The database's format: made, recognised, and brought up to date after a copy was made.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use chat::account::RemovedAccount;
use chat::ids::LogId;
use chat::rows::Row;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::disk::Files;
use crate::error::StoreError;
use crate::open::Options;
use crate::{channel_keys, corrections, places, row, steps};

/// The database's name in the data directory.
pub const DATABASE_FILE: &str = "loggia.db";

/// The format that this program writes.
pub const FORMAT: i32 = 10;

/// "Logg" in ASCII: tells `file` and us whose database it is.
const APPLICATION_ID: i32 = 0x4c6f_6767;

/// What every file of SQLite begins with.
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

const SCHEMA: &str = include_str!("schema.sql");

/// Brings a database from one format to the next.
type Step = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// The steps from format 1 to 2, from 2 to 3, and so on.
const STEPS: &[Step] = &[
    one_table_for_all_durable_state,
    direct_messages_and_happenings,
    edits,
    names_of_removed_accounts_and_no_secrets,
    ids_of_clients_and_what_was_taken_back,
    words_in_an_index_of_their_own,
    steps::pasts_checksums_and_sizes,
    corrections::in_a_table_by_place,
    places::note_whether_times_go_back,
];

/// From format 1 to 2: one table for every kind of durable state. There were only channels.
fn one_table_for_all_durable_state(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE rows (
             kind TEXT NOT NULL, key TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (kind, key)
         ) WITHOUT ROWID;
         INSERT INTO rows SELECT 'channel', name, json_insert(data, '$.row', 'channel') FROM channel_rows;
         DROP TABLE channel_rows;",
    )
}

/// From format 2 to 3: direct messages are found by who owns them, and what happened in channels is kept. Whose the old
/// ones were is known of their senders only; receivers without account were those users, who are gone. What was said to
/// some ranks of a channel is not found under its name any more.
fn direct_messages_and_happenings(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE direct (
             seq INTEGER PRIMARY KEY, sender_owner TEXT NOT NULL, sender_peer TEXT NOT NULL, sender_nick TEXT NOT NULL,
             receiver_owner TEXT NOT NULL, receiver_peer TEXT NOT NULL, receiver_nick TEXT NOT NULL
         );
         CREATE INDEX direct_sent ON direct (sender_owner, receiver_peer, seq);
         CREATE INDEX direct_received ON direct (receiver_owner, sender_peer, seq);
         CREATE TABLE happenings (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, data TEXT NOT NULL, text TEXT);
         CREATE TABLE happenings_of_channel (
             channel TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (channel, seq)
         ) WITHOUT ROWID;
         UPDATE facts SET channel = NULL
         WHERE channel IS NOT NULL AND json_extract(data, '$.message.target.channel.rank') IS NOT NULL;
         INSERT INTO direct
         SELECT seq, coalesce('account:' || lower(json_extract(data, '$.message.sender.account')),
                              'user:' || json_extract(data, '$.message.user')),
                coalesce('account:' || lower(json_extract(data, '$.message.sender.account')),
                         'nick:' || lower(json_extract(data, '$.message.sender.nick'))),
                json_extract(data, '$.message.sender.nick'),
                'user:' || json_extract(data, '$.message.target.user.id'),
                'nick:' || lower(json_extract(data, '$.message.target.user.nick')),
                json_extract(data, '$.message.target.user.nick')
         FROM facts WHERE kind = 'said' AND json_extract(data, '$.message.target.user') IS NOT NULL;",
    )
}

/// From format 3 to 4: what was said can get other words. (A table of words was made here too, which format 7 has no more.)
fn edits(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE edits (seq INTEGER PRIMARY KEY, message INTEGER NOT NULL);
         CREATE INDEX edits_of_message ON edits (message, seq);
         CREATE VIEW newest_texts AS
         SELECT said.seq AS seq, coalesce((
             SELECT edited.text FROM edits JOIN facts edited ON edited.seq = edits.seq
             WHERE edits.message = said.seq ORDER BY edits.seq DESC LIMIT 1
         ), said.text) AS text
         FROM facts said WHERE said.kind = 'said' AND said.text <> '';",
    )
}

/// From format 4 to 5: the names of removed accounts stay, unless somebody has registered one again already; and what is
/// secret of accounts, which stands in their rows, is not in the log too.
fn names_of_removed_accounts_and_no_secrets(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let kept: Option<String> =
        transaction.query_row("SELECT value FROM meta WHERE name = 'casemapping'", [], |row| row.get(0)).optional()?;
    let mapping = kept.as_deref().and_then(CaseMapping::from_isupport).unwrap_or_default();
    let mut removed = transaction.prepare(
        "SELECT json_extract(data, '$.account'), max(at) FROM facts WHERE kind = 'account_removed' GROUP BY 1",
    )?;
    let removed = removed
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (name, at) in removed {
        let row = Row::RemovedAccount(RemovedAccount { name: name.into(), at: Timestamp(at) });
        let data = serde_json::to_string(&row).expect("a row can be written as JSON");
        transaction.execute(
            "INSERT OR IGNORE INTO rows SELECT ?1, ?2, ?3
             WHERE NOT EXISTS (SELECT 1 FROM rows WHERE kind = 'account' AND key = ?2)",
            params![row.kind(), row.key(mapping), data],
        )?;
    }
    transaction.execute(
        "UPDATE facts SET text = NULL WHERE kind IN ('account_registered', 'account_changed') AND text IS NOT NULL",
        [],
    )?;
    Ok(())
}

/// From format 5 to 6: what clients have given an id is known by it; what was taken back, and direct messages of somebody
/// with everybody, are found in the order of the log.
fn ids_of_clients_and_what_was_taken_back(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE streams (
             id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, account TEXT, highest INTEGER NOT NULL,
             until INTEGER NOT NULL
         );
         CREATE INDEX streams_by_end ON streams (until);
         CREATE TABLE deliveries (
             stream INTEGER NOT NULL, number INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (stream, number)
         ) WITHOUT ROWID;
         CREATE TABLE redactions (seq INTEGER PRIMARY KEY, message INTEGER NOT NULL);
         INSERT INTO redactions
         SELECT seq, json_extract(data, '$.message.seq') FROM facts WHERE kind = 'redacted';
         CREATE INDEX direct_sent_in_order ON direct (sender_owner, seq);
         CREATE INDEX direct_received_in_order ON direct (receiver_owner, seq);",
    )
}

/// From format 6 to 7: the words are in an index of their own, which is made from the log.
fn words_in_an_index_of_their_own(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "DROP TABLE IF EXISTS words;
         CREATE TABLE to_forget (
             id INTEGER PRIMARY KEY AUTOINCREMENT, said INTEGER NOT NULL, channel TEXT, data TEXT NOT NULL,
             text TEXT NOT NULL
         );
         CREATE INDEX to_forget_of_message ON to_forget (said, id);",
    )
}

/// Refuses a file that is not a database of SQLite, before SQLite touches it. An absent or empty one is welcome.
pub(crate) fn look_before_opening(files: &dyn Files, path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Io { action: "read", path: path.to_owned(), source };
    let begin = files.first_bytes(path, SQLITE_MAGIC.len() as u64).map_err(failed)?.unwrap_or_default();
    if begin.is_empty() || begin == SQLITE_MAGIC { Ok(()) } else { Err(StoreError::NotOurs { path: path.to_owned() }) }
}

/// Refuses what is absent, is not a database of ours, or has another format than this program's.
pub(crate) fn expect_newest(files: &dyn Files, connection: &Connection, path: &Path) -> Result<(), StoreError> {
    look_before_opening(files, path)?;
    let failed = |source| StoreError::database("read the format of", path, source);
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(failed)?;
    let format: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    match format {
        _ if application != APPLICATION_ID => Err(StoreError::NotOurs { path: path.to_owned() }),
        FORMAT => Ok(()),
        found if found > FORMAT => Err(StoreError::NewerFormat { path: path.to_owned(), found, known: FORMAT }),
        found => Err(StoreError::OlderFormat { path: path.to_owned(), found }),
    }
}

/// Makes a new database, or checks and migrates the one that is there.
pub(crate) fn prepare(
    connection: &mut Connection,
    path: &Path,
    options: &Options,
    new_log_id: LogId,
    notes: &mut Vec<String>,
) -> Result<(), StoreError> {
    let failed = |source: rusqlite::Error| match source.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => StoreError::NotOurs { path: path.to_owned() },
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path: path.to_owned(), what: source.to_string() },
        _ => StoreError::database("read the format of", path, source),
    };
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(failed)?;
    let format: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    match (application, format, tables) {
        (0, 0, 0) => {
            create(connection, options, new_log_id).map_err(|source| StoreError::database("make", path, source))?;
            notes.push(format!("made a new store, {}", path.display()));
        }
        (APPLICATION_ID, 1.., 1..) => {
            migrate(connection, path, format, STEPS, notes)?;
            refold(connection, options.casemapping, notes)
                .map_err(|source| StoreError::database("fold the channel names of", path, source))?;
        }
        _ => return Err(StoreError::NotOurs { path: path.to_owned() }),
    }
    Ok(())
}

fn create(connection: &mut Connection, options: &Options, new_log_id: LogId) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT)?;
    let log_id = i64::try_from(new_log_id.0 & (u64::MAX >> 1)).unwrap_or(i64::MAX);
    transaction.execute("INSERT INTO meta VALUES ('log_id', ?1)", [log_id])?;
    for name in ["high_water", "removed_through", "removed_at", "chain_start", "kept_bytes", "times_go_back"] {
        transaction.execute("INSERT INTO meta VALUES (?1, 0)", [name])?;
    }
    let created = format!("by loggia {}, {}", options.program_version, options.now);
    transaction.execute("INSERT INTO meta VALUES ('created', ?1)", [created])?;
    transaction.execute("INSERT INTO meta VALUES ('casemapping', ?1)", [options.casemapping.isupport_value()])?;
    transaction.commit()
}

/// Takes the steps that are missing, all in one transaction, after a copy `loggia.db.v1.bak` was made.
fn migrate(
    connection: &mut Connection,
    path: &Path,
    format: i32,
    steps: &[Step],
    notes: &mut Vec<String>,
) -> Result<(), StoreError> {
    let known = 1 + i32::try_from(steps.len()).unwrap_or(i32::MAX);
    if format > known {
        return Err(StoreError::NewerFormat { path: path.to_owned(), found: format, known });
    }
    if format == known {
        return Ok(());
    }
    let copy = copy_before_migration(connection, path, format)?;
    let taken = usize::try_from(format - 1).unwrap_or(0);
    let migrated = connection.transaction_with_behavior(TransactionBehavior::Immediate).and_then(|transaction| {
        for step in steps.iter().skip(taken) {
            step(&transaction)?;
        }
        transaction.pragma_update(None, "user_version", known)?;
        transaction.commit()
    });
    migrated.map_err(|source| StoreError::database("migrate", path, source))?;
    notes.push(format!("brought the store from format {format} to {known}; the former one is {}", copy.display()));
    Ok(())
}

/// Copies the database whole and synced, first under another name: a copy with its final name is complete.
fn copy_before_migration(connection: &Connection, path: &Path, format: i32) -> Result<PathBuf, StoreError> {
    let named = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".v{format}.{ending}"));
        PathBuf::from(name)
    };
    let (unfinished, copy) = (named("unfinished"), named("bak"));
    let failed = |source| StoreError::Io { action: "write the copy", path: copy.clone(), source };
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    connection
        .execute("VACUUM INTO ?1", params![unfinished.to_string_lossy()])
        .map_err(|source| StoreError::database("copy before the migration", path, source))?;
    File::open(&unfinished).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(&unfinished, &copy).map_err(failed)?;
    Ok(copy)
}

/// Folds the names anew when another case mapping was chosen. The two differ only in names that are not ASCII.
fn refold(connection: &mut Connection, casemapping: CaseMapping, notes: &mut Vec<String>) -> rusqlite::Result<()> {
    const NOT_ASCII: &str = "GLOB '*[^ -~]*'";
    let kept: Option<String> =
        connection.query_row("SELECT value FROM meta WHERE name = 'casemapping'", [], |row| row.get(0)).optional()?;
    if kept.as_deref() == Some(casemapping.isupport_value()) {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let former = kept.as_deref().and_then(CaseMapping::from_isupport).unwrap_or_default();
    {
        let mut names = transaction.prepare(&format!(
            "SELECT DISTINCT channel, json_extract(data, '$.message.target.channel.name')
             FROM facts WHERE channel IS NOT NULL AND channel {NOT_ASCII}"
        ))?;
        let names = names
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        for (channel, shown) in names {
            let folded = channel_keys::refold(&channel, &shown, former, casemapping);
            transaction.execute(
                "UPDATE facts SET channel = ?3
                 WHERE channel = ?1 AND json_extract(data, '$.message.target.channel.name') = ?2",
                params![channel, shown, folded],
            )?;
        }
        for (table, column) in [
            ("happenings_of_channel", "channel"),
            ("channel_keys", "name"),
            ("channel_keys", "key"),
            ("direct", "sender_owner"),
            ("direct", "sender_peer"),
            ("direct", "receiver_owner"),
            ("direct", "receiver_peer"),
        ] {
            let mut keys =
                transaction.prepare(&format!("SELECT DISTINCT {column} FROM {table} WHERE {column} {NOT_ASCII}"))?;
            let keys = keys.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
            for key in keys {
                let folded = if table == "direct" {
                    casemapping.fold(&key).as_str().to_owned()
                } else {
                    channel_keys::refold(&key, &key, former, casemapping)
                };
                transaction.execute(
                    &format!("UPDATE OR IGNORE {table} SET {column} = ?2 WHERE {column} = ?1"),
                    params![key, folded],
                )?;
            }
        }
        corrections::refold(&transaction)?;
        let mut rows = transaction.prepare(&format!("SELECT kind, key, data FROM rows WHERE key {NOT_ASCII}"))?;
        let rows = rows
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        for (kind, key, data) in rows {
            // What cannot be read is told, with its place, when the state is read.
            let Ok(kept) = serde_json::from_str::<Row>(&data) else { continue };
            let folded = kept.key(casemapping);
            // Of two that are now one, the first stays as it is.
            transaction.execute(
                "UPDATE OR IGNORE rows SET key = ?3, row_check = ?4 WHERE kind = ?1 AND key = ?2",
                params![kind, key, folded, row::durable_check(&kind, &folded, &data)],
            )?;
        }
    }
    transaction.execute(
        "INSERT INTO meta VALUES ('casemapping', ?1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [casemapping.isupport_value()],
    )?;
    transaction.commit()?;
    notes.push(format!("channel names are now compared as casemapping {} says", casemapping.isupport_value()));
    Ok(())
}

/// Reads a number from the table `meta`.
pub(crate) fn meta_number(connection: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)).optional()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::scratch::Scratch;

    fn version_one(path: &Path) -> Connection {
        let connection = Connection::open(path).unwrap();
        connection.execute_batch("CREATE TABLE words (word TEXT); INSERT INTO words VALUES ('one')").unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        connection
    }

    fn words(connection: &Connection) -> Vec<String> {
        let mut statement = connection.prepare("SELECT word FROM words ORDER BY rowid").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    fn version(connection: &Connection) -> i32 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    const TWO: Step = |transaction| transaction.execute_batch("INSERT INTO words VALUES ('two')");
    const THREE: Step = |transaction| transaction.execute_batch("INSERT INTO words VALUES ('three')");
    const FAILS: Step = |transaction| transaction.execute_batch("INSERT INTO nowhere VALUES (1)");

    #[test]
    fn the_steps_that_are_missing_are_taken_after_a_copy() {
        let scratch = Scratch::new("steps");
        let path = scratch.0.join("loggia.db");
        // What an interrupted attempt has left is in nobody's way.
        fs::write(scratch.0.join("loggia.db.v1.unfinished"), "half").unwrap();
        let mut connection = version_one(&path);
        let mut notes = Vec::new();
        migrate(&mut connection, &path, 1, &[TWO, THREE], &mut notes).unwrap();
        assert_eq!((version(&connection), words(&connection)), (3, vec!["one".into(), "two".into(), "three".into()]));
        assert!(notes[0].contains("from format 1 to 3") && notes[0].contains("loggia.db.v1.bak"), "{notes:?}");
        let copy = Connection::open(scratch.0.join("loggia.db.v1.bak")).unwrap();
        assert_eq!((version(&copy), words(&copy)), (1, vec!["one".to_owned()]));
        // From 2, only the later step; from 3, none.
        connection.pragma_update(None, "user_version", 2).unwrap();
        migrate(&mut connection, &path, 2, &[TWO, THREE], &mut notes).unwrap();
        migrate(&mut connection, &path, 3, &[TWO, THREE], &mut notes).unwrap();
        assert_eq!(words(&connection), ["one", "two", "three", "three"]);
        assert_eq!(notes.len(), 2);
    }

    #[test]
    fn a_step_that_fails_leaves_the_former_format() {
        let scratch = Scratch::new("fails");
        let path = scratch.0.join("loggia.db");
        let mut connection = version_one(&path);
        let error = migrate(&mut connection, &path, 1, &[TWO, FAILS], &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("cannot migrate"), "{error}");
        assert_eq!((version(&connection), words(&connection)), (1, vec!["one".to_owned()]));
    }

    #[test]
    fn there_is_a_step_for_every_format() {
        assert_eq!(STEPS.len() + 1, usize::try_from(FORMAT).unwrap());
    }
}
