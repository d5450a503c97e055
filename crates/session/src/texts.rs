//! What people read that is no numeric: sentences in English and Italian, plain enough for somebody who never heard of IRC.
//!
//! Each sentence stands once, in both languages: one that is missing does not compile.

/// Says a sentence in the reader's language: `say!(language, "English {name}" / "Italiano {name}")`.
macro_rules! say {
    ($language:expr, $english:literal / $italian:literal $(, $argument:expr)*) => {
        match $language {
            irc::numerics::Language::En => format!($english $(, $argument)*),
            irc::numerics::Language::It => format!($italian $(, $argument)*),
        }
    };
}

/// Sentences that are always the same: `/// When it is said. name "English" / "Italiano";`
macro_rules! sentences {
    ($($(#[$when:meta])* $name:ident $english:literal / $italian:literal;)*) => {$(
        $(#[$when])*
        pub fn $name(language: Language) -> &'static str {
            match language {
                Language::En => $english,
                Language::It => $italian,
            }
        }
    )*};
}

pub mod accounts;
pub mod authtoken;
pub mod delivery;
pub mod history;
pub mod invitations;
pub mod metadata;
pub mod moderation;
mod refusals;
pub mod search;
pub mod uploads;
pub mod webpush;

use irc::numerics::Language;

pub use refusals::refusal;

sentences! {
    /// A line was not valid UTF-8.
    invalid_utf8
        "That was not valid UTF-8, so nobody saw it; set your client to UTF-8"
        / "Il testo non era UTF-8 valido e nessuno lo ha visto; imposta UTF-8 nel tuo client";

    /// A line holds a NUL, or a WebSocket message several lines.
    forbidden_byte
        "A message cannot contain a NUL byte or a line end, so nobody saw it"
        / "Un messaggio non può contenere un byte NUL né un a capo, e nessuno lo ha visto";

    /// MARKREAD came without a target.
    markread_needs_target
        "Say which channel or person has been read"
        / "Indica quale canale o persona è stata letta";

    /// MARKREAD came with something that is no time.
    markread_bad_timestamp
        "The time is written timestamp=2026-11-21T03:45:00.000Z"
        / "Il tempo si scrive timestamp=2026-11-21T03:45:00.000Z";

    /// EDIT came without new words, or with such as fit no line.
    edit_text
        "The new text is one line, not empty, and fits a message"
        / "Il nuovo testo è una riga, non vuota, che entra in un messaggio";

    /// A batch was not taken: it has another target, or none, or several.
    multiline_target
        "A message of several lines goes to one target, the same in every line; nobody saw it"
        / "Un messaggio di più righe ha un solo destinatario, lo stesso in ogni riga; nessuno lo ha visto";

    /// A batch was not taken: a line in it is no message.
    multiline_line
        "In a message of several lines each line is a PRIVMSG, or each a NOTICE; nobody saw it"
        / "In un messaggio di più righe ogni riga è un PRIVMSG, o ogni riga un NOTICE; nessuno lo ha visto";

    /// A batch was not taken: it is blank, or a blank line continues another.
    multiline_blank
        "A blank line cannot continue another, and not all lines can be blank; nobody saw it"
        / "Una riga vuota non può continuarne un'altra, e non tutte possono essere vuote; nessuno lo ha visto";

    /// A batch was not taken: a line in it is too long to be passed on.
    multiline_long_line
        "One of the lines is too long to be passed on; nobody saw the message"
        / "Una delle righe è troppo lunga per essere inoltrata; nessuno ha visto il messaggio";

    /// A batch was not taken: the tags of its lines are too long together.
    multiline_tags
        "The tags of the message are too long together; nobody saw it"
        / "Le etichette del messaggio sono troppo lunghe insieme; nessuno lo ha visto";

    /// A batch was not taken: it has too many lines.
    multiline_lines
        "The message has too many lines; nobody saw it"
        / "Il messaggio ha troppe righe; nessuno lo ha visto";

    /// A batch was not taken: it has too many bytes.
    multiline_bytes
        "The message is too long; nobody saw it"
        / "Il messaggio è troppo lungo; nessuno lo ha visto";

    /// A batch was not taken, or a line belongs to none.
    batch_reference
        "One batch after the other, each closed under the name it was opened with; nobody saw this one"
        / "Un gruppo di righe alla volta, chiuso con il nome con cui è stato aperto; nessuno ha visto questo";

    /// A batch is of a type that nobody knows.
    batch_type
        "Batches of this type are not taken; its lines are ignored"
        / "Gruppi di questo tipo non sono accettati; le loro righe sono ignorate";

    /// A batch was not taken: one of its lines could not be read.
    batch_line_lost
        "A line was lost because it could not be read, so nobody saw the message"
        / "Una riga illeggibile è andata persa, quindi nessuno ha visto il messaggio";

    /// A batch was left open for too long.
    batch_timeout
        "The batch was left open for too long; its lines are ignored"
        / "Il gruppo di righe è rimasto aperto troppo a lungo; le sue righe sono ignorate";

    /// The connection password is wrong or missing: the reason in `ERROR`.
    bad_password
        "Password incorrect"
        / "Password errata";

    /// WEBIRC from an address that is not in `server.trusted_proxies`.
    webirc_not_trusted
        "WEBIRC is only for gateways that this server knows"
        / "WEBIRC è solo per i gateway che questo server conosce";

    /// WEBIRC after something else.
    webirc_not_first
        "WEBIRC must be the first command"
        / "WEBIRC dev'essere il primo comando";

    /// WEBIRC without the password that gateways have to know.
    webirc_bad_password
        "Invalid WEBIRC password"
        / "Password WEBIRC errata";

    /// WEBIRC without a usable address.
    webirc_bad_address
        "WEBIRC: the fourth parameter is not an address"
        / "WEBIRC: il quarto parametro non è un indirizzo";
}
