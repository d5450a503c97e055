//! One page of what was said before something, for a window that is scrolled back.

use irc::message::Message;
use irc::time::Timestamp;

use super::Line;
use super::question::{Asked, Question, place};
use super::said::{Batches, Place};

/// Where the numbers of pages begin: those of what was missed come to no such number.
const FIRST_NUMBER: u64 = 1 << 32;

/// A page that is coming.
#[derive(Debug)]
pub(crate) struct Pager {
    asked: Asked,
    batches: Batches,
    is_labelled: bool,
    lines: Vec<Line>,
}

/// A page.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its lines, the oldest first.
    pub(crate) lines: Vec<Line>,
    /// Whether nothing is before it.
    pub(crate) is_end: bool,
    /// Whether the server has not answered with a page.
    pub(crate) is_refused: bool,
}

impl Pager {
    /// Asks for what was said before `reference`; `number` is another one each time, `entries_max` how many are
    /// asked for.
    pub(crate) fn before(
        target: &str,
        reference: &str,
        number: u64,
        entries_max: u32,
        is_labelled: bool,
        out: &mut Vec<u8>,
    ) -> Self {
        let question = Question::Before(target.into(), reference.into());
        let asked = Asked::begin(question, FIRST_NUMBER + number, entries_max, is_labelled, out);
        Self { asked, batches: Batches::default(), is_labelled, lines: Vec::new() }
    }

    /// Takes a line of the server; returns the page when it is complete.
    pub(crate) fn take(&mut self, bytes: &[u8], line: &Message<'_>) -> Option<Answer> {
        if place(&mut self.batches, Some(&mut self.asked), self.is_labelled, line) == Place::Answer {
            self.lines.push(bytes.into());
        }
        let lines = self.asked.is_over(line).then(|| std::mem::take(&mut self.lines))?;
        Some(Answer { lines, is_end: self.asked.is_end, is_refused: !self.asked.is_answered })
    }
}

/// Returns from where on everything is known with a page that has these ids and times; nothing for one that is empty.
///
/// What happened and is no message may have no id, and its time may be that of others before it: what stands before the
/// first message is asked for again, and a page without any message from the end of its first millisecond on.
pub(crate) fn reference_before(page: &[(Option<Box<str>>, Option<Timestamp>)]) -> Option<Box<str>> {
    if let Some(id) = page.iter().find_map(|(id, _)| id.as_ref()) {
        return Some(format!("msgid={id}").into());
    }
    let times = || page.iter().filter_map(|(_, time)| *time);
    let (first, last) = (times().next()?, times().next_back()?);
    let until = if first < last { Timestamp(first.0 + 1) } else { first };
    Some(format!("timestamp={until}").into())
}

/// Returns a line's id and time as [`reference_before`] takes them.
pub(crate) fn id_and_time(line: &Message<'_>) -> (Option<Box<str>>, Option<Timestamp>) {
    let id = line.tags.value("msgid").filter(|id| !id.is_empty()).map(|id| Box::from(&*id));
    (id, line.tags.value("time").and_then(|time| Timestamp::parse(&time)))
}
