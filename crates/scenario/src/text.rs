//! The text of one transcript line: plain bytes, `…` for anything, `<name>` for something to remember.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// What earlier lines of the transcript have captured, by name.
pub type Captures = BTreeMap<String, Vec<u8>>;

/// A text to send or to expect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    pieces: Vec<Piece>,
}

/// A part of a [`Text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    Anything,
    Capture(String),
}

impl Text {
    /// Reads the notation of `scenarios/README.md`: `…`, `<name>`, `"x" * 3`, `\x00` and its kin.
    ///
    /// # Errors
    /// Says which part is not in that notation.
    pub fn parse(source: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut bytes = Vec::new();
        let mut rest = source;
        while let Some(letter) = rest.chars().next() {
            if letter == '\\' {
                let (byte, length) = escape(rest)?;
                bytes.push(byte);
                rest = &rest[length..];
            } else if letter == '…' {
                push_bytes(&mut pieces, &mut bytes);
                pieces.push(Piece::Anything);
                rest = &rest[letter.len_utf8()..];
            } else if let Some((name, length)) = capture_name(rest) {
                push_bytes(&mut pieces, &mut bytes);
                pieces.push(Piece::Capture(name.to_owned()));
                rest = &rest[length..];
            } else if let Some((repeated, length)) = repetition(rest)? {
                bytes.extend(repeated);
                rest = &rest[length..];
            } else {
                bytes.extend(rest[..letter.len_utf8()].bytes());
                rest = &rest[letter.len_utf8()..];
            }
        }
        push_bytes(&mut pieces, &mut bytes);
        Ok(Self { pieces })
    }

    /// The bytes to send.
    ///
    /// # Errors
    /// A `…`, or a name that nothing has captured yet, has no bytes.
    pub fn bytes(&self, captures: &Captures) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(part) => bytes.extend(part),
                Piece::Anything => return Err("`…` cannot be sent; write `\\xe2\\x80\\xa6` for the character".into()),
                Piece::Capture(name) => {
                    let value = captures.get(name).ok_or_else(|| format!("nothing has captured <{name}> yet"))?;
                    bytes.extend(value);
                }
            }
        }
        Ok(bytes)
    }

    /// Whether this is what an IRC client should have received. Tags match in any order; without a source, the server's
    /// own (or none) is meant; a `:` before a last parameter that does not need it makes no difference.
    ///
    /// New captures are kept only if everything matches.
    pub fn matches_irc(&self, line: &[u8], server_name: &str, captures: &mut Captures) -> bool {
        let (expected_tags, expected) = self.split_tags();
        let (tags, rest) = split_tags(line);
        let mut found = captures.clone();
        if !match_tags(&expected_tags, &tags, &mut found) {
            return false;
        }
        let rest = if expected.starts_with(b":") { rest } else { without_server(rest, server_name) };
        let matched = expected.matches(rest, &mut found)
            || expected.without_colon().matches(rest, &mut found)
            || expected.matches(&without_colon(rest), &mut found);
        if matched {
            *captures = found;
        }
        matched
    }

    /// Whether these are the bytes meant, exactly. New captures are kept only if everything matches.
    pub fn matches(&self, bytes: &[u8], captures: &mut Captures) -> bool {
        let mut found = captures.clone();
        let matched = match_pieces(&self.pieces, bytes, &mut found);
        if matched {
            *captures = found;
        }
        matched
    }

    fn starts_with(&self, start: &[u8]) -> bool {
        matches!(self.pieces.first(), Some(Piece::Bytes(bytes)) if bytes.starts_with(start))
    }

    /// Cuts `@tag;tag ` off the front.
    fn split_tags(&self) -> (Vec<Self>, Self) {
        if !self.starts_with(b"@") {
            return (Vec::new(), self.clone());
        }
        let mut tags = Vec::new();
        let mut tag = Self::default();
        for (index, piece) in self.pieces.iter().enumerate() {
            let Piece::Bytes(bytes) = piece else {
                tag.pieces.push(piece.clone());
                continue;
            };
            let mut part = Vec::new();
            for (at, &byte) in bytes.iter().enumerate().skip(usize::from(index == 0)) {
                match byte {
                    b';' => {
                        push_bytes(&mut tag.pieces, &mut part);
                        tags.push(std::mem::take(&mut tag));
                    }
                    b' ' => {
                        push_bytes(&mut tag.pieces, &mut part);
                        tags.push(tag);
                        let mut rest = vec![Piece::Bytes(bytes[at + 1..].to_vec())];
                        rest.extend_from_slice(&self.pieces[index + 1..]);
                        return (tags, Self { pieces: rest });
                    }
                    _ => part.push(byte),
                }
            }
            push_bytes(&mut tag.pieces, &mut part);
        }
        tags.push(tag);
        (tags, Self::default())
    }

    /// The same without the `:` before its last parameter, if that stands in a literal part and needs none.
    fn without_colon(&self) -> Self {
        let mut copy = self.clone();
        match copy.pieces.as_mut_slice() {
            [.., Piece::Bytes(bytes)] => *bytes = without_colon(bytes),
            // `:…` and `:<name>` may stand for a single word.
            [.., Piece::Bytes(bytes), _] if bytes.ends_with(b" :") => {
                bytes.pop();
            }
            _ => {}
        }
        copy
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Bytes(bytes) => f.write_str(&shown(bytes))?,
                Piece::Anything => f.write_str("…")?,
                Piece::Capture(name) => write!(f, "<{name}>")?,
            }
        }
        Ok(())
    }
}

/// Bytes as a transcript would write them: text as it is, the rest as `\x00`.
pub fn shown(bytes: &[u8]) -> String {
    // Writing to a String cannot fail.
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for letter in chunk.valid().chars() {
            match letter {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                control if control.is_ascii_control() => {
                    let _ = write!(out, "\\x{:02x}", u32::from(control));
                }
                other => out.push(other),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn push_bytes(pieces: &mut Vec<Piece>, bytes: &mut Vec<u8>) {
    if !bytes.is_empty() {
        pieces.push(Piece::Bytes(std::mem::take(bytes)));
    }
}

/// The byte that a `\` and what follows it mean, and how much of the source that is.
fn escape(source: &str) -> Result<(u8, usize), String> {
    let bytes = source.as_bytes();
    let simple = match bytes.get(1) {
        Some(b'r') => b'\r',
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(&same @ (b'\\' | b'<' | b'"')) => same,
        Some(b'x') => {
            let digits = source.get(2..4).unwrap_or_default();
            let byte = u8::from_str_radix(digits, 16).map_err(|_| format!("`\\x{digits}` needs two hex digits"))?;
            return Ok((byte, 4));
        }
        _ => return Err("only \\r \\n \\t \\xHH \\\\ \\< and \\\" are known after a backslash".into()),
    };
    Ok((simple, 2))
}

/// `<name>` at the start: the name and its length in the source.
fn capture_name(source: &str) -> Option<(&str, usize)> {
    let (name, _) = source.strip_prefix('<')?.split_once('>')?;
    let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    let is_name = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-');
    (starts_well && is_name).then_some((name, name.len() + 2))
}

/// `"x" * 3` at the start: the repeated bytes and its length in the source.
fn repetition(source: &str) -> Result<Option<(Vec<u8>, usize)>, String> {
    let Some((quoted, after)) = source.strip_prefix('"').and_then(|rest| rest.split_once('"')) else {
        return Ok(None);
    };
    let Some(count) = after.trim_start_matches(' ').strip_prefix('*') else { return Ok(None) };
    let count = count.trim_start_matches(' ');
    let digits = count.len() - count.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
    if digits == 0 {
        return Ok(None);
    }
    let times: usize = count[..digits].parse().map_err(|_| format!("`{}` is too many times", &count[..digits]))?;
    let unit = Text::parse(quoted)?.bytes(&Captures::new())?;
    Ok(Some((unit.repeat(times), source.len() - count.len() + digits)))
}

fn split_tags(line: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let Some(tagged) = line.strip_prefix(b"@") else { return (Vec::new(), line) };
    let end = tagged.iter().position(|&byte| byte == b' ').unwrap_or(tagged.len());
    let tags = tagged[..end].split(|&byte| byte == b';').collect();
    (tags, tagged.get(end + 1..).unwrap_or_default())
}

/// Whether every expected tag is there and no other; an expected tag that is just `…` takes all that is left.
fn match_tags(expected: &[Text], tags: &[&[u8]], captures: &mut Captures) -> bool {
    let mut left: Vec<&[u8]> = tags.to_vec();
    let mut others_allowed = false;
    for tag in expected {
        if tag.pieces == [Piece::Anything] {
            others_allowed = true;
            continue;
        }
        let Some(at) = left.iter().position(|candidate| tag.matches(candidate, captures)) else { return false };
        left.remove(at);
    }
    others_allowed || left.is_empty()
}

fn without_server<'line>(line: &'line [u8], server_name: &str) -> &'line [u8] {
    line.strip_prefix(b":")
        .and_then(|rest| rest.strip_prefix(server_name.as_bytes()))
        .and_then(|rest| rest.strip_prefix(b" "))
        .unwrap_or(line)
}

/// Drops the `:` of a last parameter that is neither empty nor has a space or a further `:` at its start.
fn without_colon(line: &[u8]) -> Vec<u8> {
    let Some(at) = line.windows(2).position(|pair| pair == b" :") else { return line.to_vec() };
    let last = &line[at + 2..];
    if last.is_empty() || last.contains(&b' ') || last.starts_with(b":") {
        return line.to_vec();
    }
    [&line[..=at], last].concat()
}

fn match_pieces(pieces: &[Piece], bytes: &[u8], captures: &mut Captures) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return bytes.is_empty() };
    match first {
        Piece::Bytes(literal) => {
            bytes.strip_prefix(literal.as_slice()).is_some_and(|after| match_pieces(rest, after, captures))
        }
        Piece::Anything if rest.is_empty() => true,
        Piece::Anything => (0..=bytes.len()).any(|length| match_pieces(rest, &bytes[length..], captures)),
        Piece::Capture(name) => match captures.get(name).cloned() {
            Some(known) => {
                bytes.strip_prefix(known.as_slice()).is_some_and(|after| match_pieces(rest, after, captures))
            }
            None => match_new_capture(name, rest, bytes, captures),
        },
    }
}

/// A capture takes one or more bytes other than spaces, as few as will do.
fn match_new_capture(name: &str, rest: &[Piece], bytes: &[u8], captures: &mut Captures) -> bool {
    let longest = bytes.iter().position(|&byte| byte == b' ').unwrap_or(bytes.len());
    for length in 1..=longest {
        captures.insert(name.to_owned(), bytes[..length].to_vec());
        if match_pieces(rest, &bytes[length..], captures) {
            return true;
        }
    }
    captures.remove(name);
    false
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn irc(expected: &str, line: &str) -> bool {
        Text::parse(expected).unwrap().matches_irc(line.as_bytes(), "loggia.local", &mut Captures::new())
    }

    fn exact(expected: &str, bytes: &[u8]) -> bool {
        Text::parse(expected).unwrap().matches(bytes, &mut Captures::new())
    }

    fn sent(source: &str) -> Vec<u8> {
        Text::parse(source).unwrap().bytes(&Captures::new()).unwrap()
    }

    #[test]
    fn escapes_and_repetitions_become_bytes() {
        assert_eq!(sent(r"a\x00\xff\r\n\\\<\t"), b"a\x00\xff\r\n\\<\t");
        assert_eq!(sent(r#"PRIVMSG b :"xy" * 3!"#), b"PRIVMSG b :xyxyxy!");
        assert_eq!(sent(r#""\x41"*2"#), b"AA");
        assert_eq!(sent(r#"say "hello" to * 3"#), br#"say "hello" to * 3"#);
        assert_eq!(sent("LIST C<10"), b"LIST C<10");
        assert_eq!(sent("{quit}"), b"{quit}");
    }

    #[test]
    fn unknown_escapes_are_refused() {
        assert!(Text::parse(r"\s").is_err());
        assert!(Text::parse(r"\x4").is_err());
        assert!(Text::parse("\\").is_err());
    }

    #[test]
    fn only_what_is_known_can_be_sent() {
        assert!(Text::parse("a … b").unwrap().bytes(&Captures::new()).is_err());
        let text = Text::parse("REDACT #tea <msgid>").unwrap();
        assert!(text.bytes(&Captures::new()).is_err());
        let captures = Captures::from([("msgid".to_owned(), b"x1".to_vec())]);
        assert_eq!(text.bytes(&captures).unwrap(), b"REDACT #tea x1");
    }

    #[test]
    fn dots_stand_for_anything() {
        assert!(exact("a … c", b"a b b c"));
        assert!(exact("a…", b"a"));
        assert!(!exact("a … c", b"a b b d"));
        assert!(exact("…b…b", b"abcb"));
        assert!(!exact("…b…b", b"ab"));
    }

    #[test]
    fn captures_hold_for_the_rest_of_the_transcript() {
        let mut captures = Captures::new();
        let text = Text::parse("@msgid=<id> :a!a@h PRIVMSG b :hi").unwrap();
        assert!(text.matches_irc(b"@msgid=m7 :a!a@h PRIVMSG b :hi", "s", &mut captures));
        assert_eq!(captures["id"], b"m7");
        assert!(text.matches_irc(b"@msgid=m7 :a!a@h PRIVMSG b :hi", "s", &mut captures));
        assert!(!text.matches_irc(b"@msgid=m8 :a!a@h PRIVMSG b :hi", "s", &mut captures));
    }

    #[test]
    fn a_failed_match_captures_nothing() {
        let mut captures = Captures::new();
        assert!(!Text::parse("<a> x").unwrap().matches(b"1 y", &mut captures));
        assert!(captures.is_empty());
    }

    #[test]
    fn tags_match_in_any_order_and_none_may_be_extra() {
        assert!(irc("@time=…;msgid=<m> PING x", "@msgid=1;time=2026 PING x"));
        assert!(!irc("@time=… PING x", "@msgid=1;time=2026 PING x"));
        assert!(irc("@…;time=2026 PING x", "@msgid=1;time=2026 PING x"));
        assert!(!irc("PING x", "@msgid=1 PING x"));
        assert!(!irc("@label=1 PING x", "PING x"));
        assert!(irc("@bot;label=a PING x", "@label=a;bot PING x"));
        assert!(!irc("@bot PING x", "@bot=1 PING x"));
    }

    #[test]
    fn without_a_source_the_server_is_meant() {
        assert!(irc("403 a #x :No", ":loggia.local 403 a #x :No"));
        assert!(irc("403 a #x :No", "403 a #x :No"));
        assert!(!irc("403 a #x :No", ":other 403 a #x :No"));
        assert!(irc(":a!a@h JOIN #x", ":a!a@h JOIN #x"));
        assert!(!irc(":a!a@h JOIN #x", ":b!a@h JOIN #x"));
    }

    #[test]
    fn a_needless_colon_makes_no_difference() {
        assert!(irc(":a TOPIC #x :Tea", ":a TOPIC #x Tea"));
        assert!(irc(":a TOPIC #x Tea", ":a TOPIC #x :Tea"));
        assert!(irc(":a JOIN #x", ":a JOIN :#x"));
        assert!(irc("331 a :…", "331 a word"));
        assert!(irc("331 a :…", "331 a :two words"));
        assert!(irc("331 a :<x>", "331 a word"));
        assert!(!irc(":a TOPIC #x :", ":a TOPIC #x"));
        assert!(!irc(":a TOPIC #x :Black Tea", ":a TOPIC #x Black Tea"));
    }

    #[test]
    fn bytes_are_shown_as_a_transcript_writes_them() {
        assert_eq!(shown(b"a\x00\xffe\r\n\\"), r"a\x00\xffe\r\n\\");
        assert_eq!(shown("è".as_bytes()), "è");
    }
}
