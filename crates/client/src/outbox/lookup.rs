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
    found: Option<Receipt>,
}

impl Lookup {
    /// Asks; nothing for what cannot be found in this way: what has several lines, or is no message.
    pub(super) fn begin(entry: &Entry, out: &mut Vec<u8>) -> Option<Self> {
        let What::Say { notice, target, text, .. } = &entry.what else { return None };
        if text.contains('\n') {
            return None;
        }
        let line = LineWriter::new(out).tag("label", Some(&label(entry.number)));
        let line = line.command("CHATHISTORY").param("LATEST").param(target).param("*");
        line.last(&LOOKED_THROUGH.to_string()).end();
        Some(Self { number: entry.number, notice: *notice, text: text.clone(), batch: None, found: None })
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
        let is_there = line.tags.value("batch").is_some_and(|name| *name == *batch)
            && line.command == command
            && line
                .source
                .and_then(|source| source.split('!').next())
                .is_some_and(|one| one.eq_ignore_ascii_case(nick))
            && line.params.last() == Some(&self.text);
        if is_there && self.found.is_none() {
            let receipt = Receipt::of(line);
            self.found = Some(receipt).filter(|one| one.msgid.as_ref().is_none_or(|id| !known.contains(id)));
        }
        None
    }
}

/// The label of the question.
fn label(number: u64) -> String {
    format!("look-{number}")
}
