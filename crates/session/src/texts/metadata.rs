//! What people read who use METADATA, or whose clients do.

use chat::refusal::MetadataRefusal;
use irc::numerics::Language;

/// There are too few parameters, too many, or no such subcommand.
pub fn parameters(language: Language) -> &'static str {
    match language {
        Language::En => {
            "Use METADATA <target> GET, LIST, SET, CLEAR, SUB, UNSUB, SUBS or SYNC; HELP METADATA tells more"
        }
        Language::It => {
            "Usa METADATA <destinatario> GET, LIST, SET, CLEAR, SUB, UNSUB, SUBS o SYNC; HELP METADATA spiega di più"
        }
    }
}

/// There is nobody and nothing of that name.
pub fn target(language: Language) -> &'static str {
    match language {
        Language::En => "There is no user or channel of that name that you can look at",
        Language::It => "Non c'è nessun utente o canale con questo nome che tu possa vedere",
    }
}

/// A key is not valid.
pub fn key(language: Language) -> &'static str {
    match language {
        Language::En => "A key is made of small letters, digits and _ . / - only, and is not too long",
        Language::It => "Una chiave è fatta solo di lettere minuscole, cifre e _ . / - e non è troppo lunga",
    }
}

/// A value is not valid.
pub fn value(language: Language) -> &'static str {
    match language {
        Language::En => "The value is too long",
        Language::It => "Il valore è troppo lungo",
    }
}

/// A key was to be removed that is not set.
pub fn not_set(language: Language) -> &'static str {
    match language {
        Language::En => "The key is not set",
        Language::It => "La chiave non è impostata",
    }
}

/// There is no room for another subscription.
pub fn subscriptions(language: Language) -> &'static str {
    match language {
        Language::En => "You subscribe to as many keys as you can already",
        Language::It => "Sei già iscritto a quante chiavi puoi",
    }
}

/// Says a refusal as one sentence.
pub fn refusal(refusal: &MetadataRefusal, language: Language) -> String {
    match (refusal, language) {
        (MetadataRefusal::InvalidTarget(_), _) => format!("{}.", target(language)),
        (MetadataRefusal::NoPermission { target, .. }, Language::En) => {
            format!("What is said of {target} is not yours to change.")
        }
        (MetadataRefusal::NoPermission { target, .. }, Language::It) => {
            format!("Non sta a te cambiare ciò che si dice di {target}.")
        }
        (MetadataRefusal::LimitReached { target, limit }, Language::En) => {
            format!("No more than {limit} keys can be set on {target}.")
        }
        (MetadataRefusal::LimitReached { target, limit }, Language::It) => {
            format!("Su {target} si possono impostare al massimo {limit} chiavi.")
        }
    }
}
