//! Which pages may open the WebSocket: those of this server, and those of origins that its owner has named.
//!
//! Spec: RFC 6455, section 10.2; RFC 6454. A program is no page and sends no Origin. A page of another site must not talk
//! to a server on the local network in its reader's name.

/// Tells whether a page from `origin` may, given the Host header of its request, whether that came encrypted, and the
/// origins named for the door.
///
/// Over TLS a page that came without is of another origin, though its host and port be the same: whoever sits on the line
/// may have written it. The other way round there is a proxy in front that has ended TLS.
pub(super) fn is_allowed(origin: &str, host: Option<&str>, secure: bool, named: &[String]) -> bool {
    let Some((scheme, authority)) = split(origin) else { return false };
    let is_own = (scheme == "https" || !secure) && host.is_some_and(|host| normal(scheme, host) == authority);
    is_own || named.iter().any(|named| split(named).is_some_and(|named| named == (scheme, authority.clone())))
}

/// Splits an origin into its scheme and the rest, in the form in which it is compared; `null` and other schemes are none.
fn split(origin: &str) -> Option<(&'static str, String)> {
    let scheme = ["https", "http"].into_iter().find(|scheme| {
        let prefix = origin.get(..scheme.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(scheme));
        prefix && origin[scheme.len()..].starts_with("://")
    })?;
    let authority = normal(scheme, &origin[scheme.len() + 3..]);
    (!authority.is_empty()).then_some((scheme, authority))
}

/// Lower case, without the port that the scheme has anyway.
fn normal(scheme: &str, authority: &str) -> String {
    let usual = if scheme == "https" { ":443" } else { ":80" };
    authority.strip_suffix(usual).unwrap_or(authority).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origin: &str, host: &str, named: &[&str]) -> bool {
        is_allowed(origin, Some(host), false, &named.iter().map(|origin| (*origin).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn pages_of_this_server_may() {
        for (origin, host) in [
            ("http://192.168.1.5:53000", "192.168.1.5:53000"),
            ("https://chat.example.org", "chat.example.org"),
            ("https://Chat.Example.org", "chat.example.ORG:443"),
            ("https://chat.example.org:443", "chat.example.org"),
            ("http://chat.example.org", "chat.example.org:80"),
            ("http://[2001:db8::1]:53000", "[2001:db8::1]:53000"),
        ] {
            assert!(allowed(origin, host, &[]), "{origin} {host}");
        }
    }

    #[test]
    fn other_pages_may_not() {
        for (origin, host) in [
            ("http://evil.example", "chat.example.org"),
            ("http://chat.example.org.evil.example", "chat.example.org"),
            ("http://chat.example.org:8080", "chat.example.org"),
            ("https://chat.example.org", "chat.example.org:80"),
            ("null", "null"),
            ("file://", ""),
            ("http://", ""),
            ("", ""),
            ("chrome-extension://chat.example.org", "chat.example.org"),
            ("\u{e9}", "\u{e9}"),
        ] {
            assert!(!allowed(origin, host, &[]), "{origin} {host}");
        }
        assert!(!is_allowed("http://chat.example.org", None, false, &[]));
    }

    #[test]
    fn over_tls_only_pages_that_came_by_tls() {
        let host = Some("chat.example.org:53000");
        assert!(is_allowed("https://chat.example.org:53000", host, true, &[]));
        assert!(!is_allowed("http://chat.example.org:53000", host, true, &[]));
        assert!(is_allowed("https://chat.example.org:53000", host, false, &[]), "a proxy in front has ended TLS");
        let named = ["http://chat.example.org:53000".to_owned()];
        assert!(is_allowed("http://chat.example.org:53000", host, true, &named), "named is named");
    }

    #[test]
    fn named_origins_may() {
        let named = ["https://web.example.org", "http://localhost:8080"];
        assert!(allowed("https://web.example.org", "chat.example.org", &named));
        assert!(allowed("https://WEB.example.org:443", "chat.example.org", &named));
        assert!(allowed("http://localhost:8080", "chat.example.org", &named));
        assert!(!allowed("http://web.example.org", "chat.example.org", &named), "another scheme is another origin");
        assert!(!allowed("http://localhost:8081", "chat.example.org", &named));
    }
}
