//! What people read of accounts: why a log-in or a registration fails.

use chat::refusal::CannotRegister;
use irc::numerics::Language;

/// Why a log-in fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogInTrouble {
    /// The account is banned from the server.
    Banned,
    /// Name or password, one does not say which.
    Wrong,
    /// What was sent has not the form it must have: that of this.
    Form(&'static str),
    /// The client wants the rights of another account than its own.
    Foreign,
    /// Too much was sent.
    TooLong,
    /// No such mechanism; which there are is told apart.
    Mechanism,
    /// The client has shown no certificate.
    NoCertificate,
    /// So much is being checked that this was not begun, or nothing can be kept.
    Busy,
    /// Too many passwords were tried.
    TooMany {
        /// How long to wait.
        seconds: u64,
    },
}

/// Says why a log-in fails, behind "SASL authentication failed".
pub fn log_in(trouble: LogInTrouble, language: Language) -> String {
    match (language, trouble) {
        (_, LogInTrouble::Mechanism) => String::new(),
        (Language::En, LogInTrouble::Wrong) => ": wrong name or password".to_owned(),
        (Language::En, LogInTrouble::Form(what)) => format!(": this is not well-formed ({what})"),
        (Language::En, LogInTrouble::Foreign) => ": you can only log in as yourself".to_owned(),
        (Language::En, LogInTrouble::TooLong) => ": that was too long".to_owned(),
        (Language::En, LogInTrouble::NoCertificate) => ": your client has shown no certificate".to_owned(),
        (Language::En, LogInTrouble::Banned) => ": this account is banned from the server".to_owned(),
        (Language::En, LogInTrouble::Busy) => ": the server is busy, try again in a moment".to_owned(),
        (Language::En, LogInTrouble::TooMany { seconds }) => {
            format!(": too many attempts, try again in {seconds} seconds")
        }
        (Language::It, LogInTrouble::Wrong) => ": nome o password errati".to_owned(),
        (Language::It, LogInTrouble::Form(what)) => format!(": il formato non è valido ({what})"),
        (Language::It, LogInTrouble::Foreign) => ": puoi accedere solo con il tuo account".to_owned(),
        (Language::It, LogInTrouble::TooLong) => ": troppo lungo".to_owned(),
        (Language::It, LogInTrouble::NoCertificate) => ": il tuo client non ha mostrato un certificato".to_owned(),
        (Language::It, LogInTrouble::Banned) => ": questo account è bandito dal server".to_owned(),
        (Language::It, LogInTrouble::Busy) => ": il server è occupato, riprova tra un momento".to_owned(),
        (Language::It, LogInTrouble::TooMany { seconds }) => {
            format!(": troppi tentativi, riprova tra {seconds} secondi")
        }
    }
}

/// Why an account is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterTrouble {
    /// Only after connection registration.
    NotBeforeConnect,
    /// An account called `*` is called like the nick, and there is none.
    NeedNick,
    /// There is no mail address, or it is none.
    Email,
    /// The password can be guessed.
    WeakPassword,
    /// The password is too long.
    PasswordTooLong,
    /// So much is being hashed that this was not begun, or nothing can be kept.
    Busy,
    /// VERIFY, though no account waits for a code.
    NothingToVerify,
    /// The hall says no.
    No(CannotRegister),
}

/// Says why an account is not made.
pub fn register(trouble: RegisterTrouble, language: Language) -> String {
    match (language, trouble) {
        (_, RegisterTrouble::No(why)) => cannot_register(why, language),
        (_, RegisterTrouble::NothingToVerify) => nothing_to_verify(language).to_owned(),
        (Language::En, RegisterTrouble::NotBeforeConnect) => "Finish connecting first, then register".to_owned(),
        (Language::En, RegisterTrouble::NeedNick) => "Choose a nick first: the account gets its name".to_owned(),
        (Language::En, RegisterTrouble::Email) => "An e-mail address is needed, like anna@example.org".to_owned(),
        (Language::En, RegisterTrouble::WeakPassword) => "That password is too easy to guess".to_owned(),
        (Language::En, RegisterTrouble::PasswordTooLong) => "That password is too long".to_owned(),
        (Language::En, RegisterTrouble::Busy) => "The server is busy, try again in a moment".to_owned(),
        (Language::It, RegisterTrouble::NotBeforeConnect) => "Prima completa la connessione, poi registrati".to_owned(),
        (Language::It, RegisterTrouble::NeedNick) => "Scegli prima un nick: l'account ne prende il nome".to_owned(),
        (Language::It, RegisterTrouble::Email) => "Serve un indirizzo e-mail, come anna@example.org".to_owned(),
        (Language::It, RegisterTrouble::WeakPassword) => "Questa password è troppo facile da indovinare".to_owned(),
        (Language::It, RegisterTrouble::PasswordTooLong) => "Questa password è troppo lunga".to_owned(),
        (Language::It, RegisterTrouble::Busy) => "Il server è occupato, riprova tra un momento".to_owned(),
    }
}

/// Says why an account cannot be made.
pub(super) fn cannot_register(why: CannotRegister, language: Language) -> String {
    match (language, why) {
        (Language::En, CannotRegister::Exists) => "That name is taken".to_owned(),
        (Language::En, CannotRegister::NickInUse) => "Somebody else uses that name as their nick".to_owned(),
        (Language::En, CannotRegister::Removed) => {
            "That name belonged to an account that was removed, and is given to nobody again".to_owned()
        }
        (Language::En, CannotRegister::BadName) => "That cannot be the name of an account".to_owned(),
        (Language::En, CannotRegister::MustBeNick) => "Here an account is called like your nick".to_owned(),
        (Language::En, CannotRegister::AlreadyAuthenticated) => "You are already logged in to an account".to_owned(),
        (Language::En, CannotRegister::Closed) => "Accounts are made by the administrator here".to_owned(),
        (Language::En, CannotRegister::Raid) => {
            "There is trouble on this server, so nobody can register for now; please try again later".to_owned()
        }
        (Language::En, CannotRegister::InvitationNeeded) => "You need an invitation to make an account".to_owned(),
        (Language::En, CannotRegister::InvitationInvalid) => "That invitation does not hold, or is used up".to_owned(),
        (Language::En, CannotRegister::TooMany { seconds }) => {
            format!("Too many accounts were made from your address; try again in {seconds} seconds")
        }
        (Language::It, CannotRegister::Exists) => "Questo nome è già preso".to_owned(),
        (Language::It, CannotRegister::NickInUse) => "Qualcun altro usa questo nome come nick".to_owned(),
        (Language::It, CannotRegister::Removed) => {
            "Questo nome era di un account eliminato, e non sarà più di nessuno".to_owned()
        }
        (Language::It, CannotRegister::BadName) => "Questo non può essere il nome di un account".to_owned(),
        (Language::It, CannotRegister::MustBeNick) => "Qui un account si chiama come il tuo nick".to_owned(),
        (Language::It, CannotRegister::AlreadyAuthenticated) => "Hai già effettuato l'accesso".to_owned(),
        (Language::It, CannotRegister::Closed) => "Qui gli account li crea l'amministratore".to_owned(),
        (Language::It, CannotRegister::Raid) => {
            "Il server è sotto disturbo: per ora nessuno può registrarsi; riprova più tardi".to_owned()
        }
        (Language::It, CannotRegister::InvitationNeeded) => "Per creare un account serve un invito".to_owned(),
        (Language::It, CannotRegister::InvitationInvalid) => "Questo invito non vale, o è esaurito".to_owned(),
        (Language::It, CannotRegister::TooMany { seconds }) => {
            format!("Troppi account creati dal tuo indirizzo; riprova tra {seconds} secondi")
        }
    }
}

/// An account is made: what follows `REGISTER SUCCESS`.
pub fn registered(language: Language) -> &'static str {
    match language {
        Language::En => "Account created",
        Language::It => "Account creato",
    }
}

/// An account is made, as a service says it.
pub fn registered_as(account: &str, language: Language) -> String {
    match language {
        Language::En => format!("The account {account} is yours. Log in with its name and your password next time."),
        Language::It => {
            format!("L'account {account} è tuo. La prossima volta accedi con il suo nome e la tua password.")
        }
    }
}

/// The answer to every VERIFY.
pub fn nothing_to_verify(language: Language) -> &'static str {
    match language {
        Language::En => "There is nothing to verify: an account can be used at once",
        Language::It => "Non c'è nulla da verificare: un account si può usare subito",
    }
}
