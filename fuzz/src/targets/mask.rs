//! Masks: matched as they are defined, completed once and for all, and never slowly.

use irc::casemap::CaseMapping;
use irc::mask::{Mask, glob};

/// Parts of masks.
pub const WORDS: &[&[u8]] = &[
    b"*",
    b"?",
    b"!",
    b"@",
    b"\\*",
    b"\\",
    b"*!*@*",
    b"a:account",
    b"~a:",
    b"*a*a*a*a*a*b",
    b"aaaaaaaaaaaaaaaa",
    b"\n",
    b"\xc3\xa8",
    b"198.51.100.*",
    b"10.0.0.0/8",
    b"K",
];

/// Below this the definition, which is slow, is asked as well.
const DEFINED_CHARACTERS_MAX: usize = 14;

/// The first line is a pattern, the rest is what it is matched against.
pub fn mask(data: &[u8]) {
    let Ok(input) = std::str::from_utf8(data) else { return };
    let (pattern, text) = input.split_once('\n').unwrap_or((input, input));
    let matched = glob(pattern, text);
    let (pattern_characters, text_characters): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
    if pattern_characters.len().max(text_characters.len()) <= DEFINED_CHARACTERS_MAX {
        assert_eq!(matched, defined(&pattern_characters, &text_characters), "{pattern:?} against {text:?}");
    }
    assert!(glob("*", text));
    let completed = Mask::parse_hostmask(pattern);
    assert_eq!(Mask::parse_hostmask(completed.as_str()), completed, "completing twice changes {pattern:?}");
    if !completed.is_extended() {
        assert!(completed.as_str().contains('!') && completed.as_str().contains('@'), "not complete: {completed:?}");
    }
    for casemapping in [CaseMapping::Ascii, CaseMapping::Precis] {
        let folded = completed.folded(casemapping);
        assert_eq!(casemapping.fold(folded.as_str()), folded, "folding twice changes {folded:?}");
        if Mask::new(text).is_literal() {
            assert!(Mask::new(text).matches(text, casemapping), "{text:?} does not match itself");
        }
    }
}

/// What a mask means, written down without a thought for time.
fn defined(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|taken| defined(rest, &text[taken..])),
        ['?', rest @ ..] => !text.is_empty() && defined(rest, &text[1..]),
        ['\\', escaped @ ('*' | '?' | '\\'), rest @ ..] | [escaped, rest @ ..] => {
            text.first() == Some(escaped) && defined(rest, &text[1..])
        }
    }
}
