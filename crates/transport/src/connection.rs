//! A TCP connection of a client.

use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use mio::event::Source;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use socket2::{SockRef, Socket, TcpKeepalive};

use crate::tls::{Tls, TlsConfigs};

/// The most bytes the kernel keeps for a client that does not read, before the server sees it: without a bound it takes
/// about 4 MB unseen. Twice this is what Linux reserves.
const SEND_BUFFER_BYTES: usize = 256 * 1024;

/// After how long a silence the kernel asks whether the peer is still there.
const KEEPALIVE_TIME: Duration = Duration::from_mins(2);

/// How often it asks then.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);

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
    /// The TLS handshake has ended well. There may be more to read now.
    Secured,
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

/// A TCP connection, non-blocking, with or without TLS: what is read and written here are plain bytes.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    /// Only where there is TLS: a plain connection is not to be much bigger for it.
    tls: Option<Box<Tls>>,
}

/// Prepares a socket that is to listen, before it does: no delay for small writes, a bound on what the kernel keeps, and that a peer
/// whose machine has vanished without a word is found out though nobody speaks.
///
/// The connections that are accepted have these from it, which saves five calls of the system for each.
///
/// # Errors
/// What the system says.
pub fn prepare_listener(socket: &Socket) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE_TIME).with_interval(KEEPALIVE_INTERVAL))
}

impl Connection {
    /// Takes a connection that was accepted by a socket which [`prepare_listener`] has seen.
    pub fn new(stream: TcpStream) -> Self {
        Self { stream, tls: None }
    }

    /// Takes a connection back that [`Self::into_std`] gave away, with the TLS state it had.
    pub fn resume(stream: std::net::TcpStream, tls: Option<Box<Tls>>) -> Self {
        Self { stream: TcpStream::from_std(stream), tls }
    }

    /// Speaks TLS from now on; `first` is what has been read of the handshake already. The connection is to be read next,
    /// whether or not the poll says so.
    pub fn start_tls(&mut self, configs: Arc<TlsConfigs>, first: Vec<u8>) {
        self.tls = Some(Box::new(Tls::new(configs, first)));
    }

    /// Returns the TLS state, where there is one.
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_deref()
    }

    /// Registers with the poll, to be told when bytes can be read or written.
    ///
    /// # Errors
    /// What the system says.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        self.stream.register(registry, token, Interest::READABLE | Interest::WRITABLE)
    }

    /// Registers under another token.
    ///
    /// # Errors
    /// What the system says.
    pub fn reregister(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        self.stream.reregister(registry, token, Interest::READABLE | Interest::WRITABLE)
    }

    /// Reads once.
    pub fn read(&mut self, buffer: &mut [u8]) -> Read {
        if let Some(tls) = &mut self.tls {
            return tls.read(&mut self.stream, buffer);
        }
        self.read_raw(buffer)
    }

    /// Reads away what comes after the goodbye, encrypted or not: nobody looks at it.
    pub fn read_raw(&mut self, buffer: &mut [u8]) -> Read {
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

    /// Writes, and returns how many bytes the kernel took: possibly none. Those that it did not take must be in front of
    /// the next write.
    ///
    /// # Errors
    /// [`Lost`] when the connection is broken.
    pub fn write(&mut self, bytes: &[u8]) -> Result<usize, Lost> {
        if let Some(tls) = &mut self.tls {
            return tls.write(&mut self.stream, bytes);
        }
        taken(|| self.stream.write(bytes))
    }

    /// Writes the last words before [`Self::shut`], which follows at once: without TLS they wait for the FIN and leave in one segment
    /// with it, where the system can do that. It is one packet instead of two for both sides.
    ///
    /// # Errors
    /// [`Lost`] when the connection is broken.
    pub fn write_last(&mut self, bytes: &[u8]) -> Result<usize, Lost> {
        if self.tls.is_some() {
            return self.write(bytes);
        }
        taken(|| send_before_fin(&self.stream, bytes))
    }

    /// Goes on with what TLS itself has to say and the kernel refused; for when it takes bytes again.
    ///
    /// # Errors
    /// [`Lost`] when the connection is broken.
    pub fn flush(&mut self) -> Result<(), Lost> {
        self.tls.as_mut().map_or(Ok(()), |tls| tls.flush(&mut self.stream))
    }

    /// Sends FIN, after TLS's own goodbye, or makes the coming drop a reset. Returns whether it is done: else
    /// [`Self::go_on_shutting`] is to be called when the connection takes bytes again.
    pub fn shut(&mut self, how: HowToClose) -> bool {
        match how {
            HowToClose::Fin => {
                if let Some(tls) = &mut self.tls {
                    tls.close();
                }
                self.go_on_shutting()
            }
            HowToClose::Reset => {
                // The other side may be gone already: then there is nothing left to shut.
                let _ = SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
                true
            }
        }
    }

    /// Sends what is left of TLS's goodbye, then FIN. Returns whether it is done.
    pub fn go_on_shutting(&mut self) -> bool {
        if self.flush().is_ok() && self.tls.as_ref().is_some_and(|tls| tls.wants_write()) {
            return false;
        }
        let _ = self.stream.shutdown(Shutdown::Write);
        true
    }

    /// Gives the connection, still non-blocking, to somebody who reads it another way, with its TLS state.
    ///
    /// # Errors
    /// What the system says.
    pub fn into_std(mut self, registry: &Registry) -> io::Result<(std::net::TcpStream, Option<Box<Tls>>)> {
        self.stream.deregister(registry)?;
        let stream = std::net::TcpStream::from(self.stream);
        Ok((stream, self.tls))
    }
}

/// Returns how many bytes the kernel took: possibly none.
fn taken(mut write: impl FnMut() -> io::Result<usize>) -> Result<usize, Lost> {
    loop {
        return match write() {
            Ok(count) => Ok(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => Err(Lost),
        };
    }
}

/// Sends bytes that may wait for what comes next.
#[cfg(target_os = "linux")]
fn send_before_fin(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    use rustix::net::SendFlags;

    Ok(rustix::net::send(stream, bytes, SendFlags::MORE | SendFlags::NOSIGNAL)?)
}

/// Sends bytes.
#[cfg(not(target_os = "linux"))]
fn send_before_fin(mut stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    stream.write(bytes)
}
