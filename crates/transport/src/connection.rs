//! A TCP connection of a client.

use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::time::Duration;

use mio::event::Source;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::SockRef;

/// The most bytes the kernel keeps for a client that does not read, before the server sees it: without a bound it takes
/// about 4 MB unseen. Twice this is what Linux reserves.
const SEND_BUFFER_BYTES: usize = 256 * 1024;

/// What a read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// So many bytes, at the front of the buffer. `more` says that there may be more to read now.
    Bytes {
        /// How many.
        count: usize,
        /// Whether the buffer was filled.
        more: bool,
    },
    /// Nothing now.
    Nothing,
    /// The client has closed its half.
    End,
    /// The connection is broken.
    Lost,
}

/// The connection is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// How to close.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HowToClose {
    /// By FIN. What the client still sends is to be read away for a moment: closing over unread bytes would make a reset
    /// of it, which can destroy the last words on their way.
    Fin,
    /// By reset.
    Reset,
}

/// A TCP connection, non-blocking.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
}

impl Connection {
    /// Takes an accepted connection: no delay for small writes, a bound on what the kernel keeps for it.
    ///
    /// # Errors
    /// When the connection is gone already.
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let socket = SockRef::from(&stream);
        socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
        // A peer whose machine has vanished without a word is found out though nobody speaks.
        let keepalive =
            socket2::TcpKeepalive::new().with_time(Duration::from_mins(2)).with_interval(Duration::from_secs(30));
        socket.set_tcp_keepalive(&keepalive)?;
        Ok(Self { stream })
    }

    /// Registers with the poll, to be told when bytes can be read or written.
    ///
    /// # Errors
    /// What the system says.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        self.stream.register(registry, token, Interest::READABLE | Interest::WRITABLE)
    }

    /// Registers under another token, to be told only when there is something to read.
    ///
    /// # Errors
    /// What the system says.
    pub fn reregister(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        self.stream.reregister(registry, token, Interest::READABLE)
    }

    /// Reads once.
    pub fn read(&mut self, buffer: &mut [u8]) -> Read {
        loop {
            return match self.stream.read(buffer) {
                Ok(0) => Read::End,
                Ok(count) => Read::Bytes { count, more: count == buffer.len() },
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Read::Nothing,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => Read::Lost,
            };
        }
    }

    /// Writes once, and returns how many bytes the kernel took: possibly none.
    ///
    /// # Errors
    /// [`Lost`] when the connection is broken.
    pub fn write(&mut self, bytes: &[u8]) -> Result<usize, Lost> {
        loop {
            return match self.stream.write(bytes) {
                Ok(count) => Ok(count),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => Err(Lost),
            };
        }
    }

    /// Sends FIN, or makes the coming drop a reset.
    pub fn shut(&mut self, how: HowToClose) {
        // The other side may be gone already: then there is nothing left to shut.
        let _ = match how {
            HowToClose::Fin => self.stream.shutdown(Shutdown::Write),
            HowToClose::Reset => SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)),
        };
    }

    /// Gives the connection, still non-blocking, to somebody who reads it another way.
    ///
    /// # Errors
    /// What the system says.
    pub fn into_std(mut self, registry: &Registry) -> io::Result<std::net::TcpStream> {
        self.stream.deregister(registry)?;
        Ok(std::net::TcpStream::from(std::os::fd::OwnedFd::from(self.stream)))
    }
}
