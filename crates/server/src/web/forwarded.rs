//! `X-Forwarded-For` and `X-Forwarded-Proto`: what a proxy in front says of the browser. Only a trusted one is believed.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use session::settings::Peer;
use session::trusted_proxies::TrustedProxies;

/// Returns who is at the other end: the peer, or the client for whom it forwards if it is a trusted proxy.
///
/// Each proxy adds at the right end whom it got the request from, so the client is the first from the right that is no
/// trusted proxy itself. What stands left of it came from the client, which may write there what it likes.
pub(super) fn client(peer: &Peer, headers: &HeaderMap, trusted: &TrustedProxies) -> Peer {
    if !trusted.contains(peer.address) {
        return peer.clone();
    }
    let mut client = peer.clone();
    for entry in entries(headers, "x-forwarded-for").into_iter().rev() {
        // Something that is no address: nothing left of it can be believed.
        let Some(address) = address(entry) else { break };
        client.address = address.to_canonical();
        // A certificate is of whoever holds the connection.
        client.vouchers.change(|vouchers| vouchers.certificate = None);
        if !trusted.contains(address) {
            break;
        }
    }
    if let Some(protocol) = entries(headers, "x-forwarded-proto").last() {
        client.secure = ["https", "wss"].iter().any(|known| protocol.eq_ignore_ascii_case(known));
    }
    client
}

/// Returns the words of a list, which may stand in several headers.
pub(super) fn entries<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let lists = headers.get_all(name).iter().map(|list| list.to_str().unwrap_or("?"));
    lists.flat_map(|list| list.split(',')).map(str::trim).filter(|entry| !entry.is_empty()).collect()
}

/// Reads an address; some proxies add the port.
fn address(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    bare.parse().ok().or_else(|| entry.parse().ok().map(|address: SocketAddr| address.ip()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::HeaderName;

    use super::*;

    fn seen(peer: &str, secure: bool, headers: &[(&'static str, &str)]) -> (String, bool) {
        let trusted = TrustedProxies::new(["10.0.0.0/8", "127.0.0.1"]);
        let peer = Peer { secure, ..Peer::new(peer.parse().unwrap()) };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let client = client(&peer, &map, &trusted);
        (client.address.to_string(), client.secure)
    }

    fn address_of(peer: &str, list: &str) -> String {
        seen(peer, false, &[("x-forwarded-for", list)]).0
    }

    #[test]
    fn a_trusted_proxy_names_the_client() {
        for (list, client) in [
            ("203.0.113.9", "203.0.113.9"),
            ("203.0.113.9, 10.1.2.3", "203.0.113.9"),
            ("198.51.100.1,203.0.113.9,10.1.2.3 , 127.0.0.1", "203.0.113.9"),
            ("127.0.0.1, 203.0.113.9", "203.0.113.9"),
            ("2001:db8::9", "2001:db8::9"),
            ("[2001:db8::9]:4711", "2001:db8::9"),
            ("[2001:db8::9]", "2001:db8::9"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("10.9.9.9", "10.9.9.9"),
            ("", "127.0.0.1"),
            ("unknown", "127.0.0.1"),
            ("203.0.113.9, unknown, 10.0.0.2", "10.0.0.2"),
            ("203.0.113.9, \u{e9}", "127.0.0.1"),
        ] {
            assert_eq!(address_of("127.0.0.1", list), client, "{list}");
        }
        let twice = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "203.0.113.9, 10.0.0.1")];
        assert_eq!(seen("10.0.0.5", false, &twice).0, "203.0.113.9", "two headers are one list");
    }

    #[test]
    fn nobody_else_is_believed() {
        let spoofed = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-proto", "https")];
        assert_eq!(seen("203.0.113.9", false, &spoofed), ("203.0.113.9".to_owned(), false));
    }

    #[test]
    fn the_last_proxy_says_whether_the_browser_came_by_tls() {
        for (value, secure) in
            [("https", true), ("HTTPS", true), ("wss", true), ("http", false), ("https, http", false)]
        {
            assert_eq!(seen("127.0.0.1", !secure, &[("x-forwarded-proto", value)]).1, secure, "{value}");
        }
        assert!(seen("127.0.0.1", true, &[]).1, "the proxy's own connection, when it says nothing");
    }
}
