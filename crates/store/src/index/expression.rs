//! What FTS5 is asked: built from parsed parts only, so that nothing that people write can be its syntax.

use chat::history::{Directs, Search};
use chat::search::Phrase;
use irc::casemap::CaseMapping;

use super::{place_of_channel, place_of_conversation, place_of_owner, sender_of};

/// A beginning so short stands for so many words that looking at the messages is faster.
const PREFIX_CHARS_MIN: usize = 2;

/// The tokens of where somebody searches.
#[derive(Debug)]
pub(crate) struct Places(Vec<String>);

impl Places {
    /// Returns those of some channels, by their keys in the log, and direct messages.
    pub(crate) fn of<'k>(channels: impl IntoIterator<Item = &'k str>, directs: &Directs) -> Self {
        let mut places: Vec<String> = channels.into_iter().map(place_of_channel).collect();
        match directs {
            Directs::None => {}
            Directs::With(direct) => {
                places.extend(direct.peers.iter().map(|peer| place_of_conversation(&direct.owner, peer)));
            }
            Directs::Of(owner) => places.push(place_of_owner(owner)),
        }
        Self(places)
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Which messages may be an answer: none that is one is missing.
#[derive(Debug)]
pub(crate) struct Expression {
    /// What a message must have: its words, its sender.
    all: Vec<String>,
    none: Vec<String>,
}

impl Expression {
    /// Takes the words and the sender of a question.
    pub(crate) fn of(search: &Search, mapping: CaseMapping) -> Self {
        let phrases = |phrases: &[Phrase]| phrases.iter().filter_map(phrase).collect::<Vec<_>>();
        let mut all = phrases(&search.wanted.all);
        all.extend(search.from.as_deref().map(|nick| format!("sender : {}", sender_of(nick, mapping))));
        Self { all, none: phrases(&search.wanted.none) }
    }

    /// Tells whether it narrows the search by itself.
    pub(crate) fn narrows(&self) -> bool {
        !self.all.is_empty()
    }

    /// Writes it, also for certain places only. There is nothing to write without places when it does not narrow.
    pub(crate) fn written(&self, places: Option<&Places>) -> String {
        let places = places.map(|places| format!("place : ({})", places.0.join(" OR ")));
        let all: Vec<&str> = self.all.iter().chain(&places).map(String::as_str).collect();
        let all = all.join(" AND ");
        if self.none.is_empty() { all } else { format!("({all}) NOT ({})", self.none.join(" OR ")) }
    }
}

fn phrase(phrase: &Phrase) -> Option<String> {
    let words = phrase.words();
    // All that could be syntax stands between quotation marks, and words hold none.
    assert!(!words.contains('"'), "a word has letters, digits and marks only: {words:?}");
    match phrase.is_prefix() {
        false => Some(format!("words : \"{words}\"")),
        true if words.chars().count() < PREFIX_CHARS_MIN => None,
        true => Some(format!("words : \"{words}\" *")),
    }
}
