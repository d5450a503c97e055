//! What a proxy says of its client: whoever sends it slowly says the same, and nothing beyond the header is taken.

use transport::proxy_header::{HEADER_BYTES_MAX, read};

/// What headers are made of.
pub const WORDS: &[&[u8]] = &[
    b"PROXY ",
    b"TCP4 ",
    b"TCP6 ",
    b"UNKNOWN",
    b"203.0.113.9 ",
    b"2001:db8::9 ",
    b"65535",
    b"\r\n",
    b"\r\n\r\n\0\r\nQUIT\n",
    b"\x21\x11\x00\x0c",
    b"\x21\x21\x00\x24",
    b"\x20\x00\x00\x00",
    b"\x21\x31\x00\xd8",
    b"\x20\x00\x05\x01\x00\x00\x00\x00",
    b"\x03\x00\x04",
];

/// The input is what a connection sends.
pub fn proxy_header(data: &[u8]) {
    let whole = read(data);
    for end in 0..data.len().min(HEADER_BYTES_MAX + 64) {
        match read(&data[..end]) {
            Ok(None) => assert!(end < HEADER_BYTES_MAX, "the wait for a header has no end"),
            early => assert_eq!(early, whole, "decided early, and then differently"),
        }
    }
    if let Ok(Some(header)) = whole {
        assert!(header.bytes <= data.len() && header.bytes <= HEADER_BYTES_MAX);
        assert_eq!(read(&data[..header.bytes]), whole, "what follows the header counts");
    }
}
