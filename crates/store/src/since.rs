//! What has happened since a place in the log, of all conversations of somebody together.

use std::collections::HashMap;

use chat::event::Event;
use chat::history::memory::correction_event;
use chat::history::{Found, Kinds, Since};
use chat::ids::Seq;
use rusqlite::{OptionalExtension as _, params};

use crate::find::{Finder, Range};
use crate::row::{self, KEPT_COLUMNS, KeptRow};
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
                for event in &mut there {
                    event.move_to(channel);
                }
                oldest.take(there);
            }
        }
        let range = Range { from: first, to: since.direct_to.min(oldest.end), newest: false };
        if range.from < range.to {
            let said = self.said_with(&since.owner, since.kinds, range, oldest.most)?;
            oldest.take(said);
        }
        let corrections = self.corrections(since, first, &oldest)?;
        oldest.take(corrections);
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
    fn corrections(&self, since: &Since, first: Seq, oldest: &Oldest) -> rusqlite::Result<Vec<Event>> {
        let last = since.channels.iter().map(|(.., live_from)| *live_from).max();
        let last = last.max(Some(since.direct_to)).unwrap_or(Seq::ZERO).min(oldest.end);
        let mut corrections = self.connection.prepare_cached(
            "SELECT seq, message FROM edits WHERE seq >= ?1 AND seq < ?2
             UNION ALL SELECT seq, message FROM redactions WHERE seq >= ?1 AND seq < ?2 ORDER BY seq",
        )?;
        // Most are somebody else's: of these no more is read than tells whose they are.
        let mut place = self.connection.prepare_cached(
            "SELECT said.channel, d.sender_owner, d.receiver_owner
             FROM facts said LEFT JOIN direct d ON d.seq = said.seq WHERE said.seq = ?1",
        )?;
        let sql =
            format!("SELECT {KEPT_COLUMNS} FROM facts WHERE seq = ?1 AND (kind = 'redacted' OR text IS NOT NULL)");
        let mut kept = self.connection.prepare_cached(&sql)?;
        let mut rows = corrections.query([row::seq_column(first), row::seq_column(last)])?;
        let channels: HashMap<String, (Seq, Seq)> = since
            .channels
            .iter()
            .map(|(name, visible_from, live_from)| Ok((self.key(name)?, (*visible_from, *live_from))))
            .collect::<rusqlite::Result<_>>()?;
        let mut found = Vec::new();
        while found.len() < oldest.most
            && let Some(row) = rows.next()?
        {
            let (seq, said): (i64, i64) = (row.get(0)?, row.get(1)?);
            let range = place.query_row([said], |place| {
                let is_theirs = |column: usize| -> rusqlite::Result<bool> {
                    Ok(place.get_ref(column)?.as_str_or_null()? == Some(&*since.owner))
                };
                Ok(match place.get_ref(0)?.as_str_or_null()? {
                    Some(channel) => channels.get(channel).copied(),
                    None => (is_theirs(1)? || is_theirs(2)?).then_some((Seq::ZERO, since.direct_to)),
                })
            });
            let Some((visible_from, live_from)) = range.optional()?.flatten() else { continue };
            if row::seq_from(said) < visible_from || row::seq_from(seq) >= live_from {
                continue;
            }
            let Some(kept) = kept.query_row([seq], KeptRow::read).optional()? else { continue };
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
