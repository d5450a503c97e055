//! What is said about tokens for services outside.

use irc::numerics::Language;

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such subcommand.
    Subcommand,
    /// There is no such service.
    Service,
    /// What it is to be for is neither a room nor a nick.
    Scope,
    /// Only the service itself looks at its tokens.
    Validate,
}

/// Why there is no token.
pub fn trouble(trouble: Trouble, language: Language) -> &'static str {
    match (language, trouble) {
        (Language::En, Trouble::Subcommand) => "TOKEN knows SERVICELIST, GENERATE and VALIDATE only",
        (Language::En, Trouble::Service) => "There is no such service here",
        (Language::En, Trouble::Scope) => "A token is for a room or a person",
        (Language::En, Trouble::Validate) => "Tokens of this service are looked at by the service only",
        (Language::It, Trouble::Subcommand) => "TOKEN conosce solo SERVICELIST, GENERATE e VALIDATE",
        (Language::It, Trouble::Service) => "Qui non c'è un servizio con questo nome",
        (Language::It, Trouble::Scope) => "Un token è per una stanza o per una persona",
        (Language::It, Trouble::Validate) => "I token di questo servizio li guarda solo il servizio stesso",
    }
}

/// What the file host is.
pub fn filehost(language: Language) -> &'static str {
    match language {
        Language::En => "Files and pictures to share",
        Language::It => "File e immagini da condividere",
    }
}

/// That there are no services.
pub fn no_services(language: Language) -> &'static str {
    match language {
        Language::En => "There are no services here",
        Language::It => "Qui non ci sono servizi",
    }
}
