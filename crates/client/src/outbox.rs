//! What is to be said, until it is known to be kept: exactly once where the server knows of ids, at least once elsewhere.
//!
//! Entries have numbers that grow, and are sent in their order. On a new connection everything whose outcome is not known is
//! sent again: under the same id where the server has `loggia.chat/delivery`, so that it is kept once. Elsewhere the outbox
//! first looks for its own message in the server's history; what was asked for right before the connection broke, and is not
//! there yet, may then come twice.
//!
//! The value is the whole truth about what is to be said: a program that keeps it on disk (it is `serde`'s) before it sends
//! [`Outbox::next_lines`], and again when something has become of it, loses nothing and doubles nothing when it dies.
//!
//! Spec: `docs/protocol/delivery.md`; `IRCv3` "labeled-response", "echo-message", "chathistory".

mod entry;
mod lookup;

use std::collections::{BTreeMap, VecDeque};

use irc::message::Message;
use irc::write::LineWriter;
use serde::{Deserialize, Serialize};

pub use entry::{Entry, State, Tag, What};
use lookup::{Answer, Lookup};

use crate::outcome::{ID_UNREADABLE, Outcome, Receipt, Refusal};

/// The most entries that are under way at once: what a server takes in one burst without holding the client back for long.
pub const UNDER_WAY_MAX: usize = 64;

/// How many of its newest messages' ids the outbox remembers, to tell them in history from one whose outcome is not known.
const RECEIPTS_REMEMBERED: usize = 200;

/// The most labelled batches that are open at once; a server that opens more is not understood.
const BATCHES_MAX: usize = 64;

/// The tag of the server's ids.
const ID_TAG: &str = "loggia.chat/id";

/// The code of what cannot be sent to this server, beside the server's own codes.
pub const NOT_SUPPORTED: &str = "NOT_SUPPORTED";

/// How a server lets a client know what has become of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledgement {
    /// By the client's own id, kept once (`loggia.chat/delivery`).
    Ids,
    /// By the label of its echo (`labeled-response`, `echo-message`).
    Labels,
}

/// What the outbox has to know of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// How outcomes are told.
    pub by: Acknowledgement,
    /// Whether the server can be asked for what was said (`draft/chathistory`).
    pub history: bool,
    /// Whether it takes messages of several lines (`draft/multiline`).
    pub multiline: bool,
    /// The client's nick.
    pub nick: Box<str>,
}

/// What is to be said, and what has become of it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Outbox {
    stream: Box<str>,
    next: u64,
    entries: VecDeque<Entry>,
    /// The ids of messages that are known to be kept, the newest last.
    receipts: VecDeque<Box<str>>,
    #[serde(skip)]
    open: Option<Open>,
}

/// A connection that is ready.
#[derive(Debug)]
struct Open {
    link: Link,
    /// The batches that answer labels.
    batches: BTreeMap<Box<str>, u64>,
    /// The entry that is looked for in history.
    lookup: Option<Lookup>,
    /// The server cannot look up ids at this moment: nothing is sent until [`Outbox::retry`].
    is_held: bool,
}

impl Outbox {
    /// Makes one. `random` are 128 random bits, never used for another outbox: they are the name under which the server
    /// knows what this one sends, and a secret.
    pub fn new(random: u128) -> Self {
        let stream = format!("{random:032x}").into();
        Self { stream, next: 1, entries: VecDeque::new(), receipts: VecDeque::new(), open: None }
    }

    /// Takes something to be said, and returns its number.
    pub fn push(&mut self, what: What) -> u64 {
        let number = self.next;
        self.next += 1;
        self.entries.push_back(Entry { number, what, state: State::Waiting });
        number
    }

    /// Returns all entries that were not forgotten, in their order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Returns one entry.
    pub fn entry(&self, number: u64) -> Option<&Entry> {
        self.place(number).map(|place| &self.entries[place])
    }

    /// Tells whether everything has its outcome.
    pub fn is_settled(&self) -> bool {
        self.entries.iter().all(|entry| entry.state.is_settled())
    }

    /// Drops an entry that has its outcome, and returns it. Others stay: what is under way may be kept.
    pub fn forget(&mut self, number: u64) -> Option<Entry> {
        let place = self.place(number).filter(|place| self.entries[*place].state.is_settled())?;
        self.entries.remove(place)
    }

    /// Takes back what was never sent. Returns it; nothing when it may be under way.
    pub fn cancel(&mut self, number: u64) -> Option<Entry> {
        let place = self.place(number).filter(|place| self.entries[*place].state == State::Waiting)?;
        self.entries.remove(place)
    }

    /// Begins a connection, once the client is where it wants to speak. What was under way on the last one is sent again.
    pub fn connected(&mut self, link: Link) {
        self.disconnected();
        self.open = Some(Open { link, batches: BTreeMap::new(), lookup: None, is_held: false });
    }

    /// Ends the connection: of what is under way, nobody knows.
    pub fn disconnected(&mut self) {
        self.open = None;
        for entry in self.entries.iter_mut().filter(|entry| entry.state == State::Sent) {
            entry.state = State::Unknown;
        }
    }

    /// Goes on after [`Outbox::is_held`].
    pub fn retry(&mut self) {
        if let Some(open) = &mut self.open {
            open.is_held = false;
        }
    }

    /// Tells whether nothing is sent because the server could not say whether something was kept. Wait a little, then
    /// [`Outbox::retry`].
    pub fn is_held(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.is_held)
    }

    /// Appends the next lines that are to be sent; `false`: nothing is to be sent now. What is appended must be sent at once,
    /// or the connection ended.
    pub fn next_lines(&mut self, out: &mut Vec<u8>) -> bool {
        let Some(open) = &mut self.open else { return false };
        let under_way = self.entries.iter().filter(|entry| entry.state == State::Sent).count();
        if open.is_held || open.lookup.is_some() || under_way >= UNDER_WAY_MAX {
            return false;
        }
        let next = self.entries.iter_mut().find(|entry| matches!(entry.state, State::Waiting | State::Unknown));
        let Some(entry) = next else { return false };
        let by = open.link.by;
        if by == Acknowledgement::Labels
            && open.link.history
            && entry.state == State::Unknown
            && let Some(lookup) = Lookup::begin(entry, out)
        {
            // What was sent after it waits for what comes of it, so that the order stays.
            open.lookup = Some(lookup);
            return true;
        }
        if entry.what.has_lines() && !open.link.multiline {
            let text = "the server takes no messages of several lines".into();
            entry.state = State::Refused(Refusal { code: NOT_SUPPORTED.into(), text });
            return self.next_lines(out);
        }
        let number = entry.number;
        let tag = match by {
            Acknowledgement::Ids => (ID_TAG, format!("{}.{number}", self.stream)),
            Acknowledgement::Labels => ("label", label(number)),
        };
        entry.what.write(|out| LineWriter::new(out).tag(tag.0, Some(&tag.1)), number, out);
        entry.state = State::Sent;
        true
    }

    /// Takes a line of the server; returns the number of the entry whose outcome it is.
    pub fn receive(&mut self, line: &Message<'_>) -> Option<u64> {
        let open = self.open.as_mut()?;
        if let Some(lookup) = &mut open.lookup
            && let Some(answer) = lookup.receive(line, &open.link.nick, &self.receipts)
        {
            let number = lookup.number();
            open.lookup = None;
            return self.looked_up(number, answer);
        }
        match open.link.by {
            Acknowledgement::Ids => {
                let id = line.tags.value(ID_TAG)?;
                let number = id.strip_prefix(&*self.stream)?.strip_prefix('.')?.parse().ok()?;
                let outcome = Outcome::of(line)?;
                self.settle(number, outcome)
            }
            Acknowledgement::Labels => self.receive_labelled(line),
        }
    }

    /// Takes what history knows.
    fn looked_up(&mut self, number: u64, answer: Answer) -> Option<u64> {
        match answer {
            Answer::There(receipt) => self.settle(number, Outcome::Kept(receipt)),
            Answer::NotThere => {
                let place = self.place(number)?;
                self.entries[place].state = State::Waiting;
                None
            }
        }
    }

    /// Finds the entry that a line with a label, or in a batch with one, is about.
    fn receive_labelled(&mut self, line: &Message<'_>) -> Option<u64> {
        let open = self.open.as_mut()?;
        let labelled = line.tags.value("label").and_then(|label| number_of(&label));
        let name = line.params.get(0).unwrap_or_default();
        if line.command == "BATCH" {
            if let Some(name) = name.strip_prefix('-') {
                // A batch in which there was no outcome: it was taken, and there is nothing to be said of it.
                let number = open.batches.remove(name)?;
                return self.settle(number, Outcome::Kept(Receipt::default()));
            }
            if let (Some(number), Some("labeled-response")) = (labelled, line.params.get(1)) {
                let name = name.trim_start_matches('+');
                if open.batches.len() < BATCHES_MAX {
                    open.batches.insert(name.into(), number);
                }
                return None;
            }
        }
        if line.command == "ACK" {
            return self.settle(labelled?, Outcome::Kept(Receipt::default()));
        }
        let in_batch = || line.tags.value("batch").and_then(|batch| open.batches.get(&*batch).copied());
        let number = labelled.or_else(in_batch)?;
        let outcome = Outcome::of(line)?;
        self.settle(number, outcome)
    }

    /// Notes an outcome. The first one counts; one that comes for an entry that is not under way is of an earlier connection.
    fn settle(&mut self, number: u64, outcome: Outcome) -> Option<u64> {
        let place = self.place(number).filter(|place| !self.entries[*place].state.is_settled())?;
        let entry = &mut self.entries[place];
        match outcome {
            Outcome::Refused(refusal) if &*refusal.code == ID_UNREADABLE => {
                entry.state = State::Unknown;
                if let Some(open) = &mut self.open {
                    open.is_held = true;
                }
                return None;
            }
            Outcome::Refused(refusal) => entry.state = State::Refused(refusal),
            Outcome::Kept(receipt) => {
                if let Some(msgid) = &receipt.msgid {
                    self.receipts.push_back(msgid.clone());
                    if self.receipts.len() > RECEIPTS_REMEMBERED {
                        self.receipts.pop_front();
                    }
                }
                entry.state = State::Kept(receipt);
            }
        }
        Some(number)
    }

    fn place(&self, number: u64) -> Option<usize> {
        self.entries.binary_search_by_key(&number, |entry| entry.number).ok()
    }
}

/// The label of an entry.
fn label(number: u64) -> String {
    format!("out-{number}")
}

fn number_of(label: &str) -> Option<u64> {
    label.strip_prefix("out-")?.parse().ok()
}

#[cfg(test)]
mod tests;
