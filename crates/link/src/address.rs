//! Where a server is: what a person types, and links to join.
//!
//! `host[:port]` · `irc:// ircs:// ws:// wss://host[:port][/path]` · `plain://host:port?variant=…` ·
//! `http(s)://host[:port]/#join?room=%23name&token=…&fp=sha256:…`.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Where Loggia listens when nothing else is said.
pub const DEFAULT_PORT: u16 = 53000;

/// The longest address that is read, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 2048;

/// The longest invitation that is taken from a link, in characters.
const INVITATION_LENGTH_MAX: usize = 200;

/// How a server is spoken with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// IRC: encrypted where the server can.
    Any,
    /// IRC, in clear: the person has said so.
    Clear,
    /// IRC, encrypted.
    Tls,
    /// IRC by WebSocket.
    WebSocket {
        /// Whether it is encrypted.
        is_encrypted: bool,
        /// What is asked for there, from `/` on.
        path: String,
    },
    /// A classroom server, with the name of its variant.
    Classroom(String),
}

/// A server, and what a link says beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// How to speak with it.
    pub door: Door,
    /// A name, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The room to enter.
    pub room: Option<String>,
    /// The certificate that the server has to show: 64 hexadecimal digits of SHA-256.
    pub fingerprint: Option<String>,
    /// The word that lets its bearer make an account: `token=` of a link.
    pub invitation: Option<String>,
}

/// Why something is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing is there where the host should be, or something that no host is called.
    #[error("there is no host in it")]
    Host,
    /// What is behind the colon is no port.
    #[error("what is behind the colon is no port: 1 to 65535")]
    Port,
    /// It begins with something else than the known ways.
    #[error("it begins with none of irc:// ircs:// ws:// wss:// plain:// http:// https://")]
    Scheme,
    /// There is no such variant of the classroom protocols.
    #[error("the variant is one of quit, close, nick, username")]
    Variant,
    /// A fingerprint is `sha256:` and 64 hexadecimal digits.
    #[error("a fingerprint is sha256: and 64 hexadecimal digits")]
    Fingerprint,
    /// It is longer than [`ADDRESS_BYTES_MAX`].
    #[error("it is too long")]
    TooLong,
}

impl Address {
    /// Reads what a person has typed, or a link.
    ///
    /// # Errors
    ///
    /// What is not right with it.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        if text.len() > ADDRESS_BYTES_MAX {
            return Err(AddressError::TooLong);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
            None => (None, text),
        };
        let (before_fragment, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (before_query, query) = before_fragment.split_once('?').unwrap_or((before_fragment, ""));
        let (authority, path) = match before_query.find('/') {
            Some(place) => before_query.split_at(place),
            None => (before_query, "/"),
        };
        let (door, default_port) = match scheme.as_deref() {
            None => (Door::Any, DEFAULT_PORT),
            Some("irc") => (Door::Clear, 6667),
            Some("ircs") => (Door::Tls, 6697),
            Some("ws") => (Door::WebSocket { is_encrypted: false, path: path.to_owned() }, 80),
            Some("wss") => (Door::WebSocket { is_encrypted: true, path: path.to_owned() }, 443),
            // Pages stand where their WebSocket does, also behind a reverse proxy.
            Some("http") => (Door::WebSocket { is_encrypted: false, path: beside(path) }, 80),
            Some("https") => (Door::WebSocket { is_encrypted: true, path: beside(path) }, 443),
            Some("plain") => (Door::Classroom(variant(query)?), DEFAULT_PORT),
            Some(_) => return Err(AddressError::Scheme),
        };
        let (host, port) = host_and_port(authority)?;
        let said = fragment.strip_prefix("join?").unwrap_or_default();
        let fingerprint = value(said, "fp").map(|text| fingerprint(&text)).transpose()?;
        let room = value(said, "room").filter(|room| is_word(room) && !room.contains(','));
        let invitation =
            value(said, "token").filter(|word| is_word(word) && word.chars().count() <= INVITATION_LENGTH_MAX);
        Ok(Self { door, host, port: port.unwrap_or(default_port), room, fingerprint, invitation })
    }

    /// Returns the address of a server that was found on the network, where it has told one: the first, with the room that people
    /// enter. What it says of its certificate is not believed: whoever is on the network can say anything. The person is asked.
    pub fn found(addresses: &[SocketAddr], must_encrypt: bool, room: &str) -> Option<Self> {
        let at = *addresses.first()?;
        let host = match at {
            // A link-local address means nothing without its interface.
            SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
            other => other.ip().to_string(),
        };
        let door = if must_encrypt { Door::Tls } else { Door::Any };
        let room = Some(room).filter(|room| is_word(room)).map(str::to_owned);
        Some(Self { door, host, port: at.port(), room, fingerprint: None, invitation: None })
    }

    /// Returns the password of the server (PASS) by which a link's invitation is brought along.
    pub fn server_password(&self) -> Option<Box<str>> {
        self.invitation.as_ref().map(|word| format!("invite:{word}").into())
    }

    /// Returns what tells this server from others, for what is kept of it.
    pub fn key(&self) -> String {
        let kind = match self.door {
            Door::Any | Door::Clear | Door::Tls => "irc",
            Door::WebSocket { .. } => "web",
            Door::Classroom(_) => "plain",
        };
        let host = self.host.to_lowercase();
        let host = host.chars().map(|letter| if letter.is_alphanumeric() || letter == '.' { letter } else { '-' });
        format!("{kind}-{}-{}", host.collect::<String>(), self.port)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let port = self.port;
        match &self.door {
            Door::Any => write!(out, "{host}:{port}"),
            Door::Clear => write!(out, "irc://{host}:{port}"),
            Door::Tls => write!(out, "ircs://{host}:{port}"),
            Door::WebSocket { is_encrypted: false, path } => write!(out, "ws://{host}:{port}{path}"),
            Door::WebSocket { is_encrypted: true, path } => write!(out, "wss://{host}:{port}{path}"),
            Door::Classroom(variant) => write!(out, "plain://{host}:{port}?variant={variant}"),
        }
    }
}

/// Tells whether an address is one of this machine, or of the network that it is in: nobody outside can listen.
pub fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Reads a fingerprint, with or without colons between its bytes.
///
/// # Errors
///
/// It is none.
pub fn fingerprint(text: &str) -> Result<String, AddressError> {
    let digits: String = text.trim().trim_start_matches("sha256:").chars().filter(|letter| *letter != ':').collect();
    let is_whole = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_whole { Ok(digits.to_ascii_lowercase()) } else { Err(AddressError::Fingerprint) }
}

/// The WebSocket beside a page.
fn beside(path: &str) -> String {
    let folder = path.rfind('/').map_or("/", |place| &path[..=place]);
    format!("{folder}irc")
}

fn variant(query: &str) -> Result<String, AddressError> {
    let name = value(query, "variant").unwrap_or_else(|| "quit".to_owned());
    if plain::Variant::built_in(&name).is_some() { Ok(name) } else { Err(AddressError::Variant) }
}

fn host_and_port(authority: &str) -> Result<(String, Option<u16>), AddressError> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or(AddressError::Host)?;
        check_ipv6(host)?;
        // What is neither nothing nor a port is refused as one.
        (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':').unwrap_or("")) })
    } else if authority.matches(':').count() > 1 {
        check_ipv6(authority)?;
        (authority, None)
    } else {
        authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)))
    };
    let is_wrong = |letter: char| letter.is_whitespace() || letter.is_control() || "@%\\\"<>".contains(letter);
    if host.is_empty() || (host.contains(is_wrong) && !host.contains(':')) {
        return Err(AddressError::Host);
    }
    // `u16` would take a sign, too.
    let read = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()).then(|| port.parse::<u16>().ok()).flatten();
    let port = port.map(|port| read(port).filter(|port| *port > 0).ok_or(AddressError::Port)).transpose()?;
    Ok((host.to_owned(), port))
}

/// Takes an address of IPv6, with the interface behind `%` where it has one (RFC 4007, section 11).
fn check_ipv6(text: &str) -> Result<(), AddressError> {
    let (address, interface) = text.split_once('%').map_or((text, None), |(address, name)| (address, Some(name)));
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
    };
    let is_right = address.parse::<Ipv6Addr>().is_ok() && interface.is_none_or(is_name);
    if is_right { Ok(()) } else { Err(AddressError::Host) }
}

/// Tells whether something can stand in a line of IRC as one word.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains([' ', '\0', '\r', '\n'])
}

/// Finds a value among `key=value&…`, and reads its escapes.
fn value(pairs: &str, key: &str) -> Option<String> {
    let mut pairs = pairs.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| *name == key)?;
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, more @ ..] = rest {
        let escaped = (*first == b'%').then(|| std::str::from_utf8(more.get(..2)?).ok()).flatten();
        let escaped = escaped.filter(|two| !two.starts_with('+')).and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &more[2..] } else { more };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Address::parse(text).map_or_else(|error| error.to_string(), |address| address.to_string())
    }

    #[test]
    fn what_people_type_is_understood() {
        for (text, expected) in [
            ("chat.example", "chat.example:53000"),
            (" chat.example:7000 ", "chat.example:7000"),
            ("192.0.2.1", "192.0.2.1:53000"),
            ("::1", "[::1]:53000"),
            ("[::1]:7000", "[::1]:7000"),
            ("fe80::1%eth0", "[fe80::1%eth0]:53000"),
            ("irc://a", "irc://a:6667"),
            ("IRCS://a:1", "ircs://a:1"),
            ("ws://a/irc", "ws://a:80/irc"),
            ("wss://a:8443", "wss://a:8443/"),
            ("plain://a:8080?variant=nick", "plain://a:8080?variant=nick"),
            ("plain://a", "plain://a:53000?variant=quit"),
            ("http://a:53000/", "ws://a:53000/irc"),
            ("https://a/chat/page", "wss://a:443/chat/irc"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
            assert_eq!(shown(expected), expected, "what is shown can be typed");
        }
    }

    #[test]
    fn what_is_no_address_is_explained() {
        for (text, error) in [
            ("", AddressError::Host),
            (":7000", AddressError::Host),
            ("a b", AddressError::Host),
            ("user@a", AddressError::Host),
            ("[::1", AddressError::Host),
            ("[a]", AddressError::Host),
            ("[fe80::1%]", AddressError::Host),
            ("[fe80::1%a b]", AddressError::Host),
            ("a:b:c", AddressError::Host),
            ("a:0", AddressError::Port),
            ("a:+1", AddressError::Port),
            ("a:", AddressError::Port),
            ("a:65536", AddressError::Port),
            ("[::1]7", AddressError::Port),
            ("gopher://a", AddressError::Scheme),
            ("plain://a?variant=morse", AddressError::Variant),
            ("http://a/#join?fp=sha256:12", AddressError::Fingerprint),
        ] {
            assert_eq!(Address::parse(text), Err(error), "{text}");
        }
        assert_eq!(Address::parse(&"a".repeat(ADDRESS_BYTES_MAX + 1)), Err(AddressError::TooLong));
    }

    #[test]
    fn a_link_to_join_names_its_room_brings_its_invitation_and_pins_its_certificate() {
        let digits = "0123456789abcdef".repeat(4);
        let link = format!("https://chat.example:53000/#join?room=%23caff%C3%A8&token=x&fp=sha256:{digits}");
        let address = Address::parse(&link).expect("an address");
        assert_eq!((address.room.as_deref(), address.invitation.as_deref()), (Some("#caffè"), Some("x")));
        assert_eq!(address.fingerprint, Some(digits));
        let odd = Address::parse("http://a/#join?room=%23a,%23b&token=a%20b").expect("an address");
        assert_eq!((odd.room, odd.invitation), (None, None), "two rooms are none, and neither are two words");
    }

    #[test]
    fn a_server_that_was_found_can_be_typed_again() {
        for (at, must_encrypt, expected) in [
            ("192.168.77.5:53000", false, "192.168.77.5:53000"),
            ("192.168.77.5:6697", true, "ircs://192.168.77.5:6697"),
            ("[fd00::5]:53000", false, "[fd00::5]:53000"),
            ("[fe80::5%3]:53000", false, "[fe80::5%3]:53000"),
        ] {
            let at = [at.parse().expect("an address")];
            let found = Address::found(&at, must_encrypt, "").expect("an address");
            assert_eq!(found.to_string(), expected);
            assert_eq!(Address::parse(expected), Ok(found));
            let with_room = Address::found(&at, must_encrypt, "#piazza").expect("an address");
            assert_eq!(with_room.room.as_deref(), Some("#piazza"));
        }
        assert_eq!(Address::found(&[], false, "#piazza"), None);
    }

    #[test]
    fn what_is_near_is_told_from_what_is_not() {
        for (text, near) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("192.168.1.1", true),
            ("172.32.0.1", false),
            ("192.0.2.1", false),
            ("::1", true),
            ("fd00::1", true),
            ("fe80::1", true),
            ("::ffff:192.168.1.1", true),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_near(text.parse().expect("an address")), near, "{text}");
        }
    }
}
