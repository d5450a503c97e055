//! Searching: what the index has, and what it does not have yet from the log itself; each looked up in the log.
//!
//! The answer is that of [`chat::history::memory`], whatever the index has: it only says where to look.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chat::history::{Directs, Found, Search};
use chat::ids::Seq;
use chat::reply::Kept;
use chat::time::Instant;
use irc::names::ChannelName;
use rusqlite::{ErrorCode, OptionalExtension as _, params};

use crate::find::Finder;
use crate::index::{Expression, IndexReader, Places, Snapshot};
use crate::row::{self, KEPT_COLUMNS, KeptRow};
use crate::step::Clock;

/// After so long a search is given up, and what was found is shown. No key: others' searches wait meanwhile.
pub(crate) const SEARCH_TIME_MAX: Duration = Duration::from_secs(2);

/// How many messages with the right words may be of other places before the index is asked for those of these places only: it
/// has to put together all that was said in each of them, which costs as much as some thousands of these.
const MISSES_MAX: usize = 2000;

impl Finder<'_> {
    /// Answers.
    pub(crate) fn search(&self, search: &Search, index: &mut IndexReader, clock: Clock<'_>) -> rusqlite::Result<Found> {
        // First the log, then the index as they are at one moment each: what changes between the two is found as it was
        // before, or as it was after.
        let snapshot = self.connection.unchecked_transaction()?;
        let (from, to) = self.places_between(search.since, search.until, search.before)?;
        let mut searching = Searching {
            finder: self,
            search,
            channels: search
                .channels
                .iter()
                .map(|(name, _)| Ok((self.key(name)?, name)))
                .collect::<rusqlite::Result<_>>()?,
            clock,
            until: clock() + SEARCH_TIME_MAX,
            changed: self.changed()?,
            found: BTreeMap::new(),
            misses: 0,
            given_up: false,
        };
        if from < to
            && let Err(error) = index.look(|index| searching.run(index.as_ref(), from, to))
        {
            let is_damage =
                matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase));
            if !is_damage {
                return Err(error);
            }
            tracing::error!(%error, "the index of words, or the log, is damaged");
            index.tell_damage();
            searching.found.clear();
            searching.run(None, from, to)?;
        }
        snapshot.commit()?;
        Ok(searching.answer())
    }

    /// Returns the messages that the index may have with former words. Of what was removed from the log's beginning, which may be
    /// much, nothing is shown anyway.
    fn changed(&self) -> rusqlite::Result<BTreeSet<Seq>> {
        let mut said = self
            .connection
            .prepare_cached("SELECT said FROM to_forget WHERE said >= (SELECT coalesce(min(seq), 0) FROM facts)")?;
        said.query_map([], |row| row.get(0).map(row::seq_from))?.collect()
    }
}

/// Reads a fact and the key of the channel that it was said in.
fn with_place(row: &rusqlite::Row<'_>) -> rusqlite::Result<(KeptRow, Option<String>)> {
    Ok((KeptRow::read(row)?, row.get("channel")?))
}

/// One search under way.
struct Searching<'a> {
    finder: &'a Finder<'a>,
    search: &'a Search,
    /// The channels that are searched, by their keys.
    channels: BTreeMap<String, &'a ChannelName>,
    clock: Clock<'a>,
    until: Instant,
    /// The messages that the index may have with former words.
    changed: BTreeSet<Seq>,
    found: BTreeMap<Seq, Kept>,
    /// Messages that were looked at in vain.
    misses: usize,
    given_up: bool,
}

impl Searching<'_> {
    /// Looks at places `from..to`, from the end that is wanted, until there is enough.
    fn run(&mut self, index: Option<&Snapshot<'_>>, from: Seq, to: Seq) -> rusqlite::Result<()> {
        let places = Places::of(self.channels.keys().map(String::as_str), &self.search.directs);
        let expression = Expression::of(self.search, self.finder.casemapping);
        if places.count() == 0 {
            return Ok(());
        }
        // One channel and no words: its last messages.
        let one_channel = self.channels.len() == 1 && self.search.directs == Directs::None;
        let index = index.filter(|_| expression.narrows() || !one_channel);
        let Some(index) = index else { return self.walk(from, to) };
        let behind = Seq(index.through.0 + 1).clamp(from, to);
        if self.search.oldest {
            self.look_up(index, &expression, &places, from, behind)?;
            self.walk(behind, to)?;
        } else {
            self.walk(behind, to)?;
            self.look_up(index, &expression, &places, from, behind)?;
        }
        // These beside what was enough without them.
        for seq in std::mem::take(&mut self.changed).range(from..behind) {
            self.look_at(*seq)?;
        }
        Ok(())
    }

    /// Looks into the index: first for the words wherever they were said, then, if that is in vain too often, in these
    /// places only.
    fn look_up(
        &mut self,
        index: &Snapshot<'_>,
        expression: &Expression,
        places: &Places,
        mut from: Seq,
        mut to: Seq,
    ) -> rusqlite::Result<()> {
        let newest = !self.search.oldest;
        self.misses = 0;
        if expression.narrows() && places.count() > 1 {
            let mut last = None;
            index.each(&expression.written(None), from, to, newest, |seq| {
                last = seq.or(last);
                self.take(seq).map(|more| more && self.misses < MISSES_MAX)
            })?;
            let Some(last) = last.filter(|_| self.misses >= MISSES_MAX) else { return Ok(()) };
            if newest {
                to = last;
            } else {
                from = Seq(last.0 + 1);
            }
        }
        if from < to && self.wants_more() {
            index.each(&expression.written(Some(places)), from, to, newest, |seq| self.take(seq))?;
        }
        Ok(())
    }

    /// Takes a place from the index; tells whether to go on.
    fn take(&mut self, seq: Option<Seq>) -> rusqlite::Result<bool> {
        if let Some(seq) = seq.filter(|seq| !self.changed.contains(seq)) {
            self.look_at(seq)?;
        }
        Ok(self.wants_more())
    }

    fn wants_more(&mut self) -> bool {
        if self.found.len() >= self.search.limit {
            return false;
        }
        self.given_up |= (self.clock)() >= self.until;
        !self.given_up
    }

    /// Looks at one message.
    fn look_at(&mut self, seq: Seq) -> rusqlite::Result<()> {
        let sql = format!("SELECT {KEPT_COLUMNS}, channel FROM facts WHERE seq = ?1 AND kind = 'said' AND text <> ''");
        let mut statement = self.finder.connection.prepare_cached(&sql)?;
        let row = statement
            .query_row([row::seq_column(seq)], |row| {
                // Most that are in vain are of another channel: then the rest need not be read.
                let channel = row.get_ref("channel")?.as_str_or_null()?;
                let is_there = channel.is_none_or(|channel| self.channels.contains_key(channel));
                is_there.then(|| with_place(row)).transpose()
            })
            .optional()?;
        self.consider(row.flatten())
    }

    /// Looks at a message and the key of its place: it is shown under the name that its channel has now.
    fn consider(&mut self, row: Option<(KeptRow, Option<String>)>) -> rusqlite::Result<()> {
        let (row, place) = row.unzip();
        let kept = row.map_or(Ok(None), |row| self.finder.kept(row))?;
        let channel = place.flatten().and_then(|place| self.channels.get(&place).copied());
        let kept = kept.and_then(|kept| {
            let message = self.search.under_its_name(Arc::clone(&kept.message), |name| Some(name) == channel)?;
            Some(Kept { message, ..kept })
        });
        let fits = |kept: &Kept| self.search.fits(kept.id.seq, kept.at, &kept.message, self.finder.casemapping);
        match kept.filter(fits) {
            Some(kept) => drop(self.found.insert(kept.id.seq, kept)),
            None => self.misses += 1,
        }
        Ok(())
    }

    /// Looks at every message of the places `from..to`.
    fn walk(&mut self, from: Seq, to: Seq) -> rusqlite::Result<()> {
        if from >= to || !self.wants_more() {
            return Ok(());
        }
        let order = if self.search.oldest { "ASC" } else { "DESC" };
        let only = match self.channels.first_key_value() {
            Some((channel, _)) if self.channels.len() == 1 && self.search.directs == Directs::None => {
                Some(channel.clone())
            }
            _ => None,
        };
        let within = if only.is_some() { "channel = ?3 AND" } else { "?3 IS NULL AND" };
        let sql = format!(
            "SELECT {KEPT_COLUMNS}, channel FROM facts
             WHERE {within} seq >= ?1 AND seq < ?2 AND kind = 'said' AND text <> '' ORDER BY seq {order}"
        );
        let mut statement = self.finder.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![row::seq_column(from), row::seq_column(to), only])?;
        while self.wants_more()
            && let Some(row) = rows.next()?
        {
            self.consider(Some(with_place(row)?))?;
        }
        Ok(())
    }

    /// Returns as many as are wanted, from the end that is wanted, oldest first.
    fn answer(self) -> Found {
        let mut messages: Vec<Kept> = self.found.into_values().collect();
        if self.search.oldest {
            messages.truncate(self.search.limit);
        } else {
            messages.drain(..messages.len().saturating_sub(self.search.limit));
        }
        Found::Search { messages, given_up: self.given_up }
    }
}
