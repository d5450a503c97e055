//! Cutting and cleaning what people wrote.
//!
//! Spec: IRC Formatting (modern.ircdocs.horse/formatting).

use std::borrow::Cow;

/// The beginning of `text` that fits into `bytes_max` bytes, never cut inside a UTF-8 character.
pub fn truncate_at_char(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

/// Removes bold, colours and the other formatting codes, for readers who would see them as rubbish.
pub fn strip_formatting(text: &str) -> Cow<'_, str> {
    if !text.contains(is_format_code) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_format_code) {
        plain.push_str(&rest[..start]);
        let code = rest.as_bytes()[start];
        rest = &rest[start + 1..];
        match code {
            COLOUR => rest = skip_colours(rest, |text| digits_len(text, 2, u8::is_ascii_digit)),
            HEX_COLOUR => rest = skip_colours(rest, hex_colour_len),
            _ => {}
        }
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

const COLOUR: u8 = 0x03;
const HEX_COLOUR: u8 = 0x04;

/// Bold, colour, hex colour, reset, monospace, reverse, italics, strikethrough, underline.
fn is_format_code(character: char) -> bool {
    matches!(character, '\x02' | '\x03' | '\x04' | '\x0f' | '\x11' | '\x16' | '\x1d' | '\x1e' | '\x1f')
}

/// Skips a foreground colour and, behind a comma, a background colour. A comma without a colour behind it is text.
fn skip_colours(text: &str, colour_len: impl Fn(&str) -> usize) -> &str {
    let foreground = colour_len(text);
    if foreground == 0 {
        return text;
    }
    let rest = &text[foreground..];
    match rest.strip_prefix(',').map(|behind| (behind, colour_len(behind))) {
        Some((behind, background)) if background > 0 => &behind[background..],
        _ => rest,
    }
}

/// How many bytes at the beginning, at most `len_max`, are digits.
fn digits_len(text: &str, len_max: usize, is_digit: impl Fn(&u8) -> bool) -> usize {
    text.bytes().take(len_max).take_while(|byte| is_digit(byte)).count()
}

/// A hex colour has six digits or is none.
fn hex_colour_len(text: &str) -> usize {
    if digits_len(text, 6, u8::is_ascii_hexdigit) == 6 { 6 } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cut_between_characters() {
        assert_eq!(["caffè", "caffè", "caffè"].map(|text| truncate_at_char(text, 5)), ["caff"; 3]);
        assert_eq!(truncate_at_char("caffè", 6), "caffè");
        assert_eq!(truncate_at_char("è", 1), "");
    }

    #[test]
    fn formatting_codes_disappear() {
        for (formatted, plain) in [
            ("plain", "plain"),
            ("\x02bold\x02 \x1ditalic\x0f \x1funder\x1e\x11\x16", "bold italic under"),
            ("\x034red\x03 \x0304,12both", "red both"),
            ("\x031234", "34"),
            ("\x03,5 no colour", ",5 no colour"),
            ("\x033,text", ",text"),
            ("\x033,123", "3"),
            ("\x04ff00AAhex \x04ff00aa,00FF00both", "hex both"),
            ("\x04ff00", "ff00"),
            ("\x03", ""),
            ("\x034é", "é"),
        ] {
            assert_eq!(strip_formatting(formatted), plain, "{formatted:?}");
        }
    }

    proptest! {
        #[test]
        fn a_cut_is_a_beginning_that_fits(text in ".{0,20}", bytes_max in 0_usize..30) {
            let cut = truncate_at_char(&text, bytes_max);
            prop_assert!(cut.len() <= bytes_max && text.starts_with(cut));
            prop_assert!(cut.len() == text.len() || cut.len() + 4 > bytes_max);
        }

        #[test]
        fn no_code_survives(text in "([\\x02\\x03\\x04\\x0f\\x11\\x16\\x1d-\\x1f]|[0-9,aé]){0,20}") {
            prop_assert!(!strip_formatting(&text).contains(is_format_code));
        }
    }
}
