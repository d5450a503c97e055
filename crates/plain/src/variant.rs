//! A variant is a record: the strings and the few switches in which the classroom programs differ (section 6).

/// Who writes `name: ` in front of what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// The server does; the client sends bare text.
    Server,
    /// The client does (003), and it may send its alias twice when it signs in.
    Client,
}

/// How a segment-mode connection is ended when the server stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStop {
    /// With a reset: 000 and 003 spin on a FIN, 001 reconnects only after a reset (section 3.3).
    Reset,
    /// With an ordinary close.
    Fin,
}

/// What happens when the wanted name belongs to somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// The person is asked again with [`Variant::taken`]. A client that sent its alias twice cannot answer and is
    /// suffixed all the same.
    AskAgain,
    /// The name silently becomes `name_2`, `name_3` and so on.
    Suffix,
}

/// One dialect of the family.
///
/// An empty text is not sent. `%name%` is the only placeholder; braces are text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The name used in the configuration: `quit`, `close`, `nick` or `username`.
    pub name: String,
    /// What the server says first.
    pub prompt: String,
    /// Said to the newcomer alone, once the name is accepted.
    pub welcome: String,
    /// Said to those already in when somebody enters.
    pub join: String,
    /// Said to those who stay when somebody leaves.
    pub leave: String,
    /// Asks for another name because the wanted one is taken. If empty, `prompt` is used.
    pub taken: String,
    /// Sent alone before the server stops, so that the client closes itself.
    pub shutdown: String,
    /// Whole units that mean leaving.
    pub quit_words: Vec<String>,
    /// The answer to a quit word.
    pub quit_reply: String,
    /// Whether the sender gets its own message back.
    pub echo: bool,
    /// Who writes the name in front.
    pub prefix: Prefix,
    /// What stands after every message in segment mode: nothing, or a newline.
    pub tail: String,
    /// How connections are ended when the server stops.
    pub on_stop: OnStop,
    /// What happens when a name is taken.
    pub clash: Clash,
}

/// What a configuration table changes in a built-in variant. The fields are named as in `[[listen]] plain = { … }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VariantOverrides {
    /// Replaces [`Variant::prompt`].
    pub prompt: Option<String>,
    /// Replaces [`Variant::welcome`].
    pub welcome: Option<String>,
    /// Replaces [`Variant::join`].
    pub join: Option<String>,
    /// Replaces [`Variant::leave`].
    pub leave: Option<String>,
    /// Replaces [`Variant::taken`].
    pub taken: Option<String>,
    /// Replaces [`Variant::shutdown`].
    pub shutdown: Option<String>,
    /// Replaces [`Variant::quit_words`]; the built-in words are then ordinary text.
    pub quit_words: Option<Vec<String>>,
    /// Replaces [`Variant::quit_reply`].
    pub quit_reply: Option<String>,
    /// Replaces [`Variant::echo`].
    pub echo: Option<bool>,
    /// Replaces [`Variant::prefix`].
    pub prefix: Option<Prefix>,
    /// Replaces [`Variant::tail`].
    pub tail: Option<String>,
    /// Replaces [`Variant::on_stop`].
    pub on_stop: Option<OnStop>,
}

impl Variant {
    /// The names of the variants that are built in.
    pub const BUILT_IN: [&str; 4] = ["quit", "close", "nick", "username"];

    /// Returns the built-in variant called `name`, or nothing if there is none.
    pub fn built_in(name: &str) -> Option<Self> {
        match name {
            "quit" => Some(Self::quit()),
            "close" => Some(Self::close()),
            "nick" => Some(Self::nick()),
            "username" => Some(Self::username()),
            _ => None,
        }
    }

    /// Programs 000 and 002, and 001's published client (section 2).
    pub fn quit() -> Self {
        Self {
            name: "quit".into(),
            prompt: "Salve! Digita il tuo Nome seguito dal tasto Invio!".into(),
            welcome: "Benvenuto %name%! Se vuoi lasciare la Chat, scrivi {quit} per uscire.".into(),
            join: "%name% si è unito alla chat!".into(),
            leave: "%name% ha abbandonato la Chat.".into(),
            taken: "Questo Nome è già in uso! Digita un altro Nome!".into(),
            shutdown: String::new(),
            quit_words: words(&["{quit}", "{close}"]),
            quit_reply: "{quit}".into(),
            echo: true,
            prefix: Prefix::Server,
            tail: String::new(),
            on_stop: OnStop::Reset,
            clash: Clash::Suffix,
        }
    }

    /// Program 001 as its report tells it (section 2; "all chat!" is the original's).
    pub fn close() -> Self {
        Self {
            name: "close".into(),
            prompt: "Benvenuto in chatroom! Inserisci il tuo nome!".into(),
            welcome: String::new(),
            join: "%name% si è unito all chat!".into(),
            leave: "%name% ha abbandonato la chat.".into(),
            taken: "Questo nome è già in uso! Inserisci un altro nome!".into(),
            shutdown: String::new(),
            quit_words: words(&["{quit}", "{close}"]),
            quit_reply: String::new(),
            echo: true,
            prefix: Prefix::Server,
            tail: String::new(),
            on_stop: OnStop::Reset,
            clash: Clash::Suffix,
        }
    }

    /// Program 003 (section 2). Its listener also carries 004's users, so a client that can answer is asked again.
    pub fn nick() -> Self {
        Self {
            name: "nick".into(),
            prompt: "NICK".into(),
            welcome: "You are now connected!".into(),
            join: "%name% has joined the chat!".into(),
            leave: "%name% has left the chat!".into(),
            taken: "This nickname is already taken. Please choose another nickname!".into(),
            shutdown: String::new(),
            quit_words: Vec::new(),
            quit_reply: String::new(),
            echo: false,
            prefix: Prefix::Client,
            tail: "\n".into(),
            on_stop: OnStop::Reset,
            clash: Clash::AskAgain,
        }
    }

    /// Program 004 (section 2).
    ///
    /// Only `quit`, `SHUTDOWN` and the asking again are stated there. The other texts are this project's, in the
    /// manner of 000 and 001; the answer to `quit` is nothing, as the original closes at once.
    pub fn username() -> Self {
        Self {
            name: "username".into(),
            prompt: "Benvenuto in chat! Inserisci il tuo username!".into(),
            welcome: "Benvenuto %name%! Scrivi quit per uscire.".into(),
            join: "%name% si è unito alla chat!".into(),
            leave: "%name% ha abbandonato la chat.".into(),
            taken: "Questo username è già in uso! Inserisci un altro username!".into(),
            shutdown: "SHUTDOWN".into(),
            quit_words: words(&["{quit}", "{close}", "quit"]),
            quit_reply: String::new(),
            echo: true,
            prefix: Prefix::Server,
            tail: String::new(),
            on_stop: OnStop::Fin,
            clash: Clash::AskAgain,
        }
    }

    /// Returns this variant with the given fields replaced.
    #[must_use]
    pub fn with(mut self, overrides: VariantOverrides) -> Self {
        replace(&mut self.prompt, overrides.prompt);
        replace(&mut self.welcome, overrides.welcome);
        replace(&mut self.join, overrides.join);
        replace(&mut self.leave, overrides.leave);
        replace(&mut self.taken, overrides.taken);
        replace(&mut self.shutdown, overrides.shutdown);
        replace(&mut self.quit_words, overrides.quit_words);
        replace(&mut self.quit_reply, overrides.quit_reply);
        replace(&mut self.echo, overrides.echo);
        replace(&mut self.prefix, overrides.prefix);
        replace(&mut self.tail, overrides.tail);
        replace(&mut self.on_stop, overrides.on_stop);
        self
    }

    /// Tells whether a whole unit, apart from CR and LF around it, is one of the quit words (section 6).
    pub fn is_quit_word(&self, unit: &str) -> bool {
        let unit = unit.trim_matches(['\r', '\n']);
        self.quit_words.iter().any(|word| word == unit && !word.is_empty())
    }

    /// The text asked with when a name is taken.
    pub(crate) fn ask_again(&self) -> &str {
        if self.taken.is_empty() { &self.prompt } else { &self.taken }
    }
}

/// Puts a name into a text of a variant.
pub(crate) fn fill(template: &str, name: &str) -> String {
    template.replace("%name%", name)
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn replace<T>(field: &mut T, by: Option<T>) {
    if let Some(value) = by {
        *field = value;
    }
}
