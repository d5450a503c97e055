//! What has happened since a place in the log, of all conversations of somebody together.

use chat::event::Event;
use chat::history::memory::correction_event;
use chat::history::{Found, Kinds, Since};
use chat::ids::Seq;
use rusqlite::params;

use crate::find::{Finder, Range};
use crate::row::{self, KeptRow};
use crate::schema;

/// The oldest entries of a page that is gathered from many conversations, one after the other.
struct Oldest {
    entries: Vec<Event>,
    /// How many are wanted: one more than the page may have tells whether there are more.
    most: usize,
    /// What stands here or behind is not wanted: there are enough before.
    end: Seq,
}

impl Oldest {
    fn new(since: &Since) -> Self {
        Self { entries: Vec::new(), most: since.limit.saturating_add(1), end: since.before }
    }

    fn take(&mut self, entries: Vec<Event>) {
        if entries.is_empty() {
            return;
        }
        self.entries.extend(entries);
        // What several channels have seen is one thing.
        self.entries.sort_by_key(|event| event.id);
        self.entries.dedup_by_key(|event| event.id);
        if self.entries.len() >= self.most {
            self.entries.truncate(self.most);
            let last = self.entries.last().and_then(|event| event.id);
            self.end = last.map_or(self.end, |id| id.seq);
        }
    }
}

impl Finder<'_> {
    /// Reads a page: the oldest of all that happened.
    pub(crate) fn since(&self, since: &Since) -> rusqlite::Result<Found> {
        let Some(after) = since.after else {
            return Ok(Found::Since { entries: Vec::new(), is_end: true, has_gap: false });
        };
        if after.log != self.log_id || after.seq >= since.before {
            return Ok(Found::NoSuchMessage);
        }
        let first = Seq(after.seq.0 + 1);
        let mut oldest = Oldest::new(since);
        for (channel, visible_from, live_from) in &since.channels {
            let range = Range { from: first.max(*visible_from), to: (*live_from).min(oldest.end), newest: false };
            if range.from < range.to {
                let mut there = self.in_channel(channel, since.kinds, range, oldest.most)?;
                there.extend(self.corrections(&self.key(channel)?, *visible_from, range, oldest.most)?);
                for event in &mut there {
                    event.move_to(channel);
                }
                oldest.take(there);
            }
        }
        let range = Range { from: first, to: since.direct_to.min(oldest.end), newest: false };
        if range.from < range.to {
            let mut there = self.said_with(&since.owner, since.kinds, range, oldest.most)?;
            there.extend(self.corrections(&since.owner, Seq::ZERO, range, oldest.most)?);
            oldest.take(there);
        }
        let Oldest { mut entries, .. } = oldest;
        let is_end = entries.len() <= since.limit;
        entries.truncate(since.limit);
        Ok(Found::Since { entries, is_end, has_gap: self.begins_behind(after.seq)? })
    }

    /// Tells whether facts behind a place were removed: the log has lost its beginning, and more of it than was seen.
    fn begins_behind(&self, seen: Seq) -> rusqlite::Result<bool> {
        let first: Option<i64> =
            self.connection.prepare_cached("SELECT min(seq) FROM facts")?.query_row([], |row| row.get(0))?;
        // What has removed everything has left no first fact.
        let removed = schema::meta_number(self.connection, "removed_through")?.unwrap_or(0);
        Ok(row::seq_from(removed) > seen || first.is_some_and(|first| row::seq_from(first).0 > seen.0 + 1))
    }

    /// What somebody has exchanged with others, in the order of the log.
    fn said_with(&self, owner: &str, kinds: Kinds, range: Range, most: usize) -> rusqlite::Result<Vec<Event>> {
        let columns = format!("{}, {}", row::kept_columns_of("f"), row::newest_edit_of("d.seq"));
        let mut entries = Vec::new();
        // What somebody says to themself is found as sent.
        for who in ["d.sender_owner = ?1", "d.receiver_owner = ?1 AND d.sender_owner <> ?1"] {
            let sql = format!(
                "SELECT {columns} FROM direct d CROSS JOIN facts f ON f.seq = d.seq
                 WHERE {who} AND d.seq >= ?2 AND d.seq < ?3 AND f.text IS NOT NULL ORDER BY d.seq"
            );
            let params = params![owner, row::seq_column(range.from), row::seq_column(range.to)];
            entries.extend(self.messages(&sql, params, kinds, most)?);
        }
        Ok(entries)
    }

    /// What was edited and taken back in a place, of what was said there from `visible_from` on.
    fn corrections(&self, place: &str, visible_from: Seq, range: Range, most: usize) -> rusqlite::Result<Vec<Event>> {
        let mut statement = self.connection.prepare_cached(&corrections_sql())?;
        let [from, to, visible_from] = [range.from, range.to, visible_from].map(row::seq_column);
        let mut rows = statement.query(params![place, from, to, visible_from])?;
        let mut found = Vec::new();
        while found.len() < most
            && let Some(row) = rows.next()?
        {
            let kept = KeptRow::read(row)?;
            let (seq, at) = (kept.seq, kept.at);
            if let Some(fact) = kept.fact() {
                found.extend(correction_event(self.id(seq), at, &fact));
            } else {
                tracing::error!(seq = seq.0, "a correction is not as it was written, and is not shown");
            }
        }
        Ok(found)
    }
}

/// The facts that have corrected what was said in the place `?1` from the place `?4` of the log on, between `?2` and `?3`.
fn corrections_sql() -> String {
    format!(
        "SELECT {} FROM corrections c CROSS JOIN facts f ON f.seq = c.seq
         WHERE c.place = ?1 AND c.seq >= ?2 AND c.seq < ?3 AND c.message >= ?4 AND (f.kind = 'redacted' OR f.text IS NOT NULL)
         ORDER BY c.seq",
        row::kept_columns_of("f")
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use chat::ids::LogId;
    use irc::casemap::CaseMapping;
    use rusqlite::{Connection, StatementStatus};

    use super::*;

    #[test]
    fn corrections_elsewhere_are_not_looked_at() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(include_str!("schema.sql")).unwrap();
        connection
            .execute_batch(
                "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 10000)
                 INSERT INTO corrections SELECT '#loud', n, n - 1 FROM number;",
            )
            .unwrap();
        let finder = Finder { connection: &connection, log_id: LogId(1), casemapping: CaseMapping::Ascii };
        let range = Range { from: Seq(1), to: Seq(99_999), newest: false };
        assert!(finder.corrections("#silent", Seq::ZERO, range, 100).unwrap().is_empty());
        let statement = connection.prepare_cached(&corrections_sql()).unwrap();
        // A few dozen instructions of SQLite's machine; ten thousand rows would be a hundred thousand.
        assert!(statement.get_status(StatementStatus::VmStep) < 100);
        assert_eq!(statement.get_status(StatementStatus::FullscanStep), 0);
        assert!(statement.get_status(StatementStatus::Run) >= 1, "it is the statement that was used");
    }
}
