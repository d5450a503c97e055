//! From what a socket's reads return to units: names and messages (section 6, "Input").
//!
//! The classroom clients end nothing with a newline: one read is one message. `nc` and telnet send lines. Which of
//! the two a connection is shows in its name: whether that ended with a newline, or telnet negotiation was seen.

use std::collections::VecDeque;
use std::time::Duration;

use crate::telnet::Telnet;
use crate::text::{decode, ends_inside_character};
use crate::variant::Prefix;

/// How long a read that looks incomplete waits for the rest (section 6, "Input").
pub const READ_WAIT: Duration = Duration::from_millis(30);
/// The originals' buffer: a read of this many bytes or more may not be the whole message (sections 2 and 6).
pub const READ_BYTES_ORIGINAL: usize = 1024;
/// The longest line, and the longest accumulation of reads, in bytes (section 6, "Input").
pub const UNIT_BYTES_MAX: usize = 64 * 1024;

/// How a connection's bytes are cut into units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No name yet: a read is a unit, and the first newline decides for lines.
    Undecided,
    /// A read is a unit.
    Segment,
    /// A line is a unit; everything sent ends with `\n`, or `\r\n` with `crlf`.
    Line {
        /// The client ends its lines with CR LF.
        crlf: bool,
    },
}

/// One name or message as it came in; control characters are still in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A whole segment, or a line without its end.
    Text(String),
    /// A line was longer than [`UNIT_BYTES_MAX`] and has been dropped.
    TooLong,
}

/// Cuts the bytes of one connection into units. Holds no buffer while nothing is pending.
#[derive(Debug)]
pub struct Framing {
    mode: Mode,
    telnet: Telnet,
    skipping: bool,
    partial: Vec<u8>,
    ready: VecDeque<Unit>,
    deliver_at: Option<Duration>,
}

impl Default for Framing {
    fn default() -> Self {
        Self {
            mode: Mode::Undecided,
            telnet: Telnet::default(),
            skipping: false,
            partial: Vec::new(),
            ready: VecDeque::new(),
            deliver_at: None,
        }
    }
}

impl Framing {
    /// Takes what one read returned.
    pub fn push(&mut self, read: &[u8], now: Duration) {
        let known_bytes = self.partial.len();
        self.telnet.strip(read, &mut self.partial);
        if self.telnet.negotiated() && !matches!(self.mode, Mode::Line { .. }) {
            self.mode = Mode::Line { crlf: true };
            self.deliver_at = None;
            self.split_lines(0);
            return;
        }
        if self.mode == Mode::Undecided
            && let Some(end) = self.partial.iter().position(|&byte| byte == b'\n')
        {
            self.mode = Mode::Line { crlf: end > 0 && self.partial[end - 1] == b'\r' };
            self.deliver_at = None;
            self.split_lines(0);
            return;
        }
        match self.mode {
            Mode::Line { .. } => self.split_lines(known_bytes),
            Mode::Segment | Mode::Undecided => self.take_segment(read.len(), now),
        }
    }

    /// Returns the next unit, in the order of arrival.
    pub fn next_unit(&mut self) -> Option<Unit> {
        let unit = self.ready.pop_front();
        if self.ready.is_empty() {
            self.ready = VecDeque::new();
        }
        unit
    }

    /// Puts a text in front of the units that wait.
    pub(crate) fn put_back(&mut self, text: String) {
        self.ready.push_front(Unit::Text(text));
    }

    /// Returns when [`Framing::wake`] must be called at the latest.
    pub fn timeout(&self) -> Option<Duration> {
        self.deliver_at
    }

    /// Delivers what has waited long enough for a rest that did not come.
    pub fn wake(&mut self, now: Duration) {
        if self.deliver_at.is_some_and(|at| at <= now) {
            self.finish();
        }
    }

    /// Delivers whatever is there: the stream has ended.
    pub fn finish(&mut self) {
        self.deliver_at = None;
        self.telnet.settle(&mut self.partial);
        let rest = std::mem::take(&mut self.partial);
        if self.skipping {
            self.skipping = false;
            self.ready.push_back(Unit::TooLong);
        } else if matches!(self.mode, Mode::Line { .. }) {
            if !rest.is_empty() {
                self.ready.push_back(Unit::Text(decode(without_return(&rest))));
            }
        } else if !rest.is_empty() {
            self.ready.push_back(Unit::Text(decode(&rest)));
        }
    }

    /// Returns how this connection's bytes are cut.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// A name has been taken from a unit: a connection without newlines is in segment mode from now on.
    pub(crate) fn name_taken(&mut self) {
        if self.mode == Mode::Undecided {
            self.mode = Mode::Segment;
        }
    }

    /// That name was refused: the next unit is the one that decides.
    pub(crate) fn name_refused(&mut self) {
        if self.mode == Mode::Segment {
            self.mode = Mode::Undecided;
        }
    }

    /// The bytes that wait, in whole units and in an unfinished one.
    pub(crate) fn held_bytes(&self) -> usize {
        let ready = self.ready.iter().map(|unit| match unit {
            Unit::Text(text) => text.len(),
            Unit::TooLong => 1,
        });
        self.partial.len() + ready.sum::<usize>()
    }

    fn split_lines(&mut self, from: usize) {
        let mut start = 0;
        let mut scan = from;
        while let Some(offset) = self.partial[scan..].iter().position(|&byte| byte == b'\n') {
            let end = scan + offset;
            let line = &self.partial[start..end];
            if self.skipping || line.len() > UNIT_BYTES_MAX {
                self.skipping = false;
                self.ready.push_back(Unit::TooLong);
            } else {
                self.ready.push_back(Unit::Text(decode(without_return(line))));
            }
            start = end + 1;
            scan = start;
        }
        self.partial.drain(..start);
        if self.skipping || self.partial.len() > UNIT_BYTES_MAX {
            self.skipping = true;
            self.partial.clear();
        }
        if self.partial.is_empty() {
            self.partial = Vec::new();
        }
    }

    fn take_segment(&mut self, read_bytes: usize, now: Duration) {
        while self.partial.len() >= UNIT_BYTES_MAX {
            let cut = character_boundary(&self.partial, UNIT_BYTES_MAX);
            let rest = self.partial.split_off(cut);
            let whole = std::mem::replace(&mut self.partial, rest);
            self.ready.push_back(Unit::Text(decode(&whole)));
        }
        let incomplete = self.telnet.undecided() || ends_inside_character(&self.partial);
        if incomplete || (read_bytes >= READ_BYTES_ORIGINAL && !self.partial.is_empty()) {
            self.deliver_at = Some(now + READ_WAIT);
        } else {
            self.finish();
        }
    }
}

/// Returns the messages in a unit of segment mode.
///
/// Server-prefixed dialects: each line that is not empty. Client-prefixed: cut only before a newline, the client's own
/// alias and `: `, because a message may have several lines; the alias in front is taken off.
pub fn messages_in<'a>(unit: &'a str, prefix: Prefix, alias: &str) -> Vec<&'a str> {
    match prefix {
        Prefix::Server => unit.split('\n').map(|line| line.trim_end_matches('\r')).filter(|m| !m.is_empty()).collect(),
        Prefix::Client => {
            let own = format!("{alias}: ");
            let next = format!("\n{own}");
            let unit = unit.strip_prefix(&own).unwrap_or(unit);
            unit.split(&next).map(|message| message.trim_matches(['\r', '\n'])).filter(|m| !m.is_empty()).collect()
        }
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    let kept = line.iter().rposition(|&byte| byte != b'\r').map_or(0, |last| last + 1);
    &line[..kept]
}

/// The last place at or before `limit` that is not inside a UTF-8 character.
fn character_boundary(bytes: &[u8], limit: usize) -> usize {
    let limit = limit.min(bytes.len());
    if limit == bytes.len() && !ends_inside_character(bytes) {
        return limit;
    }
    (limit.saturating_sub(3)..=limit)
        .rev()
        .find(|&place| place < bytes.len() && bytes[place] & 0xc0 != 0x80)
        .unwrap_or(limit)
}
