//! What people read that is no numeric: sentences in English and Italian, plain enough for somebody who never heard of IRC.

use chat::refusal::{CannotSend, Refusal};
use irc::numerics::Language;

/// The reason of a departure when the other side closed the connection.
pub const CONNECTION_CLOSED: &str = "Connection closed";

/// The reason of a departure when the connection broke.
pub const CONNECTION_LOST: &str = "Connection lost";

/// The reason of a departure when the client did not read what it was sent.
pub const SENDQ_EXCEEDED: &str = "SendQ exceeded";

/// What a browser is told at a door where no pages are served.
pub const HTTP_TURNED_AWAY: &[u8] = b"HTTP/1.1 421 Misdirected Request\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 39\r\n\
    Connection: close\r\n\
    \r\n\
    This is a chat server, not a web page.\n";

/// What a TLS client is told at a door without TLS: a fatal alert, `protocol_version` (RFC 8446, section 6.2).
pub const TLS_TURNED_AWAY: &[u8] = &[0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 70];

/// Chooses one of two texts.
fn either<T>(language: Language, english: T, italian: T) -> T {
    match language {
        Language::En => english,
        Language::It => italian,
    }
}

/// A line was not valid UTF-8.
pub fn invalid_utf8(language: Language) -> &'static str {
    either(
        language,
        "That was not valid UTF-8, so nobody saw it; set your client to UTF-8",
        "Il testo non era UTF-8 valido e nessuno lo ha visto; imposta UTF-8 nel tuo client",
    )
}

/// The connection password is wrong or missing: the reason in `ERROR`.
pub fn bad_password(language: Language) -> &'static str {
    either(language, "Password incorrect", "Password errata")
}

/// The server stops.
pub fn stopping(language: Language) -> &'static str {
    either(language, "The server is shutting down", "Il server si sta spegnendo")
}

/// Too many connections from one address.
pub fn too_many_connections(language: Language) -> &'static str {
    either(language, "Too many connections from your address", "Troppe connessioni dal tuo indirizzo")
}

/// A line was longer than a line may be.
pub fn line_too_long(language: Language) -> &'static str {
    either(
        language,
        "That line was too long, so nobody saw it.",
        "La riga era troppo lunga e nessuno l'ha vista.",
    )
}

/// Plain clients cannot give the password that the server asks for.
pub fn plain_needs_password(language: Language) -> &'static str {
    either(
        language,
        "This server wants a password; please come with a browser or an IRC client.\r\n",
        "Questo server chiede una password: usa un browser o un client IRC.\r\n",
    )
}

/// The first lines after the name.
pub fn plain_hints(room: &str, language: Language) -> [String; 1] {
    [either(
        language,
        format!("You are in {room}. Type a line and press Enter to say it; /help tells what else there is."),
        format!("Sei in {room}. Scrivi una riga e premi Invio per dirla; /help elenca gli altri comandi."),
    )]
}

/// The answer to `/help`.
pub fn plain_help(language: Language) -> [&'static str; 7] {
    either(
        language,
        [
            "/who            who is here",
            "/nick <name>    change your name",
            "/msg <name> <text>  say it to one person only",
            "/me <text>      tell what you are doing",
            "/quit [<text>]  leave",
            "//<text>        say something that begins with a slash",
            "/help           this list",
        ],
        [
            "/who              chi c'è",
            "/nick <nome>      cambia il tuo nome",
            "/msg <nome> <testo>  dillo a una sola persona",
            "/me <testo>       racconta che cosa fai",
            "/quit [<testo>]   esci",
            "//<testo>         scrivi qualcosa che comincia con una barra",
            "/help             questo elenco",
        ],
    )
}

/// A known command without what it needs.
pub fn plain_incomplete(command: &str, language: Language) -> String {
    either(
        language,
        format!("/{command} needs more than that; see /help."),
        format!("A /{command} manca qualcosa: vedi /help."),
    )
}

/// A command that does not exist.
pub fn plain_unknown_command(command: &str, language: Language) -> String {
    either(
        language,
        format!("There is no /{command}; see /help. To say it, write //{command}."),
        format!("/{command} non esiste: vedi /help. Per dirlo scrivi //{command}."),
    )
}

/// The room's topic.
pub fn plain_topic(topic: &str, language: Language) -> String {
    match (topic.is_empty(), language) {
        (true, Language::En) => "The room has no topic any more.".to_owned(),
        (true, Language::It) => "La stanza non ha più un argomento.".to_owned(),
        (false, Language::En) => format!("Topic: {topic}"),
        (false, Language::It) => format!("Argomento: {topic}"),
    }
}

/// Who is in the room.
pub fn plain_who(people: &[&str], language: Language) -> String {
    let people = people.join(", ");
    either(language, format!("Here now: {people}"), format!("Ora qui: {people}"))
}

/// The one who was written to is away.
pub fn plain_is_away(name: &str, text: &str, language: Language) -> String {
    either(language, format!("{name} is away: {text}"), format!("{name} è assente: {text}"))
}

/// What was said to one person only, as its sender sees it.
pub fn plain_sent_privately(to: &str, text: &str, language: Language) -> String {
    either(language, format!("(to {to} only) {text}"), format!("(solo a {to}) {text}"))
}

/// What was said to one person only, as that person sees it.
pub fn plain_privately(text: &str, language: Language) -> String {
    either(language, format!("(to you only) {text}"), format!("(solo a te) {text}"))
}

/// One's own new name.
pub fn plain_you_are(name: &str, language: Language) -> String {
    either(language, format!("You are now {name}."), format!("Ora ti chiami {name}."))
}

/// Somebody else's new name.
pub fn plain_renamed(before: &str, now: &str, language: Language) -> String {
    either(language, format!("{before} is now {now}."), format!("{before} ora si chiama {now}."))
}

/// The client was removed from the room.
pub fn plain_kicked(by: &str, reason: &str, language: Language) -> String {
    either(
        language,
        format!("You were removed from the room by {by}: {reason}"),
        format!("{by} ti ha allontanato dalla stanza: {reason}"),
    )
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
            CannotSend::Ctcp => format!("{channel} takes no requests to other people's programs."),
        },
        Refusal::NoText => "There was no text to send.".to_owned(),
        Refusal::WasNoSuchNick(name) => format!("Nobody was called {name} lately."),
        Refusal::ErroneousNickname(name) => format!("{name} cannot be used as a name."),
        Refusal::NicknameInUse(name) => format!("Somebody is already called {name}."),
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
        Refusal::NotAnOperator => "Only the server's operators may do that.".to_owned(),
        Refusal::OperatorNeeded(channel) => format!("Only operators of {channel} may do that."),
        Refusal::UnknownUserMode => "Users have no such mode.".to_owned(),
        Refusal::UsersDontMatch => "Other people's modes are theirs.".to_owned(),
        Refusal::BadModeParam { letter, .. } => match letter {
            'k' => "A key is one word without spaces or commas".to_owned(),
            'l' => "A limit is a number from 1".to_owned(),
            letter => format!("Mode {letter} cannot be set to this"),
        },
        Refusal::BadRealName => "The real name is empty or too long.".to_owned(),
        Refusal::BadHost => "The user name or the host is not valid.".to_owned(),
        Refusal::ChannelOpen(channel) => format!("{channel} is open: you can just enter it."),
        Refusal::KnockOnChannel(channel) => format!("You are already in {channel}."),
        Refusal::TooManyKnocks(channel) => format!("You knocked at {channel} a moment ago; please wait."),
        Refusal::MonitorListFull { limit, nicks } => {
            format!("You can watch {limit} people at most; not watched: {nicks}.")
        }
        Refusal::CannotKeep { why, .. } => {
            format!("That was not done, because the server cannot store anything now ({why}). Try again later.")
        }
    }
}

fn refusal_in_italian(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoSuchNick(name) => format!("Nessuno si chiama {name}."),
        Refusal::NoSuchChannel(channel) => format!("Il canale {channel} non esiste."),
        Refusal::CannotSend { channel, why } => match why {
            CannotSend::External => format!("In {channel} può scrivere solo chi è dentro."),
            CannotSend::Moderated => format!("In {channel} scrive solo chi ha ricevuto la parola."),
            CannotSend::Banned => format!("Sei stato bandito da {channel} e non puoi scriverci."),
            CannotSend::Ctcp => format!("{channel} non accetta richieste ai programmi altrui."),
        },
        Refusal::NoText => "Non c'era alcun testo da inviare.".to_owned(),
        Refusal::WasNoSuchNick(name) => format!("Di recente nessuno si è chiamato {name}."),
        Refusal::ErroneousNickname(name) => format!("{name} non può essere usato come nome."),
        Refusal::NicknameInUse(name) => format!("Qualcuno si chiama già {name}."),
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
        Refusal::NotAnOperator => "Possono farlo solo gli operatori del server.".to_owned(),
        Refusal::OperatorNeeded(channel) => format!("Possono farlo solo gli operatori di {channel}."),
        Refusal::UnknownUserMode => "Gli utenti non hanno questo modo.".to_owned(),
        Refusal::UsersDontMatch => "I modi degli altri sono affar loro.".to_owned(),
        Refusal::BadModeParam { letter, .. } => match letter {
            'k' => "Una chiave è una parola senza spazi né virgole".to_owned(),
            'l' => "Un limite è un numero da 1 in su".to_owned(),
            letter => format!("Il modo {letter} non può avere questo valore"),
        },
        Refusal::BadRealName => "Il nome reale è vuoto o troppo lungo.".to_owned(),
        Refusal::BadHost => "Il nome utente o l'host non è valido.".to_owned(),
        Refusal::ChannelOpen(channel) => format!("{channel} è aperto: puoi entrare."),
        Refusal::KnockOnChannel(channel) => format!("Sei già in {channel}."),
        Refusal::TooManyKnocks(channel) => format!("Hai appena bussato a {channel}: attendi un momento."),
        Refusal::MonitorListFull { limit, nicks } => {
            format!("Puoi seguire al massimo {limit} persone; non seguite: {nicks}.")
        }
        Refusal::CannotKeep { why, .. } => {
            format!("Non è stato fatto: ora il server non può salvare nulla ({why}). Riprova più tardi.")
        }
    }
}
