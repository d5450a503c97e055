//! Where a time is in the log: by halving, for times never go back within a conversation.
//!
//! They may from one conversation to another: what was imported is older than what stands before it.

use chat::history::Conversation;
use chat::ids::Seq;
use chat::time::Timestamp;
use rusqlite::{OptionalExtension as _, ToSql};

use crate::channel_keys;
use crate::find::Finder;
use crate::row;

/// A statement that returns place and time of the first of some rows at or behind the place `?1`.
struct Rows<'a> {
    sql: &'static str,
    of: Vec<&'a dyn ToSql>,
}

impl Finder<'_> {
    /// Finds the first place of a conversation whose time is late enough; behind everything when there is none.
    pub(crate) fn place_in(&self, of: &Conversation, is_late: impl Fn(Timestamp) -> bool) -> rusqlite::Result<Seq> {
        let key = match of {
            Conversation::Channel(channel) => {
                channel_keys::key(self.connection, channel.folded(self.casemapping).as_str())?
            }
            Conversation::Direct(_) => String::new(),
        };
        let rows = match of {
            Conversation::Channel(_) => vec![
                Rows {
                    sql: "SELECT seq, at FROM facts WHERE channel = ?2 AND seq >= ?1 ORDER BY seq LIMIT 1",
                    of: vec![&key],
                },
                Rows {
                    sql: "SELECT c.seq, h.at FROM happenings_of_channel c CROSS JOIN happenings h ON h.seq = c.seq
                          WHERE c.channel = ?2 AND c.seq >= ?1 ORDER BY c.seq LIMIT 1",
                    of: vec![&key],
                },
            ],
            Conversation::Direct(direct) => {
                let both_ways = |peer| {
                    let of = || vec![&direct.owner as &dyn ToSql, peer];
                    [
                        Rows {
                            sql: "SELECT d.seq, f.at FROM direct d CROSS JOIN facts f ON f.seq = d.seq
                                  WHERE d.sender_owner = ?2 AND d.receiver_peer = ?3 AND d.seq >= ?1
                                  ORDER BY d.seq LIMIT 1",
                            of: of(),
                        },
                        Rows {
                            sql: "SELECT d.seq, f.at FROM direct d CROSS JOIN facts f ON f.seq = d.seq
                                  WHERE d.receiver_owner = ?2 AND d.sender_peer = ?3 AND d.seq >= ?1
                                  ORDER BY d.seq LIMIT 1",
                            of: of(),
                        },
                    ]
                };
                direct.peers.iter().flat_map(|peer| both_ways(peer)).collect()
            }
        };
        let mut place = self.end()?;
        for rows in rows {
            place = place.min(self.halve(&rows, place, &is_late)?);
        }
        Ok(row::seq_from(place))
    }

    /// Returns places outside of which nothing was said between two times. All of them when something was imported: its
    /// time is earlier than its place tells.
    pub(crate) fn places_between(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        end: Seq,
    ) -> rusqlite::Result<(Seq, Seq)> {
        let is_in_order: bool =
            self.connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM imported)", [], |row| row.get(0))?;
        if !is_in_order {
            return Ok((Seq::ZERO, end));
        }
        let rows = Rows { sql: "SELECT seq, at FROM facts WHERE seq >= ?1 ORDER BY seq LIMIT 1", of: Vec::new() };
        let place = |time| self.halve(&rows, self.end()?, |at| at >= time).map(row::seq_from);
        let from = since.map_or(Ok(Seq::ZERO), place)?;
        Ok((from, until.map_or(Ok(end), place)?.min(end)))
    }

    /// The place behind everything.
    fn end(&self) -> rusqlite::Result<i64> {
        self.connection.query_row("SELECT coalesce(max(seq), 0) + 1 FROM facts", [], |row| row.get(0))
    }

    /// Finds the first of these rows that is late enough; `end` when there is none before it.
    fn halve(&self, rows: &Rows<'_>, end: i64, is_late: impl Fn(Timestamp) -> bool) -> rusqlite::Result<i64> {
        let mut next = self.connection.prepare_cached(rows.sql)?;
        let mut row_from = |seq: i64| {
            let mut params: Vec<&dyn ToSql> = vec![&seq];
            params.extend(&rows.of);
            next.query_row(params.as_slice(), |row| Ok((row.get::<_, i64>(0)?, Timestamp(row.get(1)?)))).optional()
        };
        // Every row before `low` is too early; the first from `high` on is late enough, or there is none.
        let (mut low, mut high) = (0, end);
        while low < high {
            let middle = low + (high - low) / 2;
            match row_from(middle)? {
                Some((seq, at)) if !is_late(at) => low = seq + 1,
                _ => high = middle,
            }
        }
        Ok(row_from(low)?.map_or(end, |(seq, _)| seq))
    }
}
