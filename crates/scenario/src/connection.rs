//! One connection of a running transcript: what has arrived, cut into what a person would see as lines or rows.

use std::collections::VecDeque;

use crate::driver::Received;
use crate::model::{Connect, Ending, Framing};
use crate::scram::ScramClient;
use crate::websocket::WebSocket;

/// What the runner knows about one connection.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own, and none follows from another")]
pub(crate) struct Connection {
    /// Its number at the driver.
    pub(crate) id: usize,
    /// What its sends and receives are made of.
    pub(crate) framing: Framing,
    /// Whether it speaks IRC.
    pub(crate) irc: bool,
    /// Whether it has been welcomed, so that a PING is answered.
    pub(crate) registered: bool,
    /// Whether it has sent something whose effects may not have arrived everywhere.
    pub(crate) unsettled: bool,
    /// Whether its last send ended inside a line.
    pub(crate) inside_line: bool,
    /// Whether it has said QUIT; nothing may be sent any more, or the answer could be lost to a reset.
    pub(crate) leaving: bool,
    /// Whether the transcript has taken note of its end.
    pub(crate) end_is_known: bool,
    /// How it ended, if it has.
    pub(crate) ended: Option<Ending>,
    /// What has come and was not looked at yet.
    pub(crate) rows: VecDeque<Vec<u8>>,
    /// The SCRAM exchange that it has begun.
    pub(crate) scram: Option<ScramClient>,
    /// Whose messages its lines are.
    pub(crate) websocket: Option<WebSocket>,
    has_sent: bool,
    unfinished: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(id: usize, how: &Connect) -> Self {
        let (irc, framing) = match how {
            Connect::Irc(_) | Connect::Raw | Connect::WebSocket(_) => (true, Framing::NetworkLines),
            Connect::Plain(framing) => (false, *framing),
        };
        let websocket = if let Connect::WebSocket(asked) = how { Some(WebSocket::new(asked)) } else { None };
        Self {
            id,
            framing,
            irc,
            registered: false,
            unsettled: false,
            inside_line: false,
            leaving: false,
            end_is_known: false,
            ended: None,
            rows: VecDeque::new(),
            scram: None,
            websocket,
            has_sent: false,
            unfinished: Vec::new(),
        }
    }

    /// The line end that a whole message of this connection gets.
    pub(crate) fn line_end(&self) -> &'static [u8] {
        match self.framing {
            Framing::Segments => b"",
            Framing::Lines => b"\n",
            Framing::NetworkLines => b"\r\n",
        }
    }

    /// Returns what goes over the wire for whole lines.
    pub(crate) fn wire(&self, lines: &[u8]) -> Vec<u8> {
        self.websocket.as_ref().map_or_else(|| lines.to_vec(), |websocket| websocket.messages(lines))
    }

    /// Takes note of what was just sent.
    pub(crate) fn sent(&mut self, bytes: &[u8]) {
        self.has_sent = true;
        self.unsettled = true;
        self.inside_line = !bytes.ends_with(b"\n");
        self.leaving |= self.irc && verb(bytes).eq_ignore_ascii_case(b"QUIT");
    }

    /// Takes what the driver received and returns the rows it completes.
    pub(crate) fn take(&mut self, received: Received) -> Vec<Vec<u8>> {
        let rows = match received {
            Received::Nothing => Vec::new(),
            Received::Bytes(bytes) => self.cut(&bytes),
            Received::Finished => self.end(Ending::Finished),
            Received::Reset => self.end(Ending::Reset),
        };
        if self.irc && rows.iter().any(|row| verb(row) == b"001") {
            self.registered = true;
        }
        self.rows.extend(rows.iter().cloned());
        rows
    }

    fn end(&mut self, how: Ending) -> Vec<Vec<u8>> {
        self.ended = Some(how);
        let rest = std::mem::take(&mut self.unfinished);
        if rest.is_empty() { Vec::new() } else { vec![[rest.as_slice(), b" (and no line end)"].concat()] }
    }

    fn cut(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        match self.framing {
            Framing::Segments => return vec![bytes.to_vec()],
            // Until it has shown that it ends its lines, the server cannot know either.
            Framing::Lines | Framing::NetworkLines if !self.irc && !self.has_sent => {
                let row = bytes.strip_suffix(b"\r\n").or_else(|| bytes.strip_suffix(b"\n")).unwrap_or(bytes);
                return row.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
            }
            Framing::Lines | Framing::NetworkLines => {}
        }
        self.unfinished.extend(bytes);
        if let Some(websocket) = &mut self.websocket {
            return websocket.cut(&mut self.unfinished);
        }
        let mut rows = Vec::new();
        while let Some(end) = self.unfinished.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.unfinished.drain(..=end).collect();
            // A line end of the wrong kind stays in the row, where it fails to match and can be seen.
            rows.push(line.strip_suffix(self.line_end()).unwrap_or(&line).to_vec());
        }
        rows
    }
}

/// The command or numeric of an IRC line, tags and source left out.
pub(crate) fn verb(line: &[u8]) -> &[u8] {
    let mut words = line.split(|&byte| byte == b' ' || byte == b'\r' || byte == b'\n').filter(|word| !word.is_empty());
    words.find(|word| !word.starts_with(b"@") && !word.starts_with(b":")).unwrap_or_default()
}

/// Whether this is the PONG that carries `token`.
pub(crate) fn is_pong(line: &[u8], token: &str) -> bool {
    verb(line) == b"PONG" && line.ends_with(token.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(how: &Connect) -> Connection {
        Connection::new(0, how)
    }

    fn bytes(text: &str) -> Received {
        Received::Bytes(text.as_bytes().to_vec())
    }

    #[test]
    fn irc_arrives_in_lines_however_it_is_cut() {
        let mut irc = connection(&Connect::Raw);
        assert!(irc.take(bytes("PING :a\r")).is_empty());
        assert_eq!(irc.take(bytes("\nPING :b\r\nPI")), [b"PING :a".to_vec(), b"PING :b".to_vec()]);
        assert_eq!(irc.take(Received::Finished), [b"PI (and no line end)".to_vec()]);
        assert_eq!(irc.ended, Some(Ending::Finished));
    }

    #[test]
    fn a_wrong_line_end_can_be_seen() {
        let mut irc = connection(&Connect::Raw);
        assert_eq!(irc.take(bytes("PING :a\n")), [b"PING :a\n".to_vec()]);
        let mut netcat = connection(&Connect::Plain(Framing::Lines));
        netcat.sent(b"Anna\n");
        assert_eq!(netcat.take(bytes("ciao\r\n")), [b"ciao\r".to_vec()]);
    }

    #[test]
    fn a_segment_is_a_row() {
        let mut anna = connection(&Connect::Plain(Framing::Segments));
        assert_eq!(anna.take(bytes("anna: ciao\n")), [b"anna: ciao\n".to_vec()]);
    }

    #[test]
    fn a_greeting_needs_no_line_end_before_lines_are_known() {
        let mut netcat = connection(&Connect::Plain(Framing::Lines));
        assert_eq!(netcat.take(bytes("Salve!")), [b"Salve!".to_vec()]);
        netcat.sent(b"Anna\n");
        assert!(netcat.take(bytes("Benvenuto")).is_empty());
        assert_eq!(netcat.take(bytes(" Anna\n")), [b"Benvenuto Anna".to_vec()]);
    }

    #[test]
    fn the_welcome_registers_and_quit_leaves() {
        let mut irc = connection(&Connect::Raw);
        irc.take(bytes("@time=1 :loggia.local 001 a :Welcome\r\n"));
        assert!(irc.registered);
        irc.sent(b"PRIVMSG b :QUIT\r\n");
        assert!(!irc.leaving);
        irc.sent(b"@label=1 quit :bye\r\n");
        assert!(irc.leaving);
    }

    #[test]
    fn a_pong_is_known_by_its_token() {
        assert!(is_pong(b"@time=1 :loggia.local PONG loggia.local :fence-1", "fence-1"));
        assert!(!is_pong(b":loggia.local PONG loggia.local fence-2", "fence-1"));
        assert!(!is_pong(b":a!a@h PRIVMSG b :PONG fence-1", "fence-1"));
    }
}
