//! A valid nick from any name: classroom users are called what they typed, IRC users see them under this.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{NameRules, Nick, is_nick_special};
use crate::casemap::CaseMapping;
use crate::text::truncate_at_char;

/// What someone is called of whose name nothing could be kept; four letters and digits made of the name follow.
const NAMELESS: &str = "guest";

/// Derives a valid nick from any shown name; the same name always gives the same nick.
///
/// Spaces become `_`, marks are taken off letters, what IRC forbids is dropped, and a digit in front gets a `_` before it:
/// "Anna Maria" is `Anna_Maria`, "Ánna" is `Anna`, "3com" is `_3com`. Nothing left: `guest` and four letters and digits that
/// tell "Анна" from "Борис", who are not each other's namesakes. With PRECIS case mapping, names in other scripts stay as
/// they are. Two names can give the same nick: see [`with_suffix`]; a number such as its own survives the cutting.
pub fn derive_nick(shown: &str, rules: &NameRules) -> Nick {
    if let Ok(nick) = rules.nick(shown) {
        return nick;
    }
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
        ascii = nameless(&joined);
    }
    Nick::trusted(fitted(&ascii, rules.nick_bytes_max))
}

/// Cuts before the number of a name such as `Anna_2`, so that one that is longer in ASCII keeps what tells it apart.
fn fitted(ascii: &str, bytes_max: usize) -> String {
    let digits = ascii.bytes().rev().take_while(u8::is_ascii_digit).count();
    let number = match ascii.len().checked_sub(digits + 1) {
        Some(start) if digits > 0 && ascii.as_bytes()[start] == b'_' => &ascii[start..],
        _ => "",
    };
    match bytes_max.checked_sub(number.len()) {
        Some(room) if room > 0 && ascii.len() > bytes_max => format!("{}{number}", truncate_at_char(ascii, room)),
        _ => truncate_at_char(ascii, bytes_max).to_owned(),
    }
}

/// A nick for a name of which nothing is left: the same for the same name, and hardly ever the same for two.
fn nameless(name: &str) -> String {
    if name.is_empty() {
        return NAMELESS.to_owned();
    }
    // FNV-1a, 32 bits: short, and not to be kept secret from anybody.
    let mut hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mut nick = format!("{NAMELESS}_");
    for _ in 0..4 {
        nick.extend(char::from_digit(hash % 36, 36));
        hash /= 36;
    }
    nick
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules(casemapping: CaseMapping, nick_bytes_max: usize) -> NameRules {
        NameRules { casemapping, nick_bytes_max, ..NameRules::default() }
    }

    #[test]
    fn from_what_people_type() {
        let ascii = rules(CaseMapping::Ascii, 16);
        for (shown, nick) in [
            ("Anna", "Anna"),
            ("Anna Maria", "Anna_Maria"),
            ("  Anna \t Maria ", "Anna_Maria"),
            ("Ánna", "Anna"),
            ("Niccolò", "Niccolo"),
            ("Łukasz Groß", "Lukasz_Gross"),
            ("D'Angelo", "DAngelo"),
            ("3com", "_3com"),
            ("-x", "_-x"),
            ("[]", "[]"),
            ("{quit}", "{quit}"),
            ("anna@home!", "annahome"),
            ("ﬁlippo", "filippo"),
            ("", "guest"),
            ("   ", "guest"),
            ("ßßßßßßßßßßßß", "ssssssssssssssss"),
            ("ßßßßßßßßßßßß_12", "sssssssssssss_12"),
            ("_1234567890123456789", "_123456789012345"),
            ("Scrivi qui i tuoi messaggi.", "Scrivi_qui_i_tuo"),
        ] {
            assert_eq!(derive_nick(shown, &ascii).as_str(), nick, "{shown:?}");
        }
    }

    #[test]
    fn names_of_which_nothing_is_left_are_told_apart() {
        let ascii = rules(CaseMapping::Ascii, 16);
        let nick = |shown| derive_nick(shown, &ascii).as_str().to_owned();
        let mut nicks: Vec<String> = ["Анна", "Борис", "Вера", "日本", "中国", "☃ ☃", "😀"].map(nick).into();
        assert!(nicks.iter().all(|nick| nick.starts_with("guest_") && nick.len() == 10), "{nicks:?}");
        assert_eq!(nicks[0], nick("  Анна "), "one name, one nick");
        nicks.sort();
        nicks.dedup();
        assert_eq!(nicks.len(), 7, "{nicks:?}");
    }

    #[test]
    fn other_scripts_stay_under_precis() {
        let precis = rules(CaseMapping::Precis, 16);
        for (shown, nick) in [("Анна", "Анна"), ("Anna Ж", "Anna_Ж"), ("☃é", "e"), ("A\u{301}nna", "A\u{301}nna")]
        {
            assert_eq!(derive_nick(shown, &precis).as_str(), nick, "{shown:?}");
        }
    }

    #[test]
    fn suffixes_fit() {
        let ascii = rules(CaseMapping::Ascii, 8);
        assert_eq!(with_suffix("anna", 2, &ascii).as_str(), "anna_2");
        assert_eq!(with_suffix("annamaria", 2, &ascii).as_str(), "annama_2");
        assert_eq!(with_suffix("annamaria", 1234, &ascii).as_str(), "ann_1234");
        let precis = rules(CaseMapping::Precis, 8);
        assert_eq!(with_suffix("Анна", 10, &precis).as_str(), "Ан_10");
        assert_eq!(with_suffix("שלום", 2, &precis).as_str(), "שלו_2");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_gives_a_valid_nick(shown in ".{0,30}", n in any::<u32>(), nick_bytes_max in 1_usize..40) {
            for casemapping in [CaseMapping::Ascii, CaseMapping::Precis] {
                let rules = rules(casemapping, nick_bytes_max);
                let nick = derive_nick(&shown, &rules);
                prop_assert_eq!(rules.nick(nick.as_str()), Ok(nick.clone()));
                prop_assert_eq!(derive_nick(nick.as_str(), &rules), nick.clone());
                let suffixed = with_suffix(nick.as_str(), n, &rules);
                prop_assert_eq!(rules.nick(suffixed.as_str()), Ok(suffixed));
            }
        }
    }
}
