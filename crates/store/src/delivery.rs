//! What clients have given an id: kept in the commit of its fact, found by the id, forgotten with its stream.
//!
//! A stream that was not used for as long as `limits.delivery_days` says is forgotten with all its numbers: a few rows with
//! each commit that adds some, so that no commit takes long.

use std::sync::Arc;

use chat::delivery::{Delivery, DeliveryId};
use chat::history::Delivered;
use chat::ids::{LogId, MsgId, Seq};
use chat::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

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
    let known: Option<(i64, i64)> = transaction
        .prepare_cached("SELECT id, until FROM streams WHERE name = ?1")?
        .query_row([stream], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let id = if let Some((id, end)) = known {
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
    let stream: Option<(i64, Option<String>, i64)> = connection
        .prepare_cached("SELECT id, account, highest FROM streams WHERE name = ?1")?
        .query_row([&wanted.stream], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((stream, account, highest)) = stream else { return Ok(Delivered::default()) };
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
