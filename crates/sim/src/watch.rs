//! What clients have seen and been told, and the rules that must hold for it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chat::ids::{MsgId, Seq};

use crate::complete::Complete;

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// What anyone has seen is in history, with the same id, time, place and words.
    Kept,
    /// Nothing is seen or kept twice.
    Once,
    /// Everybody sees a channel in the order of its history.
    Order,
    /// Who comes back with a cursor misses nothing, and the cursor only goes forward; who searches finds everything.
    Complete,
    /// Nobody sees what was not for them.
    Permission,
    /// What was taken back, is of a removed account, or too old, is gone.
    Erased,
    /// What was refused is not there.
    Refused,
    /// Who stays connected gets an answer.
    Answered,
    /// What waits has a bound.
    Bounded,
    /// What the store holds is as it was written.
    Whole,
    /// The server opens its store, goes on, and never panics.
    Running,
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub rule: Rule,
    /// How, for people.
    pub what: String,
}

/// How something came before a client's eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// When it was said.
    Live,
    /// When it was asked for.
    History,
    /// In its place, by a client that shows live what it has missed and what it hears as one.
    Resumed,
    /// In its place, by a client that has shown everything: with its newest words.
    AtRest,
}

/// A message as a client saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) client: usize,
    pub(crate) id: MsgId,
    pub(crate) time: String,
    pub(crate) target: String,
    pub(crate) text: String,
    /// Whether these are all its lines; otherwise it is the first.
    pub(crate) is_whole: bool,
    pub(crate) how: How,
}

/// Everything that was seen, and what of it broke a promise at once.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pub(crate) seen: Vec<Seen>,
    /// Lines that came without id and time, to plain clients and as later lines of a message: client and text.
    pub(crate) lines: Vec<(usize, String)>,
    /// Texts whose senders were told that they are not kept.
    pub(crate) refused: BTreeSet<String>,
    /// Messages that a client was told are taken back.
    pub(crate) erased: BTreeSet<(usize, MsgId)>,
    /// The words of those that somebody wanted to take back.
    pub(crate) taking_back: BTreeMap<MsgId, String>,
    /// What clients with ids were told to be kept: the id, and the words as they were said.
    pub(crate) promised: Vec<(MsgId, String)>,
    /// What our own clients have shown.
    pub(crate) complete: Complete,
    /// What of the room was found at the end, when everything was at rest, by client.
    pub(crate) searched: BTreeMap<usize, BTreeSet<Seq>>,
    /// Words that were seen, and said from an account that is no more.
    pub(crate) gone: BTreeSet<String>,
    /// Accounts that somebody was told they have.
    pub(crate) accounts: BTreeSet<String>,
    /// Rooms in which a read marker went back, and how.
    pub(crate) went_back: Vec<(String, String)>,
    pub(crate) violations: Vec<Violation>,
    /// The newest message that anybody has seen.
    pub(crate) latest: Seq,
    /// The newest live message of each client's connection and conversation.
    newest: BTreeMap<(usize, String), MsgId>,
    /// The lines of the run, when they are wanted.
    pub(crate) transcript: Option<Vec<String>>,
    pub(crate) counts: Counts,
}

/// What a run was made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that were said.
    pub said: u64,
    /// Messages that were seen, by all clients together.
    pub seen: u64,
    /// Messages that clients with a cursor have shown in their place.
    pub resumed: u64,
    /// Copies that were made and looked through.
    pub backups: u64,
    /// Power losses and kills.
    pub crashes: u64,
    /// Restarts that were asked for.
    pub restarts: u64,
    /// Connections that were cut.
    pub cuts: u64,
    /// Messages refused because of the disk.
    pub refused: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.said += other.said;
        self.seen += other.seen;
        self.resumed += other.resumed;
        self.backups += other.backups;
        self.crashes += other.crashes;
        self.restarts += other.restarts;
        self.cuts += other.cuts;
        self.refused += other.refused;
    }
}

impl Watch {
    pub(crate) fn new(transcript: bool) -> Self {
        Self { transcript: transcript.then(Vec::new), ..Self::default() }
    }

    pub(crate) fn violate(&mut self, rule: Rule, what: impl Into<String>) {
        self.violations.push(Violation { rule, what: what.into() });
    }

    /// Adds a line to the transcript; it is only made when somebody wants it.
    pub(crate) fn note(&mut self, now: Duration, line: impl FnOnce() -> String) {
        if let Some(transcript) = &mut self.transcript {
            transcript.push(format!("{:>10.3} {}", now.as_secs_f64(), line()));
        }
    }

    /// A client has a new connection: what it sees live begins anew.
    pub(crate) fn connected(&mut self, client: usize) {
        self.newest.retain(|(one, _), _| *one != client);
    }

    pub(crate) fn see(&mut self, seen: Seen) {
        self.counts.seen += 1;
        self.latest = self.latest.max(seen.id.seq);
        if seen.how == How::Live {
            let newest = self
                .newest
                .entry((seen.client, seen.target.clone()))
                .or_insert(MsgId { log: seen.id.log, seq: Seq::ZERO });
            let before = *newest;
            *newest = (*newest).max(seen.id);
            if before == seen.id {
                self.violate(Rule::Once, format!("client {} got {:?} twice", seen.client, seen.text));
            } else if before > seen.id {
                self.violate(Rule::Order, format!("client {} got {:?} after {before}", seen.client, seen));
            }
        } else if self.erased.contains(&(seen.client, seen.id)) && !seen.text.is_empty() {
            self.violate(
                Rule::Erased,
                format!("client {} is shown {:?}, which was taken back", seen.client, seen.text),
            );
        }
        self.seen.push(seen);
    }
}
