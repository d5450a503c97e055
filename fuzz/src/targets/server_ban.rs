//! What operators write to ban: durations, addresses, networks, masks, accounts. Read, judged and shown, and read again as the same.

use chat::server_ban::{BanKind, ServerBan, Written, judge, read};
use chat::span::{self, SPAN_SECONDS_MAX};
use chat::time::Timestamp;

/// Parts of them.
pub const WORDS: &[&[u8]] = &[
    b"1d12h30m",
    b"99999999999999999999",
    b"192.0.2.0/24",
    b"::ffff:192.0.2.1/120",
    b"2001:db8::/32",
    b"::/0",
    b"/",
    b"account:",
    b"a:",
    b"*!*@*",
    b"!",
    b"@",
    b"~",
    b"\xc3\xa8",
];

/// The whole input is one word.
pub fn server_ban(data: &[u8]) {
    let Ok(word) = std::str::from_utf8(data) else { return };
    if let Some(seconds) = span::read(word) {
        assert!(seconds <= SPAN_SECONDS_MAX, "{word:?} is too long a time");
        assert_eq!(span::read(&span::shown(seconds)), Some(seconds), "{word:?}");
    }
    let Written::What(kind, what) = read(word) else { return };
    if judge(kind, &what).is_err() {
        return;
    }
    let (what, none) = (what.as_str().into(), "".into());
    let ban = ServerBan { kind, what, by: "op".into(), at: Timestamp(0), until: None, nick: None, reason: none };
    let shown = ban.shown();
    assert!(!shown.is_empty() && irc::write::is_middle(&shown), "{word:?} cannot be shown: {shown:?}");
    // A mask that begins like an account would be read as one.
    if kind != BanKind::Mask || !shown.contains(':') {
        assert_eq!(read(&shown), Written::What(kind, ban.what.to_string()), "{word:?} is shown as {shown:?}");
    }
}
