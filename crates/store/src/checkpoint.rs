//! Moving the write-ahead log into the database, off the commit path: in the writer it made tails of 15 to 20 ms.

use std::sync::Arc;
use std::time::Duration;

use chat::time::Instant;
use rusqlite::Connection;

use crate::queue::{Shared, Stage};
use crate::step::{Clock, Next, Part};

/// Pages of 4096 bytes in the write-ahead log (4 MiB) after which they are moved, beside the commits.
pub(crate) const PASSIVE_PAGES: u64 = 1024;

/// Pages (32 MiB) after which the writer pauses until the rest has been moved too, so that the file starts anew.
/// Under load there are always newer pages, and without a pause the file would grow for ever.
const RESTART_PAGES: u64 = 8192;

/// How long to wait after a checkpoint that failed.
const RETRY: Duration = Duration::from_secs(1);

/// How long the last checkpoint waits for readers that are about to end.
const LAST_WAIT: Duration = Duration::from_millis(500);

/// What a checkpoint has done.
struct Done {
    /// A reader or another program was in the way.
    busy: bool,
    /// Pages in the write-ahead log.
    pages: u64,
    /// Those of them that are in the database.
    moved: u64,
}

/// Moves pages when the write-ahead log is long enough, until the writer has ended; then empties it.
pub(crate) struct Checkpointer {
    shared: Arc<Shared>,
    connection: Connection,
    /// After a checkpoint that failed: when to try again.
    retry_at: Option<Instant>,
    /// The writer was asked to pause, so that the file can start anew.
    restarting: bool,
}

impl Part for Checkpointer {
    fn step(&mut self, clock: Clock<'_>) -> Next {
        let state = self.shared.state();
        if state.stage >= Stage::WriterEnded {
            drop(state);
            self.empty();
            return Next::Ended;
        }
        match self.retry_at {
            Some(at) if clock() < at => return Next::BellOr(at),
            _ => self.retry_at = None,
        }
        let waits = if self.restarting { state.writing } else { state.stats.wal_pages < state.checkpoint_at };
        if waits {
            return Next::Bell;
        }
        drop(state);
        if let Err(error) = self.pass() {
            tracing::warn!(%error, "cannot move the write-ahead log into the database; trying again");
            self.retry_at = Some(clock() + RETRY);
        }
        Next::Step
    }
}

impl Checkpointer {
    pub(crate) fn new(shared: Arc<Shared>, connection: Connection) -> Self {
        Self { shared, connection, retry_at: None, restarting: false }
    }

    /// Moves what is there, and notes when to do it again.
    fn pass(&mut self) -> rusqlite::Result<()> {
        let restarted = std::mem::take(&mut self.restarting);
        let done = if restarted {
            let done = self.checkpoint("RESTART");
            self.shared.state().checkpoint_waits = false;
            self.shared.writer.ring();
            done?
        } else {
            self.checkpoint("PASSIVE")?
        };
        let mut state = self.shared.state();
        if !restarted && done.pages >= RESTART_PAGES {
            self.restarting = true;
            state.checkpoint_waits = true;
            return Ok(());
        }
        state.stats.checkpoints += 1;
        let all_moved = !done.busy && done.pages == done.moved && state.stats.wal_pages <= done.pages;
        if all_moved {
            // The next commit starts the file anew and says how long it is then.
            state.stats.wal_pages = 0;
        }
        state.checkpoint_at = state.stats.wal_pages + PASSIVE_PAGES;
        Ok(())
    }

    /// Moves all that is left.
    fn empty(&self) {
        match self.connection.busy_timeout(LAST_WAIT).and_then(|()| self.checkpoint("TRUNCATE")) {
            Ok(Done { busy: false, .. }) => {}
            Ok(_) => tracing::info!("the write-ahead log is in use; it is looked through at the next start"),
            Err(error) => {
                tracing::warn!(%error, "cannot empty the write-ahead log; it is looked through at the next start");
            }
        }
    }

    fn checkpoint(&self, mode: &str) -> rusqlite::Result<Done> {
        self.connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
            let pages = |column| row.get::<_, i64>(column).map(|pages| u64::try_from(pages).unwrap_or(0));
            Ok(Done { busy: row.get::<_, i64>(0)? != 0, pages: pages(1)?, moved: pages(2)? })
        })
    }
}
