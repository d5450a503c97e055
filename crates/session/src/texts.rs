//! What people read that is no numeric: sentences in English and Italian, plain enough for somebody who never heard of IRC.

pub mod accounts;
pub mod delivery;
pub mod history;
pub mod invitations;
pub mod metadata;
pub mod moderation;
pub mod search;

use chat::refusal::{BadServerBan, CannotRelay, CannotSend, NoHistory, Refusal, RegistrationRefusal};
use irc::numerics::Language;

use accounts::cannot_register;

/// A line was not valid UTF-8.
pub fn invalid_utf8(language: Language) -> &'static str {
    match language {
        Language::En => "That was not valid UTF-8, so nobody saw it; set your client to UTF-8",
        Language::It => "Il testo non era UTF-8 valido e nessuno lo ha visto; imposta UTF-8 nel tuo client",
    }
}

/// A line holds a NUL.
pub fn forbidden_byte(language: Language) -> &'static str {
    match language {
        Language::En => "A message cannot contain a NUL byte, so nobody saw it",
        Language::It => "Un messaggio non può contenere un byte NUL e nessuno lo ha visto",
    }
}

/// MARKREAD came without a target.
pub fn markread_needs_target(language: Language) -> &'static str {
    match language {
        Language::En => "Say which channel or person has been read",
        Language::It => "Indica quale canale o persona è stata letta",
    }
}

/// MARKREAD came with something that is no time.
pub fn markread_bad_timestamp(language: Language) -> &'static str {
    match language {
        Language::En => "The time is written timestamp=2026-11-21T03:45:00.000Z",
        Language::It => "Il tempo si scrive timestamp=2026-11-21T03:45:00.000Z",
    }
}

/// EDIT came without new words, or with such as fit no line.
pub fn edit_text(language: Language) -> &'static str {
    match language {
        Language::En => "The new text is one line, not empty, and fits a message",
        Language::It => "Il nuovo testo è una riga, non vuota, che entra in un messaggio",
    }
}

/// A batch was not taken: it has another target, or none, or several.
pub fn multiline_target(language: Language) -> &'static str {
    match language {
        Language::En => "A message of several lines goes to one target, the same in every line; nobody saw it",
        Language::It => {
            "Un messaggio di più righe ha un solo destinatario, lo stesso in ogni riga; nessuno lo ha visto"
        }
    }
}

/// A batch was not taken: a line in it is no message.
pub fn multiline_line(language: Language) -> &'static str {
    match language {
        Language::En => "In a message of several lines each line is a PRIVMSG, or each a NOTICE; nobody saw it",
        Language::It => {
            "In un messaggio di più righe ogni riga è un PRIVMSG, o ogni riga un NOTICE; nessuno lo ha visto"
        }
    }
}

/// A batch was not taken: it is blank, or a blank line continues another.
pub fn multiline_blank(language: Language) -> &'static str {
    match language {
        Language::En => "A blank line cannot continue another, and not all lines can be blank; nobody saw it",
        Language::It => {
            "Una riga vuota non può continuarne un'altra, e non tutte possono essere vuote; nessuno lo ha visto"
        }
    }
}

/// A batch was not taken: a line in it is too long to be passed on.
pub fn multiline_long_line(language: Language) -> &'static str {
    match language {
        Language::En => "One of the lines is too long to be passed on; nobody saw the message",
        Language::It => "Una delle righe è troppo lunga per essere inoltrata; nessuno ha visto il messaggio",
    }
}

/// A batch was not taken: the tags of its lines are too long together.
pub fn multiline_tags(language: Language) -> &'static str {
    match language {
        Language::En => "The tags of the message are too long together; nobody saw it",
        Language::It => "Le etichette del messaggio sono troppo lunghe insieme; nessuno lo ha visto",
    }
}

/// A batch was not taken: it has too many lines.
pub fn multiline_lines(language: Language) -> &'static str {
    match language {
        Language::En => "The message has too many lines; nobody saw it",
        Language::It => "Il messaggio ha troppe righe; nessuno lo ha visto",
    }
}

/// A batch was not taken: it has too many bytes.
pub fn multiline_bytes(language: Language) -> &'static str {
    match language {
        Language::En => "The message is too long; nobody saw it",
        Language::It => "Il messaggio è troppo lungo; nessuno lo ha visto",
    }
}

/// A batch was not taken, or a line belongs to none.
pub fn batch_reference(language: Language) -> &'static str {
    match language {
        Language::En => "One batch after the other, each closed under the name it was opened with; nobody saw this one",
        Language::It => {
            "Un gruppo di righe alla volta, chiuso con il nome con cui è stato aperto; nessuno ha visto questo"
        }
    }
}

/// A batch is of a type that nobody knows.
pub fn batch_type(language: Language) -> &'static str {
    match language {
        Language::En => "Batches of this type are not taken; its lines are ignored",
        Language::It => "Gruppi di questo tipo non sono accettati; le loro righe sono ignorate",
    }
}

/// A batch was not taken: one of its lines could not be read.
pub fn batch_line_lost(language: Language) -> &'static str {
    match language {
        Language::En => "A line was lost because it could not be read, so nobody saw the message",
        Language::It => "Una riga illeggibile è andata persa, quindi nessuno ha visto il messaggio",
    }
}

/// A batch was left open for too long.
pub fn batch_timeout(language: Language) -> &'static str {
    match language {
        Language::En => "The batch was left open for too long; its lines are ignored",
        Language::It => "Il gruppo di righe è rimasto aperto troppo a lungo; le sue righe sono ignorate",
    }
}

/// The connection password is wrong or missing: the reason in `ERROR`.
pub fn bad_password(language: Language) -> &'static str {
    match language {
        Language::En => "Password incorrect",
        Language::It => "Password errata",
    }
}

/// WEBIRC from an address that is not in `server.trusted_proxies`.
pub fn webirc_not_trusted(language: Language) -> &'static str {
    match language {
        Language::En => "WEBIRC is only for gateways that this server knows",
        Language::It => "WEBIRC è solo per i gateway che questo server conosce",
    }
}

/// WEBIRC after something else.
pub fn webirc_not_first(language: Language) -> &'static str {
    match language {
        Language::En => "WEBIRC must be the first command",
        Language::It => "WEBIRC dev'essere il primo comando",
    }
}

/// WEBIRC without the password that gateways have to know.
pub fn webirc_bad_password(language: Language) -> &'static str {
    match language {
        Language::En => "Invalid WEBIRC password",
        Language::It => "Password WEBIRC errata",
    }
}

/// WEBIRC without a usable address.
pub fn webirc_bad_address(language: Language) -> &'static str {
    match language {
        Language::En => "WEBIRC: the fourth parameter is not an address",
        Language::It => "WEBIRC: il quarto parametro non è un indirizzo",
    }
}

/// Says a refusal as one sentence, without numbers and without the protocol's words.
pub fn refusal(refusal: &Refusal, language: Language) -> String {
    match language {
        Language::En => refusal_in_english(refusal),
        Language::It => refusal_in_italian(refusal),
    }
}

fn refusal_in_english(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoSuchNick(name) => format!("There is nobody called {name}."),
        Refusal::NoSuchChannel(channel) => format!("There is no channel {channel}."),
        Refusal::CannotSend { channel, why } => match why {
            CannotSend::External => format!("Only those who are in {channel} may write there."),
            CannotSend::Moderated => format!("In {channel} only those who have been given the word may write."),
            CannotSend::Banned => format!("You are banned from {channel}, so you cannot write there."),
            CannotSend::Muted => format!("You have been muted in {channel}: you can read, but not write."),
            CannotSend::AccountNeeded => format!("In {channel} only people who are logged in to an account may write."),
            CannotSend::Raid => format!(
                "There is trouble on this server, so for now only people who are logged in to an account may write in {channel}. Nobody saw your message; please try again later."
            ),
            CannotSend::Ctcp => format!("{channel} takes no requests to other people's programs."),
        },
        Refusal::NoText => "There was no text to send.".to_owned(),
        Refusal::WasNoSuchNick(name) => format!("Nobody was called {name} lately."),
        Refusal::ErroneousNickname(name) => format!("{name} cannot be used as a name."),
        Refusal::NicknameInUse(name) => format!("Somebody is already called {name}."),
        Refusal::NicknameReserved(name) => {
            format!("{name} belongs to an account: log in to it, or take another name.")
        }
        Refusal::Account(why) => accounts::account_in_english(why),
        Refusal::TooManySessions { nick, limit } => {
            format!("{nick} has {limit} connections already; close one, or take another nick.")
        }
        Refusal::UserNotInChannel { nick, channel } => format!("{nick} is not in {channel}."),
        Refusal::NotOnChannel(channel) => format!("You are not in {channel}."),
        Refusal::UserOnChannel { nick, channel } => format!("{nick} is already in {channel}."),
        Refusal::TooManyChannels(channel) => {
            format!("You are in too many channels to enter {channel}; leave one first.")
        }
        Refusal::ChannelIsFull(channel) => format!("{channel} is full."),
        Refusal::UnknownMode { letter } => format!("Channels have no mode {letter}."),
        Refusal::InviteOnly(channel) => format!("You can enter {channel} only if you are invited."),
        Refusal::Banned(channel) => format!("You are banned from {channel}."),
        Refusal::BadKey(channel) => format!("{channel} has a key, and that was not it."),
        Refusal::BadChannelName(channel) => format!("{channel} cannot be used as a channel's name."),
        Refusal::ListFull { channel, mask } => format!("The lists of {channel} are full: no room for {mask}."),
        Refusal::AccountNeeded(channel) => format!("Only people who are logged in to an account may enter {channel}."),
        Refusal::TooManyJoins(channel) => {
            format!("Too many people have just entered {channel}; try again in a moment.")
        }
        Refusal::NotAnOperator => "Only the server's operators may do that.".to_owned(),
        Refusal::PrivilegeNeeded(_) => "Only operators of a higher class may do that.".to_owned(),
        Refusal::ServerBanned { reason, until: Some(until) } => {
            format!("You are banned from this server until {}: {reason}", moderation::minute(*until))
        }
        Refusal::ServerBanned { reason, until: None } => format!("You are banned from this server: {reason}"),
        Refusal::BadServerBan { what, why } => bad_ban_in_english(what, *why),
        Refusal::NoSuchServerBan(what) => format!("There is no ban on {what}; BAN LIST shows all."),
        Refusal::SilencedInPrivate(nick) => format!(
            "There is trouble on this server, so for now only people who are logged in to an account may write to {nick}. You can write to the server's operators."
        ),
        Refusal::OperatorNeeded(channel) => format!("Only operators of {channel} may do that."),
        Refusal::LogInNeeded { .. } => "An account is required".to_owned(),
        Refusal::FounderNeeded(channel) => format!("Only the founder of {channel} may do that."),
        Refusal::Registration { channel, why } => registration_in_english(channel, why),
        Refusal::UnknownUserMode => "Users have no such mode.".to_owned(),
        Refusal::UsersDontMatch => "Other people's modes are theirs.".to_owned(),
        Refusal::BadModeParam { letter, .. } => match letter {
            'k' => "A key is one word without spaces or commas".to_owned(),
            'l' => "A limit is a number from 1".to_owned(),
            'j' => "Mode j takes a number of joins and of seconds, such as 5:10".to_owned(),
            letter => format!("Mode {letter} cannot be set to this"),
        },
        Refusal::BadRealName => "The real name is empty or too long.".to_owned(),
        Refusal::BadHost => "The user name or the host is not valid.".to_owned(),
        Refusal::ChannelNameInUse { new, .. } => format!("There is a channel {new} already."),
        Refusal::CannotRename { old, new } => format!("{old} cannot be renamed to {new}."),
        Refusal::ChannelOpen(channel) => format!("{channel} is open: you can just enter it."),
        Refusal::KnockOnChannel(channel) => format!("You are already in {channel}."),
        Refusal::TooManyKnocks(channel) => format!("You knocked at {channel} a moment ago; please wait."),
        Refusal::MonitorListFull { limit, nicks } => {
            format!("You can watch {limit} people at most; not watched: {nicks}.")
        }
        Refusal::CannotChange { target, why, .. } => history::cannot_change(target, *why, Language::En),
        Refusal::CannotDeliver { why, .. } => delivery::cannot_deliver(*why, Language::En).to_owned(),
        Refusal::CannotRelay(why) => match why {
            CannotRelay::NotEnabled => "Messages from elsewhere are not taken here.".to_owned(),
            CannotRelay::PrivilegesNeeded => "You may not relay messages to this channel.".to_owned(),
            CannotRelay::InvalidNick => "Nobody elsewhere can be called that.".to_owned(),
            CannotRelay::Blank => "There was no text to relay.".to_owned(),
        },
        Refusal::TooManyGuesses { seconds } => format!("Too many attempts; try again in {seconds} seconds."),
        Refusal::NoSuchAccount => "You are not logged in to an account.".to_owned(),
        Refusal::AccountRequired => {
            "Only people with an account may enter here: log in to yours (SASL in your client's settings).".to_owned()
        }
        Refusal::CannotRegister { why, .. } => format!("{}.", cannot_register(*why, Language::En)),
        Refusal::NoHistory { why, .. } => match why {
            NoHistory::Target => "There is nothing here that you may read.".to_owned(),
            NoHistory::Message => "Nobody knows this message.".to_owned(),
            NoHistory::Unreadable => "Messages could not be retrieved; try again later.".to_owned(),
        },
        Refusal::NoSearch(why) => search::no_search(why, Language::En),
        Refusal::Metadata(why) => metadata::refusal(why, Language::En),
        Refusal::CannotKeep { why, .. } => {
            format!("That was not done, because the server cannot store anything now ({why}). Try again later.")
        }
    }
}

fn bad_ban_in_english(what: &str, why: BadServerBan) -> String {
    match why {
        BadServerBan::Unreadable => format!(
            "{what} is no address, network, mask or account that can be banned here, and nobody online is called so."
        ),
        BadServerBan::TooWide => format!("{what} would keep out nearly everybody; name fewer."),
        BadServerBan::Yourself => format!("{what} would disconnect you as well, so nothing was done."),
        BadServerBan::Loopback => {
            format!("{what} is this machine itself, which is not banned by address; use a mask or an account.")
        }
        BadServerBan::ListFull => format!("There are too many bans for one more on {what}; undo some first."),
    }
}

fn bad_ban_in_italian(what: &str, why: BadServerBan) -> String {
    match why {
        BadServerBan::Unreadable => format!(
            "{what} non è un indirizzo, una rete, una maschera o un account da bandire, e nessuno in linea si chiama così."
        ),
        BadServerBan::TooWide => format!("{what} terrebbe fuori quasi tutti; indica meno."),
        BadServerBan::Yourself => format!("{what} disconnetterebbe anche te: non è stato fatto nulla."),
        BadServerBan::Loopback => {
            format!(
                "{what} è questa macchina stessa, che non si bandisce per indirizzo; usa una maschera o un account."
            )
        }
        BadServerBan::ListFull => format!("Ci sono troppi bandi per aggiungere {what}; prima annullane qualcuno."),
    }
}

#[expect(clippy::too_many_lines, reason = "a table: one sentence for each refusal")]
fn refusal_in_italian(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoSuchNick(name) => format!("Nessuno si chiama {name}."),
        Refusal::NoSuchChannel(channel) => format!("Il canale {channel} non esiste."),
        Refusal::CannotSend { channel, why } => match why {
            CannotSend::External => format!("In {channel} può scrivere solo chi è dentro."),
            CannotSend::Moderated => format!("In {channel} scrive solo chi ha ricevuto la parola."),
            CannotSend::Banned => format!("Sei stato bandito da {channel} e non puoi scriverci."),
            CannotSend::Muted => format!("In {channel} ti è stata tolta la parola: puoi leggere, ma non scrivere."),
            CannotSend::AccountNeeded => {
                format!("In {channel} scrive solo chi ha effettuato l'accesso con un account.")
            }
            CannotSend::Raid => format!(
                "Il server è sotto disturbo: per ora in {channel} scrive solo chi ha effettuato l'accesso con un account. Nessuno ha visto il tuo messaggio; riprova più tardi."
            ),
            CannotSend::Ctcp => format!("{channel} non accetta richieste ai programmi altrui."),
        },
        Refusal::NoText => "Non c'era alcun testo da inviare.".to_owned(),
        Refusal::WasNoSuchNick(name) => format!("Di recente nessuno si è chiamato {name}."),
        Refusal::ErroneousNickname(name) => format!("{name} non può essere usato come nome."),
        Refusal::NicknameInUse(name) => format!("Qualcuno si chiama già {name}."),
        Refusal::NicknameReserved(name) => {
            format!("{name} appartiene a un account: accedi con quello o scegli un altro nome.")
        }
        Refusal::Account(why) => accounts::account_in_italian(why),
        Refusal::TooManySessions { nick, limit } => {
            format!("{nick} ha già {limit} connessioni: chiudine una o scegli un altro nick.")
        }
        Refusal::UserNotInChannel { nick, channel } => format!("{nick} non è in {channel}."),
        Refusal::NotOnChannel(channel) => format!("Non sei in {channel}."),
        Refusal::UserOnChannel { nick, channel } => format!("{nick} è già in {channel}."),
        Refusal::TooManyChannels(channel) => {
            format!("Sei in troppi canali per entrare in {channel}: prima lasciane uno.")
        }
        Refusal::ChannelIsFull(channel) => format!("{channel} è al completo."),
        Refusal::UnknownMode { letter } => format!("I canali non hanno il modo {letter}."),
        Refusal::InviteOnly(channel) => format!("In {channel} si entra solo su invito."),
        Refusal::Banned(channel) => format!("Sei stato bandito da {channel}."),
        Refusal::BadKey(channel) => format!("{channel} ha una chiave, e non era quella."),
        Refusal::BadChannelName(channel) => format!("{channel} non può essere il nome di un canale."),
        Refusal::ListFull { channel, mask } => {
            format!("Le liste di {channel} sono piene: non c'è posto per {mask}.")
        }
        Refusal::AccountNeeded(channel) => {
            format!("In {channel} entra solo chi ha effettuato l'accesso con un account.")
        }
        Refusal::TooManyJoins(channel) => {
            format!("In {channel} sono appena entrati in troppi; riprova tra un momento.")
        }
        Refusal::NotAnOperator => "Possono farlo solo gli operatori del server.".to_owned(),
        Refusal::PrivilegeNeeded(_) => "Possono farlo solo operatori di classe superiore.".to_owned(),
        Refusal::ServerBanned { reason, until: Some(until) } => {
            format!("Sei bandito da questo server fino al {}: {reason}", moderation::minute(*until))
        }
        Refusal::ServerBanned { reason, until: None } => format!("Sei bandito da questo server: {reason}"),
        Refusal::BadServerBan { what, why } => bad_ban_in_italian(what, *why),
        Refusal::NoSuchServerBan(what) => format!("Non c'è alcun bando su {what}; BAN LIST li mostra tutti."),
        Refusal::SilencedInPrivate(nick) => format!(
            "Il server è sotto disturbo: per ora solo chi ha effettuato l'accesso con un account può scrivere a {nick}. Puoi scrivere agli operatori del server."
        ),
        Refusal::OperatorNeeded(channel) => format!("Possono farlo solo gli operatori di {channel}."),
        Refusal::LogInNeeded { .. } => "Serve un account".to_owned(),
        Refusal::FounderNeeded(channel) => format!("Può farlo solo chi ha fondato {channel}."),
        Refusal::Registration { channel, why } => registration_in_italian(channel, why),
        Refusal::UnknownUserMode => "Gli utenti non hanno questo modo.".to_owned(),
        Refusal::UsersDontMatch => "I modi degli altri sono affar loro.".to_owned(),
        Refusal::BadModeParam { letter, .. } => match letter {
            'k' => "Una chiave è una parola senza spazi né virgole".to_owned(),
            'l' => "Un limite è un numero da 1 in su".to_owned(),
            'j' => "Il modo j vuole un numero di ingressi e di secondi, come 5:10".to_owned(),
            letter => format!("Il modo {letter} non può avere questo valore"),
        },
        Refusal::BadRealName => "Il nome reale è vuoto o troppo lungo.".to_owned(),
        Refusal::BadHost => "Il nome utente o l'host non è valido.".to_owned(),
        Refusal::ChannelNameInUse { new, .. } => format!("C'è già un canale {new}."),
        Refusal::CannotRename { old, new } => format!("{old} non può essere rinominato in {new}."),
        Refusal::ChannelOpen(channel) => format!("{channel} è aperto: puoi entrare."),
        Refusal::KnockOnChannel(channel) => format!("Sei già in {channel}."),
        Refusal::TooManyKnocks(channel) => format!("Hai appena bussato a {channel}: attendi un momento."),
        Refusal::MonitorListFull { limit, nicks } => {
            format!("Puoi seguire al massimo {limit} persone; non seguite: {nicks}.")
        }
        Refusal::CannotChange { target, why, .. } => history::cannot_change(target, *why, Language::It),
        Refusal::CannotDeliver { why, .. } => delivery::cannot_deliver(*why, Language::It).to_owned(),
        Refusal::CannotRelay(why) => match why {
            CannotRelay::NotEnabled => "Qui non si accettano messaggi da altrove.".to_owned(),
            CannotRelay::PrivilegesNeeded => "Non puoi inoltrare messaggi in questo canale.".to_owned(),
            CannotRelay::InvalidNick => "Nessuno altrove può chiamarsi così.".to_owned(),
            CannotRelay::Blank => "Non c'era alcun testo da inoltrare.".to_owned(),
        },
        Refusal::TooManyGuesses { seconds } => format!("Troppi tentativi; riprova tra {seconds} secondi."),
        Refusal::NoSuchAccount => "Non hai effettuato l'accesso con un account.".to_owned(),
        Refusal::AccountRequired => {
            "Qui entra solo chi ha un account: accedi con il tuo (SASL nelle impostazioni del client).".to_owned()
        }
        Refusal::CannotRegister { why, .. } => format!("{}.", cannot_register(*why, Language::It)),
        Refusal::NoHistory { why, .. } => match why {
            NoHistory::Target => "Qui non c'è niente che tu possa leggere.".to_owned(),
            NoHistory::Message => "Nessuno conosce questo messaggio.".to_owned(),
            NoHistory::Unreadable => "Non è stato possibile leggere i messaggi; riprova più tardi.".to_owned(),
        },
        Refusal::NoSearch(why) => search::no_search(why, Language::It),
        Refusal::Metadata(why) => metadata::refusal(why, Language::It),
        Refusal::CannotKeep { why, .. } => {
            format!("Non è stato fatto: ora il server non può salvare nulla ({why}). Riprova più tardi.")
        }
    }
}

fn registration_in_english(channel: &str, why: &RegistrationRefusal) -> String {
    match why {
        RegistrationRefusal::AccountNeeded => "Log in to your account first.".to_owned(),
        RegistrationRefusal::Registered => format!("{channel} is registered already."),
        RegistrationRefusal::NotRegistered => format!("{channel} is not registered."),
        RegistrationRefusal::Permanent => format!("{channel} is a room of the server and belongs to nobody."),
        RegistrationRefusal::TooMany { limit } => format!("An account can have {limit} registered channels at most."),
        RegistrationRefusal::NoSuchAccount(name) => format!("There is no account {name}."),
        RegistrationRefusal::IsFounder(name) => format!("{channel} belongs to {name}, who needs no other rank."),
        RegistrationRefusal::NotListed(name) => format!("{name} is not on the list of {channel}."),
        RegistrationRefusal::AccessFull { limit } => format!("The list of {channel} is full: {limit} accounts."),
    }
}

fn registration_in_italian(channel: &str, why: &RegistrationRefusal) -> String {
    match why {
        RegistrationRefusal::AccountNeeded => "Prima accedi al tuo account.".to_owned(),
        RegistrationRefusal::Registered => format!("{channel} è già registrato."),
        RegistrationRefusal::NotRegistered => format!("{channel} non è registrato."),
        RegistrationRefusal::Permanent => format!("{channel} è una stanza del server e non è di nessuno."),
        RegistrationRefusal::TooMany { limit } => format!("Un account può avere al massimo {limit} canali registrati."),
        RegistrationRefusal::NoSuchAccount(name) => format!("L'account {name} non esiste."),
        RegistrationRefusal::IsFounder(name) => format!("{channel} è di {name}, che non ha bisogno di altri gradi."),
        RegistrationRefusal::NotListed(name) => format!("{name} non è nella lista di {channel}."),
        RegistrationRefusal::AccessFull { limit } => format!("La lista di {channel} è piena: {limit} account."),
    }
}
