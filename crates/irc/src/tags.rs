//! The tags of a message: `@key=value;+client/key;flag `.
//!
//! Spec: IRCv3 message-tags, "Format", "Rules for naming message tags", "Escaping values".

use std::borrow::Cow;

/// The tag section of a message, without the `@` before it and the space after it. Read when asked, not before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tags<'a> {
    raw: &'a str,
}

/// One tag as it stood on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag<'a> {
    /// The key, with its `+` if it is a client-only tag. Not checked: see [`is_valid_key`].
    pub key: &'a str,
    /// The value as sent, still escaped. `None` and `Some("")` mean the same, but are relayed as they came.
    pub value: Option<&'a str>,
}

impl<'a> Tags<'a> {
    /// Wraps a raw tag section, without the `@`.
    pub const fn new(raw: &'a str) -> Self {
        Self { raw }
    }

    /// The section as it stood on the wire, without the `@`.
    pub const fn as_str(self) -> &'a str {
        self.raw
    }

    /// Whether the message had no tags.
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// The tags in their order on the wire, duplicates included.
    pub fn iter(self) -> impl Iterator<Item = Tag<'a>> {
        self.raw.split(';').filter(|part| !part.is_empty()).map(|part| match part.split_once('=') {
            Some((key, value)) => Tag { key, value: Some(value) },
            None => Tag { key: part, value: None },
        })
    }

    /// The tag with this key. Of several the last counts (message-tags, "Rules for naming message tags").
    pub fn get(self, key: &str) -> Option<Tag<'a>> {
        self.iter().filter(|tag| tag.key == key).last()
    }

    /// The unescaped value of a tag that is present and has one.
    pub fn value(self, key: &str) -> Option<Cow<'a, str>> {
        self.get(key).map(Tag::unescaped).filter(|value| !value.is_empty())
    }

    /// The client-only tags: what a server relays to others.
    pub fn client_only(self) -> impl Iterator<Item = Tag<'a>> {
        self.iter().filter(|tag| is_client_only(tag.key))
    }
}

impl<'a> Tag<'a> {
    /// The value as it was meant; empty when there is none.
    pub fn unescaped(self) -> Cow<'a, str> {
        unescape(self.value.unwrap_or_default())
    }
}

/// Whether a key belongs to clients: servers pass these on without looking at the value.
pub fn is_client_only(key: &str) -> bool {
    key.starts_with('+')
}

/// Whether a key follows the grammar: `['+'] [vendor '/'] 1*(letter | digit | '-')`, the vendor being a host name.
pub fn is_valid_key(key: &str) -> bool {
    let key = key.strip_prefix('+').unwrap_or(key);
    let (vendor, name) = match key.split_once('/') {
        Some((vendor, name)) => (Some(vendor), name),
        None => (None, key),
    };
    let name_is_valid = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let vendor_is_valid = vendor.is_none_or(|vendor| {
        // International vendors are host names in their UTF-8 or their `xn--` form.
        !vendor.is_empty() && vendor.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
    });
    name_is_valid && vendor_is_valid
}

/// Turns an escaped value into what it means.
///
/// A backslash before anything unknown is dropped, and so is one at the very end (message-tags, "Escaping values").
pub fn unescape(value: &str) -> Cow<'_, str> {
    if !value.contains('\\') {
        return Cow::Borrowed(value);
    }
    let mut plain = String::with_capacity(value.len());
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            plain.push(character);
            continue;
        }
        match characters.next() {
            Some(':') => plain.push(';'),
            Some('s') => plain.push(' '),
            Some('r') => plain.push('\r'),
            Some('n') => plain.push('\n'),
            Some(other) => plain.push(other),
            None => {}
        }
    }
    Cow::Owned(plain)
}

/// Makes a value safe for the wire. NUL cannot be escaped, and must not occur.
pub fn escape(value: &str) -> Cow<'_, str> {
    if value.bytes().all(|byte| escaped_byte(byte).is_none()) {
        return Cow::Borrowed(value);
    }
    let mut bytes = Vec::with_capacity(value.len() + 8);
    escape_into(&mut bytes, value);
    Cow::Owned(String::from_utf8(bytes).unwrap_or_default())
}

/// Appends a value to `out`, escaped. NUL cannot be escaped, and must not occur.
pub fn escape_into(out: &mut Vec<u8>, value: &str) {
    debug_assert!(!value.contains('\0'), "a tag value cannot hold NUL: {value:?}");
    for byte in value.bytes() {
        match escaped_byte(byte) {
            Some(letter) => out.extend_from_slice(&[b'\\', letter]),
            None => out.push(byte),
        }
    }
}

/// The letter that stands for a byte after a backslash, if the byte must be escaped.
fn escaped_byte(byte: u8) -> Option<u8> {
    match byte {
        b';' => Some(b':'),
        b' ' => Some(b's'),
        b'\\' => Some(b'\\'),
        b'\r' => Some(b'r'),
        b'\n' => Some(b'n'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_in_their_order() {
        let tags = Tags::new("a=1;;b;+c/d=;a=2;e=x=y");
        let pairs: Vec<_> = tags.iter().map(|tag| (tag.key, tag.value)).collect();
        assert_eq!(pairs, [("a", Some("1")), ("b", None), ("+c/d", Some("")), ("a", Some("2")), ("e", Some("x=y"))]);
        assert_eq!(tags.value("a").as_deref(), Some("2"), "the last of several counts");
        assert_eq!(tags.value("b"), None, "no value and an empty value are the same");
        assert_eq!(tags.value("+c/d"), None);
        assert!(tags.get("b").is_some() && tags.get("c").is_none());
        assert_eq!(tags.client_only().map(|tag| tag.key).collect::<Vec<_>>(), ["+c/d"]);
        assert!(Tags::new(";;").is_empty() && !tags.is_empty());
    }

    #[test]
    fn escapes_as_the_specification_lists_them() {
        for (escaped, plain) in [
            (r"\:", ";"),
            (r"\s", " "),
            (r"\\", r"\"),
            (r"\r", "\r"),
            (r"\n", "\n"),
            (r"a\\\\b", r"a\\b"),
            (r"\\s", r"\s"),
            ("plain=é", "plain=é"),
        ] {
            assert_eq!(unescape(escaped), plain);
            assert_eq!(escape(plain), escaped);
        }
    }

    #[test]
    fn escapes_that_mean_nothing() {
        assert_eq!(unescape(r"\b"), "b");
        assert_eq!(unescape(r"test\"), "test");
        assert_eq!(unescape(r"\"), "");
        assert_eq!(unescape(r"\é"), "é");
    }

    #[test]
    fn keys() {
        for valid in ["a", "+a", "draft/reply", "+draft/reply", "+example.com/Key-1", "msgid", "+müller.de/x"] {
            assert!(is_valid_key(valid), "{valid}");
        }
        for invalid in ["", "+", "/a", "a/", "a/b/c", "a_b", "é", "++a", "a b/c", "draft/é", "a."] {
            assert!(!is_valid_key(invalid), "{invalid}");
        }
        assert!(is_client_only("+a") && !is_client_only("a"));
    }

    proptest! {
        #[test]
        fn escaped_and_back(value in "[^\\x00]{0,40}") {
            let escaped = escape(&value);
            prop_assert!(!escaped.contains([';', ' ', '\r', '\n']));
            prop_assert_eq!(unescape(&escaped), value.as_str());
        }

        #[test]
        fn anything_can_be_unescaped(value in ".{0,40}") {
            prop_assert!(unescape(&value).len() <= value.len());
        }
    }
}
