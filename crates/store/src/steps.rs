//! Steps from one format to the next that are more than SQL.

use chat::rank::Rank;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use irc::names::ChannelName;
use rusqlite::{OptionalExtension as _, Transaction, params};

use crate::{kept, row};

/// A channel that is renamed takes its past along; what happened and durable state have checksums as facts have; what is
/// kept is counted, and can be removed from the log's beginning; and what was imported is known again.
pub(crate) fn pasts_checksums_and_sizes(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "CREATE TABLE channel_keys (name TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;
         ALTER TABLE happenings ADD COLUMN text_check INTEGER;
         ALTER TABLE happenings ADD COLUMN row_check INTEGER NOT NULL DEFAULT 0;
         CREATE INDEX channels_of_happening ON happenings_of_channel (seq);
         ALTER TABLE rows ADD COLUMN row_check INTEGER NOT NULL DEFAULT 0;
         CREATE TABLE erasures (account TEXT PRIMARY KEY, next INTEGER NOT NULL, through INTEGER NOT NULL) WITHOUT ROWID;
         CREATE TABLE imported (source BLOB PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
         INSERT INTO meta VALUES ('removed_through', 0), ('removed_at', 0), ('chain_start', 0), ('kept_bytes', 0);",
    )?;
    check_happenings(transaction)?;
    check_rows(transaction)?;
    places_of_what_was_for_some_ranks(transaction)?;
    kept::add(transaction, kept::count(transaction)?)
}

fn check_happenings(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut update = transaction.prepare("UPDATE happenings SET text_check = ?2, row_check = ?3 WHERE seq = ?1")?;
    let mut happenings = transaction.prepare("SELECT seq, at, data, text FROM happenings")?;
    let mut happenings = happenings.query([])?;
    while let Some(happening) = happenings.next()? {
        let (seq, at, data): (i64, i64, String) = (happening.get(0)?, happening.get(1)?, happening.get(2)?);
        let text: Option<String> = happening.get(3)?;
        let text_check = text.as_deref().map(row::text_check);
        let row_check = row::happening_check(row::seq_from(seq), Timestamp(at), &data, text_check);
        update.execute(params![seq, text_check, row_check])?;
    }
    Ok(())
}

fn check_rows(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let mut update = transaction.prepare("UPDATE rows SET row_check = ?3 WHERE kind = ?1 AND key = ?2")?;
    let mut rows = transaction.prepare("SELECT kind, key, data FROM rows")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (kind, key, data): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        update.execute(params![kind, key, row::durable_check(&kind, &key, &data)])?;
    }
    Ok(())
}

/// What was said to some ranks of a channel stood nowhere.
fn places_of_what_was_for_some_ranks(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    let kept: Option<String> =
        transaction.query_row("SELECT value FROM meta WHERE name = 'casemapping'", [], |row| row.get(0)).optional()?;
    let mapping = CaseMapping::from_isupport(kept.as_deref().unwrap_or_default()).unwrap_or_default();
    let mut update = transaction.prepare("UPDATE facts SET channel = ?2 WHERE seq = ?1")?;
    let mut said = transaction.prepare(
        "SELECT seq, json_extract(data, '$.message.target.channel.name'), json_extract(data, '$.message.target.channel.rank')
         FROM facts WHERE kind = 'said' AND channel IS NULL
         AND json_extract(data, '$.message.target.channel.rank') IS NOT NULL",
    )?;
    let mut said = said.query([])?;
    while let Some(said) = said.next()? {
        let (seq, name, rank): (i64, String, String) = (said.get(0)?, said.get(1)?, said.get(2)?);
        let Ok(rank) = serde_json::from_value::<Rank>(rank.into()) else { continue };
        let name = ChannelName::trusted(name).folded(mapping);
        update.execute(params![seq, format!("{}{}", row::rank_prefix(Some(rank)), name.as_str())])?;
    }
    Ok(())
}
