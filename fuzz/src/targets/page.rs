//! What a page that a stranger has linked to says of itself, in whatever encoding, and where it says that it is.

use fetch::page::{self, ABOUT_CHARS_MAX, Page, SITE_CHARS_MAX, TITLE_CHARS_MAX};
use fetch::page_address;

/// What pages are made of.
pub const WORDS: &[&[u8]] = &[
    b"<title>",
    b"</title>",
    b"<meta property=og:title content=",
    b"<meta name=\"description\" content='",
    b"og:image",
    b"og:site_name",
    b"<script>",
    b"<!--",
    b"<![CDATA[",
    b"&amp;",
    b"&#x202e;",
    b"&#0;",
    b"charset=utf-16le",
    b"charset=iso-2022-jp",
    b"charset=\"shift_jis\"",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"http://",
    b"https://me:secret@[::1]:443/?a#b",
    b"\xe2\x80\xae",
];

/// The first line is a `Content-Type` and the address of a picture, the rest is a page.
pub fn page(data: &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (head, body) = data.split_at(end);
    let head = String::from_utf8_lossy(head);
    let said = page::read(body, &head);
    let Page { title, about, site, picture } = &said;
    for (text, chars_max) in [(title, TITLE_CHARS_MAX), (about, ABOUT_CHARS_MAX), (site, SITE_CHARS_MAX)] {
        assert!(text.chars().count() <= chars_max, "{text:?} is too long");
        assert!(!text.contains(|one: char| one.is_control() || ('\u{202a}'..='\u{202e}').contains(&one)), "{text:?}");
        assert_eq!(text.trim(), text, "nothing stands around a text");
    }
    for address in [&*head, picture] {
        let Some(address) = page_address(address) else { continue };
        assert!(address.has_host() && address.username().is_empty() && address.password().is_none());
        assert!(matches!(address.scheme(), "http" | "https") && address.fragment().is_none());
    }
}
