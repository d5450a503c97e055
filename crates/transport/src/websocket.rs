//! WebSocket, the server's side of reading: frames become messages, and what is due for them (a pong, a close) is said.
//!
//! Spec: RFC 6455; `tungstenite` keeps its rules (masks, fragments, control frames between them, UTF-8, closing) and is
//! driven here without a socket: bytes in, bytes out. What the server sends of itself is framed elsewhere, once for many.

use std::io::{self, Read, Write};

use tungstenite::error::{CapacityError, Error};
use tungstenite::protocol::frame::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{Message, Role, WebSocketConfig, WebSocketContext};

/// The longest message, in bytes. A line of IRC has at most 4606; who sends more than this is not listened to any longer
/// (`irc::line::ENDLESS_BYTES`, the same for TCP).
pub const MESSAGE_BYTES_MAX: usize = irc::line::ENDLESS_BYTES as usize;
/// How much is read at once into the buffer that each connection keeps.
const READ_BYTES: usize = 512;
/// Stands for CR and LF inside a message. A message is one line, so they are as forbidden in it as NUL, and refused alike.
const FORBIDDEN: u8 = 0;

/// What a read brought, as the reader is to pass it on.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unframed {
    /// The lines: each message without its own line end, and LF after it.
    pub lines: Vec<u8>,
    /// Whole frames to send back: pongs, and the close when there is one.
    pub reply: Vec<u8>,
    /// Whether the conversation is over: the client has closed it, or broken its rules.
    pub is_over: bool,
}

/// One connection's incoming frames.
#[derive(Debug)]
pub struct Frames {
    context: WebSocketContext,
    is_over: bool,
}

impl Default for Frames {
    fn default() -> Self {
        Self::new()
    }
}

impl Frames {
    /// Begins after the handshake.
    pub fn new() -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX))
            .accept_unmasked_frames(false);
        Self { context: WebSocketContext::new(Role::Server, Some(config)), is_over: false }
    }

    /// Tells whether the conversation is over: nothing that comes still counts.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Takes what one read brought.
    pub fn receive(&mut self, bytes: &[u8]) -> Unframed {
        let mut unframed = Unframed::default();
        if self.is_over {
            return unframed;
        }
        let mut socket = Memory { incoming: bytes, outgoing: &mut unframed.reply };
        loop {
            match self.context.read(&mut socket) {
                Ok(Message::Text(text)) => push_line(&mut unframed.lines, text.as_bytes()),
                Ok(Message::Binary(bytes)) => push_line(&mut unframed.lines, &bytes),
                // A ping has its pong already; a pong that nobody asked for is allowed, and means nothing.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                // The answer goes out with the next flush, and that ends it.
                Ok(Message::Close(_)) => {
                    let _ = self.context.flush(&mut socket);
                    self.is_over = true;
                }
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => {
                    if let Some(close) = close_for(&error) {
                        let _ = self.context.close(&mut socket, Some(close));
                    }
                    self.is_over = true;
                }
            }
            if self.is_over {
                break;
            }
        }
        unframed.is_over = self.is_over;
        unframed
    }
}

/// Returns what a client is told that has broken a rule (RFC 6455, section 7.4.1).
fn close_for(error: &Error) -> Option<CloseFrame> {
    let (code, reason) = match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => (CloseCode::Size, "Line without end"),
        Error::Utf8(_) => (CloseCode::Invalid, "A text message is not UTF-8"),
        Error::Protocol(_) => (CloseCode::Protocol, "These are no WebSocket frames of a client"),
        _ => return None,
    };
    Some(CloseFrame { code, reason: reason.into() })
}

/// Adds a message as a line. A line end after it is forgiven: older clients send one.
fn push_line(lines: &mut Vec<u8>, message: &[u8]) {
    let message = message.strip_suffix(b"\n").unwrap_or(message);
    let message = message.strip_suffix(b"\r").unwrap_or(message);
    lines.extend(message.iter().map(|byte| if matches!(byte, b'\r' | b'\n') { FORBIDDEN } else { *byte }));
    lines.push(b'\n');
}

/// What stands in for the socket: the bytes of one read, and where the answers go.
struct Memory<'a> {
    incoming: &'a [u8],
    outgoing: &'a mut Vec<u8>,
}

impl Read for Memory<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.incoming.is_empty() {
            // Nothing more now; the end of the connection is the caller's to tell.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.incoming.read(into)
    }
}

impl Write for Memory<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outgoing.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MASK: [u8; 4] = [0x5a, 0, 0xff, 0x31];

    /// A client's frame.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = vec![first];
        match u16::try_from(payload.len()).unwrap_or(u16::MAX) {
            short @ 0..126 => bytes.push(0x80 | u8::try_from(short).unwrap_or_default()),
            long => {
                bytes.push(0x80 | 0x7e);
                bytes.extend(long.to_be_bytes());
            }
        }
        bytes.extend(MASK);
        bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    fn text(message: &str) -> Vec<u8> {
        frame(0x81, message.as_bytes())
    }

    fn received(bytes: &[u8]) -> Unframed {
        Frames::new().receive(bytes)
    }

    fn lines(bytes: &[u8]) -> String {
        let unframed = received(bytes);
        assert!(!unframed.is_over && unframed.reply.is_empty(), "{unframed:?}");
        unframed.lines.escape_ascii().to_string()
    }

    /// Returns the code of the close that was answered.
    fn closed(bytes: &[u8]) -> u16 {
        let mut frames = Frames::new();
        let unframed = frames.receive(bytes);
        assert!(unframed.is_over, "{unframed:?}");
        assert_eq!(unframed.reply[0], 0x88, "{unframed:?}");
        assert_eq!(usize::from(unframed.reply[1]), unframed.reply.len() - 2);
        assert_eq!(frames.receive(&text("PING x")), Unframed::default(), "nothing counts any more");
        u16::from_be_bytes([unframed.reply[2], unframed.reply[3]])
    }

    #[test]
    fn a_message_is_a_line() {
        assert_eq!(lines(&[text("NICK anna"), frame(0x82, b"USER a 0 * :A")].concat()), "NICK anna\\nUSER a 0 * :A\\n");
        assert_eq!(lines(&[text("CAP LS\r\n"), text("CAP END\n"), text("")].concat()), "CAP LS\\nCAP END\\n\\n");
        assert_eq!(lines(&text("PRIVMSG #a :b\r\nQUIT")), "PRIVMSG #a :b\\x00\\x00QUIT\\n");
        assert_eq!(lines(&frame(0x82, b"PRIVMSG #a :\xff")), "PRIVMSG #a :\\xff\\n");
    }

    #[test]
    fn fragments_are_joined_around_control_frames() {
        let parts =
            [frame(0x01, b"PI"), frame(0x89, b"there?"), frame(0x00, "NG caff\u{e8}".as_bytes()), frame(0x80, b"")];
        let unframed = received(&parts.concat());
        assert_eq!(unframed.lines, "PING caff\u{e8}\n".as_bytes());
        assert_eq!(unframed.reply, b"\x8a\x06there?", "the pong");
        // A character may be cut in two.
        assert_eq!(lines(&[frame(0x01, b"\xc3"), frame(0x80, b"\xa8")].concat()), "\\xc3\\xa8\\n");
    }

    #[test]
    fn what_is_not_utf_8_is_no_text() {
        assert_eq!(closed(&frame(0x81, b"\xff")), 1007);
        assert_eq!(closed(&[frame(0x01, b"\xc3"), frame(0x80, b"(")].concat()), 1007);
    }

    #[test]
    fn broken_rules_end_it() {
        assert_eq!(closed(b"\x81\x05hello"), 1002, "without a mask");
        assert_eq!(closed(&frame(0xc1, b"x")), 1002, "compressed");
        assert_eq!(closed(&frame(0x80, b"x")), 1002, "a fragment of nothing");
        assert_eq!(closed(&[frame(0x01, b"x"), text("y")].concat()), 1002, "a message within a message");
        assert_eq!(closed(&frame(0x83, b"x")), 1002, "a reserved kind of data");
        assert_eq!(closed(&frame(0x8b, b"x")), 1002, "a reserved kind of control");
        assert_eq!(closed(&frame(0x09, b"x")), 1002, "a ping in pieces");
        assert_eq!(closed(&frame(0x89, &[b'x'; 126])), 1002, "a long ping");
        assert_eq!(closed(b"NICK anna\r\nUSER a 0 * :A\r\n"), 1002, "no frames at all");
    }

    #[test]
    fn endless_messages_end_it_before_they_are_kept() {
        assert_eq!(lines(&text(&"x".repeat(MESSAGE_BYTES_MAX))).len(), MESSAGE_BYTES_MAX + 2);
        assert_eq!(closed(&text(&"x".repeat(MESSAGE_BYTES_MAX + 1))), 1009);
        // Only the length has come.
        assert_eq!(closed(b"\x82\xff\x00\x00\x00\x7f\xff\xff\xff\xffmask"), 1009);
        let pieces = [frame(0x01, &[b'x'; MESSAGE_BYTES_MAX]), frame(0x80, b"x")].concat();
        assert_eq!(closed(&pieces), 1009);
    }

    #[test]
    fn a_close_is_answered_in_kind() {
        assert_eq!(closed(&frame(0x88, b"\x03\xe9away")), 1001);
        assert_eq!(closed(&frame(0x88, b"\x03\xedno")), 1002, "1005 is never sent");
        let unframed = received(&[text("QUIT"), frame(0x88, b""), text("PING x")].concat());
        assert_eq!(
            (unframed.lines, unframed.reply, unframed.is_over),
            (b"QUIT\n".to_vec(), b"\x88\x00".to_vec(), true)
        );
    }

    proptest! {
        /// However a stream is cut, the same comes of it.
        #[test]
        fn any_cuts_give_the_same(
            messages in proptest::collection::vec(("[a-z\u{e8} ]{0,200}", any::<u8>()), 0..6),
            noise in proptest::collection::vec(any::<u8>(), 0..20),
            cut in 1_usize..40,
        ) {
            let mut stream: Vec<u8> = Vec::new();
            for (message, first) in &messages {
                stream.extend(frame(if *first < 250 { 0x81 } else { *first }, message.as_bytes()));
            }
            stream.extend(noise);
            let whole = received(&stream);
            let (mut frames, mut together) = (Frames::new(), Unframed::default());
            for piece in stream.chunks(cut) {
                let unframed = frames.receive(piece);
                together.lines.extend(unframed.lines);
                together.reply.extend(unframed.reply);
                together.is_over |= unframed.is_over;
            }
            prop_assert_eq!(together, whole);
        }
    }
}
