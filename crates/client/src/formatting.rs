//! What stands behind IRC's codes for colours, which all our clients read alike.
//!
//! Spec: modern.ircdocs.horse/formatting.

use std::iter::Peekable;
use std::str::Chars;

/// What is left of a text.
pub type Letters<'t> = Peekable<Chars<'t>>;

/// Reads `foreground[,background]` behind the code `\x03`: numbers of two digits at most. `None`: without either, both end. A
/// comma without a number behind it is text.
pub fn colours(letters: &mut Letters<'_>) -> Option<(u8, Option<u8>)> {
    let foreground = number(letters)?;
    let mut ahead = letters.clone();
    let background = ahead.next_if_eq(&',').and_then(|_| number(&mut ahead));
    if background.is_some() {
        *letters = ahead;
    }
    Some((foreground, background))
}

fn number(letters: &mut Letters<'_>) -> Option<u8> {
    let digit = |letters: &mut Letters<'_>| {
        let digit = letters.next_if(char::is_ascii_digit)?.to_digit(10)?;
        u8::try_from(digit).ok()
    };
    let first = digit(letters)?;
    Some(digit(letters).map_or(first, |second| first * 10 + second))
}

/// Skips `RRGGBB[,RRGGBB]` behind the code `\x04`: colours that our clients do not show.
pub fn skip_hexadecimal(letters: &mut Letters<'_>) {
    let take = |letters: &mut Letters<'_>| {
        (0..6).take_while(|_| letters.next_if(char::is_ascii_hexdigit).is_some()).count() == 6
    };
    if take(letters) {
        let mut ahead = letters.clone();
        if ahead.next_if_eq(&',').is_some() && take(&mut ahead) {
            *letters = ahead;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_two_digits_and_a_comma_without_one_is_text() {
        for (text, read, rest) in [
            ("4red", Some((4, None)), "red"),
            ("04,12both", Some((4, Some(12))), "both"),
            ("1234", Some((12, None)), "34"),
            ("3,text", Some((3, None)), ",text"),
            (",5 none", None, ",5 none"),
        ] {
            let mut letters = text.chars().peekable();
            assert_eq!((colours(&mut letters), letters.collect::<String>().as_str()), (read, rest), "{text}");
        }
        let mut letters = "ff00AA,00ff00x".chars().peekable();
        skip_hexadecimal(&mut letters);
        assert_eq!(letters.collect::<String>(), "x");
    }
}
