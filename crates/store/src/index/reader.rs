//! The index as who searches holds it.

use std::sync::Arc;

use chat::ids::Seq;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{IndexPath, part_of};
use crate::queue::Shared;
use crate::row;

/// Opens the index when it is needed, and again when it was made anew.
pub(crate) struct IndexReader {
    path: IndexPath,
    shared: Arc<Shared>,
    /// With how often it had been made then.
    open: Option<(Connection, u64)>,
}

/// The index as it was at one moment.
pub(crate) struct Snapshot<'i> {
    connection: &'i Connection,
    /// All facts up to here are in it.
    pub(crate) through: Seq,
}

impl IndexReader {
    pub(crate) fn new(path: IndexPath, shared: Arc<Shared>) -> Self {
        Self { path, shared, open: None }
    }

    /// Has the index made anew, because it is damaged.
    pub(crate) fn tell_damage(&mut self) {
        self.open = None;
        self.shared.state().index_damaged = true;
        self.shared.indexer.ring();
    }

    /// Lets `search` look into the index as it is now; with `None` when there is none that can be read.
    pub(crate) fn look<T>(
        &mut self,
        search: impl FnOnce(Option<Snapshot<'_>>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let made = self.shared.state().index_made;
        if self.open.as_ref().is_some_and(|(_, open)| *open != made) {
            self.open = None;
        }
        if self.open.is_none() && made > 0 {
            self.open = self.path.read().ok().map(|connection| (connection, made));
        }
        let Some((connection, _)) = &self.open else { return search(None) };
        let transaction = connection.unchecked_transaction()?;
        let through = connection
            .prepare_cached("SELECT value FROM meta WHERE name = 'through'")
            .and_then(|mut through| through.query_row([], |row| row.get(0)).optional());
        let snapshot = through.ok().flatten().map(|through| Snapshot { connection, through: row::seq_from(through) });
        let found = search(snapshot)?;
        transaction.commit()?;
        Ok(found)
    }
}

impl Snapshot<'_> {
    /// Goes through the places `from..to` of messages that the expression fits, from the newest or from the oldest, until
    /// `take` says that it is enough. Between two parts it is asked too, with `None`.
    pub(crate) fn each(
        &self,
        expression: &str,
        from: Seq,
        to: Seq,
        newest: bool,
        mut take: impl FnMut(Option<Seq>) -> rusqlite::Result<bool>,
    ) -> rusqlite::Result<()> {
        let order = if newest { "DESC" } else { "ASC" };
        let last = Seq(to.0.saturating_sub(1));
        let sql = format!("SELECT number FROM parts WHERE number BETWEEN ?1 AND ?2 ORDER BY number {order}");
        let mut parts = self.connection.prepare_cached(&sql)?;
        let parts = parts.query_map([part_of(from), part_of(last)], |row| row.get(0))?;
        let parts = parts.collect::<rusqlite::Result<Vec<i64>>>()?;
        for part in parts {
            let sql = format!(
                "SELECT rowid FROM part_{part} WHERE part_{part} MATCH ?1 AND rowid BETWEEN ?2 AND ?3
                 ORDER BY rowid {order}"
            );
            let mut places = self.connection.prepare_cached(&sql)?;
            let mut places = places.query(params![expression, row::seq_column(from), row::seq_column(last)])?;
            while let Some(row) = places.next()? {
                if !take(Some(row::seq_from(row.get(0)?)))? {
                    return Ok(());
                }
            }
            if !take(None)? {
                return Ok(());
            }
        }
        Ok(())
    }
}
