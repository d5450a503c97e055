//! What is removed from the store while it runs, by the writer, beside the commits: what is older or more than is to be
//! kept, and what people said whose accounts were removed.
//!
//! Each step is one small transaction, so that a commit never waits long. Facts are removed whole, from the log's
//! beginning: the table `meta` notes where the log begins and what the chain of checksums is there. Texts of removed
//! accounts are erased, wherever they stand; their facts stay, as those of redacted messages do.

use std::sync::Arc;

use chat::fact::Fact;
use chat::history::Happening;
use chat::ids::Seq;
use chat::person::Person;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::{forget, insert, kept, row};

/// The fewest facts that one step removes, if there are so many.
const FACTS_AT_LEAST: usize = 256;

/// Facts that one step looks through for a removed account's.
const FACTS_LOOKED_AT: i64 = 2000;

/// How much is kept. What is older or more is removed, oldest first, whatever it is: messages, and what happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// Nothing that happened before this; `None`: for ever.
    pub since: Option<Timestamp>,
    /// At most so many bytes, counted as `docs/history.md` says; `None`: without a limit.
    pub bytes: Option<u64>,
}

impl Keep {
    /// Tells whether anything may have to go.
    pub(crate) fn is_bounded(self) -> bool {
        self.since.is_some() || self.bytes.is_some()
    }
}

/// Does one step. `committed` is how many facts were just written: under load, as many and more are removed. Returns
/// whether there is more to do.
pub(crate) fn step(
    transaction: &Transaction<'_>,
    keep: Keep,
    committed: usize,
    casemapping: CaseMapping,
) -> rusqlite::Result<bool> {
    let most = FACTS_AT_LEAST.max(committed * 2);
    let more_is_old = keep.is_bounded() && remove_oldest(transaction, keep, most)?;
    let more_is_erased = erase_of_removed_account(transaction, casemapping)?;
    Ok(more_is_old || more_is_erased)
}

/// A fact at the log's beginning.
struct Oldest {
    seq: i64,
    at: Timestamp,
    kind: String,
    chain: u32,
}

/// Removes the oldest facts with all that belongs to them, if they are not to be kept. Returns whether there may be more.
fn remove_oldest(transaction: &Transaction<'_>, keep: Keep, most: usize) -> rusqlite::Result<bool> {
    let before = kept::bytes(transaction)?;
    let mut bytes = before;
    let limit = keep.bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    let mut last = None;
    let mut removed = 0;
    for oldest in oldest(transaction, most)? {
        let is_old = keep.since.is_some_and(|since| oldest.at < since);
        if !is_old && limit.is_none_or(|limit| bytes <= limit) {
            break;
        }
        bytes -= remove(transaction, &oldest)?;
        removed += 1;
        last = Some(oldest);
    }
    let Some(last) = last else { return Ok(false) };
    transaction.prepare_cached("DELETE FROM facts WHERE seq <= ?1")?.execute([last.seq])?;
    let mut meta = transaction.prepare_cached("UPDATE meta SET value = ?2 WHERE name = ?1")?;
    meta.execute(params!["removed_through", last.seq])?;
    meta.execute(params!["removed_at", last.at.0])?;
    meta.execute(params!["chain_start", last.chain])?;
    kept::add(transaction, bytes - before)?;
    // Its place is never given again, also when nothing stands behind it.
    kept::raise_high_water(transaction, row::seq_from(last.seq))?;
    Ok(removed == most)
}

fn oldest(transaction: &Transaction<'_>, most: usize) -> rusqlite::Result<Vec<Oldest>> {
    let mut statement = transaction.prepare_cached("SELECT seq, at, kind, chain FROM facts ORDER BY seq LIMIT ?1")?;
    let read = |row: &rusqlite::Row<'_>| {
        let (seq, at, kind) = (row.get(0)?, Timestamp(row.get(1)?), row.get(2)?);
        Ok(Oldest { seq, at, kind, chain: row.get(3)? })
    };
    statement.query_map([i64::try_from(most).unwrap_or(i64::MAX)], read)?.collect()
}

/// Removes what belongs to a fact; the fact itself goes with its batch. Returns how many bytes are kept no more.
fn remove(transaction: &Transaction<'_>, fact: &Oldest) -> rusqlite::Result<i64> {
    let seq = fact.seq;
    // Now, not before: an edit of this batch may have lost its text with what it edited.
    let mut bytes = size(transaction, "facts", seq)?.unwrap_or_default();
    if fact.kind == "said" {
        forget::note(transaction, seq)?;
        // Its later words are the texts of facts that are not removed yet.
        bytes += insert::erase_edits(transaction, seq)?;
        transaction.prepare_cached("DELETE FROM edits WHERE message = ?1")?.execute([seq])?;
        transaction.prepare_cached("DELETE FROM direct WHERE seq = ?1")?.execute([seq])?;
    }
    transaction.prepare_cached("DELETE FROM edits WHERE seq = ?1")?.execute([seq])?;
    transaction.prepare_cached("DELETE FROM redactions WHERE seq = ?1")?.execute([seq])?;
    let happening = size(transaction, "happenings", seq)?;
    if let Some(happening) = happening {
        bytes += happening;
        transaction.prepare_cached("DELETE FROM happenings WHERE seq = ?1")?.execute([seq])?;
        transaction.prepare_cached("DELETE FROM happenings_of_channel WHERE seq = ?1")?.execute([seq])?;
    }
    Ok(bytes)
}

/// Counts the bytes of a row as [`row::size`] does.
fn size(transaction: &Transaction<'_>, table: &str, seq: i64) -> rusqlite::Result<Option<i64>> {
    let sql = format!("SELECT octet_length(data) + coalesce(octet_length(text), 0) FROM {table} WHERE seq = ?1");
    transaction.prepare_cached(&sql)?.query_row([seq], |row| row.get(0)).optional()
}

/// Notes that what an account has said until now is to be erased.
pub(crate) fn erase_account(transaction: &Transaction<'_>, account: &str, through: Seq) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO erasures (account, next, through) VALUES (?1, 0, ?2)")?
        .execute(params![account, row::seq_column(through)])?;
    Ok(())
}

/// Looks through a part of the log for what a removed account has said. Returns whether there is more to look through.
fn erase_of_removed_account(transaction: &Transaction<'_>, casemapping: CaseMapping) -> rusqlite::Result<bool> {
    let erasure: Option<(String, i64, i64)> = transaction
        .prepare_cached("SELECT account, next, through FROM erasures ORDER BY account LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((account, next, through)) = erasure else { return Ok(false) };
    let mut bytes = 0;
    let mut looked_at = None;
    let is_theirs = |person: &Person| {
        person.account.as_deref().is_some_and(|account_then| casemapping.fold(account_then).as_str() == account)
    };
    for (seq, data, happened) in part(transaction, next, through)? {
        looked_at = Some(seq);
        let said = said_by(&data);
        let did = happened.and_then(|data| serde_json::from_str::<Happening>(&data).ok()).map(|what| what.person);
        if said.into_iter().chain(did).any(|person| is_theirs(&person)) {
            bytes += insert::erase(transaction, row::seq_from(seq))? + kept::erase_text(transaction, seq)?;
        }
    }
    kept::add(transaction, -bytes)?;
    match looked_at.filter(|seq| *seq < through) {
        Some(seq) => transaction
            .prepare_cached("UPDATE erasures SET next = ?2 WHERE account = ?1")?
            .execute(params![account, seq + 1])?,
        None => transaction.prepare_cached("DELETE FROM erasures WHERE account = ?1")?.execute([&account])?,
    };
    // There may be another account's, too.
    Ok(true)
}

/// Returns who said something or gave it other words. What cannot be read is shown to nobody.
fn said_by(data: &str) -> Option<Arc<Person>> {
    match serde_json::from_str(data) {
        Ok(Fact::Said { message, .. } | Fact::Edited { message, .. }) => Some(Arc::clone(&message.sender)),
        _ => None,
    }
}

/// The next facts that may be somebody's words, with what people saw of them.
fn part(
    transaction: &Transaction<'_>,
    next: i64,
    through: i64,
) -> rusqlite::Result<Vec<(i64, String, Option<String>)>> {
    let mut statement = transaction.prepare_cached(
        "SELECT f.seq, f.data, h.data FROM facts f LEFT JOIN happenings h ON h.seq = f.seq
         WHERE f.seq >= ?1 AND f.seq <= ?2 ORDER BY f.seq LIMIT ?3",
    )?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    statement.query_map([next, through, FACTS_LOOKED_AT], read)?.collect()
}
