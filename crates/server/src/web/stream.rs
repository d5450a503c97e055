//! A browser's connection on the web thread: with or without TLS, and first the bytes that were read from it before.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use transport::{Lost, Read, Tls};

/// A TCP connection, its TLS state, and plain bytes put back in front.
#[derive(Debug)]
pub(super) struct Stream {
    bytes: Vec<u8>,
    taken: usize,
    socket: TcpStream,
    tls: Option<Box<Tls>>,
}

impl Stream {
    /// Puts bytes back in front of a connection.
    pub(super) fn new(bytes: Vec<u8>, socket: TcpStream, tls: Option<Box<Tls>>) -> Self {
        Self { bytes, taken: 0, socket, tls }
    }

    /// Takes it apart: what was to be read first and is still there, the socket, its TLS state.
    ///
    /// # Errors
    /// When the runtime cannot let go of the socket.
    pub(super) fn into_parts(mut self) -> io::Result<(Vec<u8>, std::net::TcpStream, Option<Box<Tls>>)> {
        self.bytes.drain(..self.taken);
        Ok((self.bytes, self.socket.into_std()?, self.tls))
    }
}

/// The socket as TLS wants it: what would block says so, and the runtime watches for when it does not.
struct Raw<'a>(&'a TcpStream);

impl io::Read for Raw<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(into)
    }
}

impl io::Write for Raw<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn write_vectored(&mut self, pieces: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(pieces)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let Self { bytes, taken, socket, tls } = &mut *self;
        if *taken < bytes.len() {
            let count = (bytes.len() - *taken).min(into.remaining());
            into.put_slice(&bytes[*taken..*taken + count]);
            *taken += count;
            if *taken == bytes.len() {
                (*bytes, *taken) = (Vec::new(), 0);
            }
            return Poll::Ready(Ok(()));
        }
        let Some(tls) = tls else { return Pin::new(socket).poll_read(context, into) };
        loop {
            match tls.read(&mut Raw(socket), into.initialize_unfilled()) {
                Read::Bytes { count, .. } => {
                    into.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Read::Nothing => ready!(socket.poll_read_ready(context))?,
                Read::Secured => {}
                Read::End => return Poll::Ready(Ok(())),
                Read::Lost => return Poll::Ready(Err(broken(Lost))),
            }
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Self { socket, tls, .. } = &mut *self;
        let Some(tls) = tls else { return Pin::new(socket).poll_write(context, bytes) };
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        loop {
            match tls.write_and_keep(&mut Raw(socket), bytes).map_err(broken)? {
                0 => ready!(socket.poll_write_ready(context))?,
                taken => return Poll::Ready(Ok(taken)),
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { socket, tls, .. } = &mut *self;
        if let Some(tls) = tls {
            loop {
                tls.flush(&mut Raw(socket)).map_err(broken)?;
                if !tls.wants_write() {
                    break;
                }
                ready!(socket.poll_write_ready(context))?;
            }
        }
        Pin::new(socket).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(tls) = &mut self.tls {
            tls.close();
        }
        ready!(self.as_mut().poll_flush(context))?;
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

fn broken(_: Lost) -> io::Error {
    io::ErrorKind::ConnectionReset.into()
}
