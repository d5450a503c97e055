//! Where the hall sits: on the only shard's thread, with whichever shard has something to ask, or on a thread of its own.
//!
//! The hall is a plain value in all three cases, and one thread at a time has it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;

use anyhow::Context as _;
use chat::command::Request;
use chat::effect::Effect;
use chat::hall::Input;
use chat::settings::Settings;
use chat::time::Now;

use super::clock::Clock;
use super::counting::HallCount;
use super::mail::{FRONT, Mail, Post, sort};
use super::reloading::Reloaded;
use crate::config::{self, Hall};
use crate::hall_host::{self, HallHost};

/// The most batches of requests that may wait for the hall's thread: a shard that has one more waits.
const ASKS_MAX: usize = 256;

/// How many shards there are, and how they come to the hall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrangement {
    pub(super) shards: u8,
    pub(super) hall: Where,
}

/// Which thread the hall runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// The only shard's.
    Inline,
    /// That of whichever shard has something to ask.
    Shared,
    /// Its own.
    Thread,
}

impl Arrangement {
    /// Returns what the configuration asks for. Left to itself, one shard has the hall: each further one splits the writes.
    pub(super) fn of(server: &config::Server) -> Self {
        let shards = u8::try_from(server.shards.max(1)).unwrap_or(u8::MAX);
        let hall = match server.hall {
            Hall::Auto | Hall::Inline if shards == 1 => Where::Inline,
            Hall::Auto | Hall::Inline | Hall::Shared => Where::Shared,
            Hall::Thread => Where::Thread,
        };
        Self { shards, hall }
    }
}

/// The hall, and its effects sorted by shard until they are posted.
struct Room {
    host: HallHost,
    bags: Vec<Vec<Mail>>,
    post: Arc<Post>,
    count: HallCount,
    latest: Now,
}

impl Room {
    /// The hall's time never goes back, though the shards look at the clock one by one.
    fn time(&mut self, now: Now) -> Now {
        self.latest.instant = self.latest.instant.max(now.instant);
        self.latest.wall = self.latest.wall.max(now.wall);
        self.latest
    }

    fn take(&mut self, requests: impl IntoIterator<Item = Request>, now: Now) {
        let now = self.time(now);
        let Self { host, bags, .. } = self;
        host.take(requests, now, &mut |effect| sort(effect, bags));
    }

    fn reload(&mut self, settings: Arc<Settings>, now: Now) {
        let now = self.time(now);
        let Self { host, bags, .. } = self;
        host.handle(Input::Settings(settings), now, &mut |effect| sort(effect, bags));
    }

    /// Ends a turn: what was ordered goes to the disk, news of the store are taken, everything is posted, and `is_full`
    /// becomes whether the log takes no more for now.
    fn end_turn(&mut self, now: Now, from: Option<u8>, is_full: &AtomicBool) {
        let now = self.time(now);
        let Self { host, bags, post, count, .. } = self;
        loop {
            host.flush();
            if !host.news(now, &mut |effect| sort(effect, bags)) {
                break;
            }
        }
        count.count(host);
        post.send_all(bags, from);
        host.begin_turn();
        let full_now = hall_host::is_full(host);
        if is_full.swap(full_now, Ordering::Relaxed) && !full_now {
            post.ring_all();
        }
    }
}

/// The hall among several shards.
pub(super) struct Shared {
    room: Mutex<Room>,
    /// Whether the store has news that nobody has fetched.
    news: Arc<AtomicBool>,
    /// Whether requests wait for the next turn of a loop: one was rung.
    has_waiting: AtomicBool,
    is_full: AtomicBool,
}

impl Shared {
    fn room(&self) -> MutexGuard<'_, Room> {
        // Whoever died in it has left it in a state that nobody may go on with.
        self.room.lock().unwrap_or_else(|_| panic!("another thread has died in the hall"))
    }
}

/// What is asked of the hall's thread.
pub(super) enum Ask {
    Requests(Vec<Request>),
    /// The store has news.
    News,
    Reload(Arc<Settings>, Option<Arc<Reloaded>>),
    Keep(store::Keep),
    TakeIn(store::Page),
    Close,
}

/// The way to the hall's thread.
pub(super) struct HallThread {
    asks: SyncSender<Ask>,
    is_full: Arc<AtomicBool>,
    /// What it gives back at its end; only the front waits for that.
    ends: Option<JoinHandle<HallHost>>,
}

impl HallThread {
    fn ask(&self, ask: Ask) {
        self.asks.send(ask).unwrap_or_else(|_| panic!("the hall's thread has died"));
    }
}

/// How one shard comes to the hall.
pub(super) enum Seat {
    /// Alone.
    Inline(Box<HallHost>, Box<HallCount>),
    /// With others, one at a time.
    Shared(Arc<Shared>),
    /// By asking its thread.
    Thread(HallThread),
}

impl Seat {
    /// Returns a seat for another shard; the only shard's is for itself alone.
    pub(super) fn for_another(&self) -> Self {
        match self {
            Self::Inline(..) => unreachable!("another shard cannot come to a hall that is inline"),
            Self::Shared(shared) => Self::Shared(Arc::clone(shared)),
            Self::Thread(HallThread { asks, is_full, .. }) => {
                Self::Thread(HallThread { asks: asks.clone(), is_full: Arc::clone(is_full), ends: None })
            }
        }
    }

    /// A turn of the loop begins.
    pub(super) fn begin_turn(&mut self) {
        match self {
            Self::Inline(host, _) => host.begin_turn(),
            // One of the hall's turns begins when another ends; whoever comes first takes those who wait.
            Self::Shared(shared) => {
                if shared.has_waiting.swap(false, Ordering::AcqRel) {
                    shared.news.store(true, Ordering::Release);
                }
            }
            Self::Thread(_) => {}
        }
    }

    /// Tells whether requests wait for the loop's next turn. Where others have the hall too, somebody is woken for them.
    pub(super) fn has_waiting(&self) -> bool {
        match self {
            Self::Inline(host, _) => host.waiting() > 0,
            Self::Shared(_) | Self::Thread(_) => false,
        }
    }

    /// Tells whether hall and log take no more, so that nobody is to read from sockets.
    pub(super) fn is_full(&self) -> bool {
        match self {
            Self::Inline(host, _) => hall_host::is_full(host),
            Self::Shared(shared) => shared.is_full.load(Ordering::Relaxed),
            Self::Thread(thread) => thread.is_full.load(Ordering::Relaxed),
        }
    }

    /// Brings a shard's requests to the hall, and lets it take its news. Effects come to `effect` where the hall is inline,
    /// by the post otherwise. Returns whether there was anything to do.
    pub(super) fn exchange(
        &mut self,
        from: u8,
        requests: Vec<Request>,
        now: Now,
        effect: &mut impl FnMut(Effect),
    ) -> bool {
        let had_requests = !requests.is_empty();
        match self {
            Self::Inline(host, _) => host.round(requests, now, effect),
            Self::Shared(shared) => {
                // Looked at before the room: news that come while it is taken ring again.
                let had_news = shared.news.swap(false, Ordering::AcqRel);
                if had_requests || had_news {
                    let mut room = shared.room();
                    room.take(requests, now);
                    room.end_turn(now, Some(from), &shared.is_full);
                    if room.host.waiting() > 0 {
                        shared.has_waiting.store(true, Ordering::Release);
                        room.post.ring(from);
                    }
                }
                had_requests || had_news
            }
            Self::Thread(thread) => {
                if had_requests {
                    thread.ask(Ask::Requests(requests));
                }
                had_requests
            }
        }
    }

    /// Lets the hall go by other settings, and then drops `reloaded`.
    pub(super) fn reload(
        &mut self,
        settings: Arc<Settings>,
        reloaded: Option<Arc<Reloaded>>,
        now: Now,
        effect: &mut impl FnMut(Effect),
    ) {
        match self {
            Self::Inline(host, _) => host.handle(Input::Settings(settings), now, effect),
            Self::Shared(shared) => {
                let mut room = shared.room();
                room.reload(settings, now);
                room.end_turn(now, Some(FRONT), &shared.is_full);
            }
            Self::Thread(thread) => thread.ask(Ask::Reload(settings, reloaded)),
        }
    }

    /// Appends what was said elsewhere to the log.
    pub(super) fn take_in(&mut self, page: store::Page, now: Now) {
        match self {
            Self::Inline(host, _) => host.log_mut().take_in(page),
            Self::Shared(shared) => {
                let mut room = shared.room();
                room.host.log_mut().take_in(page);
                room.end_turn(now, Some(FRONT), &shared.is_full);
            }
            Self::Thread(thread) => thread.ask(Ask::TakeIn(page)),
        }
    }

    /// Has the store remove what is not to be kept.
    pub(super) fn keep_only(&mut self, keep: store::Keep) {
        match self {
            Self::Inline(host, _) => host.log_mut().keep_only(keep),
            Self::Shared(shared) => shared.room().host.log_mut().keep_only(keep),
            Self::Thread(thread) => thread.ask(Ask::Keep(keep)),
        }
    }

    /// Brings the metrics of hall and store up to date. Where others have the hall too, whoever has had it has done so.
    pub(super) fn count(&mut self) {
        if let Self::Inline(host, count) = self {
            count.count(host);
        }
    }

    /// Notices when the hall's thread has died, and dies of the same.
    pub(super) fn look_after(&mut self) {
        if let Self::Thread(thread) = self
            && let Some(ends) = thread.ends.take_if(|ends| ends.is_finished())
        {
            ends.join().map_or_else(|panic| std::panic::resume_unwind(panic), drop);
        }
    }

    /// Gives the hall back at the end; all other seats are gone.
    pub(super) fn leave(self) -> HallHost {
        match self {
            Self::Inline(host, _) => *host,
            Self::Shared(shared) => {
                let shared = Arc::into_inner(shared).unwrap_or_else(|| unreachable!("the other shards have ended"));
                let room = shared.room.into_inner().unwrap_or_else(|_| panic!("another thread has died in the hall"));
                room.host
            }
            Self::Thread(mut thread) => {
                thread.ask(Ask::Close);
                let ends =
                    thread.ends.take().unwrap_or_else(|| unreachable!("only the front's seat is left in the end"));
                ends.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }
        }
    }
}

/// By what the store says that it has news, wherever the hall will be.
pub(super) enum Bell {
    /// The front's loop is rung.
    Front(Arc<Post>),
    /// Likewise, but any shard may come first.
    Any(Arc<Post>, Arc<AtomicBool>),
    /// The hall's thread is asked.
    Thread(SyncSender<Ask>, Receiver<Ask>),
}

impl Bell {
    /// Makes the bell of an arrangement.
    pub(super) fn new(hall: Where, post: &Arc<Post>) -> Self {
        match hall {
            Where::Inline => Self::Front(Arc::clone(post)),
            Where::Shared => Self::Any(Arc::clone(post), Arc::default()),
            Where::Thread => {
                let (asks, asked) = sync_channel(ASKS_MAX);
                Self::Thread(asks, asked)
            }
        }
    }

    /// Returns what the store is to call.
    pub(super) fn ring(&self) -> Arc<dyn Fn() + Send + Sync> {
        match self {
            Self::Front(post) => {
                let post = Arc::clone(post);
                Arc::new(move || post.ring(FRONT))
            }
            Self::Any(post, news) => {
                let (post, news) = (Arc::clone(post), Arc::clone(news));
                Arc::new(move || {
                    news.store(true, Ordering::Release);
                    post.ring(FRONT);
                })
            }
            Self::Thread(asks, _) => {
                let asks = asks.clone();
                // When there is no place, the thread has something to do, and looks for news after that.
                Arc::new(move || drop(asks.try_send(Ask::News)))
            }
        }
    }

    /// Puts the hall in its place, and returns the front's seat.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub(super) fn seat(self, host: HallHost, count: HallCount, post: &Arc<Post>, clock: Clock) -> anyhow::Result<Seat> {
        let room = |host, count| {
            let bags = std::iter::repeat_with(Vec::new).take(post.shards()).collect();
            Room { host, bags, post: Arc::clone(post), count, latest: Now::default() }
        };
        match self {
            Self::Front(_) => Ok(Seat::Inline(Box::new(host), Box::new(count))),
            Self::Any(_, news) => {
                let room = Mutex::new(room(host, count));
                let (has_waiting, is_full) = (AtomicBool::new(false), AtomicBool::new(false));
                Ok(Seat::Shared(Arc::new(Shared { room, news, has_waiting, is_full })))
            }
            Self::Thread(asks, asked) => {
                let (room, is_full) = (room(host, count), Arc::<AtomicBool>::default());
                let ends = std::thread::Builder::new()
                    .name("hall".to_owned())
                    .spawn({
                        let is_full = Arc::clone(&is_full);
                        move || run(room, &asked, &is_full, clock)
                    })
                    .context("cannot start the hall's thread")?;
                Ok(Seat::Thread(HallThread { asks, is_full, ends: Some(ends) }))
            }
        }
    }
}

/// The hall's thread: takes what is asked, as much as waits at once, until it is told to close.
fn run(mut room: Room, asked: &Receiver<Ask>, is_full: &AtomicBool, clock: Clock) -> HallHost {
    let _bell = EndBell(Arc::clone(&room.post));
    loop {
        let first =
            if room.host.waiting() > 0 { Some(asked.try_recv().unwrap_or(Ask::News)) } else { asked.recv().ok() };
        let Some(first) = first else { return room.host };
        let now = clock.now();
        let mut is_over = false;
        for ask in std::iter::once(first).chain(asked.try_iter().take(ASKS_MAX)) {
            match ask {
                Ask::Requests(requests) => room.take(requests, now),
                Ask::News => room.take([], now),
                Ask::Reload(settings, _reloaded) => room.reload(settings, now),
                Ask::TakeIn(page) => room.host.log_mut().take_in(page),
                Ask::Keep(keep) => room.host.log_mut().keep_only(keep),
                Ask::Close => is_over = true,
            }
        }
        room.end_turn(now, None, is_full);
        if is_over {
            return room.host;
        }
    }
}

/// Tells the front when a thread ends, however it does.
pub(super) struct EndBell(pub(super) Arc<Post>);

impl Drop for EndBell {
    fn drop(&mut self) {
        self.0.send(FRONT, Mail::Ended);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrangement(shards: usize, hall: Hall) -> (u8, Where) {
        let Arrangement { shards, hall } =
            Arrangement::of(&config::Server { shards, hall, ..config::Server::default() });
        (shards, hall)
    }

    #[test]
    fn one_shard_has_the_hall_unless_told_otherwise() {
        assert_eq!(arrangement(0, Hall::Auto), (1, Where::Inline));
        assert_eq!(arrangement(1, Hall::Auto), (1, Where::Inline));
        assert_eq!(arrangement(0, Hall::Inline), (1, Where::Inline));
        assert_eq!(arrangement(1, Hall::Shared), (1, Where::Shared));
        assert_eq!(arrangement(0, Hall::Thread), (1, Where::Thread));
        assert_eq!(arrangement(3, Hall::Auto), (3, Where::Shared));
        assert_eq!(arrangement(2, Hall::Thread), (2, Where::Thread));
    }
}
