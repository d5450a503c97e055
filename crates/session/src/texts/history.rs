//! What is wrong with a question about history.

use irc::numerics::Language;

/// What is wrong with a question about history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// There is no such subcommand.
    Subcommand,
    /// Parameters are missing.
    TooFew,
    /// There are more parameters than it takes.
    TooMany,
    /// The limit is no number from 1.
    Limit,
    /// Not a time as it must be written.
    Timestamp,
    /// Neither a time nor a message.
    Reference,
    /// Messages cannot be named in this way.
    ReferenceType,
    /// Nobody knows this message.
    NoSuchMessage,
}

/// What is wrong with a question about history.
pub fn history(what: History, language: Language) -> &'static str {
    match (language, what) {
        (Language::En, History::Subcommand) => "Unknown command",
        (Language::En, History::TooFew) => "Insufficient parameters",
        (Language::En, History::TooMany) => "Too many parameters",
        (Language::En, History::Limit) => "The limit is a number from 1",
        (Language::En, History::Timestamp) => "A time is written timestamp=2026-11-21T03:45:00.000Z",
        (Language::En, History::Reference) => "A message is named by timestamp= or msgid=",
        (Language::En, History::ReferenceType) => "Messages can be named by timestamp= or msgid= only",
        (Language::En, History::NoSuchMessage) => "Nobody knows this message",
        (Language::It, History::Subcommand) => "Comando sconosciuto",
        (Language::It, History::TooFew) => "Parametri insufficienti",
        (Language::It, History::TooMany) => "Troppi parametri",
        (Language::It, History::Limit) => "Il limite è un numero da 1 in su",
        (Language::It, History::Timestamp) => "Un orario si scrive timestamp=2026-11-21T03:45:00.000Z",
        (Language::It, History::Reference) => "Un messaggio si indica con timestamp= o msgid=",
        (Language::It, History::ReferenceType) => "I messaggi si indicano solo con timestamp= o msgid=",
        (Language::It, History::NoSuchMessage) => "Nessuno conosce questo messaggio",
    }
}
