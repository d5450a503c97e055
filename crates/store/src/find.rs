//! What the reader thread looks up: pages of a conversation, the newest of all conversations, one message.
//!
//! Every statement goes along an index and is stepped only as far as its answer needs.

use std::sync::Arc;

use chat::event::{Event, MessageKind};
use chat::fact::Fact;
use chat::features::edit;
use chat::history::memory::said_event;
use chat::history::{Conversation, Direct, Found, Gap, Kinds, Page, Party, Point, Query, Targets, Whom};
use chat::ids::{LogId, MsgId, Seq};
use chat::reply::Kept;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use irc::names::{CHANNEL_PREFIX, ChannelName};
use rusqlite::{Connection, OptionalExtension as _, Params, params};

use crate::row::{self, KEPT_COLUMNS, KeptRow};
use crate::{channel_keys, delivery};

/// The most people of one owner's conversations that are looked through for their newest message.
const PEERS_MAX: usize = 10_000;

/// The connection that reads, and what its rows mean.
pub(crate) struct Finder<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) log_id: LogId,
    pub(crate) casemapping: CaseMapping,
}

/// Places from one up to another, excluded, and from which end.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) from: Seq,
    pub(crate) to: Seq,
    pub(crate) newest: bool,
}

impl Range {
    fn order(self) -> &'static str {
        if self.newest { "DESC" } else { "ASC" }
    }
}

impl Finder<'_> {
    /// Answers.
    pub(crate) fn find(&self, query: &Query) -> rusqlite::Result<Found> {
        Ok(match query {
            Query::Page(page) if !page.span.is_of(self.log_id) => Found::NoSuchMessage,
            Query::Page(page) => {
                let (entries, is_end) = page.find(
                    |point| self.gap(&page.of, point),
                    |from, to, newest, most| self.read(page, Range { from, to, newest }, most),
                )?;
                Found::Page { entries, is_end }
            }
            Query::Targets(targets) => {
                let (targets, is_end) = targets.choose(self.conversations(targets)?);
                Found::Targets { targets, is_end }
            }
            Query::Search(_) => unreachable!("searches are answered with the index"),
            Query::Since(since) => self.since(since)?,
            Query::Delivery { id, before } => {
                Found::Delivery(delivery::find(self.connection, self.log_id, id, *before)?)
            }
            Query::Message { id, within, before } => {
                Found::Message(self.message(*id, within.as_ref())?.filter(|kept| kept.id.seq < *before))
            }
        })
    }

    fn gap(&self, of: &Conversation, point: Point) -> rusqlite::Result<Gap> {
        match point {
            Point::Message(id) => Ok(Gap { first: id.seq, behind: Seq(id.seq.0.saturating_add(1)) }),
            Point::Time(time) => {
                Ok(Gap { first: self.place_in(of, |at| at >= time)?, behind: self.place_in(of, |at| at > time)? })
            }
        }
    }

    /// Reads at most so many entries, oldest first.
    fn read(&self, page: &Page, range: Range, most: usize) -> rusqlite::Result<Vec<Event>> {
        let mut entries = match &page.of {
            Conversation::Channel(channel) => self.in_channel(channel, page.kinds, range, most)?,
            Conversation::Direct(direct) => self.said_between(direct, page.kinds, range, most)?,
        };
        entries.sort_by_key(|event| event.id);
        if range.newest {
            entries.drain(..entries.len().saturating_sub(most));
        } else {
            entries.truncate(most);
        }
        Ok(entries)
    }

    /// Reads at most so many entries of a channel of each sort, in no order.
    pub(crate) fn in_channel(
        &self,
        channel: &ChannelName,
        kinds: Kinds,
        range: Range,
        most: usize,
    ) -> rusqlite::Result<Vec<Event>> {
        let key = self.key(channel)?;
        let mut entries = self.said_in(&key, kinds, range, most)?;
        if kinds.events {
            entries.extend(self.happened_in(&key, range, most)?);
        }
        Ok(entries)
    }

    fn said_in(&self, channel: &str, kinds: Kinds, range: Range, most: usize) -> rusqlite::Result<Vec<Event>> {
        let sql = format!(
            "SELECT {KEPT_COLUMNS}, {} FROM facts WHERE channel = ?1 AND seq >= ?2 AND seq < ?3 AND {} ORDER BY seq {}",
            row::newest_edit_of("facts.seq"),
            texts(kinds, "text"),
            range.order()
        );
        self.messages(&sql, params![channel, row::seq_column(range.from), row::seq_column(range.to)], kinds, most)
    }

    fn said_between(&self, direct: &Direct, kinds: Kinds, range: Range, most: usize) -> rusqlite::Result<Vec<Event>> {
        let mut entries = Vec::new();
        let (from, to) = (row::seq_column(range.from), row::seq_column(range.to));
        for peer in &direct.peers {
            // What somebody says to themself is found as sent.
            for who in [
                "d.sender_owner = ?1 AND d.receiver_peer = ?2",
                "d.receiver_owner = ?1 AND d.sender_peer = ?2 AND d.sender_owner <> ?1",
            ] {
                let sql = format!(
                    "SELECT {}, {} FROM direct d CROSS JOIN facts f ON f.seq = d.seq
                     WHERE {who} AND d.seq >= ?3 AND d.seq < ?4 AND {} ORDER BY d.seq {}",
                    row::kept_columns_of("f"),
                    row::newest_edit_of("d.seq"),
                    texts(kinds, "f.text"),
                    range.order()
                );
                entries.extend(self.messages(&sql, params![direct.owner, peer, from, to], kinds, most)?);
            }
        }
        Ok(entries)
    }

    /// Steps through messages until there are enough. Behind [`KEPT_COLUMNS`] stands [`row::newest_edit_of`].
    pub(crate) fn messages(
        &self,
        sql: &str,
        params: impl Params,
        kinds: Kinds,
        most: usize,
    ) -> rusqlite::Result<Vec<Event>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut found = Vec::new();
        while found.len() < most
            && let Some(row) = rows.next()?
        {
            let kept = self.kept_with_edit(KeptRow::read(row)?, row.get(8)?)?;
            let Some(Kept { id, at, message }) = kept else { continue };
            if kinds.tagmsgs || message.how != MessageKind::Tagmsg {
                found.push(said_event(id, at, &message));
            }
        }
        Ok(found)
    }

    fn happened_in(&self, channel: &str, range: Range, most: usize) -> rusqlite::Result<Vec<Event>> {
        let sql = format!(
            "SELECT h.seq, h.at, h.data, h.text, h.text_check, h.row_check FROM happenings_of_channel c CROSS JOIN happenings h ON h.seq = c.seq
             WHERE c.channel = ?1 AND c.seq >= ?2 AND c.seq < ?3 ORDER BY c.seq {}",
            range.order()
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![channel, row::seq_column(range.from), row::seq_column(range.to)])?;
        let mut found = Vec::new();
        while found.len() < most
            && let Some(row) = rows.next()?
        {
            let (seq, at) = (row::seq_from(row.get(0)?), Timestamp(row.get(1)?));
            let Some(happening) = row::happening(row)? else {
                tracing::error!(seq = seq.0, "what happened is not as it was written, and is not shown");
                continue;
            };
            found.push(happening.event(self.id(seq), at));
        }
        Ok(found)
    }

    /// Returns the message with its newest words, when it is whole.
    pub(crate) fn kept(&self, row: KeptRow) -> rusqlite::Result<Option<Kept>> {
        let newest_edit = self
            .connection
            .prepare_cached(&format!("SELECT {}", row::newest_edit_of("?1")))?
            .query_row([row::seq_column(row.seq)], |row| row.get(0))?;
        self.kept_with_edit(row, newest_edit)
    }

    fn kept_with_edit(&self, row: KeptRow, newest_edit: Option<i64>) -> rusqlite::Result<Option<Kept>> {
        let (seq, at) = (row.seq, row.at);
        let message = match row.fact() {
            Some(Fact::Said { message, .. }) => message,
            Some(_) => return Ok(None),
            None => {
                tracing::error!(seq = seq.0, "a message is not as it was written, and is not shown");
                return Ok(None);
            }
        };
        let words = newest_edit.map_or(Ok(None), |edit| self.words_of_edit(edit))?;
        let message = match words {
            Some((edit, text)) => Arc::new(edit::with_newest(&message, edit, text)),
            None => message,
        };
        Ok(Some(Kept { id: self.id(seq), at, message }))
    }

    /// Reads the words that an edit gave to a message, unless they were erased.
    fn words_of_edit(&self, edit: i64) -> rusqlite::Result<Option<(MsgId, Arc<str>)>> {
        let sql = format!("SELECT {KEPT_COLUMNS} FROM facts WHERE seq = ?1 AND text IS NOT NULL");
        let row = self.connection.prepare_cached(&sql)?.query_row([edit], KeptRow::read).optional()?;
        let Some(row) = row else { return Ok(None) };
        let seq = row.seq;
        if let Some(Fact::Edited { message, .. }) = row.fact() {
            return Ok(Some((self.id(seq), Arc::clone(&message.text))));
        }
        tracing::error!(seq = seq.0, "an edit is not as it was written; the words before it are shown");
        Ok(None)
    }

    pub(crate) fn key(&self, channel: &ChannelName) -> rusqlite::Result<String> {
        channel_keys::key(self.connection, channel.folded(self.casemapping).as_str())
    }

    pub(crate) fn id(&self, seq: Seq) -> MsgId {
        MsgId { log: self.log_id, seq }
    }

    fn message(&self, id: MsgId, within: Option<&ChannelName>) -> rusqlite::Result<Option<Kept>> {
        if id.log != self.log_id {
            return Ok(None);
        }
        if let Some(channel) = within {
            let said_in: Option<String> = self
                .connection
                .prepare_cached("SELECT channel FROM facts WHERE seq = ?1 AND channel IS NOT NULL")?
                .query_row([row::seq_column(id.seq)], |row| row.get(0))
                .optional()?;
            let key = self.key(channel)?;
            let is_there =
                said_in.is_some_and(|place| place.trim_start_matches(|symbol| symbol != CHANNEL_PREFIX) == key);
            if !is_there {
                return Ok(None);
            }
        }
        let sql = format!("SELECT {KEPT_COLUMNS} FROM facts WHERE seq = ?1 AND kind = 'said' AND text IS NOT NULL");
        let row =
            self.connection.prepare_cached(&sql)?.query_row([row::seq_column(id.seq)], KeptRow::read).optional()?;
        row.map_or(Ok(None), |row| self.kept(row))
    }

    /// Finds the newest message of each conversation.
    fn conversations(&self, targets: &Targets) -> rusqlite::Result<Vec<(Whom, Timestamp, Seq)>> {
        let mut found = Vec::new();
        for (channel, visible_from) in &targets.channels {
            let newest = self
                .connection
                .prepare_cached(
                    "SELECT seq, at FROM facts WHERE channel = ?1 AND seq >= ?2 AND seq < ?3 AND text <> ''
                     ORDER BY seq DESC LIMIT 1",
                )?
                .query_row(
                    params![self.key(channel)?, row::seq_column(*visible_from), row::seq_column(targets.before)],
                    |row| Ok((row::seq_from(row.get(0)?), Timestamp(row.get(1)?))),
                )
                .optional()?;
            found.extend(newest.map(|(seq, at)| (Whom::Channel(channel.clone()), at, seq)));
        }
        for peer in self.peers(&targets.owner)? {
            let newest = self.newest_with(&targets.owner, &peer, targets.before)?;
            let account = || Party::account_of(&peer).map(Box::from);
            found.extend(newest.map(|(seq, at, nick)| (Whom::Person { account: account(), nick }, at, seq)));
        }
        Ok(found)
    }

    /// Finds all whom somebody has exchanged messages with: from one key to the next, not through all messages.
    fn peers(&self, owner: &str) -> rusqlite::Result<Vec<String>> {
        let mut peers = std::collections::BTreeSet::new();
        for (own, other) in [("sender_owner", "receiver_peer"), ("receiver_owner", "sender_peer")] {
            let mut next = self.connection.prepare_cached(&format!(
                "SELECT {other} FROM direct WHERE {own} = ?1 AND {other} > ?2 ORDER BY {other} LIMIT 1"
            ))?;
            let mut last = String::new();
            while peers.len() < PEERS_MAX
                && let Some(peer) = next.query_row([owner, last.as_str()], |row| row.get::<_, String>(0)).optional()?
            {
                last.clone_from(&peer);
                peers.insert(peer);
            }
        }
        Ok(peers.into_iter().collect())
    }

    fn newest_with(
        &self,
        owner: &str,
        peer: &str,
        before: Seq,
    ) -> rusqlite::Result<Option<(Seq, Timestamp, Box<str>)>> {
        let mut newest = None;
        for (own, other, nick) in
            [("sender_owner", "receiver_peer", "receiver_nick"), ("receiver_owner", "sender_peer", "sender_nick")]
        {
            let found = self
                .connection
                .prepare_cached(&format!(
                    "SELECT d.seq, f.at, d.{nick} FROM direct d CROSS JOIN facts f ON f.seq = d.seq
                     WHERE d.{own} = ?1 AND d.{other} = ?2 AND d.seq < ?3 AND f.text <> '' ORDER BY d.seq DESC LIMIT 1"
                ))?
                .query_row(params![owner, peer, row::seq_column(before)], |row| {
                    Ok((row::seq_from(row.get(0)?), Timestamp(row.get(1)?), row.get::<_, String>(2)?.into()))
                })
                .optional()?;
            newest = newest.max(found);
        }
        Ok(newest)
    }
}

/// Says which texts are wanted: those that are not erased and, unless messages of tags alone are wanted too, not empty.
fn texts(kinds: Kinds, column: &str) -> String {
    if kinds.tagmsgs { format!("{column} IS NOT NULL") } else { format!("{column} <> ''") }
}
