//! The first bytes: whatever comes, it is decided in the end, and once decided it stays so.

use session::door::{FIRST_BYTES_MAX, FirstBytes, read};

/// How conversations begin.
pub const WORDS: &[&[u8]] = &[
    b"\x16\x03\x01",
    b"\x16",
    b"GET / HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n",
    b"POST ",
    b"CAP LS 302\r\n",
    b"NICK ",
    b"USER ",
    b"@label=1 ",
    b"PROXY ",
    b"\r\n",
    b"\n",
    b" ",
    b"\xff\xfd\x03",
    b"Anna",
    &[b'x'; 4700],
];

/// The input is what a connection sends, byte by byte.
pub fn first_bytes(data: &[u8]) {
    let mut decided = None;
    for end in 0..=data.len().min(FIRST_BYTES_MAX + 64) {
        let bytes = &data[..end];
        let now = read(bytes);
        match now {
            FirstBytes::Silence => assert!(bytes.is_empty(), "silence, and yet there are bytes"),
            FirstBytes::Unfinished => {
                assert!(!bytes.contains(&b'\n') || bytes.starts_with(b"\x16"), "a whole line is unfinished");
                assert!(bytes.len() < FIRST_BYTES_MAX, "the wait for a line end has no end");
                assert_eq!(decided, None, "decided, and then not");
            }
            FirstBytes::Tls | FirstBytes::Http | FirstBytes::Irc | FirstBytes::Other => {
                let before = *decided.get_or_insert(now);
                // Who is nobody known yet is let in as plain at once; the line's end cannot make it anything else.
                assert_eq!(before, now, "decided twice, and differently");
            }
        }
    }
    if data.contains(&b'\n') {
        assert!(!matches!(read(data), FirstBytes::Silence) || data.is_empty());
    }
}
