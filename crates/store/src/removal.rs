//! What is removed from the store while it runs, by the writer, beside the commits: what is older or more than is to be
//! kept, and what people said whose accounts were removed.
//!
//! Steps are small and their transactions short, so that a commit never waits long. Facts are removed whole, from the log's
//! beginning: the table `meta` notes where the log begins and what the chain of checksums is there. Texts of removed
//! accounts are erased, wherever they stand; their facts stay, as those of redacted messages do.

use std::sync::Arc;
use std::time::Duration;

use chat::fact::Fact;
use chat::history::Happening;
use chat::ids::Seq;
use chat::person::Person;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::step::Clock;
use crate::{forget, insert, kept, row};

/// Facts that one step removes at most: about a millisecond.
const FACTS_AT_ONCE: usize = 256;

/// How long commits may be kept waiting by all steps of one transaction.
pub(crate) const TIME_MAX: Duration = Duration::from_millis(15);

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

/// Takes steps in one transaction, until all is done or time is over. `committed` is how many facts were just written: twice as
/// many are removed, if time allows it, and not many more under load. Returns whether there is more to do.
pub(crate) fn steps(
    transaction: &Transaction<'_>,
    keep: Keep,
    committed: usize,
    casemapping: CaseMapping,
    clock: Clock<'_>,
) -> rusqlite::Result<bool> {
    let until = clock() + TIME_MAX;
    let mut removed = 0;
    loop {
        let more_is_old = keep.is_bounded() && remove_oldest(transaction, keep)?;
        let more_is_erased = erase_of_removed_account(transaction, casemapping)?;
        removed += FACTS_AT_ONCE;
        let has_more = more_is_old || more_is_erased;
        if !has_more || removed >= committed * 2 || clock() >= until {
            return Ok(has_more);
        }
    }
}

/// A fact at the log's beginning.
struct Oldest {
    seq: i64,
    at: Timestamp,
    chain: u32,
    /// How many bytes are kept no more when it is removed: its own, of what people saw of it, and of its later words.
    bytes: i64,
}

/// Removes the oldest facts with all that belongs to them, if they are not to be kept. Returns whether there may be more.
fn remove_oldest(transaction: &Transaction<'_>, keep: Keep) -> rusqlite::Result<bool> {
    let limit = keep.bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    let mut bytes = kept::bytes(transaction)?;
    let mut last = None;
    let mut count = 0;
    for oldest in oldest(transaction)? {
        let is_old = keep.since.is_some_and(|since| oldest.at < since);
        if !is_old && limit.is_none_or(|limit| bytes <= limit) {
            break;
        }
        bytes -= oldest.bytes;
        count += 1;
        last = Some(oldest);
    }
    let Some(last) = last else { return Ok(false) };
    let removed = remove_through(transaction, last.seq)?;
    kept::add(transaction, -removed)?;
    let mut meta = transaction.prepare_cached("UPDATE meta SET value = ?2 WHERE name = ?1")?;
    meta.execute(params!["removed_through", last.seq])?;
    meta.execute(params!["removed_at", last.at.0])?;
    meta.execute(params!["chain_start", last.chain])?;
    // Its place is never given again, also when nothing stands behind it.
    kept::raise_high_water(transaction, row::seq_from(last.seq))?;
    Ok(count == FACTS_AT_ONCE)
}

fn oldest(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<Oldest>> {
    // The text of an edit goes, and counts, with the message that has got it.
    let mut statement = transaction.prepare_cached(
        "SELECT f.seq, f.at, f.chain,
                octet_length(f.data) + CASE f.kind WHEN 'edited' THEN 0 ELSE coalesce(octet_length(f.text), 0) END
                + coalesce((SELECT octet_length(h.data) + coalesce(octet_length(h.text), 0)
                            FROM happenings h WHERE h.seq = f.seq), 0)
                + coalesce((SELECT sum(octet_length(later.text)) FROM edits CROSS JOIN facts later ON later.seq = edits.seq
                            WHERE edits.message = f.seq), 0)
         FROM facts f ORDER BY f.seq LIMIT ?1",
    )?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Oldest { seq: row.get(0)?, at: Timestamp(row.get(1)?), chain: row.get(2)?, bytes: row.get(3)? })
    };
    statement.query_map([i64::try_from(FACTS_AT_ONCE).unwrap_or(i64::MAX)], read)?.collect()
}

/// Removes all facts through a place with what belongs to them. Returns how many bytes are kept no more.
fn remove_through(transaction: &Transaction<'_>, last: i64) -> rusqlite::Result<i64> {
    forget::note_through(transaction, last)?;
    // Their later words are the texts of facts that are not removed yet.
    let mut bytes = insert::erase_edits(transaction, "message <= ?1", last)?;
    for table in ["facts", "happenings"] {
        let sizes = "coalesce(sum(octet_length(data) + coalesce(octet_length(text), 0)), 0)";
        let sql = format!("SELECT {sizes} FROM {table} WHERE seq <= ?1");
        bytes += transaction.prepare_cached(&sql)?.query_row([last], |row| row.get::<_, i64>(0))?;
    }
    for rows in [
        "edits WHERE message <= ?1",
        "edits WHERE seq <= ?1",
        "corrections WHERE message <= ?1",
        "direct WHERE seq <= ?1",
        "happenings_of_channel WHERE seq <= ?1",
        "happenings WHERE seq <= ?1",
        "facts WHERE seq <= ?1",
    ] {
        transaction.prepare_cached(&format!("DELETE FROM {rows}"))?.execute([last])?;
    }
    Ok(bytes)
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
