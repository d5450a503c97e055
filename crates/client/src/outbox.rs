//! What is to be said, until it is known what became of it: exactly once where the server knows of ids.
//!
//! Entries have numbers that grow, and are sent in their order. On a new connection everything whose outcome is not known is
//! sent again under the same id where the server has `loggia.chat/delivery`, so that it is kept once. Elsewhere it depends:
//!
//! * A server with history is asked for the outbox's own message first. What reached the server only after it was asked comes
//!   twice: at least once.
//! * Without history nobody can know. Then only what was surely not sent is sent by itself; the rest is
//!   [`Outbox::doubtful`], and the person decides: [`Outbox::resend`] (at least once) or [`Outbox::give_up`] (at most once).
//!
//! A server that tells outcomes neither by ids nor by labels is asked PING behind each entry: it answers in order, so
//! what it has said nothing against until then it has taken.
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
    /// By the answer to a PING behind it: every server.
    Pings,
}

impl Acknowledgement {
    /// The most entries that are under way at once. Where nothing else is known of a server, one: many end connections that
    /// say much at once.
    fn under_way_max(self) -> usize {
        match self {
            Self::Ids | Self::Labels => UNDER_WAY_MAX,
            Self::Pings => 1,
        }
    }
}

/// What the outbox has to know of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// How outcomes are told.
    pub by: Acknowledgement,
    /// Whether the server can be asked for what was said (`draft/chathistory`, with labels).
    pub history: bool,
    /// How much of that it gives at once.
    pub page_entries: u32,
    /// Whether it takes messages of several lines (`draft/multiline`).
    pub multiline: bool,
    /// Whether it takes tags (`message-tags`).
    pub tags: bool,
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

    /// Returns what was sent on an earlier connection, and of which nobody can know on this one whether it is kept. It is not
    /// sent again by itself.
    pub fn doubtful(&self) -> impl Iterator<Item = &Entry> {
        let can_tell = self.open.as_ref().is_none_or(|open| open.link.can_tell());
        self.entries.iter().filter(move |entry| !can_tell && entry.state == State::Unknown)
    }

    /// Sends what is [`Outbox::doubtful`] again, though it may be kept already. Tells whether it was that.
    pub fn resend(&mut self, number: u64) -> bool {
        let place = self.doubtful_place(number);
        if let Some(place) = place {
            self.entries[place].state = State::Waiting;
        }
        place.is_some()
    }

    /// Drops what is [`Outbox::doubtful`], though it may not be kept, and returns it.
    pub fn give_up(&mut self, number: u64) -> Option<Entry> {
        self.entries.remove(self.doubtful_place(number)?)
    }

    fn doubtful_place(&self, number: u64) -> Option<usize> {
        self.doubtful().find(|entry| entry.number == number)?;
        self.place(number)
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
        let by = open.link.by;
        if let Some(lookup) = &mut open.lookup {
            let entry = self.entries.iter().find(|entry| entry.number == lookup.number());
            return entry.is_some_and(|entry| lookup.go_on(entry, open.link.page_entries, out));
        }
        if open.is_held || under_way >= by.under_way_max() {
            return false;
        }
        let can_tell = open.link.can_tell();
        let is_next = |entry: &&mut Entry| match entry.state {
            State::Waiting => true,
            State::Unknown => can_tell,
            State::Sent | State::Kept(_) | State::Refused(_) => false,
        };
        let Some(entry) = self.entries.iter_mut().find(is_next) else { return false };
        if by != Acknowledgement::Ids
            && entry.state == State::Unknown
            && let Some(lookup) = Lookup::begin(entry, open.link.page_entries, out)
        {
            // What was sent after it waits for what comes of it, so that the order stays.
            open.lookup = Some(lookup);
            return true;
        }
        if let Some(text) = open.link.trouble(&entry.what) {
            entry.state = State::Refused(Refusal { code: NOT_SUPPORTED.into(), text: text.into() });
            return self.next_lines(out);
        }
        let number = entry.number;
        let tag = match by {
            Acknowledgement::Ids => Some((ID_TAG, format!("{}.{number}", self.stream))),
            Acknowledgement::Labels => Some(("label", label(number))),
            Acknowledgement::Pings => None,
        };
        let tag = tag.as_ref().map(|(key, value)| (*key, &**value));
        entry.what.write(tag, number, open.link.tags, out);
        if by == Acknowledgement::Pings {
            LineWriter::new(out).command("PING").last(&label(number)).end();
        }
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
            Acknowledgement::Pings => self.receive_in_order(line),
        }
    }

    /// Finds the outcome of the entry that is under way: a refusal that names it, or that its turn is over.
    fn receive_in_order(&mut self, line: &Message<'_>) -> Option<u64> {
        let entry = self.entries.iter().find(|entry| entry.state == State::Sent)?;
        let number = entry.number;
        if line.command == "PONG" && line.params.last() == Some(&label(number)) {
            return self.settle(number, Outcome::Kept(Receipt::default()));
        }
        let (command, target) = entry.what.names();
        let is_about = line.params.iter().skip(1).any(|word| word == command || word.eq_ignore_ascii_case(target));
        match Outcome::of(line) {
            Some(refused @ Outcome::Refused(_)) if is_about => self.settle(number, refused),
            _ => None,
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

impl Link {
    /// Tells whether the server lets a client find out what became of something that was sent on an earlier connection.
    fn can_tell(&self) -> bool {
        match self.by {
            Acknowledgement::Ids => true,
            Acknowledgement::Labels => self.history,
            Acknowledgement::Pings => false,
        }
    }

    /// Says why something cannot be said to this server at all.
    fn trouble(&self, what: &What) -> Option<&'static str> {
        match what {
            What::Say { .. } if what.has_lines() && !self.multiline => {
                Some("the server takes no messages of several lines")
            }
            What::Tags { .. } | What::Edit { .. } if !self.tags => Some("the server takes no tags"),
            What::Say { .. } | What::Tags { .. } | What::Edit { .. } | What::Redact { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests;
