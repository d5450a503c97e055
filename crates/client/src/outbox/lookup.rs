//! Whether something whose outcome is not known is in the server's history.

use std::collections::VecDeque;

use irc::message::Message;
use irc::time::Timestamp;
use irc::write::LineWriter;

use super::entry::{Entry, What};
use crate::catch_up::{id_and_time, reference_before};
use crate::outcome::Receipt;

/// How many of a conversation's newest messages are looked through. What was sent right before a connection broke stands
/// near the end, when the client comes back soon; what is not among them is said again.
const LOOKED_THROUGH: usize = 1_000;

/// What history knows of an entry.
#[derive(Debug)]
pub(super) enum Answer {
    /// It is there.
    There(Receipt),
    /// It is not there, or cannot be seen.
    NotThere,
}

/// A question that is under way.
#[derive(Debug)]
pub(super) struct Lookup {
    number: u64,
    notice: bool,
    text: Box<str>,
    /// The batch that answers, once it is open.
    batch: Option<Box<str>>,
    /// The message of several lines in it that is open: the name of its batch, its lines, and how it is kept.
    open: Option<(Box<str>, Vec<Box<str>>, Receipt)>,
    /// The oldest on the pages so far that it may be.
    found: Option<Receipt>,
    /// Whether that stands on the page that comes: later ones on it are not older.
    is_found_on_page: bool,
    /// What stands on the page that comes: ids and times.
    page: Vec<(Option<Box<str>>, Option<Timestamp>)>,
    /// Whether one of this outbox's earlier messages stands on it: what is looked for is behind that.
    is_enough: bool,
    /// How much was looked through.
    looked_through: usize,
    /// Where the page ends that is to be asked for next.
    before: Option<Box<str>>,
}

impl Lookup {
    /// Asks; nothing for what is no message: that is sent again, and does nothing the second time.
    pub(super) fn begin(entry: &Entry, page_entries: u32, out: &mut Vec<u8>) -> Option<Self> {
        let What::Say { notice, target, text, .. } = &entry.what else { return None };
        ask(entry.number, ["LATEST", target, "*"], page_entries, out);
        Some(Self {
            number: entry.number,
            notice: *notice,
            text: text.clone(),
            batch: None,
            open: None,
            found: None,
            is_found_on_page: false,
            page: Vec::new(),
            is_enough: false,
            looked_through: 0,
            before: None,
        })
    }

    /// Asks for the next page, if it is time; tells whether it was.
    pub(super) fn go_on(&mut self, entry: &Entry, page_entries: u32, out: &mut Vec<u8>) -> bool {
        let (What::Say { target, .. }, Some(before)) = (&entry.what, self.before.take()) else { return false };
        ask(self.number, ["BEFORE", target, &before], page_entries, out);
        true
    }

    /// Returns the number of the entry.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Takes a line; returns the answer once it is complete. A message that is known to be another entry's is
    /// none of what is looked for.
    pub(super) fn receive(&mut self, line: &Message<'_>, nick: &str, known: &VecDeque<Box<str>>) -> Option<Answer> {
        let name = line.params.get(0).unwrap_or_default();
        if line.tags.value("label").is_some_and(|given| *given == *label(self.number)) {
            match name.strip_prefix('+').filter(|_| line.command == "BATCH") {
                Some(name) => self.batch = Some(name.into()),
                // There is no such history, or the client may not read it.
                None => return Some(self.answer()),
            }
            return None;
        }
        let batch = self.batch.as_deref()?;
        if line.command == "BATCH" && name.strip_prefix('-') == Some(batch) {
            return self.turn_page();
        }
        if line.tags.value("batch").is_some_and(|name| *name == *batch) && !name.starts_with('-') {
            self.note(line, known);
        }
        let batch = self.batch.as_deref()?;
        let command = if self.notice { "NOTICE" } else { "PRIVMSG" };
        let is_in = |outer: &str| line.tags.value("batch").is_some_and(|name| *name == *outer);
        let is_mine =
            line.source.and_then(|source| source.split('!').next()).is_some_and(|one| one.eq_ignore_ascii_case(nick));
        match &mut self.open {
            Some((inner, lines, _)) if is_in(inner) => {
                lines.extend(line.params.last().filter(|_| line.command == command).map(Box::from));
            }
            Some((inner, ..)) if line.command == "BATCH" && name.strip_prefix('-') == Some(inner) => {
                let (_, lines, receipt) = self.open.take()?;
                if *lines.join("\n") == *self.text {
                    self.find(receipt, known);
                }
            }
            _ if !is_in(batch) || !is_mine => {}
            _ if line.command == command && line.params.last() == Some(&self.text) => {
                self.find(Receipt::of(line), known);
            }
            _ if line.command == "BATCH" && line.params.get(1) == Some("draft/multiline") => {
                self.open = name.strip_prefix('+').map(|name| (name.into(), Vec::new(), Receipt::of(line)));
            }
            _ => {}
        }
        None
    }

    /// Notes what stands on the page.
    fn note(&mut self, line: &Message<'_>, known: &VecDeque<Box<str>>) {
        let (id, time) = id_and_time(line);
        self.is_enough |= id.as_ref().is_some_and(|id| known.contains(id));
        self.page.push((id, time));
    }

    /// A page has come: returns the answer, if what is before it need not be looked at.
    fn turn_page(&mut self) -> Option<Answer> {
        self.batch = None;
        self.is_found_on_page = false;
        let page = std::mem::take(&mut self.page);
        self.looked_through += page.len();
        if !self.is_enough && self.looked_through < LOOKED_THROUGH {
            self.before = reference_before(&page);
        }
        if self.before.is_some() { None } else { Some(self.answer()) }
    }

    fn answer(&mut self) -> Answer {
        self.found.take().map_or(Answer::NotThere, Answer::There)
    }

    /// Notes where it is kept: the oldest that is no other entry's.
    fn find(&mut self, receipt: Receipt, known: &VecDeque<Box<str>>) {
        let is_known = receipt.msgid.as_ref().is_some_and(|id| known.contains(id));
        if !is_known && !self.is_found_on_page {
            self.found = Some(receipt);
            self.is_found_on_page = true;
        }
    }
}

/// Asks for a page: which, of what, and from where on.
fn ask(number: u64, which: [&str; 3], page_entries: u32, out: &mut Vec<u8>) {
    let line = LineWriter::new(out).tag("label", Some(&label(number))).command("CHATHISTORY");
    which.into_iter().fold(line, LineWriter::param).last(&page_entries.to_string()).end();
}

/// The label of the question.
fn label(number: u64) -> String {
    format!("look-{number}")
}
