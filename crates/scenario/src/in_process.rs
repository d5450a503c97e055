//! Transcripts against the pure crates: one shard, one hall, a log that keeps everything at once, and a clock that only
//! moves when somebody waits.

mod log;
mod settings;

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use chat::hall::Start;
use chat::ids::{LogId, SessionId};
use chat::time::{Instant, Now, Timestamp};
use chat::{Hall, Input};
use session::host::Host;
use session::settings::{DoorTls, Peer};
use session::shard::{Action, CloseHow, Shard, ToWrite};

use crate::driver::{Driver, Received, Trouble};
use crate::fingerprint::fingerprint;
use crate::model::{Leaving, ServerStep, Setting};
use log::MemoryLog;
use settings::SetUp;

/// When the simulated calendar begins: 2026-01-01.
const CALENDAR_START: Timestamp = Timestamp(1_767_225_600_000);
/// Longer than any wait of the plain framing for the rest of a send.
const QUIET: Duration = Duration::from_millis(120);
/// Loopback is exempt from the limit.
const CONNECTIONS_PER_ADDRESS: usize = 64;
const LOG: LogId = LogId(1);
const SIGNALS: LogId = LogId(2);

/// A whole server without sockets, files, threads and clock.
pub struct InProcess {
    settings: Vec<Setting>,
    set_up: SetUp,
    shard: Shard,
    host: Host<MemoryLog>,
    now: Duration,
    clients: Vec<Client>,
}

/// The other end of one session.
#[derive(Default)]
struct Client {
    session: Option<SessionId>,
    sent: VecDeque<Vec<u8>>,
    half_closed: bool,
    received: VecDeque<Received>,
}

/// The moment of a transcript, on both clocks.
fn moment(now: Duration) -> Now {
    let milliseconds = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    Now { instant: Instant::at(now), wall: Timestamp(CALENDAR_START.0.saturating_add(milliseconds)) }
}

/// Begins a process on what former ones kept.
fn begin(set_up: &SetUp, log: &MemoryLog, now: Timestamp) -> (Hall, Shard) {
    let settings = Arc::new(set_up.session.clone());
    let chat = Arc::clone(&settings.chat);
    let hall = Hall::new(Start { settings: chat, rows: log.rows(), log: LOG, last: log.last, signals: SIGNALS, now });
    (hall, Shard::new(0, settings, CONNECTIONS_PER_ADDRESS))
}

impl InProcess {
    /// Starts with `settings`.
    ///
    /// # Errors
    /// Names a setting that means nothing here.
    pub fn start(settings: &[Setting]) -> Result<Self, Trouble> {
        let set_up = SetUp::read(settings, CALENDAR_START)?;
        let chat = &set_up.session.chat;
        let log = MemoryLog::new(chat.names.casemapping, chat.history);
        let (hall, shard) = begin(&set_up, &log, CALENDAR_START);
        let now = Duration::ZERO;
        let host = Host::new(hall, log, moment(now));
        let mut started = Self { settings: settings.to_owned(), set_up, shard, host, now, clients: Vec::new() };
        started.turns();
        Ok(started)
    }

    fn now(&self) -> Now {
        moment(self.now)
    }

    /// Turns the loop until nothing is left to do at this moment.
    fn turns(&mut self) {
        self.host.log_mut().groups = 0;
        while self.turn() {}
    }

    /// One turn of the loop. Returns whether anything happened.
    fn turn(&mut self) -> bool {
        let is_due = self.shard.next_wake().is_some_and(|at| at.since_start() <= self.now);
        let mut busy = self.feed() || is_due;
        let (now, clients) = (self.now(), &mut self.clients);
        let write = |ToWrite { session, bytes, .. }: ToWrite<'_>| {
            busy = true;
            if let Some(client) = clients.iter_mut().find(|client| client.session == Some(session)) {
                client.received.push_back(Received::Bytes(bytes.to_vec()));
            }
            Ok(bytes.len())
        };
        self.host.turn(&mut self.shard, now, &mut |shard, effect| shard.effect(&effect, now), write);
        for action in self.shard.take_actions() {
            busy = true;
            self.act(action);
        }
        busy
    }

    /// Hands what the clients have sent to sessions that can take it.
    fn feed(&mut self) -> bool {
        let now = self.now();
        let mut busy = false;
        for client in &mut self.clients {
            let Some(session) = client.session else { continue };
            while !self.shard.is_paused(session) {
                let Some(bytes) = client.sent.pop_front() else { break };
                self.shard.receive(session, &bytes, now);
                busy = true;
            }
            if client.half_closed && client.sent.is_empty() {
                client.half_closed = false;
                self.shard.end_of_input(session, now);
                busy = true;
            }
        }
        busy
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Close { session, how } => {
                let ended = match how {
                    CloseHow::Fin => Received::Finished,
                    CloseHow::Reset => Received::Reset,
                };
                self.end(session, ended);
            }
            // There is no web server here.
            Action::HandOff { session, .. } => self.end(session, Received::Finished),
            Action::StartTls { .. } => unreachable!("the door here has no TLS"),
            Action::Work { session, work } => {
                let operator = self.set_up.operator.as_ref();
                let class = |name: &str, password: &str| {
                    operator.filter(|one| one.name == name && one.password == password).map(|one| one.class)
                };
                let (outcome, now) = (work.at_once_for_tests(class), self.now());
                self.shard.worked(session, &outcome, now);
            }
            // The configuration cannot have changed.
            Action::Rehash { .. } => {}
        }
    }

    fn end(&mut self, session: SessionId, ended: Received) {
        if let Some(client) = self.clients.iter_mut().find(|client| client.session == Some(session)) {
            client.session = None;
            client.received.push_back(ended);
        }
    }

    /// Moves the clock on to the next thing that is due, if that is not after `until`.
    fn advance(&mut self, until: Duration) -> bool {
        let Some(due) = self.shard.next_wake().filter(|due| due.since_start() <= until) else { return false };
        self.now = self.now.max(due.since_start());
        self.turns();
        true
    }
}

impl Driver for InProcess {
    fn connect(&mut self) -> Result<usize, Trouble> {
        let peer = Peer::new(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let now = self.now();
        let session = self.shard.accept(0, peer, now).map_err(|refusal| Trouble(refusal.to_string()))?;
        self.clients.push(Client { session: Some(session), ..Client::default() });
        self.turns();
        Ok(self.clients.len() - 1)
    }

    /// Nothing is encrypted here: the door is told what a handshake would have told it.
    fn connect_over_tls(&mut self, certificate: Option<&str>) -> Result<usize, Trouble> {
        if self.set_up.session.doors.iter().all(|door| door.tls == DoorTls::Off) {
            return Err(Trouble("the door has no TLS: say `set listen.tls = \"auto\"`".into()));
        }
        let fingerprint = certificate.map(|name| self.fingerprint(name)).transpose()?;
        let number = self.connect()?;
        if let Some(session) = self.clients[number].session {
            let now = self.now();
            self.shard.secured(session, fingerprint.as_deref(), now);
            self.turns();
        }
        Ok(number)
    }

    fn fingerprint(&mut self, certificate: &str) -> Result<String, Trouble> {
        Ok(fingerprint(certificate.as_bytes()))
    }

    fn send(&mut self, connection: usize, bytes: &[u8]) -> Result<(), Trouble> {
        self.clients[connection].sent.push_back(bytes.to_vec());
        self.turns();
        Ok(())
    }

    fn receive(&mut self, connection: usize, at_most: Duration) -> Received {
        let until = self.now + at_most;
        loop {
            if let Some(received) = self.clients[connection].received.pop_front() {
                return received;
            }
            if at_most.is_zero() || !self.advance(until) {
                break;
            }
        }
        self.now = until;
        Received::Nothing
    }

    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while self.advance(until) {}
        self.now = until;
    }

    fn leave(&mut self, connection: usize, how: Leaving) {
        let now = self.now();
        let client = &mut self.clients[connection];
        match how {
            Leaving::HalfClose => client.half_closed = true,
            Leaving::Close => {
                if let Some(session) = client.session.take() {
                    self.shard.end_of_input(session, now);
                }
            }
            Leaving::Reset => {
                if let Some(session) = client.session.take() {
                    self.shard.lost(session, now);
                }
            }
        }
        self.turns();
    }

    fn server(&mut self, step: ServerStep) -> Result<(), Trouble> {
        match step {
            ServerStep::Stop => {
                let now = self.now();
                self.shard.stop(now);
                self.turns();
                self.wait(Duration::from_secs(5));
                if self.shard.is_empty() { Ok(()) } else { Err(Trouble("it has not let go of everybody".into())) }
            }
            ServerStep::Kill => {
                for client in &mut self.clients {
                    if client.session.take().is_some() {
                        client.received.push_back(Received::Finished);
                    }
                }
                Ok(())
            }
            ServerStep::Start => {
                let now = self.now();
                let (hall, shard) = begin(&self.set_up, self.host.log(), now.wall);
                self.shard = shard;
                self.host.restart(hall, now);
                self.turns();
                Ok(())
            }
            ServerStep::Reload => Err(Trouble("a process is needed for this: say `only over sockets`".into())),
        }
    }

    fn reload_with(&mut self, setting: &Setting) -> Result<(), Trouble> {
        self.settings.push(setting.clone());
        self.set_up = SetUp::read(&self.settings, CALENDAR_START)?;
        let (settings, now) = (Arc::new(self.set_up.session.clone()), self.now());
        self.shard.reload(Arc::clone(&settings), CONNECTIONS_PER_ADDRESS, now);
        self.host.log_mut().keeps_history = settings.chat.history;
        let (shard, reloaded) = (&mut self.shard, Input::Settings(Arc::clone(&settings.chat)));
        self.host.handle(reloaded, now, &mut |effect| shard.effect(&effect, now));
        self.turns();
        Ok(())
    }

    fn quiet(&self) -> Duration {
        QUIET
    }
}
