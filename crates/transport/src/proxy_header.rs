//! PROXY protocol, versions 1 and 2: what a proxy says of the client it connects for, in front of everything else.
//!
//! Spec: HAProxy, "The PROXY protocol" (`proxy-protocol.txt`). Who is believed is the caller's to decide.

use std::net::IpAddr;

use proxy_header::{Error, ParseConfig, Protocol, ProxyHeader};

/// The longest header of version 1, with its CR LF (specification, section 2.1).
const V1_BYTES_MAX: usize = 107;
/// The longest header taken. Version 2 allows 64 KiB; addresses take 232 bytes at most, and what proxies add to them
/// (the name of a certificate, an id) some hundred.
pub const HEADER_BYTES_MAX: usize = 2048;
/// How version 1 begins.
const V1_SIGNATURE: &[u8] = b"PROXY ";
/// How version 2 begins.
const V2_SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// What version 2 always has: the signature, the command, the family, and how much follows.
const V2_FIXED_BYTES: usize = 16;

/// A whole header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// How many bytes it has: what follows is the client's.
    pub bytes: usize,
    /// Whom the proxy connects for; none when it speaks for itself (`LOCAL`), or does not know (`UNKNOWN`).
    pub client: Option<Client>,
}

/// The client behind a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its address.
    pub address: IpAddr,
    /// Whether it is connected to the proxy by TLS. Only version 2 can say so.
    pub secure: bool,
}

/// The connection does not begin with a header that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAHeader;

/// Reads the first bytes of a connection; `None`: the rest of the header is still to come.
///
/// # Errors
/// [`NotAHeader`] as soon as it is certain.
pub fn read(bytes: &[u8]) -> Result<Option<Header>, NotAHeader> {
    let begins_with = |signature: &[u8]| bytes.iter().zip(signature).all(|(given, known)| given == known);
    let is_v2 = begins_with(V2_SIGNATURE);
    if !is_v2 && !begins_with(V1_SIGNATURE) {
        return Err(NotAHeader);
    }
    let bytes_max = if is_v2 { v2_bytes(bytes).unwrap_or(HEADER_BYTES_MAX) } else { V1_BYTES_MAX };
    if bytes_max > HEADER_BYTES_MAX {
        return Err(NotAHeader);
    }
    match ProxyHeader::parse(&bytes[..bytes.len().min(bytes_max)], ParseConfig::default()) {
        Ok((header, bytes)) => Ok(Some(Header { bytes, client: client(&header) })),
        Err(Error::BufferTooShort) if bytes.len() < bytes_max => Ok(None),
        Err(_) => Err(NotAHeader),
    }
}

/// Returns how long a header of version 2 says that it is, once it does.
fn v2_bytes(bytes: &[u8]) -> Option<usize> {
    let length = bytes.get(V2_SIGNATURE.len() + 2..V2_FIXED_BYTES)?;
    Some(V2_FIXED_BYTES + usize::from(u16::from_be_bytes([length[0], length[1]])))
}

fn client(header: &ProxyHeader<'_>) -> Option<Client> {
    let address = header.proxied_address().filter(|address| address.protocol == Protocol::Stream)?;
    let secure = header.ssl().is_some_and(|ssl| ssl.client_ssl());
    Some(Client { address: address.source.ip().to_canonical(), secure })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use proxy_header::{ProxiedAddress, SslInfo, Tlv};

    use super::*;

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [V2_SIGNATURE, &[command, family], &length, rest].concat()
    }

    #[allow(clippy::unnecessary_wraps, reason = "this is what a header says of its client")]
    fn named(address: &str, secure: bool) -> Option<Client> {
        Some(Client { address: address.parse().unwrap(), secure })
    }

    #[test]
    fn version_1_is_one_line() {
        for (line, client) in [
            ("PROXY TCP4 203.0.113.9 192.0.2.1 56324 6697\r\n", named("203.0.113.9", false)),
            ("PROXY TCP6 2001:db8::9 2001:db8::1 56324 6697\r\n", named("2001:db8::9", false)),
            ("PROXY TCP6 ::ffff:203.0.113.9 ::1 1 2\r\n", named("203.0.113.9", false)),
            ("PROXY UNKNOWN\r\n", None),
            ("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", None),
        ] {
            let bytes = [line.as_bytes(), b"NICK anna\r\n"].concat();
            assert_eq!(read(&bytes), Ok(Some(Header { bytes: line.len(), client })), "{line}");
            for end in 0..line.len() {
                assert_eq!(read(&bytes[..end]), Ok(None), "{line} up to {end}");
            }
        }
        for bad in [
            "PROXY TCP4 203.0.113.9 192.0.2.1 56324 66970\r\n",
            "PROXY TCP4 2001:db8::9 2001:db8::1 1 2\r\n",
            "PROXY TCP4 203.0.113.999 192.0.2.1 1 2\r\n",
            "PROXY UDP4 203.0.113.9 192.0.2.1 1 2\r\n",
            "PROXY TCP4 203.0.113.9 192.0.2.1 1 2\rX",
            "PROXX",
            "NICK anna\r\n",
            "\x16\x03\x01",
            "GET / HTTP/1.1\r\n",
        ] {
            assert_eq!(read(bad.as_bytes()), Err(NotAHeader), "{bad}");
        }
    }

    #[test]
    fn version_1_has_a_bound() {
        let longest = format!("PROXY UNKNOWN {}\r\n", "x".repeat(V1_BYTES_MAX - 16));
        assert_eq!(read(longest.as_bytes()), Ok(Some(Header { bytes: V1_BYTES_MAX, client: None })));
        let longer = format!("PROXY UNKNOWN {}\r\n", "x".repeat(V1_BYTES_MAX - 15));
        assert_eq!(read(longer.as_bytes()), Err(NotAHeader));
        assert_eq!(read(&longer.as_bytes()[..V1_BYTES_MAX]), Err(NotAHeader));
    }

    #[test]
    fn version_2_names_the_client_or_nobody() {
        let v4 = [203, 0, 113, 9, 192, 0, 2, 1, 0xdc, 4, 0x1a, 0x29];
        assert_eq!(read(&v2(0x21, 0x11, &v4)), Ok(Some(Header { bytes: 28, client: named("203.0.113.9", false) })));
        assert_eq!(read(&v2(0x20, 0x11, &v4)), Ok(Some(Header { bytes: 28, client: None })), "LOCAL");
        assert_eq!(read(&v2(0x20, 0, b"")), Ok(Some(Header { bytes: 16, client: None })), "LOCAL");
        assert_eq!(read(&v2(0x21, 0x12, &v4)), Ok(Some(Header { bytes: 28, client: None })), "datagrams");
        assert_eq!(read(&v2(0x21, 0x31, &[0; 216])), Ok(Some(Header { bytes: 232, client: None })), "a Unix socket");
        for bad in [v2(0x11, 0x11, &v4), v2(0x22, 0x11, &v4), v2(0x21, 0x41, &v4), v2(0x21, 0x11, &v4[..11])] {
            assert_eq!(read(&bad), Err(NotAHeader), "{bad:?}");
        }
    }

    #[test]
    fn version_2_tells_of_tls() {
        for (client_ssl, address) in [(true, "203.0.113.9:1"), (false, "[2001:db8::9]:1")] {
            let source: std::net::SocketAddr = address.parse().unwrap();
            let mut header = ProxyHeader::with_address(ProxiedAddress::stream(source, source));
            header.append_tlv(Tlv::UniqueId(b"unique"[..].into()));
            header.append_tlv(Tlv::Ssl(SslInfo::new(client_ssl, false, false, 1)));
            let mut bytes = [0; 200];
            let length = header.encode_to_slice_v2(&mut bytes).unwrap();
            let client = Some(Client { address: source.ip(), secure: client_ssl });
            assert_eq!(read(&bytes), Ok(Some(Header { bytes: length, client })));
        }
    }

    #[test]
    fn version_2_has_a_bound() {
        let mut rest = vec![0; HEADER_BYTES_MAX - 16];
        assert!(matches!(read(&v2(0x20, 0, &rest)), Ok(Some(header)) if header.bytes == HEADER_BYTES_MAX));
        rest.push(0);
        assert_eq!(read(&v2(0x20, 0, &rest)), Err(NotAHeader));
    }

    proptest! {
        /// Whatever comes, the answer does not depend on how it was cut, and a header never has more bytes than came.
        #[test]
        fn any_cut_says_the_same(version in any::<bool>(), rest in proptest::collection::vec(any::<u8>(), 0..300)) {
            let bytes = [if version { V1_SIGNATURE } else { V2_SIGNATURE }, &rest].concat();
            let whole = read(&bytes);
            for end in 0..bytes.len() {
                match read(&bytes[..end]) {
                    Ok(None) => {}
                    early => prop_assert_eq!(early, whole),
                }
            }
            if let Ok(Some(header)) = whole {
                prop_assert!(header.bytes <= bytes.len());
            }
        }
    }
}
