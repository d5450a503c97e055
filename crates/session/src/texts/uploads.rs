//! What is said to operators about the files that people share.

use irc::numerics::Language;

/// Why UPLOADS is not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Words are missing or wrong.
    Usage,
    /// The server takes no files.
    Disabled,
    /// There is no file of this name.
    NoSuchFile,
    /// The disk does not let go of it.
    CannotRemove,
    /// So much waits that it was not begun.
    Busy,
}

/// Why UPLOADS is not carried out.
pub fn trouble(trouble: Trouble, language: Language) -> &'static str {
    match (language, trouble) {
        (Language::En, Trouble::Usage) => "UPLOADS LIST [count [before]], or UPLOADS REMOVE name",
        (Language::En, Trouble::Disabled) => "This server takes no files",
        (Language::En, Trouble::NoSuchFile) => "There is no file of this name",
        (Language::En, Trouble::CannotRemove) => {
            "The disk did not let go of the file: it may be back after a restart. See the log"
        }
        (Language::En, Trouble::Busy) => "Too much is asked at once. Try again",
        (Language::It, Trouble::Usage) => "UPLOADS LIST [quanti [prima]], oppure UPLOADS REMOVE nome",
        (Language::It, Trouble::Disabled) => "Questo server non prende file",
        (Language::It, Trouble::NoSuchFile) => "Non c'è un file con questo nome",
        (Language::It, Trouble::CannotRemove) => {
            "Il disco non ha lasciato andare il file: dopo un riavvio può esserci di nuovo. Vedi il registro del server"
        }
        (Language::It, Trouble::Busy) => "Troppe richieste insieme. Riprova",
    }
}
