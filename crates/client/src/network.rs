//! One network: connecting, and connecting again; what is said and what was missed; rooms, and who is in them.
//!
//! The value is a state machine. Whoever drives it opens and closes the connection as [`Network::wake`] says, hands over
//! what comes ([`Network::receive`]), writes [`Network::take_output`], and shows [`Network::state`] as [`News`] come. A
//! program with several networks has several values. [`Network::kept`] is what outlives the program: to be kept on disk after
//! each turn, before anything is written to the socket.

mod answers;
mod commands;
mod course;

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use irc::write::LineWriter;
use serde::{Deserialize, Serialize};

use crate::back_off::BackOff;
use crate::catch_up::{Batches, CatchUp};
use crate::connection::{self, Connection};
use crate::features::chathistory::Fetching;
use crate::features::search::{Found, Searching};
use crate::handshake::Identity;
use crate::outbox::Outbox;
use crate::state::{Change, State};
use crate::timeline::Timeline;
use course::AGAIN_AFTER;

/// After so long without a word of the server, it is asked whether it is there.
pub const PING_AFTER: Duration = Duration::from_secs(5);

/// After so long without a word, the connection is dead: a person notices within ten seconds.
pub const DEAD_AFTER: Duration = Duration::from_secs(10);

/// How long connecting and being let in may take.
pub const GREETING_MAX: Duration = Duration::from_secs(30);

/// How many other nicks are tried, one with each connection, when the one that is wished for is taken.
const OTHER_NICKS_MAX: usize = 3;

/// What outlives the program.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    /// What is to be said.
    pub outbox: Outbox,
    timeline: Timeline,
    catch_up: CatchUp,
    /// The channels that the client is to be in.
    channels: BTreeSet<Box<str>>,
}

impl Kept {
    /// Begins without a past. `random` are 128 random bits that are used for nothing else.
    pub fn new(random: u128) -> Self {
        Self {
            outbox: Outbox::new(random),
            timeline: Timeline::default(),
            catch_up: CatchUp::default(),
            channels: BTreeSet::new(),
        }
    }
}

/// What the driver has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Open a connection, and call [`Network::connected`] or [`Network::lost`].
    Connect,
    /// Close the one there is: the server does not answer, or the person has left. It is over already.
    Close,
}

/// What whoever shows it should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// The connection has come, or gone: [`Network::standing`].
    Standing,
    /// The server did not let the client in, and said why. It goes on trying.
    NotLetIn(Box<str>),
    /// Something in [`Network::state`].
    Changed(Change),
    /// Something has become of an entry of the outbox.
    Settled(u64),
    /// Nobody can know whether entries of the outbox were kept: [`Outbox::doubtful`]. The person decides.
    Doubtful,
    /// What a search has found ([`Network::search`]); also nothing.
    Found(Found),
    /// A token to send a file with ([`Network::ask_token`]), or the word with which the server refuses one.
    Token(Result<Box<str>, Box<str>>),
    /// Something that was said while the client was away cannot be told any more.
    Gap,
    /// What else the server says to the client: notices, the message of the day, errors.
    Server(Box<str>),
}

/// Where the connection stands, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is none; it is tried again at this moment.
    Waiting {
        /// When.
        until: Duration,
    },
    /// It is being opened, or the server asks who the client is.
    Connecting,
    /// The client is somebody on the server; what was missed is still coming.
    CatchingUp,
    /// All is as if the client had never been away.
    Online,
    /// The person has left.
    Left,
}

/// Where the connection stands.
#[derive(Debug)]
enum Stage {
    Waiting { until: Duration },
    Opening { since: Duration },
    Open(Box<Open>),
    Left,
}

/// A connection.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent of each other: each is one step that was taken")]
struct Open {
    connection: Connection,
    since: Duration,
    heard: Duration,
    is_asked: bool,
    /// The server does not let the client in.
    is_refused: bool,
    batches: Batches,
    past: Past,
    /// Whether the client has entered its channels.
    has_entered: bool,
    is_live: bool,
    fetching: Option<Fetching>,
    searching: Option<Searching>,
    pages: u64,
    again_at: Option<Duration>,
}

/// How it is found out what was missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Past {
    /// The server has not said yet what it can.
    Unknown,
    /// By cursors.
    Timeline,
    /// By asking for history.
    CatchUp,
    /// Not at all: what comes is shown.
    Nothing,
}

/// One network.
#[derive(Debug)]
pub struct Network {
    identity: Identity,
    kept: Kept,
    state: State,
    stage: Stage,
    back_off: BackOff,
    other_nicks: usize,
    /// Whether the server tells when something was said.
    has_times: bool,
    news: VecDeque<News>,
    out: Vec<u8>,
}

impl Network {
    /// Makes one that connects at once.
    pub fn new(identity: Identity, kept: Kept) -> Self {
        Self {
            identity,
            kept,
            state: State::default(),
            stage: Stage::Waiting { until: Duration::ZERO },
            back_off: BackOff::default(),
            other_nicks: 0,
            has_times: false,
            news: VecDeque::new(),
            out: Vec::new(),
        }
    }

    /// Returns what is known of the network.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Returns what is to be kept on disk.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Returns where the connection stands.
    pub fn standing(&self) -> Standing {
        match &self.stage {
            Stage::Waiting { until } => Standing::Waiting { until: *until },
            Stage::Opening { .. } => Standing::Connecting,
            Stage::Open(open) if !open.connection.handshake().is_ready() => Standing::Connecting,
            Stage::Open(open) if !open.is_live => Standing::CatchingUp,
            Stage::Open(_) => Standing::Online,
            Stage::Left => Standing::Left,
        }
    }

    /// Returns when to call [`Network::wake`] at the latest.
    pub fn timeout(&self) -> Option<Duration> {
        match &self.stage {
            Stage::Waiting { until } => Some(*until),
            Stage::Opening { since } => Some(*since + GREETING_MAX),
            Stage::Open(open) => {
                let silence = if open.is_refused {
                    open.heard
                } else if !open.connection.handshake().is_ready() {
                    open.since + GREETING_MAX
                } else if open.is_asked {
                    open.heard + DEAD_AFTER
                } else {
                    open.heard + PING_AFTER
                };
                Some(open.again_at.map_or(silence, |again| again.min(silence)))
            }
            Stage::Left => None,
        }
    }

    /// Does what is due at this moment; tells what the driver has to do. `random` are 32 random bits.
    pub fn wake(&mut self, now: Duration, random: u32) -> Option<Want> {
        match &mut self.stage {
            Stage::Waiting { until } if *until <= now => {
                self.stage = Stage::Opening { since: now };
                self.news.push_back(News::Standing);
                return Some(Want::Connect);
            }
            Stage::Opening { since } if *since + GREETING_MAX <= now => {
                self.lost(now, random);
                return Some(Want::Close);
            }
            Stage::Waiting { .. } | Stage::Opening { .. } | Stage::Left => return None,
            Stage::Open(_) => {}
        }
        let Stage::Open(open) = &mut self.stage else { return None };
        let is_ready = open.connection.handshake().is_ready();
        let is_over = if is_ready { open.heard + DEAD_AFTER <= now } else { open.since + GREETING_MAX <= now };
        if is_over || open.is_refused {
            self.lost(now, random);
            return Some(Want::Close);
        }
        if is_ready && !open.is_asked && open.heard + PING_AFTER <= now {
            open.is_asked = true;
            open.connection.say("PING alive");
        }
        if open.again_at.is_some_and(|at| at <= now) {
            open.again_at = None;
            self.kept.outbox.retry();
            if open.past == Past::Timeline && !self.kept.timeline.is_live() {
                self.kept.timeline.ask(&mut self.out);
            }
            open.connection.pump(&mut self.kept.outbox);
        }
        None
    }

    /// The connection is open.
    pub fn connected(&mut self, now: Duration) {
        let mut identity = self.identity.clone();
        identity.nick = format!("{}{}", identity.nick, "_".repeat(self.other_nicks)).into();
        self.kept.timeline.connected();
        self.kept.catch_up.connected();
        self.stage = Stage::Open(Box::new(Open {
            connection: Connection::begin(identity),
            since: now,
            heard: now,
            is_asked: false,
            is_refused: false,
            batches: Batches::default(),
            past: Past::Unknown,
            has_entered: false,
            is_live: false,
            fetching: None,
            searching: None,
            pages: 0,
            again_at: None,
        }));
    }

    /// The connection could not be opened, or has ended.
    pub fn lost(&mut self, now: Duration, random: u32) {
        if matches!(self.stage, Stage::Left) {
            return;
        }
        self.end();
        self.stage = Stage::Waiting { until: now + self.back_off.wait(random) };
        self.news.push_back(News::Standing);
    }

    fn end(&mut self) {
        self.kept.outbox.disconnected();
        self.kept.timeline.disconnected();
        self.kept.catch_up.disconnected();
        self.state.disconnected();
        self.out.clear();
    }

    /// Leaves for good. What is to be written is written before the connection is closed.
    pub fn leave(&mut self, text: &str) {
        let mut goodbye = Vec::new();
        if let Stage::Open(open) = &mut self.stage {
            LineWriter::new(&mut goodbye).command("QUIT").trailing(text).end();
            let before = open.connection.take_output();
            goodbye.splice(0..0, before);
        }
        self.end();
        self.out = goodbye;
        self.stage = Stage::Left;
        self.news.push_back(News::Standing);
    }

    /// Takes what the connection has brought.
    pub fn receive(&mut self, bytes: &[u8], now: Duration) {
        let Stage::Open(open) = &mut self.stage else { return };
        if bytes.is_empty() {
            return;
        }
        open.heard = now;
        open.is_asked = false;
        open.connection.receive(bytes, &mut self.kept.outbox);
        loop {
            let Stage::Open(open) = &mut self.stage else { return };
            let Some(news) = open.connection.next_news() else { break };
            match news {
                connection::News::Ready => self.ready(),
                connection::News::Refused(why) => {
                    open.is_refused = true;
                    self.news.push_back(News::NotLetIn(why));
                }
                connection::News::Settled(number) => self.settled(number),
                connection::News::Line(line) => self.line(&line, now),
            }
        }
        if self.kept.outbox.is_held()
            && let Stage::Open(open) = &mut self.stage
        {
            open.again_at.get_or_insert(now + AGAIN_AFTER);
        }
    }

    /// Returns the next piece of news.
    pub fn next_news(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    /// Returns what is to be written to the connection. Nothing of it is kept here.
    pub fn take_output(&mut self) -> Vec<u8> {
        let mut out = match &mut self.stage {
            Stage::Open(open) => open.connection.take_output(),
            Stage::Waiting { .. } | Stage::Opening { .. } | Stage::Left => Vec::new(),
        };
        out.append(&mut self.out);
        out
    }
}

#[cfg(test)]
mod tests;
