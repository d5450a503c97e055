//! The server as the event loop of `loggia` drives it, turn by turn, but without sockets and threads: what it reads and
//! writes are simulated links, and the store's workers are stepped by the run.

mod log;

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chat::effect::Effect;
use chat::event::{EventKind, Target};
use chat::hall::Start;
use chat::ids::{LogId, Seq, SessionId};
use chat::reply::{Kept, Reply};
use chat::rows::Row;
use chat::time::{Instant, Now, Timestamp};
use chat::{Hall, Input};
use session::host::Host;
use session::settings::{Peer, Settings};
use session::shard::{Action, CloseHow, Shard};
use store::{CloseError, Durability, Opened, Options, Stepped, StoreError};

use crate::crew::Crew;
use crate::disk::Disk;
use crate::network::Link;
use crate::plan::Retention;
use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::settings::{CALENDAR_START, settings};
use crate::vfs;
use log::KeptLog;

const LOG: LogId = LogId(0x1234_5678);
/// More than all clients of a run.
const CONNECTIONS_PER_ADDRESS: usize = 64;
/// What may wait for one session.
pub(crate) const SENDQ_BYTES: usize = 48 << 10;
/// What one turn may add to what waits: the longest answer.
const TURN_BYTES: usize = 32 << 10;

/// How often what is not to be kept is removed.
const RETENTION_PERIOD: Duration = Duration::from_secs(1);

/// The moment of a run, on both clocks.
pub(crate) fn moment(now: Duration) -> Now {
    let milliseconds = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    Now { instant: Instant(now), wall: Timestamp(CALENDAR_START.0.saturating_add(milliseconds)) }
}

/// What a server is started with.
#[derive(Clone, Debug)]
pub(crate) struct Setup<'run> {
    pub(crate) dir: &'run Path,
    pub(crate) disk: &'run Disk,
    pub(crate) durability: Durability,
    pub(crate) sabotage: Option<Sabotage>,
    /// What is kept of history; everything where there is nothing.
    pub(crate) retention: Option<Retention>,
    /// Numbers this process among those of the run.
    pub(crate) process: u64,
}

/// A process.
pub(crate) struct Server {
    settings: Arc<Settings>,
    shard: Shard,
    host: Host<KeptLog>,
    pub(crate) crew: Crew,
    woken: Arc<AtomicBool>,
    delivery: Delivery,
    retention: Option<Retention>,
    /// When what is not to be kept is removed next.
    retains_at: Duration,
    stops: bool,
}

/// How effects get to the shard.
#[derive(Debug)]
struct Delivery {
    sabotage: Option<Sabotage>,
    /// An event that is held back, to be delivered in the wrong order.
    held_back: Option<Effect>,
    /// What somebody has found, to be shown to whoever searches next.
    found: Vec<Kept>,
}

/// What a turn did beside delivering.
#[derive(Debug, Default)]
pub(crate) struct Turned {
    /// The most bytes that waited for one session when they were written.
    pub(crate) waiting_bytes_max: usize,
}

impl Server {
    /// Starts a process on what former ones left. Returns also what opening the store noted.
    pub(crate) fn start(setup: &Setup<'_>, now: Duration) -> Result<(Self, Vec<String>), StoreError> {
        let now = moment(now);
        let woken = Arc::new(AtomicBool::new(true));
        let on_news = Arc::clone(&woken);
        let sendq_bytes = if setup.sabotage == Some(Sabotage::NoQueueBound) { usize::MAX } else { SENDQ_BYTES };
        let settings = Arc::new(settings(sendq_bytes));
        let options = Options {
            durability: setup.durability,
            casemapping: settings.chat.names.casemapping,
            program_version: "simulated".into(),
            now: now.wall,
            on_news: Arc::new(move || on_news.store(true, Ordering::Relaxed)),
            pages_max: Arc::default(),
            disk: store::Disk { vfs: Some(vfs::NAME), files: Arc::new(setup.disk.clone()) },
            history: true,
        };
        let Stepped { opened: Opened { log, reader, start }, workers } = store::open_stepped(setup.dir, options, LOG)?;
        let mut rows = start.rows;
        match setup.sabotage {
            Some(Sabotage::ForgetPrivacy) => rows.retain(|row| !matches!(row, Row::Privacy(_))),
            Some(Sabotage::ForgetMarkers) => rows.retain(|row| !matches!(row, Row::Marker(_))),
            _ => {}
        }
        let hall = Hall::new(Start {
            settings: Arc::clone(&settings.chat),
            rows,
            log: start.log_id,
            last: start.last,
            signals: LogId(setup.process + 1),
            now: now.wall,
        });
        let shard = Shard::new(0, Arc::clone(&settings), CONNECTIONS_PER_ADDRESS);
        let host = Host::new(hall, KeptLog::new(log, reader, setup.sabotage), now);
        let delivery = Delivery { sabotage: setup.sabotage, held_back: None, found: Vec::new() };
        let crew = Crew::new(workers, setup.disk);
        let (retention, retains_at) = (setup.retention, now.instant.0);
        let started = Self { settings, shard, host, crew, woken, delivery, retention, retains_at, stops: false };
        Ok((started, start.notes))
    }

    pub(crate) fn accept(&mut self, door: u16, now: Duration) -> Option<SessionId> {
        if self.stops {
            return None;
        }
        self.shard.accept(door, Peer::new(IpAddr::V4(Ipv4Addr::LOCALHOST)), moment(now)).ok()
    }

    /// Tells that a connection was cut.
    pub(crate) fn lost(&mut self, session: SessionId, now: Duration) {
        self.shard.lost(session, moment(now));
        self.woken.store(true, Ordering::Relaxed);
    }

    /// Tells that a session's socket takes bytes again.
    pub(crate) fn writable(&mut self, session: SessionId) {
        self.shard.writable(session);
    }

    /// Tells whether a turn has something to do, besides reading.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        self.woken.load(Ordering::Relaxed) || self.shard.has_dirty() || self.next_wake().is_some_and(|at| at <= now)
    }

    /// Tells whether it reads this link now.
    pub(crate) fn reads(&self, link: &Link) -> bool {
        link.is_readable()
            && !self.host.log().store.is_full()
            && link.session.is_some_and(|session| !self.shard.is_paused(session))
    }

    pub(crate) fn next_wake(&self) -> Option<Duration> {
        let retains_at = self.retention.map(|_| self.retains_at);
        self.shard.next_wake().map(|at| at.0).into_iter().chain(retains_at).min()
    }

    /// How many effects wait for a commit.
    pub(crate) fn held(&self) -> usize {
        self.host.hall().held()
    }

    /// One turn, as `server/src/event_loop.rs` takes it.
    pub(crate) fn turn(&mut self, links: &mut [Link], now: Duration, random: &mut Random) -> Turned {
        let at = moment(now);
        self.woken.store(false, Ordering::Relaxed);
        for link in links.iter_mut() {
            let Some(session) = link.session.filter(|_| self.reads(link)) else { continue };
            match link.read(random) {
                Some(bytes) if bytes.is_empty() => self.shard.end_of_input(session, at),
                Some(bytes) => self.shard.receive(session, &bytes, at),
                None => {}
            }
        }
        if let Some(retention) = self.retention.filter(|_| self.retains_at <= now) {
            let more = self.delivery.sabotage == Some(Sabotage::KeepLess);
            self.host.log_mut().store.keep_only(retention.keep(at.wall, more));
            self.retains_at = now + RETENTION_PERIOD;
        }
        let mut turned = Turned::default();
        let write = |session, bytes: &[u8]| {
            turned.waiting_bytes_max = turned.waiting_bytes_max.max(bytes.len());
            let link = links.iter_mut().find(|link| link.session == Some(session));
            Ok(link.map_or(bytes.len(), |link| link.write(bytes, now, random)))
        };
        self.host.log_mut().groups = 0;
        let delivery = &mut self.delivery;
        self.host.turn(&mut self.shard, at, &mut |shard, effect| delivery.deliver(shard, effect, at), write);
        for action in self.shard.take_actions() {
            self.act(action, links, at);
        }
        turned
    }

    /// The most bytes that may be written at once.
    pub(crate) fn waiting_bytes_bound() -> usize {
        SENDQ_BYTES + TURN_BYTES
    }

    fn act(&mut self, action: Action, links: &mut [Link], at: Now) {
        match action {
            Action::Close { session, how } => {
                if let Some(link) = links.iter_mut().find(|link| link.session == Some(session)) {
                    link.close(how == CloseHow::Reset);
                }
            }
            Action::Work { session, work } => {
                self.woken.store(true, Ordering::Relaxed);
                self.shard.worked(session, &work.at_once_for_tests(|_, _| None), at);
            }
            Action::Rehash { .. } => self.reload(at),
            Action::HandOff { .. } | Action::StartTls { .. } => unreachable!("nobody here is a browser"),
        }
    }

    /// Reads the configuration again, which has not changed.
    pub(crate) fn reload(&mut self, at: Now) {
        self.shard.reload(Arc::clone(&self.settings), CONNECTIONS_PER_ADDRESS, at);
        let (shard, reloaded) = (&mut self.shard, Input::Settings(Arc::clone(&self.settings.chat)));
        self.host.handle(reloaded, at, &mut |effect| shard.effect(&effect, at));
        self.woken.store(true, Ordering::Relaxed);
    }

    /// Begins a backup, unless one is being made. Returns the fact through which everything must be in it.
    pub(crate) fn begin_backup(&mut self, disk: &Disk, dir: &Path, target: PathBuf) -> Option<Seq> {
        if self.crew.has_backup() {
            return None;
        }
        let (disk, dir) = (disk.clone(), dir.to_owned());
        let without_log = self.delivery.sabotage == Some(Sabotage::CopyWithoutLog);
        self.crew.begin_backup(move || {
            if without_log {
                disk.copy_raw(&dir.join(store::DATABASE_FILE), &target);
                return Ok(());
            }
            let on = store::Disk { vfs: Some(vfs::NAME), files: Arc::new(disk) };
            store::copy_on(&on, &dir, &target)
        });
        Some(self.host.log().committed)
    }

    /// Begins to stop: everybody is told goodbye.
    pub(crate) fn stop(&mut self, now: Duration) {
        self.stops = true;
        self.shard.stop(moment(now));
        self.woken.store(true, Ordering::Relaxed);
    }

    /// Tells whether everybody is gone.
    pub(crate) fn is_empty(&self) -> bool {
        self.shard.is_empty()
    }

    /// Asks the workers to end.
    pub(crate) fn ask_to_end(&mut self) {
        self.host.log_mut().store.ask_to_end();
    }

    /// Closes the store, whose workers have ended.
    pub(crate) fn close(self) -> Result<(), CloseError> {
        drop(self.crew);
        self.host.into_log().store.close()
    }
}

impl Delivery {
    fn deliver(&mut self, shard: &mut Shard, mut effect: Effect, now: Now) {
        let kind = match &effect {
            Effect::Event { event, .. } | Effect::Reply { reply: Reply::Event(event), .. } => Some(&event.kind),
            _ => None,
        };
        let is_message = matches!(kind, Some(EventKind::Message(_))) && matches!(effect, Effect::Event { .. });
        match self.sabotage {
            Some(Sabotage::ForgetDepartures) if matches!(kind, Some(EventKind::Parted { .. })) => return,
            Some(Sabotage::DeliverTwice) if is_message => shard.effect(&effect, now),
            Some(Sabotage::Reorder) if is_message => {
                let Some(first) = self.held_back.replace(effect) else { return };
                if let Some(second) = self.held_back.take() {
                    shard.effect(&second, now);
                }
                return shard.effect(&first, now);
            }
            Some(Sabotage::SearchOthers) => {
                let is_direct = |kept: &Kept| matches!(kept.message.target, Target::User { .. });
                if let Effect::Reply { reply: Reply::Found { messages, .. }, .. } = &mut effect
                    && messages.iter().any(is_direct)
                {
                    std::mem::swap(messages, &mut self.found);
                }
            }
            Some(Sabotage::TurnCursorBack) => {
                if let Effect::Reply { reply: Reply::Resumed { next, .. }, .. } = &mut effect {
                    next.seq.0 /= 2;
                }
            }
            _ => {}
        }
        shard.effect(&effect, now);
    }
}
