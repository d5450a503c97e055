//! One request of HTTP, to the server of a chat: a file that is sent, a picture that is fetched. This blocks.
//!
//! A request is HTTP/1.0: its answer then comes in one piece that ends with the connection (RFC 9112, sections 6.1 and 9.3), and
//! there is nothing else to know of HTTP. A server is believed as that of the chat is, with the fingerprint that the person has
//! compared. Addresses are what the chat's server has told; they may be private: it is the person's own server.

use std::io::{ErrorKind, Read, Write};
use std::net::IpAddr;
use std::time::Duration;

use url::{Host, Position};

use crate::address::{Address, Door, is_near};
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

/// Where something is: `http://…` or `https://…`, in one line, without a name and password, without a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url(url::Url);

impl Url {
    /// Reads an address; nothing when it is another kind of one, or has in it what no request may have. The rest is read as
    /// browsers read it (WHATWG URL Standard): what is shown is where it leads.
    pub fn parse(text: &str) -> Option<Self> {
        // Browsers forgive missing slashes, and line ends within.
        let is_whole = text.split_once("://").is_some_and(|(scheme, _)| !scheme.contains(':')) && is_one_line(text);
        url::Url::parse(text).ok().filter(|_| is_whole).and_then(Self::checked)
    }

    fn checked(mut url: url::Url) -> Option<Self> {
        url.set_fragment(None);
        let is_web = matches!(url.scheme(), "http" | "https") && url.port() != Some(0);
        let is_anybodys = url.username().is_empty() && url.password().is_none();
        (is_web && is_anybodys && is_one_line(url.as_str())).then_some(Self(url))
    }

    /// Reads what an answer says of where something is, seen from here: a whole address, or a place on this server.
    pub fn join(&self, location: &str) -> Option<Self> {
        if !location.starts_with('/') {
            return Self::parse(location);
        }
        let joined = self.0.join(location).ok().filter(|_| is_one_line(location)).and_then(Self::checked);
        // Two slashes begin the name of another server, and there are many ways to write them.
        joined.filter(|joined| joined.is_beside(self))
    }

    /// Tells whether two are on one server.
    pub fn is_beside(&self, other: &Self) -> bool {
        self.0.origin() == other.0.origin()
    }

    /// Returns what is asked for there, from `/` on.
    pub fn target(&self) -> &str {
        &self.0[Position::BeforePath..Position::AfterQuery]
    }

    /// Tells whether it is `https`.
    fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Returns the host: a name, or an address without brackets.
    fn host(&self) -> String {
        match self.0.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => unreachable!("an address of the web has a host"),
        }
    }

    fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_else(|| unreachable!("both schemes have a port"))
    }

    /// The host as it stands in an address, with the port where it is not the usual one.
    fn authority(&self) -> &str {
        &self.0[Position::BeforeHost..Position::AfterPort]
    }
}

/// Tells whether a text is letters and signs of ASCII alone: nothing that ends a line, or a word of it.
fn is_one_line(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl std::fmt::Display for Url {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.0.as_str())
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
        url.target(),
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
    let head = format!("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", url.target(), url.authority());
    stream.write_all(head.as_bytes()).and_then(|()| stream.flush()).map_err(|error| unreachable_because(&error))?;
    answer(&mut stream, body_bytes_max)
}

/// Opens a connection. In clear only to who is near, or where the chat is in clear, too: others could read along.
fn connect(url: &Url, chat: &Plan) -> Result<Stream, Trouble> {
    let host = url.host();
    let is_of_chat = host.eq_ignore_ascii_case(&chat.address.host);
    let address = Address {
        door: if url.is_encrypted() { Door::Tls } else { Door::Clear },
        host,
        port: url.port(),
        room: None,
        fingerprint: None,
        invitation: None,
    };
    let plan = Plan {
        pinned: chat.pinned.clone().filter(|_| is_of_chat),
        may_be_clear: chat.may_be_clear && is_of_chat,
        was_encrypted: url.is_encrypted(),
        address,
    };
    let opened = opening::open(&plan)?;
    let Channel::Bytes(stream) = opened.channel else {
        return Err(Trouble::Protocol("it is a WebSocket".to_owned()));
    };
    let peer = stream.socket().peer_addr().map_err(|error| unreachable_because(&error))?;
    if !url.is_encrypted() && !may_be_clear(peer.ip(), is_of_chat, chat) {
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
            ("http://A/b/../c", "http://a/c"),
        ] {
            assert_eq!(Url::parse(text).unwrap().to_string(), expected, "{text}");
        }
        for text in [
            "",
            "ftp://a/",
            "http:a",
            "http:a://b",
            "http://",
            "http://a b/",
            "http://a/\r\nx",
            "ht\ntp://a/",
            " http://a/",
            "http://a/è",
            "http://u@a/",
            "http://:p@a/",
            "http://a:0/",
            "http://a:65536/",
            "http://[::1",
        ] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
        let url = Url::parse("http://a:53000/upload").unwrap();
        let joined = |location| url.join(location).map(|url| url.to_string());
        assert_eq!(joined("/uploads/x.png").as_deref(), Some("http://a:53000/uploads/x.png"));
        assert_eq!(joined("https://b/x").as_deref(), Some("https://b/x"));
        for location in ["x", "", "//b/x", "/\\b/x", "\\\\b/x", "/a b", "/\n/b", "/è"] {
            assert_eq!(joined(location), None, "{location}");
        }
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
