//! What senders say.

use crate::chance::Chance;

/// How many words there are.
pub(crate) const VOCABULARY: u32 = 50_000;

/// Words of a text of [`Texts::Words`].
const WORDS_PER_TEXT: u32 = 10;

/// How many ideographs are in use.
const IDEOGRAPHS: u32 = 5_000;

/// What a sender says, over and over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Texts {
    /// The same text of so many bytes: it costs the load nothing.
    Same {
        /// Bytes.
        bytes: usize,
    },
    /// Ten words each time; the commonest is in about half of all texts, a rare one in one of many thousands (as Zipf found it in
    /// books). Every eighth sender writes in ideographs, without spaces.
    Words {
        /// The seed of what is said.
        seed: u64,
    },
}

/// What one sender has to say.
#[derive(Debug)]
pub(crate) enum Speech {
    Same(String),
    Words(Chance),
    Ideographs(Chance),
}

impl Speech {
    /// Makes the speech of the sender with this number.
    pub(crate) fn new(texts: Texts, sender: usize) -> Self {
        match texts {
            Texts::Same { bytes } => {
                Self::Same("tea and biscuits on the piazza ".chars().cycle().take(bytes).collect())
            }
            Texts::Words { seed } if sender % 8 == 7 => Self::Ideographs(Chance::new(seed, sender as u64)),
            Texts::Words { seed } => Self::Words(Chance::new(seed, sender as u64)),
        }
    }

    /// Appends the next text.
    pub(crate) fn say(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Same(text) => out.extend_from_slice(text.as_bytes()),
            Self::Words(chance) => {
                for place in 0..WORDS_PER_TEXT {
                    if place > 0 {
                        out.push(b' ');
                    }
                    put_word(any_rank(chance), out);
                }
            }
            Self::Ideographs(chance) => {
                for _ in 0..WORDS_PER_TEXT * 2 {
                    let ideograph = ideograph(any_rank(chance) % IDEOGRAPHS);
                    out.extend_from_slice(ideograph.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
        }
    }
}

/// Draws the rank of a word: each of the first ten is as likely as all of the next ninety together.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 to VOCABULARY"
)]
fn any_rank(chance: &mut Chance) -> u32 {
    let share = (chance.next() >> 11) as f64 / (1_u64 << 53) as f64;
    (f64::from(VOCABULARY).powf(share) as u32).saturating_sub(1).min(VOCABULARY - 1)
}

/// Returns the ideograph of a rank, 0 being the commonest.
pub(crate) fn ideograph(rank: u32) -> char {
    char::from_u32(0x4e00 + rank).expect("there are twenty thousand from there on")
}

/// Returns the word of a rank, 0 being the commonest.
pub(crate) fn word(rank: u32) -> String {
    let mut out = Vec::new();
    put_word(rank, &mut out);
    String::from_utf8(out).expect("syllables are ASCII")
}

/// Appends the word of a rank: two syllables for the first ten thousand, three for the others.
fn put_word(mut rank: u32, out: &mut Vec<u8>) {
    const CONSONANTS: &[u8; 20] = b"bcdfghjklmnpqrstvwxz";
    const VOWELS: &[u8; 5] = b"aeiou";
    let mut syllables = 0;
    while syllables < 2 || rank > 0 {
        let syllable = (rank % 100) as usize;
        out.extend([CONSONANTS[syllable % 20], VOWELS[syllable / 20]]);
        rank /= 100;
        syllables += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rank_has_a_word_of_its_own() {
        let words: HashSet<String> = (0..VOCABULARY).map(word).collect();
        assert_eq!(words.len(), VOCABULARY as usize);
    }

    #[test]
    fn common_words_are_common_and_rare_ones_occur() {
        let mut chance = Chance::new(1, 0);
        let ranks: Vec<u32> = (0..100_000).map(|_| any_rank(&mut chance)).collect();
        let share = |of: std::ops::Range<u32>| ranks.iter().filter(|&&rank| of.contains(&rank)).count();
        assert!((4_000..9_000).contains(&share(0..1)), "{}", share(0..1));
        assert!(share(25_000..VOCABULARY) > 4_000);
    }

    #[test]
    fn texts_have_the_length_that_was_asked_for() {
        let mut out = Vec::new();
        Speech::new(Texts::Same { bytes: 64 }, 0).say(&mut out);
        assert_eq!(out.len(), 64);
    }
}
