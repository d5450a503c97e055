//! The tag parser, and the escaping of values.

use irc::tags::{Tags, escape, is_client_only, is_valid_key, unescape};

/// Parts of tag sections.
pub const WORDS: &[&[u8]] = &[
    b";",
    b"=",
    b"\\:",
    b"\\s",
    b"\\\\",
    b"\\r",
    b"\\n",
    b"\\",
    b"+",
    b"/",
    b"label=",
    b"msgid=",
    b"time=2026-01-01T00:00:00.000Z",
    b"+typing=active",
    b"+draft/reply=",
    b"vendor.example/key",
    b"\xc3\xa8",
];

/// The input is a tag section without its `@`; as a value alone, it is escaped and read back.
pub fn tags(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let tags = Tags::new(text);
    assert_eq!(tags.is_empty(), tags.iter().count() == 0);
    for tag in tags.iter() {
        assert!(!tag.key.contains([';', '=']), "a key holds a separator: {:?}", tag.key);
        assert!(tag.value.is_none_or(|value| !value.contains(';')), "a value holds a separator: {:?}", tag.value);
        let found = tags.get(tag.key).unwrap_or_else(|| panic!("the tag {:?} is there and is not found", tag.key));
        assert_eq!(found.key, tag.key);
        assert_eq!(tags.value(tag.key).is_some(), !found.unescaped().is_empty());
        if is_valid_key(tag.key) {
            assert!(!tag.key.contains([' ', '\\', '\0']), "no key is like this: {:?}", tag.key);
        }
    }
    assert!(tags.client_only().all(|tag| is_client_only(tag.key)));
    let once = unescape(text);
    assert!(once.len() <= text.len(), "unescaping makes nothing longer");
    if !text.contains('\0') {
        let escaped = escape(text);
        assert!(!escaped.contains([';', ' ', '\r', '\n']), "not fit for the wire: {escaped:?}");
        assert_eq!(unescape(&escaped), text, "escaped, and not the same when read");
    }
}
