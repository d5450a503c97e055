//! A message to bytes: appended to a buffer, part by part, with nothing in between.
//!
//! Spec: Modern IRC, "Message format"; IRCv3 message-tags, "Escaping values".

use crate::line::LineLimits;
use crate::tags::escape_into;

/// Bytes of a message without tags and without CR LF that fit a line.
pub const BODY_CONTENT_BYTES_MAX: usize = LineLimits::FROM_CLIENT.body_bytes_max as usize - 2;

/// Writes one line. The parts come in the order of the wire: tags, source, command, parameters, end.
#[derive(Debug)]
#[must_use = "a line that is not ended has no CR LF"]
pub struct LineWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Where everything but the tags begins.
    body_start: usize,
    has_tags: bool,
    has_body: bool,
}

impl<'a> LineWriter<'a> {
    /// Begins a line at the end of `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        let body_start = out.len();
        Self { out, body_start, has_tags: false, has_body: false }
    }

    /// Adds a tag; the value is given plain and escaped here. An empty value is written as none: they mean the same.
    pub fn tag(mut self, key: &str, value: Option<&str>) -> Self {
        self.begin_tag(key);
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.out.push(b'=');
            escape_into(self.out, value);
        }
        self
    }

    /// Adds a tag as another client sent it: the value is relayed untouched, still escaped.
    pub fn tag_as_sent(mut self, tag: crate::tags::Tag<'_>) -> Self {
        self.begin_tag(tag.key);
        if let Some(value) = tag.value {
            self.out.push(b'=');
            self.out.extend_from_slice(value.as_bytes());
        }
        self
    }

    fn begin_tag(&mut self, key: &str) {
        debug_assert!(!self.has_body, "tags come before the source and the command");
        self.out.push(if self.has_tags { b';' } else { b'@' });
        self.has_tags = true;
        self.out.extend_from_slice(key.as_bytes());
    }

    /// Adds who the message is from, without the `:`.
    pub fn source(mut self, source: &str) -> Self {
        debug_assert!(is_middle(source), "a source has no spaces: {source:?}");
        self.begin_body();
        self.out.push(b':');
        self.out.extend_from_slice(source.as_bytes());
        self.out.push(b' ');
        self
    }

    /// Adds the command.
    pub fn command(mut self, command: &str) -> Self {
        debug_assert!(is_middle(command), "a command has no spaces: {command:?}");
        self.begin_body();
        self.out.extend_from_slice(command.as_bytes());
        self
    }

    /// Adds a numeric as the command: always three digits.
    pub fn numeric(mut self, code: u16) -> Self {
        debug_assert!(code < 1000, "a numeric has three digits: {code}");
        self.begin_body();
        let digit = |value: u16| b'0' + u8::try_from(value % 10).unwrap_or_default();
        self.out.extend_from_slice(&[digit(code / 100), digit(code / 10), digit(code)]);
        self
    }

    fn begin_body(&mut self) {
        if !self.has_body {
            if self.has_tags {
                self.out.push(b' ');
            }
            self.body_start = self.out.len();
            self.has_body = true;
        }
    }

    /// Adds a parameter that is one word.
    pub fn param(self, value: &str) -> Self {
        debug_assert!(is_middle(value), "not a single word: {value:?}");
        self.out.push(b' ');
        self.out.extend_from_slice(value.as_bytes());
        self
    }

    /// Adds parameters that are one word each, with a space between them.
    pub fn params(self, words: &str) -> Self {
        debug_assert!(words.split(' ').all(is_middle), "not words: {words:?}");
        self.out.push(b' ');
        self.out.extend_from_slice(words.as_bytes());
        self
    }

    /// Adds the last parameter, marked with `:` whether it needs it or not: the form clients expect for text.
    pub fn trailing(self, text: &str) -> Self {
        debug_assert!(is_text(text), "text has no line ends: {text:?}");
        self.out.extend_from_slice(b" :");
        self.out.extend_from_slice(text.as_bytes());
        self
    }

    /// Continues the last parameter, behind [`LineWriter::trailing`].
    pub fn more(self, text: &str) -> Self {
        debug_assert!(is_text(text), "text has no line ends: {text:?}");
        self.out.extend_from_slice(text.as_bytes());
        self
    }

    /// Adds the last parameter, marked with `:` only when it could not be read otherwise.
    pub fn last(self, value: &str) -> Self {
        if is_middle(value) { self.param(value) } else { self.trailing(value) }
    }

    /// Bytes so far that count towards the 512, without tags and CR LF.
    pub fn body_bytes(&self) -> usize {
        if self.has_body { self.out.len() - self.body_start } else { 0 }
    }

    /// Ends the line. Whether it fits 512 bytes is the caller's affair: see [`LineWriter::body_bytes`].
    pub fn end(self) {
        self.out.extend_from_slice(b"\r\n");
    }

    /// Ends the line, cut to 512 bytes without its tags, never inside a character. For replies that repeat what a client sent.
    pub fn end_cut(self) {
        if self.body_bytes() > BODY_CONTENT_BYTES_MAX {
            let mut end = self.body_start + BODY_CONTENT_BYTES_MAX;
            while end > self.body_start && is_continuation(self.out[end]) {
                end -= 1;
            }
            self.out.truncate(end);
        }
        self.end();
    }
}

/// Whether a byte is the second or a later one of a UTF-8 character.
fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

/// Whether a value can stand on the wire as a parameter that is not the last one.
pub fn is_middle(value: &str) -> bool {
    !value.is_empty() && !value.starts_with(':') && is_text(value) && !value.contains(' ')
}

/// Whether a value can stand on the wire as the last parameter.
pub fn is_text(value: &str) -> bool {
    !value.bytes().any(|byte| matches!(byte, 0 | b'\r' | b'\n'))
}

/// What a client sent, in a form that can be repeated to it as a word: itself, or `*` when it is none.
pub fn word_or_star(value: &str) -> &str {
    if is_middle(value) { value } else { "*" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::Tag;

    fn written(write: impl FnOnce(LineWriter<'_>)) -> String {
        let mut out = Vec::new();
        write(LineWriter::new(&mut out));
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn tags_with_and_without_values() {
        let line = written(|line| {
            line.tag("time", Some("1 2;3"))
                .tag("bot", None)
                .tag("empty", Some(""))
                .tag_as_sent(Tag { key: "+a", value: Some(r"x\sy") })
                .source("s")
                .command("A")
                .end();
        });
        assert_eq!(line, "@time=1\\s2\\:3;bot;empty;+a=x\\sy :s A\r\n");
        assert_eq!(written(|line| line.tag("a", None).command("B").end()), "@a B\r\n");
    }

    #[test]
    fn parameters() {
        assert_eq!(written(|line| line.command("A").param("b").trailing("c").end()), "A b :c\r\n");
        assert_eq!(written(|line| line.numeric(5).param("b").last("c").end()), "005 b c\r\n");
        assert_eq!(written(|line| line.numeric(372).last("c d").end()), "372 :c d\r\n");
        assert_eq!(written(|line| line.command("A").last("").end()), "A :\r\n");
        assert_eq!(written(|line| line.command("A").last(":x").end()), "A ::x\r\n");
        assert_eq!(written(|line| line.command("A").trailing("b").more(" c").end()), "A :b c\r\n");
    }

    #[test]
    fn lines_are_appended() {
        let mut out = b"before\r\n".to_vec();
        LineWriter::new(&mut out).command("A").end();
        assert_eq!(out, b"before\r\nA\r\n");
    }

    #[test]
    fn only_the_body_counts_and_is_cut_at_a_character() {
        for (text, kept) in
            [("x".repeat(508), 508), ("x".repeat(600), 507), ("xé".repeat(300), 507), ("é".repeat(300), 506)]
        {
            let line = written(|line| {
                let line = line.tag("t", Some("123")).command("A").trailing(&text);
                assert_eq!(line.body_bytes(), 3 + text.len());
                line.end_cut();
            });
            let expected = if kept > 507 { 507 } else { kept };
            assert_eq!(line, format!("@t=123 A :{}\r\n", &text[..expected]));
        }
    }

    #[test]
    fn words() {
        assert_eq!(["a", "a:b", "", ":a", "a b", "a\n"].map(word_or_star), ["a", "a:b", "*", "*", "*", "*"]);
    }
}
