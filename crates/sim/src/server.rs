//! The server as the event loop of `loggia` drives it, turn by turn, but without sockets and threads: what it reads and
//! writes are simulated links, and the store's workers are stepped by the run.

mod event_loop;
mod log;

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chat::hall::Start;
use chat::ids::{LogId, Seq, SessionId};
use chat::rows::Row;
use chat::time::{Instant, Now, Timestamp};
use chat::{Hall, Input};
use session::host::Host;
use session::settings::{Peer, Settings};
use session::shard::{Action, CloseHow, ToWrite};
use store::{CloseError, Durability, Opened, Options, Stepped, StoreError};

use crate::crew::Crew;
use crate::disk::Disk;
use crate::network::Link;
use crate::plan::Retention;
use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::settings::{CALENDAR_START, settings};
use crate::vfs;
use event_loop::{EventLoop, Mail, place_of, post};
use log::KeptLog;

const LOG: LogId = LogId(0x1234_5678);
/// More than all clients of a run.
const CONNECTIONS_PER_ADDRESS: usize = 64;
/// What may wait for one session.
pub(crate) const SENDQ_BYTES: usize = 48 << 10;
/// What one turn may add to what waits: the longest answer.
const TURN_BYTES: usize = 32 << 10;

/// The event loop that looks after what is everybody's.
const FRONT: usize = 0;
/// The most mail that may wait in one box before nobody reads from sockets any more: as the event loop's, but few enough to be
/// reached.
const MAIL_MAX: usize = 200;
/// More than one turn of the hall leads to, which comes on top.
pub(crate) const MAIL_BOUND: usize = MAIL_MAX + 4000;
/// Effects that may wait for a commit.
pub(crate) const EFFECTS_BOUND: usize = 100_000;
/// What may wait for the disk, as the store says, and what a turn's batch adds.
pub(crate) const FACTS_BOUND: u64 = (64 << 10) + 4000;
/// Likewise, in bytes.
pub(crate) const FACT_BYTES_BOUND: u64 = (32 << 20) + (4 << 20);

/// How often what is not to be kept is removed.
const RETENTION_PERIOD: Duration = Duration::from_secs(1);

/// The moment of a run, on both clocks.
pub(crate) fn moment(now: Duration) -> Now {
    let milliseconds = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
    Now { instant: Instant::at(now), wall: Timestamp(CALENDAR_START.0.saturating_add(milliseconds)) }
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
    /// How many event loops it has.
    pub(crate) shards: u8,
    /// Numbers this process among those of the run.
    pub(crate) process: u64,
}

/// A process.
pub(crate) struct Server {
    settings: Arc<Settings>,
    /// One event loop, or several.
    loops: Vec<EventLoop>,
    host: Host<KeptLog>,
    pub(crate) crew: Crew,
    /// The store has something to say.
    has_news: Arc<AtomicBool>,
    retention: Option<Retention>,
    /// When what is not to be kept is removed next.
    retains_at: Duration,
    stops: bool,
}

/// What waits in the queues of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    /// Effects that wait for a commit.
    pub(crate) effects: usize,
    /// Facts that wait for the disk.
    pub(crate) facts: u64,
    /// About how many bytes they hold.
    pub(crate) fact_bytes: u64,
    /// Mail in the fullest box.
    pub(crate) mail: usize,
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
        let has_news = Arc::new(AtomicBool::new(true));
        let on_news = Arc::clone(&has_news);
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
        let host = Host::new(hall, KeptLog::new(log, reader, setup.sabotage), now);
        let loops = (0..setup.shards).map(|number| EventLoop::new(number, &settings, setup.sabotage)).collect();
        let crew = Crew::new(workers, setup.disk);
        let (retention, retains_at) = (setup.retention, now.instant.since_start());
        let started = Self { settings, loops, host, crew, has_news, retention, retains_at, stops: false };
        Ok((started, start.notes))
    }

    /// Takes a connection: any event loop may get it.
    pub(crate) fn accept(&mut self, door: u16, now: Duration, random: &mut Random) -> Option<SessionId> {
        if self.stops {
            return None;
        }
        let number = random.below(self.loops.len());
        let peer = Peer::new(IpAddr::V4(Ipv4Addr::LOCALHOST));
        self.loops[number].shard.accept(door, peer, moment(now)).ok()
    }

    fn loop_of(&mut self, session: SessionId) -> &mut EventLoop {
        &mut self.loops[place_of(session)]
    }

    /// Tells that a connection was cut.
    pub(crate) fn lost(&mut self, session: SessionId, now: Duration) {
        let its = self.loop_of(session);
        its.shard.lost(session, moment(now));
        its.is_woken = true;
    }

    /// Tells that a session's socket takes bytes again.
    pub(crate) fn writable(&mut self, session: SessionId) {
        self.loop_of(session).shard.writable(session);
    }

    /// Lists the event loops that have a turn to take.
    pub(crate) fn due(&self, links: &[Link], now: Duration) -> impl Iterator<Item = usize> {
        let has_news = self.has_news.load(Ordering::Relaxed);
        let reads = |number| links.iter().any(|link| self.reads(number, link));
        let is_due = move |number: &usize| {
            let is_front = *number == FRONT;
            is_front && (has_news || self.retains_next().is_some_and(|at| at <= now))
                || self.loops[*number].is_due(now)
                || reads(*number)
        };
        (0..self.loops.len()).filter(is_due)
    }

    /// Tells whether an event loop reads this link now.
    fn reads(&self, number: usize, link: &Link) -> bool {
        let is_paused = |session| self.loops[number].shard.is_paused(session);
        link.is_readable()
            && link.session.is_some_and(|session| place_of(session) == number && !is_paused(session))
            && !self.host.log().store.is_full()
            && self.mail_max() < MAIL_MAX
    }

    fn retains_next(&self) -> Option<Duration> {
        self.retention.map(|_| self.retains_at)
    }

    pub(crate) fn next_wake(&self) -> Option<Duration> {
        let wakes = self.loops.iter().filter_map(|one| one.shard.next_wake().map(Instant::since_start));
        wakes.chain(self.retains_next()).min()
    }

    /// Returns what waits, and has a bound.
    pub(crate) fn waiting(&self) -> Waiting {
        let stats = self.host.log().store.stats();
        Waiting {
            effects: self.host.hall().held(),
            facts: stats.waiting_facts,
            fact_bytes: stats.waiting_bytes,
            mail: self.mail_max(),
        }
    }

    /// Returns the newest fact of the log.
    pub(crate) fn newest(&self) -> Seq {
        self.host.log().store.last()
    }

    /// Returns how much waits in the fullest box.
    fn mail_max(&self) -> usize {
        self.loops.iter().map(|one| one.mail.len()).max().unwrap_or(0)
    }

    /// One turn of an event loop, as `server/src/event_loop.rs` takes it.
    pub(crate) fn turn(&mut self, number: usize, links: &mut [Link], now: Duration, random: &mut Random) -> Turned {
        let at = moment(now);
        self.loops[number].is_woken = false;
        self.read_mail(number, at);
        for link in links.iter_mut() {
            let Some(session) = link.session.filter(|_| self.reads(number, link)) else { continue };
            let shard = &mut self.loops[number].shard;
            match link.read(random) {
                Some(bytes) if bytes.is_empty() => shard.end_of_input(session, at),
                Some(bytes) => shard.receive(session, &bytes, at),
                None => {}
            }
        }
        if number == FRONT {
            self.retain(at);
        }
        self.host.log_mut().groups = 0;
        let mut turned = Turned::default();
        let mut write = |ToWrite { session, bytes, .. }: ToWrite<'_>| {
            turned.waiting_bytes_max = turned.waiting_bytes_max.max(bytes.len());
            let link = links.iter_mut().find(|link| link.session == Some(session));
            Ok(link.map_or(bytes.len(), |link| link.write(bytes, now, random)))
        };
        if self.loops.len() == 1 {
            // The hall sits with the only shard.
            self.has_news.store(false, Ordering::Relaxed);
            let EventLoop { shard, delivery, .. } = &mut self.loops[number];
            self.host.turn(shard, at, &mut |shard, effect| delivery.deliver(shard, effect, at), write);
        } else {
            self.loops[number].shard.wake(at);
            self.exchange(number, at);
            self.loops[number].shard.flush(at, &mut write);
            self.exchange(number, at);
        }
        for action in self.loops[number].shard.take_actions() {
            self.act(action, links, at);
        }
        turned
    }

    /// Whoever has something to ask, or hears that the store has news, has the hall for a moment. What comes of it is posted
    /// to all, and read by each at its own next turn.
    fn exchange(&mut self, number: usize, at: Now) {
        loop {
            let requests = self.loops[number].shard.take_requests();
            let has_something = self.has_news.swap(false, Ordering::Relaxed) || !requests.is_empty();
            if has_something {
                let Self { host, loops, .. } = self;
                let mut goes_on = host.round(requests, at, &mut |effect| post(effect, loops));
                while goes_on {
                    goes_on = host.round(Vec::new(), at, &mut |effect| post(effect, loops));
                }
            }
            if !self.read_mail(number, at) && !has_something {
                return;
            }
        }
    }

    /// Reads what others have put into an event loop's box. Returns whether there was anything.
    fn read_mail(&mut self, number: usize, at: Now) -> bool {
        let EventLoop { shard, delivery, mail, .. } = &mut self.loops[number];
        let had_any = !mail.is_empty();
        for one in mail.drain(..) {
            match one {
                Mail::Effect(effect) => delivery.deliver(shard, effect, at),
                Mail::Reload => shard.reload(Arc::clone(&self.settings), CONNECTIONS_PER_ADDRESS, at),
                Mail::Stop => shard.stop(at),
            }
        }
        had_any
    }

    fn retain(&mut self, at: Now) {
        if let Some(retention) = self.retention.filter(|_| self.retains_at <= at.instant.since_start()) {
            let sabotage = self.loops[FRONT].delivery.sabotage;
            let more = matches!(sabotage, Some(Sabotage::KeepLess | Sabotage::KeepFewerBytes));
            self.host.log_mut().store.keep_only(retention.keep(at.wall, more));
            self.retains_at = at.instant.since_start() + RETENTION_PERIOD;
        }
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
                let its = self.loop_of(session);
                its.is_woken = true;
                its.shard.worked(session, &work.at_once_for_tests(|_, _| None), at);
            }
            Action::Rehash { .. } => self.reload(at),
            Action::HandOff { .. } | Action::StartTls { .. } => unreachable!("nobody here is a browser"),
        }
    }

    /// Reads the configuration again, which has not changed.
    pub(crate) fn reload(&mut self, at: Now) {
        for one in &mut self.loops {
            one.mail.push(Mail::Reload);
        }
        let (loops, reloaded) = (&mut self.loops, Input::Settings(Arc::clone(&self.settings.chat)));
        self.host.handle(reloaded, at, &mut |effect| post(effect, loops));
    }

    /// Begins a backup, unless one is being made. Returns the fact through which everything must be in it.
    pub(crate) fn begin_backup(&mut self, disk: &Disk, dir: &Path, target: PathBuf) -> Option<Seq> {
        if self.crew.has_backup() {
            return None;
        }
        let (disk, dir) = (disk.clone(), dir.to_owned());
        let without_log = self.loops[FRONT].delivery.sabotage == Some(Sabotage::CopyWithoutLog);
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
    pub(crate) fn stop(&mut self) {
        self.stops = true;
        for one in &mut self.loops {
            one.mail.push(Mail::Stop);
        }
    }

    /// Tells whether everybody is gone.
    pub(crate) fn is_empty(&self) -> bool {
        self.loops.iter().all(|one| one.shard.is_empty() && one.mail.is_empty())
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
