//! TLS between a socket and those who read and write plain bytes: the state of one connection, without its socket.
//!
//! The same state serves sockets that are polled and sockets of an asynchronous runtime: whoever has the socket passes it
//! with each call, non-blocking.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use rustls::ServerConnection;
use rustls::pki_types::CertificateDer;
use rustls::server::{Acceptor, ClientHello, ServerConfig};
use sha2::{Digest as _, Sha256};

use crate::connection::{Lost, Read};

/// The most plain bytes that are encrypted before the kernel has taken them: what one connection holds at most besides
/// its own queue.
const AHEAD_BYTES_MAX: usize = 32 * 1024;
/// The protocol (ALPN) by which a certificate authority validates a name: RFC 8737.
pub const ACME_PROTOCOL: &[u8] = b"acme-tls/1";
/// The protocols (ALPN) that browsers name.
const BROWSER_PROTOCOLS: [&[u8]; 2] = [b"http/1.1", b"h2"];

/// How handshakes at one door are done, by who asks.
#[derive(Clone, Debug)]
pub struct TlsConfigs {
    /// For those who name a protocol of browsers. They are not asked for a certificate, because a browser that has some
    /// would ask its user for one at every visit.
    pub browsers: Arc<ServerConfig>,
    /// For certificate authorities that validate a name by [`ACME_PROTOCOL`].
    pub authorities: Arc<ServerConfig>,
    /// For all others.
    pub programs: Arc<ServerConfig>,
}

impl TlsConfigs {
    fn choose(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        let names = |wanted: &[&[u8]]| hello.alpn().is_some_and(|mut named| named.any(|name| wanted.contains(&name)));
        let chosen = if names(&[ACME_PROTOCOL]) {
            &self.authorities
        } else if names(&BROWSER_PROTOCOLS) {
            &self.browsers
        } else {
            &self.programs
        };
        Arc::clone(chosen)
    }
}

/// How far the handshake is.
enum State {
    /// The client's hello has not come to its end.
    Hello(Acceptor, Arc<TlsConfigs>),
    /// It has, and how to answer it is chosen.
    Session(ServerConnection),
}

/// The TLS state of one connection, from the client's hello on.
pub struct Tls {
    state: State,
    /// Bytes that were read from the socket before it was known to speak TLS.
    first: Vec<u8>,
    /// Plain bytes that are encrypted, but neither taken by the kernel nor reported as written: whoever writes gives
    /// them once more, in front.
    ahead: usize,
    /// Whether the handshake's end has been reported.
    is_secured: bool,
    has_failed: bool,
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("is_secured", &self.is_secured).finish_non_exhaustive()
    }
}

impl Tls {
    /// Begins a handshake as a server; `first` is what has been read of it already.
    pub fn new(configs: Arc<TlsConfigs>, first: Vec<u8>) -> Self {
        let state = State::Hello(Acceptor::default(), configs);
        Self { state, first, ahead: 0, is_secured: false, has_failed: false }
    }

    /// Reads from `socket` what there is, and returns plain bytes, once there are any. [`Read::Secured`] comes once, at the
    /// end of the handshake. What TLS itself has to say meanwhile is written to `socket`.
    pub fn read(&mut self, socket: &mut (impl io::Read + io::Write), buffer: &mut [u8]) -> Read {
        loop {
            if let State::Session(session) = &mut self.state {
                if !self.is_secured && !session.is_handshaking() {
                    self.is_secured = true;
                    return Read::Secured;
                }
                match session.reader().read(buffer) {
                    // The client has said goodbye, or its machine has closed without: the end either way, as without TLS.
                    Ok(0) => return Read::End,
                    Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Read::End,
                    // There may be more, decrypted or not: the next call finds out.
                    Ok(count) => return Read::Bytes { count, more: true },
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(_) => return Read::Lost,
                }
            }
            match self.take_in(socket) {
                Ok(0) if !self.is_secured => return Read::Lost,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Read::Nothing,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return Read::Lost,
            }
            if self.go_on(socket).is_err() || self.flush(socket).is_err() {
                return Read::Lost;
            }
        }
    }

    /// Reads encrypted bytes: first those that were read before there was TLS.
    fn take_in(&mut self, socket: &mut impl io::Read) -> io::Result<usize> {
        let mut first = &self.first[..];
        let from: &mut dyn io::Read = if first.is_empty() { socket } else { &mut first };
        let taken = match &mut self.state {
            State::Hello(acceptor, _) => acceptor.read_tls(from),
            State::Session(session) => session.read_tls(from),
        };
        self.first = first.to_vec();
        taken
    }

    /// Looks at what was read. A client that does not do as it must is told why, and is lost.
    fn go_on(&mut self, socket: &mut impl io::Write) -> Result<(), Lost> {
        let (error, alert) = match &mut self.state {
            State::Hello(acceptor, configs) => match acceptor.accept() {
                Ok(None) => return Ok(()),
                Ok(Some(accepted)) => {
                    let config = configs.choose(&accepted.client_hello());
                    match accepted.into_connection(config) {
                        Ok(mut session) => {
                            // `AHEAD_BYTES_MAX` is the bound; rustls need not have one of its own.
                            session.set_buffer_limit(None);
                            self.state = State::Session(session);
                            return Ok(());
                        }
                        Err((error, alert)) => (error, Some(alert)),
                    }
                }
                Err((error, alert)) => (error, Some(alert)),
            },
            State::Session(session) => match session.process_new_packets() {
                Ok(_) => return Ok(()),
                Err(error) => (error, None),
            },
        };
        tracing::debug!(%error, "TLS failed");
        self.has_failed = true;
        // The alert that tells the client why; if it cannot be told, it is not.
        let _ = match alert {
            Some(mut alert) => alert.write_all(socket).map_err(|_| Lost),
            None => self.flush(socket),
        };
        Err(Lost)
    }

    fn session(&mut self) -> Option<&mut ServerConnection> {
        match &mut self.state {
            State::Hello(..) => None,
            State::Session(session) => Some(session),
        }
    }

    /// Encrypts and writes, and returns how many of the bytes the kernel has taken. What it has not taken is given again
    /// by the next call, with the same bytes in front. So nothing counts as written that is only waiting here.
    ///
    /// # Errors
    /// [`Lost`] when the connection is broken, and before the handshake has ended.
    pub fn write(&mut self, socket: &mut impl io::Write, bytes: &[u8]) -> Result<usize, Lost> {
        let mut taken = 0;
        loop {
            self.flush(socket)?;
            if self.wants_write() {
                return Ok(taken);
            }
            taken += core::mem::take(&mut self.ahead);
            let rest = bytes.get(taken..).unwrap_or_default();
            if rest.is_empty() {
                return Ok(taken);
            }
            self.ahead = self.encrypt(rest)?;
        }
    }

    /// Encrypts and writes as [`Self::write`], but keeps what the kernel does not take and counts it as written: what is
    /// given next is new. Returns 0 while the kernel has not taken what was given before.
    ///
    /// # Errors
    /// [`Lost`] when the connection is broken, and before the handshake has ended.
    pub fn write_and_keep(&mut self, socket: &mut impl io::Write, bytes: &[u8]) -> Result<usize, Lost> {
        self.flush(socket)?;
        if self.wants_write() {
            return Ok(0);
        }
        let taken = self.encrypt(bytes)?;
        self.flush(socket)?;
        Ok(taken)
    }

    fn encrypt(&mut self, bytes: &[u8]) -> Result<usize, Lost> {
        if !self.is_secured {
            return Err(Lost);
        }
        let piece = &bytes[..bytes.len().min(AHEAD_BYTES_MAX)];
        self.session().ok_or(Lost)?.writer().write(piece).map_err(|_| Lost)
    }

    /// Writes what TLS itself has to say, as far as the kernel takes it.
    ///
    /// # Errors
    /// [`Lost`] when the connection is broken.
    pub fn flush(&mut self, socket: &mut impl io::Write) -> Result<(), Lost> {
        let Some(session) = self.session() else { return Ok(()) };
        while session.wants_write() {
            match session.write_tls(socket) {
                Ok(0) => return Err(Lost),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Lost),
            }
        }
        Ok(())
    }

    /// Tells whether encrypted bytes wait for the kernel.
    pub fn wants_write(&self) -> bool {
        matches!(&self.state, State::Session(session) if session.wants_write())
    }

    /// Says goodbye: nothing is written after it. [`Self::flush`] sends it.
    pub fn close(&mut self) {
        if let Some(session) = self.session() {
            session.send_close_notify();
        }
    }

    /// Tells whether the handshake has ended well, and [`Read::Secured`] was returned.
    pub fn is_secured(&self) -> bool {
        self.is_secured
    }

    /// Tells whether what the client sent is not TLS, or not as it must be; it was sent an alert.
    pub fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// Returns the protocol that client and server have agreed on (ALPN), if the client named any.
    pub fn protocol(&self) -> Option<&[u8]> {
        match &self.state {
            State::Hello(..) => None,
            State::Session(session) => session.alpn_protocol(),
        }
    }

    /// Returns the fingerprint of the certificate that the client has shown, having proved that it has the key.
    pub fn client_fingerprint(&self) -> Option<String> {
        match &self.state {
            State::Session(session) if self.is_secured => session.peer_certificates()?.first().map(fingerprint),
            _ => None,
        }
    }
}

/// Returns the SHA-256 of a certificate, in lower-case hexadecimal.
pub fn fingerprint(certificate: &CertificateDer<'_>) -> String {
    HEXLOWER.encode(&Sha256::digest(certificate))
}
