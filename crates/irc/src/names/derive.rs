//! A valid nick from any name: classroom users are called what they typed, IRC users see them under this.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{NameRules, Nick, is_nick_special};
use crate::casemap::CaseMapping;
use crate::text::truncate_at_char;

/// What someone is called of whose name nothing could be kept.
const NAMELESS: &str = "guest";

/// Derives a valid nick from any shown name; the same name always gives the same nick.
///
/// Spaces become `_`, marks are taken off letters, what IRC forbids is dropped, and a digit in front gets a `_` before it:
/// "Anna Maria" is `Anna_Maria`, "Ánna" is `Anna`, "3com" is `_3com`. Nothing left: `guest`. With PRECIS case mapping, names
/// in other scripts stay as they are. Two names can give the same nick: see [`with_suffix`].
pub fn derive_nick(shown: &str, rules: &NameRules) -> Nick {
    let joined = shown.split_whitespace().collect::<Vec<_>>().join("_");
    if rules.casemapping == CaseMapping::Precis && !joined.is_ascii() {
        let composed: String = joined.nfc().collect();
        if let Ok(nick) = rules.nick(truncate_at_char(&composed, rules.nick_bytes_max)) {
            return nick;
        }
    }
    let mut ascii = String::with_capacity(joined.len());
    for character in joined.nfkd().filter(|c| !is_combining_mark(*c)) {
        if character.is_ascii_alphanumeric() || is_nick_special(character) || character == '-' {
            ascii.push(character);
        } else {
            ascii.push_str(spelled_in_ascii(character));
        }
    }
    if ascii.starts_with(|first: char| first.is_ascii_digit() || first == '-') {
        ascii.insert(0, '_');
    }
    if !ascii.contains(|c: char| c.is_ascii_alphanumeric()) {
        NAMELESS.clone_into(&mut ascii);
    }
    Nick::trusted(truncate_at_char(&ascii, rules.nick_bytes_max))
}

/// Latin letters that are no other letter with a mark, as they are spelled without them; nothing for all else.
fn spelled_in_ascii(character: char) -> &'static str {
    match character {
        'ß' => "ss",
        'ẞ' => "SS",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'þ' => "th",
        'Þ' => "Th",
        'ı' => "i",
        _ => "",
    }
}

/// Makes the nick `base_n`, cut so that it fits: what is tried for `n` = 2, 3, … while a derived nick is taken.
///
/// `base` is a nick the rules accept.
pub fn with_suffix(base: &str, n: u32, rules: &NameRules) -> Nick {
    let suffix = format!("_{n}");
    let room_bytes = rules.nick_bytes_max.saturating_sub(suffix.len());
    let candidate = format!("{}{suffix}", truncate_at_char(base, room_bytes));
    // A right-to-left name can become invalid by being cut, and a very small limit leaves no room for the suffix.
    rules.nick(&candidate).unwrap_or_else(|_| Nick::trusted(truncate_at_char(&format!("_{n}"), rules.nick_bytes_max)))
}
