//! The front: what the first loop does for all. It opens the doors and hands connections out, hears the owner and the
//! signals, and in the end closes the store.

use std::net::IpAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chat::command::Request;
use chat::effect::Effect;
use chat::ids::SessionId;
use chat::time::{Instant, Now};
use mio::{Events, Poll, Token, Waker};
use session::secrets::{SECRET_BYTES, Secrets};
use session::settings::{Peer, Settings};
use session::shard::Shard;
use store::CloseError;
use uploads::Shelf;

use super::clock::Clock;
use super::counting::{HallCount, ShardCount};
use super::introductions::{Introduced, Introductions};
use super::mail::{FRONT, Mail, Post};
use super::seat::{Arrangement, Bell};
use super::sockets::{self, Sockets};
use super::{EVENTS_PER_TURN, EventLoop, House, READ_BYTES, opening};
use crate::control::{Control, first_operator};
use crate::desk::{Asker, Desk};
use crate::doors::Door;
use crate::filehost::{self, FileHost};
use crate::hall_host::HallHost;
use crate::push::Pusher;
use crate::reach::Reach;
use crate::serve::Prepared;
use crate::web::{PageInfo, Visitor};
use crate::workers::Workers;
use crate::{config, translate};

/// The most connections taken in one turn: those that are there already get their turn too.
const ACCEPTS_PER_TURN: usize = 256;
/// The most that HTTP may have asked of the hall at once.
const HTTP_QUESTIONS_MAX: usize = 64;
/// How often what is too old or too much is removed, where the configuration bounds what is kept.
const RETENTION_PERIOD: Duration = Duration::from_mins(1);

/// What only the first loop has.
pub(super) struct Front {
    pub(super) prepared: Prepared,
    pub(super) introductions: Introductions,
    pub(super) secrets: Secrets,
    pub(super) started: Now,
    control: Control,
    /// The owner's, and the one of HTTP.
    desks: [Desk; 2],
    /// Where files are sent; none: nowhere.
    filehost: Option<Arc<FileHost>>,
    /// By what devices are notified; none: they are not.
    pusher: Option<Pusher>,
    /// When the store is to remove what is too old or too much; `None`: everything is kept.
    retention_at: Option<Instant>,
    /// The other shards' threads.
    others: Vec<JoinHandle<anyhow::Result<()>>>,
    /// The shard that the next connection goes to, where it may go anywhere.
    next_shard: u8,
}

impl Front {
    /// Notes what the poll reports, if it is about a connection whose proxy is still to say for whom it connects.
    pub(super) fn note(&mut self, token: Token) -> bool {
        self.introductions.note(token)
    }

    /// Returns when the front has something to do at the latest.
    pub(super) fn next_wake(&self) -> Option<Instant> {
        [self.introductions.next_wake(), self.retention_at].into_iter().flatten().min()
    }

    /// Returns what the owner and HTTP ask next, once the answers to what they asked before are complete.
    pub(super) fn next_from_desks(&mut self) -> impl Iterator<Item = Request> {
        self.desks.iter_mut().filter_map(Desk::take_next)
    }

    /// Has the file host go by the configuration as it is now.
    pub(super) fn reload_filehost(&self) {
        if let Some(filehost) = &self.filehost {
            filehost.reload(&self.prepared.config.uploads);
        }
    }

    /// Returns what was said elsewhere and is to be taken into the log next.
    pub(super) fn next_page(&mut self) -> Option<store::Page> {
        self.control.next_page()
    }

    /// Has the notifications follow the settings as they are now.
    pub(super) fn reload_pusher(&self, settings: &Arc<Settings>) {
        if let Some(pusher) = &self.pusher {
            pusher.reload(Arc::clone(settings));
        }
    }

    /// Takes an effect that is for a desk, for the file host or for devices that are not connected.
    pub(super) fn takes(&mut self, effect: &Effect) -> bool {
        if let Effect::AccountRemoved(account) = effect {
            if let Some(filehost) = self.filehost.clone() {
                let account = Arc::clone(account);
                self.prepared.web.spawn_blocking(move || filehost.forget_account(&account));
            }
            return true;
        }
        if let Effect::Push(push) = effect {
            if let Some(pusher) = &self.pusher {
                pusher.push(push.clone());
            }
            return true;
        }
        self.desks.iter_mut().any(|desk| desk.takes(effect))
    }

    /// Returns the shard for a connection. All of one address come to the same one, which so knows how many they are; where
    /// they are not counted, the shards take turns.
    fn shard_for(&mut self, peer: &Peer, shards: usize) -> u8 {
        let number = if peer.is_loopback() || self.introductions.trusts(peer.address) {
            self.next_shard = self.next_shard.wrapping_add(1);
            usize::from(self.next_shard) % shards
        } else {
            usize::from(spread(peer.counted_as())) % shards
        };
        u8::try_from(number).unwrap_or(FRONT)
    }
}

/// Returns a number that is the same for the same address, and spread evenly: FNV-1a. Nobody gains by choosing it.
fn spread(address: IpAddr) -> u16 {
    let hash = |bytes: &[u8]| {
        bytes.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
    };
    let hash = match address {
        IpAddr::V4(address) => hash(&address.octets()),
        IpAddr::V6(address) => hash(&address.octets()),
    };
    u16::try_from((hash >> 16) ^ (hash & 0xffff)).unwrap_or_default()
}

/// Opens the store, starts the other loops, and returns the front's.
///
/// # Errors
/// When the store cannot be opened or the system gives no thread, no poll or no random numbers.
pub(super) fn open(mut prepared: Prepared) -> anyhow::Result<EventLoop> {
    let arrangement = Arrangement::of(&prepared.config.server);
    warn_of_few_processors(arrangement.shards);
    let mut polls = Vec::new();
    let mut wakers = Vec::new();
    for _ in 0..arrangement.shards {
        let poll = Poll::new().context("cannot make a poll")?;
        wakers.push(Waker::new(poll.registry(), sockets::WAKER).context("cannot make a waker")?);
        polls.push(poll);
    }
    let post = Arc::new(Post::new(wakers));
    let wake = {
        let post = Arc::clone(&post);
        move || post.ring(FRONT)
    };
    let clock = Clock::new();
    let now = clock.now();
    let doors = core::mem::take(&mut prepared.doors);
    prepared.sts_port = sts_port(&doors, &prepared.reach);
    prepared.file_addresses = file_addresses(&prepared, &doors);
    let vapid = prepared.open_push()?;
    let listens: Vec<_> = doors.iter().map(|door| door.settings.clone()).collect();
    let mut secrets = Secrets { kept: *prepared.data.secret(), fresh: [0; SECRET_BYTES] };
    getrandom::fill(&mut secrets.fresh).context("the system gives no random numbers")?;
    let settings = Arc::new(translate::settings(&prepared.config, &listens, prepared.told(), &secrets, now.wall));
    let bell = Bell::new(arrangement.hall, &post);
    let mut host = opening::open_hall(&prepared.config, &prepared.data, &settings, now, bell.ring())?;
    prepared.readiness.set_store(Ok(()));
    first_operator(&prepared, &mut host, now)?;
    let (of_http, asker) = Desk::open(SessionId::DESK, HTTP_QUESTIONS_MAX, wake.clone());
    let start_pusher = |vapid| {
        let (config, fetcher) = (&prepared.config.push, prepared.fetcher.clone());
        Pusher::start(config, vapid, fetcher, Arc::clone(&settings), asker.clone(), &prepared.metrics)
    };
    let pusher = vapid.map(start_pusher).transpose()?;
    let filehost = open_filehost(&prepared, &secrets, asker, &host)?;
    let banned = Arc::new(host.hall().world().server_bans.networks());
    let count = HallCount::new(Arc::clone(&prepared.metrics), Arc::clone(&prepared.readiness));
    let seat = bell.seat(host, count, &post, clock)?;
    let house = Arc::new(House {
        post: Arc::clone(&post),
        listens,
        certificates: Arc::clone(&prepared.certificates),
        workers: workers(&prepared.config, filehost.as_deref(), &post)?,
        metrics: Arc::clone(&prepared.metrics),
    });
    let rules = translate::name_rules(&prepared.config);
    // One connection to the socket is served at a time, and asks one thing.
    let (of_owner, asker) = Desk::open(SessionId::CONSOLE, 1, wake.clone());
    let cost = prepared.config.accounts.password_hash;
    let control = Control::start(prepared.data.path(), cost, rules, asker, wake.clone())?;
    prepared.web.set_wake(wake.clone());
    prepared.certificates.set_wake(wake.clone());
    prepared.signals.set_wake(wake);

    let mut seats: Vec<_> = (1..arrangement.shards).map(|_| seat.for_another()).collect();
    seats.insert(usize::from(FRONT), seat);
    let mut listeners: Vec<_> = doors.into_iter().map(|door| door.listener).collect();
    let per_address = prepared.config.limits.connections_per_address;
    let mut loops = Vec::new();
    for ((number, poll), seat) in (0..).zip(polls).zip(seats) {
        let listeners = core::mem::take(&mut listeners);
        let sockets = Sockets::new(poll.registry(), listeners.into_iter()).context("cannot listen")?;
        let mut shard = Shard::new(number, Arc::clone(&settings), per_address);
        shard.ban_networks(Arc::clone(&banned));
        loops.push(EventLoop {
            number,
            house: Arc::clone(&house),
            seat,
            poll,
            clock,
            sockets,
            shard,
            buffer: vec![0; READ_BYTES],
            mail: Vec::new(),
            counted: ShardCount::default(),
            stop_at: None,
            front: None,
        });
    }
    let mut loops = loops.into_iter();
    let mut first = loops.next().unwrap_or_else(|| unreachable!("there is one shard at least"));
    let others = loops.map(start).collect::<anyhow::Result<_>>()?;
    first.front = Some(Box::new(Front {
        introductions: Introductions::new(settings.trusted_proxies.clone()),
        prepared,
        secrets,
        started: now,
        control,
        desks: [of_owner, of_http],
        filehost,
        pusher,
        retention_at: Some(now.instant),
        others,
        next_shard: FRONT,
    }));
    Ok(first)
}

/// Returns where files may be sent, as far as they may.
fn file_addresses(prepared: &Prepared, doors: &[Door]) -> Option<session::settings::FileHost> {
    let config = &prepared.config;
    let page = PageInfo::new(config, doors, &prepared.reach, &[]);
    filehost::addresses(&page, !config.server.trusted_proxies.is_empty(), config.previews.enabled)
        .filter(|_| config.uploads.enabled)
}

/// Opens the file host, where there is one, and removes the files of accounts that are not there any more.
fn open_filehost(
    prepared: &Prepared,
    secrets: &Secrets,
    asker: Asker,
    host: &HallHost,
) -> anyhow::Result<Option<Arc<FileHost>>> {
    if prepared.file_addresses.is_none() {
        return Ok(None);
    }
    let config = &prepared.config;
    let shelf = Shelf::open(prepared.data.path(), filehost::limits(&config.uploads))?;
    let filehost = Arc::new(FileHost::new(shelf, config, secrets, asker, &prepared.fetcher)?);
    let world = host.hall().world();
    filehost.forget_strangers(|account| world.accounts.get(account, world.mapping()).is_some());
    prepared.web.open_filehost(&filehost);
    Ok(Some(filehost))
}

fn start(one: EventLoop) -> anyhow::Result<JoinHandle<anyhow::Result<()>>> {
    std::thread::Builder::new()
        .name(format!("shard {}", one.number))
        .spawn(move || one.run())
        .context("cannot start a shard's thread")
}

/// Starts the threads that check passwords and look after files; what they have found out is posted to the session's shard.
fn workers(config: &config::Config, filehost: Option<&FileHost>, post: &Arc<Post>) -> anyhow::Result<Workers> {
    let post = Arc::clone(post);
    let shelf = filehost.map(|filehost| Arc::clone(&filehost.shelf));
    Workers::start(config.operator.clone(), config.accounts.password_hash, shelf, move |(session, outcome)| {
        post.send_to(session, Mail::Worked(session, outcome));
    })
}

fn warn_of_few_processors(shards: u8) {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if usize::from(shards) > processors {
        tracing::warn!(shards, processors, "server.shards: more shards than processors only split the writes");
    }
}

/// Returns the port by which IRC clients find TLS: the first that other machines can use.
fn sts_port(doors: &[Door], reach: &Reach) -> Option<u16> {
    let takes_both =
        |door: &&Door| door.settings.tls != config::Tls::Off && door.settings.dialects.contains(&config::Dialect::Irc);
    let ways = || doors.iter().filter(takes_both).map(|door| reach.host_and_port(door.address));
    ways().find(|(host, _)| !host.is_loopback()).or_else(|| ways().next()).map(|(_, port)| port)
}

impl EventLoop {
    /// Runs the front's loop until a signal asks it to stop, and ends everything.
    pub(super) fn run_front(mut self) -> anyhow::Result<()> {
        if let Some(front) = &mut self.front {
            front.prepared.announce_ready();
        }
        let mut events = Events::with_capacity(EVENTS_PER_TURN);
        loop {
            self.poll_and_turn(&mut events)?;
            if self.look_after_others()? && self.is_over() {
                break;
            }
        }
        let Self { front, seat, .. } = self;
        let Some(front) = front else { return Ok(()) };
        drop(front.prepared.announcement);
        front.prepared.web.stop();
        close(seat.leave(), front.prepared.config.server.durability)
    }

    /// Returns whether all other loops have ended.
    ///
    /// # Errors
    /// When one has that was not told to.
    fn look_after_others(&mut self) -> anyhow::Result<bool> {
        let Some(front) = &mut self.front else { return Ok(true) };
        // One after the other: that which has died is to be heard before those that found out.
        while let Some(ended) = front.others.iter().position(JoinHandle::is_finished) {
            let thread = front.others.swap_remove(ended);
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            if self.stop_at.is_none() {
                bail!("a shard's thread has ended");
            }
        }
        self.seat.look_after();
        Ok(front.others.is_empty())
    }

    /// Takes new connections and hands them out.
    pub(super) fn accept(&mut self, now: Now) {
        let Some(front) = &mut self.front else { return };
        let mut introduced = front.introductions.take(self.poll.registry());
        for _ in 0..ACCEPTS_PER_TURN {
            let Some((door, stream, address)) = self.sockets.accept(now.instant) else { break };
            self.house.metrics.connections_accepted.inc();
            let address = address.ip().to_canonical();
            if !self.house.listens.get(usize::from(door)).is_some_and(|listen| listen.proxy_protocol) {
                introduced.push(Introduced { door, stream, peer: Peer::new(address) });
            } else if front.introductions.begin(self.poll.registry(), door, stream, address, now.instant).is_err() {
                self.house.metrics.refused("not_a_trusted_proxy");
            }
        }
        for one in introduced {
            match self.shard_for(&one.peer) {
                FRONT => self.take(one, now),
                other => self.house.post.send(other, Mail::Connection(one)),
            }
        }
        while let Some(websocket) = self.front.as_ref().and_then(|front| front.prepared.web.take_websocket()) {
            match self.shard_for(&websocket.peer) {
                FRONT => self.take_websocket(websocket, now),
                other => self.house.post.send(other, Mail::WebSocket(Box::new(websocket))),
            }
        }
    }

    fn shard_for(&mut self, peer: &Peer) -> u8 {
        let shards = self.house.post.shards();
        if shards == 1 {
            return FRONT;
        }
        self.front.as_mut().map_or(FRONT, |front| front.shard_for(peer, shards))
    }

    /// Serves a connection that speaks HTTP.
    pub(super) fn receive_visitor(&mut self, visitor: Visitor) {
        let Some(front) = &self.front else { return };
        if front.prepared.web.hand_over(visitor).is_err() {
            self.house.metrics.refused("web_busy");
        }
    }

    /// Does what is due.
    pub(super) fn wake_front(&mut self, now: Now) {
        let Some(front) = &mut self.front else { return };
        front.introductions.wake(now.instant);
        if front.retention_at.is_some_and(|at| at <= now.instant) {
            self.retain(now);
        }
    }

    /// Has the store remove what is not to be kept any longer.
    pub(super) fn retain(&mut self, now: Now) {
        let Some(front) = &mut self.front else { return };
        let keep = translate::keep(&front.prepared.config.history, now.wall);
        self.seat.keep_only(keep);
        front.retention_at = (keep != store::Keep::default()).then(|| now.instant + RETENTION_PERIOD);
    }
}

/// Writes what is still to be written, and closes the store.
fn close(host: HallHost, durability: config::Durability) -> anyhow::Result<()> {
    let shown_before_kept = durability == config::Durability::Memory;
    match host.into_log().close() {
        // A disk that is full or slow to the end: what it did not take was shown to nobody.
        Err(error @ (CloseError::Lost { .. } | CloseError::Slow { .. })) if !shown_before_kept => {
            tracing::warn!(%error, "stopped without the last facts; nobody has seen them");
            Ok(())
        }
        other => other.context("cannot close the store"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_spread_over_the_shards() {
        let mut counts = [0; 4];
        for last in 0..=255 {
            counts[usize::from(spread([192, 0, 2, last].into())) % 4] += 1;
        }
        assert!(counts.iter().all(|count| (32..=96).contains(count)), "{counts:?}");
    }
}
