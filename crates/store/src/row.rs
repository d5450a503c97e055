//! A fact as a row of the table `facts`, and back; the checksums that tell whether it is still as it was written.

use std::borrow::Cow;
use std::sync::Arc;

use chat::event::{Message, Target};
use chat::fact::Fact;
use chat::history::{Happening, Pair};
use chat::ids::{RulesVersion, Seq};
use chat::rank::Rank;
use chat::rows::Row;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use serde::Deserialize;
use thiserror::Error;

/// The chain's value before the first row.
pub(crate) const CHAIN_START: u32 = 0;

/// The columns of a fact that is to be written.
#[derive(Debug, PartialEq)]
pub(crate) struct NewRow<'fact> {
    pub(crate) kind: Cow<'fact, str>,
    /// The folded name of the channel that it was said in, and the lowest rank that it was for.
    pub(crate) channel: Option<(Cow<'fact, str>, Option<Rank>)>,
    pub(crate) direct: Option<Pair>,
    pub(crate) data: Cow<'fact, str>,
    pub(crate) text: Option<&'fact str>,
    pub(crate) text_check: Option<u32>,
    pub(crate) row_check: u32,
}

impl<'fact> NewRow<'fact> {
    /// Makes the columns.
    pub(crate) fn of(seq: Seq, at: Timestamp, fact: &'fact Fact, casemapping: CaseMapping) -> Self {
        // Numbers, strings, lists and maps with string keys: nothing that JSON cannot say.
        let data = serde_json::to_string(fact).expect("a fact can be written as JSON");
        let kind = kind_of(&data).to_owned();
        let text = fact.text().filter(|_| fact.is_text_for_the_file()).map(|text| &**text);
        let text_check = text.map(text_check);
        let row_check = row_check(seq, at, &kind, data.as_bytes(), text_check);
        let (channel, direct) = match fact {
            Fact::Said { message, .. } => match &message.target {
                Target::Channel { name, rank, .. } => (Some((casemapping.fold_cow(name.as_str()), *rank)), None),
                Target::User { .. } => (None, Pair::of(message, casemapping)),
            },
            _ => (None, None),
        };
        let (kind, data) = (Cow::Owned(kind), Cow::Owned(data));
        Self { kind, channel, direct, data, text, text_check, row_check }
    }
}

impl NewRow<'_> {
    /// Returns how many bytes are kept of it, as [`size`] counts.
    pub(crate) fn bytes(&self) -> i64 {
        size(&self.data, self.text)
    }
}

/// Counts what `history.retention_bytes` bounds: the JSON and the text.
pub(crate) fn size(data: &str, text: Option<&str>) -> i64 {
    i64::try_from(data.len() + text.map_or(0, str::len)).unwrap_or(i64::MAX)
}

/// Returns the value of the tag `kind`, which is written first.
fn kind_of(data: &str) -> &str {
    data.strip_prefix(r#"{"kind":""#).and_then(|rest| rest.split_once('"')).map_or("", |(kind, _)| kind)
}

/// Returns what stands before a channel's key when something was said to some ranks only: it is not for everybody who asks
/// for the channel's past.
pub(crate) fn rank_prefix(rank: Option<Rank>) -> String {
    rank.map(|rank| rank.symbol().to_string()).unwrap_or_default()
}

/// A row as it was read.
#[derive(Debug)]
pub(crate) struct KeptRow {
    pub(crate) seq: Seq,
    pub(crate) at: Timestamp,
    pub(crate) kind: String,
    pub(crate) data: String,
    pub(crate) text: Option<String>,
    pub(crate) text_check: Option<u32>,
    pub(crate) row_check: u32,
    pub(crate) chain: u32,
}

/// The columns that [`KeptRow::read`] wants, in its order.
pub(crate) const KEPT_COLUMNS: &str = "seq, at, kind, data, text, text_check, row_check, chain";

/// The place of the fact that gave what was said at `seq` its newest words, as one more column.
pub(crate) fn newest_edit_of(seq: &str) -> String {
    format!("(SELECT max(edits.seq) FROM edits WHERE edits.message = {seq})")
}

/// The same of a table that has this name in its statement.
pub(crate) fn kept_columns_of(table: &str) -> String {
    KEPT_COLUMNS.split(", ").map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
}

impl KeptRow {
    /// Takes the columns [`KEPT_COLUMNS`].
    pub(crate) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: seq_from(row.get(0)?),
            at: Timestamp(row.get(1)?),
            kind: row.get(2)?,
            data: row.get(3)?,
            text: row.get(4)?,
            text_check: row.get(5)?,
            row_check: row.get(6)?,
            chain: row.get(7)?,
        })
    }

    /// Tells whether the row is as it was written. An erased text is no damage: its checksum stayed.
    pub(crate) fn is_whole(&self) -> bool {
        text_is_whole(self.text.as_deref(), self.text_check)
            && row_check(self.seq, self.at, &self.kind, self.data.as_bytes(), self.text_check) == self.row_check
    }

    /// Returns the fact, when the row is whole.
    pub(crate) fn fact(self) -> Option<Fact> {
        if !self.is_whole() {
            return None;
        }
        Some(read_fact(&self.kind, &self.data)?.with_text(self.text.map(Arc::from)))
    }
}

/// A message, as JSON has it. A fact has its kind among its fields, so reading it as a [`Fact`] sets aside each field before
/// it is known what they are; pages of history are made of nothing but messages, and that was a third of their time.
#[derive(Deserialize)]
struct Said {
    message: Arc<Message>,
    rules: RulesVersion,
}

/// Reads a fact of a kind that is known.
fn read_fact(kind: &str, data: &str) -> Option<Fact> {
    if kind != "said" {
        return serde_json::from_str(data).ok();
    }
    let Said { message, rules } = serde_json::from_str(data).ok()?;
    Some(Fact::Said { message, rules, delivery: None })
}

/// Returns the checksum of a text.
pub(crate) fn text_check(text: &str) -> u32 {
    crc32fast::hash(text.as_bytes())
}

/// Tells whether a text is as it was written, or erased.
pub(crate) fn text_is_whole(text: Option<&str>, check: Option<u32>) -> bool {
    text.is_none_or(|text| check == Some(text_check(text)))
}

/// Returns the checksum of what people saw of a fact.
pub(crate) fn happening_check(seq: Seq, at: Timestamp, data: &str, text_check: Option<u32>) -> u32 {
    row_check(seq, at, "happening", data.as_bytes(), text_check)
}

/// Returns the checksum of a row of durable state. No kind has a zero byte in it.
pub(crate) fn durable_check(kind: &str, key: &str, data: &str) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in [kind, key] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    hasher.update(data.as_bytes());
    hasher.finalize()
}

/// Reads what people saw of a fact, of the columns seq, at, data, text, `text_check` and `row_check`, when it is whole.
pub(crate) fn happening(columns: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Happening>> {
    let (seq, at, data): (i64, i64, String) = (columns.get(0)?, columns.get(1)?, columns.get(2)?);
    let (text, text_check): (Option<String>, Option<u32>) = (columns.get(3)?, columns.get(4)?);
    let is_whole = text_is_whole(text.as_deref(), text_check)
        && happening_check(seq_from(seq), Timestamp(at), &data, text_check) == columns.get::<_, u32>(5)?;
    let happening = is_whole.then(|| serde_json::from_str::<Happening>(&data).ok()).flatten();
    Ok(happening.map(|happening| Happening { text: text.map(Arc::from), ..happening }))
}

/// Why a row of durable state cannot be used.
#[derive(Debug, Error)]
pub(crate) enum BadRow {
    /// It was changed behind the program's back, or the disk has done so.
    #[error("{0} is not as it was written")]
    Changed(String),
    /// It is as it was written, by a program that knows more than this one.
    #[error("{0} says something that this program does not know: {1}")]
    Unknown(String, serde_json::Error),
}

/// Reads a row of durable state, of the columns kind, key, data and `row_check`; or says what is wrong with it.
pub(crate) fn durable(columns: &rusqlite::Row<'_>) -> rusqlite::Result<Result<Row, BadRow>> {
    let (kind, key, data): (String, String, String) = (columns.get(0)?, columns.get(1)?, columns.get(2)?);
    let name = format!("{kind} {key}");
    if durable_check(&kind, &key, &data) != columns.get::<_, u32>(3)? {
        return Ok(Err(BadRow::Changed(name)));
    }
    Ok(serde_json::from_str(&data).map_err(|error| BadRow::Unknown(name, error)))
}

/// Returns the checksum of a fact's row.
pub(crate) fn row_check(seq: Seq, at: Timestamp, kind: &str, data: &[u8], text_check: Option<u32>) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&seq.0.to_le_bytes());
    hasher.update(&at.0.to_le_bytes());
    hasher.update(kind.as_bytes());
    hasher.update(data);
    hasher.update(&[u8::from(text_check.is_some())]);
    hasher.update(&text_check.unwrap_or(0).to_le_bytes());
    hasher.finalize()
}

/// Returns the chain's value after a row.
pub(crate) fn chained(before: u32, row_check: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&before.to_le_bytes());
    hasher.update(&row_check.to_le_bytes());
    hasher.finalize()
}

/// SQLite's integers are signed; a log of 2^63 facts is out of reach.
pub(crate) fn seq_column(seq: Seq) -> i64 {
    i64::try_from(seq.0).unwrap_or(i64::MAX)
}

/// Reads a sequence number; a negative one is none of ours and stands before all.
pub(crate) fn seq_from(column: i64) -> Seq {
    Seq(u64::try_from(column).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use chat::ids::UserId;
    use proptest::prelude::*;

    use super::*;

    fn kept(seq: Seq, at: Timestamp, fact: &Fact) -> KeptRow {
        let NewRow { kind, data, text, text_check, row_check, .. } = NewRow::of(seq, at, fact, CaseMapping::Ascii);
        let (kind, data) = (kind.into_owned(), data.into_owned());
        KeptRow { seq, at, kind, data, text: text.map(str::to_owned), text_check, row_check, chain: 0 }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_as_it_was(text in any::<String>(), user: u64, seq: u64, at: i64) {
            let fact = Fact::UserQuit { user: UserId(user), by: None, banned: false, reason: text.as_str().into() };
            let row = kept(Seq(seq), Timestamp(at), &fact);
            prop_assert!(!row.data.contains(&*text) || text.len() < 20, "the text stands in its own column only");
            prop_assert_eq!(row.fact(), Some(fact));
        }

        #[test]
        fn any_change_is_noticed(text in "[a-z]{1,20}", other in "[a-z]{1,20}", user: u64, seq: u64, at: i64) {
            prop_assume!(text != other);
            let fact = Fact::UserQuit { user: UserId(user), by: None, banned: false, reason: text.as_str().into() };
            let row = || kept(Seq(seq), Timestamp(at), &fact);
            prop_assert!(row().is_whole());
            let changed = [
                KeptRow { text: Some(other.clone()), ..row() },
                KeptRow { text_check: None, ..row() },
                KeptRow { seq: Seq(seq ^ 1), ..row() },
                KeptRow { at: Timestamp(at ^ 1), ..row() },
                KeptRow { kind: other.clone(), ..row() },
                KeptRow { data: format!("{} ", row().data), ..row() },
            ];
            for row in changed {
                prop_assert!(!row.is_whole());
                prop_assert_eq!(row.fact(), None);
            }
        }
    }

    #[test]
    fn an_erased_text_is_no_damage() {
        let fact = Fact::UserQuit { user: UserId(7), by: None, banned: false, reason: "bye".into() };
        let row = KeptRow { text: None, ..kept(Seq(1), Timestamp(2), &fact) };
        assert_eq!(row.fact(), Some(Fact::UserQuit { user: UserId(7), by: None, banned: false, reason: "".into() }));
    }
}
