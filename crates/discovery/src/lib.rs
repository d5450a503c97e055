//! Servers on the local network, without typing an address: announced by multicast DNS, and found by it.
//!
//! Two service types: `_loggia._tcp` for our own clients, and the conventional ones of IRC for everybody else's. Nothing here is believed:
//! whoever is on the network can announce anything, so what is found is a suggestion that a person chooses, and its texts are cleaned.
//!
//! Spec: RFC 6762 (multicast DNS), RFC 6763 (service discovery). What stands in the TXT record: docs/protocol/discovery.md.

mod announce;
mod browse;

pub use self::announce::{Announcement, Offer};
pub use self::browse::{Found, browse, told};

/// The service type of Loggia servers.
const LOGGIA: &str = "_loggia._tcp.local.";
/// The registered service type of IRC (IANA: `irc`).
const IRC: &str = "_irc._tcp.local.";
/// The registered service type of IRC where nothing but TLS is spoken (IANA: `ircs-u`).
const IRC_TLS: &str = "_ircs-u._tcp.local.";

/// The keys of a TXT record.
mod key {
    /// The version of this set of keys; 1.
    pub(crate) const VERSION: &str = "txtvers";
    /// What the network is called.
    pub(crate) const NETWORK: &str = "name";
    /// The room that people enter at first.
    pub(crate) const ROOM: &str = "room";
    /// `yes`: TLS is spoken; `only`: nothing else is.
    pub(crate) const TLS: &str = "tls";
    /// The certificate's fingerprint, `sha256:` and 64 hexadecimal digits, where the server has made it itself.
    pub(crate) const FINGERPRINT: &str = "fp";
}

/// Whether TLS is spoken at a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// Never.
    None,
    /// By those who begin it.
    Offered,
    /// Nothing else is.
    Required,
}

impl Encryption {
    fn word(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Offered => Some("yes"),
            Self::Required => Some("only"),
        }
    }

    fn from_word(word: Option<&str>) -> Self {
        match word {
            None | Some("") => Self::None,
            Some("only") => Self::Required,
            Some(_) => Self::Offered,
        }
    }
}

/// Multicast DNS cannot be spoken.
#[derive(Debug, thiserror::Error)]
#[error("cannot speak multicast DNS: {0}")]
pub struct DiscoveryError(#[from] mdns_sd::Error);
