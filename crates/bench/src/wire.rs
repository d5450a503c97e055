//! One connection of ours to a server: bytes gathered and written in one piece, lines taken from what has come.

use std::io::{self, Read as _, Write as _};
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use mio::event::Event;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use crate::source;

/// The room there is at least for what comes next; it is made once and kept, because clearing it costs more than reading.
const READ_BYTES: usize = 64 << 10;

/// How long a server may take to answer while a client comes in.
const GREETING_WAIT: Duration = Duration::from_secs(30);

/// A client's end of a connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    outgoing: Vec<u8>,
    written: usize,
    incoming: Vec<u8>,
    /// Of `incoming`: what has come, up to here.
    filled: usize,
    /// Of that: what was taken.
    taken: usize,
}

impl Wire {
    /// Connects as the connection of this number, without waiting for it: what is sent leaves when the connection is there.
    pub(crate) fn connect(address: SocketAddr, number: usize, registry: &Registry, token: Token) -> io::Result<Self> {
        let mut stream = source::begin(address, number)?;
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self::on(stream))
    }

    /// Ends this connection and connects anew, as the connection of this number, with the room of this one.
    pub(crate) fn reconnect(
        &mut self,
        address: SocketAddr,
        number: usize,
        registry: &Registry,
        token: Token,
    ) -> io::Result<()> {
        let new = Self::connect(address, number, registry, token)?;
        let before = core::mem::replace(self, new);
        self.incoming = before.incoming;
        Ok(())
    }

    /// Connects and registers as `nick` with these capabilities, and waits until the server has said everything: then the
    /// connection is in the poll.
    pub(crate) fn welcomed(
        address: SocketAddr,
        nick: &str,
        capabilities: &str,
        registry: &Registry,
        token: Token,
    ) -> anyhow::Result<Self> {
        let mut stream = std::net::TcpStream::connect(address).context("cannot connect to the server")?;
        stream.set_read_timeout(Some(GREETING_WAIT)).context("cannot bound the wait for the server")?;
        stream.set_nodelay(true).context("cannot turn off the gathering of small segments")?;
        let greeting = format!("CAP REQ :{capabilities}\r\nNICK {nick}\r\nUSER bench 0 * :bench\r\nCAP END\r\n");
        let greeting =
            if capabilities.is_empty() { format!("NICK {nick}\r\nUSER bench 0 * :bench\r\n") } else { greeting };
        ask(&mut stream, &greeting, &[" 376 ", " 422 "])?;
        stream.set_nonblocking(true).context("cannot make a connection non-blocking")?;
        let mut stream = TcpStream::from_std(stream);
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE).context("cannot poll")?;
        Ok(Self::on(stream))
    }

    fn on(stream: TcpStream) -> Self {
        Self { stream, outgoing: Vec::new(), written: 0, incoming: Vec::new(), filled: 0, taken: 0 }
    }

    /// Returns what is to be sent, to append to.
    pub(crate) fn outgoing(&mut self) -> &mut Vec<u8> {
        &mut self.outgoing
    }

    /// Appends a line, without its end, to what is to be sent.
    pub(crate) fn send(&mut self, line: &str) {
        self.outgoing.extend_from_slice(line.as_bytes());
        self.outgoing.extend_from_slice(b"\r\n");
    }

    /// Writes what the socket takes. Call after sending, and when the poll says that it takes more.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while self.written < self.outgoing.len() {
            match self.stream.write(&self.outgoing[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(bytes) => self.written += bytes,
                Err(error) if is_not_yet(&error) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.outgoing.clear();
        self.written = 0;
        Ok(())
    }

    /// Reads all that has come. `false`: the server has ended the connection, and there may be last lines.
    pub(crate) fn read(&mut self) -> io::Result<bool> {
        self.read_on(true)
    }

    /// Reads what this event announces, and looks no further: what comes later is announced again.
    pub(crate) fn read_announced(&mut self, event: &Event) -> io::Result<bool> {
        if event.is_read_closed() {
            return self.read();
        }
        if event.is_readable() { self.read_on(false) } else { Ok(true) }
    }

    /// Reads what has come; and then once more, whether there is really nothing left, if it is to look further.
    fn read_on(&mut self, looks_further: bool) -> io::Result<bool> {
        self.incoming.copy_within(self.taken..self.filled, 0);
        self.filled -= self.taken;
        self.taken = 0;
        loop {
            if self.incoming.len() - self.filled < READ_BYTES {
                self.incoming.resize(self.filled + 2 * READ_BYTES, 0);
            }
            match self.stream.read(&mut self.incoming[self.filled..]) {
                Ok(0) => return Ok(false),
                Ok(bytes) => {
                    self.filled += bytes;
                    if !looks_further && self.filled < self.incoming.len() {
                        return Ok(true);
                    }
                }
                Err(error) if is_not_yet(&error) => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Takes the next whole line, without its end.
    pub(crate) fn line(&mut self) -> Option<&[u8]> {
        let rest = &self.incoming[self.taken..self.filled];
        let end = memchr::memchr(b'\n', rest)?;
        let line = &rest[..end];
        self.taken += end + 1;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// Takes all whole lines that have come, unseen, and counts them.
    pub(crate) fn count_lines(&mut self) -> u64 {
        let rest = &self.incoming[self.taken..self.filled];
        let Some(last) = memchr::memrchr(b'\n', rest) else { return 0 };
        let lines = memchr::memchr_iter(b'\n', &rest[..=last]).count() as u64;
        self.taken += last + 1;
        lines
    }
}

/// Sends and waits until a line has come that contains one of these.
fn ask(stream: &mut std::net::TcpStream, line: &str, answers: &[&str]) -> anyhow::Result<()> {
    stream.write_all(line.as_bytes()).context("cannot write to the server")?;
    let mut heard = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let bytes = stream.read(&mut piece).context("the server does not answer")?;
        if bytes == 0 {
            bail!("the server ends the connection: {}", String::from_utf8_lossy(&heard));
        }
        heard.extend_from_slice(&piece[..bytes]);
        if heard.ends_with(b"\n")
            && answers.iter().any(|answer| memchr::memmem::find(&heard, answer.as_bytes()).is_some())
        {
            return Ok(());
        }
    }
}

fn is_not_yet(error: &io::Error) -> bool {
    // A connection that is not there yet says the latter.
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected)
}
