//! SEARCH: what was said, found by its words.
//!
//! Spec: `docs/search.md`, "For authors of clients"; pull request 496 of the `IRCv3` specifications.

use irc::message::Message;
use irc::write::LineWriter;

use super::message::Gathering;
use crate::window::Entry;

/// The most messages that are asked for.
const FOUND_MAX: u32 = 50;

/// A search that is under way. There is one at a time.
#[derive(Debug, Default)]
pub(crate) struct Searching {
    batch: Option<Box<str>>,
    gathering: Gathering,
    found: Vec<(Box<str>, Entry)>,
}

/// What has come of a search: where each was said, and what, the oldest first.
pub type Found = Vec<(Box<str>, Entry)>;

impl Searching {
    /// Asks for messages with these words; in one room, if it is named.
    pub(crate) fn begin(words: &str, room: Option<&str>, out: &mut Vec<u8>) -> Self {
        let mut asked = format!("text={};limit={FOUND_MAX}", escaped(words));
        if let Some(room) = room {
            asked.push_str(";in=");
            asked.push_str(&escaped(room));
        }
        LineWriter::new(out).command("SEARCH").last(&asked).end();
        Self::default()
    }

    /// Takes a line of the server; returns what was found once the answer is over, also when the server refuses.
    pub(crate) fn take(&mut self, line: &Message<'_>, me: &str) -> Option<Found> {
        let name = line.params.get(0).unwrap_or_default();
        if line.command == "FAIL" && name == "SEARCH" {
            return Some(Vec::new());
        }
        if line.command == "BATCH" && matches!(line.params.get(1), Some("search" | "soju.im/search")) {
            self.batch = name.strip_prefix('+').map(Box::from);
            return None;
        }
        let batch = self.batch.as_deref()?;
        if line.command == "BATCH" && name.strip_prefix('-') == Some(batch) {
            return Some(std::mem::take(&mut self.found));
        }
        if self.found.len() < FOUND_MAX as usize {
            // What is no part of the answer is gathered in vain only while the answer comes, which is in one piece.
            self.found.extend(self.gathering.take(line, me));
        }
        None
    }
}

/// Writes a value as tags have it.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            ';' => text.push_str("\\:"),
            ' ' => text.push_str("\\s"),
            '\\' => text.push_str("\\\\"),
            '\r' => text.push_str("\\r"),
            '\n' => text.push_str("\\n"),
            other => text.push(other),
        }
    }
    text
}
