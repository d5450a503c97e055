//! How a session's lines become bytes: as they are, or each in a WebSocket message of its own.
//!
//! Spec: IRCv3 "websocket" (one line per message, without its CR LF), RFC 6455 section 5.2 (a server's frames are not masked).
//! Frames that come in are read at the socket; here they are only written, once for all who get the same.

use irc::write::LineWriter;

use super::outgoing::Range;

/// Final frames of these kinds.
const TEXT_FRAME: u8 = 0x81;
const BINARY_FRAME: u8 = 0x82;
const CLOSE_FRAME: u8 = 0x88;

/// How a session's lines are framed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Framing {
    /// By CR LF: TCP and TLS.
    #[default]
    Lines,
    /// A text message for each line: `text.ircv3.net`, and clients that ask for no subprotocol.
    Text,
    /// A binary message for each line: `binary.ircv3.net`.
    Binary,
}

/// Why the server closes a WebSocket (RFC 6455, section 7.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CloseCode {
    /// All is said.
    Normal = 1000,
    /// The server stops.
    GoingAway = 1001,
    /// The client did what it may not.
    Policy = 1008,
}

impl Framing {
    /// Tells whether it is one of WebSocket's.
    pub fn is_websocket(self) -> bool {
        self != Self::Lines
    }

    /// Frames the lines that stand at the end of a buffer, from `start`; returns where they are then.
    pub(super) fn frame(self, buffer: &mut Vec<u8>, start: usize) -> Range {
        let kind = match self {
            Self::Lines => return start..buffer.len(),
            Self::Text => TEXT_FRAME,
            Self::Binary => BINARY_FRAME,
        };
        let lines = buffer.split_off(start);
        for line in lines.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            // What the server writes is UTF-8; a browser would drop the connection if it ever were not.
            match core::str::from_utf8(line) {
                Err(_) if self == Self::Text => push_frame(buffer, kind, String::from_utf8_lossy(line).as_bytes()),
                _ => push_frame(buffer, kind, line),
            }
        }
        start..buffer.len()
    }

    /// Returns what a connection is told that is not taken: why, and the close.
    pub fn refusal(self, why: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        LineWriter::new(&mut bytes).command("ERROR").trailing(why).end_cut();
        self.frame(&mut bytes, 0);
        if self.is_websocket() {
            push_close(&mut bytes, CloseCode::Policy);
        }
        bytes
    }
}

fn push_frame(buffer: &mut Vec<u8>, kind: u8, payload: &[u8]) {
    buffer.push(kind);
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..126), _) => buffer.push(length),
        (_, Ok(length)) => {
            buffer.push(126);
            buffer.extend(length.to_be_bytes());
        }
        _ => {
            buffer.push(127);
            buffer.extend((payload.len() as u64).to_be_bytes());
        }
    }
    buffer.extend_from_slice(payload);
}

/// Adds the frame that ends it.
pub(super) fn push_close(buffer: &mut Vec<u8>, code: CloseCode) {
    push_frame(buffer, CLOSE_FRAME, &(code as u16).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(framing: Framing, lines: &[u8]) -> Vec<u8> {
        let mut buffer = b"before".to_vec();
        buffer.extend_from_slice(lines);
        let range = framing.frame(&mut buffer, 6);
        assert_eq!((&buffer[..6], range.clone()), (&b"before"[..], 6..buffer.len()));
        buffer[range].to_vec()
    }

    #[test]
    fn each_line_is_a_message() {
        let lines = b"PING :x\r\n@a=b :c PRIVMSG #d :e\r\n";
        assert_eq!(framed(Framing::Lines, lines), lines);
        assert_eq!(framed(Framing::Text, lines), b"\x81\x07PING :x\x81\x15@a=b :c PRIVMSG #d :e");
        assert_eq!(framed(Framing::Binary, lines), b"\x82\x07PING :x\x82\x15@a=b :c PRIVMSG #d :e");
        assert_eq!(framed(Framing::Text, b""), b"");
    }

    #[test]
    fn lengths_have_three_forms() {
        for (length, head) in [(125, &b"\x81\x7d"[..]), (126, b"\x81\x7e\x00\x7e"), (65_535, b"\x81\x7e\xff\xff")] {
            let line = [vec![b'x'; length], b"\r\n".to_vec()].concat();
            assert_eq!(framed(Framing::Text, &line), [head, &line[..length]].concat());
        }
        let line = vec![b'x'; 65_536];
        assert_eq!(framed(Framing::Text, &line), [b"\x81\x7f\0\0\0\0\0\x01\0\0", &line[..]].concat());
    }

    #[test]
    fn text_is_always_utf_8() {
        assert_eq!(framed(Framing::Text, b"a\xffb\r\n"), b"\x81\x05a\xef\xbf\xbdb");
        assert_eq!(framed(Framing::Binary, b"a\xffb\r\n"), b"\x82\x03a\xffb");
    }

    #[test]
    fn who_is_not_taken_is_told_why() {
        assert_eq!(Framing::Lines.refusal("Full"), b"ERROR :Full\r\n");
        assert_eq!(Framing::Text.refusal("Full"), b"\x81\x0bERROR :Full\x88\x02\x03\xf0");
    }

    proptest! {
        /// What is framed can be taken apart again into the same lines.
        #[test]
        fn messages_are_the_lines(lines in proptest::collection::vec("[^\r\n]{1,300}", 0..6), binary in any::<bool>()) {
            let written = lines.join("\r\n");
            let bytes = framed(if binary { Framing::Binary } else { Framing::Text }, written.as_bytes());
            let (mut rest, mut found) = (&bytes[..], Vec::new());
            while let [kind, length, after @ ..] = rest {
                prop_assert_eq!(*kind, if binary { 0x82 } else { 0x81 });
                let (length, after) = match length {
                    126 => (usize::from(u16::from_be_bytes([after[0], after[1]])), &after[2..]),
                    short => (usize::from(*short), after),
                };
                found.push(String::from_utf8_lossy(&after[..length]).into_owned());
                rest = &after[length..];
            }
            prop_assert_eq!(found, lines);
        }
    }
}
