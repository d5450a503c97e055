//! One request of HTTP, to the server of a chat: a file that is sent, a picture that is fetched. This blocks.
//!
//! A request is HTTP/1.0: its answer then comes in one piece that ends with the connection (RFC 9112, sections 6.1 and 9.3), and
//! there is nothing else to know of HTTP. A server is believed as that of the chat is, with the fingerprint that the person has
//! compared. Addresses are what the chat's server has told; they may be private: it is the person's own server.

use std::io::{ErrorKind, Read, Write};
use std::net::IpAddr;
use std::time::Duration;

use crate::address::{Address, Door, host_and_port, is_near};
use crate::connection::opening::{self, Plan, with_time};
use crate::connection::{Channel, Stream, Trouble};

/// How long the server may say nothing, and take nothing. It draws pictures anew before it answers.
const SILENCE_MAX: Duration = Duration::from_mins(1);

/// The longest head of an answer, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// The most fields in it.
const FIELDS_MAX: usize = 64;

/// How much of a file is sent at once, in bytes: so often is told how far it is.
const PIECE_BYTES: usize = 32 * 1024;

/// Where something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// `https`.
    pub is_encrypted: bool,
    /// A name, or an address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What is asked for there, from `/` on; without a fragment.
    pub target: String,
}

impl Url {
    /// Reads `http://…` or `https://…`; nothing when it is something else, or has in it what no request may have.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let is_encrypted = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let rest = rest.split('#').next()?;
        let (authority, target) = rest.find(['/', '?']).map_or((rest, ""), |place| rest.split_at(place));
        let (host, port) = host_and_port(authority).ok()?;
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        let port = port.unwrap_or(if is_encrypted { 443 } else { 80 });
        (is_plain(&host) && is_plain(&target)).then_some(Self { is_encrypted, host, port, target })
    }

    /// Reads what an answer says of where something is, seen from here.
    pub fn join(&self, location: &str) -> Option<Self> {
        if location.starts_with('/') && !location.starts_with("//") {
            let at = Self { target: String::new(), ..self.clone() };
            return Self::parse(&format!("{at}{location}"));
        }
        Self::parse(location)
    }

    /// Tells whether two are on one server.
    pub fn is_beside(&self, other: &Self) -> bool {
        self.is_encrypted == other.is_encrypted
            && self.port == other.port
            && self.host.eq_ignore_ascii_case(&other.host)
    }

    /// The host as it stands in an address, with the port where it is not the usual one.
    fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == if self.is_encrypted { 443 } else { 80 } { host } else { format!("{host}:{}", self.port) }
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.is_encrypted { "https" } else { "http" };
        write!(out, "{scheme}://{}{}", self.authority(), self.target)
    }
}

/// What is sent.
pub struct Post<'p> {
    /// The token that says who sends it.
    pub token: &'p str,
    /// What the file is called.
    pub name: &'p str,
    /// The file.
    pub file: &'p mut dyn Read,
    /// How long it is, in bytes.
    pub length: u64,
    /// Told how many bytes are sent; with `false` as its answer, it is given up.
    pub progress: &'p mut dyn FnMut(u64) -> bool,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Where what was sent is now.
    pub location: Option<String>,
    /// What came with it.
    pub body: Vec<u8>,
}

/// Sends a file. `chat`: how the chat's own server is connected with.
///
/// # Errors
///
/// The server cannot be reached or believed, breaks off, or speaks something else; or it was given up.
pub fn post(url: &Url, chat: &Plan, body_bytes_max: usize, mut post: Post<'_>) -> Result<Answer, Trouble> {
    let mut stream = connect(url, chat)?;
    let head = format!(
        "POST {} HTTP/1.0\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/octet-stream\r\n\
         Content-Disposition: attachment; filename*=UTF-8''{}\r\nContent-Length: {}\r\n\r\n",
        url.target,
        url.authority(),
        post.token,
        escaped(post.name),
        post.length
    );
    let sent = send(&mut stream, head.as_bytes(), &mut post);
    // Given up: the server waits for the rest, and says nothing.
    if sent == Err(Trouble::Closed) {
        return Err(Trouble::Closed);
    }
    // A server that does not want it says why before it has all of it.
    match (answer(&mut stream, body_bytes_max), sent) {
        (Ok(answer), Ok(()) | Err(_)) => Ok(answer),
        (Err(_), Err(trouble)) | (Err(trouble), Ok(())) => Err(trouble),
    }
}

/// Fetches something.
///
/// # Errors
///
/// The server cannot be reached or believed, breaks off, speaks something else, or sends more than that.
pub fn get(url: &Url, chat: &Plan, body_bytes_max: usize) -> Result<Answer, Trouble> {
    let mut stream = connect(url, chat)?;
    let head = format!("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", url.target, url.authority());
    stream.write_all(head.as_bytes()).and_then(|()| stream.flush()).map_err(|error| unreachable_because(&error))?;
    answer(&mut stream, body_bytes_max)
}

/// Opens a connection. In clear only to who is near, or where the chat is in clear, too: others could read along.
fn connect(url: &Url, chat: &Plan) -> Result<Stream, Trouble> {
    let is_of_chat = url.host.eq_ignore_ascii_case(&chat.address.host);
    let address = Address {
        door: if url.is_encrypted { Door::Tls } else { Door::Clear },
        host: url.host.clone(),
        port: url.port,
        room: None,
        fingerprint: None,
        invitation: None,
    };
    let plan = Plan {
        pinned: chat.pinned.clone().filter(|_| is_of_chat),
        may_be_clear: chat.may_be_clear && is_of_chat,
        was_encrypted: url.is_encrypted,
        address,
    };
    let opened = opening::open(&plan)?;
    let Channel::Bytes(stream) = opened.channel else {
        return Err(Trouble::Protocol("it is a WebSocket".to_owned()));
    };
    let peer = stream.socket().peer_addr().map_err(|error| unreachable_because(&error))?;
    if !url.is_encrypted && !may_be_clear(peer.ip(), is_of_chat, chat) {
        return Err(Trouble::NotEncrypted);
    }
    with_time(stream.socket(), Some(SILENCE_MAX));
    Ok(stream)
}

/// Tells whether something may be said in clear: to who is near, or where the person has said so of the chat itself.
fn may_be_clear(peer: IpAddr, is_of_chat: bool, chat: &Plan) -> bool {
    is_near(peer) || (is_of_chat && chat.may_be_clear && !chat.was_encrypted)
}

fn send(stream: &mut Stream, head: &[u8], post: &mut Post<'_>) -> Result<(), Trouble> {
    let failed = |error: std::io::Error| unreachable_because(&error);
    stream.write_all(head).map_err(failed)?;
    let (mut sent, mut piece) = (0, vec![0; PIECE_BYTES]);
    // A file that grows while it is sent is sent as long as it was.
    let mut file = post.file.take(post.length);
    loop {
        let count = file.read(&mut piece).map_err(|error| Trouble::Protocol(error.to_string()))?;
        if count == 0 {
            break;
        }
        stream.write_all(&piece[..count]).map_err(failed)?;
        sent += u64::try_from(count).unwrap_or(u64::MAX);
        if !(post.progress)(sent) {
            return Err(Trouble::Closed);
        }
    }
    stream.flush().map_err(failed)
}

/// Reads an answer to its end.
fn answer(stream: &mut Stream, body_bytes_max: usize) -> Result<Answer, Trouble> {
    let (mut bytes, mut piece) = (Vec::new(), vec![0; PIECE_BYTES]);
    loop {
        let count = match stream.read(&mut piece) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // Without a goodbye of TLS: whether all is there, its length says.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => 0,
            Err(error) => return Err(unreachable_because(&error)),
        };
        bytes.extend_from_slice(&piece[..count]);
        if bytes.len() > HEAD_BYTES_MAX + body_bytes_max {
            return Err(Trouble::Protocol("the answer is too long".to_owned()));
        }
        if count == 0 {
            return parse(&bytes).ok_or_else(|| Trouble::Protocol("this is no answer of HTTP".to_owned()));
        }
    }
}

/// Reads an answer that is there whole; nothing when it is none, or its end is missing.
pub fn parse(bytes: &[u8]) -> Option<Answer> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS_MAX];
    let mut head = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else { return None };
    let field = |name: &str| {
        let field = head.headers.iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(field.value).ok().map(str::trim)
    };
    if length > HEAD_BYTES_MAX || field("Transfer-Encoding").is_some() {
        return None;
    }
    let mut body = &bytes[length..];
    if let Some(said) = field("Content-Length") {
        body = body.get(..said.parse().ok()?)?;
    }
    Some(Answer { status: head.code?, location: field("Location").map(str::to_owned), body: body.to_vec() })
}

/// Writes a name as a field of HTTP can have it (RFC 8187).
fn escaped(name: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn unreachable_because(error: &std::io::Error) -> Trouble {
    Trouble::Unreachable(error.to_string())
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use std::io::Cursor;
    use std::net::TcpListener;
    use std::thread::JoinHandle;

    use super::*;

    fn plan(port: u16) -> Plan {
        let address = Address::parse(&format!("irc://127.0.0.1:{port}")).unwrap();
        Plan { address, pinned: None, may_be_clear: false, was_encrypted: false }
    }

    /// A server that takes one request of so many bytes behind its head, and gives one answer.
    fn server(expected: usize, answer: &[u8]) -> (Url, Plan, JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = answer.to_vec();
        let thread = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut asked = Vec::new();
            let mut piece = [0; 4096];
            loop {
                let end = asked.windows(4).position(|four| four == b"\r\n\r\n");
                if end.is_some_and(|end| asked.len() >= end + 4 + expected) {
                    break;
                }
                let count = socket.read(&mut piece).unwrap();
                assert!(count > 0, "all of it comes");
                asked.extend_from_slice(&piece[..count]);
            }
            // Whoever does not want all of it closes before.
            let _ = socket.write_all(&answer);
            String::from_utf8(asked).unwrap()
        });
        (Url::parse(&format!("http://127.0.0.1:{port}/upload")).unwrap(), plan(port), thread)
    }

    #[test]
    fn addresses_are_read_and_written() {
        for (text, expected) in [
            ("http://a", "http://a/"),
            ("HTTPS://a:443/x?y#z", "https://a/x?y"),
            ("http://[::1]:53000/upload", "http://[::1]:53000/upload"),
            ("https://a:53000?x", "https://a:53000/?x"),
        ] {
            assert_eq!(Url::parse(text).unwrap().to_string(), expected, "{text}");
        }
        for text in
            ["", "ftp://a/", "http://", "http://a b/", "http://a/\r\nx", "http://a/è", "http://u@a/", "http://a:0/"]
        {
            assert_eq!(Url::parse(text), None, "{text}");
        }
        let url = Url::parse("http://a:53000/upload").unwrap();
        let joined = |location| url.join(location).map(|url| url.to_string());
        assert_eq!(joined("/uploads/x.png").as_deref(), Some("http://a:53000/uploads/x.png"));
        assert_eq!(joined("https://b/x").as_deref(), Some("https://b/x"));
        assert_eq!((joined("x"), joined("//b/x"), joined("/a b")), (None, None, None));
        assert!(url.is_beside(&Url::parse("http://A:53000/other").unwrap()));
        assert!(!url.is_beside(&Url::parse("http://a/").unwrap()));
    }

    #[test]
    fn answers_are_read() {
        let read = |text: &str| parse(text.as_bytes());
        let whole = read("HTTP/1.1 201 Created\r\nlocation: /uploads/x \r\nContent-Length: 2\r\n\r\nokmore").unwrap();
        assert_eq!(whole, Answer { status: 201, location: Some("/uploads/x".into()), body: b"ok".to_vec() });
        assert_eq!(read("HTTP/1.0 413 Too Large\r\n\r\n{}").unwrap().body, b"{}");
        for text in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", "* OK IMAP\r\n\r\n"] {
            assert_eq!(read(text), None, "{text}");
        }
        for head in ["Content-Length: -1", "Content-Length: 99999999999999999999", "Transfer-Encoding: chunked"] {
            assert_eq!(read(&format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\nok")), None, "{head}");
        }
    }

    #[test]
    fn a_file_is_sent_with_its_name_and_token() {
        let (url, plan, server) =
            server(6, b"HTTP/1.1 201 Created\r\nLocation: /uploads/x\r\nContent-Length: 0\r\n\r\n");
        let mut told = Vec::new();
        let sent = Post {
            token: "t0k",
            name: "tè\r\n.txt",
            file: &mut Cursor::new(b"abcdefghi"),
            length: 6,
            progress: &mut |count| {
                told.push(count);
                true
            },
        };
        assert_eq!(post(&url, &plan, 1000, sent).unwrap().location.as_deref(), Some("/uploads/x"));
        assert_eq!(told, [6]);
        let asked = server.join().unwrap();
        assert!(asked.starts_with("POST /upload HTTP/1.0\r\nHost: 127.0.0.1:"), "{asked}");
        assert!(asked.contains("\r\nAuthorization: Bearer t0k\r\n") && asked.ends_with("\r\n\r\nabcdef"), "{asked}");
        assert!(asked.contains("filename*=UTF-8''t%C3%A8%0D%0A.txt\r\n"), "{asked}");
    }

    #[test]
    fn what_is_too_long_is_not_read_and_what_is_given_up_ends() {
        let (url, plan, server) = server(0, &vec![b'x'; HEAD_BYTES_MAX + 2000]);
        assert!(matches!(get(&url, &plan, 1000), Err(Trouble::Protocol(_) | Trouble::Unreachable(_))));
        drop(server.join());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
        let mut file = Cursor::new(vec![b'x'; 1_000_000]);
        let sent = Post { token: "t", name: "x", file: &mut file, length: 1_000_000, progress: &mut |_| false };
        assert!(post(&url, &plan, 1000, sent).is_err());
    }

    #[test]
    fn nobody_can_read_along_who_could_not_in_the_chat() {
        let (near, far): (IpAddr, IpAddr) = ("192.168.1.7".parse().unwrap(), "192.0.2.1".parse().unwrap());
        let clear = Plan { may_be_clear: true, ..plan(1) };
        let encrypted = Plan { was_encrypted: true, ..clear.clone() };
        assert!(may_be_clear(near, false, &encrypted), "as the chat itself, on one's own network");
        assert!(may_be_clear(far, true, &clear) && !may_be_clear(far, false, &clear));
        assert!(!may_be_clear(far, true, &encrypted) && !may_be_clear(far, true, &plan(1)));
    }
}
