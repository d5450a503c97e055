//! The client's end of a WebSocket: the handshake, a message for each line, and what comes shown as rows. Written apart from the
//! server's, so that one checks the other.
//!
//! Spec: RFC 6455, IRCv3 "websocket".

/// The example of RFC 6455, section 1.3: nothing here depends on its being a secret.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// What a server answers to that key.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// Any but zeros shows that the server takes it off.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PONG: u8 = 0x8a;
/// Set in the byte of the length.
const MASKED: u8 = 0x80;
/// The length is in the next two bytes.
const LENGTH_IN_2: u8 = 0x7e;
/// The length is in the next eight bytes.
const LENGTH_IN_8: u8 = 0x7f;
/// The subprotocol whose messages are bytes; all others have text.
const BINARY_SUBPROTOCOL: &str = "binary.ircv3.net";

/// One WebSocket. What has come and is no whole frame yet is kept by its owner.
#[derive(Debug)]
pub(crate) struct WebSocket {
    /// The subprotocols that it asks for, the best first.
    asked: Vec<String>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Asked,
    Open { kind: u8 },
    Refused,
}

impl WebSocket {
    pub(crate) fn new(asked: &[String]) -> Self {
        Self { asked: asked.to_owned(), state: State::Asked }
    }

    /// Returns the request that opens it.
    pub(crate) fn request(&self) -> String {
        let subprotocols = if self.asked.is_empty() {
            String::new()
        } else {
            format!("Sec-WebSocket-Protocol: {}\r\n", self.asked.join(", "))
        };
        format!(
            "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: {KEY}\r\n{subprotocols}\r\n"
        )
    }

    /// Returns each line as a message, of the kind that was agreed on.
    pub(crate) fn messages(&self, lines: &[u8]) -> Vec<u8> {
        let kind = if let State::Open { kind } = self.state { kind } else { TEXT };
        let lines = lines.strip_suffix(b"\n").unwrap_or(lines).split(|&byte| byte == b'\n');
        lines.flat_map(|line| masked(kind, line.strip_suffix(b"\r").unwrap_or(line))).collect()
    }

    /// Takes whole frames off the front of what has come, each a row. A message of the agreed kind is shown as what is in it,
    /// everything else in brackets, as no line of IRC stands.
    pub(crate) fn cut(&mut self, came: &mut Vec<u8>) -> Vec<Vec<u8>> {
        let mut rows = Vec::new();
        if self.state == State::Asked {
            let Some(end) = came.windows(4).position(|part| part == b"\r\n\r\n") else { return rows };
            let head: Vec<u8> = came.drain(..end + 4).collect();
            rows.push(self.answered(&String::from_utf8_lossy(&head)).into_bytes());
        }
        let State::Open { kind } = self.state else {
            // The words for a person, who is not here.
            came.clear();
            return rows;
        };
        while let Some((head, payload)) = take_frame(came) {
            rows.push(match head {
                _ if head == kind => payload,
                TEXT => bracketed("text", &payload),
                BINARY => bracketed("binary", &payload),
                PONG => bracketed("pong", &payload),
                CLOSE if payload.len() >= 2 => {
                    let code = u16::from_be_bytes([payload[0], payload[1]]);
                    bracketed(&format!("close {code}"), &payload[2..])
                }
                _ => bracketed(&format!("frame {head:02x}"), &payload),
            });
        }
        rows
    }

    /// Reads the head of the answer; returns how it is shown.
    fn answered(&mut self, head: &str) -> String {
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default();
        let field = |name: &str| {
            let mut fields = head.lines().filter_map(|line| line.split_once(':'));
            fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        self.state = State::Refused;
        if status != "101" {
            return format!("(refused {status})");
        }
        if field("Sec-WebSocket-Accept") != Some(ACCEPT) {
            return "(refused: this is no answer to our key)".to_owned();
        }
        let agreed = field("Sec-WebSocket-Protocol");
        self.state = State::Open { kind: if agreed == Some(BINARY_SUBPROTOCOL) { BINARY } else { TEXT } };
        agreed.map_or_else(|| "(open)".to_owned(), |agreed| format!("(open {agreed})"))
    }
}

fn bracketed(what: &str, payload: &[u8]) -> Vec<u8> {
    let space: &[u8] = if payload.is_empty() { b"" } else { b" " };
    [b"(", what.as_bytes(), space, payload, b")"].concat()
}

/// A frame as clients send it.
fn masked(head: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![head];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ 0..126), _) => frame.push(MASKED | length),
        (_, Ok(length)) => {
            frame.push(MASKED | LENGTH_IN_2);
            frame.extend(length.to_be_bytes());
        }
        _ => {
            frame.push(MASKED | LENGTH_IN_8);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// Takes a whole frame as servers send it, not masked, off the front: its first byte and what is in it.
fn take_frame(came: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let (&head, &short) = (came.first()?, came.get(1)?);
    let (start, length) = match short {
        // A masked one has a length above these, and is never whole.
        LENGTH_IN_2 => (4, u64::from(u16::from_be_bytes(came.get(2..4)?.try_into().ok()?))),
        LENGTH_IN_8 => (10, u64::from_be_bytes(came.get(2..10)?.try_into().ok()?)),
        _ => (2, u64::from(short)),
    };
    let end = start + usize::try_from(length).ok()?;
    if came.len() < end {
        return None;
    }
    let payload = came[start..end].to_vec();
    came.drain(..end);
    Some((head, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(asked: &[&str], answer: &str) -> (WebSocket, String) {
        let asked: Vec<String> = asked.iter().map(|&one| one.to_owned()).collect();
        let mut socket = WebSocket::new(&asked);
        let mut came = answer.as_bytes().to_vec();
        let rows = socket.cut(&mut came);
        let row = rows.first().map(|row| String::from_utf8_lossy(row).into_owned());
        (socket, row.unwrap_or_default())
    }

    fn accepted(more: &str) -> String {
        format!("HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: {ACCEPT}\r\n{more}\r\n")
    }

    #[test]
    fn it_is_open_once_the_answer_fits_the_key() {
        assert_eq!(open(&[], &accepted("")).1, "(open)");
        assert_eq!(open(&[], &accepted("Sec-WebSocket-Protocol: text.ircv3.net\r\n")).1, "(open text.ircv3.net)");
        assert_eq!(open(&[], "HTTP/1.1 403 Forbidden\r\n\r\nNo.\n").1, "(refused 403)");
        let other = accepted("").replace("s3p", "S3p");
        assert_eq!(open(&[], &other).1, "(refused: this is no answer to our key)");
        assert!(WebSocket::new(&["a".to_owned(), "b".to_owned()]).request().contains("Protocol: a, b\r\n"));
    }

    #[test]
    fn lines_are_masked_messages() {
        let (socket, _) = open(&[], &accepted(""));
        // RFC 6455, section 5.7.
        assert_eq!(socket.messages(b"Hello\r\n"), b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
        assert_eq!(socket.messages(b"a\r\nb\r\n").len(), 14);
        let (socket, _) = open(&[], &accepted("Sec-WebSocket-Protocol: binary.ircv3.net\r\n"));
        assert_eq!(socket.messages(b"")[..2], [BINARY, 0x80]);
        assert_eq!(socket.messages(&[b'x'; 126])[..4], [BINARY, 0xfe, 0, 126]);
        assert_eq!(socket.messages(&vec![b'x'; 65_536])[..10], [BINARY, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn frames_are_rows_however_they_are_cut() {
        let (mut socket, _) = open(&[], &accepted(""));
        let long = [&b"\x81\x7e\x00\x7e"[..], &[b'x'; 126]].concat();
        let all = [b"\x81\x02hi\x82\x02hi\x8a\x01p\x8a\x00\x88\x02\x03\xe8\x01\x01a", &long[..]].concat();
        let (mut came, mut rows) = (Vec::new(), Vec::new());
        for byte in all {
            came.push(byte);
            rows.extend(socket.cut(&mut came));
        }
        let rows: Vec<_> = rows.iter().map(|row| String::from_utf8_lossy(row)).collect();
        assert_eq!(rows[..6], ["hi", "(binary hi)", "(pong p)", "(pong)", "(close 1000)", "(frame 01 a)"]);
        assert_eq!(rows[6].len(), 126);
        assert!(came.is_empty());
    }
}
