//! Searching: the messages that fit, from one end of the log to the other.

use chat::history::{Found, Search};
use chat::ids::Seq;
use chat::reply::Kept;
use rusqlite::params;

use crate::find::Finder;
use crate::row::{self, KEPT_COLUMNS, KeptRow};

impl Finder<'_> {
    /// Answers.
    pub(crate) fn search(&self, search: &Search) -> rusqlite::Result<Found> {
        let from = search.since.map_or(Ok(Seq::ZERO), |since| self.first_place(|at| at >= since))?;
        let to = search.until.map_or(Ok(search.before), |until| self.first_place(|at| at >= until))?;
        let mut messages = self.walk(search, from, to.min(search.before))?;
        messages.sort_by_key(|kept| kept.id);
        Ok(Found::Search { messages, given_up: false })
    }

    /// Looks at every message between two places.
    fn walk(&self, search: &Search, from: Seq, to: Seq) -> rusqlite::Result<Vec<Kept>> {
        let order = if search.oldest { "ASC" } else { "DESC" };
        let sql = format!(
            "SELECT {KEPT_COLUMNS} FROM facts
             WHERE seq >= ?1 AND seq < ?2 AND kind = 'said' AND text <> '' ORDER BY seq {order}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![row::seq_column(from), row::seq_column(to)])?;
        let mut found = Vec::new();
        while found.len() < search.limit
            && let Some(row) = rows.next()?
        {
            let kept = self.kept(KeptRow::read(row)?)?;
            found.extend(kept.filter(|kept| search.fits(kept.id.seq, kept.at, &kept.message, self.casemapping)));
        }
        Ok(found)
    }
}
