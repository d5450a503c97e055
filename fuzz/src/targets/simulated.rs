//! A whole server without sockets, files, threads and clock, watched from all its connections.
//!
//! What must hold, besides that nothing panics:
//!
//! * an IRC client gets whole lines within the limits; a plain client gets text that drives no terminal;
//! * who is closed is closed once, and gets nothing more; who is handed to the web server is handed over with all its bytes;
//! * what waits for a client that does not read has a bound;
//! * the loop comes to rest at every moment, and after a stop within five seconds;
//! * when everybody is gone and the log has kept all, nobody and nothing is left behind.

mod connection;
mod log;
mod settings;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use chat::channel::Channel;
use chat::fact::Fact;
use chat::hall::Start;
use chat::ids::{LogId, Seq, SessionId};
use chat::time::{Instant, Now, Timestamp};
use chat::user::{OperatorClass, User};
use chat::{Hall, Input};
use irc::casemap::CaseMapping;
use session::host::Host;
use session::settings::{Peer, Settings};
use session::shard::{Action, Shard, ToWrite, WriteFailed};

use super::script::{CONNECTIONS, LogStep, Step};
use connection::Connection;
use log::Log;
use settings::{CALENDAR_START, SENDQ_BYTES};

pub(super) use log::LogManner;

const LOG: LogId = LogId(1);
const SIGNALS: LogId = LogId(2);
const CONNECTIONS_PER_ADDRESS: usize = 3;
/// More wake-ups than five minutes of the gaps of eight full queues need.
const WAKES_MAX: u32 = 100_000;
/// What one socket read brings at most.
const READ_BYTES_MAX: usize = 4096;
/// What one turn may add to what waits: the longest answers to one read, before anybody counts.
const TURN_BYTES_MAX: usize = 4 << 20;
/// Longer than a server that stops may take.
const STOP_TIME: Duration = Duration::from_secs(6);

/// The server and its clients.
pub(super) struct Simulated {
    settings: std::sync::Arc<Settings>,
    shard: Shard,
    host: Host<Log>,
    now: Duration,
    connections: Vec<Connection>,
    stopped: bool,
}

impl Simulated {
    /// Starts a server.
    pub(super) fn start(manner: LogManner, casemapping: CaseMapping) -> Self {
        let settings = std::sync::Arc::new(settings::settings(casemapping));
        let hall = Hall::new(Start {
            settings: std::sync::Arc::clone(&settings.chat),
            rows: Vec::new(),
            log: LOG,
            last: Seq::ZERO,
            signals: SIGNALS,
            now: CALENDAR_START,
        });
        let shard = Shard::new(0, std::sync::Arc::clone(&settings), CONNECTIONS_PER_ADDRESS);
        let connections = (0..CONNECTIONS).map(|_| Connection::default()).collect();
        let now = Duration::ZERO;
        let host = Host::new(hall, Log::new(manner, casemapping), moment(now));
        let mut started = Self { settings, shard, host, now, connections, stopped: false };
        started.turns();
        started
    }

    /// Lets one thing happen, and all that follows from it at this moment.
    pub(super) fn step(&mut self, step: Step) {
        match step {
            Step::Open { connection, door, remote } => self.open(connection, door, remote),
            Step::Send { connection, bytes } => self.send(connection, &bytes, READ_BYTES_MAX),
            Step::SendSingly { connection, bytes } => self.send(connection, &bytes, 1),
            Step::EndOfInput { connection } => self.connections[connection].no_more_input = true,
            Step::Lost { connection } => self.lose(connection),
            Step::Window { connection, bytes } => {
                self.connections[connection].window = bytes;
                if let Some(session) = self.connections[connection].session {
                    self.shard.writable(session);
                }
            }
            Step::Break { connection } => self.connections[connection].is_broken = true,
            Step::Pass { milliseconds } => self.pass(Duration::from_millis(milliseconds)),
            Step::Log(step) => self.host.log_mut().step(step),
            Step::Stop => self.stop(),
        }
        self.turns();
    }

    /// Opens a connection, if that number is free.
    pub(super) fn open(&mut self, connection: usize, door: usize, remote: bool) {
        if self.connections[connection].session.is_some() {
            return;
        }
        let door = door % self.settings.doors.len();
        let address = if remote { Ipv4Addr::new(203, 0, 113, 9) } else { Ipv4Addr::LOCALHOST };
        let peer = Peer { secure: connection.is_multiple_of(2), ..Peer::new(IpAddr::V4(address)) };
        let number = u16::try_from(door).unwrap_or_default();
        let now = self.now();
        let Ok(session) = self.shard.accept(number, peer, now) else { return };
        self.connections[connection] =
            Connection::at(session, &self.settings.doors[door], &self.settings.chat.server_name);
        self.turns();
    }

    /// Sends bytes on a connection, which is opened if it is not; each read brings so many at most.
    pub(super) fn send(&mut self, connection: usize, bytes: &[u8], read_bytes: usize) {
        // Connections that nobody opened go to the doors in turn.
        self.open(connection, connection, false);
        self.connections[connection].waiting.extend(bytes.chunks(read_bytes).map(<[u8]>::to_vec));
        self.turns();
    }

    /// Keeps the lines that a connection gets from now on.
    pub(super) fn record(&mut self, connection: usize) {
        self.connections[connection].recorded = Some(Vec::new());
    }

    /// Returns the lines that a connection got since.
    pub(super) fn recorded(&mut self, connection: usize) -> Vec<String> {
        self.connections[connection].recorded.take().unwrap_or_default()
    }

    fn lose(&mut self, connection: usize) {
        let now = self.now();
        if let Some(session) = self.connections[connection].session {
            self.shard.lost(session, now);
        }
    }

    fn stop(&mut self) {
        self.stopped = true;
        let now = self.now();
        self.shard.stop(now);
        self.turns();
        self.pass(STOP_TIME);
        assert!(self.shard.is_empty(), "stopped, and {} connections are left", self.shard.len());
    }

    fn now(&self) -> Now {
        moment(self.now)
    }

    /// Lets time pass, with everything that is due in it.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..WAKES_MAX {
            match self.shard.next_wake() {
                Some(due) if due.since_start() <= until => {
                    self.now = self.now.max(due.since_start());
                    let now = self.now();
                    self.shard.wake(now);
                    self.turns();
                }
                _ => {
                    self.now = until;
                    return;
                }
            }
        }
        panic!("woken for ever at {:?}", self.now);
    }

    /// Turns the loop until nothing is left to do at this moment.
    fn turns(&mut self) {
        self.host.log_mut().groups = 0;
        while self.turn() {}
    }

    /// One turn of the loop. Returns whether anything happened.
    fn turn(&mut self) -> bool {
        let is_due = self.shard.next_wake().is_some_and(|at| at.since_start() <= self.now);
        let mut is_busy = self.feed() || is_due;
        let (now, connections) = (self.now(), &mut self.connections);
        let write = |ToWrite { session, bytes, .. }: ToWrite<'_>| {
            let connection = connections
                .iter_mut()
                .find(|one| one.session == Some(session))
                .unwrap_or_else(|| panic!("bytes for a session that is gone: {:?}", String::from_utf8_lossy(bytes)));
            assert!(!bytes.is_empty(), "nothing is written");
            assert!(bytes.len() <= SENDQ_BYTES + TURN_BYTES_MAX, "{} bytes were waiting", bytes.len());
            if connection.is_broken {
                return Err(WriteFailed);
            }
            let taken = connection.window.unwrap_or(bytes.len()).min(bytes.len());
            is_busy |= taken > 0;
            connection.take(&bytes[..taken]);
            Ok(taken)
        };
        self.host.turn(&mut self.shard, now, &mut |shard, effect| shard.effect(&effect, now), write);
        for action in self.shard.take_actions() {
            is_busy = true;
            self.act(action);
        }
        is_busy || self.shard.has_dirty()
    }

    /// Hands what the clients have sent to sessions that can take it.
    fn feed(&mut self) -> bool {
        let now = self.now();
        let mut is_busy = false;
        for connection in &mut self.connections {
            let Some(session) = connection.session else { continue };
            if self.shard.is_paused(session) {
                continue;
            }
            if let Some(bytes) = connection.waiting.pop_front() {
                connection.handed_over.extend_from_slice(&bytes);
                self.shard.receive(session, &bytes, now);
                is_busy = true;
            } else if std::mem::take(&mut connection.no_more_input) {
                self.shard.end_of_input(session, now);
                is_busy = true;
            }
        }
        is_busy
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Close { session, .. } => {
                self.closed(session);
            }
            Action::HandOff { session, bytes, .. } => {
                let handed_over = self.closed(session);
                assert_eq!(bytes, handed_over, "the web server gets other bytes than the browser sent");
            }
            Action::StartTls { .. } => unreachable!("no door has TLS"),
            Action::Work { session, work } => {
                let (outcome, now) = (work.at_once_for_tests(operator), self.now());
                self.shard.worked(session, &outcome, now);
            }
            Action::Rehash { .. } => {
                let now = self.now();
                self.shard.reload(std::sync::Arc::clone(&self.settings), CONNECTIONS_PER_ADDRESS, now);
                let (shard, reloaded) = (&mut self.shard, Input::Settings(std::sync::Arc::clone(&self.settings.chat)));
                self.host.handle(reloaded, now, &mut |effect| shard.effect(&effect, now));
            }
        }
    }

    /// A connection is over for the server. Returns what its client had sent.
    fn closed(&mut self, session: SessionId) -> Vec<u8> {
        let connection = self
            .connections
            .iter_mut()
            .find(|one| one.session == Some(session))
            .unwrap_or_else(|| panic!("a session that is gone is closed"));
        connection.check_end();
        std::mem::take(connection).handed_over
    }

    /// Ends everything and looks at what is left.
    pub(super) fn finish(mut self) {
        self.turns();
        for step in [LogStep::Accept, LogStep::OrderLater(false), LogStep::Order, LogStep::Commit] {
            self.step(Step::Log(step));
        }
        for connection in 0..CONNECTIONS {
            self.step(Step::Lost { connection });
        }
        // Who asked the store, or was refused a name, goes on only after a commit, and leaves after that.
        for _ in 0..3 {
            self.turns();
            self.step(Step::Log(LogStep::Commit));
        }
        assert!(self.shard.is_empty(), "everybody is lost, and {} connections are left", self.shard.len());
        assert_eq!(self.shard.next_wake(), None, "nobody is there, and somebody is to be woken");
        assert!(!self.shard.has_dirty(), "nobody is there, and something is to be written");
        assert_eq!(self.host.hall().held(), 0, "effects wait for a commit that has come");
        self.host.log().check();
        if self.stopped {
            // The hall ends with the process; nobody is told that all others have left, too.
            return;
        }
        let world = self.host.hall().world();
        let counts = world.counts(0);
        let wishes_to_stay = |account: &str| {
            world.accounts.get(account, world.mapping()).is_some_and(|account| account.always_on == Some(true))
        };
        let stays = |user: &&User| user.connections == 0 && user.person.account.as_deref().is_some_and(wishes_to_stay);
        let staying = world.users.values().filter(stays).count();
        assert_eq!(counts.visible + counts.invisible, staying, "users are left behind");
        let ends = |channel: &Channel| channel.members.is_empty() && !channel.stays_when_empty();
        assert!(!world.channels.values().any(ends), "channels are left behind");
        assert!(
            staying > 0 || !world.channels.values().any(|channel| !channel.members.is_empty()),
            "members are left behind"
        );
    }
}

/// Whether the log may lose this fact: a message that is not committed.
fn is_message(fact: &Fact) -> bool {
    !fact.changes_state()
}

/// Who the operators of the configuration are.
fn operator(name: &str, password: &str) -> Option<OperatorClass> {
    match (name, password) {
        ("root", "secret") => Some(OperatorClass::Admin),
        ("mod", "secret") => Some(OperatorClass::Moderator),
        _ => None,
    }
}

/// A moment, on both clocks.
fn moment(now: Duration) -> Now {
    let milliseconds = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    Now { instant: Instant::at(now), wall: Timestamp(CALENDAR_START.0.saturating_add(milliseconds)) }
}
