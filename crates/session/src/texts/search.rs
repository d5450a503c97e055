//! What is wrong with a question for messages by their words.

use chat::refusal::NoSearch;
use chat::search::Unclear;
use irc::numerics::Language;

/// What is wrong with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// Spaces are not written as in tags.
    Spaces,
    /// Nobody knows this attribute.
    Attribute,
    /// The limit is no number from 1.
    Limit,
    /// What is written in words is not clear.
    Unclear(Unclear),
}

/// What is wrong with a question.
pub fn bad(what: Bad, language: Language) -> &'static str {
    match (language, what) {
        (Language::En, Bad::Spaces) => "In SEARCH a space is written \\s",
        (Language::En, Bad::Attribute) => "SEARCH knows in, from, after, before, text and limit only",
        (Language::En, Bad::Limit) => "The limit is a number from 1",
        (Language::En, Bad::Unclear(Unclear::NoWord)) => "There is no word to search for",
        (Language::En, Bad::Unclear(Unclear::TooMany)) => "That is too much to search for at once",
        (Language::En, Bad::Unclear(Unclear::Time)) => "A time is written 2026-11-21 or 2026-11-21T03:45:00.000Z (UTC)",
        (Language::En, Bad::Unclear(Unclear::Twice)) => "This can be said once only",
        (Language::En, Bad::Unclear(Unclear::Negated)) => "Only words can be excluded",
        (Language::It, Bad::Spaces) => "In SEARCH uno spazio si scrive \\s",
        (Language::It, Bad::Attribute) => "SEARCH conosce solo in, from, after, before, text e limit",
        (Language::It, Bad::Limit) => "Il limite è un numero da 1 in su",
        (Language::It, Bad::Unclear(Unclear::NoWord)) => "Non c'è nessuna parola da cercare",
        (Language::It, Bad::Unclear(Unclear::TooMany)) => "È troppo da cercare in una volta",
        (Language::It, Bad::Unclear(Unclear::Time)) => {
            "Un orario si scrive 2026-11-21 o 2026-11-21T03:45:00.000Z (UTC)"
        }
        (Language::It, Bad::Unclear(Unclear::Twice)) => "Questo si può dire una volta sola",
        (Language::It, Bad::Unclear(Unclear::Negated)) => "Si possono escludere solo parole",
    }
}

/// Not everything was looked through.
pub fn given_up(language: Language) -> &'static str {
    match language {
        Language::En => {
            "This took too long, so not everything was looked through: search in one channel, or for rarer words"
        }
        Language::It => {
            "Ci voleva troppo, quindi non è stato guardato tutto: cerca in un solo canale, o parole più rare"
        }
    }
}

/// Nothing is searched.
pub fn no_search(why: &NoSearch, language: Language) -> String {
    match (language, why) {
        (Language::En, NoSearch::Target(_)) => "There is nothing here that you may read.".to_owned(),
        (Language::En, NoSearch::Unreadable) => "The search could not be run; try again later.".to_owned(),
        (Language::It, NoSearch::Target(_)) => "Qui non c'è niente che tu possa leggere.".to_owned(),
        (Language::It, NoSearch::Unreadable) => "Non è stato possibile cercare; riprova più tardi.".to_owned(),
    }
}
