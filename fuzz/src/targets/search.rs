//! What people write to search, and what they said: read without surprise, and in one form for good.

use chat::search::{Asked, PHRASES_MAX, words, words_of_message};

/// Parts of them.
pub const WORDS: &[&[u8]] = &[
    b"\"",
    b" -",
    b"* ",
    b"from:",
    b"in:#tea ",
    b"after:2026-11-21",
    b"before:2026-11-21T03:45:00.000Z ",
    b" OR ",
    b" NEAR(",
    b"\x01ACTION ",
    b"\x0304,12",
    b"\xe6\x9d\xb1\xe4\xba\xac",
    b"\xe0\xb8\x97\xe0\xb8\xb5\xe0\xb9\x88",
    b"e\xcc\x81",
    b"\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",
    b"\xef\xb7\xba",
];

/// The whole input is one text, said and searched for.
pub fn search(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let said = words_of_message(text);
    assert_eq!(words(&said), said, "the words of {text:?} have another form");
    let is_word = |c: char| c.is_ascii_alphanumeric() || !c.is_ascii();
    assert!(said.split(' ').all(|word| word.chars().all(is_word)), "an index would split words of {text:?}");
    let mut asked = Asked::default();
    if let Err((_, unclear)) = asked.read(text) {
        assert!(text.contains(unclear), "{unclear:?} is not in {text:?}");
    }
    let phrases = || asked.wanted.all.iter().chain(&asked.wanted.none);
    assert!(phrases().count() <= PHRASES_MAX);
    for phrase in phrases() {
        assert_eq!(words(phrase.words()).trim_matches(' '), phrase.words(), "a phrase of {text:?} has another form");
    }
    let _ = asked.wanted.fits(&said);
}
