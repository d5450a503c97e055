//! Whether something whose outcome is not known is in the server's history.

use std::collections::VecDeque;

use irc::message::Message;
use irc::write::LineWriter;

use super::entry::{Entry, What};
use crate::outcome::Receipt;

/// How many of a conversation's newest messages are looked through. What was sent right before a connection broke stands
/// near the end, when the client comes back soon.
const LOOKED_THROUGH: u32 = 100;

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
    found: Option<Receipt>,
}

impl Lookup {
    /// Asks; nothing for what is no message: that is sent again, and does nothing the second time.
    pub(super) fn begin(entry: &Entry, out: &mut Vec<u8>) -> Option<Self> {
        let What::Say { notice, target, text, .. } = &entry.what else { return None };
        let line = LineWriter::new(out).tag("label", Some(&label(entry.number)));
        let line = line.command("CHATHISTORY").param("LATEST").param(target).param("*");
        line.last(&LOOKED_THROUGH.to_string()).end();
        Some(Self { number: entry.number, notice: *notice, text: text.clone(), batch: None, open: None, found: None })
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
            return match name.strip_prefix('+').filter(|_| line.command == "BATCH") {
                Some(name) => {
                    self.batch = Some(name.into());
                    None
                }
                // There is no such history, or the client may not read it.
                None => Some(Answer::NotThere),
            };
        }
        let batch = self.batch.as_deref()?;
        if line.command == "BATCH" && name.strip_prefix('-') == Some(batch) {
            return Some(self.found.take().map_or(Answer::NotThere, Answer::There));
        }
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

    /// Notes where it is kept: the oldest that is no other entry's.
    fn find(&mut self, receipt: Receipt, known: &VecDeque<Box<str>>) {
        if self.found.is_none() && receipt.msgid.as_ref().is_none_or(|id| !known.contains(id)) {
            self.found = Some(receipt);
        }
    }
}

/// The label of the question.
fn label(number: u64) -> String {
    format!("look-{number}")
}
