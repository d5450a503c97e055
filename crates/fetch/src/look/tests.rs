use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use hyper::header::{CONTENT_TYPE, HeaderMap};
use hyper::{StatusCode, Uri};
use ipnet::IpNet;
use rustls::{ClientConfig, RootCertStore};

use super::*;
use crate::{Guard, Limits};

const READING: Reading = Reading { body_bytes: 10, beginning: true, wanted: |_, _| true };

/// A server without encryption that answers one connection after the other with these bytes, and returns what it was asked.
fn answering(answers: Vec<String>) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            asked.push(String::from_utf8(head).unwrap());
            // The other side may have heard enough.
            let _ = stream.write_all(answer.replace("PORT", &port.to_string()).as_bytes());
        }
        asked
    });
    (port, asked)
}

fn fetcher(allowed: &[&str]) -> Fetcher {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let guard = Guard::new(allowed.iter().map(|network| network.parse::<IpNet>().unwrap()));
    Fetcher::with_tls(guard, Limits { time: Duration::from_secs(20), body_bytes: 0 }, tls)
}

fn look(fetcher: &Fetcher, address: &str, reading: Reading) -> Result<Looked, FetchError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(fetcher.look(&page_address(address).unwrap(), "text/html", reading))
}

fn leads(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn page(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn a_page_is_found_where_its_server_says() {
    let answers = vec![leads("/b?c=d#e"), leads("http://localhost:PORT/f"), page("here")];
    let (port, asked) = answering(answers);
    let looked = look(&fetcher(&["127.0.0.0/8", "::1/128"]), &format!("http://127.0.0.1:{port}/a"), READING).unwrap();
    assert_eq!(looked.address.as_str(), format!("http://localhost:{port}/f"));
    assert_eq!((looked.answer.status, &*looked.answer.body), (StatusCode::OK, &b"here"[..]));
    let asked = asked.join().unwrap();
    let lines: Vec<_> = asked.iter().map(|head| head.lines().next().unwrap()).collect();
    assert_eq!(lines, ["GET /a HTTP/1.1", "GET /b?c=d HTTP/1.1", "GET /f HTTP/1.1"]);
    assert!(asked[2].contains(&format!("\r\nhost: localhost:{port}\r\n")), "{}", asked[2]);
    assert!(asked[0].contains("\r\nuser-agent: Loggia (link preview)\r\n") && !asked[0].contains("cookie"));
}

#[test]
fn of_a_page_that_is_long_the_beginning_is_read() {
    let (port, asked) = answering(vec![page("0123456789abcdef")]);
    let looked = look(&fetcher(&["127.0.0.0/8"]), &format!("http://127.0.0.1:{port}/"), READING).unwrap();
    assert_eq!(&*looked.answer.body, b"0123456789");
    asked.join().unwrap();
    // What has to be whole is not taken.
    let (port, asked) = answering(vec![page("0123456789abcdef")]);
    let whole = Reading { beginning: false, ..READING };
    let looked = look(&fetcher(&["127.0.0.0/8"]), &format!("http://127.0.0.1:{port}/"), whole);
    assert!(matches!(looked, Err(FetchError::TooLong)), "{looked:?}");
    asked.join().unwrap();
}

#[test]
fn what_is_not_wanted_is_not_read() {
    let (port, asked) = answering(vec!["HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\nmoving".to_owned()]);
    let is_html =
        |_: StatusCode, headers: &HeaderMap| headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "text/html");
    let reading = Reading { wanted: is_html, ..READING };
    let looked = look(&fetcher(&["127.0.0.0/8"]), &format!("http://127.0.0.1:{port}/"), reading).unwrap();
    assert!(looked.answer.body.is_empty());
    asked.join().unwrap();
}

#[test]
fn the_way_does_not_lead_to_what_is_private_and_has_an_end() {
    // 127.0.0.1 is allowed here, and nothing else of this machine.
    let guarded = fetcher(&["127.0.0.1/32"]);
    for private in ["http://127.0.0.2:PORT/", "http://10.0.0.1/", "http://[::1]:PORT/", "http://169.254.169.254/latest"]
    {
        let (port, asked) = answering(vec![leads(private)]);
        let looked = look(&guarded, &format!("http://127.0.0.1:{port}/"), READING);
        assert!(matches!(looked, Err(FetchError::Private(_))), "{private}: {looked:?}");
        assert_eq!(asked.join().unwrap().len(), 1);
    }
    for nowhere in
        ["ftp://127.0.0.1/", "http://me:secret@127.0.0.1:PORT/", "http://127.0.0.1:25/", "file:///etc/passwd"]
    {
        let (port, asked) = answering(vec![leads(nowhere)]);
        let looked = look(&guarded, &format!("http://127.0.0.1:{port}/"), READING);
        assert!(matches!(looked, Err(FetchError::Address)), "{nowhere}: {looked:?}");
        asked.join().unwrap();
    }
    let (port, asked) = answering(vec![leads("/again"); REDIRECTS_MAX + 1]);
    let looked = look(&guarded, &format!("http://127.0.0.1:{port}/"), READING);
    assert!(matches!(looked, Err(FetchError::TooManyRedirects)), "{looked:?}");
    assert_eq!(asked.join().unwrap().len(), REDIRECTS_MAX + 1);
}

#[test]
fn what_is_encrypted_leads_to_what_is_encrypted_only() {
    let answer = |location: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, location.parse().unwrap());
        Answer { status: StatusCode::FOUND, headers, body: Bytes::new() }
    };
    let from =
        |address: &str, to: &str| next(&page_address(address).unwrap(), &answer(to)).map(|to| to.unwrap().to_string());
    assert_eq!(from("https://a.example/b", "../c").unwrap(), "https://a.example/c");
    assert_eq!(from("http://a.example/", "https://b.example/").unwrap(), "https://b.example/");
    assert!(matches!(from("https://a.example/", "http://a.example/"), Err(FetchError::Address)));
    assert!(matches!(from("https://a.example/", "//b:c@d.example/"), Err(FetchError::Address)));
}

#[test]
fn addresses_of_pages_are_told_from_others() {
    for good in
        ["http://a.example", "https://a.example:8443/b?c#d", "https://perché.example/☕", "http://[2606:4700::1]/"]
    {
        let address = page_address(good).unwrap();
        assert!(address.as_str().parse::<Uri>().is_ok() && address.fragment().is_none(), "{good}");
    }
    for bad in [
        "",
        "a.example",
        "ftp://a.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://me@a.example/",
        "http://",
    ] {
        assert_eq!(page_address(bad), None, "{bad}");
    }
    assert_eq!(page_address(&format!("http://a.example/{}", "x".repeat(ADDRESS_BYTES_MAX))), None);
    // However an address of this machine is written, it is one of this machine.
    for own in ["http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/"] {
        let address = page_address(own).unwrap();
        assert_eq!(address.host_str(), Some(&*Ipv4Addr::LOCALHOST.to_string()), "{own}");
    }
}
