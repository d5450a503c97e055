//! `loggia verify` of the index: it has of every message exactly the words, place and sender that the log has.
//!
//! Nothing is changed. What FTS5 holds is read through its own table of all tokens, in the order of words; so each message's
//! tokens are summed up as numbers, once as the log has them and once as the index has them, and the sums are compared.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chat::ids::{LogId, Seq};
use irc::casemap::CaseMapping;
use rusqlite::{Connection, params};

use super::facts::facts_behind;
use super::file::Head;
use super::{Entry, IndexPath, first_of_part, part_of};
use crate::row;

/// The columns of a part, as FTS5 names them.
const COLUMNS: [&str; 3] = ["words", "place", "sender"];

/// How often a moment is looked for at which the index has not got ahead of what was read of the log: it takes a microsecond of the
/// hundreds between two changes.
const MOMENTS_MAX: u32 = 1000;

/// The most problems that are told of one part.
const PROBLEMS_MAX: usize = 20;

/// What all tokens of a message come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    tokens: i64,
    hash: u64,
}

impl Sum {
    fn add(&mut self, column: &str, place: i64, token: &str) {
        self.tokens += 1;
        self.hash = self.hash.wrapping_add(hash(column, place, token));
    }

    fn take(&mut self, column: &str, place: i64, token: &str) {
        self.tokens -= 1;
        self.hash = self.hash.wrapping_sub(hash(column, place, token));
    }
}

fn hash(column: &str, place: i64, token: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (column, place, token).hash(&mut hasher);
    hasher.finish()
}

/// Compares the index with the log that `log` reads, and notes what is wrong with it. Returns how many messages it has; `None`
/// when there is no index of this log: it is made when the server starts.
pub(crate) fn check(
    path: &IndexPath,
    log: &Connection,
    log_id: LogId,
    mapping: CaseMapping,
    note: &mut dyn FnMut(String),
) -> rusqlite::Result<Option<u64>> {
    if !path.is_there() {
        return Ok(None);
    }
    let index = path.look()?;
    index.pragma_update(None, "temp_store", "MEMORY")?;
    let Some(head) = at_one_moment(log, &index, log_id, mapping)? else { return Ok(None) };
    let chain_there = log
        .prepare("SELECT chain FROM facts WHERE seq = ?1")?
        .query_map([row::seq_column(head.through)], |row| row.get::<_, i64>(0))?
        .next()
        .transpose()?;
    if head.through != Seq::ZERO && chain_there != head.chain {
        return Ok(None);
    }
    the_file(&index, note)?;
    let mut looking = Looking { log, index: &index, head, mapping, changed: changed(log, head.forgotten)?, note };
    let mut messages = 0;
    for part in looking.parts()? {
        messages += looking.part(part)?;
    }
    Ok(Some(messages))
}

/// Begins to read both as they are at one moment: whatever the index has been told, the log has too.
fn at_one_moment(
    log: &Connection,
    index: &Connection,
    log_id: LogId,
    mapping: CaseMapping,
) -> rusqlite::Result<Option<Head>> {
    for _ in 0..MOMENTS_MAX {
        log.execute_batch("BEGIN")?;
        let told = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'to_forget'), 0)";
        let told: i64 = log.query_row(told, [], |row| row.get(0))?;
        index.execute_batch("BEGIN")?;
        let Some(head) = Head::read(index, log_id, mapping)? else { return Ok(None) };
        if head.forgotten <= told {
            return Ok(Some(head));
        }
        index.execute_batch("ROLLBACK")?;
        log.execute_batch("ROLLBACK")?;
    }
    Ok(None)
}

fn the_file(index: &Connection, note: &mut dyn FnMut(String)) -> rusqlite::Result<()> {
    let mut statement = index.prepare(&format!("PRAGMA integrity_check({PROBLEMS_MAX})"))?;
    let mut found = statement.query([])?;
    while let Some(found) = found.next()? {
        let found: String = found.get(0)?;
        if found != "ok" {
            note(format!("the index of words is damaged: {found}: searches may miss messages"));
        }
    }
    Ok(())
}

/// Returns the messages of which the index may have former words, because it was not told yet.
fn changed(log: &Connection, forgotten: i64) -> rusqlite::Result<BTreeSet<Seq>> {
    let mut said = log.prepare("SELECT said FROM to_forget WHERE id > ?1")?;
    said.query_map([forgotten], |row| row.get(0).map(row::seq_from))?.collect()
}

struct Looking<'a> {
    log: &'a Connection,
    index: &'a Connection,
    head: Head,
    mapping: CaseMapping,
    changed: BTreeSet<Seq>,
    note: &'a mut dyn FnMut(String),
}

impl Looking<'_> {
    /// Returns the numbers of all parts that there are or ought to be. Those before the log's beginning are dropped by and by.
    fn parts(&self) -> rusqlite::Result<BTreeSet<i64>> {
        let mut numbers = self.index.prepare("SELECT number FROM parts")?;
        let mut numbers = numbers.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<BTreeSet<i64>>>()?;
        let mut after = Seq::ZERO;
        let mut next = self
            .log
            .prepare("SELECT min(seq) FROM facts WHERE seq > ?1 AND seq <= ?2 AND kind = 'said' AND text <> ''")?;
        let through = row::seq_column(self.head.through);
        while let Some(seq) = next.query_row([row::seq_column(after), through], |row| row.get::<_, Option<i64>>(0))? {
            let part = part_of(row::seq_from(seq));
            numbers.insert(part);
            after = Seq(first_of_part(part + 1).0 - 1);
        }
        Ok(numbers)
    }

    /// Looks at a part; returns how many messages it has.
    fn part(&mut self, part: i64) -> rusqlite::Result<u64> {
        let mut sums = self.expected(part)?;
        let messages = sums.len() as u64;
        self.take_what_is_there(part, &mut sums)?;
        let mut wrong: Vec<(i64, Sum)> = sums
            .into_iter()
            .filter(|(seq, sum)| *sum != Sum::default() && !self.changed.contains(&row::seq_from(*seq)))
            .collect();
        wrong.sort_unstable_by_key(|(seq, _)| *seq);
        for (seq, sum) in wrong.iter().take(PROBLEMS_MAX) {
            let what = match sum.tokens {
                1.. => "lacks words of",
                0 => "has other words for",
                _ => "has words that are erased or were never there of",
            };
            (self.note)(format!("the index of words {what} message {seq}"));
        }
        if let Some(more) = wrong.len().checked_sub(PROBLEMS_MAX).filter(|more| *more > 0) {
            (self.note)(format!("the index of words is wrong about {more} more messages in part {part}"));
        }
        Ok(messages)
    }

    /// Sums up what the log has.
    fn expected(&self, part: i64) -> rusqlite::Result<HashMap<i64, Sum>> {
        let mut sums = HashMap::new();
        let last = Seq(first_of_part(part + 1).0 - 1).min(self.head.through);
        let mut through = Seq(first_of_part(part).0.saturating_sub(1));
        loop {
            let facts = facts_behind(self.log, through)?;
            let Some(end) = facts.last() else { return Ok(sums) };
            through = end.seq;
            for fact in facts.into_iter().take_while(|fact| fact.seq <= last) {
                let Some(entry) = fact.entry(self.mapping) else { continue };
                sums.insert(row::seq_column(fact.seq), entry_sum(&entry));
            }
            if through >= last {
                return Ok(sums);
            }
        }
    }

    /// Takes from it what the index has.
    fn take_what_is_there(&self, part: i64, sums: &mut HashMap<i64, Sum>) -> rusqlite::Result<()> {
        if !self.index.prepare_cached("SELECT 1 FROM parts WHERE number = ?1")?.exists(params![part])? {
            return Ok(());
        }
        self.index
            .execute_batch(&format!("CREATE VIRTUAL TABLE temp.tokens USING fts5vocab(main, part_{part}, instance)"))?;
        {
            let mut tokens = self.index.prepare("SELECT term, doc, col, offset FROM temp.tokens")?;
            let mut tokens = tokens.query([])?;
            while let Some(row) = tokens.next()? {
                let (token, column) = (row.get_ref(0)?.as_str()?, row.get_ref(2)?.as_str()?);
                sums.entry(row.get(1)?).or_default().take(column, row.get(3)?, token);
            }
        }
        self.index.execute_batch("DROP TABLE temp.tokens")
    }
}

fn entry_sum(entry: &Entry) -> Sum {
    let mut sum = Sum::default();
    for (column, tokens) in COLUMNS.iter().zip([&entry.words, &entry.place, &entry.sender]) {
        for (token, place) in tokens.split_ascii_whitespace().zip(0..) {
            sum.add(column, place, token);
        }
    }
    sum
}
