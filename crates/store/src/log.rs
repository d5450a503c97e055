//! The log as the hall's thread holds it: gives facts their place at once, and hands each turn's batch to the writer.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

use chat::fact::Fact;
use chat::history::Happening;
use chat::ids::Seq;
use chat::rows::RowChange;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use thiserror::Error;

use crate::import::Page;
use crate::news::{News, Stats};
use crate::open::Durability;
use crate::queue::{Item, Shared, Stage, WAITING_BYTES_MAX, WAITING_FACTS_MAX};
use crate::reader::Desk;
use crate::removal::Keep;
use crate::said::Draft;
use crate::writer::GROUP_FACTS_MAX;

/// How long closing waits for the disk: the program has five seconds to stop.
const CLOSE_WAIT: Duration = Duration::from_secs(3);

/// Why the last facts may not be in the file.
#[derive(Debug, Error)]
pub enum CloseError {
    /// The disk took them no more.
    #[error("{facts} facts could not be written: {why}")]
    Lost {
        /// How many.
        facts: u64,
        /// What the disk said.
        why: Arc<str>,
    },
    /// The disk did not answer in time.
    #[error("the disk did not answer within {} seconds; {facts} facts are not known to be written", CLOSE_WAIT.as_secs())]
    Slow {
        /// How many.
        facts: u64,
    },
    /// The thread that writes has died.
    #[error("the thread that writes the log has died")]
    Died,
}

/// The log's end on the hall's thread. Dropped without [`EmbeddedLog::close`], its threads still write what was flushed.
pub struct EmbeddedLog {
    shared: Arc<Shared>,
    desk: Arc<Desk>,
    durability: Durability,
    last: Seq,
    last_at: Timestamp,
    /// Whether what people say is kept.
    history: bool,
    batch: Vec<Item>,
    /// Where the batch's messages become rows.
    draft: Draft,
    batch_bytes: usize,
    /// With `Durability::Memory`: through which fact the hall was told.
    told: Seq,
    /// None with a driver that steps the workers itself.
    threads: Vec<JoinHandle<()>>,
    /// Each worker holds a sender; when all are gone, all have ended.
    ended: Receiver<()>,
}

impl std::fmt::Debug for EmbeddedLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddedLog")
            .field("last", &self.last)
            .field("batch", &self.batch.len())
            .finish_non_exhaustive()
    }
}

/// What a log is made of.
pub(crate) struct Parts {
    pub(crate) shared: Arc<Shared>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) durability: Durability,
    pub(crate) casemapping: CaseMapping,
    pub(crate) history: bool,
    pub(crate) last: Seq,
    pub(crate) last_at: Timestamp,
    pub(crate) ended: Receiver<()>,
}

impl EmbeddedLog {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts { shared, desk, durability, casemapping, history, last, last_at, ended } = parts;
        Self {
            shared,
            desk,
            durability,
            last,
            last_at,
            history,
            batch: Vec::new(),
            draft: Draft::new(casemapping),
            batch_bytes: 0,
            told: last,
            threads: Vec::new(),
            ended,
        }
    }

    /// Takes the threads of the workers, to wait for them when it is closed.
    pub(crate) fn take_thread(&mut self, thread: JoinHandle<()>) {
        self.threads.push(thread);
    }

    /// Gives a fact its place and its time, never earlier than that of the fact before. It waits in the turn's batch.
    pub fn order(&mut self, fact: Arc<Fact>, now: Timestamp) -> (Seq, Timestamp) {
        self.last = Seq(self.last.0 + 1);
        self.last_at = self.last_at.max(now);
        let item = self.item(fact);
        self.put(item);
        (self.last, self.last_at)
    }

    /// Makes what the writer is given of the newest fact.
    fn item(&mut self, fact: Arc<Fact>) -> Item {
        let (seq, at) = (self.last, self.last_at);
        if !self.history && matches!(*fact, Fact::Said { delivery: None, .. }) {
            return Item::Place { seq };
        }
        match self.draft.row(seq, at, &fact) {
            Some(row) => Item::Said { seq, at, row },
            None => Item::Fact { seq, at, fact },
        }
    }

    /// Gives what was said elsewhere its places; each message keeps the time at which it was said. It is written like facts,
    /// but nobody hears of it.
    pub fn take_in(&mut self, page: Page) {
        let items;
        (items, self.last) = page.placed(self.last);
        for item in items {
            self.put(item);
        }
    }

    /// Keeps a row, or lets it be gone, in the same commit as the fact that was ordered last in this turn.
    pub fn keep(&mut self, change: RowChange) {
        self.put(Item::Row(Box::new(change)));
    }

    /// Keeps what people saw of a fact of this turn, in the same commit.
    pub fn file(&mut self, seq: Seq, at: Timestamp, happening: Box<Happening>) {
        self.put(Item::Happening { seq, at, happening });
    }

    /// Removes what is not to be kept, in small steps beside the commits. What may stay depends on the time, so this is to
    /// be asked again and again; it does nothing but note what is asked.
    pub fn keep_only(&mut self, keep: Keep) {
        let mut state = self.shared.state();
        state.keep = keep;
        state.removal_asked = keep.is_bounded();
        let asked = state.removal_asked;
        drop(state);
        if asked {
            self.shared.writer.ring();
        }
    }

    fn put(&mut self, item: Item) {
        self.batch_bytes += item.bytes();
        self.batch.push(item);
    }

    /// Ends a turn: hands its batch to the writer. Does nothing when the batch is empty.
    pub fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        self.draft.end_turn();
        let facts = self.batch.iter().filter(|item| item.is_fact()).count();
        let mut state = self.shared.state();
        let gathers = self.durability == Durability::Memory && !state.queue.is_empty();
        state.queue.extend(self.batch.drain(..));
        state.queued_facts += facts;
        state.stats.waiting_facts += facts as u64;
        state.stats.waiting_bytes += self.batch_bytes as u64;
        let is_group = state.queued_facts >= GROUP_FACTS_MAX;
        drop(state);
        self.batch_bytes = 0;
        // A writer that lets facts gather has been told of the first one: waking it for each turn would cost more than the turn.
        if !gathers || is_group {
            self.shared.writer.ring();
        }
    }

    /// Returns what the log has to tell, in order. The wake function is called when there is something new; with
    /// [`Durability::Memory`], what this turn ordered is committed at once, so ask after every turn.
    pub fn news(&mut self) -> impl Iterator<Item = News> + use<> {
        let mut news = std::mem::take(&mut self.shared.state().news);
        if self.durability == Durability::Memory {
            // Here "committed" means taken: the writer's own word comes too late to be of use.
            news.retain(|item| !matches!(item, News::Committed(_)));
            if self.told < self.last {
                self.told = self.last;
                news.push(News::Committed(self.last));
            }
        }
        news.into_iter()
    }

    /// Tells whether so much waits for the disk that the event loop should read nothing more from its sockets.
    pub fn is_full(&self) -> bool {
        let stats = self.shared.state().stats;
        let facts = usize::try_from(stats.waiting_facts).unwrap_or(usize::MAX);
        let bytes = usize::try_from(stats.waiting_bytes).unwrap_or(usize::MAX);
        facts.saturating_add(self.batch.len()) >= WAITING_FACTS_MAX
            || bytes.saturating_add(self.batch_bytes) >= WAITING_BYTES_MAX
    }

    /// Returns the place of the fact that was ordered last.
    pub fn last(&self) -> Seq {
        self.last
    }

    /// Returns the counts.
    pub fn stats(&self) -> Stats {
        let state = self.shared.state();
        Stats { unindexed_facts: state.written.0.saturating_sub(state.indexed.0), ..state.stats }
    }

    /// Asks the workers to write all that waits, to move it from the write-ahead log into the database and to end. A
    /// driver without threads calls it, steps them until they have ended, lets go of them, and then calls
    /// [`Self::close`].
    pub fn ask_to_end(&mut self) {
        self.flush();
        self.stop();
    }

    /// Writes all that waits, moves it from the write-ahead log into the database and ends the threads. Waits three
    /// seconds at most. News that comes of it can be fetched no more.
    ///
    /// # Errors
    ///
    /// When facts are not, or not known to be, in the file.
    pub fn close(mut self) -> Result<(), CloseError> {
        self.ask_to_end();
        match self.ended.recv_timeout(CLOSE_WAIT) {
            Err(RecvTimeoutError::Disconnected) | Ok(()) => {}
            Err(RecvTimeoutError::Timeout) => {
                return Err(CloseError::Slow { facts: self.shared.state().stats.waiting_facts });
            }
        }
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                return Err(CloseError::Died);
            }
        }
        let state = self.shared.state();
        match state.stats.waiting_facts {
            0 => Ok(()),
            facts => {
                let why = state.refusal.clone().unwrap_or_else(|| "the writer has ended".into());
                Err(CloseError::Lost { facts, why })
            }
        }
    }

    fn stop(&self) {
        let mut state = self.shared.state();
        state.stage = state.stage.max(Stage::Closing);
        drop(state);
        self.shared.writer.ring();
        self.desk.close();
    }
}

impl Drop for EmbeddedLog {
    fn drop(&mut self) {
        self.flush();
        self.stop();
    }
}
