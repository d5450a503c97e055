//! Searching in what was said: what is wanted, and whether a message has it.
//!
//! Nothing here knows how messages are found quickly. The store may use any index that misses none; what it shows is
//! decided by [`Wanted::fits`], for it and for the store in memory alike.
//!
//! Meaning of the command: [`crate::features::search`]. For people: `docs/search.md`.

mod asked;
pub use asked::{Asked, Operator, PHRASES_MAX, Unclear};
mod words;
pub use words::{SAID_NOTHING, words, words_of_message};

/// One word, or several that stand beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// As [`words()`] writes them; without the space at the end when the last may go on.
    needle: Box<str>,
}

impl Phrase {
    /// Makes one of a text, whose last word may be the beginning of a longer one. `None` when no word is in it.
    pub fn new(text: &str, is_prefix: bool) -> Option<Self> {
        let words = words(text);
        let needle = if is_prefix { words.trim_end() } else { &*words };
        (words != SAID_NOTHING).then(|| Self { needle: needle.into() })
    }

    /// The words with a space between them: letters, digits and marks only.
    pub fn words(&self) -> &str {
        self.needle.trim_matches(' ')
    }

    /// Whether the last word may be the beginning of a longer one.
    pub fn is_prefix(&self) -> bool {
        !self.needle.ends_with(' ')
    }

    /// Tells whether a text has it; the text as [`words()`] writes it.
    fn is_in(&self, words: &str) -> bool {
        words.contains(&*self.needle)
    }
}

/// Which words a message must have, and which not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// All of these.
    pub all: Vec<Phrase>,
    /// None of these.
    pub none: Vec<Phrase>,
}

impl Wanted {
    /// Tells whether a text fits; the text as [`words()`] writes it.
    pub fn fits(&self, words: &str) -> bool {
        self.all.iter().all(|phrase| phrase.is_in(words)) && !self.none.iter().any(|phrase| phrase.is_in(words))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fits(phrase: Option<Phrase>, text: &str) -> bool {
        Wanted { all: phrase.into_iter().collect(), none: Vec::new() }.fits(&words(text))
    }

    #[test]
    fn words_are_found_whole_and_beginnings_as_beginnings() {
        for (phrase, is_prefix, text, found) in [
            ("tea", false, "more Tea, please", true),
            ("tea", false, "steam", false),
            ("tea", false, "teapot", false),
            ("tea", true, "teapot", true),
            ("tea", true, "steam", false),
            ("more tea", false, "more -- tea", true),
            ("more tea", false, "more green tea", false),
            ("more te", true, "any more tea", true),
            ("caffe", false, "un caffè", true),
            ("東京", false, "私は東京に行く", true),
            ("京東", false, "私は東京に行く", false),
        ] {
            assert_eq!(fits(Phrase::new(phrase, is_prefix), text), found, "{phrase:?} in {text:?}");
        }
        assert_eq!(Phrase::new("?!", false), None);
        assert_eq!(Phrase::new("?!", true), None);
    }

    #[test]
    fn what_must_not_be_there() {
        let phrase = |text| Phrase::new(text, false).into_iter().collect::<Vec<_>>();
        let wanted = Wanted { all: phrase("tea"), none: phrase("green") };
        assert!(wanted.fits(&words("black tea")));
        assert!(!wanted.fits(&words("green tea")));
        assert!(Wanted::default().fits(SAID_NOTHING));
    }

    proptest! {
        /// Against what one would write without an index: word for word.
        #[test]
        fn as_word_by_word(text in "[abà ,]{0,12}", phrase in "[abà ,]{0,6}", is_prefix: bool) {
            let split = |text: &str| words(text).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let (said, asked) = (split(&text), split(&phrase));
            let expected = asked.split_last().is_some_and(|(last, first)| {
                said.windows(asked.len()).any(|there| {
                    let ends = if is_prefix { there[first.len()].starts_with(last) } else { there[first.len()] == *last };
                    ends && there[..first.len()] == *first
                })
            });
            let found = Phrase::new(&phrase, is_prefix).is_some_and(|phrase| fits(Some(phrase), &text));
            prop_assert_eq!(found, expected);
        }
    }
}
