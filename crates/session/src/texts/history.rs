//! What is wrong with a question about history.

use chat::refusal::CannotChange;
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

/// What was said stays as it is.
pub fn cannot_change(target: &str, why: CannotChange, language: Language) -> String {
    match language {
        Language::En => match why {
            CannotChange::Target => format!("You cannot change messages in {target}."),
            CannotChange::Forbidden => "This message is not yours to change.".to_owned(),
            CannotChange::Unknown => "There is no such message, or it is gone.".to_owned(),
            CannotChange::TooLate { .. } => "This message was said too long ago to be changed.".to_owned(),
            CannotChange::Unreadable => "The message cannot be looked up right now.".to_owned(),
        },
        Language::It => match why {
            CannotChange::Target => format!("Non puoi cambiare messaggi in {target}."),
            CannotChange::Forbidden => "Questo messaggio non è tuo da cambiare.".to_owned(),
            CannotChange::Unknown => "Questo messaggio non c'è, o non c'è più.".to_owned(),
            CannotChange::TooLate { .. } => "Questo messaggio è troppo vecchio per essere cambiato.".to_owned(),
            CannotChange::Unreadable => "Il messaggio ora non si può cercare.".to_owned(),
        },
    }
}
