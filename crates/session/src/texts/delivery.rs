//! What is wrong with the id that a client has given, and why nothing is known of it.

use chat::refusal::CannotDeliver;
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

/// What has an id is neither kept nor known to be.
pub fn cannot_deliver(why: CannotDeliver, language: Language) -> &'static str {
    match (language, why) {
        (Language::En, CannotDeliver::NotYours) => "This stream of ids belongs to another account.",
        (Language::En, CannotDeliver::Unreadable) => {
            "Whether this was kept cannot be looked up right now: send it again."
        }
        (Language::It, CannotDeliver::NotYours) => "Questo flusso di id è di un altro account.",
        (Language::It, CannotDeliver::Unreadable) => {
            "Se questo è già conservato ora non si può sapere: mandalo di nuovo."
        }
    }
}
