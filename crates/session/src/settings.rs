//! What the server's operator chose, as far as conversations depend on it.

use core::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use chat::rare::{Nothing, Rare};
use chat::time::Timestamp;
use irc::numerics::Language;
use plain::Variant;

use crate::cloak::Cloak;
use crate::push_reach::PushReach;
use crate::sasl::Mechanism;
use crate::secrets::Secrets;
use crate::trusted_proxies::TrustedProxies;

/// Choices and limits; a reload makes a new value.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the configuration")]
pub struct Settings {
    /// What the hall goes by.
    pub chat: Arc<chat::settings::Settings>,
    /// The network's name.
    pub network: Arc<str>,
    /// The address of a picture that stands for the network.
    pub icon: Option<Arc<str>>,
    /// One line about the server.
    pub description: Arc<str>,
    /// The program's name and version, `loggia-0.1.0`.
    pub version: Arc<str>,
    /// The message of the day; empty: none.
    pub motd: Vec<Box<str>>,
    /// The language of hints, help and refusals.
    pub language: Language,
    /// The connection password (PASS).
    pub password: Option<Box<str>>,
    /// What the server alone knows.
    pub secrets: Secrets,
    /// The SASL mechanisms that are offered where they can work; none: nobody logs in.
    pub sasl_mechanisms: Vec<Mechanism>,
    /// The iterations of SCRAM of new passwords.
    pub scram_iterations: u32,
    /// Whether an account may be made before connection registration is complete.
    pub registration_before_connect: bool,
    /// Whether an account needs an electronic mail address.
    pub require_email: bool,
    /// When the server started.
    pub started: Timestamp,
    /// How addresses are hidden from other users.
    pub cloak: Cloak,
    /// Whose PROXY, WEBIRC and X-Forwarded-For are believed.
    pub trusted_proxies: TrustedProxies,
    /// What gateways have to say with WEBIRC; none: their address is enough.
    pub webirc_password: Option<Box<str>>,
    /// Whether a session that sends faster than people type is slowed down; loopback never is.
    pub flood_control: bool,
    /// How long a connection may take to register.
    pub registration_time: Duration,
    /// How long a person at a plain client may take to give a name.
    pub plain_name_time: Duration,
    /// How long a session may be idle before a PING; as long again, and it is closed.
    pub ping_time: Duration,
    /// The most bytes that may wait for a session's socket.
    pub sendq_bytes: usize,
    /// The most bytes of one message of several lines.
    pub multiline_max_bytes: usize,
    /// The most lines of one message of several lines.
    pub multiline_max_lines: usize,
    /// Whether METADATA may be used before registration.
    pub metadata_before_connect: bool,
    /// The most messages shown to a plain line-mode client on entry.
    pub plain_replay: usize,
    /// Strict transport security; none: not offered.
    pub sts: Option<Sts>,
    /// Where files may be sent; none: nowhere.
    pub filehost: Option<FileHost>,
    /// The public key by which push services know this server (RFC 8292), base64url; none: nobody is notified.
    pub vapid: Option<Arc<str>>,
    /// Which addresses of push services are out of reach.
    pub push_reach: PushReach,
    /// The listening addresses and what is spoken there.
    pub doors: Vec<Door>,
}

/// Where files may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHost {
    /// The address for clients that are encrypted: "Clients MUST refuse to use unencrypted URI transports" then.
    pub secure: Option<Arc<str>>,
    /// The address for the others.
    pub plain: Option<Arc<str>>,
    /// Whether it looks at the pages behind links, too.
    pub previews: bool,
}

impl FileHost {
    /// Returns the address to tell a client.
    pub fn address(&self, is_secure: bool) -> Option<&Arc<str>> {
        if is_secure { self.secure.as_ref() } else { self.plain.as_ref().or(self.secure.as_ref()) }
    }
}

/// Strict transport security: clients that have seen it insist on encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sts {
    /// For how long they do.
    pub seconds: u64,
    /// The port where they find it.
    pub port: u16,
}

/// One listening address: what is spoken there.
#[derive(Clone, Debug)]
pub struct Door {
    /// Browsers.
    pub web: bool,
    /// IRC clients.
    pub irc: bool,
    /// Classroom clients, `nc` and telnet, in this dialect.
    pub plain: Option<Arc<Variant>>,
    /// The room where plain clients land.
    pub room: Arc<str>,
    /// Whether TLS is spoken.
    pub tls: DoorTls,
}

/// Whether a door speaks TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorTls {
    /// It does not.
    Off,
    /// It does, with those who begin with it.
    Offered,
    /// It turns away what is not TLS.
    Required,
}

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Whether the connection is encrypted.
    pub secure: bool,
    /// Who vouches for it.
    pub vouchers: Rare<Vouchers>,
}

/// Who vouches for the other end of a connection: for most, nobody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouchers {
    /// The gateway that has named the address (WEBIRC), by the name it gave itself.
    pub gateway: Option<Arc<str>>,
    /// The SHA-256, in lower-case hexadecimal, of the certificate that the client has shown and proved to have the key of.
    pub certificate: Option<Arc<str>>,
}

impl Nothing for Vouchers {
    const NOTHING: &'static Self = &Self { gateway: None, certificate: None };

    fn is_nothing(&self) -> bool {
        self.gateway.is_none() && self.certificate.is_none()
    }
}

impl Peer {
    /// The other end of a connection that has just been accepted.
    pub fn new(address: IpAddr) -> Self {
        Self { address, secure: false, vouchers: Rare::new() }
    }

    /// Tells whether the peer is on this machine: never slowed down, never cloaked, never counted.
    pub fn is_loopback(&self) -> bool {
        self.address.to_canonical().is_loopback()
    }

    /// Returns what connections are counted by: the address, or of an IPv6 address the /64, because a host has all of it.
    pub fn counted_as(&self) -> IpAddr {
        match self.address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        }
    }
}

impl Settings {
    /// Returns the server's name.
    pub fn server_name(&self) -> &str {
        &self.chat.server_name
    }
}
