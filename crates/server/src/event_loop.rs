//! The event loop: one shard, its sockets, and its way to the hall.
//!
//! A turn: poll → read each ready socket once → one batch of requests to the hall → take all effects that wait → one
//! write per dirty connection. What gathers while a turn or a commit runs is the next batch: no timer, no linger.
//!
//! Each shard has a loop on a thread of its own. The first one, the front, also has the doors, the signals and the
//! owner's console, and hands connections out to the others.

pub(crate) mod clock;
mod counting;
mod front;
mod introductions;
mod mail;
mod opening;
mod reloading;
mod seat;
mod sockets;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chat::ids::SessionId;
use chat::time::{Instant, Now};
use mio::{Events, Poll, Token};
use session::shard::{Action, CloseHow, Shard, WriteFailed};
use transport::websocket::Unframed;
use transport::{HowToClose, Read};

use crate::certificates::Certificates;
use crate::config;
use crate::metrics::Metrics;
use crate::serve::Prepared;
use crate::web::{Visitor, WebSocket};
use crate::workers::Workers;
use clock::Clock;
use counting::ShardCount;
use front::Front;
use introductions::Introduced;
use mail::{FRONT, Mail, Post};
use seat::{EndBell, Seat};
use sockets::Sockets;

pub(crate) use opening::{open_hall, random_id};

/// The most sockets that one poll reports.
const EVENTS_PER_TURN: usize = 1024;
/// The most bytes that one read takes.
const READ_BYTES: usize = 64 * 1024;
/// How long clients may take to hear the goodbye; the process is to be gone within five seconds.
const GOODBYE: Duration = Duration::from_millis(3500);

/// Runs the server until a signal asks it to stop.
///
/// # Errors
/// When the store cannot be opened or closed, and when a loop cannot go on.
pub fn run(prepared: Prepared) -> anyhow::Result<()> {
    front::open(prepared)?.run_front()
}

/// What all loops share.
struct House {
    post: Arc<Post>,
    /// The doors' settings; they are the same until the process ends.
    listens: Vec<config::Listen>,
    certificates: Arc<Certificates>,
    workers: Workers,
    metrics: Arc<Metrics>,
}

struct EventLoop {
    number: u8,
    house: Arc<House>,
    seat: Seat,
    poll: Poll,
    clock: Clock,
    sockets: Sockets,
    shard: Shard,
    buffer: Vec<u8>,
    /// Mail that is being read, kept to be used again.
    mail: Vec<Mail>,
    counted: ShardCount,
    /// When clients that have not heard the goodbye are cut off.
    stop_at: Option<Instant>,
    /// What only the first loop has.
    front: Option<Box<Front>>,
}

impl EventLoop {
    /// Runs a loop that is not the front's, until it was told to stop and everybody has heard the goodbye.
    fn run(mut self) -> anyhow::Result<()> {
        let _bell = EndBell(Arc::clone(&self.house.post));
        let mut events = Events::with_capacity(EVENTS_PER_TURN);
        loop {
            self.poll_and_turn(&mut events)?;
            if self.is_over() {
                return Ok(());
            }
        }
    }

    fn poll_and_turn(&mut self, events: &mut Events) -> anyhow::Result<()> {
        match self.poll.poll(events, self.patience()) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                return Err(error).context("cannot poll");
            }
            _ => {}
        }
        let now = self.clock.now();
        for event in events.iter() {
            let is_front_business = self.front.as_mut().is_some_and(|front| front.note(event.token()));
            if !is_front_business {
                self.sockets.note(event, &mut self.shard);
            }
        }
        self.turn(now);
        Ok(())
    }

    /// Tells whether the goodbye is over.
    fn is_over(&self) -> bool {
        self.stop_at.is_some_and(|until| self.shard.is_empty() || until <= self.clock.now().instant)
    }

    /// Returns how long the poll may wait.
    fn patience(&self) -> Option<Duration> {
        let has_work = self.sockets.has_work(&self.shard, self.must_not_read());
        if has_work || self.shard.has_dirty() || self.seat.has_waiting() {
            return Some(Duration::ZERO);
        }
        let now = self.clock.now().instant;
        let by_front = self.front.as_ref().and_then(|front| front.next_wake());
        let due =
            [self.shard.next_wake(), self.sockets.next_wake(), by_front, self.stop_at].into_iter().flatten().min();
        // A millisecond more than needed, because the poll counts whole ones: else it would turn idly until it is due.
        due.map(|due| due.since(now) + Duration::from_millis(u64::from(due > now)))
    }

    fn turn(&mut self, now: Now) {
        self.seat.begin_turn();
        self.count_elsewhere();
        self.signals(now);
        self.accept(now);
        self.read_mail(now);
        self.read(now);
        self.shard.wake(now);
        self.ask_hall(now);
        let sockets = &mut self.sockets;
        self.shard.flush(now, |piece| sockets.write(piece).map_err(|_| WriteFailed));
        // What the writes have found out (a connection is lost) concerns the hall in this turn still.
        self.ask_hall(now);
        self.act(now);
        self.sockets.wake(now.instant);
        self.wake_front(now);
        self.count();
    }

    /// Brings requests to the hall and effects back, until there are none.
    fn ask_hall(&mut self, now: Now) {
        loop {
            let mut requests = self.shard.take_requests();
            if let Some(front) = &mut self.front {
                requests.extend(front.next_from_desks());
                if !self.seat.is_full()
                    && let Some(page) = front.next_page()
                {
                    self.seat.take_in(page, now);
                }
            }
            let (shard, front) = (&mut self.shard, &mut self.front);
            let had_any = self.seat.exchange(self.number, requests, now, &mut |effect| {
                if !front.as_mut().is_some_and(|front| front.takes(&effect)) {
                    shard.effect(&effect, now);
                }
            });
            if !self.read_mail(now) && !had_any {
                return;
            }
        }
    }

    /// Reads what others have put into this loop's box. Returns whether there was anything.
    fn read_mail(&mut self, now: Now) -> bool {
        let mut mail = std::mem::take(&mut self.mail);
        self.house.post.take(self.number, &mut mail);
        let had_any = !mail.is_empty();
        for one in mail.drain(..) {
            match one {
                Mail::Effect(effect) => {
                    if !self.front.as_mut().is_some_and(|front| front.takes(&effect)) {
                        self.shard.effect(&effect, now);
                    }
                }
                Mail::Connection(introduced) => self.take(introduced, now),
                Mail::WebSocket(websocket) => self.take_websocket(*websocket, now),
                Mail::Worked(session, outcome) => self.shard.worked(session, &outcome, now),
                Mail::Reload(settings, connections_per_address, _reloaded) => {
                    self.shard.reload(settings, connections_per_address, now);
                }
                Mail::RehashFailed(session, why) => self.shard.rehash_failed(session, &why, now),
                Mail::Stop => self.say_goodbye(now),
                Mail::Rehash(session) => self.rehash(session, now),
                Mail::Visitor(visitor) => self.receive_visitor(*visitor),
                Mail::Ended => {}
            }
        }
        self.mail = mail;
        had_any
    }

    fn say_goodbye(&mut self, now: Now) {
        self.shard.stop(now);
        self.stop_at = Some(now.instant + GOODBYE);
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
                self.house.metrics.refused(turned_away.reason);
                sockets::refuse(stream, &turned_away.text);
            }
        }
    }

    /// Takes a connection that has become a WebSocket.
    fn take_websocket(&mut self, websocket: WebSocket, now: Now) {
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
                self.house.metrics.refused(turned_away.reason);
                sockets::refuse_websocket(stream, tls, &framing.refusal(&turned_away.text));
            }
        }
    }

    /// Tells whether what clients say would find no place: they are slowed down then, and nothing is lost.
    fn must_not_read(&self) -> bool {
        self.seat.is_full() || self.house.post.is_full()
    }

    /// Reads each ready socket once.
    fn read(&mut self, now: Now) {
        if self.must_not_read() {
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
                    self.house.metrics.tls_handshakes.inc();
                    let certificate = self.sockets.client_fingerprint(session);
                    self.shard.secured(session, certificate.as_deref(), now);
                }
                Read::End => self.shard.end_of_input(session, now),
                Read::Lost => {
                    if self.sockets.is_in_handshake(session) {
                        self.house.metrics.tls_handshakes_failed.inc();
                    }
                    self.shard.lost(session, now);
                }
            }
        }
    }

    fn receive_unframed(&mut self, session: SessionId, unframed: &Unframed, now: Now) {
        self.shard.receive_unframed(session, &unframed.lines, &unframed.reply, unframed.is_over, now);
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
                Action::StartTls { session, door, bytes } => match self.house.certificates.configs(door) {
                    Some(configs) => self.sockets.start_tls(session, configs, bytes),
                    None => self.shard.lost(session, now),
                },
                Action::Work { session, work } => {
                    if let Some((session, outcome)) = self.house.workers.take(session, work) {
                        self.shard.worked(session, &outcome, now);
                    }
                }
                Action::Rehash { session } if self.number == FRONT => self.rehash(session, now),
                Action::Rehash { session } => self.house.post.send(FRONT, Mail::Rehash(session)),
            }
        }
    }

    fn hand_off(&mut self, session: SessionId, bytes: Vec<u8>, peer: session::settings::Peer, door: u16) {
        let Some(connection) = self.sockets.take(session) else { return };
        let needs_tls = self.house.listens.get(usize::from(door)).is_some_and(|listen| listen.tls_required);
        let must_encrypt = needs_tls && !peer.secure;
        match connection.into_std(self.poll.registry()) {
            Ok((stream, tls)) => {
                let visitor = Visitor { stream, tls, bytes, door, peer, must_encrypt };
                if self.number == FRONT {
                    self.receive_visitor(visitor);
                } else {
                    self.house.post.send(FRONT, Mail::Visitor(Box::new(visitor)));
                }
            }
            Err(error) => tracing::debug!(%error, "a browser was gone before it was served"),
        }
    }
}

/// The token of a session's socket.
fn token(session: chat::ids::SessionId) -> Token {
    Token(usize::try_from(session.0 & 0xffff_ffff).unwrap_or(usize::MAX))
}
