//! What was said, as a client puts it together: one line, or a message of several lines in a batch.

use std::collections::BTreeMap;

use client::outbox::{Entry, State};
use irc::message::Message;

use super::Hands;
use crate::watch::{How, Rule};

/// The type of the batch of a message of several lines.
const BATCH_TYPE: &str = "draft/multiline";

/// A message with what stands on its first line.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// The nick of who said it.
    pub(super) from: String,
    pub(super) target: String,
    /// Its lines, as they were written.
    pub(super) text: String,
    pub(super) msgid: Option<String>,
    pub(super) time: Option<String>,
    pub(super) label: Option<String>,
    /// The batch that it stands in.
    pub(super) batch: Option<String>,
    /// Whether it answers what was sent with an id.
    pub(super) has_outcome: bool,
}

impl Said {
    /// Writes down that it was seen.
    pub(super) fn see(self, how: How, hands: &mut Hands<'_>) {
        if let (Some(Ok(id)), Some(time)) = (self.msgid.map(|id| id.parse()), self.time) {
            hands.see(id, time, self.target, self.text, how);
        }
    }
}

/// Writes down what has become of something that was said with an id.
pub(super) fn settled(entry: Entry, words: String, hands: &mut Hands<'_>) {
    match entry.state {
        // It was kept, and has been removed since.
        State::Refused(refusal) if &*refusal.code == "ID_EXPIRED" => {}
        State::Refused(refusal) => {
            if matches!(&*refusal.code, "CANNOT_KEEP" | "404") {
                hands.watch.counts.refused += 1;
            }
            hands.watch.refused.insert(words);
        }
        State::Kept(receipt) => match receipt.msgid.as_ref().map(|id| id.parse()) {
            Some(Ok(id)) => hands.watch.promised.push((id, words)),
            _ => hands.watch.violate(Rule::Kept, format!("{words:?} is kept under no id")),
        },
        State::Waiting | State::Sent | State::Unknown => unreachable!("it was settled"),
    }
}

/// Batches of lines that are open, by their references.
#[derive(Debug, Default)]
pub(super) struct Assembly(BTreeMap<String, (Said, bool)>);

impl Assembly {
    /// Takes a line; returns what is whole with it.
    pub(super) fn take(&mut self, line: &Message<'_>) -> Option<Said> {
        let param = |index| line.params.get(index).unwrap_or_default();
        match line.command {
            "BATCH" => {
                if let Some(name) = param(0).strip_prefix('+').filter(|_| param(1) == BATCH_TYPE) {
                    self.0.insert(name.to_owned(), (said(line, param(2), ""), false));
                } else if let Some(name) = param(0).strip_prefix('-') {
                    return self.0.remove(name).map(|(said, _)| said);
                }
                None
            }
            "PRIVMSG" => {
                let batch = line.tags.value("batch");
                let Some((said, has_lines)) = batch.and_then(|batch| self.0.get_mut(&*batch)) else {
                    return Some(said(line, param(0), param(1)));
                };
                if std::mem::replace(has_lines, true) && line.tags.get("draft/multiline-concat").is_none() {
                    said.text.push('\n');
                }
                said.text.push_str(param(1));
                None
            }
            _ => None,
        }
    }
}

fn said(line: &Message<'_>, target: &str, text: &str) -> Said {
    let tag = |name| line.tags.value(name).map(String::from);
    Said {
        from: line.source.unwrap_or_default().split('!').next().unwrap_or_default().to_owned(),
        target: target.to_lowercase(),
        text: text.to_owned(),
        msgid: tag("msgid"),
        time: tag("time"),
        label: tag("label"),
        batch: tag("batch"),
        has_outcome: line.tags.get("loggia.chat/id").is_some(),
    }
}
