//! What the parts share: facts that wait for the writer, and the news that it has for the hall.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chat::fact::Fact;
use chat::history::Happening;
use chat::ids::Seq;
use chat::rows::RowChange;
use chat::time::Timestamp;

use crate::checkpoint::PASSIVE_PAGES;
use crate::import::Appended;
use crate::index::HandedOver;
use crate::news::{News, Stats};
use crate::removal::Keep;
use crate::said::SaidRow;
use crate::step::Bell;

/// The most facts that may wait; over it the event loop stops reading. A turn's batch may go a little over.
pub(crate) const WAITING_FACTS_MAX: usize = 65_536;

/// The most bytes that may wait; over it the event loop stops reading.
pub(crate) const WAITING_BYTES_MAX: usize = 32 << 20;

/// About what a fact costs beside its text: the value, its place in the queue, names and host.
const FACT_BYTES: usize = 256;

/// About what a happening costs beside its text and channels.
const HAPPENING_BYTES: usize = 512;

/// About what a channel's name costs.
const NAME_BYTES: usize = 64;

/// One thing that the writer is to write.
#[derive(Debug)]
pub(crate) enum Item {
    /// A fact in its place.
    Fact { seq: Seq, at: Timestamp, fact: Arc<Fact> },
    /// What was said in a channel, as the row it becomes.
    Said { seq: Seq, at: Timestamp, row: SaidRow },
    /// What was said where nothing of it is kept, but that its place was given.
    Place { seq: Seq },
    /// Something that was said elsewhere: whether it is kept at this place is decided when it is written.
    Imported { seq: Seq, message: Box<Appended> },
    /// A row as the fact before it has left it.
    Row(Box<RowChange>),
    /// What people saw of the fact at this place.
    Happening { seq: Seq, at: Timestamp, happening: Box<Happening> },
    /// The index is without what `to_forget` has up to this id.
    Forgotten { through: i64 },
}

impl Item {
    /// About how many bytes it holds.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Fact { fact, .. } => FACT_BYTES + fact.text().map_or(0, |text| text.len()),
            Self::Said { row, .. } => FACT_BYTES + row.text_bytes(),
            Self::Place { .. } => FACT_BYTES,
            Self::Imported { message, .. } => FACT_BYTES + message.bytes(),
            Self::Row(change) => change.row().bytes(),
            // Not counted among what waits either.
            Self::Forgotten { .. } => 0,
            Self::Happening { happening, .. } => {
                HAPPENING_BYTES
                    + happening.text.as_ref().map_or(0, |text| text.len())
                    + happening.channels.len() * NAME_BYTES
            }
        }
    }

    pub(crate) fn is_fact(&self) -> bool {
        matches!(self, Self::Fact { .. } | Self::Said { .. } | Self::Place { .. } | Self::Imported { .. })
    }

    /// Tells whether it was said by somebody, here or elsewhere.
    pub(crate) fn is_said(&self) -> bool {
        matches!(self, Self::Imported { .. }) || self.message().is_some()
    }

    /// Its transaction is committed.
    pub(crate) fn committed(&self) {
        if let Self::Imported { message, .. } = self {
            message.committed();
        }
    }

    /// Tells whether an account's texts are to be erased from now on.
    pub(crate) fn erases_account(&self) -> bool {
        matches!(self, Self::Fact { fact, .. } if matches!(**fact, Fact::AccountRemoved { .. }))
    }

    /// The place of a message, which may be voided; `None` for what must be kept.
    pub(crate) fn message(&self) -> Option<Seq> {
        match self {
            Self::Fact { seq, fact, .. } if !fact.changes_state() => Some(*seq),
            Self::Said { seq, .. } | Self::Place { seq } => Some(*seq),
            // Nobody waits for what was said elsewhere but whoever brings it, and they can wait.
            Self::Fact { .. }
            | Self::Imported { .. }
            | Self::Row(_)
            | Self::Happening { .. }
            | Self::Forgotten { .. } => None,
        }
    }
}

/// How far the log is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// Facts may come.
    Open,
    /// No more will come; the writer ends when the queue is empty.
    Closing,
    /// All commits are done: the checkpointer ends.
    WriterEnded,
}

/// What stands behind the lock.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent of each other: each is one part's word to another")]
pub(crate) struct State {
    /// What the writer has not taken yet.
    pub(crate) queue: VecDeque<Item>,
    /// Facts in the queue, to tell when there are enough for a group.
    pub(crate) queued_facts: usize,
    /// What the hall has not heard yet.
    pub(crate) news: Vec<News>,
    /// Counts; `waiting_facts` and `waiting_bytes` are what is in the queue or with the writer.
    pub(crate) stats: Stats,
    /// The newest fact that readers can find.
    pub(crate) written: Seq,
    /// Who wants to read what is written behind: it is written at once, and their bells are rung.
    pub(crate) readers: Vec<Arc<Bell>>,
    /// How far the log is from its end.
    pub(crate) stage: Stage,
    /// The writer is in a transaction.
    pub(crate) writing: bool,
    /// The checkpointer asks the writer to let it pass.
    pub(crate) checkpoint_waits: bool,
    /// At how many pages in the write-ahead log the next checkpoint is due, and the checkpointer wants to know.
    pub(crate) checkpoint_at: u64,
    /// What was written, for the index of words.
    pub(crate) handed_over: HandedOver,
    /// Through which fact the index of words is complete.
    pub(crate) indexed: Seq,
    /// How often the index was made anew: who reads it opens it again then.
    pub(crate) index_made: u64,
    /// Something was removed from the log, and is to be taken out of the index.
    pub(crate) removed: bool,
    /// Who reads the index has found that it is damaged.
    pub(crate) index_damaged: bool,
    /// The indexer wants to know when this fact is written.
    pub(crate) indexer_waits_for: Seq,
    /// Up to where the writer was told that `to_forget` may be emptied.
    pub(crate) forgotten: i64,
    /// The log is closed and all is written: the indexer does what is left, and ends.
    pub(crate) drained: bool,
    /// No more comes from the indexer.
    pub(crate) indexer_ended: bool,
    /// Why the log refuses, while it does.
    pub(crate) refusal: Option<Arc<str>>,
    /// How much is kept.
    pub(crate) keep: Keep,
    /// The writer is asked to remove what is not to be kept.
    pub(crate) removal_asked: bool,
}

impl State {
    fn new(written: Seq) -> Self {
        Self {
            queue: VecDeque::new(),
            queued_facts: 0,
            news: Vec::new(),
            stats: Stats::default(),
            written,
            readers: Vec::new(),
            stage: Stage::Open,
            writing: false,
            checkpoint_waits: false,
            checkpoint_at: PASSIVE_PAGES,
            handed_over: HandedOver::default(),
            indexed: Seq::ZERO,
            index_made: 0,
            removed: false,
            index_damaged: false,
            indexer_waits_for: Seq::ZERO,
            forgotten: 0,
            drained: false,
            indexer_ended: false,
            refusal: None,
            keep: Keep::default(),
            removal_asked: false,
        }
    }
}

/// The state, and the bells of those who look at it.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// The writer's: there is work.
    pub(crate) writer: Arc<Bell>,
    /// The checkpointer's: the write-ahead log is longer, or the writer pauses or has ended.
    pub(crate) checkpointer: Arc<Bell>,
    /// The indexer's: there are facts, or the end.
    pub(crate) indexer: Arc<Bell>,
    on_news: Arc<dyn Fn() + Send + Sync>,
}

impl Shared {
    pub(crate) fn new(written: Seq, on_news: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self {
            state: Mutex::new(State::new(written)),
            writer: Arc::default(),
            checkpointer: Arc::default(),
            indexer: Arc::default(),
            on_news,
        }
    }

    /// Locks the state. A thread that panicked holding it has left whole values: each change is one statement.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the event loop: a figure that it shows has changed.
    pub(crate) fn wake(&self) {
        (self.on_news)();
    }

    /// Tells the hall.
    pub(crate) fn tell(&self, news: impl IntoIterator<Item = News>) {
        let mut state = self.state();
        let heard_all = state.news.is_empty();
        for item in news {
            match (state.news.last_mut(), &item) {
                (Some(News::Committed(last)), News::Committed(through)) => *last = *through,
                _ => state.news.push(item),
            }
        }
        let wake = heard_all && !state.news.is_empty();
        drop(state);
        if wake {
            (self.on_news)();
        }
    }
}
