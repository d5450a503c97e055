//! Keys and values as clients send them.

use std::borrow::Cow;
use std::sync::Arc;

use irc::write::{BODY_CONTENT_BYTES_MAX, word_or_star};

use super::Version;
use crate::irc_session::Cx;
use crate::irc_session::commands::Complaint;
use crate::settings::Settings;
use crate::texts;

/// The longest key, in bytes. The longest that is registered has twelve; with a vendor's name in front it fits too.
pub const KEY_BYTES_MAX: usize = 64;

/// Returns a key as it is kept; `None` when it is not valid.
///
/// Spec: "Key names are restricted to the ranges a-z, 0-9, and _./-". In the draft before, case made no difference.
pub(super) fn key(version: Version, given: &str) -> Option<Cow<'_, str>> {
    let key = match version {
        Version::Two if given.bytes().any(|byte| byte.is_ascii_uppercase()) => given.to_ascii_lowercase().into(),
        _ => Cow::Borrowed(given),
    };
    let is_valid = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'/' | b'-');
    ((1..=KEY_BYTES_MAX).contains(&key.len()) && key.bytes().all(is_valid)).then_some(key)
}

/// Returns the keys that were given, valid or not: each is answered in its place.
pub(super) fn given(version: Version, params: &[&str]) -> Vec<Arc<str>> {
    params.iter().map(|given| key(version, given).map_or_else(|| (*given).into(), Arc::from)).collect()
}

/// Says what is wrong with a key and a value that are to be set.
///
/// # Errors
/// `INVALID_KEY` and `INVALID_VALUE`, as the version calls them.
pub(super) fn check_setting(version: Version, params: &[&str], cx: &Cx<'_>) -> Result<(), Complaint> {
    let (given, value) = (params.first().unwrap_or(&""), params.get(1).unwrap_or(&""));
    let Some(key) = key(version, given) else {
        let (code, text) = (version.choose("KEY_INVALID", "INVALID_KEY"), texts::metadata::key(cx.settings.language));
        return Err(Complaint::fail_about("METADATA", code, &[word_or_star(given)], text));
    };
    if value.len() > room(&key, cx.settings) {
        let text = texts::metadata::value(cx.settings.language);
        return Err(match version {
            Version::Two => Complaint::fail("METADATA", "VALUE_INVALID", text),
            Version::Three => Complaint::fail_about("METADATA", "INVALID_VALUE", &[&key], text),
        });
    }
    Ok(())
}

/// Returns the bytes that a value may have: what is configured, and what a line has room for that tells the client with
/// the longest nick of the target with the longest name.
fn room(key: &str, settings: &Settings) -> usize {
    let names = &settings.chat.names;
    let target = names.nick_bytes_max.max(names.channel_bytes_max);
    let head = ":".len() + settings.server_name().len() + " 761 ".len() + names.nick_bytes_max;
    let head = head + " ".len() + target + " ".len() + key.len() + " * :".len();
    settings.chat.metadata_value_bytes.min(BODY_CONTENT_BYTES_MAX.saturating_sub(head))
}

/// Returns the key and the value that are to be set; an empty value is none. They have been checked.
pub(super) fn setting(version: Version, params: &[&str]) -> (Arc<str>, Option<Arc<str>>) {
    let given = params.first().copied().unwrap_or_default();
    let value = params.get(1).copied().filter(|value| !value.is_empty());
    (key(version, given).unwrap_or_default().into(), value.map(Arc::from))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn which_keys_are_valid() {
        for valid in ["a", "display-name", "im.xmpp", "example.com/k_1", &"k".repeat(KEY_BYTES_MAX)] {
            for version in [Version::Two, Version::Three] {
                assert_eq!(key(version, valid).as_deref(), Some(valid));
            }
        }
        for invalid in ["", "$url", ":", "a:b", "a b", "é", "a*", &"k".repeat(KEY_BYTES_MAX + 1)] {
            for version in [Version::Two, Version::Three] {
                assert_eq!(key(version, invalid), None, "{invalid:?}");
            }
        }
        assert_eq!(key(Version::Two, "Avatar").as_deref(), Some("avatar"));
        assert_eq!(key(Version::Three, "Avatar"), None);
    }

    proptest! {
        /// A key that is taken can stand in a line, and is the same when it comes back.
        #[test]
        fn whatever_is_taken_can_be_written(given in ".{0,70}") {
            for version in [Version::Two, Version::Three] {
                if let Some(taken) = key(version, &given) {
                    prop_assert!(irc::write::is_middle(&taken));
                    let again = key(Version::Three, &taken);
                    prop_assert_eq!(again.as_deref(), Some(&*taken));
                }
            }
        }
    }
}
