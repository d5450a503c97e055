//! What the writer's one transaction writes: facts, whose the direct messages are, what people saw, durable state.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use chat::fact::Fact;
use chat::history::{Happening, Pair};
use chat::ids::Seq;
use chat::rows::RowChange;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use rusqlite::{CachedStatement, OptionalExtension as _, Transaction, params};

use crate::index;
use crate::queue::Item;
use crate::row::{self, NewRow};
use crate::{channel_keys, corrections, delivery, forget, kept, places, removal};

/// What one transaction has written.
pub(crate) struct Written {
    /// The chain after its last fact.
    pub(crate) chain: u32,
    /// Its facts as the index needs them; `None` when it has changed or erased a text.
    pub(crate) for_index: Option<Vec<index::Fact>>,
}

/// The statements, prepared once for all that one group holds, and what is looked up once.
struct Statements<'transaction> {
    keys: Keys,
    /// When the newest fact happened.
    newest: Timestamp,
    fact: CachedStatement<'transaction>,
    direct: CachedStatement<'transaction>,
    happening: CachedStatement<'transaction>,
    happening_of_channel: CachedStatement<'transaction>,
    keep_row: CachedStatement<'transaction>,
    forget_row: CachedStatement<'transaction>,
}

impl<'transaction> Statements<'transaction> {
    fn prepare(transaction: &'transaction Transaction<'_>) -> rusqlite::Result<Self> {
        let newest = transaction
            .prepare_cached("SELECT at FROM facts ORDER BY seq DESC LIMIT 1")?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(Self {
            keys: Keys::default(),
            newest: Timestamp(newest.unwrap_or(i64::MIN)),
            fact: transaction.prepare_cached(
                "INSERT INTO facts (seq, at, kind, channel, data, text, text_check, row_check, chain)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?,
            direct: transaction.prepare_cached("INSERT INTO direct VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?,
            happening: transaction.prepare_cached("INSERT INTO happenings VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?,
            happening_of_channel: transaction
                .prepare_cached("INSERT OR IGNORE INTO happenings_of_channel VALUES (?1, ?2)")?,
            keep_row: transaction.prepare_cached(
                "INSERT INTO rows (kind, key, data, row_check) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (kind, key) DO UPDATE SET data = excluded.data, row_check = excluded.row_check",
            )?,
            forget_row: transaction.prepare_cached("DELETE FROM rows WHERE kind = ?1 AND key = ?2")?,
        })
    }
}

/// The keys of channels that something was said in, by their folded names: much more is said in a group than there are channels.
#[derive(Default)]
struct Keys(BTreeMap<String, Arc<str>>);

impl Keys {
    fn of(&mut self, transaction: &Transaction<'_>, name: &str) -> rusqlite::Result<Arc<str>> {
        if let Some(key) = self.0.get(name) {
            return Ok(Arc::clone(key));
        }
        let key: Arc<str> = channel_keys::key(transaction, name)?.into();
        self.0.insert(name.to_owned(), Arc::clone(&key));
        Ok(key)
    }
}

/// Writes facts and what belongs to them. Without history, nothing that people say is written: no message, no reason, nothing that
/// people saw; only that the places of messages were given.
pub(crate) fn all(
    transaction: &Transaction<'_>,
    items: &VecDeque<Item>,
    mut chain: u32,
    casemapping: CaseMapping,
    history: bool,
) -> rusqlite::Result<Written> {
    let mut statements = Statements::prepare(transaction)?;
    let mut for_index = Vec::with_capacity(items.len());
    let mut changes_texts = false;
    let mut kept_bytes = 0;
    let mut high_water = None;
    for item in items {
        match item {
            Item::Said { seq, at, row } => {
                let new = row.columns();
                chain = row::chained(chain, new.row_check);
                kept_bytes += new.bytes();
                let key = fact_row(transaction, &mut statements, *seq, *at, &new, chain)?;
                let said = key.map(|key| index::Said::Written(row.clone(), key));
                for_index.push(index::Fact { seq: *seq, chain, said });
            }
            Item::Place { seq } => high_water = Some(*seq),
            Item::Fact { seq, at, fact } if !history && is_message(fact) => {
                high_water = Some(*seq);
                if let Some(delivery) = fact.delivery() {
                    delivery::keep(transaction, *seq, *at, delivery)?;
                }
            }
            Item::Fact { seq, at, fact } => {
                let mut row = NewRow::of(*seq, *at, fact, casemapping);
                row.text = row.text.filter(|_| history);
                chain = row::chained(chain, row.row_check);
                kept_bytes += row.bytes();
                let key = fact_row(transaction, &mut statements, *seq, *at, &row, chain)?;
                for_index.push(index::Fact { seq: *seq, chain, said: as_kept(row, key) });
                if let Some(delivery) = fact.delivery() {
                    delivery::keep(transaction, *seq, *at, delivery)?;
                }
                kept_bytes -= consequences(transaction, &mut statements, *seq, fact, casemapping)?;
                changes_texts |= matches!(**fact, Fact::Edited { .. } | Fact::Redacted { .. });
            }
            Item::Imported { seq, message } => {
                if let Some((at, fact)) = message.admit(transaction, *seq)? {
                    let row = NewRow::of(*seq, at, &fact, casemapping);
                    chain = row::chained(chain, row.row_check);
                    kept_bytes += row.bytes();
                    let key = fact_row(transaction, &mut statements, *seq, at, &row, chain)?;
                    for_index.push(index::Fact { seq: *seq, chain, said: as_kept(row, key) });
                }
            }
            Item::Happening { .. } if !history => {}
            Item::Row(change) => row_change(&mut statements, change, casemapping)?,
            Item::Forgotten { through } => {
                transaction.execute("DELETE FROM to_forget WHERE id <= ?1", [through])?;
            }
            Item::Happening { seq, at, happening } => {
                kept_bytes += happening_rows(transaction, &mut statements, *seq, *at, happening, casemapping)?;
            }
        }
    }
    if let Some(through) = high_water {
        kept::raise_high_water(transaction, through)?;
    }
    kept::add(transaction, kept_bytes)?;
    Ok(Written { chain, for_index: (!changes_texts).then_some(for_index) })
}

fn is_message(fact: &Fact) -> bool {
    matches!(fact, Fact::Said { .. } | Fact::Edited { .. } | Fact::Redacted { .. })
}

/// Writes a row; returns the key under which it stands, if it was said in a channel.
fn fact_row(
    transaction: &Transaction<'_>,
    statements: &mut Statements<'_>,
    seq: Seq,
    at: Timestamp,
    row: &NewRow<'_>,
    chain: u32,
) -> rusqlite::Result<Option<Arc<str>>> {
    let NewRow { kind, channel, direct, data, text, text_check, row_check } = row;
    if at < statements.newest {
        places::note_that_times_go_back(transaction)?;
    }
    statements.newest = at;
    let seq = row::seq_column(seq);
    let key: Option<Arc<str>> = match channel {
        Some((name, None)) => Some(statements.keys.of(transaction, name)?),
        Some((name, rank)) => Some((row::rank_prefix(*rank) + &*statements.keys.of(transaction, name)?).into()),
        None => None,
    };
    let columns = params![seq, at.0, kind, key, data, text, text_check, row_check, chain];
    statements.fact.execute(columns)?;
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
    Ok(key)
}

/// Returns what the index needs of a row that was written, as if it was read.
fn as_kept(row: NewRow<'_>, key: Option<Arc<str>>) -> Option<index::Said> {
    let text = row.text.filter(|text| row.kind == "said" && !text.is_empty())?.to_owned();
    Some(index::Said::Kept(index::KeptText { channel: key, data: row.data.into_owned(), text }))
}

/// Does what a fact changes of others that are kept, or of where they are found. Returns how many bytes are not kept any more.
fn consequences(
    transaction: &Transaction<'_>,
    statements: &mut Statements<'_>,
    seq: Seq,
    fact: &Fact,
    casemapping: CaseMapping,
) -> rusqlite::Result<i64> {
    match fact {
        Fact::Edited { original, .. } => return reword(transaction, original.seq, seq),
        Fact::Redacted { message, .. } => return redact(transaction, message.seq, seq),
        Fact::ChannelRenamed { old, name, .. } => {
            channel_keys::rename(transaction, &old.folded(casemapping), &name.folded(casemapping), seq)?;
            statements.keys = Keys::default();
        }
        Fact::AccountRemoved { account, keeps_messages: false } => {
            removal::erase_account(transaction, casemapping.fold(account).as_str(), seq)?;
        }
        _ => {}
    }
    Ok(0)
}

/// Gives what was said other words; unless it was taken back at the same moment, then these are gone too. Returns how many
/// bytes are not kept.
fn reword(transaction: &Transaction<'_>, said: Seq, edit: Seq) -> rusqlite::Result<i64> {
    let (said, edit) = (row::seq_column(said), row::seq_column(edit));
    if forget::note(transaction, said)? {
        transaction.prepare_cached("INSERT INTO edits (seq, message) VALUES (?1, ?2)")?.execute([edit, said])?;
        corrections::note(transaction, edit, said)?;
        Ok(0)
    } else {
        kept::erase_text(transaction, edit)
    }
}

/// Erases what was said, and notes that it was taken back. Returns how many bytes are not kept.
fn redact(transaction: &Transaction<'_>, said: Seq, redaction: Seq) -> rusqlite::Result<i64> {
    corrections::note(transaction, row::seq_column(redaction), row::seq_column(said))?;
    erase(transaction, said)
}

/// Erases what was said, in all its words. Checksums stay. Returns how many bytes that were.
pub(crate) fn erase(transaction: &Transaction<'_>, said: Seq) -> rusqlite::Result<i64> {
    let said = row::seq_column(said);
    forget::note(transaction, said)?;
    let is_said: bool = transaction
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM facts WHERE seq = ?1 AND kind = 'said')")?
        .query_row([said], |row| row.get(0))?;
    let bytes = if is_said { kept::erase_text(transaction, said)? } else { 0 };
    Ok(bytes + erase_edits(transaction, "message = ?1", said)?)
}

/// Erases the later words of what was said at places that `of` tells, of the table `edits`, with `said` as its parameter. Returns how
/// many bytes that were.
pub(crate) fn erase_edits(transaction: &Transaction<'_>, of: &str, said: i64) -> rusqlite::Result<i64> {
    let mut edits = transaction.prepare_cached(&format!("SELECT seq FROM edits WHERE {of}"))?;
    let edits = edits.query_map([said], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    edits.into_iter().try_fold(0, |bytes, edit| Ok(bytes + kept::erase_text(transaction, edit)?))
}

/// Returns how many bytes are kept of it.
fn happening_rows(
    transaction: &Transaction<'_>,
    statements: &mut Statements<'_>,
    seq: Seq,
    at: Timestamp,
    happening: &Happening,
    casemapping: CaseMapping,
) -> rusqlite::Result<i64> {
    let data = serde_json::to_string(happening).expect("what happened can be written as JSON");
    let text = happening.text.as_deref();
    let text_check = text.map(row::text_check);
    let row_check = row::happening_check(seq, at, &data, text_check);
    let column = row::seq_column(seq);
    statements.happening.execute(params![column, at.0, data, text, text_check, row_check])?;
    for channel in &happening.channels {
        let key = channel_keys::key(transaction, channel.folded(casemapping).as_str())?;
        statements.happening_of_channel.execute(params![key, column])?;
    }
    Ok(row::size(&data, text))
}

fn row_change(statements: &mut Statements<'_>, change: &RowChange, casemapping: CaseMapping) -> rusqlite::Result<()> {
    let (kind, key) = (change.row().kind(), change.row().key(casemapping));
    match change {
        RowChange::Put(row) => {
            let data = serde_json::to_string(row).expect("a row can be written as JSON");
            let row_check = row::durable_check(kind, &key, &data);
            statements.keep_row.execute(params![kind, key, data, row_check])?;
        }
        RowChange::Remove(_) => {
            statements.forget_row.execute(params![kind, key])?;
        }
    }
    Ok(())
}
