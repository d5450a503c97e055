//! Who else is on the network.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::time::{Duration, Instant};

use mdns_sd::{ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent};

use crate::{DiscoveryError, Encryption, LOGGIA, key};

/// The most servers that are told of: more are nobody's choice.
const FOUND_MAX: usize = 100;
/// The longest text that is taken from an announcement, in characters.
const TEXT_LENGTH_MAX: usize = 64;
/// The most addresses of one server.
const ADDRESSES_MAX: usize = 16;

/// A server that says it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is called in a list, with the machine's name.
    pub name: String,
    /// What the network is called.
    pub network: String,
    /// Where it listens, those first that are likely to be reached: IPv4, then IPv6, link-local ones last. Never empty.
    pub addresses: Vec<SocketAddr>,
    /// Whether TLS is spoken there.
    pub encryption: Encryption,
    /// The fingerprint of its self-made certificate, 64 hexadecimal digits: to be pinned, not to be believed.
    pub fingerprint: Option<String>,
    /// The room that people enter at first; empty if it does not say.
    pub room: String,
}

/// Looks for servers on the local network for `wait`, and returns them by name.
///
/// Half a second finds those who are awake; two also those whose Wi-Fi sleeps.
///
/// # Errors
/// When the system gives no thread or no poll. That there is no network is no error: nobody is found.
#[expect(clippy::disallowed_methods, reason = "it waits by itself for a while: no turn has the time for it")]
pub fn browse(wait: Duration) -> Result<Vec<Found>, DiscoveryError> {
    let daemon = ServiceDaemon::new()?;
    let events = daemon.browse(LOGGIA)?;
    let until = Instant::now() + wait;
    let mut found = BTreeMap::new();
    while let Ok(event) = events.recv_deadline(until) {
        match event {
            ServiceEvent::ServiceResolved(service) => {
                if let Some(server) = read(&service)
                    && (found.len() < FOUND_MAX || found.contains_key(&service.fullname))
                {
                    found.insert(service.fullname.clone(), server);
                }
            }
            ServiceEvent::ServiceRemoved(_, name) => {
                found.remove(&name);
            }
            _ => {}
        }
    }
    let _ = daemon.shutdown();
    Ok(found.into_values().collect())
}

/// Takes what is usable of an announcement; `None` where nobody could connect to it.
fn read(service: &ResolvedService) -> Option<Found> {
    let addresses = service.addresses.iter().filter_map(|address| socket_address(address, service.port));
    told(&service.fullname, |key| service.get_property_val_str(key), addresses.collect())
}

/// Takes what is usable of what a server says of itself: the name of its service, as DNS writes it, and what its TXT record
/// says under each key. `None` where nobody could connect to it.
pub fn told<'a>(
    fullname: &str,
    said: impl Fn(&str) -> Option<&'a str>,
    mut addresses: Vec<SocketAddr>,
) -> Option<Found> {
    let text = |name: &str| clean(said(name).unwrap_or_default());
    addresses.retain(|address| address.port() != 0);
    addresses.sort_by_key(|address| (distance(address.ip()), *address));
    addresses.truncate(ADDRESSES_MAX);
    if addresses.is_empty() {
        return None;
    }
    let instance = fullname.strip_suffix(LOGGIA).unwrap_or(fullname).trim_end_matches('.');
    let name = clean(&unescaped(instance));
    let network = text(key::NETWORK);
    let fingerprint = said(key::FINGERPRINT).and_then(|word| word.strip_prefix("sha256:"));
    Some(Found {
        network: if network.is_empty() { name.clone() } else { network },
        name,
        addresses,
        encryption: Encryption::from_word(said(key::TLS)),
        fingerprint: fingerprint.filter(|digits| is_fingerprint(digits)).map(str::to_ascii_lowercase),
        room: Some(text(key::ROOM)).filter(|room| is_room(room)).unwrap_or_default(),
    })
}

fn socket_address(address: &ScopedIp, port: u16) -> Option<SocketAddr> {
    match address {
        ScopedIp::V4(v4) => Some(SocketAddr::from((*v4.addr(), port))),
        // A link-local address means nothing without its interface.
        ScopedIp::V6(v6) if v6.addr().is_unicast_link_local() => {
            Some(SocketAddrV6::new(*v6.addr(), port, 0, v6.scope_id().index).into())
        }
        ScopedIp::V6(v6) => Some(SocketAddr::from((*v6.addr(), port))),
        _ => None,
    }
}

fn distance(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(v4) => u8::from(v4.is_link_local()) * 2,
        IpAddr::V6(v6) => 1 + u8::from(v6.is_unicast_link_local()) * 2,
    }
}

/// Returns a text without what would disturb a list on a screen: control characters, and those that turn its direction.
fn clean(text: &str) -> String {
    let is_shown = |character: &char| {
        !character.is_control()
            && !matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().filter(is_shown).take(TEXT_LENGTH_MAX).collect::<String>().trim().to_owned()
}

/// Undoes how an instance's name is written in a name of DNS: a backslash before a character, or before three digits.
fn unescaped(label: &str) -> String {
    let mut bytes = Vec::with_capacity(label.len());
    let mut rest = label.as_bytes();
    while let [first, more @ ..] = rest {
        rest = more;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let number = more.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit));
        let number = number.and_then(|digits| core::str::from_utf8(digits).ok()?.parse::<u8>().ok());
        if let Some(byte) = number {
            bytes.push(byte);
            rest = &more[3..];
        } else if let [next, after @ ..] = more {
            bytes.push(*next);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_fingerprint(digits: &str) -> bool {
    digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn is_room(name: &str) -> bool {
    name.starts_with(['#', '&']) && !name.contains([' ', ','])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use mdns_sd::ServiceInfo;

    use super::*;

    fn announced(name: &str, address: &str, port: u16, properties: &[(&str, &str)]) -> ResolvedService {
        ServiceInfo::new(LOGGIA, name, "loggia-anna.local.", address, port, properties).unwrap().as_resolved_service()
    }

    #[test]
    fn what_a_server_says_is_read() {
        let fingerprint = format!("sha256:{}", "AB".repeat(32));
        let service = announced(
            "Aula 3.1 (anna)",
            "fe80::5,fd00::5,192.168.77.5",
            53_000,
            &[("name", "Aula 3.1"), ("room", "#piazza"), ("tls", "only"), ("fp", &fingerprint)],
        );
        let found = read(&service).unwrap();
        assert_eq!((found.name.as_str(), found.network.as_str()), ("Aula 3.1 (anna)", "Aula 3.1"));
        let addresses: Vec<_> = found.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["192.168.77.5:53000", "[fd00::5]:53000", "[fe80::5]:53000"]);
        assert_eq!((found.encryption, found.room.as_str()), (Encryption::Required, "#piazza"));
        assert_eq!(found.fingerprint.unwrap(), "ab".repeat(32));
    }

    #[test]
    fn what_a_stranger_says_does_no_harm() {
        let service = announced(
            "\u{202e}evil\u{1b}[2J",
            "192.168.77.6",
            1,
            &[("name", "a\r\nb\u{7}"), ("room", "no room"), ("tls", "maybe"), ("fp", "sha256:zz")],
        );
        let found = read(&service).unwrap();
        assert_eq!((found.name.as_str(), found.network.as_str()), ("evil[2J", "ab"));
        assert_eq!((found.encryption, found.fingerprint, found.room.as_str()), (Encryption::Offered, None, ""));
        assert_eq!(read(&announced("nowhere", "", 1, &[])), None);
        assert_eq!(read(&announced("no port", "192.168.77.6", 0, &[])), None);
        let long = "x".repeat(200);
        assert_eq!(read(&announced("x", "192.168.77.6", 1, &[("name", &long)])).unwrap().network.len(), 64);
    }

    #[test]
    fn names_are_written_with_backslashes() {
        for (written, meant) in
            [("a\\.b", "a.b"), ("a\\\\b", "a\\b"), ("a\\032b", "a b"), ("a\\", "a"), ("a\\999", "a999")]
        {
            assert_eq!(unescaped(written), meant, "{written}");
        }
    }
}
