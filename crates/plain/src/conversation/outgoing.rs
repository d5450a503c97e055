//! What waits to be sent (section 6, "Output").
//!
//! Segment mode: one send per message, a gap between two sends, nothing longer than the originals' buffer. Line mode:
//! lines, as many as there are in one send.

use std::collections::VecDeque;
use std::time::Duration;

/// The shortest time between two sends in segment mode, so that the client reads them apart (section 6, "Output").
pub const SEND_GAP: Duration = Duration::from_millis(30);
/// The longest send in segment mode, in bytes: what the originals' `recv` takes (sections 2 and 6).
pub const SEND_BYTES_MAX: usize = 1024;

/// The room a character may need; a prefix that leaves less is not repeated.
const CHARACTER_BYTES_MAX: usize = 4;

/// The queue of one connection. Holds no buffer while it is empty.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    sends: VecDeque<Box<[u8]>>,
    sends_bytes: usize,
    lines: Vec<u8>,
    last_send: Option<Duration>,
    blocked: bool,
}

impl Outgoing {
    /// Queues a message for segment mode: one send, or several of which each repeats prefix and tail.
    pub(crate) fn push_message(&mut self, prefix: &str, text: &str, tail: &str) {
        for part in parts(prefix, text, tail) {
            self.sends_bytes += part.len();
            self.sends.push_back(part.into_boxed_slice());
        }
    }

    /// Queues a line for line mode.
    pub(crate) fn push_line(&mut self, prefix: &str, text: &str, crlf: bool) {
        self.lines.extend_from_slice(prefix.as_bytes());
        self.lines.extend_from_slice(text.as_bytes());
        self.lines.extend_from_slice(line_end(crlf));
    }

    /// Takes the next send of segment mode, if its time has come.
    pub(crate) fn take_send(&mut self, now: Duration) -> Option<Vec<u8>> {
        if self.blocked || self.next_send_at() > now {
            return None;
        }
        let bytes = self.sends.pop_front()?;
        self.sends_bytes -= bytes.len();
        if self.sends.is_empty() {
            self.sends = VecDeque::new();
        }
        self.last_send = Some(now);
        Some(bytes.into_vec())
    }

    /// Takes all that waits, as lines.
    pub(crate) fn take_lines(&mut self, crlf: bool, now: Duration) -> Option<Vec<u8>> {
        if self.blocked {
            return None;
        }
        let mut bytes = Vec::new();
        // Queued before the client's first line showed that it reads lines.
        for send in std::mem::take(&mut self.sends) {
            bytes.extend_from_slice(&send);
            bytes.extend_from_slice(line_end(crlf));
        }
        self.sends_bytes = 0;
        if bytes.is_empty() {
            bytes = std::mem::take(&mut self.lines);
        } else {
            bytes.append(&mut self.lines);
        }
        if bytes.is_empty() {
            return None;
        }
        self.last_send = Some(now);
        Some(bytes)
    }

    /// Returns when the next send may go, if one waits for the gap.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        (!self.blocked && !self.sends.is_empty()).then(|| self.next_send_at())
    }

    /// Drops everything that waits.
    pub(crate) fn clear(&mut self) {
        self.sends = VecDeque::new();
        self.sends_bytes = 0;
        self.lines = Vec::new();
    }

    /// Tells whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.sends.is_empty() && self.lines.is_empty()
    }

    /// The bytes that wait.
    pub(crate) fn queued_bytes(&self) -> usize {
        self.sends_bytes + self.lines.len()
    }

    /// When the last send was made.
    pub(crate) fn last_send(&self) -> Option<Duration> {
        self.last_send
    }

    /// Notes whether the socket takes bytes.
    pub(crate) fn set_blocked(&mut self, blocked: bool) {
        self.blocked = blocked;
    }

    fn next_send_at(&self) -> Duration {
        self.last_send.map_or(Duration::ZERO, |last| last + SEND_GAP)
    }
}

fn line_end(crlf: bool) -> &'static [u8] {
    if crlf { b"\r\n" } else { b"\n" }
}

/// Cuts a message into sends of at most [`SEND_BYTES_MAX`], at character boundaries.
fn parts(prefix: &str, text: &str, tail: &str) -> Vec<Vec<u8>> {
    let frame_bytes = prefix.len() + tail.len();
    if frame_bytes + CHARACTER_BYTES_MAX > SEND_BYTES_MAX {
        return if frame_bytes == 0 { Vec::new() } else { parts("", &format!("{prefix}{text}{tail}"), "") };
    }
    let room = SEND_BYTES_MAX - frame_bytes;
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (body, after) = rest.split_at(rest.floor_char_boundary(room));
        parts.push([prefix.as_bytes(), body.as_bytes(), tail.as_bytes()].concat());
        rest = after;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_fit_are_whole_characters_and_make_up_the_text(
            prefix in "[a-zA-Zàè€ ]{0,60}: ",
            text in "[a-zèé€😀 ]{1,3000}",
            tail in prop_oneof![Just(""), Just("\n")],
        ) {
            let mut joined = String::new();
            for part in parts(&prefix, &text, tail) {
                prop_assert!(part.len() <= SEND_BYTES_MAX);
                let part = String::from_utf8(part).expect("cut inside a character");
                let body = part.strip_prefix(&prefix).expect("prefix missing");
                let body = body.strip_suffix(tail).expect("tail missing");
                prop_assert!(!body.is_empty());
                joined.push_str(body);
            }
            prop_assert_eq!(joined, text);
        }

        #[test]
        fn a_prefix_as_long_as_a_send_is_cut_like_text(prefix in "[aè€]{1021,1500}", text in "[bè]{0,1500}") {
            let all: Vec<Vec<u8>> = parts(&prefix, &text, "");
            prop_assert!(all.iter().all(|part| part.len() <= SEND_BYTES_MAX && std::str::from_utf8(part).is_ok()));
            prop_assert_eq!(all.concat(), format!("{prefix}{text}").into_bytes());
        }
    }
}
