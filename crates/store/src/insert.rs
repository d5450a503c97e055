//! What the writer's one transaction writes: facts, whose the direct messages are, what people saw, durable state.

use std::collections::VecDeque;

use chat::fact::Fact;
use chat::history::{Happening, Pair};
use chat::ids::Seq;
use chat::rows::RowChange;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use rusqlite::{CachedStatement, Transaction, params};

use crate::delivery;
use crate::forget;
use crate::queue::Item;
use crate::row::{self, NewRow};

/// The statements, prepared once for all that one group holds.
struct Statements<'transaction> {
    fact: CachedStatement<'transaction>,
    direct: CachedStatement<'transaction>,
    happening: CachedStatement<'transaction>,
    happening_of_channel: CachedStatement<'transaction>,
    keep_row: CachedStatement<'transaction>,
    forget_row: CachedStatement<'transaction>,
}

impl<'transaction> Statements<'transaction> {
    fn prepare(transaction: &'transaction Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            fact: transaction.prepare_cached(
                "INSERT INTO facts (seq, at, kind, channel, data, text, text_check, row_check, chain)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?,
            direct: transaction.prepare_cached("INSERT INTO direct VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?,
            happening: transaction.prepare_cached("INSERT INTO happenings VALUES (?1, ?2, ?3, ?4)")?,
            happening_of_channel: transaction
                .prepare_cached("INSERT OR IGNORE INTO happenings_of_channel VALUES (?1, ?2)")?,
            keep_row: transaction.prepare_cached(
                "INSERT INTO rows (kind, key, data) VALUES (?1, ?2, ?3)
                 ON CONFLICT (kind, key) DO UPDATE SET data = excluded.data",
            )?,
            forget_row: transaction.prepare_cached("DELETE FROM rows WHERE kind = ?1 AND key = ?2")?,
        })
    }
}

/// Writes facts and what belongs to them; returns the chain after the last fact.
pub(crate) fn all(
    transaction: &Transaction<'_>,
    items: &VecDeque<Item>,
    mut chain: u32,
    casemapping: CaseMapping,
) -> rusqlite::Result<u32> {
    let mut statements = Statements::prepare(transaction)?;
    for item in items {
        match item {
            Item::Fact { seq, at, fact } => {
                let row = NewRow::of(*seq, *at, fact, casemapping);
                chain = row::chained(chain, row.row_check);
                fact_row(&mut statements, *seq, *at, row, chain)?;
                if let Some(delivery) = fact.delivery() {
                    delivery::keep(transaction, *seq, *at, delivery)?;
                }
                match &**fact {
                    Fact::Edited { original, .. } => reword(transaction, original.seq, *seq)?,
                    Fact::Redacted { message, .. } => erase(transaction, message.seq, *seq)?,
                    _ => {}
                }
            }
            Item::Row(change) => row_change(&mut statements, change, casemapping)?,
            Item::Forgotten { through } => {
                transaction.execute("DELETE FROM to_forget WHERE id <= ?1", [through])?;
            }
            Item::Happening { seq, at, happening } => {
                happening_rows(&mut statements, *seq, *at, happening, casemapping)?;
            }
        }
    }
    Ok(chain)
}

fn fact_row(
    statements: &mut Statements<'_>,
    seq: Seq,
    at: Timestamp,
    row: NewRow<'_>,
    chain: u32,
) -> rusqlite::Result<()> {
    let NewRow { kind, channel, direct, data, text, text_check, row_check } = row;
    let seq = row::seq_column(seq);
    statements.fact.execute(params![seq, at.0, kind, channel, data, text, text_check, row_check, chain])?;
    if let Some(Pair { sender, receiver }) = direct {
        statements.direct.execute(params![
            seq,
            sender.owner,
            sender.peer,
            sender.nick,
            receiver.owner,
            receiver.peer,
            receiver.nick
        ])?;
    }
    Ok(())
}

/// Gives what was said other words; unless it was taken back at the same moment, then these are gone too.
fn reword(transaction: &Transaction<'_>, said: Seq, edit: Seq) -> rusqlite::Result<()> {
    let (said, edit) = (row::seq_column(said), row::seq_column(edit));
    if forget::note(transaction, said)? {
        transaction.prepare_cached("INSERT INTO edits (seq, message) VALUES (?1, ?2)")?.execute([edit, said])?;
    } else {
        transaction.prepare_cached("UPDATE facts SET text = NULL WHERE seq = ?1")?.execute([edit])?;
    }
    Ok(())
}

/// Erases what was said, in all its words. Checksums stay.
fn erase(transaction: &Transaction<'_>, said: Seq, redaction: Seq) -> rusqlite::Result<()> {
    let said = row::seq_column(said);
    transaction
        .prepare_cached("INSERT INTO redactions (seq, message) VALUES (?1, ?2)")?
        .execute([row::seq_column(redaction), said])?;
    forget::note(transaction, said)?;
    transaction
        .prepare_cached(
            "UPDATE facts SET text = NULL
             WHERE seq = ?1 AND kind = 'said' OR seq IN (SELECT seq FROM edits WHERE message = ?1)",
        )?
        .execute([said])?;
    Ok(())
}

fn happening_rows(
    statements: &mut Statements<'_>,
    seq: Seq,
    at: Timestamp,
    happening: &Happening,
    casemapping: CaseMapping,
) -> rusqlite::Result<()> {
    let data = serde_json::to_string(happening).expect("what happened can be written as JSON");
    let seq = row::seq_column(seq);
    statements.happening.execute(params![seq, at.0, data, happening.text.as_deref()])?;
    for channel in &happening.channels {
        statements.happening_of_channel.execute(params![channel.folded(casemapping).as_str(), seq])?;
    }
    Ok(())
}

fn row_change(statements: &mut Statements<'_>, change: &RowChange, casemapping: CaseMapping) -> rusqlite::Result<()> {
    let (kind, key) = (change.row().kind(), change.row().key(casemapping));
    match change {
        RowChange::Put(row) => {
            let data = serde_json::to_string(row).expect("a row can be written as JSON");
            statements.keep_row.execute(params![kind, key, data])?;
        }
        RowChange::Remove(_) => {
            statements.forget_row.execute(params![kind, key])?;
        }
    }
    Ok(())
}
