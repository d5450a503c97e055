//! What a person at `nc` or telnet is told beside the dialect's own strings, in English and Italian.

use irc::numerics::Language;

/// Says how to chat, after the welcome.
pub(super) fn hints(room: &str, language: Language) -> Vec<String> {
    match language {
        Language::En => vec![
            format!("You are in {room}. Type a line and press Return: everybody here reads it."),
            "Type /who to see who is here, /help for more, /quit to leave.".to_owned(),
        ],
        Language::It => vec![
            format!("Sei in {room}. Scrivi una riga e premi Invio: la leggono tutti."),
            "Scrivi /who per sapere chi c'è, /help per gli altri comandi, /quit per uscire.".to_owned(),
        ],
    }
}

/// Lists the commands.
pub(super) fn help(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => &[
            "/who              who is here",
            "/me waves         say what you do",
            "/nick name        take another name",
            "/msg name text    write to one person",
            "/history [20]     what was said last",
            "/search words     what was said with these words; also from:name after:2026-11-01 before:2026-12-01",
            "/quit [reason]    leave",
            "A line that begins with // is said with one /.",
        ],
        Language::It => &[
            "/who               chi c'è",
            "/me saluta         racconta quello che fai",
            "/nick nome         cambia nome",
            "/msg nome testo    scrivi a una persona sola",
            "/history [20]      gli ultimi messaggi",
            "/search parole     i messaggi con queste parole; anche from:nome after:2026-11-01 before:2026-12-01",
            "/quit [motivo]     esci",
            "Una riga che comincia con // viene detta con una sola /.",
        ],
    }
}

/// A command lacks what it is about.
pub(super) fn incomplete(word: &str, language: Language) -> String {
    match language {
        Language::En => format!("/{word} needs more: type /help to see how it is used."),
        Language::It => format!("A /{word} manca qualcosa: scrivi /help per vedere come si usa."),
    }
}

/// There is no such command.
pub(super) fn unknown_command(word: &str, language: Language) -> String {
    match language {
        Language::En => format!("There is no command /{word}. Type /help to see those there are."),
        Language::It => format!("Il comando /{word} non esiste. Scrivi /help per vedere quelli che ci sono."),
    }
}

/// Who is here.
pub(super) fn who(people: &[&str], language: Language) -> String {
    match language {
        Language::En => format!("Here now ({}): {}", people.len(), people.join(", ")),
        Language::It => format!("Qui ora ({}): {}", people.len(), people.join(", ")),
    }
}

/// So many messages of the past follow.
pub(super) fn past(messages: usize, language: Language) -> String {
    match (messages, language) {
        (0, Language::En) => "No messages.".to_owned(),
        (0, Language::It) => "Nessun messaggio.".to_owned(),
        (1, Language::En) => "1 message (time in UTC):".to_owned(),
        (1, Language::It) => "1 messaggio (ora in UTC):".to_owned(),
        (_, Language::En) => format!("{messages} messages (times in UTC):"),
        (_, Language::It) => format!("{messages} messaggi (ore in UTC):"),
    }
}

/// There is no past to ask for.
pub(super) fn nothing_kept(language: Language) -> &'static str {
    match language {
        Language::En => "Nothing that is said is kept on this server.",
        Language::It => "Su questo server non si conserva niente di ciò che viene detto.",
    }
}

/// The one written to is away.
pub(super) fn is_away(nick: &str, text: &str, language: Language) -> String {
    match language {
        Language::En => format!("{nick} is away: {text}"),
        Language::It => format!("{nick} non è al computer: {text}"),
    }
}

/// What the room is about.
pub(super) fn topic(text: &str, language: Language) -> String {
    match (text.is_empty(), language) {
        (true, Language::En) => "The topic was removed.".to_owned(),
        (true, Language::It) => "L'argomento è stato tolto.".to_owned(),
        (false, Language::En) => format!("Topic: {text}"),
        (false, Language::It) => format!("Argomento: {text}"),
    }
}

/// Marks what is written to one person only.
pub(super) fn privately(text: &str, language: Language) -> String {
    match language {
        Language::En => format!("(only to you) {text}"),
        Language::It => format!("(solo a te) {text}"),
    }
}

/// Confirms what was written to one person only.
pub(super) fn sent_privately(to: &str, text: &str, language: Language) -> String {
    match language {
        Language::En => format!("(only to {to}) {text}"),
        Language::It => format!("(solo a {to}) {text}"),
    }
}

/// Somebody else has another name.
pub(super) fn renamed(before: &str, now: &str, language: Language) -> String {
    match language {
        Language::En => format!("{before} is now called {now}"),
        Language::It => format!("{before} ora si chiama {now}"),
    }
}

/// The person themself has another name.
pub(super) fn you_are(now: &str, language: Language) -> String {
    match language {
        Language::En => format!("You are now called {now}"),
        Language::It => format!("Ora ti chiami {now}"),
    }
}

/// The person was removed from the room.
pub(super) fn kicked(by: &str, reason: &str, language: Language) -> String {
    match language {
        Language::En => format!("{by} has removed you from the room: {reason}"),
        Language::It => format!("{by} ti ha allontanato dalla stanza: {reason}"),
    }
}

/// A line is too long.
pub(super) fn line_too_long(language: Language) -> &'static str {
    match language {
        Language::En => "That line was too long and was not sent.",
        Language::It => "Quella riga era troppo lunga e non è stata inviata.",
    }
}

/// A message has too many lines.
pub(super) fn too_many_lines(most: usize, language: Language) -> String {
    match language {
        Language::En => format!("Not sent: a message may have {most} lines at the most."),
        Language::It => format!("Non inviato: un messaggio può avere al massimo {most} righe."),
    }
}

/// The server wants a password, which the plain protocols cannot give.
pub(super) fn needs_password(language: Language) -> &'static str {
    match language {
        Language::En => "This server asks for a password: join it with an IRC client.\n",
        Language::It => "Questo server chiede una password: entra con un client IRC.\n",
    }
}

/// Only who is logged in may enter, and the plain protocols know no accounts.
pub(super) fn needs_account(language: Language) -> &'static str {
    match language {
        Language::En => {
            "Only people with an account may enter here: come with an IRC client, where you can log in or make one (REGISTER)."
        }
        Language::It => {
            "Qui entra solo chi ha un account: usa un client IRC, dove puoi accedere o crearne uno (REGISTER)."
        }
    }
}
