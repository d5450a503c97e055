//! The page over real loopback sockets.
#![allow(clippy::unwrap_used)]

use std::io::{Read as _, Write as _};
use std::net::Shutdown;

use super::*;
use crate::config::{Config, Dialect, Language, PlainVariant};
use crate::reach::Host;

fn page() -> PageInfo {
    let door = |port, loopback, dialects| PageDoor {
        port,
        loopback,
        dialects,
        variant: PlainVariant::Quit,
        room: "#piazza".to_owned(),
        tls: false,
        tls_required: false,
    };
    PageInfo {
        network: "<b>Net&</b>".to_owned(),
        description: "\"><script>alert(1)</script>".to_owned(),
        language: Config::default().server.language,
        public_host: None,
        fallback_host: Host("192.168.1.5".to_owned()),
        doors: vec![
            door(53_000, false, vec![Dialect::Web, Dialect::Irc, Dialect::Plain]),
            door(6667, true, vec![Dialect::Irc]),
        ],
    }
}

/// Accepts a connection on which `bytes` have been read.
fn visitor(listener: &TcpListener, bytes: &[u8]) -> Visitor {
    let (stream, peer) = listener.accept().unwrap();
    Visitor { stream, tls: None, bytes: bytes.to_vec(), door: 0, peer: Peer::new(peer.ip()), must_encrypt: false }
}

/// Gives `before` to the thread as read already, sends `after`, returns everything that comes back.
fn exchange(web: &WebHandle, before: &[u8], after: &[u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    web.hand_over(visitor(&listener, before)).unwrap();
    client.write_all(after).unwrap();
    let mut answer = Vec::new();
    // A refused request may end in a reset, after the answer.
    let _ = client.read_to_end(&mut answer);
    let _ = client.shutdown(Shutdown::Both);
    String::from_utf8(answer).unwrap()
}

fn get(web: &WebHandle, request: &str) -> String {
    exchange(web, format!("{request}\r\nConnection: close\r\n\r\n").as_bytes(), b"")
}

#[test]
fn the_page_tells_how_to_join_and_escapes_everything() {
    let web = Web::start(page(), Rules::default(), Gauge::default()).unwrap();
    let answer = get(&web, "GET / HTTP/1.1\r\nHost: 10.0.0.7:53000");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    for part in [
        "content-security-policy: default-src 'none'; style-src 'self'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "<h1>&lt;b&gt;Net&amp;&lt;/b&gt;</h1>",
        "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "<code>nc 10.0.0.7 53000</code>",
        "href=\"irc://10.0.0.7:53000/%23piazza\"",
    ] {
        assert!(answer.contains(part), "{part}\n{answer}");
    }
    assert!(!answer.contains("<script") && !answer.contains("6667"), "{answer}");
    let local = get(&web, "GET / HTTP/1.1\r\nHost: localhost:53000");
    assert!(local.contains("localhost:6667"), "{local}");
    web.stop();
}

#[test]
fn a_host_that_is_none_is_not_shown() {
    let web = Web::start(page(), Rules::default(), Gauge::default()).unwrap();
    let answer = get(&web, "GET / HTTP/1.1\r\nHost: \"><i>x");
    assert!(answer.contains("nc 192.168.1.5 53000") && !answer.contains("<i>x"), "{answer}");
    let public = Web::start(
        PageInfo { public_host: Some("chat.example.org".to_owned()), ..page() },
        Rules::default(),
        Gauge::default(),
    )
    .unwrap();
    assert!(get(&public, "GET / HTTP/1.1\r\nHost: 10.0.0.7").contains("nc chat.example.org 53000"));
}

#[test]
fn a_request_may_come_in_halves() {
    let web =
        Web::start(PageInfo { language: Language::Italian, ..page() }, Rules::default(), Gauge::default()).unwrap();
    let answer = exchange(&web, b"GET / HT", b"TP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(answer.contains("Come entrare") && answer.contains("<html lang=\"it\">"), "{answer}");
    let answer = exchange(&web, b"", b"HEAD / HTTP/1.0\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.ends_with("\r\n\r\n"), "{answer}");
}

#[test]
fn other_requests_are_refused() {
    let web = Web::start(page(), Rules::default(), Gauge::default()).unwrap();
    assert!(get(&web, "GET /etc/passwd HTTP/1.1\r\nHost: a").starts_with("HTTP/1.1 404 "));
    let post = get(&web, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0");
    assert!(post.starts_with("HTTP/1.1 405 ") && post.contains("content-security-policy:"), "{post}");
    assert!(get(&web, "GET /style.css HTTP/1.1\r\nHost: a").contains("color-scheme: light dark"));
    assert!(exchange(&web, b"GET / NONSENSE\r\n\r\n", b"").starts_with("HTTP/1.1 400 "));
    let many = "X: y\r\n".repeat(HEADER_LINES_MAX + 1);
    let answer = exchange(&web, format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes(), b"");
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let long = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "y".repeat(HEADER_BYTES_MAX * 2));
    let answer = exchange(&web, long.as_bytes(), b"");
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[test]
fn too_many_connections_are_told_apart() {
    let web = Web::start(page(), Rules::default(), Gauge::default()).unwrap();
    let _taken = web.places.clone().try_acquire_many_owned(u32::try_from(CONNECTIONS_MAX).unwrap()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    assert!(web.hand_over(visitor(&listener, b"")).is_err());
}

#[test]
fn stopping_closes_who_is_silent() {
    let web = Web::start(page(), Rules::default(), Gauge::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    web.hand_over(visitor(&listener, b"GET")).unwrap();
    web.stop();
    let ended = client.read(&mut [0; 16]);
    assert!(
        ended.as_ref().is_ok_and(|count| *count == 0)
            || ended.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset)
    );
}
