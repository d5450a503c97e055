//! What is wrong with the id that a client has given, and why nothing is known of it.

use chat::refusal::{CannotDeliver, CannotResume, Refusal};
use irc::numerics::Language;

/// What is wrong with an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is not written as ids are.
    Form,
    /// The command takes none.
    Command,
    /// The line asks for several things, or for nothing.
    One,
}

/// What is wrong with an id.
pub fn delivery(what: Delivery, language: Language) -> &'static str {
    match (language, what) {
        (Language::En, Delivery::Form) => {
            "An id is written stream.number: 16 to 64 letters, digits, - and _, a dot, and a number from 1"
        }
        (Language::En, Delivery::Command) => "This command takes no id",
        (Language::En, Delivery::One) => "What has an id is one thing to one target",
        (Language::It, Delivery::Form) => {
            "Un id si scrive flusso.numero: da 16 a 64 lettere, cifre, - e _, un punto e un numero da 1"
        }
        (Language::It, Delivery::Command) => "Questo comando non prende un id",
        (Language::It, Delivery::One) => "Un id vale per una cosa sola e un solo destinatario",
    }
}

/// Something of this is refused.
pub fn refused(refusal: &Refusal, language: Language) -> String {
    let text = match refusal {
        Refusal::CannotDeliver { why, .. } => cannot_deliver(*why, language),
        Refusal::CannotResume { why, .. } => cannot_resume(*why, language),
        other => unreachable!("{other:?} has words elsewhere"),
    };
    text.to_owned()
}

/// What has an id is neither kept nor known to be.
fn cannot_deliver(why: CannotDeliver, language: Language) -> &'static str {
    match (language, why) {
        (Language::En, CannotDeliver::NotYours) => "This stream of ids belongs to another account.",
        (Language::En, CannotDeliver::Unreadable) => {
            "Whether this was kept cannot be looked up right now: send it again."
        }
        (Language::En, CannotDeliver::Gone) => "This was kept, and is kept no more.",
        (Language::It, CannotDeliver::Gone) => "Questo è stato conservato, e ora non più.",
        (Language::It, CannotDeliver::NotYours) => "Questo flusso di id è di un altro account.",
        (Language::It, CannotDeliver::Unreadable) => {
            "Se questo è già conservato ora non si può sapere: mandalo di nuovo."
        }
    }
}

/// What is wrong with a question for what was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// The cursor is none of this log.
    Unknown,
    /// The limit is no number from 1, or there are more words.
    Limit,
}

/// What is wrong with a question for what was missed.
pub fn resume(what: Resume, language: Language) -> &'static str {
    match (language, what) {
        (_, Resume::Unknown) => cannot_resume(CannotResume::Unknown, language),
        (Language::En, Resume::Limit) => "The limit is a number from 1",
        (Language::It, Resume::Limit) => "Il limite è un numero da 1 in su",
    }
}

/// It cannot be told what has happened since then.
fn cannot_resume(why: CannotResume, language: Language) -> &'static str {
    match (language, why) {
        (Language::En, CannotResume::Unknown) => "This place is none of this log: there is a gap.",
        (Language::En, CannotResume::Unreadable) => "What has happened cannot be looked up right now.",
        (Language::It, CannotResume::Unknown) => "Questo punto non è di questo registro: c'è un vuoto.",
        (Language::It, CannotResume::Unreadable) => "Quello che è successo ora non si può cercare.",
    }
}
