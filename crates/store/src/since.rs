//! What has happened since a place in the log, of all conversations of somebody together.

use chat::event::Event;
use chat::history::memory::correction_event;
use chat::history::{Found, Kinds, Since};
use chat::ids::Seq;
use rusqlite::params;

use crate::find::{Finder, Range};
use crate::row::{self, KEPT_COLUMNS, KeptRow};
use crate::schema;

impl Finder<'_> {
    /// Reads a page: the oldest of all that happened.
    pub(crate) fn since(&self, since: &Since) -> rusqlite::Result<Found> {
        let Some(after) = since.after else {
            return Ok(Found::Since { entries: Vec::new(), is_end: true, has_gap: false });
        };
        if after.log != self.log_id || after.seq >= since.before {
            return Ok(Found::NoSuchMessage);
        }
        // One more than is wanted tells whether there are more.
        let most = since.limit.saturating_add(1);
        let first = Seq(after.seq.0 + 1);
        let mut entries = Vec::new();
        for (channel, visible_from, live_from) in &since.channels {
            let range = Range { from: first.max(*visible_from), to: (*live_from).min(since.before), newest: false };
            if range.from < range.to {
                let mut there = self.in_channel(channel, since.kinds, range, most)?;
                for event in &mut there {
                    event.move_to(channel);
                }
                entries.extend(there);
            }
        }
        let range = Range { from: first, to: since.direct_to.min(since.before), newest: false };
        if range.from < range.to {
            entries.extend(self.said_with(&since.owner, since.kinds, range, most)?);
        }
        entries.extend(self.corrections(since, first, most)?);
        // What several channels have seen is one thing.
        entries.sort_by_key(|event| event.id);
        entries.dedup_by_key(|event| event.id);
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
        let columns = KEPT_COLUMNS.split(", ").map(|column| format!("f.{column}")).collect::<Vec<_>>().join(", ");
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

    /// What was edited and taken back, of what the asker could read: looked through in the log's order, whosever it is, until
    /// there are enough.
    fn corrections(&self, since: &Since, first: Seq, most: usize) -> rusqlite::Result<Vec<Event>> {
        let last = since.channels.iter().map(|(.., live_from)| *live_from).max();
        let last = last.max(Some(since.direct_to)).unwrap_or(Seq::ZERO).min(since.before);
        let columns = KEPT_COLUMNS.split(", ").map(|column| format!("f.{column}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {columns}, c.message, said.channel, d.sender_owner, d.receiver_owner
             FROM (SELECT seq, message FROM edits WHERE seq >= ?1 AND seq < ?2
                   UNION ALL SELECT seq, message FROM redactions WHERE seq >= ?1 AND seq < ?2) c
             CROSS JOIN facts f ON f.seq = c.seq CROSS JOIN facts said ON said.seq = c.message
             LEFT JOIN direct d ON d.seq = c.message
             WHERE f.kind = 'redacted' OR f.text IS NOT NULL ORDER BY c.seq"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([row::seq_column(first), row::seq_column(last)])?;
        let keys = since.channels.iter().map(|(name, ..)| self.key(name)).collect::<rusqlite::Result<Vec<_>>>()?;
        let mut found = Vec::new();
        while found.len() < most
            && let Some(row) = rows.next()?
        {
            let kept = KeptRow::read(row)?;
            let (seq, at) = (kept.seq, kept.at);
            let said = row::seq_from(row.get(8)?);
            let channel: Option<String> = row.get(9)?;
            let owners: [Option<String>; 2] = [row.get(10)?, row.get(11)?];
            let range = match channel {
                Some(channel) => {
                    let place = keys.iter().position(|key| *key == channel);
                    place.map(|place| (since.channels[place].1, since.channels[place].2))
                }
                None => {
                    owners.iter().flatten().any(|one| **one == *since.owner).then_some((Seq::ZERO, since.direct_to))
                }
            };
            if !range.is_some_and(|(visible_from, live_from)| said >= visible_from && seq < live_from) {
                continue;
            }
            if let Some(fact) = kept.fact() {
                found.extend(correction_event(self.id(seq), at, &fact));
            } else {
                tracing::error!(seq = seq.0, "a correction is not as it was written, and is not shown");
            }
        }
        Ok(found)
    }
}
