//! A fact as a row of the table `facts`, and back; the checksums that tell whether it is still as it was written.

use std::sync::Arc;

use chat::event::Target;
use chat::fact::Fact;
use chat::history::Pair;
use chat::ids::Seq;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;

/// The chain's value before the first row.
pub(crate) const CHAIN_START: u32 = 0;

/// The columns of a fact that is to be written.
#[derive(Debug)]
pub(crate) struct NewRow<'fact> {
    pub(crate) kind: String,
    pub(crate) channel: Option<String>,
    pub(crate) direct: Option<Pair>,
    pub(crate) data: String,
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
        let text_check = text.map(|text| crc32fast::hash(text.as_bytes()));
        let row_check = row_check(seq, at, &kind, &data, text_check);
        let (channel, direct) = match fact {
            Fact::Said { message, .. } => match &message.target {
                Target::Channel { name, rank: None, .. } => (Some(name.folded(casemapping).as_str().to_owned()), None),
                // What is for some ranks only is not for everybody who asks for the channel's past.
                Target::Channel { .. } => (None, None),
                Target::User { .. } => (None, Pair::of(message, casemapping)),
            },
            _ => (None, None),
        };
        Self { kind, channel, direct, data, text, text_check, row_check }
    }
}

/// Returns the value of the tag `kind`, which is written first.
fn kind_of(data: &str) -> &str {
    data.strip_prefix(r#"{"kind":""#).and_then(|rest| rest.split_once('"')).map_or("", |(kind, _)| kind)
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
        let text_is_whole = match (&self.text, self.text_check) {
            (Some(text), Some(check)) => crc32fast::hash(text.as_bytes()) == check,
            (None, _) => true,
            (Some(_), None) => false,
        };
        text_is_whole && row_check(self.seq, self.at, &self.kind, &self.data, self.text_check) == self.row_check
    }

    /// Returns the fact, when the row is whole.
    pub(crate) fn fact(self) -> Option<Fact> {
        if !self.is_whole() {
            return None;
        }
        let fact: Fact = serde_json::from_str(&self.data).ok()?;
        Some(fact.with_text(self.text.map(Arc::from)))
    }
}

fn row_check(seq: Seq, at: Timestamp, kind: &str, data: &str, text_check: Option<u32>) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&seq.0.to_le_bytes());
    hasher.update(&at.0.to_le_bytes());
    hasher.update(kind.as_bytes());
    hasher.update(data.as_bytes());
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
