//! The classroom servers from the other side: an interpreter between one of them and a [`Network`](crate::network::Network),
//! which hears and says IRC and nothing else.
//!
//! Whoever drives it hands over what one read has brought ([`Classroom::heard`]; a read is a message there), gives
//! [`Classroom::take_lines`] to the network, hands over what the network writes ([`Classroom::told`]), and writes each
//! [`Classroom::next_segment`] by itself: two that are written together are one message for these servers.
//!
//! Where the variant gives the sender its own message back, that is what says that it has arrived; where it does not, a
//! message counts as taken when it was handed to the socket, for nothing else is ever known of it.
//!
//! Specification: crate `plain`, whose [`Variant`] says all words.

mod naming;
mod reading;

use std::collections::VecDeque;
use std::time::Duration;

use irc::line::{Framed, LineBuffer, LineLimits};
use irc::message::Message;
use irc::write::LineWriter;
use plain::{Prefix, Variant};

/// The room as the network knows it.
pub const ROOM: &str = "#classroom";

/// What the interpreter calls the server.
const SERVER: &str = "classroom";

/// Between two messages at least so long passes: these servers take what one read brings for one message.
pub const SEGMENT_GAP: Duration = Duration::from_millis(60);

/// So long a message may be on its way there and back before the next one is sent all the same.
const ECHO_WAIT: Duration = Duration::from_secs(1);

/// A message that does not come back for so long says that the link is dead.
pub const ECHO_MAX: Duration = Duration::from_secs(5);

/// So long a server may take to say that it does not like a name.
pub const NAME_WAIT: Duration = Duration::from_millis(700);

/// The most bytes of one message, with the name before it: what fits a line of IRC when it comes back, and less than the 1024
/// bytes that the originals read at once.
pub const MESSAGE_BYTES_MAX: usize = 400;

/// The longest line that is read from the network: it is to be refused, not lost.
const TOLD: LineLimits = LineLimits { tags_bytes_max: 8191, body_bytes_max: 8191 };

/// The most messages that wait for their turn; one more is refused.
const WAITING_MAX: usize = 256;

/// How far it is.
#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// The server is to speak first.
    Greeting,
    /// It has the name.
    Naming { since: Duration },
    /// The client is in.
    Inside,
    /// The client has left, or was told to.
    Over,
}

/// What is to be done in its turn.
#[derive(Debug)]
enum Turn {
    /// A message, or a name.
    Segment { bytes: Vec<u8>, said: Option<Said> },
    /// An answer to the network, once all before it was sent.
    Answer(Vec<u8>),
}

/// A message of the client that is to come back.
#[derive(Debug)]
struct Said {
    label: Option<Box<str>>,
    text: Box<str>,
    /// What of it has not come back: servers cut.
    rest: Box<str>,
    at: Duration,
}

/// One connection. A new one has a new value.
#[derive(Debug)]
pub struct Classroom {
    variant: Variant,
    stage: Stage,
    /// The name, as the network has it and as the server gets it.
    nick: Box<str>,
    greeting: Option<Box<str>>,
    has_negotiated: bool,
    is_welcomed: bool,
    has_said_goodbye: bool,
    silent: Option<reading::Silent>,
    told: LineBuffer,
    lines: Vec<u8>,
    turns: VecDeque<Turn>,
    /// What is to come back, the oldest first.
    said: VecDeque<Said>,
    quiet_until: Duration,
    now: Duration,
}

impl Classroom {
    /// Begins a conversation with a server that speaks this variant.
    pub fn begin(variant: Variant, now: Duration) -> Self {
        Self {
            variant,
            stage: Stage::Greeting,
            nick: "".into(),
            greeting: None,
            has_negotiated: false,
            is_welcomed: false,
            has_said_goodbye: false,
            silent: None,
            told: LineBuffer::new(TOLD),
            lines: Vec::new(),
            turns: VecDeque::new(),
            said: VecDeque::new(),
            quiet_until: now,
            now,
        }
    }

    /// Takes what the network writes.
    pub fn told(&mut self, mut bytes: &[u8], now: Duration) {
        self.now = now;
        let mut told = std::mem::replace(&mut self.told, LineBuffer::new(TOLD));
        while let Some(framed) = told.next(&mut bytes) {
            if let Framed::Line(line) = framed
                && let Ok(line) = Message::parse(line)
            {
                self.take(&line);
            }
        }
        self.told = told;
    }

    /// Takes what one read has brought.
    pub fn heard(&mut self, read: &[u8], now: Duration) {
        self.now = now;
        let text = reading::text_of(read);
        match self.stage {
            Stage::Greeting => self.greeted(&text),
            Stage::Naming { .. } => self.named(&text),
            Stage::Inside => self.read(&text),
            Stage::Over => {}
        }
    }

    /// Returns what the network is to hear.
    pub fn take_lines(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.lines)
    }

    /// Returns the next message to be written, by itself and at once; nothing when none is due.
    pub fn next_segment(&mut self, now: Duration) -> Option<Vec<u8>> {
        self.now = now;
        if matches!(self.stage, Stage::Naming { since } if since + NAME_WAIT <= now) {
            self.enter();
        }
        while let Some(turn) = self.turns.front() {
            let is_early = matches!(turn, Turn::Segment { .. }) && self.due() > now;
            if is_early {
                return None;
            }
            match self.turns.pop_front()? {
                Turn::Answer(line) => self.lines.extend(line),
                Turn::Segment { bytes, said } => {
                    self.said.extend(said.map(|said| Said { at: now, ..said }));
                    self.quiet_until = now + SEGMENT_GAP;
                    return Some(bytes);
                }
            }
        }
        None
    }

    /// Tells whether the client has said that it leaves. Whoever goes without is to break the connection off: an ordinary end is
    /// none for these servers, which go on reading nothing, and write it to everybody.
    pub fn has_said_goodbye(&self) -> bool {
        self.has_said_goodbye
    }

    /// Returns when to call [`Classroom::next_segment`] at the latest. A client that has left may close the connection when
    /// there is nothing to wait for any more.
    pub fn timeout(&self) -> Option<Duration> {
        let name = match self.stage {
            Stage::Naming { since } => Some(since + NAME_WAIT),
            // What was said last is a message of its own also when nothing comes behind it.
            Stage::Over => Some(self.quiet_until).filter(|until| *until > self.now),
            Stage::Greeting | Stage::Inside => None,
        };
        let turn = (!self.turns.is_empty()).then(|| self.due());
        name.into_iter().chain(turn).min()
    }

    /// Returns when the next message may be sent.
    fn due(&self) -> Duration {
        let back = self.said.back().map_or(Duration::ZERO, |said| said.at + ECHO_WAIT);
        self.quiet_until.max(back)
    }

    fn is_echoed(&self) -> bool {
        self.variant.echo
    }

    /// Takes a line of the network.
    fn take(&mut self, line: &Message<'_>) {
        let param = |place| line.params.get(place).unwrap_or_default();
        match line.command {
            "CAP" => self.negotiate(param(0), param(1)),
            "NICK" if self.nick.is_empty() => {
                self.nick = param(0).into();
                self.give_name();
            }
            "PING" => self.ping(param(0)),
            "PRIVMSG" | "NOTICE" => self.say(line),
            "QUIT" => self.quit(),
            "JOIN" if param(0) != ROOM => {
                let text = "There is one room here.";
                self.answer(line, |out| out.command("403").param("*").param(param(0)).trailing(text).end());
            }
            // Typing asks for no answer; what is named has its own.
            "USER" | "PASS" | "JOIN" => {}
            "TAGMSG" if line.tags.get("label").is_none() => {}
            other => {
                let text = "Classroom servers do not know this.";
                self.answer(line, |out| out.command("421").param("*").param(other).trailing(text).end());
            }
        }
    }

    /// Offers what is needed to know what has come back, and grants it.
    fn negotiate(&mut self, subcommand: &str, asked: &str) {
        // Only by a label can it be told which message has come back.
        let caps = if self.is_echoed() { "batch echo-message labeled-response message-tags" } else { "" };
        if subcommand == "END" {
            self.has_negotiated = true;
            return self.welcome();
        }
        let line = LineWriter::new(&mut self.lines).source(SERVER).command("CAP").param("*");
        if subcommand == "LS" {
            line.param("LS").trailing(caps).end();
        } else {
            line.param("ACK").trailing(asked).end();
        }
    }

    /// Answers whether the server is there, as far as that can be known: not while something should have come back.
    fn ping(&mut self, token: &str) {
        let is_overdue = self.said.front().is_some_and(|said| said.at + ECHO_MAX <= self.now);
        if is_overdue || self.stage == Stage::Over {
            return;
        }
        let mut answer = Vec::new();
        LineWriter::new(&mut answer).source(SERVER).command("PONG").param(SERVER).last(token).end();
        self.turns.push_back(Turn::Answer(answer));
    }

    fn say(&mut self, line: &Message<'_>) {
        let (target, text) = (line.params.get(0).unwrap_or_default(), line.params.get(1).unwrap_or_default());
        let segment = match self.variant.prefix {
            Prefix::Server => text.to_owned(),
            Prefix::Client => format!("{}: {text}{}", self.shown(), self.variant.tail),
        };
        let waiting = self.turns.iter().filter(|turn| matches!(turn, Turn::Segment { .. })).count();
        let trouble = if target != ROOM {
            Some("One can write to everybody only here.")
        } else if self.stage != Stage::Inside {
            Some("You are not in.")
        } else if text.is_empty() {
            Some("No text.")
        } else if self.variant.is_quit_word(text) {
            Some("This word would end the connection.")
        } else if segment.len() > MESSAGE_BYTES_MAX
            || text.len() + self.nick.len() > MESSAGE_BYTES_MAX
            || waiting >= WAITING_MAX
        {
            Some("That is too much at once for this server.")
        } else {
            None
        };
        if let Some(trouble) = trouble {
            return self.answer(line, |out| out.command("404").param("*").param(target).trailing(trouble).end());
        }
        let said =
            Said { label: line.tags.value("label").map(Box::from), text: text.into(), rest: text.into(), at: self.now };
        let said = self.is_echoed().then_some(said);
        self.turns.push_back(Turn::Segment { bytes: segment.into_bytes(), said });
    }

    /// Says goodbye, before everything that waits. Before the client has a name, every word would be one.
    fn quit(&mut self) {
        self.turns.clear();
        self.said.clear();
        let word = match self.variant.name.as_str() {
            "close" => Some("{close}"),
            "username" => Some("quit"),
            "nick" => None,
            _ => Some("{quit}"),
        };
        if let Some(word) = word.filter(|_| !matches!(self.stage, Stage::Greeting | Stage::Over)) {
            self.turns.push_back(Turn::Segment { bytes: word.into(), said: None });
            self.has_said_goodbye = true;
        }
        self.stage = Stage::Over;
    }

    /// Answers a line of the network, with its label.
    fn answer(&mut self, line: &Message<'_>, write: impl FnOnce(LineWriter<'_>)) {
        let out = LineWriter::new(&mut self.lines);
        let label = line.tags.value("label");
        let out = match &label {
            Some(label) => out.tag("label", Some(label)),
            None => out,
        };
        write(out.source(SERVER));
    }
}

#[cfg(test)]
mod tests;
