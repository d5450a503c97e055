//! Names that are valid by their type: nicks, channels, user names, real names.
//!
//! Spec: Modern IRC, "Clients" and "Channels"; RFC 2812, section 2.3.1; RFC 8265 for names in other scripts.

mod derive;

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use serde::{Deserialize, Serialize};
use unicode_normalization::char::is_combining_mark;

use crate::casemap::{CaseMapping, Folded};
use crate::text::truncate_at_char;
use crate::write::is_text;

pub use derive::{derive_nick, with_suffix};

/// The character channels begin with (ISUPPORT `CHANTYPES`).
pub const CHANNEL_PREFIX: char = '#';

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error("the name is empty")]
    Empty,
    /// Longer than the rules allow.
    #[error("the name is longer than {bytes_max} bytes")]
    TooLong {
        /// Most bytes that are allowed.
        bytes_max: usize,
    },
    /// It may contain this character, but not begin with it; or it lacks the character it must begin with.
    #[error("the name may not begin with {0:?}")]
    BadStart(char),
    /// It may not contain this character.
    #[error("the name may not contain {0:?}")]
    BadCharacter(char),
    /// Its characters are allowed, but not together: the PRECIS profile refuses it.
    #[error("the name mixes characters that do not go together")]
    BadMixture,
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a name that the rules have accepted before: one read back from the log or the store.
            pub fn trusted(name: impl Into<Arc<str>>) -> Self {
                Self(name.into())
            }

            /// The name as it was chosen.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The form that is equal for equal names.
            pub fn folded(&self, casemapping: CaseMapping) -> Folded {
                casemapping.fold_shared(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{:?}", &*self.0)
            }
        }
    };
}

name_type! {
    /// What a user is called, as they wrote it. Equality is of the writing; fold to compare names.
    Nick
}
name_type! {
    /// A channel's name with its `#`, as its founder wrote it. Equality is of the writing; fold to compare names.
    ChannelName
}
name_type! {
    /// The `user` of `nick!user@host`: printable ASCII.
    UserName
}
name_type! {
    /// The free text beside a nick, shown by WHOIS.
    RealName
}

/// What names a server takes. Lengths are in bytes, as ISUPPORT tells them to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameRules {
    /// How names are compared, and with it which scripts a nick may have.
    pub casemapping: CaseMapping,
    /// `NICKLEN`.
    pub nick_bytes_max: usize,
    /// `CHANNELLEN`, the `#` included.
    pub channel_bytes_max: usize,
    /// `USERLEN`: a longer user name is cut, because clients take it from the operating system unasked.
    pub user_bytes_max: usize,
    /// `NAMELEN`: a longer real name is cut.
    pub real_name_bytes_max: usize,
}

impl Default for NameRules {
    fn default() -> Self {
        Self {
            casemapping: CaseMapping::Ascii,
            nick_bytes_max: 32,
            channel_bytes_max: 64,
            user_bytes_max: 10,
            real_name_bytes_max: 150,
        }
    }
}

impl NameRules {
    /// Checks a nick: a letter or one of ``[]\`_^{|}`` first, then also digits and `-`. With PRECIS, letters of every script.
    ///
    /// # Errors
    /// [`NameError`] says what is wrong with it (432).
    pub fn nick(&self, name: &str) -> Result<Nick, NameError> {
        check_length(name, self.nick_bytes_max)?;
        self.check_nick_characters(name)?;
        if !name.is_ascii() {
            self.check_profile(name)?;
            // A mark without a letter before it would sit on whatever a client writes before the nick.
            if let Some(mark) = name.chars().next().filter(|first| is_combining_mark(*first)) {
                return Err(NameError::BadStart(mark));
            }
            // Wide forms fold to ASCII: `！` must not become the `!` of a hostmask.
            self.check_nick_characters(&self.casemapping.fold_cow(name))?;
        }
        Ok(Nick(Arc::from(name)))
    }

    fn check_nick_characters(&self, name: &str) -> Result<(), NameError> {
        for (position, character) in name.chars().enumerate() {
            let is_letter = match self.casemapping {
                CaseMapping::Ascii => character.is_ascii_alphabetic(),
                // The profile decides on the rest.
                CaseMapping::Precis => character.is_ascii_alphabetic() || !character.is_ascii(),
            };
            if is_letter || is_nick_special(character) {
                continue;
            }
            if !(character.is_ascii_digit() || character == '-') {
                return Err(NameError::BadCharacter(character));
            }
            if position == 0 {
                return Err(NameError::BadStart(character));
            }
        }
        Ok(())
    }

    /// Checks a channel name: `#` and at least one more character; no spaces, commas, control or invisible characters.
    ///
    /// With ASCII case mapping a channel may have a name in any script, but only `A` to `Z` are folded in it.
    ///
    /// # Errors
    /// [`NameError`] says what is wrong with it (403, 476 or 479).
    pub fn channel(&self, name: &str) -> Result<ChannelName, NameError> {
        let first = name.chars().next().ok_or(NameError::Empty)?;
        let bare = name.strip_prefix(CHANNEL_PREFIX).ok_or(NameError::BadStart(first))?;
        check_length(bare, self.channel_bytes_max.saturating_sub(CHANNEL_PREFIX.len_utf8())).map_err(|error| {
            match error {
                NameError::TooLong { .. } => NameError::TooLong { bytes_max: self.channel_bytes_max },
                other => other,
            }
        })?;
        if let Some(bad) = bare.chars().find(|character| is_bad_in_name(*character)) {
            return Err(NameError::BadCharacter(bad));
        }
        if self.casemapping == CaseMapping::Precis && !bare.is_ascii() {
            self.check_profile(bare)?;
            let folded = self.casemapping.fold_cow(bare);
            if let Some(bad) = folded.chars().find(|character| is_bad_in_name(*character)) {
                return Err(NameError::BadCharacter(bad));
            }
        }
        Ok(ChannelName(Arc::from(name)))
    }

    /// Checks a user name, and cuts it to length. It begins with no colon: WHO sends it as a parameter of its own.
    ///
    /// # Errors
    /// [`NameError`] says what is wrong with it (468).
    pub fn user_name(&self, name: &str) -> Result<UserName, NameError> {
        let first = name.chars().next().ok_or(NameError::Empty)?;
        if first == ':' {
            return Err(NameError::BadStart(first));
        }
        if let Some(bad) = name.chars().find(|c| !c.is_ascii_graphic() || matches!(c, '!' | '@')) {
            return Err(NameError::BadCharacter(bad));
        }
        Ok(UserName(Arc::from(truncate_at_char(name, self.user_bytes_max))))
    }

    /// Checks a real name, and cuts it to length.
    ///
    /// # Errors
    /// [`NameError::Empty`] (461), or [`NameError::BadCharacter`] for NUL, CR and LF.
    pub fn real_name(&self, name: &str) -> Result<RealName, NameError> {
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if !is_text(name) {
            return Err(NameError::BadCharacter(
                name.chars().find(|c| matches!(c, '\0' | '\r' | '\n')).unwrap_or('\0'),
            ));
        }
        Ok(RealName(Arc::from(truncate_at_char(name, self.real_name_bytes_max))))
    }

    /// Asks the PRECIS profile, for names that are not ASCII.
    fn check_profile(&self, name: &str) -> Result<(), NameError> {
        if self.casemapping == CaseMapping::Ascii || UsernameCaseMapped::enforce(name).is_ok() {
            return Ok(());
        }
        // The character that is bad alone is the best explanation; without one it is their mixture.
        let mut buffer = [0; 4];
        match name.chars().find(|c| UsernameCaseMapped::prepare(&*c.encode_utf8(&mut buffer)).is_err()) {
            Some(bad) => Err(NameError::BadCharacter(bad)),
            None => Err(NameError::BadMixture),
        }
    }
}

fn check_length(name: &str, bytes_max: usize) -> Result<(), NameError> {
    if name.is_empty() {
        Err(NameError::Empty)
    } else if name.len() > bytes_max {
        Err(NameError::TooLong { bytes_max })
    } else {
        Ok(())
    }
}

/// The characters of a nick that are neither letters nor digits, and may stand first.
fn is_nick_special(character: char) -> bool {
    matches!(character, '[' | ']' | '\\' | '`' | '_' | '^' | '{' | '|' | '}')
}

/// Space and comma separate channels, BEL is forbidden by every specification; the rest would make two names look the same.
/// Tells whether a character can be in no name of anything: a comma, a space, what has no picture or turns the writing round.
pub fn is_bad_in_name(character: char) -> bool {
    character == ',' || character.is_whitespace() || character.is_control() || is_invisible(character)
}

/// Characters without a picture that change nothing or turn the writing round. The joiners of Indic scripts, Persian and emoji are none of them.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{feff}'
    )
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says by panicking what was not as expected")]
mod tests {
    use super::*;

    const ASCII: fn() -> NameRules = NameRules::default;

    fn precis() -> NameRules {
        NameRules { casemapping: CaseMapping::Precis, ..NameRules::default() }
    }

    #[test]
    fn nicks() {
        for valid in ["a", "Anna", "anna-2", "_3com", r"[]\`_^{|}", "a[x]", &"n".repeat(32)] {
            assert_eq!(ASCII().nick(valid).unwrap().as_str(), valid);
            assert_eq!(precis().nick(valid).unwrap().as_str(), valid);
        }
        for (invalid, why) in [
            ("", NameError::Empty),
            ("1a", NameError::BadStart('1')),
            ("-a", NameError::BadStart('-')),
            ("*", NameError::BadCharacter('*')),
            ("a b", NameError::BadCharacter(' ')),
            ("a\u{1}", NameError::BadCharacter('\u{1}')),
            ("é", NameError::BadCharacter('é')),
            (&"n".repeat(33), NameError::TooLong { bytes_max: 32 }),
        ] {
            assert_eq!(ASCII().nick(invalid), Err(why), "{invalid:?}");
        }
        for forbidden in "#&:$@+~%!*?,. =/'\"()<>;".chars() {
            for name in [format!("{forbidden}a"), format!("a{forbidden}")] {
                assert_eq!(ASCII().nick(&name), Err(NameError::BadCharacter(forbidden)));
                assert_eq!(precis().nick(&name), Err(NameError::BadCharacter(forbidden)));
            }
        }
    }

    #[test]
    fn nicks_in_other_scripts() {
        for valid in ["Émile", "Анна", "安娜", "שלום"] {
            assert_eq!(precis().nick(valid).unwrap().as_str(), valid);
        }
        for invalid in ["☃", "a\u{200b}b", "a\u{a0}b", "ａ！ｂ", "＃a", "é*", "\u{301}a", "שa", "1é"] {
            assert!(precis().nick(invalid).is_err(), "{invalid:?}");
        }
        assert_eq!(precis().nick("é☃"), Err(NameError::BadCharacter('☃')));
        assert_eq!(precis().nick("שa"), Err(NameError::BadMixture));
    }

    #[test]
    fn channels() {
        for valid in ["#a", "#piazza", "##", "#a:b", "#caffè", "#☕", &format!("#{}", "c".repeat(63))] {
            assert_eq!(ASCII().channel(valid).unwrap().as_str(), valid);
        }
        for (invalid, why) in [
            ("", NameError::Empty),
            ("#", NameError::Empty),
            ("a", NameError::BadStart('a')),
            ("&a", NameError::BadStart('&')),
            ("#a b", NameError::BadCharacter(' ')),
            ("#a,b", NameError::BadCharacter(',')),
            ("#\u{7}", NameError::BadCharacter('\u{7}')),
            ("#a\u{200b}", NameError::BadCharacter('\u{200b}')),
            ("#\u{2003}", NameError::BadCharacter('\u{2003}')),
            (&format!("#{}", "c".repeat(64)), NameError::TooLong { bytes_max: 64 }),
        ] {
            assert_eq!(ASCII().channel(invalid), Err(why), "{invalid:?}");
        }
        assert_eq!(precis().channel("#Caffè").unwrap().folded(CaseMapping::Precis).as_str(), "#caffè");
        assert!(precis().channel("#שלום").is_ok() && precis().channel("#☕").is_err());
        assert_eq!(precis().channel("#a，b"), Err(NameError::BadCharacter(',')), "a wide comma folds to a comma");
    }

    #[test]
    fn user_names_and_real_names() {
        assert_eq!(ASCII().user_name("abcdefghijklm").unwrap().as_str(), "abcdefghij");
        for (invalid, why) in [
            ("", NameError::Empty),
            ("a@b", NameError::BadCharacter('@')),
            ("a!b", NameError::BadCharacter('!')),
            ("a b", NameError::BadCharacter(' ')),
            ("é", NameError::BadCharacter('é')),
            (":a", NameError::BadStart(':')),
        ] {
            assert_eq!(ASCII().user_name(invalid), Err(why), "{invalid:?}");
        }
        assert_eq!(ASCII().real_name("Anna è qui").unwrap().as_str(), "Anna è qui");
        assert_eq!(ASCII().real_name(&"è".repeat(99)).unwrap().as_str().len(), 150);
        assert_eq!(ASCII().real_name(""), Err(NameError::Empty));
        assert_eq!(ASCII().real_name("a\nb"), Err(NameError::BadCharacter('\n')));
    }

    #[test]
    fn names_are_kept_as_text() {
        let nick = ASCII().nick("Anna").unwrap();
        let kept = serde_json::to_string(&nick).unwrap();
        assert_eq!(kept, "\"Anna\"");
        assert_eq!(serde_json::from_str::<Nick>(&kept).unwrap(), nick);
        assert_eq!(Nick::trusted("Anna"), nick);
        assert_eq!(format!("{nick} {nick:?}"), "Anna \"Anna\"");
    }
}
