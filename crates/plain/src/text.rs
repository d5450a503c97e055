//! From bytes to text, and from text to what a terminal may be shown (section 6, "Input").

use std::iter::Peekable;
use std::str::Chars;

/// What Windows-1252 has at 0x80 to 0x9F. The five codes it leaves open become the replacement character, so that no
/// control character can come in that way.
const WINDOWS_1252_UPPER: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}', '\u{fffd}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// Decodes a unit: UTF-8, or else Windows-1252 as a whole. Never fails, and never passes bytes on as they are.
pub fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| windows_1252(byte)).collect(),
    }
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252_UPPER[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// Tells whether the bytes are UTF-8 that stops inside a character, so that the rest is probably on its way.
pub(crate) fn ends_inside_character(bytes: &[u8]) -> bool {
    // Four bytes back is enough to see the last character; what stands before may be anything.
    let tail = &bytes[bytes.len().saturating_sub(4)..];
    let start = tail.iter().position(|&byte| byte & 0xc0 != 0x80).unwrap_or(0);
    matches!(std::str::from_utf8(&tail[start..]), Err(error) if error.error_len().is_none())
}

/// Returns the text without what could drive a terminal: escape sequences, IRC colour codes, C0, DEL and C1.
/// A tab becomes a space; newlines stay.
pub fn without_controls(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\n' => kept.push('\n'),
            '\t' => kept.push(' '),
            '\u{1b}' => skip_escape(&mut rest),
            '\u{9b}' => skip_control_sequence(&mut rest),
            '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => skip_control_string(&mut rest),
            '\u{3}' => skip_colour(&mut rest, 2, char::is_ascii_digit),
            '\u{4}' => skip_colour(&mut rest, 6, char::is_ascii_hexdigit),
            other if other.is_control() => {}
            other => kept.push(other),
        }
    }
    kept
}

/// Skips what follows ESC (ECMA-35, ECMA-48).
fn skip_escape(rest: &mut Peekable<Chars<'_>>) {
    match rest.peek() {
        Some('[') => {
            rest.next();
            skip_control_sequence(rest);
        }
        Some(']' | 'P' | 'X' | '^' | '_') => {
            rest.next();
            skip_control_string(rest);
        }
        _ => {
            while rest.next_if(|next| (' '..='/').contains(next)).is_some() {}
            rest.next_if(|next| ('0'..='~').contains(next));
        }
    }
}

/// Skips parameters, intermediates and the final character of a control sequence.
fn skip_control_sequence(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|next| (' '..='?').contains(next)).is_some() {}
    rest.next_if(|next| ('@'..='~').contains(next));
}

/// Skips a control string up to its terminator. One that has none in its line costs only its introducer: a lost
/// terminator must not swallow what a person wrote.
fn skip_control_string(rest: &mut Peekable<Chars<'_>>) {
    let mut ahead = rest.clone();
    while let Some(character) = ahead.next() {
        match character {
            '\n' => return,
            '\u{7}' | '\u{9c}' => {
                *rest = ahead;
                return;
            }
            '\u{1b}' if ahead.next_if_eq(&'\\').is_some() => {
                *rest = ahead;
                return;
            }
            _ => {}
        }
    }
}

/// Skips `foreground[,background]` of an IRC colour code, each of at most `digits_max` digits.
fn skip_colour(rest: &mut Peekable<Chars<'_>>, digits_max: usize, is_digit: fn(&char) -> bool) {
    let skip_digits =
        |rest: &mut Peekable<Chars<'_>>| (0..digits_max).take_while(|_| rest.next_if(is_digit).is_some()).count();
    if skip_digits(rest) > 0 {
        let mut ahead = rest.clone();
        if ahead.next_if_eq(&',').is_some() && skip_digits(&mut ahead) > 0 {
            *rest = ahead;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_windows_1252() {
        assert_eq!(decode("perché €".as_bytes()), "perché €");
        assert_eq!(decode(b"perch\xe9 \x80\x93"), "perché €“");
        let upper: Vec<u8> = (0x80..=0x9f).collect();
        assert_eq!(decode(&upper), "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ");
        assert_eq!(decode(b"\x81\x8d\xff"), "\u{fffd}\u{fffd}ÿ");
    }

    #[test]
    fn a_text_that_stops_inside_a_character_is_noticed() {
        for text in ["è", "€", "😀", "ciao è", "ciao 😀"] {
            let bytes = text.as_bytes();
            assert!(!ends_inside_character(bytes), "{text}");
            assert!(ends_inside_character(&bytes[..bytes.len() - 1]), "{text}");
        }
        assert!(!ends_inside_character(b""));
        assert!(!ends_inside_character(b"\x80\x80\x80\x80\x80"));
    }

    #[test]
    fn what_drives_a_terminal_is_removed() {
        assert_eq!(without_controls("a\u{1b}[31;1mrosso\u{1b}[0m b"), "arosso b");
        assert_eq!(without_controls("\u{1b}]0;titolo\u{7}ciao\u{1b}(B"), "ciao");
        assert_eq!(without_controls("\u{1b}]0;titolo\u{1b}\\ciao"), "ciao");
        assert_eq!(without_controls("\u{1b}]ciao senza fine"), "ciao senza fine");
        assert_eq!(without_controls("\u{9b}2Jx\u{7f}\u{85}y\u{0}\tz\r"), "xy z");
        assert_eq!(without_controls("\u{2}grasso\u{2} \u{3}04,12rosso\u{3} \u{3}4, no"), "grasso rosso , no");
        assert_eq!(without_controls("due\nrighe"), "due\nrighe");
    }
}
