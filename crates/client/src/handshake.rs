//! From the first line to being somebody on a server: capabilities, SASL (SCRAM-SHA-256, else PLAIN), nick and user name.
//!
//! Spec: Modern IRC, "Connection Registration"; `IRCv3` "capability-negotiation", "sasl".

use std::collections::BTreeSet;

use data_encoding::BASE64;
use irc::message::Message;
use irc::write::LineWriter;

use crate::scram::Scram;

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
    /// The password of the server itself (PASS).
    pub server_password: Option<Box<str>>,
    /// 128 random bits of this connection, used for nothing else; without them the password cannot be proved, only sent.
    pub nonce: Option<u128>,
    /// Whether nobody can listen. Where somebody can, the password is proved, and never sent.
    pub is_private: bool,
}

impl Identity {
    /// Somebody without account.
    pub fn guest(nick: &str) -> Self {
        Self {
            nick: nick.into(),
            username: nick.into(),
            realname: nick.into(),
            account: None,
            server_password: None,
            nonce: None,
            is_private: true,
        }
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
    "draft/metadata-2",
    "draft/multiline",
    "draft/read-marker",
    "draft/search",
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

/// The most bytes of one piece of an answer; one that is full is followed by another.
const PIECE_BYTES: usize = 400;

/// Said where the server does not prove that it knows the password.
pub const NOT_PROVED: &str = "The server did not prove that it knows the account: it may be another one.";

/// Said where the password would have to be sent in clear.
pub const NOT_PRIVATE: &str =
    "The connection is not encrypted, and the server cannot check the password without being sent it.";

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// The list of capabilities comes.
    Listing,
    /// The server is to grant some.
    Asked,
    /// The password is being checked; with an exchange, it is proved.
    LoggingIn(Option<Box<Scram>>),
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
    /// The ways to log in that the server names; none when it names none.
    mechanisms: Option<Box<str>>,
    nick: Box<str>,
}

impl Handshake {
    /// Begins: what it says is appended to `out`.
    pub fn begin(identity: Identity, out: &mut Vec<u8>) -> Self {
        LineWriter::new(out).command("CAP").param("LS").last("302").end();
        if let Some(password) = &identity.server_password {
            LineWriter::new(out).command("PASS").last(password).end();
        }
        LineWriter::new(out).command("NICK").last(&identity.nick).end();
        let line = LineWriter::new(out).command("USER").param(&identity.username).param("0").param("*");
        line.trailing(&identity.realname).end();
        let nick = identity.nick.clone();
        Self {
            identity,
            stage: Stage::Listing,
            offered: BTreeSet::new(),
            granted: BTreeSet::new(),
            mechanisms: None,
            nick,
        }
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
            "AUTHENTICATE" if self.is_logging_in() => self.authenticate(line.params.get(0).unwrap_or_default(), out),
            "903" if self.is_logging_in() => {
                if matches!(&self.stage, Stage::LoggingIn(Some(scram)) if !scram.is_proved()) {
                    return Step::Refused(NOT_PROVED.into());
                }
                self.end(out);
                Step::On
            }
            "902" | "904" | "905" | "906" | "908" if self.is_logging_in() => refused(line),
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
        if line.params.get(1) == Some("LS") {
            let mut mechanisms = words.clone().filter_map(|word| word.strip_prefix("sasl="));
            self.mechanisms = mechanisms.next().map(Box::from).or(self.mechanisms.take());
        }
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
                    return self.log_in(out);
                }
            }
            Some("NAK") if self.stage == Stage::Asked => return self.log_in(out),
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

    fn is_logging_in(&self) -> bool {
        matches!(self.stage, Stage::LoggingIn(_))
    }

    fn log_in(&mut self, out: &mut Vec<u8>) -> Step {
        let Some((account, password)) = self.identity.account.as_ref().filter(|_| self.has("sasl")) else {
            self.end(out);
            return Step::On;
        };
        let mechanisms = self.mechanisms.as_deref().unwrap_or("PLAIN");
        let has_scram = mechanisms.split(',').any(|name| name == "SCRAM-SHA-256");
        let scram = self.identity.nonce.filter(|_| has_scram).map(|nonce| Scram::begin(account, password, nonce));
        if scram.is_none() && !self.identity.is_private {
            return Step::Refused(NOT_PRIVATE.into());
        }
        let mechanism = if scram.is_some() { "SCRAM-SHA-256" } else { "PLAIN" };
        LineWriter::new(out).command("AUTHENTICATE").last(mechanism).end();
        self.stage = Stage::LoggingIn(scram.map(Box::new));
        Step::On
    }

    fn authenticate(&mut self, said: &str, out: &mut Vec<u8>) -> Step {
        let Some((account, password)) = &self.identity.account else { return Step::On };
        let answer = match &mut self.stage {
            Stage::LoggingIn(Some(scram)) => scram.answer(said),
            _ => Ok(BASE64.encode(format!("\0{account}\0{password}").as_bytes())),
        };
        let Ok(answer) = answer else { return Step::Refused(NOT_PROVED.into()) };
        let mut rest = answer.as_str();
        loop {
            let (piece, later) = rest.split_at(rest.len().min(PIECE_BYTES));
            LineWriter::new(out).command("AUTHENTICATE").last(if piece.is_empty() { "+" } else { piece }).end();
            if piece.len() < PIECE_BYTES {
                return Step::On;
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
        again.stage = Stage::LoggingIn(None);
        assert_eq!(say(&mut again, ":irc 904 anna :No").0, Step::Refused("No".into()));
    }

    #[test]
    fn where_the_server_can_the_password_is_proved_and_where_somebody_can_listen_it_is_never_sent() {
        let account = Some(("anna".into(), "sesame".into()));
        let identity = Identity { account, nonce: Some(7), is_private: false, ..Identity::guest("anna") };
        let begun = |offer: &str| {
            let mut handshake = Handshake::begin(identity.clone(), &mut Vec::new());
            say(&mut handshake, &format!(":irc CAP * LS :{offer}"));
            let said = say(&mut handshake, ":irc CAP * ACK :sasl");
            (handshake, said)
        };
        let (mut handshake, (_, said)) = begun("sasl=PLAIN,SCRAM-SHA-256");
        assert_eq!(said, "AUTHENTICATE SCRAM-SHA-256\r\n");
        let (_, first) = say(&mut handshake, "AUTHENTICATE +");
        assert_eq!(first, format!("AUTHENTICATE {}\r\n", BASE64.encode(format!("n,,n=anna,r={:032x}", 7).as_bytes())));
        assert_eq!(say(&mut handshake.clone(), "AUTHENTICATE x").0, Step::Refused(NOT_PROVED.into()));
        assert_eq!(say(&mut handshake, ":irc 903 anna :Yes").0, Step::Refused(NOT_PROVED.into()));
        for offer in ["sasl=PLAIN", "sasl"] {
            assert_eq!(begun(offer).1, (Step::Refused(NOT_PRIVATE.into()), String::new()));
        }
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
}
