//! What a page says of itself: its title, what it is about, and a picture.
//!
//! Spec: WHATWG HTML sections 4.2.2 (`title`) and 4.2.5 (`meta`); the Open Graph protocol (`og:…`), and the names of it that
//! some pages use instead (`twitter:…`). Whatever the bytes are, the texts are short, on one line, and nothing but text.

use std::collections::BTreeMap;

use encoding_rs::{Encoding, UTF_8};
use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

/// The longest title, in characters: two lines of a card.
pub const TITLE_CHARS_MAX: usize = 120;
/// The longest description.
pub const ABOUT_CHARS_MAX: usize = 280;
/// The longest name of a site.
pub const SITE_CHARS_MAX: usize = 60;
/// Where a page names its encoding, if it does (HTML section 13.2.3.2).
const PRESCAN_BYTES: usize = 1024;
/// Characters of a text that are looked at, spaces among them.
const CHARS_READ_MAX: usize = 4096;

/// What a page says of itself. What it does not say is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub about: String,
    /// What it is a page of.
    pub site: String,
    /// The address of a picture, as it is written there.
    pub picture: String,
}

/// Tells whether something is a page, by its `Content-Type`.
pub fn is_page(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    ["text/html", "application/xhtml+xml"].iter().any(|page| essence.eq_ignore_ascii_case(page))
}

/// Reads a page, or the beginning of one.
pub fn read(bytes: &[u8], content_type: &str) -> Page {
    let (text, _, _) = encoding(bytes, content_type).decode(bytes);
    let mut said = Said::default();
    let mut emitter = DefaultEmitter::default();
    // Otherwise tags in a script or a title would be tags.
    emitter.naively_switch_states(true);
    let mut is_title = false;
    for token in Tokenizer::new_with_emitter(&*text, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) if **tag.name == *b"meta" => {
                let value = |name: &[u8]| {
                    tag.attributes.get(name).map(|value| String::from_utf8_lossy(value)).unwrap_or_default()
                };
                let (property, name, content) = (value(b"property"), value(b"name"), value(b"content"));
                for key in [property, name] {
                    said.note(&key.to_ascii_lowercase(), &content);
                }
            }
            Token::StartTag(tag) => is_title = **tag.name == *b"title",
            Token::EndTag(_) => is_title = false,
            Token::String(text) if is_title => said.note("title", &String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    said.page()
}

/// What was said first under each name that counts.
#[derive(Default)]
struct Said(BTreeMap<&'static str, String>);

/// The names that count: for each text, the one that is believed before those behind it.
const TITLES: [&str; 3] = ["og:title", "twitter:title", "title"];
const ABOUTS: [&str; 3] = ["og:description", "twitter:description", "description"];
const SITES: [&str; 1] = ["og:site_name"];
const PICTURES: [&str; 5] = ["og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"];

impl Said {
    fn note(&mut self, key: &str, text: &str) {
        let known = TITLES.into_iter().chain(ABOUTS).chain(SITES).chain(PICTURES).find(|known| *known == key);
        if let Some(known) = known.filter(|_| !text.trim().is_empty()) {
            self.0.entry(known).or_insert_with(|| text.chars().take(CHARS_READ_MAX).collect());
        }
    }

    fn first(&self, keys: &[&'static str]) -> &str {
        keys.iter().find_map(|key| self.0.get(*key)).map_or("", String::as_str)
    }

    fn page(&self) -> Page {
        Page {
            title: shown(self.first(&TITLES), TITLE_CHARS_MAX),
            about: shown(self.first(&ABOUTS), ABOUT_CHARS_MAX),
            site: shown(self.first(&SITES), SITE_CHARS_MAX),
            picture: self.first(&PICTURES).trim().to_owned(),
        }
    }
}

/// Returns a text as it may be shown: on one line, without what would turn the text around it, and with an end.
fn shown(text: &str, chars_max: usize) -> String {
    let text: String = text.chars().filter(|one| !turns_text(*one)).collect();
    let words = text.split(|one: char| one.is_whitespace() || one.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    let mut chars = line.chars();
    let mut shown: String = chars.by_ref().take(chars_max).collect();
    if chars.next().is_some() {
        shown.pop();
        shown.truncate(shown.trim_end().len());
        shown.push('…');
    }
    shown
}

/// Tells whether a character changes the direction of what stands around it (Unicode, UAX 9).
fn turns_text(one: char) -> bool {
    matches!(one, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Finds out how a page is encoded: its server says so, or the page itself does; otherwise it is UTF-8. (A mark at the very
/// beginning is believed before all of them, by the decoder.)
fn encoding(bytes: &[u8], content_type: &str) -> &'static Encoding {
    let beginning = &bytes[..bytes.len().min(PRESCAN_BYTES)];
    charset(content_type.as_bytes()).or_else(|| charset(beginning)).unwrap_or(UTF_8)
}

/// Finds the first encoding that is named behind `charset=`.
fn charset(bytes: &[u8]) -> Option<&'static Encoding> {
    const NAMED: &[u8] = b"charset=";
    let at = bytes.windows(NAMED.len()).position(|window| window.eq_ignore_ascii_case(NAMED))? + NAMED.len();
    let label = bytes.get(at..)?;
    let label = label.strip_prefix(b"\"").or_else(|| label.strip_prefix(b"'")).unwrap_or(label);
    let end = label.iter().position(|byte| !byte.is_ascii_graphic() || b"\"'>;/".contains(byte));
    Encoding::for_label(&label[..end.unwrap_or(label.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> Page {
        read(text.as_bytes(), "text/html")
    }

    #[test]
    fn what_a_page_says_first_and_most_clearly_counts() {
        let page = html(
            "<!doctype html><head><title>Tea &amp; cake\n</title><title>not this</title>\
             <meta name=description content='About\ttea'><meta property='og:title' content=\"Tea &#x2615;\">\
             <META NAME=\"twitter:description\" CONTENT='of the leaf'><meta property=og:site_name content=Teashop>\
             <meta property=og:image content=' /tea.jpg '><meta property=og:image content=other.jpg>",
        );
        let expected = Page {
            title: "Tea ☕".into(),
            about: "of the leaf".into(),
            site: "Teashop".into(),
            picture: "/tea.jpg".into(),
        };
        assert_eq!(page, expected);
        assert_eq!(html("<title>only &lt;b&gt; this").title, "only <b> this");
        assert_eq!(html("nothing at all"), Page::default());
    }

    #[test]
    fn tags_in_scripts_comments_and_titles_are_no_tags() {
        assert_eq!(
            html("<script>'<title>no</title>'</script><!-- <title>no</title> --><title>yes</title>").title,
            "yes"
        );
        assert_eq!(
            html("<title><meta property=og:title content=no></title>").title,
            "<meta property=og:title content=no>"
        );
        assert_eq!(html("<title></title><title> \n </title><title>later</title>").title, "later");
    }

    #[test]
    fn texts_are_short_and_on_one_line_and_turn_nothing_around() {
        let page = html(&format!(
            "<title>a\u{202e}b\u{2066}c\0\r\nd\u{7}e</title><meta name=description content='{}'>",
            "ä ".repeat(400)
        ));
        assert_eq!(page.title, "abc\u{fffd} d e");
        assert_eq!(page.about.chars().count(), ABOUT_CHARS_MAX);
        assert!(page.about.ends_with("ä…"), "no space before the end");
        assert_eq!(
            html("<title> \u{202e} a \u{200f} b \u{2066}</title>").title,
            "a b",
            "no space stays where they stood"
        );
        let exact = "x".repeat(TITLE_CHARS_MAX);
        assert_eq!(html(&format!("<title>{exact}</title>")).title, exact);
    }

    #[test]
    fn pages_are_read_in_their_own_encoding() {
        assert_eq!(read(b"<title>perch\xe9</title>", "text/html; charset=ISO-8859-1").title, "perché");
        assert_eq!(read(b"<meta charset='windows-1251'><title>\xd7\xe0\xe9</title>", "text/html").title, "Чай");
        assert_eq!(
            read(b"<meta content='text/html; CHARSET=shift_jis'><title>\x82\xa8</title>", "text/html").title,
            "お"
        );
        assert_eq!(read("<title>☕</title>".as_bytes(), "text/html; charset=nonsense").title, "☕");
        assert_eq!(read(b"\xef\xbb\xbf<title>\xe2\x98\x95</title>", "text/html; charset=latin1").title, "☕");
        assert_eq!(read(b"<title>\xff</title>", "text/html").title, "\u{fffd}");
    }

    #[test]
    fn only_pages_are_pages() {
        assert!(is_page("text/html") && is_page("Text/HTML; charset=utf-8") && is_page("application/xhtml+xml"));
        assert!(!is_page("text/plain") && !is_page("image/png") && !is_page("") && !is_page("text/htmlx"));
    }
}
