//! One connection as its client sees it, and what must hold for what it gets.

use std::collections::VecDeque;

use chat::ids::SessionId;
use session::settings::Door;

use crate::targets::written::{check_irc_line, check_plain_text};

/// The other end of a session.
#[derive(Debug, Default)]
pub(super) struct Connection {
    pub(super) session: Option<SessionId>,
    /// Sent, and not read by the server yet; one read each.
    pub(super) waiting: VecDeque<Vec<u8>>,
    pub(super) no_more_input: bool,
    /// How many bytes the socket takes at a time; all when there is no number.
    pub(super) window: Option<usize>,
    /// Whether the next write fails.
    pub(super) is_broken: bool,
    /// What the server has read.
    pub(super) handed_over: Vec<u8>,
    /// The lines that an IRC client got, where somebody wants to look at them.
    pub(super) recorded: Option<Vec<String>>,
    /// What the client got and was not looked at yet.
    received: Vec<u8>,
    dialect: Dialect,
    /// The prompt of the door's plain dialect, which may come before the client turns out to speak IRC.
    prompt: Option<Box<[u8]>>,
    /// How an IRC line of the server begins.
    irc_begins: Box<[u8]>,
}

/// What the server takes the client for, by what it writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Dialect {
    #[default]
    Unknown,
    Irc,
    Plain,
    /// Told in its own protocol that this door is not for it.
    TurnedAway,
}

impl Connection {
    pub(super) fn at(session: SessionId, door: &Door, server_name: &str) -> Self {
        Self {
            session: Some(session),
            prompt: door.plain.as_ref().map(|variant| variant.prompt.as_bytes().into()),
            irc_begins: format!(":{server_name} ").into_bytes().into(),
            ..Self::default()
        }
    }

    /// Takes what the socket took.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        self.received.extend_from_slice(bytes);
        if self.dialect == Dialect::Unknown {
            self.dialect = self.recognised();
        }
        match self.dialect {
            Dialect::Irc => self.check_lines(),
            Dialect::Unknown | Dialect::Plain | Dialect::TurnedAway => {}
        }
    }

    fn recognised(&mut self) -> Dialect {
        let mut received = &self.received[..];
        if self.prompt.is_some() && (received.starts_with(b"HTTP/1.1 ") || received.starts_with(&[0x15])) {
            return Dialect::TurnedAway;
        }
        if let Some(prompt) = &self.prompt {
            // A name that cannot be had is asked for again; a client that has shown lines by then gets them.
            while let Some(rest) = received.strip_prefix(&prompt[..]) {
                received = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
            }
            if received.len() <= prompt.len() && prompt.starts_with(received) || received == b"\r" {
                return Dialect::Unknown;
            }
        } else if received.starts_with(&[0x15]) || b"HTTP/1.1 ".starts_with(&received[..received.len().min(9)]) {
            return Dialect::TurnedAway;
        }
        for begin in [&self.irc_begins[..], b"ERROR :"] {
            if received.starts_with(begin) || self.prompt.is_none() {
                self.received = received.to_vec();
                return Dialect::Irc;
            }
            if begin.starts_with(received) {
                return Dialect::Unknown;
            }
        }
        Dialect::Plain
    }

    fn check_lines(&mut self) {
        let mut start = 0;
        while let Some(end) = self.received[start..].iter().position(|byte| *byte == b'\n') {
            let line = &self.received[start..=start + end];
            check_irc_line(line);
            if let Some(recorded) = &mut self.recorded {
                recorded.push(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
            }
            start += end + 1;
        }
        self.received.drain(..start);
    }

    /// The server has closed: what the client got is all it gets.
    pub(super) fn check_end(&self) {
        if self.dialect != Dialect::Plain {
            return;
        }
        let whole = match std::str::from_utf8(&self.received) {
            // A client that does not read misses the rest of a character.
            Err(error) if error.error_len().is_none() => &self.received[..error.valid_up_to()],
            _ => &self.received[..],
        };
        check_plain_text(whole);
    }
}
