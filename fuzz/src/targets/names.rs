//! Names: whatever is accepted can stand on the wire, and every name a person types has a nick.

use irc::casemap::CaseMapping;

use irc::names::{NameRules, derive_nick, with_suffix};
use irc::write::is_middle;

/// Names in several scripts, and what hides in them.
pub const WORDS: &[&[u8]] = &[
    b"#",
    b"##",
    b"a",
    b"Anna Bianchi",
    b"[]\\`_^{|}",
    b"-",
    b"0",
    b" ",
    b",",
    b"\x07",
    b"!",
    b"@",
    b":",
    "è".as_bytes(),
    "ß".as_bytes(),
    "Ωμέγα".as_bytes(),
    "日本".as_bytes(),
    "אב".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{301}".as_bytes(),
    "！".as_bytes(),
    "😀".as_bytes(),
    "\u{202e}".as_bytes(),
    "K".as_bytes(),
];

/// The input is a name.
pub fn names(data: &[u8]) {
    let Ok(name) = std::str::from_utf8(data) else { return };
    for casemapping in [CaseMapping::Ascii, CaseMapping::Precis] {
        for nick_bytes_max in [9, 32] {
            check(name, &NameRules { casemapping, nick_bytes_max, ..NameRules::default() });
        }
    }
}

fn check(name: &str, rules: &NameRules) {
    if let Ok(nick) = rules.nick(name) {
        assert!(is_middle(nick.as_str()) && nick.as_str().len() <= rules.nick_bytes_max);
        assert!(!nick.as_str().contains(['!', '@', '*', '?', ',', '#']), "no nick holds these: {nick:?}");
        assert!(
            rules.casemapping.same(name, nick.folded(rules.casemapping).as_str()),
            "{nick:?} is not its folded form"
        );
    }
    if let Ok(channel) = rules.channel(name) {
        assert!(is_middle(channel.as_str()) && channel.as_str().len() <= rules.channel_bytes_max);
        assert!(!channel.as_str().contains(','), "a list of channels is cut at commas: {channel:?}");
    }
    if let Ok(user) = rules.user_name(name) {
        assert!(is_middle(user.as_str()) && user.as_str().len() <= rules.user_bytes_max);
    }
    if let Ok(real_name) = rules.real_name(name) {
        assert!(!real_name.as_str().contains(['\0', '\r', '\n']));
    }
    let nick = derive_nick(name, rules);
    assert!(rules.nick(nick.as_str()).is_ok(), "{nick:?}, derived from {name:?}, is no nick");
    for number in [2, 999, u32::MAX] {
        let suffixed = with_suffix(nick.as_str(), number, rules);
        assert!(rules.nick(suffixed.as_str()).is_ok(), "{suffixed:?}, {nick:?} with {number}, is no nick");
    }
}
