//! Why something was not done, as one sentence for people: without numbers and without the protocol's words.
//!
//! What a client is told in numbers: [`crate::features::refusal`].

use chat::refusal::{AccountRefusal, BadServerBan, CannotRelay, CannotSend, NoHistory, Refusal, RegistrationRefusal};
use irc::numerics::Language;

use super::accounts::cannot_register;
use super::{delivery, history, metadata, moderation, search};

/// Says a refusal as one sentence.
#[expect(clippy::too_many_lines, reason = "a table: one sentence for each refusal")]
pub fn refusal(refusal: &Refusal, language: Language) -> String {
    match refusal {
        Refusal::NoSuchNick(name) => say!(language, "There is nobody called {name}." / "Nessuno si chiama {name}."),
        Refusal::NoSuchServer(name) => {
            say!(
                language,
                "There is no server and nobody called {name}."
                    / "Non c'è né un server né qualcuno che si chiami {name}."
            )
        }
        Refusal::NoSuchChannel(channel) => {
            say!(language, "There is no channel {channel}." / "Il canale {channel} non esiste.")
        }
        Refusal::CannotSend { channel, why } => match why {
            CannotSend::External => say!(
                language,
                "Only those who are in {channel} may write there." / "In {channel} può scrivere solo chi è dentro."
            ),
            CannotSend::Moderated => say!(
                language,
                "In {channel} only those who have been given the word may write."
                    / "In {channel} scrive solo chi ha ricevuto la parola."
            ),
            CannotSend::Banned => say!(
                language,
                "You are banned from {channel}, so you cannot write there."
                    / "Sei stato bandito da {channel} e non puoi scriverci."
            ),
            CannotSend::Muted => say!(
                language,
                "You have been muted in {channel}: you can read, but not write."
                    / "In {channel} ti è stata tolta la parola: puoi leggere, ma non scrivere."
            ),
            CannotSend::AccountNeeded => say!(
                language,
                "In {channel} only people who are logged in to an account may write."
                    / "In {channel} scrive solo chi ha effettuato l'accesso con un account."
            ),
            CannotSend::Raid => say!(
                language,
                "There is trouble on this server, so for now only people who are logged in to an account may write in {channel}. Nobody saw your message; please try again later."
                    / "Il server è sotto disturbo: per ora in {channel} scrive solo chi ha effettuato l'accesso con un account. Nessuno ha visto il tuo messaggio; riprova più tardi."
            ),
            CannotSend::Ctcp => say!(
                language,
                "{channel} takes no requests to other people's programs."
                    / "{channel} non accetta richieste ai programmi altrui."
            ),
        },
        Refusal::NoText => say!(language, "There was no text to send." / "Non c'era alcun testo da inviare."),
        Refusal::WasNoSuchNick(name) => {
            say!(language, "Nobody was called {name} lately." / "Di recente nessuno si è chiamato {name}.")
        }
        Refusal::ErroneousNickname(name) => {
            say!(language, "{name} cannot be used as a name." / "{name} non può essere usato come nome.")
        }
        Refusal::NicknameInUse(name) => {
            say!(language, "Somebody is already called {name}." / "Qualcuno si chiama già {name}.")
        }
        Refusal::NicknameReserved(name) => {
            say!(
                language,
                "{name} belongs to an account: log in to it, or take another name."
                    / "{name} appartiene a un account: accedi con quello o scegli un altro nome."
            )
        }
        Refusal::Account(why) => account(why, language),
        Refusal::TooManySessions { nick, limit } => {
            say!(
                language,
                "{nick} has {limit} connections already; close one, or take another nick."
                    / "{nick} ha già {limit} connessioni: chiudine una o scegli un altro nick."
            )
        }
        Refusal::UserNotInChannel { nick, channel } => {
            say!(language, "{nick} is not in {channel}." / "{nick} non è in {channel}.")
        }
        Refusal::NotOnChannel(channel) => say!(language, "You are not in {channel}." / "Non sei in {channel}."),
        Refusal::UserOnChannel { nick, channel } => {
            say!(language, "{nick} is already in {channel}." / "{nick} è già in {channel}.")
        }
        Refusal::NotInvited { nick, channel } => {
            say!(language, "{nick} is not invited to {channel}." / "{nick} non è invitato in {channel}.")
        }
        Refusal::TooManyChannels(channel) => {
            say!(
                language,
                "You are in too many channels to enter {channel}; leave one first."
                    / "Sei in troppi canali per entrare in {channel}: prima lasciane uno."
            )
        }
        Refusal::ChannelIsFull(channel) => say!(language, "{channel} is full." / "{channel} è al completo."),
        Refusal::UnknownMode { letter } => {
            say!(language, "Channels have no mode {letter}." / "I canali non hanno il modo {letter}.")
        }
        Refusal::InviteOnly(channel) => {
            say!(language, "You can enter {channel} only if you are invited." / "In {channel} si entra solo su invito.")
        }
        Refusal::Banned(channel) => {
            say!(language, "You are banned from {channel}." / "Sei stato bandito da {channel}.")
        }
        Refusal::BadKey(channel) => {
            say!(language, "{channel} has a key, and that was not it." / "{channel} ha una chiave, e non era quella.")
        }
        Refusal::BadChannelName(channel) => say!(
            language,
            "{channel} cannot be used as a channel's name." / "{channel} non può essere il nome di un canale."
        ),
        Refusal::ListFull { channel, mask } => say!(
            language,
            "The lists of {channel} are full: no room for {mask}."
                / "Le liste di {channel} sono piene: non c'è posto per {mask}."
        ),
        Refusal::AccountNeeded(channel) => say!(
            language,
            "Only people who are logged in to an account may enter {channel}."
                / "In {channel} entra solo chi ha effettuato l'accesso con un account."
        ),
        Refusal::TooManyJoins(channel) => {
            say!(
                language,
                "Too many people have just entered {channel}; try again in a moment."
                    / "In {channel} sono appena entrati in troppi; riprova tra un momento."
            )
        }
        Refusal::NotAnOperator => {
            say!(language, "Only the server's operators may do that." / "Possono farlo solo gli operatori del server.")
        }
        Refusal::PrivilegeNeeded(_) => say!(
            language,
            "Only operators of a higher class may do that." / "Possono farlo solo operatori di classe superiore."
        ),
        Refusal::ServerBanned { reason, until: Some(until) } => {
            say!(
                language,
                "You are banned from this server until {}: {reason}"
                    / "Sei bandito da questo server fino al {}: {reason}",
                moderation::minute(*until)
            )
        }
        Refusal::ServerBanned { reason, until: None } => {
            say!(language, "You are banned from this server: {reason}" / "Sei bandito da questo server: {reason}")
        }
        Refusal::BadServerBan { what, why } => bad_ban(what, *why, language),
        Refusal::NoSuchServerBan(what) => say!(
            language,
            "There is no ban on {what}; BAN LIST shows all."
                / "Non c'è alcun bando su {what}; BAN LIST li mostra tutti."
        ),
        Refusal::SilencedInPrivate(nick) => say!(
            language,
            "There is trouble on this server, so for now only people who are logged in to an account may write to {nick}. You can write to the server's operators."
                / "Il server è sotto disturbo: per ora solo chi ha effettuato l'accesso con un account può scrivere a {nick}. Puoi scrivere agli operatori del server."
        ),
        Refusal::OperatorNeeded(channel) => say!(
            language,
            "Only operators of {channel} may do that." / "Possono farlo solo gli operatori di {channel}."
        ),
        Refusal::TokenScope(scope) => say!(
            language,
            "You can share files with rooms you are in, and with people who are here: not with {scope}."
                / "Puoi condividere file con le stanze in cui sei e con chi è qui: non con {scope}."
        ),
        Refusal::TooManySubscriptions { limit, .. } => say!(
            language,
            "Only {limit} devices of an account are notified: switch it off on one of the others"
                / "Solo {limit} dispositivi di un account ricevono notifiche: disattivale su uno degli altri"
        ),
        Refusal::LogInNeeded { .. } => say!(language, "An account is required" / "Serve un account"),
        Refusal::FounderNeeded(channel) => {
            say!(language, "Only the founder of {channel} may do that." / "Può farlo solo chi ha fondato {channel}.")
        }
        Refusal::Registration { channel, why } => registration(channel, why, language),
        Refusal::UnknownUserMode => say!(language, "Users have no such mode." / "Gli utenti non hanno questo modo."),
        Refusal::UsersDontMatch => {
            say!(language, "Other people's modes are theirs." / "I modi degli altri sono affar loro.")
        }
        Refusal::BadModeParam { letter, .. } => match letter {
            'k' => say!(
                language,
                "A key is one word without spaces or commas" / "Una chiave è una parola senza spazi né virgole"
            ),
            'l' => say!(language, "A limit is a number from 1" / "Un limite è un numero da 1 in su"),
            'j' => say!(
                language,
                "Mode j takes a number of joins and of seconds, such as 5:10"
                    / "Il modo j vuole un numero di ingressi e di secondi, come 5:10"
            ),
            letter => {
                say!(language, "Mode {letter} cannot be set to this" / "Il modo {letter} non può avere questo valore")
            }
        },
        Refusal::BadRealName => {
            say!(language, "The real name is empty or too long." / "Il nome reale è vuoto o troppo lungo.")
        }
        Refusal::BadHost => {
            say!(language, "The user name or the host is not valid." / "Il nome utente o l'host non è valido.")
        }
        Refusal::ChannelNameInUse { new, .. } => {
            say!(language, "There is a channel {new} already." / "C'è già un canale {new}.")
        }
        Refusal::CannotRename { old, new } => {
            say!(language, "{old} cannot be renamed to {new}." / "{old} non può essere rinominato in {new}.")
        }
        Refusal::ChannelOpen(channel) => {
            say!(language, "{channel} is open: you can just enter it." / "{channel} è aperto: puoi entrare.")
        }
        Refusal::KnockOnChannel(channel) => say!(language, "You are already in {channel}." / "Sei già in {channel}."),
        Refusal::TooManyKnocks(channel) => say!(
            language,
            "You knocked at {channel} a moment ago; please wait."
                / "Hai appena bussato a {channel}: attendi un momento."
        ),
        Refusal::MonitorListFull { limit, nicks } => {
            say!(
                language,
                "You can watch {limit} people at most; not watched: {nicks}."
                    / "Puoi seguire al massimo {limit} persone; non seguite: {nicks}."
            )
        }
        Refusal::CannotChange { target, why, .. } => history::cannot_change(target, *why, language),
        Refusal::CannotDeliver { .. } | Refusal::CannotResume { .. } => delivery::refused(refusal, language),
        Refusal::CannotRelay(why) => match why {
            CannotRelay::NotEnabled => say!(
                language,
                "Messages from elsewhere are not taken here." / "Qui non si accettano messaggi da altrove."
            ),
            CannotRelay::PrivilegesNeeded => say!(
                language,
                "You may not relay messages to this channel." / "Non puoi inoltrare messaggi in questo canale."
            ),
            CannotRelay::InvalidNick => {
                say!(language, "Nobody elsewhere can be called that." / "Nessuno altrove può chiamarsi così.")
            }
            CannotRelay::Blank => say!(language, "There was no text to relay." / "Non c'era alcun testo da inoltrare."),
        },
        Refusal::TooManyGuesses { seconds } => say!(
            language,
            "Too many attempts; try again in {seconds} seconds." / "Troppi tentativi; riprova tra {seconds} secondi."
        ),
        Refusal::NoSuchAccount => {
            say!(language, "You are not logged in to an account." / "Non hai effettuato l'accesso con un account.")
        }
        Refusal::AccountRequired => {
            say!(
                language,
                "Only people with an account may enter here: log in to yours (SASL in your client's settings)."
                    / "Qui entra solo chi ha un account: accedi con il tuo (SASL nelle impostazioni del client)."
            )
        }
        Refusal::CannotRegister { why, .. } => say!(language, "{}." / "{}.", cannot_register(*why, language)),
        Refusal::NoHistory { why, .. } => match why {
            NoHistory::Target => {
                say!(language, "There is nothing here that you may read." / "Qui non c'è niente che tu possa leggere.")
            }
            NoHistory::Message => say!(language, "Nobody knows this message." / "Nessuno conosce questo messaggio."),
            NoHistory::Unreadable => say!(
                language,
                "Messages could not be retrieved; try again later."
                    / "Non è stato possibile leggere i messaggi; riprova più tardi."
            ),
        },
        Refusal::NoSearch(why) => search::no_search(why, language),
        Refusal::Metadata(why) => metadata::refusal(why, language),
        Refusal::CannotKeep { why, .. } => {
            say!(
                language,
                "That was not done, because the server cannot store anything now ({why}). Try again later."
                    / "Non è stato fatto: ora il server non può salvare nulla ({why}). Riprova più tardi."
            )
        }
    }
}

fn bad_ban(what: &str, why: BadServerBan, language: Language) -> String {
    match why {
        BadServerBan::Unreadable => say!(
            language,
            "{what} is no address, network, mask or account that can be banned here, and nobody online is called so."
                / "{what} non è un indirizzo, una rete, una maschera o un account da bandire, e nessuno in linea si chiama così."
        ),
        BadServerBan::TooWide => say!(
            language,
            "{what} would keep out nearly everybody; name fewer." / "{what} terrebbe fuori quasi tutti; indica meno."
        ),
        BadServerBan::Yourself => say!(
            language,
            "{what} would disconnect you as well, so nothing was done."
                / "{what} disconnetterebbe anche te: non è stato fatto nulla."
        ),
        BadServerBan::Loopback => {
            say!(
                language,
                "{what} is this machine itself, which is not banned by address; use a mask or an account."
                    / "{what} è questa macchina stessa, che non si bandisce per indirizzo; usa una maschera o un account."
            )
        }
        BadServerBan::ListFull => say!(
            language,
            "There are too many bans for one more on {what}; undo some first."
                / "Ci sono troppi bandi per aggiungere {what}; prima annullane qualcuno."
        ),
    }
}

fn registration(channel: &str, why: &RegistrationRefusal, language: Language) -> String {
    match why {
        RegistrationRefusal::AccountNeeded => {
            say!(language, "Log in to your account first." / "Prima accedi al tuo account.")
        }
        RegistrationRefusal::Registered => {
            say!(language, "{channel} is registered already." / "{channel} è già registrato.")
        }
        RegistrationRefusal::NotRegistered => {
            say!(language, "{channel} is not registered." / "{channel} non è registrato.")
        }
        RegistrationRefusal::Permanent => say!(
            language,
            "{channel} is a room of the server and belongs to nobody."
                / "{channel} è una stanza del server e non è di nessuno."
        ),
        RegistrationRefusal::TooMany { limit } => say!(
            language,
            "An account can have {limit} registered channels at most."
                / "Un account può avere al massimo {limit} canali registrati."
        ),
        RegistrationRefusal::NoSuchAccount(name) => {
            say!(language, "There is no account {name}." / "L'account {name} non esiste.")
        }
        RegistrationRefusal::IsFounder(name) => say!(
            language,
            "{channel} belongs to {name}, who needs no other rank."
                / "{channel} è di {name}, che non ha bisogno di altri gradi."
        ),
        RegistrationRefusal::NotListed(name) => {
            say!(language, "{name} is not on the list of {channel}." / "{name} non è nella lista di {channel}.")
        }
        RegistrationRefusal::AccessFull { limit } => say!(
            language,
            "The list of {channel} is full: {limit} accounts." / "La lista di {channel} è piena: {limit} account."
        ),
    }
}

fn account(why: &AccountRefusal, language: Language) -> String {
    match why {
        AccountRefusal::NotLoggedIn => say!(language, "Log in to your account first." / "Prima accedi al tuo account."),
        AccountRefusal::Unknown(name) => say!(language, "There is no account {name}." / "L'account {name} non esiste."),
        AccountRefusal::NotYours => say!(language, "That is not your account." / "Questo account non è tuo."),
        AccountRefusal::BadFingerprint => say!(
            language,
            "That is no SHA-256 fingerprint, and your client has shown none."
                / "Non è un'impronta SHA-256, e il tuo client non ne ha mostrata una."
        ),
        AccountRefusal::CertificateTaken => say!(
            language,
            "That certificate proves an account already." / "Questo certificato appartiene già a un account."
        ),
        AccountRefusal::CertificateUnknown => {
            say!(language, "Your account has no such certificate." / "Il tuo account non ha questo certificato.")
        }
        AccountRefusal::TooManyCertificates { limit } => say!(
            language,
            "An account has {limit} certificates at most." / "Un account ha al massimo {limit} certificati."
        ),
        AccountRefusal::BadCode => {
            say!(language, "That code does not hold, or is used up." / "Questo codice non vale, o è già stato usato.")
        }
        AccountRefusal::PasswordChanged => say!(
            language,
            "Your password was changed just now; try again with the new one."
                / "La tua password è appena cambiata: riprova con quella nuova."
        ),
        AccountRefusal::NickNotYours(nick) => {
            say!(language, "{nick} does not belong to your account." / "{nick} non appartiene al tuo account.")
        }
        AccountRefusal::NickIsYou(nick) => say!(language, "You are {nick}." / "{nick} sei tu."),
        AccountRefusal::NoSuchInvitation(id) => {
            say!(language, "There is no invitation {id}." / "L'invito {id} non esiste.")
        }
        AccountRefusal::TooManyInvitations { limit } => say!(
            language,
            "There are {limit} invitations already; revoke one." / "Ci sono già {limit} inviti: revocane uno."
        ),
    }
}
