//! What is said about notifications.

use irc::numerics::Language;

/// Why WEBPUSH is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such subcommand.
    Subcommand,
    /// There are fewer or more parameters than there have to be.
    Count,
    /// The address is none that notifications can be sent to.
    Endpoint,
    /// The address is one that the server asks nothing.
    Private,
    /// The keys are missing, have another form, or nothing can be encrypted for them.
    Keys,
}

/// Why WEBPUSH is not carried out.
pub fn trouble(trouble: Trouble, language: Language) -> &'static str {
    match (language, trouble) {
        (Language::En, Trouble::Subcommand) => "WEBPUSH knows REGISTER and UNREGISTER only",
        (Language::En, Trouble::Count) => "It is WEBPUSH REGISTER address keys, or WEBPUSH UNREGISTER address",
        (Language::En, Trouble::Endpoint) => "The address has to begin with https:// and to name a host",
        (Language::En, Trouble::Private) => "The address is a private one: this server sends nothing there",
        (Language::En, Trouble::Keys) => {
            "The keys have to be p256dh (a point of P-256, uncompressed) and auth (16 bytes), in base64url"
        }
        (Language::It, Trouble::Subcommand) => "WEBPUSH conosce solo REGISTER e UNREGISTER",
        (Language::It, Trouble::Count) => "Si scrive WEBPUSH REGISTER indirizzo chiavi, o WEBPUSH UNREGISTER indirizzo",
        (Language::It, Trouble::Endpoint) => "L'indirizzo deve iniziare con https:// e avere un host",
        (Language::It, Trouble::Private) => "L'indirizzo è privato: questo server non ci manda niente",
        (Language::It, Trouble::Keys) => {
            "Le chiavi devono essere p256dh (un punto di P-256, non compresso) e auth (16 byte), in base64url"
        }
    }
}
