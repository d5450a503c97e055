//! Who talks: IRC clients and classroom programs that do what people do, at any moment. They keep what they see.

mod irc_client;
mod network_client;
mod own_client;
mod plain_client;
mod said;

use std::time::Duration;

use chat::ids::{MsgId, Seq};

use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::settings::{IRC_DOOR, PLAIN_DOOR};
pub(crate) use crate::truth::person as person_of;
use crate::watch::{How, Seen, Watch};
use irc_client::IrcClient;
use network_client::NetworkClient;
use own_client::OwnClient;
use plain_client::PlainClient;

/// Who takes part: two IRC clients of today, three with the parts of our own, of which two are the same person's, our own as a
/// whole, and a classroom program.
pub(crate) const NAMES: [&str; 7] = ["alice", "bob", "carol", "carol2", "dave", "erin", "anna"];

const CHANNELS: [&str; 3] = ["#piazza", "#tea", "#secret"];

/// Everybody's.
const PASSWORD: &str = "sesame";

/// How long a client waits for an answer to its PING while it is connected, before the server is to blame: longer than a
/// slow link and a disk that has trouble, together.
pub(crate) const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// What a client does while it is connected.
pub(crate) enum Talk {
    Irc(Box<IrcClient>),
    Own(Box<OwnClient>),
    Network(Box<NetworkClient>),
    Plain(PlainClient),
}

/// What people do more than is usual, so that what is broken on purpose shows soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaning {
    /// Nothing.
    Usual,
    /// They make channels secret, and look into the past.
    Secrets,
    /// They say things in private, and search for everything.
    Searches,
}

impl Leaning {
    /// Returns what brings a sabotage to light.
    pub(crate) fn of(sabotage: Option<Sabotage>) -> Self {
        match sabotage {
            Some(Sabotage::ForgetPrivacy) => Self::Secrets,
            Some(Sabotage::SearchOthers) => Self::Searches,
            _ => Self::Usual,
        }
    }
}

/// What a client can use in a moment.
pub(crate) struct Hands<'run> {
    pub(crate) number: usize,
    pub(crate) now: Duration,
    /// The newest fact of the server's log.
    pub(crate) newest: Seq,
    pub(crate) random: &'run mut Random,
    pub(crate) watch: &'run mut Watch,
    /// What people do more than is usual.
    pub(crate) leaning: Leaning,
    /// Counts texts, so that each is said once.
    pub(crate) words: &'run mut u64,
    /// What it sends.
    pub(crate) out: Vec<u8>,
    /// It closes the connection.
    pub(crate) hangs_up: bool,
}

impl Hands<'_> {
    /// Sends a line.
    pub(crate) fn send(&mut self, line: &str) {
        self.watch.note(self.now, || format!("{} → {line}", NAMES[self.number]));
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
    }

    /// Writes down a whole message that the client shows.
    fn see(&mut self, id: MsgId, time: String, target: String, text: String, how: How) {
        // What is not words was said by the server, or is gone.
        if text.starts_with("words") {
            self.watch.see(Seen { client: self.number, id, time, target, text, is_whole: true, how });
        }
    }

    /// Makes words that nobody has said before.
    pub(crate) fn new_words(&mut self) -> String {
        *self.words += 1;
        let filler = if self.random.chance(50) { "x".repeat(self.random.below(300)) } else { String::new() };
        let end = if filler.is_empty() { "" } else { " " };
        format!("words{}of{}{end}{filler}", *self.words, NAMES[self.number])
    }

    /// Makes what somebody says at once: one message, or a burst of them now and then.
    fn burst(&mut self, message: impl Fn(&mut Self) -> String) -> Vec<String> {
        let times = if self.random.chance(100) { 1 + self.random.below(12) } else { 1 };
        self.watch.counts.said += times as u64;
        (0..times).map(|_| message(self)).collect()
    }

    /// Makes a message: one line, or now and then several.
    pub(crate) fn new_message(&mut self) -> String {
        let lines = if self.random.chance(120) { 2 + self.random.below(4) } else { 1 };
        let mut text = self.new_words();
        for _ in 1..lines {
            text.push('\n');
            text.push_str(&self.new_words());
        }
        text
    }
}

impl Talk {
    /// Makes the client of a number.
    pub(crate) fn new(number: usize) -> Self {
        let name = NAMES[number];
        match number {
            // The second does not know of messages of several lines, and is shown their lines one by one.
            0 => Self::Irc(Box::new(IrcClient::new(name, true))),
            1 => Self::Irc(Box::new(IrcClient::new(name, false))),
            2..=4 => Self::Own(Box::new(OwnClient::new(name, number))),
            5 => Self::Network(Box::new(NetworkClient::new(name))),
            _ => Self::Plain(PlainClient::new(name)),
        }
    }

    /// Returns where it knocks.
    pub(crate) fn door(&self) -> u16 {
        match self {
            Self::Irc(_) | Self::Own(_) | Self::Network(_) => IRC_DOOR,
            Self::Plain(_) => PLAIN_DOOR,
        }
    }

    /// Begins a connection.
    pub(crate) fn connected(&mut self, hands: &mut Hands<'_>) {
        hands.watch.connected(hands.number);
        match self {
            Self::Irc(irc) => irc.connected(hands),
            Self::Own(own) => own.connected(hands),
            Self::Network(network) => network.connected(hands),
            Self::Plain(plain) => plain.connected(),
        }
    }

    /// Takes bytes.
    pub(crate) fn received(&mut self, bytes: &[u8], hands: &mut Hands<'_>) {
        match self {
            Self::Irc(irc) => irc.received(bytes, hands),
            Self::Own(own) => own.received(bytes, hands),
            Self::Network(network) => network.received(bytes, hands),
            Self::Plain(plain) => plain.received(bytes, hands),
        }
    }

    /// Does something that a person might do now.
    pub(crate) fn act(&mut self, hands: &mut Hands<'_>) {
        match self {
            Self::Irc(irc) => irc.act(hands),
            Self::Own(own) => own.act(hands),
            Self::Network(network) => network.act(hands),
            Self::Plain(plain) => plain.act(hands),
        }
    }

    /// Asks whether the server is there.
    pub(crate) fn ping(&mut self, hands: &mut Hands<'_>) {
        match self {
            Self::Irc(irc) => irc.ping(hands),
            Self::Own(own) => own.ping(hands),
            // It asks by itself.
            Self::Network(_) | Self::Plain(_) => {}
        }
    }

    /// Tells whether it is one of our own.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self, Self::Own(_) | Self::Network(_))
    }

    /// At the end nobody does anything any more; but our own clients go on until they have said and shown everything.
    pub(crate) fn comes_to_rest(&mut self, hands: &mut Hands<'_>) {
        match self {
            Self::Own(own) => own.go_on(hands),
            Self::Network(network) => network.tend(hands),
            Self::Irc(_) | Self::Plain(_) => {}
        }
    }

    /// Tells whether it has said and shown everything.
    pub(crate) fn is_at_rest(&self) -> bool {
        match self {
            Self::Own(own) => own.is_at_rest(),
            Self::Network(network) => network.is_at_rest(),
            Self::Irc(_) | Self::Plain(_) => true,
        }
    }

    /// Says for the last time what it has seen.
    pub(crate) fn finish(&mut self, hands: &mut Hands<'_>) {
        match self {
            Self::Own(own) => own.finish(hands),
            Self::Network(network) => network.finish(hands),
            Self::Irc(_) | Self::Plain(_) => {}
        }
    }

    /// Searches for everything that was said in the room, once all is at rest.
    pub(crate) fn search(&mut self, hands: &mut Hands<'_>) {
        if let Self::Irc(irc) = self {
            irc.search_everything(hands);
        }
    }

    /// Since when it waits for an answer.
    pub(crate) fn waits_since(&self) -> Option<Duration> {
        match self {
            Self::Irc(irc) => irc.waits_since(),
            Self::Own(own) => own.waits_since(),
            // It gives up by itself.
            Self::Network(_) | Self::Plain(_) => None,
        }
    }
}

/// Does what operators of a channel do; often the client is told that it is none.
fn change_channel(channel: &str, hands: &mut Hands<'_>) {
    let other = *hands.random.pick(&NAMES);
    let other = person_of(other);
    let line = match hands.random.below(11) {
        0 => format!("MODE {channel} +i"),
        1 => format!("MODE {channel} -i"),
        2 => format!("MODE {channel} +s"),
        3 => format!("MODE {channel} -s"),
        4 => format!("MODE {channel} +o {other}"),
        5 => format!("KICK {channel} {other} :out"),
        6 => format!("INVITE {other} {channel}"),
        7 => format!("MODE {channel} +b {other}*!*@*"),
        8 => format!("MODE {channel} -b {other}*!*@*"),
        9 => {
            let to = *hands.random.pick(&CHANNELS);
            format!("RENAME {channel} {to} :as it is called now")
        }
        _ => format!("TOPIC {channel} :{}", hands.new_words()),
    };
    hands.send(&line);
}

/// Cuts whole lines from what has come.
fn lines(input: &mut Vec<u8>, bytes: &[u8]) -> Vec<String> {
    input.extend_from_slice(bytes);
    let Some(end) = input.iter().rposition(|byte| *byte == b'\n') else { return Vec::new() };
    let whole: Vec<u8> = input.drain(..=end).collect();
    let text = String::from_utf8_lossy(&whole);
    text.lines().map(str::to_owned).collect()
}
