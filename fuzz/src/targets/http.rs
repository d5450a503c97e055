//! What a server answers our programs when they send a file or fetch a picture: the answer, and where it says that something is.
//! Nothing of it gets into a request but one line of it.

use link::http::{Url, parse};

/// What answers and addresses are made of.
pub const WORDS: &[&[u8]] = &[
    b"HTTP/1.1 201 Created\r\n",
    b"HTTP/1.0 200 OK\r\n",
    b"Content-Length: 18446744073709551615\r\n",
    b"Content-Length: 2\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Location: /f/1\r\n",
    b"Location: ",
    b"\r\n\r\n",
    b"https://",
    b"http://[::1]:65536",
    b"//",
    b"/../",
    b"?#",
    b"@",
    b"/\\",
    b"http:",
    b"%0d%0a",
    b"\xc3\xa8",
];

/// The input is an answer, and an address.
pub fn http(data: &[u8]) {
    if let Some(answer) = parse(data) {
        assert!(answer.body.len() < data.len(), "a body that did not come");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some(at) = Url::parse("https://chat.example/upload") else { unreachable!("an address") };
    for url in [Url::parse(text), at.join(text)].into_iter().flatten() {
        let shown = url.to_string();
        assert!(shown.bytes().all(|byte| byte.is_ascii_graphic()), "{text:?} gets out of its line: {shown:?}");
        assert_eq!(Url::parse(&shown).as_ref(), Some(&url), "{text:?} is shown as {shown:?}");
        assert!(url.target().starts_with('/'), "{text:?} asks for {:?}", url.target());
    }
}
