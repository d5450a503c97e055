//! TLS against a client of rustls', over a wire in memory that takes and gives as little as a test lets it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::sync::Arc;

use proptest::prelude::*;
use rcgen::CertifiedKey;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig};
use transport::{ACME_PROTOCOL, AnyClient, Lost, Read, Tls, TlsConfigs, fingerprint};

/// A certificate and its key.
struct Pair {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

impl Pair {
    fn new(name: &str) -> Self {
        let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        Self { certificate: cert.der().clone(), key: PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap() }
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// The ways of a door with this certificate.
fn configs(pair: &Pair) -> Arc<TlsConfigs> {
    let versions = || ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let chain = || vec![pair.certificate.clone()];
    let programs = versions()
        .with_client_cert_verifier(Arc::new(AnyClient::new(provider())))
        .with_single_cert(chain(), pair.key.clone_key())
        .unwrap();
    let of = |protocol: &[u8]| {
        let mut config = versions().with_no_client_auth().with_single_cert(chain(), pair.key.clone_key()).unwrap();
        config.alpn_protocols = vec![protocol.to_vec()];
        Arc::new(config)
    };
    Arc::new(TlsConfigs { browsers: of(b"http/1.1"), authorities: of(ACME_PROTOCOL), programs: Arc::new(programs) })
}

/// A client that trusts the server's certificate, shows its own if it has one, and names these protocols.
fn client(server: &Pair, own: Option<&Pair>, protocols: &[&[u8]]) -> ClientConnection {
    let mut roots = RootCertStore::empty();
    roots.add(server.certificate.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match own {
        Some(own) => config.with_client_auth_cert(vec![own.certificate.clone()], own.key.clone_key()).unwrap(),
        None => config.with_no_client_auth(),
    };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap()
}

/// The server's end of a wire.
#[derive(Default)]
struct Wire {
    to_server: VecDeque<u8>,
    to_client: Vec<u8>,
    /// How many bytes it takes from the server before it is full; `None`: all.
    room: Option<usize>,
    /// How many bytes one read gives at most; 0: all.
    piece: usize,
    has_ended: bool,
}

impl io::Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.to_server.is_empty() {
            return if self.has_ended { Ok(0) } else { Err(ErrorKind::WouldBlock.into()) };
        }
        let most = if self.piece == 0 { buffer.len() } else { buffer.len().min(self.piece) };
        self.to_server.read(&mut buffer[..most])
    }
}

impl io::Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.room.map_or(bytes.len(), |room| bytes.len().min(room));
        if taken == 0 && !bytes.is_empty() {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.room = self.room.map(|room| room - taken);
        self.to_client.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A server and a client, and the wire between them.
struct Rig {
    tls: Tls,
    client: ClientConnection,
    wire: Wire,
    /// What the server has said of reading, but for [`Read::Nothing`].
    said: Vec<Read>,
    /// The plain bytes that the server has read.
    read: Vec<u8>,
    /// And the client.
    heard: Vec<u8>,
}

impl Rig {
    fn new(client: ClientConnection, configs: Arc<TlsConfigs>) -> Self {
        let (wire, tls) = (Wire::default(), Tls::new(configs, Vec::new()));
        Self { tls, client, wire, said: Vec::new(), read: Vec::new(), heard: Vec::new() }
    }

    /// One that trusts and is trusted, after the handshake.
    fn secured() -> Self {
        let pair = Pair::new("localhost");
        let mut rig = Self::new(client(&pair, None, &[]), configs(&pair));
        rig.settle();
        assert_eq!(rig.said, [Read::Secured]);
        rig
    }

    /// The client says what it has to say, and hears what there is.
    fn client_turn(&mut self) {
        let mut sent = Vec::new();
        while self.client.wants_write() {
            self.client.write_tls(&mut sent).unwrap();
        }
        self.wire.to_server.extend(sent);
        let mut came = &core::mem::take(&mut self.wire.to_client)[..];
        while !came.is_empty() && self.client.read_tls(&mut came).unwrap() > 0 {
            self.client.process_new_packets().unwrap();
            match self.client.reader().read_to_end(&mut self.heard) {
                Ok(_) => {}
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
            }
        }
    }

    /// The server reads until there is nothing more.
    fn server_turn(&mut self) {
        let mut buffer = [0; 1000];
        loop {
            match self.tls.read(&mut self.wire, &mut buffer) {
                Read::Nothing => return,
                Read::Bytes { count, .. } => self.read.extend_from_slice(&buffer[..count]),
                said => {
                    self.said.push(said);
                    if said != Read::Secured {
                        return;
                    }
                }
            }
        }
    }

    /// Both take turns until nobody has anything to say.
    fn settle(&mut self) {
        loop {
            self.client_turn();
            if self.wire.to_server.is_empty() && !self.client.wants_write() {
                return;
            }
            self.server_turn();
            if self.said.last().is_some_and(|said| *said != Read::Secured) {
                return;
            }
        }
    }

    fn client_says(&mut self, text: &str) {
        self.client.writer().write_all(text.as_bytes()).unwrap();
    }
}

#[test]
fn a_handshake_and_words_in_both_directions() {
    let mut rig = Rig::secured();
    rig.client_says("NICK anna\r\n");
    rig.settle();
    assert_eq!(rig.read, b"NICK anna\r\n");
    assert_eq!(rig.tls.write(&mut rig.wire, b"PING x\r\n"), Ok(8));
    rig.settle();
    assert_eq!(rig.heard, b"PING x\r\n");
    assert!(rig.tls.is_secured() && !rig.tls.has_failed() && !rig.tls.wants_write());
    assert_eq!((rig.tls.protocol(), rig.tls.client_fingerprint()), (None, None));
}

#[test]
fn it_may_come_byte_by_byte_and_begin_with_what_was_read_before() {
    let pair = Pair::new("localhost");
    let mut rig = Rig::new(client(&pair, None, &[]), configs(&pair));
    rig.client_turn();
    // The door has read these to know what is spoken.
    let first: Vec<u8> = rig.wire.to_server.drain(..5).collect();
    rig.tls = Tls::new(configs(&pair), first);
    rig.wire.piece = 1;
    rig.client_says("all of it");
    rig.settle();
    assert_eq!((rig.said.as_slice(), rig.read.as_slice()), (&[Read::Secured][..], &b"all of it"[..]));
}

#[test]
fn a_certificate_is_known_by_its_fingerprint() {
    let (pair, own) = (Pair::new("localhost"), Pair::new("anna"));
    let mut rig = Rig::new(client(&pair, Some(&own), &[]), configs(&pair));
    assert_eq!(rig.tls.client_fingerprint(), None, "not before it is proven");
    rig.settle();
    assert_eq!(rig.tls.client_fingerprint(), Some(fingerprint(&own.certificate)));
    assert_eq!(fingerprint(&own.certificate).len(), 64);
}

#[test]
fn the_protocol_that_is_named_says_who_it_is() {
    let (pair, own) = (Pair::new("localhost"), Pair::new("anna"));
    for (protocols, agreed, is_asked_for_a_certificate) in [
        (&[][..], None, true),
        (&[&b"http/1.1"[..]], Some(&b"http/1.1"[..]), false),
        (&[b"h2", b"http/1.1"], Some(b"http/1.1"), false),
        (&[ACME_PROTOCOL], Some(ACME_PROTOCOL), false),
        (&[b"irc"], None, true),
    ] {
        let mut rig = Rig::new(client(&pair, Some(&own), protocols), configs(&pair));
        rig.settle();
        assert_eq!(rig.tls.protocol(), agreed, "{protocols:?}");
        assert_eq!(rig.tls.client_fingerprint().is_some(), is_asked_for_a_certificate, "{protocols:?}");
    }
}

#[test]
fn before_the_handshake_has_ended_nothing_is_written() {
    let pair = Pair::new("localhost");
    let mut rig = Rig::new(client(&pair, None, &[]), configs(&pair));
    assert_eq!(rig.tls.write(&mut rig.wire, b"secret"), Err(Lost));
    rig.client_turn();
    rig.server_turn();
    assert!(!rig.tls.is_secured());
    assert_eq!(rig.tls.write(&mut rig.wire, b"secret"), Err(Lost));
    assert!(!rig.wire.to_client.windows(6).any(|bytes| bytes == b"secret"));
}

#[test]
fn what_is_no_tls_is_told_so() {
    let pair = Pair::new("localhost");
    let mut rig = Rig::new(client(&pair, None, &[]), configs(&pair));
    rig.wire.to_server.extend(b"\x16\x03\x01\x00\x05nonsense and more of it");
    rig.server_turn();
    assert_eq!(rig.said, [Read::Lost]);
    assert!(rig.tls.has_failed());

    let mut rig = Rig::secured();
    rig.wire.to_server.extend([0x17, 3, 3, 0, 32].into_iter().chain([7; 32]));
    rig.server_turn();
    assert_eq!(rig.said, [Read::Secured, Read::Lost]);
    assert!(rig.tls.has_failed() && !rig.wire.to_client.is_empty(), "an alert");
}

#[test]
fn an_end_is_an_end_with_goodbye_and_without_but_not_within_the_handshake() {
    let mut rig = Rig::secured();
    rig.client_says("bye");
    rig.client.send_close_notify();
    rig.settle();
    rig.server_turn();
    assert_eq!((rig.said.last(), rig.read.as_slice()), (Some(&Read::End), &b"bye"[..]));

    let mut rig = Rig::secured();
    rig.wire.has_ended = true;
    rig.server_turn();
    assert_eq!(rig.said.last(), Some(&Read::End), "a machine that is gone");

    let pair = Pair::new("localhost");
    let mut rig = Rig::new(client(&pair, None, &[]), configs(&pair));
    rig.client_turn();
    rig.wire.to_server.truncate(20);
    rig.wire.has_ended = true;
    rig.server_turn();
    assert_eq!(rig.said, [Read::Lost]);
}

#[test]
fn goodbye_is_said_last() {
    let mut rig = Rig::secured();
    assert_eq!(rig.tls.write(&mut rig.wire, b"ERROR :bye\r\n"), Ok(12));
    rig.tls.close();
    assert_eq!(rig.tls.flush(&mut rig.wire), Ok(()));
    rig.client_turn();
    assert_eq!(rig.heard, b"ERROR :bye\r\n");
    assert_eq!(rig.client.reader().read(&mut [0; 1]).unwrap(), 0, "a clean end");
}

#[test]
fn a_full_wire_takes_what_it_can_and_nothing_counts_too_early() {
    let mut rig = Rig::secured();
    rig.wire.room = Some(10);
    assert_eq!(rig.tls.write(&mut rig.wire, b"hello"), Ok(0), "encrypted, but not with the kernel");
    assert!(rig.tls.wants_write());
    assert_eq!(rig.tls.write(&mut rig.wire, b"hello, you"), Ok(0));
    rig.wire.room = None;
    assert_eq!(rig.tls.write(&mut rig.wire, b"hello, you"), Ok(10));
    rig.client_turn();
    assert_eq!(rig.heard, b"hello, you");
}

#[test]
fn what_is_kept_counts_at_once_and_the_next_waits() {
    let mut rig = Rig::secured();
    rig.wire.room = Some(1);
    assert_eq!(rig.tls.write_and_keep(&mut rig.wire, b"one"), Ok(3));
    assert_eq!(rig.tls.write_and_keep(&mut rig.wire, b"two"), Ok(0));
    rig.wire.room = None;
    assert_eq!(rig.tls.write_and_keep(&mut rig.wire, b"two"), Ok(3));
    rig.client_turn();
    assert_eq!(rig.heard, b"onetwo");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever room the kernel has each time, the client hears everything, once, in order.
    #[test]
    fn any_rooms_give_the_same_words(
        bytes in proptest::collection::vec(any::<u8>(), 1..100_000),
        rooms in proptest::collection::vec(0_usize..40_000, 1..30),
    ) {
        let mut rig = Rig::secured();
        let mut waiting = &bytes[..];
        for room in rooms.into_iter().map(Some).chain(core::iter::repeat(None)) {
            rig.wire.room = room;
            let taken = rig.tls.write(&mut rig.wire, waiting).unwrap();
            waiting = &waiting[taken..];
            rig.client_turn();
            if waiting.is_empty() {
                break;
            }
        }
        prop_assert_eq!(&rig.heard, &bytes);
    }
}
