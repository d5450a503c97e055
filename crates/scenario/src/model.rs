//! What a transcript says, once read: settings and steps, each with the line it came from.

use std::path::PathBuf;
use std::time::Duration;

use crate::text::Text;

/// One transcript: what to start, and what happens then.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The file it was read from.
    pub file: PathBuf,
    /// The words after `==`, or the file's name when it holds a single untitled transcript.
    pub title: String,
    /// Configuration that differs from the suite's own, in the file's order.
    pub settings: Vec<Setting>,
    /// The only way this transcript can run, if it needs one.
    pub only: Option<Way>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// How a transcript reaches the code under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The real binary, over TCP.
    Sockets,
    /// The pure crates, with a simulated clock.
    InProcess,
}

/// `set server.network = "Tea"`: one configuration key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The table: `server`, `listen`, `limits`, `operator`, …
    pub table: String,
    /// The key inside it.
    pub key: String,
    /// Its value.
    pub value: toml::Value,
}

/// One line of a transcript.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Where it stands in its file, counted from 1.
    pub line: usize,
    /// The connections it is about; none for times, the server, and a `forget` for everyone.
    pub names: Vec<String>,
    /// What they do or see, one after the other.
    pub action: Action,
}

/// What one step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// `alice, bob connect …`
    Connect(Connect, Link),
    /// `alice → text`: a whole line or message.
    Say(Text),
    /// `alice ⇒ bytes`: nothing is added.
    SendBytes(Text),
    /// `alice ← text`
    Expect(Text),
    /// `alice ← any order:` and indented lines.
    ExpectAnyOrder(Vec<Text>),
    /// `alice has seen text`: it is among what came and was not looked at yet, and stays there.
    HasSeen(Text),
    /// `alice has not seen text`
    HasNotSeen(Text),
    /// `alice hears nothing`, or for a time.
    Silence(Option<Duration>),
    /// `alice is closed`
    Ended(Ending),
    /// `alice closes`
    Leave(Leaving),
    /// One step of a SCRAM exchange.
    Scram(Scram),
    /// `alice, bob join #tea`: what follows from it is not part of the transcript.
    Join(String),
    /// `alice forgets`, or `forget` for everyone.
    Forget,
    /// `after 300 ms`
    Wait(Duration),
    /// `server stops`
    Server(ServerStep),
    /// `server reloads with limits.topic_length = 99`
    ReloadWith(Setting),
}

/// How somebody connects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connect {
    /// An IRC client that registers with these capabilities; its transcript starts after the welcome.
    Irc(Vec<String>),
    /// An IRC client that sends nothing by itself.
    Raw,
    /// An IRC client over WebSocket that asks for these subprotocols, and sends nothing else by itself.
    WebSocket(Vec<String>),
    /// A plain client.
    Plain(Framing),
}

/// What lies between a connection and the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Link {
    /// Nothing hides what is said.
    #[default]
    Open,
    /// `over TLS`
    Tls {
        /// `showing tea`: the client certificate of this name.
        certificate: Option<String>,
    },
}

/// One step of the client's side of SCRAM: what is said depends on what the server said.
#[derive(Debug, Clone, PartialEq)]
pub enum Scram {
    /// `alice begins SCRAM as anna`: says who she is.
    Begin {
        /// The account.
        account: String,
    },
    /// `alice proves sesame to <challenge>`: says that she knows the password.
    Prove {
        /// The password.
        password: String,
        /// What the server said.
        challenge: Text,
    },
    /// `alice believes <verifier>`: the server knows the password's keys; goes on with `+`.
    Believe {
        /// What the server said.
        verifier: Text,
    },
}

/// What the sends and receives of a connection are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// One send is one message and one `recv` is one row: the classroom clients.
    Segments,
    /// Lines ending in `\n`: netcat.
    Lines,
    /// Lines ending in `\r\n`: telnet, and IRC.
    NetworkLines,
}

/// How the server must have ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By FIN or by reset.
    Closed,
    /// By FIN.
    Finished,
    /// By reset.
    Reset,
}

impl Ending {
    /// Returns the word that a transcript has for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Finished => "finished",
            Self::Reset => "reset",
        }
    }
}

/// How a client goes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// It closes its socket.
    Close,
    /// It says that it will send no more, and goes on reading.
    HalfClose,
    /// It resets the connection.
    Reset,
}

/// What happens to the server itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerStep {
    /// Told to stop (SIGTERM); must be gone with exit status 0 within 5 seconds.
    Stop,
    /// Killed without a word (SIGKILL).
    Kill,
    /// Started again, on the same data.
    Start,
    /// Told to read its configuration again (SIGHUP).
    Reload,
}
