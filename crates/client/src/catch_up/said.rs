//! Lines that were said, put together: each with where it was said, and what tells it from all others.

use std::collections::BTreeMap;

use irc::message::Message;
use irc::time::Timestamp;

use super::Line;

/// The most batches that are open at once; a server that opens more is not understood.
const BATCHES_MAX: usize = 64;

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It comes as it happens.
    Live,
    /// In the answer that this client waits for.
    Answer,
    /// In an answer to something else.
    Elsewhere,
}

/// Something that was said: one line, or a message of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// What tells it from all others.
    pub(super) key: Box<str>,
    /// Its id, when it is a message that history keeps.
    pub(super) id: Option<Box<str>>,
    /// When.
    pub(super) time: Option<Timestamp>,
    /// A channel, or somebody's nick, as the server writes it.
    pub(super) target: Box<str>,
    pub(super) lines: Vec<Line>,
}

/// The batches that are open.
#[derive(Debug, Default)]
pub(crate) struct Batches(BTreeMap<Box<str>, Place>);

impl Batches {
    /// Tells where a line stands.
    pub(super) fn place(&self, line: &Message<'_>) -> Place {
        let outer = line.tags.value("batch");
        outer.map_or(Place::Live, |name| self.0.get(&*name).copied().unwrap_or(Place::Elsewhere))
    }

    /// Tells where the lines of a batch stand.
    pub(super) fn place_of(&self, name: &str) -> Option<Place> {
        self.0.get(name).copied()
    }

    /// Opens a batch.
    pub(super) fn open(&mut self, name: &str, place: Place) {
        if self.0.len() < BATCHES_MAX {
            self.0.insert(name.into(), place);
        }
    }

    pub(super) fn close(&mut self, name: &str) {
        self.0.remove(name);
    }
}

/// Returns the name of the batch that a line opens.
pub(super) fn opened<'a>(line: &Message<'a>) -> Option<&'a str> {
    line.params.get(0)?.strip_prefix('+').filter(|_| line.command == "BATCH")
}

/// Returns the name of the batch that a line closes.
pub(super) fn closed<'a>(line: &Message<'a>) -> Option<&'a str> {
    line.params.get(0)?.strip_prefix('-').filter(|_| line.command == "BATCH")
}

/// Puts the lines of one place together.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// The message of several lines that is open, with the name of its batch.
    open: Option<(Box<str>, Said)>,
    /// What was said last, without its lines, and how many lines without id have come behind it.
    before: Option<(Said, u32)>,
}

impl Assembly {
    /// Takes a line; returns what is whole with it. `me` is the client's nick: what is said to it belongs to who says it.
    pub(super) fn take(&mut self, bytes: &[u8], line: &Message<'_>, me: &str) -> Option<Said> {
        if let Some((name, said)) = &mut self.open {
            if line.tags.value("batch").is_some_and(|outer| *outer == **name) {
                said.lines.push(bytes.into());
                return None;
            }
            if closed(line) == Some(name) {
                let (_, mut said) = self.open.take()?;
                said.lines.push(bytes.into());
                return Some(self.whole(said));
            }
        }
        if let Some(name) = opened(line) {
            if line.params.get(1) == Some("draft/multiline") {
                self.open = Some((name.into(), self.said(bytes, line, line.params.get(2)?, me)));
            }
            return None;
        }
        if !matches!(line.command, "PRIVMSG" | "NOTICE" | "TAGMSG" | "EDIT" | "REDACT") {
            return None;
        }
        // What the server itself says is no conversation.
        line.source.filter(|source| source.contains('!'))?;
        let said = self.said(bytes, line, line.params.get(0)?, me);
        Some(self.whole(said))
    }

    fn whole(&mut self, said: Said) -> Said {
        let is_part = self.before.as_ref().is_some_and(|(before, parts)| said.key == part(before, *parts + 1));
        match &mut self.before {
            Some((_, parts)) if is_part => *parts += 1,
            before => *before = Some((Said { lines: Vec::new(), ..said.clone() }, 0)),
        }
        said
    }

    fn said(&self, bytes: &[u8], line: &Message<'_>, target: &str, me: &str) -> Said {
        let from = line.source.and_then(|source| source.split('!').next()).unwrap_or_default();
        let target = if target.eq_ignore_ascii_case(me) { from } else { target };
        let msgid = line.tags.value("msgid").filter(|id| !id.is_empty());
        let time = line.tags.value("time").and_then(|time| Timestamp::parse(&time));
        let is_message = matches!(line.command, "PRIVMSG" | "NOTICE" | "BATCH");
        let mut said = Said { key: "".into(), id: None, time, target: target.into(), lines: vec![bytes.into()] };
        said.key = match (&msgid, &self.before) {
            // A message may come in one line or in a batch of them.
            (Some(id), _) if is_message => format!("said {id}").into(),
            (Some(id), _) => format!("{} {id}", line.command).into(),
            // A text that did not fit a line goes on: only its first line has the id.
            (None, Some((before, parts)))
                if before.id.is_some() && (&before.target, before.time) == (&said.target, time) =>
            {
                part(before, parts + 1)
            }
            (None, _) => {
                let words: Vec<&str> = line.params.iter().collect();
                let time = line.tags.value("time").unwrap_or_default();
                format!("{time} {} {from} {}", line.command, words.join(" ")).into()
            }
        };
        if is_message {
            said.id = msgid.map(Box::from);
        }
        said
    }
}

/// The key of a later line of the same text.
fn part(before: &Said, number: u32) -> Box<str> {
    format!("{} +{number}", before.key).into()
}
