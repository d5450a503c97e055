use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use ipnet::IpNet;
use rcgen::generate_simple_self_signed;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::*;

const LIMITS: Limits = Limits { time: Duration::from_secs(20), body_bytes: 64 };

/// A server that takes one connection, answers with these bytes and returns what it was asked.
fn answering(answer: Vec<u8>) -> (u16, ClientConfig, JoinHandle<String>) {
    let made = generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked_of = std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream);
        let mut asked = String::new();
        let mut piece = [0; 1024];
        while !asked.contains("\r\n\r\n") {
            let Ok(count) = stream.read(&mut piece) else { return asked };
            if count == 0 {
                return asked;
            }
            asked.push_str(&String::from_utf8_lossy(&piece[..count]));
        }
        // The other side may have heard enough.
        let _ = stream.write_all(&answer).and_then(|()| stream.flush());
        if answer.is_empty() {
            // It waits until the other side gives up.
            let _ = stream.read(&mut piece);
        }
        stream.conn.send_close_notify();
        let _ = stream.flush();
        asked
    });
    (port, client, asked_of)
}

fn send(fetcher: &Fetcher, address: &str) -> Result<Answer, FetchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let request = Request::post(address).header("TTL", "60").body(Full::new(Bytes::from_static(b"sealed"))).unwrap();
    runtime.block_on(fetcher.send(request))
}

fn loopback() -> Guard {
    Guard::new(["127.0.0.0/8".parse::<IpNet>().unwrap(), "::1/128".parse().unwrap()])
}

fn answer(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 201 Created\r\nLocation: https://10.0.0.1/\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .into()
}

#[test]
fn an_answer_is_read_and_nothing_is_followed() {
    let (port, tls, asked_of) = answering(answer("fine"));
    let got = send(&Fetcher::with_tls(loopback(), LIMITS, tls), &format!("https://localhost:{port}/push/1?a=b"));
    let got = got.unwrap();
    assert_eq!((got.status, &*got.body), (StatusCode::CREATED, &b"fine"[..]));
    assert_eq!(got.headers["location"], "https://10.0.0.1/");
    let asked = asked_of.join().unwrap();
    assert!(asked.starts_with("POST /push/1?a=b HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains(&format!("\r\nhost: localhost:{port}\r\n")), "{asked}");
    assert!(asked.to_lowercase().contains("\r\nttl: 60\r\n"), "{asked}");
}

#[test]
fn what_is_private_is_not_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    listener.set_nonblocking(true).unwrap();
    let (_, tls, _) = answering(Vec::new());
    let fetcher = Fetcher::with_tls(Guard::default(), LIMITS, tls);
    for host in
        ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]"]
    {
        let refused = send(&fetcher, &format!("https://{host}:{port}/"));
        assert!(!matches!(refused, Ok(_) | Err(FetchError::Http(_) | FetchError::Late)), "{host}: {refused:?}");
        assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "{host}");
    }
    for host in ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "10.0.0.1", "[fe80::1]"] {
        let refused = send(&fetcher, &format!("https://{host}:{port}/"));
        assert!(matches!(refused, Err(FetchError::Private(_))), "{host}: {refused:?}");
    }
}

#[test]
fn only_encrypted_addresses_with_a_host_are_asked() {
    let (_, tls, _) = answering(Vec::new());
    let fetcher = Fetcher::with_tls(loopback(), LIMITS, tls);
    for address in ["http://localhost/", "https://me:secret@localhost/", "/path", "ftp://localhost/"] {
        assert!(matches!(send(&fetcher, address), Err(FetchError::Address)), "{address}");
    }
}

#[test]
fn an_answer_has_bounds() {
    let (port, tls, asked_of) = answering(answer(&"x".repeat(65)));
    let long = send(&Fetcher::with_tls(loopback(), LIMITS, tls), &format!("https://localhost:{port}/"));
    assert!(matches!(long, Err(FetchError::TooLong)), "{long:?}");
    asked_of.join().unwrap();

    let (port, tls, asked_of) = answering(Vec::new());
    let limits = Limits { time: Duration::from_millis(200), ..LIMITS };
    let late = send(&Fetcher::with_tls(loopback(), limits, tls), &format!("https://localhost:{port}/"));
    assert!(matches!(late, Err(FetchError::Late)), "{late:?}");
    asked_of.join().unwrap();
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let (port, _, asked_of) = answering(answer("fine"));
    let (_, other, _) = answering(Vec::new());
    let refused = send(&Fetcher::with_tls(loopback(), LIMITS, other), &format!("https://localhost:{port}/"));
    assert!(matches!(refused, Err(FetchError::Connect(_))), "{refused:?}");
    assert_eq!(asked_of.join().unwrap(), "");
}
