//! What the program says to people, in English and Italian. Placeholders stand in braces.

use link::locale;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// English.
    #[value(name = "en")]
    English,
    /// Italian.
    #[value(name = "it")]
    Italian,
}

impl Language {
    /// Returns the language of a locale's name, such as `it_IT.UTF-8`; English for what is not spoken.
    pub fn of_locale(locale: &str) -> Self {
        if locale::speaks(locale, "it") { Self::Italian } else { Self::English }
    }

    /// Returns the language that the environment asks for.
    pub(crate) fn of_environment() -> Self {
        locale::of_environment().map_or(Self::English, |locale| Self::of_locale(&locale))
    }

    /// Returns its words.
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::English => &ENGLISH,
            Self::Italian => &ITALIAN,
        }
    }
}

macro_rules! words {
    ($($name:ident: $english:literal, $italian:literal;)*) => {
        /// All of them.
        #[derive(Debug)]
        pub(crate) struct Words {
            $(pub(crate) $name: &'static str,)*
        }
        static ENGLISH: Words = Words { $($name: $english,)* };
        static ITALIAN: Words = Words { $($name: $italian,)* };
        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $english, $italian),)*];
    };
}

words! {
    ask_server: "Server: ", "Server: ";
    looking: "Looking for servers on this network…", "Cerco server su questa rete…";
    ask_which: "Server (a number above, or an address): ", "Server (un numero qui sopra, o un indirizzo): ";
    no_such_number: "There is no server {number} in the list.", "Nell’elenco non c’è il server {number}.";
    ask_port: "Port [{port}]: ", "Porta [{port}]: ";
    ask_name: "Name: ", "Nome: ";
    ask_password: "Password: ", "Password: ";
    connecting: "Connecting to {server}…", "Mi collego a {server}…";
    catching_up: "Fetching what was said meanwhile…", "Recupero quel che è stato detto nel frattempo…";
    lost: "No connection: {why}. Next attempt in {seconds} s; what you write is kept.",
        "Nessun collegamento: {why}. Prossimo tentativo fra {seconds} s; quel che scrivi è conservato.";
    no_answer: "the server does not answer", "il server non risponde";
    closed: "the server has closed it", "il server l’ha chiuso";
    not_encrypted: "the server does not encrypt", "il server non cifra";
    not_let_in: "not let in: {why}", "non ammesso: {why}";
    own_words: "Server", "Server";
    is_writing: "{nick} is writing…", "{nick} sta scrivendo…";
    are_writing: "{nick} are writing…", "{nick} stanno scrivendo…";
    several_writing: "Several people are writing…", "Scrivono in molti…";
    hint: "F1 help · Tab completes · Ctrl-N next room · Alt-↑ choose a message",
        "F1 aiuto · Tab completa · Ctrl-N altra stanza · Alt-↑ scegli un messaggio";
    replying: "Reply to {nick} · Esc: no reply", "Rispondi a {nick} · Esc: nessuna risposta";
    editing: "You are editing a message · Esc: leave it as it is", "Stai correggendo un messaggio · Esc: lascialo com’è";
    choosing: "r reply · e edit · d delete · + react · ↑↓ move · Esc",
        "r rispondi · e correggi · d cancella · + reagisci · ↑↓ muovi · Esc";
    scrolled: "You see what was said before · End: to the newest", "Vedi quel che è stato detto prima · Fine: al più recente";
    begins: "This is where it begins.", "Qui comincia.";
    gap: "Messages are missing here.", "Qui mancano dei messaggi.";
    gap_loading: "Fetching what was said before…", "Recupero quel che è stato detto prima…";
    new: "New", "Nuovi";
    edited: "(edited)", "(corretto)";
    before: "an earlier message", "un messaggio precedente";
    sending: "sending…", "in invio…";
    joined: "{nick} came in", "{nick} è entrato";
    left: "{nick} left{why}", "{nick} è uscito{why}";
    put_out: "{by} put {nick} out{why}", "{by} ha messo fuori {nick}{why}";
    renamed: "{nick} is now called {other}", "{nick} ora si chiama {other}";
    ask_paste: "Send these {count} lines as they are? y/n", "Mandare queste {count} righe così come sono? s/n";
    ask_delete: "Delete for everybody? y/n", "Cancellare per tutti? s/n";
    ask_doubtful: "The connection broke, and “{text}” may have arrived. Send it again? y/n",
        "Il collegamento è caduto, e «{text}» può essere arrivato. Mandarlo di nuovo? s/n";
    ask_certificate: "The certificate of {server} is known to nobody: sha256 {digits}. Is it the right one? y/n",
        "Nessuno conosce il certificato di {server}: sha256 {digits}. È quello giusto? s/n";
    another_certificate: "another certificate than the one you believed", "un certificato diverso da quello creduto";
    ask_clear: "{server} does not encrypt: others could read along. Go on all the same? y/n",
        "{server} non cifra: altri potrebbero leggere. Andare avanti lo stesso? s/n";
    yes: "y", "s";
    not_sent: "Not sent: “{text}”. {why}", "Non inviato: «{text}». {why}";
    lost_past: "Something that was said meanwhile cannot be told any more.", "Qualcosa che è stato detto nel frattempo non si può più sapere.";
    no_command: "There is no command /{name}. /help shows them all.", "Non c’è il comando /{name}. /help li mostra tutti.";
    needs: "It goes: {usage}", "Si scrive: {usage}";
    needs_room: "This works in a room only.", "Funziona solo in una stanza.";
    needs_message: "There is no message that this could be about.", "Non c’è un messaggio di cui si possa trattare.";
    needs_own: "Only what you said yourself can be changed.", "Si può cambiare solo quel che hai detto tu.";
    needs_connection: "There is no connection right now.", "Al momento non c’è collegamento.";
    not_supported: "This server cannot do that.", "Questo server non lo sa fare.";
    no_emoji: "There is no emoji “{name}”.", "Non c’è l’emoji «{name}».";
    found: "{count} found · Esc: back", "{count} trovati · Esc: indietro";
    searching: "Looking…", "Cerco…";
    ignoring: "You do not hear {nick} any more.", "Non senti più {nick}.";
    hearing: "You hear {nick} again.", "Senti di nuovo {nick}.";
    ignored: "Not heard: {nicks}", "Non sentiti: {nicks}";
    muted: "{room} tells you nothing any more.", "{room} non ti avvisa più.";
    unmuted: "{room} tells you of news again.", "{room} ti avvisa di nuovo.";
    help_title: "Commands and keys · Esc: back", "Comandi e tasti · Esc: indietro";
    help_keys: "Return sends · Alt-Return: another line · Tab completes names, rooms, commands, :emoji · ↑ ↓ what you wrote before · PageUp PageDown · \
        Ctrl-N Ctrl-P rooms · Alt-1…9 a room · Alt-A where something is new · Alt-↑ Alt-↓ choose a message · F2 rooms · F3 members · Ctrl-C leaves",
        "Invio manda · Alt-Invio: altra riga · Tab completa nomi, stanze, comandi, :emoji · ↑ ↓ quel che hai scritto prima · PagSu PagGiù · \
        Ctrl-N Ctrl-P stanze · Alt-1…9 una stanza · Alt-A dove c’è del nuovo · Alt-↑ Alt-↓ scegli un messaggio · F2 stanze · F3 membri · Ctrl-C esce";
    goodbye: "Ciao", "Ciao";
    small: "The window is too small.", "La finestra è troppo piccola.";
    cannot_keep: "What is to be said cannot be kept on disk: {why}", "Quel che è da dire non si può tenere su disco: {why}";
}

/// Puts values into a text's placeholders.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, later)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        let value = values.iter().find(|(known, _)| *known == name);
        // What a person wrote stays as it is, braces too: values are not read again.
        filled.push_str(value.map_or("", |(_, value)| value));
        rest = later;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placeholders(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_languages_say_the_same_things() {
        for (name, english, italian) in ALL {
            assert_eq!(placeholders(english), placeholders(italian), "{name}");
            assert!(!english.is_empty() && !italian.is_empty(), "{name}");
        }
    }

    #[test]
    fn values_are_not_read_as_placeholders() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "c")]), "{b} and c");
        assert_eq!(fill("{", &[]), "{");
    }

    #[test]
    fn the_language_is_the_locales() {
        for (locale, language) in [
            ("it_IT.UTF-8", Language::Italian),
            ("it", Language::Italian),
            ("en_GB", Language::English),
            ("C", Language::English),
        ] {
            assert_eq!(Language::of_locale(locale), language);
        }
    }
}
