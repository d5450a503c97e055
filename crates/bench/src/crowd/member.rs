//! One member's connection.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context as _, bail};
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::text::Said;
use crate::{clock, source};

/// How far a member has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Greeting,
    /// Registered, and not asked to join yet.
    Waiting,
    Joining,
    Inside,
}

#[derive(Debug)]
pub(super) struct Member {
    stream: TcpStream,
    pub(super) room: usize,
    pub(super) stage: Stage,
    joins_at_once: bool,
    /// The numeric that ends the answer to what was asked.
    awaits: Option<&'static [u8]>,
    pub(super) outgoing: Vec<u8>,
    /// What has come of a line that is not whole yet.
    begun: Vec<u8>,
}

impl Member {
    /// Begins to connect. What comes then is up to [`Self::read`].
    pub(super) fn connect(
        address: SocketAddr,
        place: usize,
        room: usize,
        joins_at_once: bool,
        registry: &Registry,
    ) -> anyhow::Result<Self> {
        let mut stream = source::begin(address, place).with_context(|| format!("cannot connect to {address}"))?;
        registry
            .register(&mut stream, Token(place), Interest::READABLE | Interest::WRITABLE)
            .context("cannot poll a connection")?;
        // What is written leaves at once: it is written in one piece.
        stream.set_nodelay(true).context("cannot turn off the gathering of small segments")?;
        let outgoing = format!("NICK m{place}\r\nUSER m{place} 0 * :bench\r\n").into_bytes();
        Ok(Self { stream, room, stage: Stage::Greeting, joins_at_once, awaits: None, outgoing, begun: Vec::new() })
    }

    /// Asks to be let into the room.
    pub(super) fn join(&mut self) -> anyhow::Result<()> {
        self.stage = Stage::Joining;
        write!(self.outgoing, "JOIN #bench{}\r\n", self.room).expect("a Vec takes everything");
        self.write()
    }

    /// Asks something whose answer ends with this numeric.
    pub(super) fn ask(&mut self, question: &str, last: &'static [u8]) -> anyhow::Result<()> {
        self.awaits = Some(last);
        self.outgoing.extend_from_slice(question.as_bytes());
        self.outgoing.extend_from_slice(b"\r\n");
        self.write()
    }

    /// Tells whether nothing was asked that is not answered.
    pub(super) fn is_answered(&self) -> bool {
        self.awaits.is_none()
    }

    /// Appends a message to the room.
    pub(super) fn say(&mut self, said: Said) {
        write!(self.outgoing, "PRIVMSG #bench{} :", self.room).expect("a Vec takes everything");
        said.write(&mut self.outgoing);
        self.outgoing.extend_from_slice(b"\r\n");
    }

    /// Writes what the socket takes.
    pub(super) fn write(&mut self) -> anyhow::Result<()> {
        while !self.outgoing.is_empty() {
            match self.stream.write(&self.outgoing) {
                Ok(count) => drop(self.outgoing.drain(..count)),
                // A connection that is not there yet says the latter.
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("cannot write to the server"),
            }
        }
        Ok(())
    }

    /// Reads what has come and gives each whole line to `takes`, with the time when it was read. What that does not take is the
    /// server's own talk.
    pub(super) fn read(
        &mut self,
        buffer: &mut [u8],
        mut takes: impl FnMut(&[u8], Instant) -> bool,
    ) -> anyhow::Result<()> {
        loop {
            let kept = self.begun.len();
            buffer[..kept].copy_from_slice(&self.begun);
            self.begun.clear();
            let count = match self.stream.read(&mut buffer[kept..]) {
                Ok(0) => {
                    bail!("the server has ended a connection: {}", String::from_utf8_lossy(&buffer[..kept]))
                }
                Ok(count) => count,
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected) => 0,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("cannot read from the server"),
            };
            let (filled, now) = (kept + count, clock::now());
            let mut begin = 0;
            while let Some(length) = memchr::memchr(b'\n', &buffer[begin..filled]) {
                let line = &buffer[begin..begin + length];
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                if !takes(line, now) {
                    self.hear(line)?;
                }
                begin += length + 1;
            }
            self.begun.extend_from_slice(&buffer[begin..filled]);
            // A read that does not fill the buffer has emptied the socket; the poll tells when there is more.
            if filled < buffer.len() {
                return Ok(());
            }
        }
    }

    fn hear(&mut self, line: &[u8]) -> anyhow::Result<()> {
        if let Some(token) = line.strip_prefix(b"PING ") {
            self.outgoing.extend_from_slice(b"PONG ");
            self.outgoing.extend_from_slice(token);
            self.outgoing.extend_from_slice(b"\r\n");
            return self.write();
        }
        let number = line.split(|byte| *byte == b' ').nth(1);
        if number.is_some() && number == self.awaits {
            self.awaits = None;
        }
        match (self.stage, number) {
            (Stage::Greeting, Some(b"376" | b"422")) => {
                self.stage = Stage::Waiting;
                if self.joins_at_once { self.join() } else { Ok(()) }
            }
            (Stage::Joining, Some(b"366")) => {
                self.stage = Stage::Inside;
                Ok(())
            }
            (Stage::Greeting | Stage::Joining, Some([b'4' | b'5', ..])) => {
                bail!("the server does not let a member in: {}", String::from_utf8_lossy(line))
            }
            _ if line.starts_with(b"ERROR") => bail!("the server says: {}", String::from_utf8_lossy(line)),
            _ => Ok(()),
        }
    }
}
