//! The sockets of the shard: which are ready, which are being closed.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use chat::ids::SessionId;
use chat::time::Instant;
use mio::event::Event;
use mio::net::{TcpListener, TcpStream};
use mio::{Interest, Registry, Token};
use session::shard::{Shard, ToWrite};
use transport::websocket::{Frames, Unframed};
use transport::{Connection, HowToClose, Lost, Read, Tls, TlsConfigs};

use super::token;

/// The waker's token.
pub(super) const WAKER: Token = Token(usize::MAX);
/// Listeners' tokens begin here.
const LISTENERS: usize = 1 << 40;
/// Tokens of connections that are being closed begin here.
const LINGERING: usize = 1 << 41;
/// How long what a client still sends is read away after the FIN.
const LINGER: Duration = Duration::from_secs(1);
/// How long no connection is accepted when the system has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// One session's socket.
#[derive(Debug)]
struct Socket {
    session: SessionId,
    connection: Connection,
    /// What takes its frames apart, where it is a WebSocket.
    frames: Option<Box<Frames>>,
    /// Whether it stands in [`Sockets::ready`].
    is_ready: bool,
    /// Whether the client has closed its half: it is to be read to the end.
    half_closed: bool,
}

#[derive(Debug)]
struct Lingering {
    connection: Connection,
    /// Whether the FIN is sent: not while TLS's goodbye waits for the kernel.
    is_shut: bool,
    until: Instant,
}

/// All sockets.
#[derive(Debug)]
pub(super) struct Sockets {
    listeners: Vec<Option<TcpListener>>,
    /// Which listeners may have connections, and how many were accepted this turn.
    to_accept: Vec<usize>,
    accept_again_at: Option<Instant>,
    open: Vec<Option<Socket>>,
    /// The slots whose sockets can be read.
    ready: Vec<usize>,
    /// By their tokens, which ascend: who was closed first comes first, and is cut off first.
    lingering: BTreeMap<usize, Lingering>,
    next_lingering: usize,
}

impl Sockets {
    pub(super) fn new(registry: &Registry, listeners: impl Iterator<Item = std::net::TcpListener>) -> io::Result<Self> {
        let mut all = Vec::new();
        for (number, listener) in listeners.enumerate() {
            let mut listener = TcpListener::from_std(listener);
            registry.register(&mut listener, Token(LISTENERS + number), Interest::READABLE)?;
            all.push(Some(listener));
        }
        Ok(Self {
            listeners: all,
            to_accept: Vec::new(),
            accept_again_at: None,
            open: Vec::new(),
            ready: Vec::new(),
            lingering: BTreeMap::new(),
            next_lingering: LINGERING,
        })
    }

    /// Notes what the poll reports.
    pub(super) fn note(&mut self, event: &Event, shard: &mut Shard) {
        match event.token() {
            WAKER => {}
            Token(token) if token >= LINGERING => self.linger(token),
            Token(token) if token >= LISTENERS => self.to_accept.push(token - LISTENERS),
            Token(slot) => {
                let Some(Some(socket)) = self.open.get_mut(slot) else { return };
                socket.half_closed |= event.is_read_closed();
                if event.is_writable() {
                    // When the connection is lost, reading finds it out.
                    let _ = socket.connection.flush();
                    shard.writable(socket.session);
                }
                if event.is_readable() || event.is_read_closed() || event.is_error() {
                    self.make_ready(slot);
                }
            }
        }
    }

    fn make_ready(&mut self, slot: usize) {
        if let Some(Some(socket)) = self.open.get_mut(slot)
            && !core::mem::replace(&mut socket.is_ready, true)
        {
            self.ready.push(slot);
        }
    }

    /// Tells whether there is something to do without waiting for the poll.
    pub(super) fn has_work(&self, shard: &Shard, log_is_full: bool) -> bool {
        let can_be_read = |slot: &usize| {
            self.open.get(*slot).and_then(Option::as_ref).is_some_and(|socket| !shard.is_paused(socket.session))
        };
        (!log_is_full && self.ready.iter().any(can_be_read))
            || (self.accept_again_at.is_none() && !self.to_accept.is_empty())
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        let first = self.lingering.first_key_value().map(|(_, lingering)| lingering.until);
        first.into_iter().chain(self.accept_again_at).min()
    }

    pub(super) fn wake(&mut self, now: Instant) {
        while let Some(first) = self.lingering.first_entry().filter(|first| first.get().until <= now) {
            first.remove();
        }
    }

    /// Accepts the next connection, up to a number for each turn.
    pub(super) fn accept(&mut self, now: Instant) -> Option<(u16, TcpStream, SocketAddr)> {
        if self.accept_again_at.is_some_and(|at| at > now) {
            return None;
        }
        self.accept_again_at = None;
        while let Some(number) = self.to_accept.last().copied() {
            let Some(Some(listener)) = self.listeners.get(number) else {
                self.to_accept.pop();
                continue;
            };
            match listener.accept() {
                Ok((stream, address)) => {
                    return Some((u16::try_from(number).unwrap_or(u16::MAX), stream, address));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.to_accept.pop();
                }
                // This one was gone before it was accepted; the next may be there.
                Err(error) if is_about_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept a connection; trying again soon");
                    self.accept_again_at = Some(now + ACCEPT_PAUSE);
                    return None;
                }
            }
        }
        None
    }

    pub(super) fn add(&mut self, registry: &Registry, session: SessionId, stream: TcpStream) -> io::Result<()> {
        self.put(registry, session, Connection::new(stream), None)
    }

    /// Takes a connection back that has become a WebSocket.
    pub(super) fn add_websocket(
        &mut self,
        registry: &Registry,
        session: SessionId,
        stream: std::net::TcpStream,
        tls: Option<Box<Tls>>,
    ) -> io::Result<()> {
        self.put(registry, session, Connection::resume(stream, tls), Some(Box::default()))?;
        // What TLS has decrypted already is announced by no poll.
        let Token(slot) = token(session);
        self.make_ready(slot);
        Ok(())
    }

    fn put(
        &mut self,
        registry: &Registry,
        session: SessionId,
        mut connection: Connection,
        frames: Option<Box<Frames>>,
    ) -> io::Result<()> {
        let Token(slot) = token(session);
        connection.register(registry, Token(slot))?;
        if self.open.len() <= slot {
            self.open.resize_with(slot + 1, || None);
        }
        self.open[slot] = Some(Socket { session, connection, frames, is_ready: false, half_closed: false });
        Ok(())
    }

    /// Takes what was read apart, if the session is a WebSocket. Its end is then what is read next.
    pub(super) fn unframe(&mut self, session: SessionId, bytes: &[u8]) -> Option<Unframed> {
        let unframed = self.find(session)?.frames.as_mut()?.receive(bytes);
        if unframed.is_over {
            let Token(slot) = token(session);
            self.make_ready(slot);
        }
        Some(unframed)
    }

    /// Takes the sessions whose sockets can be read; paused ones stay for later.
    pub(super) fn take_ready(&mut self, shard: &Shard) -> Vec<SessionId> {
        let mut sessions = Vec::with_capacity(self.ready.len());
        self.ready.retain(|slot| {
            let Some(Some(socket)) = self.open.get_mut(*slot) else { return false };
            if shard.is_paused(socket.session) {
                return true;
            }
            socket.is_ready = false;
            sessions.push(socket.session);
            false
        });
        sessions
    }

    /// Reads once. When there may be more, the socket is read again in the next turn, without waiting for the poll.
    pub(super) fn read(&mut self, session: SessionId, buffer: &mut [u8]) -> Read {
        let Some(socket) = self.find(session) else { return Read::Nothing };
        if socket.frames.as_ref().is_some_and(|frames| frames.is_over()) {
            return Read::End;
        }
        let read = socket.connection.read(buffer);
        let go_on = match read {
            Read::Bytes { more, .. } => more || socket.half_closed,
            Read::Secured => true,
            Read::Nothing | Read::End | Read::Lost => false,
        };
        if go_on {
            let Token(slot) = token(session);
            self.make_ready(slot);
        }
        read
    }

    pub(super) fn write(&mut self, ToWrite { session, bytes, is_last }: ToWrite<'_>) -> Result<usize, Lost> {
        let connection = &mut self.find(session).ok_or(Lost)?.connection;
        if is_last { connection.write_last(bytes) } else { connection.write(bytes) }
    }

    fn find(&mut self, session: SessionId) -> Option<&mut Socket> {
        let Token(slot) = token(session);
        self.open.get_mut(slot)?.as_mut().filter(|socket| socket.session == session)
    }

    /// Gives a session's socket away.
    pub(super) fn take(&mut self, session: SessionId) -> Option<Connection> {
        self.find(session)?;
        let Token(slot) = token(session);
        self.open[slot].take().map(|socket| socket.connection)
    }

    /// Closes a session's socket.
    pub(super) fn close(&mut self, registry: &Registry, session: SessionId, how: HowToClose, now: Instant) {
        let Some(mut connection) = self.take(session) else { return };
        // A reset would overtake the alert that tells a client what is wrong with its TLS.
        let how = if connection.tls().is_some_and(Tls::has_failed) { HowToClose::Fin } else { how };
        let is_shut = connection.shut(how);
        if how == HowToClose::Fin && connection.reregister(registry, Token(self.next_lingering)).is_ok() {
            // What has come already, and room to write, is reported under the new token again.
            self.lingering.insert(self.next_lingering, Lingering { connection, is_shut, until: now + LINGER });
            self.next_lingering += 1;
        }
    }

    /// Begins TLS on a session's socket, which is read next, whatever the poll says.
    pub(super) fn start_tls(&mut self, session: SessionId, configs: Arc<TlsConfigs>, first: Vec<u8>) {
        let Some(socket) = self.find(session) else { return };
        socket.connection.start_tls(configs, first);
        let Token(slot) = token(session);
        self.make_ready(slot);
    }

    /// Tells whether a session's TLS handshake has begun and not ended well.
    pub(super) fn is_in_handshake(&mut self, session: SessionId) -> bool {
        self.find(session).and_then(|socket| socket.connection.tls()).is_some_and(|tls| !tls.is_secured())
    }

    /// Returns the fingerprint of the certificate that a session's client has shown.
    pub(super) fn client_fingerprint(&mut self, session: SessionId) -> Option<String> {
        self.find(session)?.connection.tls()?.client_fingerprint()
    }

    /// Sends what is left of the goodbye, and reads away what still comes.
    fn linger(&mut self, token: usize) {
        let Some(lingering) = self.lingering.get_mut(&token) else { return };
        if !lingering.is_shut {
            lingering.is_shut = lingering.connection.go_on_shutting();
        }
        self.read_away(token);
    }

    /// Reads away what a client sends after it was told goodbye.
    fn read_away(&mut self, token: usize) {
        let Some(lingering) = self.lingering.get_mut(&token) else { return };
        let mut buffer = [0; 4096];
        // A client that goes on sending is cut off when its time is over.
        for _ in 0..64 {
            match lingering.connection.read_raw(&mut buffer) {
                Read::Bytes { .. } => {}
                Read::Nothing | Read::Secured => return,
                Read::End | Read::Lost => {
                    self.lingering.remove(&token);
                    return;
                }
            }
        }
    }

    /// Closes the listening sockets.
    pub(super) fn close_doors(&mut self, registry: &Registry) {
        for listener in &mut self.listeners {
            if let Some(mut listener) = listener.take() {
                // It is dropped in any case.
                let _ = registry.deregister(&mut listener);
            }
        }
        self.to_accept.clear();
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

/// Tells a WebSocket that is not taken why, and closes it.
pub(super) fn refuse_websocket(stream: std::net::TcpStream, tls: Option<Box<Tls>>, frames: &[u8]) {
    let mut connection = Connection::resume(stream, tls);
    // Its buffer is as good as empty: this fits, or the client is gone.
    let _ = connection.write(frames);
    connection.shut(HowToClose::Fin);
}

/// Tells a connection that is not taken why, and closes it.
pub(super) fn refuse(mut stream: TcpStream, why: &str) {
    // Its buffer is empty: a line fits, or the client is gone.
    let _ = stream.write_all(format!("ERROR :{why}\r\n").as_bytes());
}
