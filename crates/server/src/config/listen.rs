//! `[[listen]]`: a door, the dialects it takes and how it speaks them.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::form;
use super::schema::Kind::{Flag, OneOf, Text, Texts, WordOrTable};
use super::schema::{Form, table, words};

words! {
    /// A way of speaking on a socket.
    Dialect {
        /// Browsers: HTTP and WebSocket.
        Web = "web",
        /// IRC clients.
        Irc = "irc",
        /// `nc`, telnet and the classroom clients.
        Plain = "plain",
    }
}

words! {
    /// The built-in variants of the plain dialect.
    PlainVariant {
        /// Left with `{quit}`, which is echoed.
        Quit = "quit",
        /// Left with `{close}`.
        Close = "close",
        /// Asks `NICK`; the client prefixes its messages.
        Nick = "nick",
        /// Asks for a name until it is free; left with `quit`.
        Username = "username",
    }
}

words! {
    /// Who puts the name in front of a message.
    Prefix {
        /// The server.
        Server = "server",
        /// The client.
        Client = "client",
    }
}

words! {
    /// How plain clients are let go when the server stops.
    OnStop {
        /// By a reset.
        Reset = "reset",
        /// By a FIN.
        Fin = "fin",
    }
}

/// The form of a dialect's name.
const DIALECT: Form = Form { allowed: "\"web\", \"irc\" or \"plain\"", fits: |text| Dialect::WORDS.contains(&text) };

table! {
    /// A variant of the plain dialect and the strings that replace its own; absent ones are the variant's.
    PlainTable = "plain" {
        /// The built-in variant that this one begins from: "quit", "close", "nick" or "username".
        variant: PlainVariant = PlainVariant::Quit, OneOf(PlainVariant::WORDS), Restart;
        /// What a client is greeted with.
        prompt: Option<String> = None, Text(form::FREE_TEXT), Restart;
        /// What a newcomer is told; %name% stands for the name.
        welcome: Option<String> = None, Text(form::FREE_TEXT), Restart;
        /// What the others are told when somebody comes.
        join: Option<String> = None, Text(form::FREE_TEXT), Restart;
        /// What the others are told when somebody goes.
        leave: Option<String> = None, Text(form::FREE_TEXT), Restart;
        /// What is said when a name is taken.
        taken: Option<String> = None, Text(form::FREE_TEXT), Restart;
        /// What is sent when the server stops.
        shutdown: Option<String> = None, Text(form::FREE_TEXT), Restart;
        /// The words that end a session.
        quit_words: Option<Vec<String>> = None, Texts(form::QUIT_WORD), Restart;
        /// What a quit word is answered with.
        quit_reply: Option<String> = None, Text(form::FREE_TEXT), Restart;
        /// Whether senders get their own messages.
        echo: Option<bool> = None, Flag, Restart;
        /// Who puts the name in front: "server" or "client".
        prefix: Option<Prefix> = None, OneOf(Prefix::WORDS), Restart;
        /// What a message ends with: "" or "\n".
        tail: Option<String> = None, Text(form::TAIL), Restart;
        /// How clients are let go when the server stops: "reset" or "fin".
        on_stop: Option<OnStop> = None, OneOf(OnStop::WORDS), Restart;
    }
}

/// The variant for plain clients of a door, as a word or as a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlainChoice(pub PlainTable);

impl From<PlainVariant> for PlainChoice {
    fn from(variant: PlainVariant) -> Self {
        Self(PlainTable { variant, ..PlainTable::default() })
    }
}

impl<'de> Deserialize<'de> for PlainChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Word(PlainVariant),
            Table(Box<PlainTable>),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Word(variant) => variant.into(),
            Written::Table(table) => Self(*table),
        })
    }
}

impl Serialize for PlainChoice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::from(self.0.variant) {
            self.0.variant.serialize(serializer)
        } else {
            self.0.serialize(serializer)
        }
    }
}

table! {
    /// A certificate and its key.
    TlsFiles = "tls" {
        /// The certificate chain, PEM.
        cert: String = String::new(), Text(form::PATH), Reload;
        /// The private key, PEM.
        key: String = String::new(), Text(form::PATH), Reload;
    }
}

/// Whether and with which certificate a door takes TLS.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Tls {
    /// No TLS.
    #[default]
    Off,
    /// A self-made certificate, or one by ACME.
    Auto,
    /// These files.
    Files(TlsFiles),
}

impl<'de> Deserialize<'de> for Tls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        enum Word {
            #[serde(rename = "off")]
            Off,
            #[serde(rename = "auto")]
            Auto,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Word(Word),
            Files(TlsFiles),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Word(Word::Off) => Self::Off,
            Written::Word(Word::Auto) => Self::Auto,
            Written::Files(files) => Self::Files(files),
        })
    }
}

impl Serialize for Tls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => serializer.serialize_str("off"),
            Self::Auto => serializer.serialize_str("auto"),
            Self::Files(files) => files.serialize(serializer),
        }
    }
}

table! {
    /// A door. Any of these replaces all default doors, which are `0.0.0.0:53000` and `[::]:53000` with every dialect, and
    /// 127.0.0.1:6667 for IRC.
    Listen = "listen" {
        /// Where it listens; port 0 takes a free port.
        address: String = "0.0.0.0:53000".to_owned(), Text(form::LISTEN_ADDRESS), Restart;
        /// Any subset of "web", "irc" and "plain"; several are told apart by the first bytes.
        dialects: Vec<Dialect> = vec![Dialect::Web, Dialect::Irc, Dialect::Plain], Texts(DIALECT), Restart;
        /// Variant for plain clients here: "quit", "close", "nick", "username", or a table
        /// { variant, prompt, welcome = "… %name% …", join, leave, taken, shutdown, quit_words (a list), quit_reply,
        /// echo = true, prefix = "server" or "client", tail = "" or "\n", on_stop = "reset" or "fin" }.
        plain: PlainChoice = PlainChoice::default(), WordOrTable(PlainVariant::WORDS, &PlainTable::TABLE), Restart;
        /// Where plain clients land.
        room: String = "#piazza".to_owned(), Text(form::ROOM), Restart;
        /// "off", "auto" (self-made or ACME certificate) or { cert = "….pem", key = "….pem" }.
        tls: Tls = Tls::Off, WordOrTable(&["off", "auto"], &TlsFiles::TABLE), Restart;
        /// Refuses what is not TLS on this listener.
        tls_required: bool = false, Flag, Restart;
        /// PROXY v1 or v2 is expected from trusted_proxies.
        proxy_protocol: bool = false, Flag, Restart;
        /// Extra origins allowed to open the WebSocket; the same origin always is.
        websocket_origins: Vec<String> = Vec::new(), Texts(form::ORIGIN), Restart;
    }
}
