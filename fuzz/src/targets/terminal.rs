//! What the terminal client reads: addresses that people type or get as links, and what others wrote, on its way to a screen.

use link::address::Address;
use terminal::rich_text::{bare, columns, cut, spans, wrap};

/// Parts of them.
pub const WORDS: &[&[u8]] = &[
    b"irc://",
    b"wss://[::1]:53000/irc",
    b"plain://a?variant=nick",
    b"http://a/#join?room=%23a&token=x&fp=sha256:",
    b"[fe80::1%eth0]:7000",
    b"0123456789abcdef0123456789abcdef",
    b"\x0304,12",
    b"\x04ff0000,",
    b"\x02\x1d\x1f\x1e\x16\x11\x0f",
    b"\x1b[2J",
    b"\xc2\x9b2J",
    b"\xe2\x80\xae",
    b"\xe6\x97\xa5\xe6\x9c\xac",
    b"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
    b"e\xcc\x81\xcc\x81",
];

/// The first byte is a width, the rest a text.
pub fn terminal(data: &[u8]) {
    let Some((width, data)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(data);
    if let Ok(address) = Address::parse(&text) {
        // What is shown can be typed again; what a link says beside it is not part of that.
        let again = Address::parse(&address.to_string());
        let bare = Address { room: None, fingerprint: None, invitation: None, ..address };
        assert_eq!(again.as_ref(), Ok(&bare), "{text:?} is shown otherwise");
    }
    let shown = bare(&text);
    assert!(!shown.chars().any(char::is_control), "{text:?} reaches the terminal as {shown:?}");
    let width = usize::from(*width).max(2);
    assert!(columns(&cut(&shown, width)) <= width, "{shown:?} cut to {width}");
    let line = text.replace('\n', " ");
    for row in wrap(&spans(&line, true), 0, width) {
        let row: String = row.iter().map(|span| &*span.content).collect();
        assert!(columns(&row) <= width, "{row:?} of {line:?} is wider than {width}");
    }
}
