//! Moving the write-ahead log into the database, off the commit path: in the writer it made tails of 15 to 20 ms.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use crate::queue::{Shared, Stage};

/// Pages of 4096 bytes in the write-ahead log (4 MiB) after which they are moved, beside the commits.
const PASSIVE_PAGES: u64 = 1024;

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

/// The checkpoint thread's state.
pub(crate) struct Checkpointer {
    shared: Arc<Shared>,
    connection: Connection,
}

impl Checkpointer {
    pub(crate) fn new(shared: Arc<Shared>, connection: Connection) -> Self {
        Self { shared, connection }
    }

    /// Works until the writer has ended; then empties the write-ahead log.
    pub(crate) fn run(self) {
        let mut pages_next = PASSIVE_PAGES;
        while self.wait(pages_next) {
            match self.pass() {
                Ok(next) => pages_next = next,
                Err(error) => {
                    tracing::warn!(%error, "cannot move the write-ahead log into the database; trying again");
                    let ending = self
                        .shared
                        .checkpoint
                        .wait_timeout_while(self.shared.state(), RETRY, |state| state.stage < Stage::WriterEnded);
                    drop(ending);
                }
            }
        }
        let last = self.connection.busy_timeout(LAST_WAIT).and_then(|()| self.checkpoint("TRUNCATE"));
        match last {
            Ok(Done { busy: false, .. }) => {}
            Ok(_) => tracing::info!("the write-ahead log is in use; it is looked through at the next start"),
            Err(error) => {
                tracing::warn!(%error, "cannot empty the write-ahead log; it is looked through at the next start");
            }
        }
    }

    /// Waits until the write-ahead log has so many pages; `false`: the writer has ended.
    fn wait(&self, pages: u64) -> bool {
        let waiting = self
            .shared
            .checkpoint
            .wait_while(self.shared.state(), |state| state.stats.wal_pages < pages && state.stage < Stage::WriterEnded);
        waiting.unwrap_or_else(PoisonError::into_inner).stage < Stage::WriterEnded
    }

    /// Moves what is there; returns at how many pages to do it again.
    fn pass(&self) -> rusqlite::Result<u64> {
        let mut done = self.checkpoint("PASSIVE")?;
        if done.pages >= RESTART_PAGES {
            done = self.while_the_writer_pauses(|| self.checkpoint("RESTART"))?;
        }
        let mut state = self.shared.state();
        state.stats.checkpoints += 1;
        let all_moved = !done.busy && done.pages == done.moved && state.stats.wal_pages <= done.pages;
        if all_moved {
            // The next commit starts the file anew and says how long it is then.
            state.stats.wal_pages = 0;
            return Ok(PASSIVE_PAGES);
        }
        Ok(state.stats.wal_pages + PASSIVE_PAGES)
    }

    fn while_the_writer_pauses<T>(&self, work: impl FnOnce() -> T) -> T {
        let mut state = self.shared.state();
        state.checkpoint_waits = true;
        drop(self.shared.written.wait_while(state, |state| state.writing));
        let result = work();
        self.shared.state().checkpoint_waits = false;
        self.shared.written.notify_all();
        result
    }

    fn checkpoint(&self, mode: &str) -> rusqlite::Result<Done> {
        self.connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
            let pages = |column| row.get::<_, i64>(column).map(|pages| u64::try_from(pages).unwrap_or(0));
            Ok(Done { busy: row.get::<_, i64>(0)? != 0, pages: pages(1)?, moved: pages(2)? })
        })
    }
}
