//! From the first line to being somebody on a server: capabilities, SASL PLAIN, nick and user name.
//!
//! Spec: Modern IRC, "Connection Registration"; `IRCv3` "capability-negotiation", "sasl".

use std::collections::BTreeSet;

use irc::message::Message;
use irc::write::LineWriter;

/// Who somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The nick that is asked for.
    pub nick: Box<str>,
    /// The user name; the nick does well.
    pub username: Box<str>,
    /// The real name.
    pub realname: Box<str>,
    /// The account to log in to, and its password.
    pub account: Option<(Box<str>, Box<str>)>,
}

impl Identity {
    /// Somebody without account.
    pub fn guest(nick: &str) -> Self {
        Self { nick: nick.into(), username: nick.into(), realname: nick.into(), account: None }
    }
}

/// The capabilities that are asked for where they are offered: what the outbox, what comes after an absence, and what is
/// known of people want.
pub const WANTED: &[&str] = &[
    "account-notify",
    "account-tag",
    "away-notify",
    "batch",
    "chghost",
    "draft/channel-rename",
    "draft/chathistory",
    "draft/event-playback",
    "draft/message-redaction",
    "draft/multiline",
    "draft/read-marker",
    "echo-message",
    "extended-join",
    "labeled-response",
    "loggia.chat/delivery",
    "loggia.chat/edit",
    "message-tags",
    "multi-prefix",
    "server-time",
    "setname",
    "standard-replies",
    "userhost-in-names",
];

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// The list of capabilities comes.
    Listing,
    /// The server is to grant some.
    Asked,
    /// The password is being checked.
    LoggingIn,
    /// All is said; the welcome is to come.
    Ended,
    /// It is somebody.
    Welcome,
}

/// What a line has led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It goes on.
    On,
    /// The client is somebody on the server now.
    Ready,
    /// The server does not let it in: what it said.
    Refused(Box<str>),
}

/// A conversation that has just begun. One for each connection.
#[derive(Clone, Debug)]
pub struct Handshake {
    identity: Identity,
    stage: Stage,
    offered: BTreeSet<Box<str>>,
    granted: BTreeSet<Box<str>>,
    nick: Box<str>,
}

impl Handshake {
    /// Begins: what it says is appended to `out`.
    pub fn begin(identity: Identity, out: &mut Vec<u8>) -> Self {
        LineWriter::new(out).command("CAP").param("LS").last("302").end();
        LineWriter::new(out).command("NICK").last(&identity.nick).end();
        let line = LineWriter::new(out).command("USER").param(&identity.username).param("0").param("*");
        line.trailing(&identity.realname).end();
        let nick = identity.nick.clone();
        Self { identity, stage: Stage::Listing, offered: BTreeSet::new(), granted: BTreeSet::new(), nick }
    }

    /// Returns the nick that the server uses.
    pub fn nick(&self) -> &str {
        &self.nick
    }

    /// Tells whether the server has granted a capability.
    pub fn has(&self, capability: &str) -> bool {
        self.granted.contains(capability)
    }

    /// Tells whether the client is somebody on the server.
    pub fn is_ready(&self) -> bool {
        self.stage == Stage::Welcome
    }

    /// Takes a line of the server, also later: capabilities come and go, and the nick may change.
    pub fn receive(&mut self, line: &Message<'_>, out: &mut Vec<u8>) -> Step {
        match line.command {
            "CAP" => self.capabilities(line, out),
            "PING" => {
                LineWriter::new(out).command("PONG").last(line.params.last().unwrap_or_default()).end();
                Step::On
            }
            "AUTHENTICATE" if self.stage == Stage::LoggingIn => {
                self.authenticate(out);
                Step::On
            }
            "903" if self.stage == Stage::LoggingIn => {
                self.end(out);
                Step::On
            }
            "902" | "904" | "905" | "906" | "908" if self.stage == Stage::LoggingIn => refused(line),
            "001" => {
                self.nick = line.params.get(0).unwrap_or(&self.nick).into();
                self.stage = Stage::Welcome;
                Step::Ready
            }
            "432" | "433" | "436" | "464" | "465" | "ERROR" if !self.is_ready() => refused(line),
            "NICK" => {
                let from = line.source.and_then(|source| source.split('!').next()).unwrap_or_default();
                if from.eq_ignore_ascii_case(&self.nick) {
                    self.nick = line.params.get(0).unwrap_or(&self.nick).into();
                }
                Step::On
            }
            _ => Step::On,
        }
    }

    fn capabilities(&mut self, line: &Message<'_>, out: &mut Vec<u8>) -> Step {
        let words = line.params.last().unwrap_or_default().split_ascii_whitespace();
        let names = words.map(|word| word.split('=').next().unwrap_or_default());
        match line.params.get(1) {
            Some("LS") => {
                self.offered.extend(names.map(Box::from));
                let more = line.params.get(2) == Some("*") && line.params.len() > 3;
                if !more && self.stage == Stage::Listing {
                    self.ask(out);
                }
            }
            Some("ACK") => {
                for name in names {
                    if let Some(gone) = name.strip_prefix('-') {
                        self.granted.remove(gone);
                    } else {
                        self.granted.insert(name.into());
                    }
                }
                if self.stage == Stage::Asked {
                    self.log_in(out);
                }
            }
            Some("NAK") if self.stage == Stage::Asked => self.log_in(out),
            Some("DEL") => self.granted.retain(|name| !names.clone().any(|gone| gone == &**name)),
            _ => {}
        }
        Step::On
    }

    fn ask(&mut self, out: &mut Vec<u8>) {
        let sasl = self.identity.account.is_some().then_some("sasl");
        let wanted = WANTED.iter().copied().chain(sasl).filter(|name| self.offered.contains(*name));
        let wanted = wanted.collect::<Vec<_>>().join(" ");
        if wanted.is_empty() {
            self.end(out);
        } else {
            self.stage = Stage::Asked;
            LineWriter::new(out).command("CAP").param("REQ").trailing(&wanted).end();
        }
    }

    fn log_in(&mut self, out: &mut Vec<u8>) {
        if self.identity.account.is_some() && self.has("sasl") {
            self.stage = Stage::LoggingIn;
            LineWriter::new(out).command("AUTHENTICATE").last("PLAIN").end();
        } else {
            self.end(out);
        }
    }

    fn authenticate(&self, out: &mut Vec<u8>) {
        /// The most bytes of one piece; one that is full is followed by another.
        const PIECE_BYTES: usize = 400;
        let Some((account, password)) = &self.identity.account else { return };
        let encoded = base64(format!("\0{account}\0{password}").as_bytes());
        let mut rest = encoded.as_str();
        loop {
            let (piece, later) = rest.split_at(rest.len().min(PIECE_BYTES));
            LineWriter::new(out).command("AUTHENTICATE").last(if piece.is_empty() { "+" } else { piece }).end();
            if piece.len() < PIECE_BYTES {
                return;
            }
            rest = later;
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.stage = Stage::Ended;
        LineWriter::new(out).command("CAP").last("END").end();
    }
}

fn refused(line: &Message<'_>) -> Step {
    Step::Refused(line.params.last().unwrap_or_default().into())
}

/// Writes bytes in base64 (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4_usize {
            let letter = (bits >> (18 - 6 * place)) & 63;
            let is_there = place <= three.len();
            text.push(if is_there { char::from(LETTERS[letter as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(handshake: &mut Handshake, line: &str) -> (Step, String) {
        let mut out = Vec::new();
        let step = handshake.receive(&Message::parse(line.as_bytes()).expect("a message"), &mut out);
        (step, String::from_utf8(out).expect("text"))
    }

    #[test]
    fn what_is_offered_of_what_is_wanted_is_asked_for() {
        let mut out = Vec::new();
        let mut handshake = Handshake::begin(Identity::guest("alice"), &mut out);
        assert_eq!(out, b"CAP LS 302\r\nNICK alice\r\nUSER alice 0 * :alice\r\n");
        assert_eq!(say(&mut handshake, ":irc CAP * LS * :batch sasl=PLAIN").1, "");
        assert_eq!(say(&mut handshake, ":irc CAP * LS :x/other echo-message").1, "CAP REQ :batch echo-message\r\n");
        assert_eq!(say(&mut handshake, ":irc CAP * ACK :batch echo-message").1, "CAP END\r\n");
        assert!(handshake.has("batch") && !handshake.has("sasl") && !handshake.is_ready());
        assert_eq!(say(&mut handshake, ":irc 001 alice2 :Welcome"), (Step::Ready, String::new()));
        assert_eq!(handshake.nick(), "alice2");
        assert_eq!(say(&mut handshake, "PING :x y").1, "PONG :x y\r\n");
        say(&mut handshake, ":bob!b@c NICK carl");
        say(&mut handshake, ":Alice2!a@b NICK :anna");
        assert_eq!(handshake.nick(), "anna");
        say(&mut handshake, ":irc CAP anna DEL :batch");
        assert!(!handshake.has("batch"));
    }

    #[test]
    fn an_account_is_logged_in_to() {
        let account = Some(("anna".into(), "x".repeat(300).into()));
        let mut handshake = Handshake::begin(Identity { account, ..Identity::guest("anna") }, &mut Vec::new());
        assert_eq!(say(&mut handshake, ":irc CAP * LS :sasl=PLAIN").1, "CAP REQ :sasl\r\n");
        assert_eq!(say(&mut handshake, ":irc CAP * ACK :sasl").1, "AUTHENTICATE PLAIN\r\n");
        let (_, pieces) = say(&mut handshake, "AUTHENTICATE +");
        // 306 bytes are 408 letters: one full piece and the rest.
        let lengths: Vec<usize> = pieces.lines().map(|line| line.len() - "AUTHENTICATE ".len()).collect();
        assert_eq!(lengths, [400, 8]);
        assert_eq!(say(&mut handshake, ":irc 903 anna :Yes").1, "CAP END\r\n");
        let mut again = handshake.clone();
        again.stage = Stage::LoggingIn;
        assert_eq!(say(&mut again, ":irc 904 anna :No").0, Step::Refused("No".into()));
    }

    #[test]
    fn who_is_not_let_in_is_told_why() {
        for line in [":irc 433 * alice :In use", "ERROR :In use"] {
            let mut handshake = Handshake::begin(Identity::guest("alice"), &mut Vec::new());
            assert_eq!(say(&mut handshake, line).0, Step::Refused("In use".into()));
        }
        let mut handshake = Handshake::begin(Identity::guest("alice"), &mut Vec::new());
        assert_eq!(say(&mut handshake, ":irc CAP * LS :").1, "CAP END\r\n");
        assert_eq!(say(&mut handshake, ":irc 001 alice :Welcome").0, Step::Ready);
        // Later, it is only a change of nick that did not come about.
        assert_eq!(say(&mut handshake, ":irc 433 alice bob :In use").0, Step::On);
    }

    #[test]
    fn base64_is_as_its_standard_says() {
        for (plain, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(plain.as_bytes()), text);
        }
    }
}
