//! Masks: patterns with `*` and `?` that name many users at once.
//!
//! Spec: Modern IRC, "Wildcard Expressions" and "Ban Channel Mode".

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::casemap::{CaseMapping, Folded};

/// A pattern: `*` is any text, `?` is any one character, and a backslash takes the meaning from the next of either.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mask(Arc<str>);

impl Mask {
    /// Takes a pattern as it is: for WHO, LIST and the like, where a mask is matched against one name.
    pub fn new(pattern: &str) -> Self {
        Self(Arc::from(pattern))
    }

    /// Completes what a person wrote into `nick!user@host`, the form that lists of bans hold.
    ///
    /// `nick` becomes `nick!*@*`, `user@host` becomes `*!user@host`, an empty part becomes `*`, and a run of stars one star.
    /// Extended bans (`a:account`) are left untouched.
    pub fn parse_hostmask(written: &str) -> Self {
        if is_extended(written) {
            return Self::new(written);
        }
        let (nick, user_and_host) = match written.split_once('!') {
            Some((nick, rest)) => (nick, Some(rest)),
            None if written.contains('@') => ("", Some(written)),
            None => (written, None),
        };
        let (user, host) = match user_and_host.map(|rest| (rest, rest.rsplit_once('@'))) {
            Some((_, Some((user, host)))) => (user, host),
            Some((user, None)) => (user, ""),
            None => ("", ""),
        };
        let mut mask = String::with_capacity(written.len() + 4);
        for (part, separator) in [(nick, "!"), (user, "@"), (host, "")] {
            push_part(&mut mask, part);
            mask.push_str(separator);
        }
        Self(Arc::from(mask))
    }

    /// The pattern as it was given or completed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is an extended ban: letters and a colon before its argument.
    pub fn is_extended(&self) -> bool {
        is_extended(&self.0)
    }

    /// Whether the pattern has no wildcard, so that it can match a single name only.
    pub fn is_literal(&self) -> bool {
        !self.0.contains(['*', '?', '\\'])
    }

    /// The form that is equal for masks that differ in case only.
    pub fn folded(&self, casemapping: CaseMapping) -> Folded {
        casemapping.fold(&self.0)
    }

    /// Whether the pattern covers all of `text`, both folded with `casemapping`.
    pub fn matches(&self, text: &str, casemapping: CaseMapping) -> bool {
        glob(&casemapping.fold_cow(&self.0), &casemapping.fold_cow(text))
    }
}

/// Appends a part of a mask: `*` if it is empty, and one star for several.
fn push_part(mask: &mut String, part: &str) {
    if part.is_empty() {
        mask.push('*');
        return;
    }
    let mut after_star = false;
    let mut escaped = false;
    for character in part.chars() {
        let is_star = character == '*' && !escaped;
        if !(is_star && after_star) {
            mask.push(character);
        }
        after_star = is_star;
        escaped = character == '\\' && !escaped;
    }
}

/// `a:name`, `account:name`, `~a:name`: nothing else in a mask has a colon behind nothing but letters.
fn is_extended(mask: &str) -> bool {
    mask.split_once(':').is_some_and(|(kind, _)| {
        let kind = kind.strip_prefix('~').unwrap_or(kind);
        !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}

impl fmt::Display for Mask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Mask({:?})", &*self.0)
    }
}

/// Whether `pattern` covers all of `text`. Both are taken as they are: fold them first.
///
/// Remembers the last star only, which is enough (an earlier one can always take less): at most pattern × text steps, no recursion.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut pattern_rest = pattern;
    let mut text_rest = text;
    // What to go back to when the text behind the last star does not fit: the pattern behind it, the text from where it may end.
    let mut last_star: Option<(&str, &str)> = None;
    loop {
        let (token, behind) = take_token(pattern_rest);
        let mut characters = text_rest.chars();
        let fits = match (token, characters.next()) {
            (Token::Star, _) => {
                if behind.is_empty() {
                    return true;
                }
                last_star = Some((behind, text_rest));
                pattern_rest = behind;
                continue;
            }
            (Token::End, None) => return true,
            (Token::AnyOne, Some(_)) => true,
            (Token::Literal(wanted), Some(found)) => wanted == found,
            (Token::End, Some(_)) => false,
            // No text left: a longer star would leave less still.
            (Token::AnyOne | Token::Literal(_), None) => return false,
        };
        if fits {
            pattern_rest = behind;
            text_rest = characters.as_str();
            continue;
        }
        let Some((behind_star, star_end)) = last_star else {
            return false;
        };
        let mut longer = star_end.chars();
        longer.next();
        last_star = Some((behind_star, longer.as_str()));
        pattern_rest = behind_star;
        text_rest = longer.as_str();
    }
}

#[derive(Clone, Copy)]
enum Token {
    Star,
    AnyOne,
    Literal(char),
    End,
}

/// Takes one token off a pattern. A backslash before anything but a wildcard or a backslash is an ordinary character.
fn take_token(pattern: &str) -> (Token, &str) {
    let mut characters = pattern.chars();
    match characters.next() {
        None => (Token::End, ""),
        Some('*') => (Token::Star, characters.as_str()),
        Some('?') => (Token::AnyOne, characters.as_str()),
        Some('\\') => {
            let behind = characters.as_str();
            match characters.next() {
                Some(escaped @ ('*' | '?' | '\\')) => (Token::Literal(escaped), characters.as_str()),
                _ => (Token::Literal('\\'), behind),
            }
        }
        Some(literal) => (Token::Literal(literal), characters.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hostmasks_are_completed() {
        for (written, completed) in [
            ("nick", "nick!*@*"),
            ("user@host", "*!user@host"),
            ("nick!user", "nick!user@*"),
            ("nick!user@host", "nick!user@host"),
            ("nick!@", "nick!*@*"),
            ("!user@", "*!user@*"),
            ("@host", "*!*@host"),
            ("*", "*!*@*"),
            ("", "*!*@*"),
            ("***!**@h**", "*!*@h*"),
            (r"\**", r"\**!*@*"),
            ("*!*@2001:db8::1", "*!*@2001:db8::1"),
            ("a:account", "a:account"),
            ("account:anna", "account:anna"),
            ("~a:*", "~a:*"),
            ("m:nick!*@*", "m:nick!*@*"),
        ] {
            assert_eq!(Mask::parse_hostmask(written).as_str(), completed, "{written:?}");
        }
        assert!(
            Mask::new("a:x").is_extended() && !Mask::new("nick!a@::1").is_extended() && !Mask::new(":x").is_extended()
        );
    }

    #[test]
    fn matching_folds_case() {
        let mask = Mask::parse_hostmask("ALICE!*@*.Example.org");
        assert!(mask.matches("alice!~a@home.EXAMPLE.org", CaseMapping::Ascii));
        assert!(!mask.matches("bob!~a@home.example.org", CaseMapping::Ascii));
        assert!(!mask.matches("alice!~a@example.org", CaseMapping::Ascii));
        assert!(Mask::new("É*").matches("émile", CaseMapping::Precis));
        assert!(!Mask::new("É*").matches("émile", CaseMapping::Ascii));
        assert_eq!(Mask::new("A*").folded(CaseMapping::Ascii).as_str(), "a*");
    }

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("?", "", false),
            ("?", "é", true),
            ("??", "é", false),
            ("a*b*c", "axxbxbxc", true),
            ("a*b*c", "axxbxbx", false),
            ("*a", "aaab", false),
            (r"\*", "*", true),
            (r"\*", "x", false),
            (r"\?a", "?a", true),
            (r"\\", r"\", true),
            (r"\a", r"\a", true),
            (r"a\", r"a\", true),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern:?} on {text:?}");
        }
        assert!(Mask::new("abc").is_literal() && !Mask::new("ab?").is_literal());
    }

    /// A pattern that takes a backtracking matcher longer than the universe has; here, a few thousand steps.
    #[test]
    fn many_stars_do_not_hurt() {
        assert!(!glob(&"*a".repeat(200), &format!("{}b", "a".repeat(400))));
    }

    /// The definition of a mask, written down without a thought for time.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['*', rest @ ..] => (0..=text.len()).any(|taken| naive(rest, &text[taken..])),
            ['?', rest @ ..] => !text.is_empty() && naive(rest, &text[1..]),
            ['\\', escaped @ ('*' | '?' | '\\'), rest @ ..] | [escaped, rest @ ..] => {
                text.first() == Some(escaped) && naive(rest, &text[1..])
            }
        }
    }

    proptest! {
        #[test]
        fn the_same_as_the_definition((pattern, text) in prop_oneof![
            ("[ab?*\\\\é]{0,8}", "[ab?*\\\\é]{0,10}"),
            // Few letters, so that many texts fit at many places.
            ("[ab*]{0,7}", "[ab]{0,9}"),
        ]) {
            let characters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(glob(&pattern, &text), naive(&characters(&pattern), &characters(&text)));
        }

        #[test]
        fn completing_twice_changes_nothing(written in "[a*?!@.\\\\:]{0,12}") {
            let once = Mask::parse_hostmask(&written);
            prop_assert_eq!(Mask::parse_hostmask(once.as_str()), once);
        }
    }
}
