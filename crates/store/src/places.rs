//! Where a time is in the log: by halving, for times never go back within a conversation.
//!
//! They may from one conversation to another: what was imported is older than what stands before it. Then it is noted that
//! they do, and each conversation is looked through by itself; else the whole log as one, which needs no index.

use chat::history::Conversation;
use chat::ids::Seq;
use chat::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, ToSql, Transaction};

use crate::channel_keys;
use crate::find::Finder;
use crate::row;

/// A statement that returns place and time of the first of some rows at or behind the place `?1`.
struct Rows<'a> {
    sql: &'static str,
    of: Vec<&'a dyn ToSql>,
}

/// All facts.
const ALL: Rows<'_> = Rows { sql: "SELECT seq, at FROM facts WHERE seq >= ?1 ORDER BY seq LIMIT 1", of: Vec::new() };

impl Finder<'_> {
    /// Finds the first place of a conversation whose time is late enough; behind everything when there is none.
    pub(crate) fn place_in(&self, of: &Conversation, is_late: impl Fn(Timestamp) -> bool) -> rusqlite::Result<Seq> {
        if !times_go_back(self.connection)? {
            return self.halve(&ALL, self.end()?, is_late).map(row::seq_from);
        }
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

    /// Returns places outside of which nothing was said between two times. All of them when times go back: a message may be
    /// earlier than its place tells.
    pub(crate) fn places_between(
        &self,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        end: Seq,
    ) -> rusqlite::Result<(Seq, Seq)> {
        if times_go_back(self.connection)? {
            return Ok((Seq::ZERO, end));
        }
        let place = |time| self.halve(&ALL, self.end()?, |at| at >= time).map(row::seq_from);
        let from = since.map_or(Ok(Seq::ZERO), place)?;
        Ok((from, until.map_or(Ok(end), place)?.min(end)))
    }

    /// The place behind everything.
    fn end(&self) -> rusqlite::Result<i64> {
        let newest = "SELECT coalesce(max(seq), 0) + 1 FROM facts";
        self.connection.prepare_cached(newest)?.query_row([], |row| row.get(0))
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

/// Tells whether something is, or was, earlier than what stands before it.
fn times_go_back(connection: &Connection) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT value FROM meta WHERE name = 'times_go_back'")?.query_row([], |row| row.get(0))
}

/// Notes that something is earlier than what stands before it.
pub(crate) fn note_that_times_go_back(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.prepare_cached("UPDATE meta SET value = 1 WHERE name = 'times_go_back'")?.execute([])?;
    Ok(())
}

/// From format 9 to 10: it is noted whether times go back.
pub(crate) fn note_whether_times_go_back(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "INSERT INTO meta SELECT 'times_go_back', EXISTS (
             SELECT 1 FROM (SELECT at, lag(at) OVER (ORDER BY seq) AS former FROM facts) WHERE at < former
         );",
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn a_store_of_before_is_looked_through_for_times_that_go_back() {
        for (times, expected) in [(vec![], false), (vec![1, 2, 2, 3], false), (vec![1, 3, 2, 4], true)] {
            let mut connection = Connection::open_in_memory().unwrap();
            connection.execute_batch(include_str!("schema.sql")).unwrap();
            let transaction = connection.transaction().unwrap();
            for at in &times {
                transaction
                    .execute(
                        "INSERT INTO facts (at, kind, data, row_check, chain) VALUES (?1, 'said', '{}', 0, 0)",
                        [at],
                    )
                    .unwrap();
            }
            note_whether_times_go_back(&transaction).unwrap();
            assert_eq!(times_go_back(&transaction).unwrap(), expected, "{times:?}");
        }
    }
}
