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
        certificate: page::Certificate::None,
        tls_required: false,
    };
    PageInfo {
        network: "<b>Net&</b>".to_owned(),
        description: "\"><script>alert(1)</script>".to_owned(),
        language: Config::default().server.language,
        public_host: None,
        public_port: None,
        fallback_host: Host("192.168.1.5".to_owned()),
        hosts: vec![Host("192.168.1.5".to_owned()), Host("10.9.0.5".to_owned())],
        doors: vec![
            door(53_000, false, vec![Dialect::Web, Dialect::Irc, Dialect::Plain]),
            door(6667, true, vec![Dialect::Irc]),
        ],
        fingerprint: None,
    }
}

/// Accepts a connection on which `bytes` have been read.
fn visitor(listener: &TcpListener, bytes: &[u8]) -> Visitor {
    let (stream, peer) = listener.accept().unwrap();
    Visitor { stream, tls: None, bytes: bytes.to_vec(), door: 0, peer: Peer::new(peer.ip()), must_encrypt: false }
}

/// Sends a request; returns everything that comes back.
fn exchange_bytes(web: &WebHandle, request: &[u8]) -> Vec<u8> {
    exchange_halves(web, request, b"")
}

/// Gives `before` to the thread as read already, sends `after`, returns everything that comes back.
fn exchange(web: &WebHandle, before: &[u8], after: &[u8]) -> String {
    String::from_utf8(exchange_halves(web, before, after)).unwrap()
}

fn exchange_halves(web: &WebHandle, before: &[u8], after: &[u8]) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    web.hand_over(visitor(&listener, before)).unwrap();
    client.write_all(after).unwrap();
    let mut answer = Vec::new();
    // A refused request may end in a reset, after the answer.
    let _ = client.read_to_end(&mut answer);
    let _ = client.shutdown(Shutdown::Both);
    answer
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
        "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self';",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "<title>&lt;b&gt;Net&amp;&lt;/b&gt;</title>",
        "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "<code>nc 10.0.0.7 53000</code>",
        "href=\"irc://10.0.0.7:53000/%23piazza\"",
    ] {
        assert!(answer.contains(part), "{part}\n{answer}");
    }
    assert_eq!(answer.matches("<script").count(), 1, "only its own, from a file: {answer}");
    assert!(answer.contains("src=\"/assets/main.") && !answer.contains("{{") && !answer.contains("6667"), "{answer}");
    let local = get(&web, "GET / HTTP/1.1\r\nHost: localhost:53000");
    assert!(local.contains("localhost:6667"), "{local}");
    web.stop();
}

#[test]
fn files_of_the_client_are_kept_by_browsers_and_compressed() {
    let web = Web::start(page(), Rules::default(), Gauge::default()).unwrap();
    let answer = get(&web, "GET / HTTP/1.1\r\nHost: a");
    let script = answer.split("src=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let plain = get(&web, &format!("GET {script} HTTP/1.1\r\nHost: a"));
    for part in ["HTTP/1.1 200", "content-type: text/javascript", "immutable", "nosniff", "vary: accept-encoding"] {
        assert!(plain.contains(part), "{part}");
    }
    assert!(!plain.contains("content-encoding"));
    for (path, kind) in [
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/worker.js", "text/javascript"),
        ("/icon.svg", "image/svg+xml"),
        ("/licences.txt", "text/plain"),
    ] {
        let answer = get(&web, &format!("GET {path} HTTP/1.1\r\nHost: a"));
        assert!(answer.contains(kind) && answer.contains("cache-control: no-cache"), "{path}: {answer}");
    }
    let zipped = exchange_bytes(
        &web,
        format!("GET {script} HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br, gzip\r\nConnection: close\r\n\r\n")
            .as_bytes(),
    );
    let head = String::from_utf8_lossy(&zipped);
    assert!(head.contains("content-encoding: gzip") && zipped.len() * 2 < plain.len(), "{}", zipped.len());
}

#[test]
fn an_invitation_is_a_link_that_others_can_use() {
    let web = Web::start(page(), Rules::default(), Gauge::default()).unwrap();
    let answer = get(&web, "GET /invite?room=%23tea HTTP/1.1\r\nHost: localhost:53000");
    assert!(answer.contains("href=\"http://192.168.1.5:53000/#join?room=%23tea\""), "{answer}");
    assert!(answer.contains("src=\"/invite.svg?room=%23tea\""), "{answer}");
    assert!(answer.contains("href=\"http://10.9.0.5:53000/#join?room=%23tea\""), "the other network: {answer}");
    let with_word = get(&web, "GET /invite?room=%23tea&token=ABCD-2345 HTTP/1.1\r\nHost: 10.0.0.7");
    assert!(with_word.contains("#join?room=%23tea&amp;token=ABCD-2345\""), "{with_word}");
    let elsewhere = get(&web, "GET /invite?at=10.9.0.5 HTTP/1.1\r\nHost: 10.0.0.7");
    assert!(elsewhere.contains("href=\"http://10.9.0.5:53000/#join?room=%23piazza\""), "{elsewhere}");
    let stranger = get(&web, "GET /invite?at=evil.example&token=%22%3E HTTP/1.1\r\nHost: 10.0.0.7");
    assert!(!stranger.contains("http://evil") && !stranger.contains("#join?room=%23piazza&amp;token"), "{stranger}");
    let hostile = get(&web, "GET /invite?room=%23%22%3E%3Cscript&\"><b> HTTP/1.1\r\nHost: 10.0.0.7");
    assert!(!hostile.contains("<script") && !hostile.contains("<b>"), "{hostile}");
    let code = get(&web, "GET /invite.svg?room=%23tea HTTP/1.1\r\nHost: 10.0.0.7:1");
    assert!(code.contains("content-type: image/svg+xml") && code.contains("<svg"), "{code}");
    let self_made = PageInfo {
        doors: vec![PageDoor {
            certificate: page::Certificate::SelfMade,
            tls_required: true,
            ..page().doors[0].clone()
        }],
        fingerprint: Some("ab12".to_owned()),
        ..page()
    };
    let web = Web::start(self_made, Rules::default(), Gauge::default()).unwrap();
    let answer = get(&web, "GET /invite HTTP/1.1\r\nHost: 10.0.0.7");
    assert!(answer.contains("\"http://10.0.0.7:53000/#join?room=%23piazza&amp;fp=sha256:ab12\""), "{answer}");
    let encrypted = PageInfo {
        doors: vec![PageDoor { certificate: page::Certificate::Trusted, ..page().doors[0].clone() }],
        ..page()
    };
    let web = Web::start(encrypted, Rules::default(), Gauge::default()).unwrap();
    let answer = get(&web, "GET /invite HTTP/1.1\r\nHost: chat.example.org");
    assert!(answer.contains("https://chat.example.org:53000/#join?room=%23piazza"), "{answer}");
    assert!(get(&web, "GET /join HTTP/1.1\r\nHost: a").contains("<h2>How to join</h2>"));
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
    assert!(get(&web, "GET /join.css HTTP/1.1\r\nHost: a").contains("color-scheme: light dark"));
    assert!(get(&web, "GET /assets/main.js HTTP/1.1\r\nHost: a").starts_with("HTTP/1.1 404 "), "without its hash");
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
