//! What clients have given an id: kept in the commit of its fact, found by the id, forgotten with its stream.
//!
//! A stream that was not used for as long as `limits.delivery_days` says is forgotten with all its numbers: a few rows with
//! each commit that adds some, so that no commit takes long.

use std::collections::BTreeSet;
use std::sync::Arc;

use chat::delivery::{Delivery, DeliveryId};
use chat::history::Delivered;
use chat::ids::{LogId, MsgId, Seq};
use chat::time::Timestamp;
use data_encoding::HEXLOWER;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use sha2::{Digest as _, Sha256};

use crate::row::{self, KEPT_COLUMNS, KeptRow};

/// By how much the end of a stream has to be later before it is written anew, in milliseconds: not with every message.
const END_STEP: i64 = 60 * 60 * 1000;

/// How many numbers of old streams are forgotten for each that is added.
const FORGOTTEN_AT_ONCE: i64 = 4;

/// Keeps an id.
pub(crate) fn keep(
    transaction: &Transaction<'_>,
    seq: Seq,
    at: Timestamp,
    delivery: &Delivery,
) -> rusqlite::Result<()> {
    let Delivery { id: DeliveryId { stream, number }, account, until } = delivery;
    let number = number_column(*number);
    let known = stream_named(transaction, stream)?;
    let id = if let Some(Stream { id, until: end, .. }) = known {
        transaction
            .prepare_cached("UPDATE streams SET highest = max(highest, ?2) WHERE id = ?1")?
            .execute([id, number])?;
        if until.0 >= end.saturating_add(END_STEP) {
            transaction.prepare_cached("UPDATE streams SET until = ?2 WHERE id = ?1")?.execute([id, until.0])?;
        }
        id
    } else {
        transaction
            .prepare_cached("INSERT INTO streams (name, account, highest, until) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![stream, account, number, until.0])?;
        transaction.last_insert_rowid()
    };
    // The first outcome stands.
    transaction
        .prepare_cached("INSERT OR IGNORE INTO deliveries (stream, number, seq) VALUES (?1, ?2, ?3)")?
        .execute([id, number, row::seq_column(seq)])?;
    forget_some(transaction, at)
}

/// What is known of a stream.
struct Stream {
    id: i64,
    account: Option<String>,
    highest: i64,
    until: i64,
}

/// Finds a stream by its name, also one that came with an archive: of that only a hash is known.
fn stream_named(connection: &Connection, name: &str) -> rusqlite::Result<Option<Stream>> {
    let by = |name: &str| {
        connection
            .prepare_cached("SELECT id, account, highest, until FROM streams WHERE name = ?1")?
            .query_row([name], |row| {
                Ok(Stream { id: row.get(0)?, account: row.get(1)?, highest: row.get(2)?, until: row.get(3)? })
            })
            .optional()
    };
    match by(name)? {
        Some(stream) => Ok(Some(stream)),
        None => by(&hashed(name)),
    }
}

/// What a hash begins with: no name of a stream has such a character.
const HASHED: &str = "sha256:";

/// Returns the hash of a stream's name, under which it stands in archives.
pub(crate) fn hashed(name: &str) -> String {
    if name.starts_with(HASHED) {
        return name.to_owned();
    }
    format!("{HASHED}{}", HEXLOWER.encode(&Sha256::digest(name)))
}

/// Returns the hashes of the streams that are known by their names.
pub(crate) fn hashes_of_named(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let mut names = connection.prepare("SELECT name FROM streams")?;
    let mut names = names.query([])?;
    let mut hashes = BTreeSet::new();
    while let Some(row) = names.next()? {
        let name: String = row.get(0)?;
        if !name.starts_with(HASHED) {
            hashes.insert(hashed(&name));
        }
    }
    Ok(hashes)
}

/// Keeps what an archive says of a stream, of which only a hash is known. What is known here already stays.
pub(crate) fn put_back(
    transaction: &Transaction<'_>,
    name: &str,
    account: Option<&str>,
    until: Timestamp,
    numbers: &[(u64, u64)],
) -> rusqlite::Result<()> {
    let highest = numbers.iter().map(|(number, _)| number_column(*number)).max().unwrap_or(0);
    let id: i64 = transaction
        .prepare_cached(
            "INSERT INTO streams (name, account, highest, until) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (name) DO UPDATE SET highest = max(highest, excluded.highest) RETURNING id",
        )?
        .query_row(params![name, account, highest, until.0], |row| row.get(0))?;
    let mut put =
        transaction.prepare_cached("INSERT OR IGNORE INTO deliveries (stream, number, seq) VALUES (?1, ?2, ?3)")?;
    for (number, seq) in numbers {
        put.execute(params![id, number_column(*number), row::seq_column(Seq(*seq))])?;
    }
    Ok(())
}

/// Forgets some numbers of a stream that has ended; with the last of them the stream itself.
fn forget_some(transaction: &Transaction<'_>, now: Timestamp) -> rusqlite::Result<()> {
    let ended: Option<i64> = transaction
        .prepare_cached("SELECT id FROM streams WHERE until < ?1 ORDER BY until LIMIT 1")?
        .query_row([now.0], |row| row.get(0))
        .optional()?;
    let Some(ended) = ended else { return Ok(()) };
    let forgotten = transaction
        .prepare_cached(
            "DELETE FROM deliveries WHERE stream = ?1
             AND number IN (SELECT number FROM deliveries WHERE stream = ?1 ORDER BY number LIMIT ?2)",
        )?
        .execute([ended, FORGOTTEN_AT_ONCE])?;
    if i64::try_from(forgotten).is_ok_and(|forgotten| forgotten < FORGOTTEN_AT_ONCE) {
        transaction.prepare_cached("DELETE FROM streams WHERE id = ?1")?.execute([ended])?;
    }
    Ok(())
}

/// Finds what became of an id.
pub(crate) fn find(
    connection: &Connection,
    log: LogId,
    wanted: &DeliveryId,
    before: Seq,
) -> rusqlite::Result<Delivered> {
    let stream = stream_named(connection, &wanted.stream)?;
    let Some(Stream { id: stream, account, highest, .. }) = stream else { return Ok(Delivered::default()) };
    let highest = u64::try_from(highest).unwrap_or(0);
    let account = account.map(Arc::from);
    let place: Option<i64> = connection
        .prepare_cached("SELECT seq FROM deliveries WHERE stream = ?1 AND number = ?2 AND seq < ?3")?
        .query_row(params![stream, number_column(wanted.number), row::seq_column(before)], |row| row.get(0))
        .optional()?;
    let Some(place) = place else { return Ok(Delivered { highest, account, ..Delivered::default() }) };
    let kept = connection
        .prepare_cached(&format!("SELECT {KEPT_COLUMNS} FROM facts WHERE seq = ?1"))?
        .query_row([place], KeptRow::read)
        .optional()?;
    let Some(row) = kept else { return Ok(Delivered { highest, account, kept: None, is_gone: true }) };
    let (seq, at) = (row.seq, row.at);
    // It was kept, so it must not be decided anew: whoever asks is told that it cannot be read.
    let fact = row.fact().ok_or(rusqlite::Error::InvalidQuery)?;
    Ok(Delivered { highest, account, kept: Some((MsgId { log, seq }, at, Arc::new(fact))), is_gone: false })
}

/// Numbers are at most [`chat::delivery::NUMBER_MAX`], which SQLite can keep.
fn number_column(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
