//! Facts as the index needs them: as the writer hands them over, or as the log has them.
//!
//! While the index keeps up, it is given what was just written: reading the rows back, and their JSON, was two fifths of its work.
//! What it has missed, because it was behind or because of a start, it reads from the log.

use std::sync::Arc;

use chat::ids::Seq;
use irc::casemap::CaseMapping;
use rusqlite::{Connection, params};

use super::Entry;
use crate::row;
use crate::said::SaidRow;

/// The most facts of one transaction: when so many wait, the index is behind. Each transaction makes a piece of the index; larger
/// pieces are fewer, and merged less often.
const BATCH_FACTS_MAX: u32 = 65_536;

/// About the most bytes of one transaction.
const BATCH_BYTES: usize = 24 << 20;

/// The most bytes that wait to be put into the index: some 30,000 messages of usual length, which is more than are said while the
/// largest transaction is written. What is more is read back from the log.
const HANDED_OVER_BYTES_MAX: usize = 12 << 20;

/// A fact as the index needs it.
#[derive(Debug)]
pub(crate) struct Fact {
    pub(crate) seq: Seq,
    pub(crate) chain: u32,
    /// What is to be found by its words.
    pub(crate) said: Option<Said>,
}

/// What was said.
#[derive(Debug)]
pub(crate) enum Said {
    /// As it was written: the row, and its channel's key.
    Written(SaidRow, Arc<str>),
    /// As the log has it.
    Kept(KeptText),
}

/// The columns of what was said.
#[derive(Debug)]
pub(crate) struct KeptText {
    pub(crate) channel: Option<Arc<str>>,
    pub(crate) data: String,
    pub(crate) text: String,
}

impl Fact {
    /// Returns what the index has of it, if anything.
    pub(super) fn entry(&self, mapping: CaseMapping) -> Option<Entry> {
        match self.said.as_ref()? {
            Said::Written(row, key) => {
                let (text, nick) = row.to_be_found()?;
                Entry::of_channel(key, nick, text, mapping)
            }
            Said::Kept(KeptText { channel, data, text }) => Entry::of(channel.as_deref(), data, text, mapping),
        }
    }

    /// About how many bytes it holds.
    fn bytes(&self) -> usize {
        size_of::<Self>()
            + match &self.said {
                None => 0,
                Some(Said::Written(row, _)) => row.bytes(),
                Some(Said::Kept(KeptText { data, text, .. })) => data.len() + text.len(),
            }
    }
}

/// What one transaction has written: all facts that there are behind `after` up to `through`.
#[derive(Debug)]
pub(crate) struct Group {
    after: Seq,
    through: Seq,
    facts: Vec<Fact>,
    bytes: usize,
}

impl Group {
    /// Makes one. Counts what it holds, so not while others wait.
    pub(crate) fn new(after: Seq, through: Seq, facts: Vec<Fact>) -> Self {
        let bytes = size_of::<Self>() + facts.iter().map(Fact::bytes).sum::<usize>();
        Self { after, through, facts, bytes }
    }
}

/// What the writer has committed and the index has not taken: all facts between two places.
///
/// Texts in here are as they were written. That they are not changed or erased since, the index knows from the notes in
/// `to_forget`, if both keep to this: the writer hands a transaction over before it begins the next, and none in which a text was changed or
/// erased; the index takes what was handed over when it has begun to look at the log, and uses it only if it sees no note there that it
/// has not done. Then every note about it is still to come, and has the text that the index was given.
#[derive(Debug, Default)]
pub(crate) struct HandedOver {
    groups: Vec<Group>,
    bytes: usize,
}

impl HandedOver {
    /// Takes what one transaction has written, unless something before it was not taken, or it is too much.
    pub(crate) fn add(&mut self, group: Group) {
        let follows = self.groups.last().is_none_or(|last| last.through == group.after);
        if follows && self.bytes + group.bytes <= HANDED_OVER_BYTES_MAX {
            self.bytes += group.bytes;
            self.groups.push(group);
        }
    }

    /// Returns what is behind a place, if nothing between is missing and there is anything.
    pub(super) fn behind(self, place: Seq) -> Option<Vec<Fact>> {
        if self.groups.first()?.after > place {
            return None;
        }
        let facts = self.groups.into_iter().flat_map(|group| group.facts);
        let facts: Vec<Fact> = facts.skip_while(|fact| fact.seq <= place).collect();
        (!facts.is_empty()).then_some(facts)
    }
}

/// Reads a batch whole: while somebody reads the log, its write-ahead log cannot begin anew.
pub(super) fn facts_behind(log: &Connection, through: Seq) -> rusqlite::Result<Vec<Fact>> {
    let mut statement = log.prepare_cached(
        "SELECT seq, chain, kind = 'said' AND text <> '', channel, data, text
         FROM facts WHERE seq > ?1 ORDER BY seq LIMIT ?2",
    )?;
    let mut rows = statement.query(params![row::seq_column(through), BATCH_FACTS_MAX])?;
    let (mut facts, mut bytes) = (Vec::new(), 0);
    while bytes < BATCH_BYTES
        && let Some(row) = rows.next()?
    {
        let said = if row.get::<_, Option<bool>>(2)? == Some(true) {
            Some(Said::Kept(KeptText { channel: row.get(3)?, data: row.get(4)?, text: row.get(5)? }))
        } else {
            None
        };
        let fact = Fact { seq: row::seq_from(row.get(0)?), chain: row.get(1)?, said };
        bytes += fact.bytes();
        facts.push(fact);
    }
    take_newest_texts(log, &mut facts)?;
    Ok(facts)
}

/// Gives those that were edited their newest texts. They are few: to look for each message whether it was edited would cost as
/// much as to read it.
fn take_newest_texts(log: &Connection, facts: &mut [Fact]) -> rusqlite::Result<()> {
    let (Some(first), Some(last)) = (facts.first(), facts.last()) else { return Ok(()) };
    let mut edited = log.prepare_cached(
        "SELECT seq, text FROM newest_texts
         WHERE seq IN (SELECT message FROM edits WHERE message BETWEEN ?1 AND ?2)",
    )?;
    let mut rows = edited.query([row::seq_column(first.seq), row::seq_column(last.seq)])?;
    while let Some(row) = rows.next()? {
        let seq = row::seq_from(row.get(0)?);
        let place = facts.binary_search_by_key(&seq, |fact| fact.seq).ok();
        if let Some(Said::Kept(said)) = place.and_then(|place| facts[place].said.as_mut()) {
            said.text = row.get(1)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(places: impl IntoIterator<Item = u64>) -> Vec<Fact> {
        places.into_iter().map(|seq| Fact { seq: Seq(seq), chain: 0, said: None }).collect()
    }

    fn places(facts: Option<Vec<Fact>>) -> Option<Vec<u64>> {
        facts.map(|facts| facts.iter().map(|fact| fact.seq.0).collect())
    }

    fn group(after: u64, through: u64, facts: Vec<Fact>) -> Group {
        Group::new(Seq(after), Seq(through), facts)
    }

    /// Of two transactions, which have given the places 1 to 3 and 4 to 9; those from 7 on have no row.
    fn two() -> HandedOver {
        let mut handed_over = HandedOver::default();
        handed_over.add(group(0, 3, facts(1..=3)));
        handed_over.add(group(3, 9, facts(4..=6)));
        handed_over
    }

    #[test]
    fn all_that_is_behind_a_place_or_nothing() {
        assert_eq!(places(two().behind(Seq(0))), Some(vec![1, 2, 3, 4, 5, 6]));
        assert_eq!(places(two().behind(Seq(2))), Some(vec![3, 4, 5, 6]));
        assert_eq!(places(two().behind(Seq(6))), None);
        assert_eq!(places(HandedOver::default().behind(Seq(0))), None);
        let mut later = HandedOver::default();
        later.add(group(5, 6, facts([6])));
        assert_eq!(places(later.behind(Seq(4))), None, "the fifth is missing");
    }

    #[test]
    fn what_does_not_follow_is_not_taken() {
        let mut handed_over = two();
        handed_over.add(group(10, 11, facts([11])));
        handed_over.add(group(9, 10, facts([10])));
        assert_eq!(places(handed_over.behind(Seq(5))), Some(vec![6, 10]));
    }

    #[test]
    fn it_holds_only_so_much() {
        let large = |seq| {
            let said = KeptText { channel: None, data: String::new(), text: "x".repeat(HANDED_OVER_BYTES_MAX / 3) };
            vec![Fact { seq: Seq(seq), chain: 0, said: Some(Said::Kept(said)) }]
        };
        let mut handed_over = HandedOver::default();
        for seq in 1..=4 {
            handed_over.add(group(seq - 1, seq, large(seq)));
        }
        // A small one behind what was not taken would leave a gap.
        handed_over.add(group(4, 5, facts([5])));
        assert_eq!(places(handed_over.behind(Seq(0))), Some(vec![1, 2]));
    }
}
