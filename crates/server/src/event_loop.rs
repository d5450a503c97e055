//! The event loop: one shard, its sockets, and the hall.
//!
//! A turn: poll → read each ready socket once → one batch of requests to the hall → take all effects that wait → one
//! write per dirty connection. What gathers while a turn or a commit runs is the next batch: no timer, no linger.

pub(crate) mod clock;
mod counting;
mod introductions;
mod opening;
mod reloading;
mod sockets;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chat::ids::SessionId;
use chat::time::{Instant, Now};
use mio::{Events, Poll, Token, Waker};
use session::secrets::{SECRET_BYTES, Secrets};
use session::settings::Peer;
use session::shard::{Action, CloseHow, Shard, WriteFailed};
use store::CloseError;
use transport::websocket::Unframed;
use transport::{HowToClose, Read};

use crate::control::{Console, Control, first_operator};
use crate::doors::Door;
use crate::hall_host::HallHost;
use crate::reach::Reach;
use crate::serve::Prepared;
use crate::web::{Visitor, WebSocket};
use crate::workers::Workers;
use crate::{config, translate};
use clock::Clock;
use introductions::{Introduced, Introductions};
use sockets::Sockets;

pub(crate) use opening::{open_hall, random_id};

/// The most sockets that one poll reports.
const EVENTS_PER_TURN: usize = 1024;
/// The most bytes that one read takes.
const READ_BYTES: usize = 64 * 1024;
/// The most connections taken in one turn: those that are there already get their turn too.
const ACCEPTS_PER_TURN: usize = 256;
/// How long clients may take to hear the goodbye; the process is to be gone within five seconds.
const GOODBYE: Duration = Duration::from_millis(3500);
/// How often what is too old or too much is removed, where the configuration bounds what is kept.
const RETENTION_PERIOD: Duration = Duration::from_mins(1);

/// Runs the server until a signal asks it to stop.
///
/// # Errors
/// When the store cannot be opened or closed, and when the loop cannot go on.
pub fn run(prepared: Prepared) -> anyhow::Result<()> {
    EventLoop::new(prepared)?.run()
}

struct EventLoop {
    prepared: Prepared,
    listens: Vec<config::Listen>,
    secrets: Secrets,
    poll: Poll,
    clock: Clock,
    sockets: Sockets,
    introductions: Introductions,
    shard: Shard,
    host: HallHost,
    workers: Workers,
    control: Control,
    console: Console,
    started: Now,
    buffer: Vec<u8>,
    /// When clients that have not heard the goodbye are cut off.
    stop_at: Option<Instant>,
    /// When the store is to remove what is too old or too much; `None`: everything is kept.
    retention_at: Option<Instant>,
    counted: session::shard::Stats,
    counted_store: store::Stats,
    counted_messages: u64,
    counted_web: i64,
    /// What `/ready` was last told of the log.
    counted_refusing: Option<Arc<str>>,
}

impl EventLoop {
    fn new(mut prepared: Prepared) -> anyhow::Result<Self> {
        let poll = Poll::new().context("cannot make a poll")?;
        let waker = Arc::new(Waker::new(poll.registry(), sockets::WAKER).context("cannot make a waker")?);
        let wake = move || {
            // A waker that cannot wake leaves a loop that never comes round: better to end.
            waker.wake().unwrap_or_else(|error| panic!("cannot wake the event loop: {error}"));
        };
        let clock = Clock::new();
        let now = clock.now();
        let doors = core::mem::take(&mut prepared.doors);
        prepared.sts_port = sts_port(&doors, &prepared.reach);
        let listens: Vec<_> = doors.iter().map(|door| door.settings.clone()).collect();
        let mut secrets = Secrets { kept: *prepared.data.secret(), fresh: [0; SECRET_BYTES] };
        getrandom::fill(&mut secrets.fresh).context("the system gives no random numbers")?;
        let settings = translate::settings(&prepared.config, &listens, prepared.sts(), &secrets, now.wall);
        let settings = Arc::new(settings);
        let host = open_hall(&prepared.config, &prepared.data, &settings, now, Arc::new(wake.clone()))?;
        let control = Control::start(prepared.data.path(), prepared.config.accounts.password_hash, wake.clone())?;
        let workers =
            Workers::start(prepared.config.operator.clone(), prepared.config.accounts.password_hash, wake.clone())?;
        prepared.web.set_wake(wake.clone());
        prepared.certificates.set_wake(wake.clone());
        prepared.signals.set_wake(wake);
        let sockets =
            Sockets::new(poll.registry(), doors.into_iter().map(|door| door.listener)).context("cannot listen")?;
        let introductions = Introductions::new(settings.trusted_proxies.clone());
        let mut shard = Shard::new(0, settings, prepared.config.limits.connections_per_address);
        shard.ban_networks(Arc::new(host.hall().world().server_bans.networks()));
        Ok(Self {
            prepared,
            listens,
            secrets,
            poll,
            clock,
            sockets,
            introductions,
            shard,
            host,
            workers,
            control,
            console: Console::default(),
            started: now,
            buffer: vec![0; READ_BYTES],
            stop_at: None,
            retention_at: Some(now.instant),
            counted: session::shard::Stats::default(),
            counted_store: store::Stats::default(),
            counted_messages: 0,
            counted_web: 0,
            counted_refusing: None,
        })
    }

    fn run(mut self) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(EVENTS_PER_TURN);
        self.prepared.readiness.set_store(Ok(()));
        first_operator(&self.prepared, &mut self.host, self.started)?;
        self.prepared.announce_ready();
        loop {
            match self.poll.poll(&mut events, self.patience()) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                    return Err(error).context("cannot poll");
                }
                _ => {}
            }
            let now = self.clock.now();
            for event in &events {
                if !self.introductions.note(event.token()) {
                    self.sockets.note(event, &mut self.shard);
                }
            }
            self.signals(now);
            self.turn(now);
            if self.stop_at.is_some_and(|until| self.shard.is_empty() || until <= now.instant) {
                break;
            }
        }
        self.prepared.web.stop();
        let shown_before_kept = self.prepared.config.server.durability == config::Durability::Memory;
        match self.host.into_log().close() {
            // A disk that is full or slow to the end: what it did not take was shown to nobody.
            Err(error @ (CloseError::Lost { .. } | CloseError::Slow { .. })) if !shown_before_kept => {
                tracing::warn!(%error, "stopped without the last facts; nobody has seen them");
                Ok(())
            }
            other => other.context("cannot close the store"),
        }
    }

    /// Returns how long the poll may wait.
    fn patience(&self) -> Option<Duration> {
        if self.sockets.has_work(&self.shard, self.host.log().is_full()) || self.shard.has_dirty() {
            return Some(Duration::ZERO);
        }
        let now = self.clock.now().instant;
        let (sockets, introductions) = (self.sockets.next_wake(), self.introductions.next_wake());
        let due = [self.shard.next_wake(), sockets, introductions, self.stop_at, self.retention_at]
            .into_iter()
            .flatten()
            .min();
        // A millisecond more than needed, because the poll counts whole ones: else it would turn idly until it is due.
        due.map(|due| due.since(now) + Duration::from_millis(u64::from(due > now)))
    }

    fn turn(&mut self, now: Now) {
        self.accept(now);
        self.take_websockets(now);
        self.read(now);
        for (session, outcome) in self.workers.done().collect::<Vec<_>>() {
            self.shard.worked(session, &outcome, now);
        }
        self.take_from_console(now);
        let (sockets, console) = (&mut self.sockets, &mut self.console);
        let mut deliver = |shard: &mut Shard, effect| {
            if !console.takes(&effect) {
                shard.effect(&effect, now);
            }
        };
        let write = |session, bytes: &[u8]| sockets.write(session, bytes).map_err(|_| WriteFailed);
        self.host.turn(&mut self.shard, now, &mut deliver, write);
        self.act(now);
        self.sockets.wake(now.instant);
        self.introductions.wake(now.instant);
        if self.retention_at.is_some_and(|at| at <= now.instant) {
            self.retain(now);
        }
        self.count();
    }

    /// Has the store remove what is not to be kept any longer.
    pub(super) fn retain(&mut self, now: Now) {
        let keep = translate::keep(&self.prepared.config.history, now.wall);
        self.host.log_mut().keep_only(keep);
        self.retention_at = (keep != store::Keep::default()).then(|| now.instant + RETENTION_PERIOD);
    }

    /// Takes what the owner of the server asks at its machine.
    fn take_from_console(&mut self, now: Now) {
        let Some(ask) = self.console.next(&self.control) else { return };
        let (shard, console) = (&mut self.shard, &mut self.console);
        self.host.request(ask, now, &mut |effect| {
            if !console.takes(&effect) {
                shard.effect(&effect, now);
            }
        });
    }

    fn accept(&mut self, now: Now) {
        for introduced in self.introductions.take(self.poll.registry()) {
            self.take(introduced, now);
        }
        for _ in 0..ACCEPTS_PER_TURN {
            let Some((door, stream, address)) = self.sockets.accept(now.instant) else { return };
            self.prepared.metrics.connections_accepted.inc();
            let address = address.ip().to_canonical();
            if !self.listens.get(usize::from(door)).is_some_and(|listen| listen.proxy_protocol) {
                self.take(Introduced { door, stream, peer: Peer::new(address) }, now);
            } else if self.introductions.begin(self.poll.registry(), door, stream, address, now.instant).is_err() {
                self.prepared.metrics.refused("not_a_trusted_proxy");
            }
        }
    }

    /// Takes a connection of which is known who is at the other end.
    fn take(&mut self, Introduced { door, stream, peer }: Introduced, now: Now) {
        match self.shard.accept(door, peer, now) {
            Ok(session) => {
                if let Err(error) = self.sockets.add(self.poll.registry(), session, stream) {
                    tracing::debug!(%error, "a connection was gone before it was taken");
                    self.shard.lost(session, now);
                }
            }
            Err(turned_away) => {
                self.prepared.metrics.refused(turned_away.reason);
                sockets::refuse(stream, &turned_away.text);
            }
        }
    }

    /// Reads each ready socket once; none while the log is full, so that senders are slowed down and nothing is lost.
    fn read(&mut self, now: Now) {
        if self.host.log().is_full() {
            return;
        }
        for session in self.sockets.take_ready(&self.shard) {
            match self.sockets.read(session, &mut self.buffer) {
                Read::Bytes { count, .. } => match self.sockets.unframe(session, &self.buffer[..count]) {
                    None => self.shard.receive(session, &self.buffer[..count], now),
                    Some(unframed) => self.receive_unframed(session, &unframed, now),
                },
                Read::Nothing => {}
                Read::Secured => {
                    self.prepared.metrics.tls_handshakes.inc();
                    let certificate = self.sockets.client_fingerprint(session);
                    self.shard.secured(session, certificate.as_deref(), now);
                }
                Read::End => self.shard.end_of_input(session, now),
                Read::Lost => {
                    if self.sockets.is_in_handshake(session) {
                        self.prepared.metrics.tls_handshakes_failed.inc();
                    }
                    self.shard.lost(session, now);
                }
            }
        }
    }

    fn receive_unframed(&mut self, session: SessionId, unframed: &Unframed, now: Now) {
        self.shard.receive_unframed(session, &unframed.lines, &unframed.reply, unframed.is_over, now);
    }

    /// Takes the connections that have become WebSockets.
    fn take_websockets(&mut self, now: Now) {
        while let Some(websocket) = self.prepared.web.take_websocket() {
            let WebSocket { stream, tls, bytes, door, peer, framing } = websocket;
            match self.shard.accept_websocket(door, peer, framing, now) {
                Ok(session) => {
                    if let Err(error) = self.sockets.add_websocket(self.poll.registry(), session, stream, tls) {
                        tracing::debug!(%error, "a WebSocket was gone before it was taken");
                        self.shard.lost(session, now);
                    } else if let Some(unframed) = self.sockets.unframe(session, &bytes) {
                        self.receive_unframed(session, &unframed, now);
                    }
                }
                Err(turned_away) => {
                    self.prepared.metrics.refused(turned_away.reason);
                    sockets::refuse_websocket(stream, tls, &framing.refusal(&turned_away.text));
                }
            }
        }
    }

    fn act(&mut self, now: Now) {
        for action in self.shard.take_actions() {
            match action {
                Action::Close { session, how } => {
                    let how = match how {
                        CloseHow::Fin => HowToClose::Fin,
                        CloseHow::Reset => HowToClose::Reset,
                    };
                    self.sockets.close(self.poll.registry(), session, how, now.instant);
                }
                Action::HandOff { session, bytes, peer, door } => self.hand_off(session, bytes, peer, door),
                Action::StartTls { session, door, bytes } => match self.prepared.certificates.configs(door) {
                    Some(configs) => self.sockets.start_tls(session, configs, bytes),
                    None => self.shard.lost(session, now),
                },
                Action::Work { session, work } => {
                    if let Some((session, outcome)) = self.workers.take(session, work) {
                        self.shard.worked(session, &outcome, now);
                    }
                }
                Action::Rehash { session } => {
                    if let Err(why) = self.reload(now) {
                        self.shard.rehash_failed(session, &why, now);
                    }
                }
            }
        }
    }

    fn hand_off(&mut self, session: SessionId, bytes: Vec<u8>, peer: Peer, door: u16) {
        let Some(connection) = self.sockets.take(session) else { return };
        let needs_tls = self.listens.get(usize::from(door)).is_some_and(|listen| listen.tls_required);
        let must_encrypt = needs_tls && !peer.secure;
        match connection.into_std(self.poll.registry()) {
            Ok((stream, tls)) => {
                if self.prepared.web.hand_over(Visitor { stream, tls, bytes, door, peer, must_encrypt }).is_err() {
                    self.prepared.metrics.refused("web_busy");
                }
            }
            Err(error) => tracing::debug!(%error, "a browser was gone before it was served"),
        }
    }
}

/// Returns the port by which IRC clients find TLS: the first that other machines can use.
fn sts_port(doors: &[Door], reach: &Reach) -> Option<u16> {
    let takes_both =
        |door: &&Door| door.settings.tls != config::Tls::Off && door.settings.dialects.contains(&config::Dialect::Irc);
    let ways = || doors.iter().filter(takes_both).map(|door| reach.host_and_port(door.address));
    ways().find(|(host, _)| !host.is_loopback()).or_else(|| ways().next()).map(|(_, port)| port)
}

/// The token of a session's socket.
fn token(session: chat::ids::SessionId) -> Token {
    Token(usize::try_from(session.0 & 0xffff_ffff).unwrap_or(usize::MAX))
}
