//! One connection: bytes of the server in, bytes for it out, and what of it concerns the program.
//!
//! ```
//! use client::connection::{Connection, News};
//! use client::handshake::Identity;
//! use client::outbox::{Outbox, What};
//!
//! let mut outbox = Outbox::new(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef); // 128 random bits, kept with the outbox
//! outbox.push(What::say("#tea", "ciao"));
//! let mut connection = Connection::begin(Identity::guest("alice"));
//! assert_eq!(connection.take_output(), b"CAP LS 302\r\nNICK alice\r\nUSER alice 0 * :alice\r\n"); // to the socket
//! // What the socket brings:
//! connection.receive(b":irc CAP * LS :message-tags loggia.chat/delivery\r\n", &mut outbox);
//! connection.receive(b":irc CAP * ACK :message-tags loggia.chat/delivery\r\n:irc 001 alice :Welcome\r\n", &mut outbox);
//! assert!(std::iter::from_fn(|| connection.next_news()).any(|news| news == News::Ready)); // among the lines themselves
//! connection.say("JOIN #tea"); // and, once it is where it wants to speak:
//! connection.speak(&mut outbox);
//! # let said = String::from_utf8(connection.take_output()).unwrap();
//! # assert!(said.ends_with("0123456789abcdef0123456789abcdef.1 PRIVMSG #tea :ciao\r\n"), "{said}");
//! ```

use std::collections::VecDeque;

use irc::line::{Framed, LineBuffer, LineLimits};
use irc::message::Message;

use crate::catch_up::{PAGE_ENTRIES, page_entries};
use crate::handshake::{Handshake, Identity, Step};
use crate::outbox::{Acknowledgement, Link, Outbox};

/// What of a connection concerns the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The client is somebody on the server. Now it may JOIN, and then [`Connection::speak`].
    Ready,
    /// The server does not let it in, and said why.
    Refused(Box<str>),
    /// Something has become of an entry of the outbox. The line that says so is news of its own before it.
    Settled(u64),
    /// A line of the server, without its end: all of them, in order.
    Line(Box<[u8]>),
}

/// One connection. A new one has a new value.
#[derive(Debug)]
pub struct Connection {
    handshake: Handshake,
    lines: LineBuffer,
    out: Vec<u8>,
    news: VecDeque<News>,
    /// How much of what was said the server gives at once.
    page_entries: u32,
}

impl Connection {
    /// Begins a conversation.
    pub fn begin(identity: Identity) -> Self {
        let mut out = Vec::new();
        let handshake = Handshake::begin(identity, &mut out);
        let lines = LineBuffer::new(LineLimits::FROM_SERVER);
        Self { handshake, lines, out, news: VecDeque::new(), page_entries: PAGE_ENTRIES }
    }

    /// Returns what the server has granted, and who the client is.
    pub fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    /// Sends a line, without its end.
    pub fn say(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    /// Lets the outbox speak on this connection from now on.
    pub fn speak(&mut self, outbox: &mut Outbox) {
        let has = |names: &[&str]| names.iter().all(|name| self.handshake.has(name));
        let by = if has(&["message-tags", "loggia.chat/delivery"]) {
            Acknowledgement::Ids
        } else if has(&["message-tags", "batch", "labeled-response", "echo-message"]) {
            Acknowledgement::Labels
        } else {
            Acknowledgement::Pings
        };
        outbox.connected(Link {
            by,
            history: has(&["batch", "draft/chathistory", "labeled-response"]),
            page_entries: self.page_entries,
            multiline: has(&["batch", "draft/multiline"]),
            tags: has(&["message-tags"]),
            nick: self.handshake.nick().into(),
        });
        self.pump(outbox);
    }

    /// Takes what the socket has brought.
    pub fn receive(&mut self, mut bytes: &[u8], outbox: &mut Outbox) {
        // Taken out while its lines are looked at.
        let mut lines = std::mem::replace(&mut self.lines, LineBuffer::new(LineLimits::FROM_SERVER));
        while let Some(framed) = lines.next(&mut bytes) {
            // What is too long, or no message, no server says.
            if let Framed::Line(line) = framed
                && let Ok(message) = Message::parse(line)
            {
                self.take(line, &message, outbox);
            }
        }
        self.lines = lines;
        self.pump(outbox);
    }

    fn take(&mut self, line: &[u8], message: &Message<'_>, outbox: &mut Outbox) {
        self.news.push_back(News::Line(line.into()));
        if message.command == "005" {
            self.page_entries = message.params.iter().filter_map(page_entries).next_back().unwrap_or(self.page_entries);
        }
        match self.handshake.receive(message, &mut self.out) {
            Step::On => {}
            Step::Ready => self.news.push_back(News::Ready),
            Step::Refused(why) => self.news.push_back(News::Refused(why)),
        }
        if let Some(number) = outbox.receive(message) {
            self.news.push_back(News::Settled(number));
        }
    }

    /// Lets the outbox say what it has to say, also after something was put into it.
    pub fn pump(&mut self, outbox: &mut Outbox) {
        while outbox.next_lines(&mut self.out) {}
    }

    /// Returns the next piece of news.
    pub fn next_news(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    /// Returns what is to be written to the socket. Nothing of it is kept here.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}
