//! Who talks: IRC clients and classroom programs that do what people do, at any moment. They keep what they see.

mod irc_client;
mod plain_client;

use std::time::Duration;

use crate::random::Random;
use crate::settings::{IRC_DOOR, PLAIN_DOOR};
use crate::watch::Watch;
use irc_client::IrcClient;
use plain_client::PlainClient;

/// Who takes part: two IRC clients of today, two that use ids, and a classroom program.
pub(crate) const NAMES: [&str; 5] = ["alice", "bob", "carol", "dave", "anna"];

/// How long a client waits for an answer to its PING while it is connected, before the server is to blame: longer than a
/// slow link and a disk that has trouble, together.
pub(crate) const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// What a client does while it is connected.
pub(crate) enum Talk {
    Irc(Box<IrcClient>),
    Plain(PlainClient),
}

/// What a client can use in a moment.
pub(crate) struct Hands<'run> {
    pub(crate) number: usize,
    pub(crate) now: Duration,
    pub(crate) random: &'run mut Random,
    pub(crate) watch: &'run mut Watch,
    /// Counts texts, so that each is said once.
    pub(crate) words: &'run mut u64,
    /// What it sends.
    pub(crate) out: Vec<u8>,
}

impl Hands<'_> {
    /// Sends a line.
    pub(crate) fn send(&mut self, line: &str) {
        self.watch.note(self.now, || format!("{} → {line}", NAMES[self.number]));
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    /// Makes words that nobody has said before.
    pub(crate) fn new_words(&mut self) -> String {
        *self.words += 1;
        let filler = if self.random.chance(50) { "x".repeat(self.random.below(300)) } else { String::new() };
        let end = if filler.is_empty() { "" } else { " " };
        format!("words{}of{}{end}{filler}", *self.words, NAMES[self.number])
    }
}

impl Talk {
    /// Makes the client of a number.
    pub(crate) fn new(number: usize) -> Self {
        let name = NAMES[number];
        match number {
            0 | 1 => Self::Irc(Box::new(IrcClient::new(name, false))),
            2 | 3 => Self::Irc(Box::new(IrcClient::new(name, true))),
            _ => Self::Plain(PlainClient::new(name)),
        }
    }

    /// Returns where it knocks.
    pub(crate) fn door(&self) -> u16 {
        match self {
            Self::Irc(_) => IRC_DOOR,
            Self::Plain(_) => PLAIN_DOOR,
        }
    }

    /// Begins a connection.
    pub(crate) fn connected(&mut self, hands: &mut Hands<'_>) {
        hands.watch.connected(hands.number);
        match self {
            Self::Irc(irc) => irc.connected(hands),
            Self::Plain(plain) => plain.connected(),
        }
    }

    /// Takes bytes.
    pub(crate) fn received(&mut self, bytes: &[u8], hands: &mut Hands<'_>) {
        match self {
            Self::Irc(irc) => irc.received(bytes, hands),
            Self::Plain(plain) => plain.received(bytes, hands),
        }
    }

    /// Does something that a person might do now.
    pub(crate) fn act(&mut self, hands: &mut Hands<'_>) {
        match self {
            Self::Irc(irc) => irc.act(hands),
            Self::Plain(plain) => plain.act(hands),
        }
    }

    /// Asks whether the server is there.
    pub(crate) fn ping(&mut self, hands: &mut Hands<'_>) {
        if let Self::Irc(irc) = self {
            irc.ping(hands);
        }
    }

    /// Since when it waits for an answer.
    pub(crate) fn waits_since(&self) -> Option<Duration> {
        match self {
            Self::Irc(irc) => irc.waits_since(),
            Self::Plain(_) => None,
        }
    }
}

/// Cuts whole lines from what has come.
fn lines(input: &mut Vec<u8>, bytes: &[u8]) -> Vec<String> {
    input.extend_from_slice(bytes);
    let Some(end) = input.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
    let whole: Vec<u8> = input.drain(..=end).collect();
    let text = String::from_utf8_lossy(&whole);
    text.lines().map(str::to_owned).collect()
}
