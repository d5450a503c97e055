//! What clients say: numbered texts that anybody can tell to be right.

use crate::chance::Chance;

/// The rooms in which everything happens; plain clients are in the first only.
pub(crate) const ROOMS: [&str; 2] = ["#piazza", "#torture"];

/// The most words behind the number: a line stays well below the limit of 512 bytes.
const WORDS_MAX: u64 = 24;

/// Which message it is: the one with this number that this client said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    /// Who said it.
    pub(crate) client: u16,
    /// Each client counts from 0.
    pub(crate) number: u32,
}

/// Returns the one text of a message; it depends on the seed of the run.
pub(crate) fn text_of(key: Key, seed: u64) -> String {
    const WORDS: [&str; 8] = ["tea", "perché", "日本語", "naïve", "🙂", "x:y", "#piazza", "Ω"];
    let Key { client, number } = key;
    let mut text = format!("m-{client}-{number}");
    let mut chance = Chance::new(seed, (u64::from(client) << 32) | u64::from(number));
    for _ in 0..chance.within(0..WORDS_MAX) {
        text.push(' ');
        text.push_str(WORDS[usize::try_from(chance.within(0..WORDS.len() as u64)).unwrap_or(0)]);
    }
    text
}

/// Reads which message a text is; `None` for what no client of ours says.
pub(crate) fn key_in(text: &str) -> Option<Key> {
    let mut numbers = text.strip_prefix("m-")?.split(' ').next()?.split('-');
    let key = Key { client: numbers.next()?.parse().ok()?, number: numbers.next()?.parse().ok()? };
    numbers.next().is_none().then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_which_it_is() {
        let key = Key { client: 7, number: 1234 };
        let text = text_of(key, 42);
        assert_eq!(key_in(&text), Some(key));
        assert_eq!(text, text_of(key, 42));
        assert_ne!(text_of(key, 42), text_of(Key { number: 1235, ..key }, 42));
        assert!((0..1000).all(|number| text_of(Key { client: 1, number }, 3).len() < 400));
        assert_eq!(["hello", "m-1", "m-1-x", "m-1-2-3"].map(key_in), [None; 4]);
    }
}
