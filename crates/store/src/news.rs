//! What the log tells the hall, and the numbers it tells the operator.

use std::sync::Arc;

use chat::Input;
use chat::ids::Seq;

/// What the log tells, in order: each is the hall's input of the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// All facts through this one are safe, but those that were voided before.
    Committed(Seq),
    /// These messages could not be kept, ascending. They are not in the file and never will be.
    Voided {
        /// Which.
        facts: Vec<Seq>,
        /// What the disk said.
        why: Arc<str>,
    },
    /// The log takes nothing for now. Said once, until [`News::Accepts`].
    Refuses {
        /// What the disk said.
        why: Arc<str>,
    },
    /// The log takes facts again.
    Accepts,
}

impl From<News> for Input {
    fn from(news: News) -> Self {
        match news {
            News::Committed(through) => Self::Committed(through),
            News::Voided { facts, why } => Self::Voided { facts, why },
            News::Refuses { why } => Self::LogRefuses { why },
            News::Accepts => Self::LogAccepts,
        }
    }
}

/// Counts since the store was opened, and how things stand now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Facts committed.
    pub facts: u64,
    /// Transactions that committed them.
    pub commits: u64,
    /// Facts of the largest transaction.
    pub largest_group: u64,
    /// Message facts that could not be kept.
    pub voided: u64,
    /// Attempts to commit that failed.
    pub failures: u64,
    /// Microseconds spent in transactions that committed, all together.
    pub commit_micros: u64,
    /// Microseconds of the longest of them.
    pub commit_micros_max: u64,
    /// Checkpoints done.
    pub checkpoints: u64,
    /// Pages in the write-ahead log after the last commit.
    pub wal_pages: u64,
    /// Facts that wait for their commit now.
    pub waiting_facts: u64,
    /// About how many bytes they hold.
    pub waiting_bytes: u64,
    /// Facts that the index of words has not looked at yet; they are searched in the log itself.
    pub unindexed_facts: u64,
    /// Whether the log refuses now.
    pub refusing: bool,
}
