//! Connections at doors with `proxy_protocol`: first the proxy says for whom it connects, then they are taken like others.
//!
//! The header is looked at in the kernel's buffer and taken out when it is whole, so nothing behind it is touched: a TLS
//! handshake finds its first byte where it expects it.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::net::IpAddr;
use std::time::Duration;

use chat::time::Instant;
use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use session::settings::Peer;
use session::trusted_proxies::TrustedProxies;
use transport::proxy_header::{self, HEADER_BYTES_MAX, Header, NotAHeader};

/// Tokens of connections that wait for their header begin here.
const INTRODUCTIONS: usize = 1 << 42;
/// How long a proxy may take to send its header: it is one packet, right behind the connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long is kept silent about strangers after a line in the log about one: they must not fill the disk.
const SILENCE: Duration = Duration::from_secs(10);

/// A connection whose client is known.
#[derive(Debug)]
pub(super) struct Introduced {
    pub(super) door: u16,
    pub(super) stream: TcpStream,
    pub(super) peer: Peer,
}

#[derive(Debug)]
struct Waiting {
    door: u16,
    stream: TcpStream,
    proxy: IpAddr,
    until: Instant,
}

/// All connections that wait for their header.
#[derive(Debug)]
pub(super) struct Introductions {
    trusted: TrustedProxies,
    waiting: BTreeMap<usize, Waiting>,
    /// Which of them have bytes.
    ready: Vec<usize>,
    next: usize,
    silent_until: Option<Instant>,
}

impl Introductions {
    pub(super) fn new(trusted: TrustedProxies) -> Self {
        Self { trusted, waiting: BTreeMap::new(), ready: Vec::new(), next: INTRODUCTIONS, silent_until: None }
    }

    /// Tells whether an address is a proxy's whose word is believed.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.contains(address)
    }

    /// Takes a new connection at a door with `proxy_protocol`. Gives it back when it comes from nobody who is trusted.
    pub(super) fn begin(
        &mut self,
        registry: &Registry,
        door: u16,
        mut stream: TcpStream,
        proxy: IpAddr,
        now: Instant,
    ) -> Result<(), TcpStream> {
        if !self.trusted.contains(proxy) {
            if self.silent_until.is_none_or(|until| until <= now) {
                self.silent_until = Some(now + SILENCE);
                tracing::warn!(
                    address = %proxy,
                    "refused: this port has proxy_protocol, and the address is not in server.trusted_proxies"
                );
            }
            return Err(stream);
        }
        let token = self.next;
        self.next += 1;
        match registry.register(&mut stream, Token(token), Interest::READABLE) {
            Ok(()) => {
                self.waiting.insert(token, Waiting { door, stream, proxy, until: now + PATIENCE });
            }
            Err(error) => tracing::debug!(%error, "a proxy's connection was gone before it was taken"),
        }
        Ok(())
    }

    /// Notes what the poll reports, if it is about one of these.
    pub(super) fn note(&mut self, token: Token) -> bool {
        let is_ours = token.0 >= INTRODUCTIONS && token.0 < usize::MAX;
        if is_ours {
            self.ready.push(token.0);
        }
        is_ours
    }

    /// Takes the connections whose header has come.
    pub(super) fn take(&mut self, registry: &Registry) -> Vec<Introduced> {
        let mut introduced = Vec::new();
        for token in std::mem::take(&mut self.ready) {
            let Some(waiting) = self.waiting.get_mut(&token) else { continue };
            let outcome = waiting.header();
            if matches!(outcome, Ok(None)) {
                continue;
            }
            let Some(Waiting { door, mut stream, proxy, .. }) = self.waiting.remove(&token) else { continue };
            match outcome.and_then(|header| registry.deregister(&mut stream).map(|()| header)) {
                Ok(Some(header)) => {
                    let client = header.client;
                    let peer = client
                        .map_or(Peer::new(proxy), |client| Peer { secure: client.secure, ..Peer::new(client.address) });
                    introduced.push(Introduced { door, stream, peer });
                }
                Ok(None) => {}
                Err(error) => tracing::warn!(%proxy, %error, "refused: no PROXY header came from a trusted proxy"),
            }
        }
        introduced
    }

    pub(super) fn next_wake(&self) -> Option<Instant> {
        // They are numbered in the order in which they came.
        self.waiting.values().next().map(|waiting| waiting.until)
    }

    /// Gives up those whose header has not come.
    pub(super) fn wake(&mut self, now: Instant) {
        self.waiting.retain(|_, Waiting { proxy, until, .. }| {
            if *until <= now {
                tracing::warn!(%proxy, "refused: no PROXY header came from a trusted proxy in time");
            }
            *until > now
        });
    }

    /// Closes all of them.
    pub(super) fn close(&mut self) {
        self.waiting.clear();
    }
}

impl Waiting {
    /// Takes the header out of what has come, if it is whole.
    fn header(&mut self) -> io::Result<Option<Header>> {
        let mut bytes = [0; HEADER_BYTES_MAX];
        let come = loop {
            match self.stream.peek(&mut bytes) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => break &bytes[..count],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        let header = proxy_header::read(come).map_err(|NotAHeader| io::Error::from(io::ErrorKind::InvalidData))?;
        if let Some(Header { bytes: length, .. }) = header {
            // It has come, so it is there to be taken.
            self.stream.read_exact(&mut bytes[..length])?;
        }
        Ok(header)
    }
}
