//! The network, on a thread of its own: whatever the window does, and also while nobody looks, the server is answered, what is
//! to be said is on disk before it is sent, and a connection that ends is opened again.
//!
//! The window looks at [`Live`] under its lock, and acts on it by [`Handle::act`]; the thread does the rest and wakes the
//! window when there is something to look at. The thread sleeps in between: nothing is asked by the clock.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use client::classroom::Classroom;
use client::handshake::Identity;
use client::network::{Kept, Network, News, Standing, Want};
use irc::time::Timestamp;
use link::address::Door;
use link::connection::{Connection, FromLink, Plan, QUEUE_PIECES, Trouble, What};
use link::kept::Outbox;

/// How often a place in the conversation that has changed is written, while nothing is to be said.
const PLACE_EVERY: Duration = Duration::from_secs(10);

/// The most news that wait for the window; older ones than that concern nobody any more.
const NEWS_MAX: usize = 1000;

/// How long leaving may take: a second for the goodbye, and what the disk takes.
const LEAVE_MAX: Duration = Duration::from_secs(2);

/// What the window sees.
pub struct Live {
    /// The network.
    pub network: Network,
    /// What was not looked at yet.
    pub news: VecDeque<News>,
    /// Why there is no connection, when there is none.
    pub trouble: Option<Unconnected>,
    /// Whether the connection is encrypted.
    pub is_encrypted: bool,
    /// What the next connection needs the person's word for.
    pub plan: Plan,
}

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unconnected {
    /// What became of the last attempt.
    Link(Trouble),
    /// The server has said nothing for too long.
    Silent,
    /// What is to be said cannot be kept.
    Disk(String),
}

impl Live {
    /// Shows a network that nobody has connected yet.
    pub fn new(identity: Identity, kept: Kept, plan: Plan) -> Self {
        Self { network: Network::new(identity, kept), news: VecDeque::new(), trouble: None, is_encrypted: false, plan }
    }

    /// Takes the network's news over, for the window.
    pub fn gather(&mut self) -> bool {
        let before = self.news.len();
        self.news.extend(std::iter::from_fn(|| self.network.next_news()));
        let is_news = self.news.len() > before;
        while self.news.len() > NEWS_MAX {
            self.news.pop_front();
        }
        is_news
    }
}

/// What the thread hears.
enum Event {
    Link(FromLink),
    /// The person has done something.
    Acted,
}

/// The network, for the window.
pub struct Handle {
    live: Arc<Mutex<Live>>,
    tell: Option<SyncSender<Event>>,
    thread: Option<JoinHandle<()>>,
    over: Receiver<()>,
    began: Instant,
}

impl Handle {
    /// Begins: connects at once. `wake` is called when there is something to look at.
    ///
    /// # Errors
    ///
    /// The system has no thread left.
    pub fn start(live: Live, outbox: Outbox, wake: impl Fn() + Send + 'static) -> std::io::Result<Self> {
        let (tell, told) = sync_channel(QUEUE_PIECES);
        let (lives, over) = sync_channel(0);
        let began = begin();
        let live = Arc::new(Mutex::new(live));
        let thread = Turns {
            live: Arc::clone(&live),
            from_links: tell.clone(),
            link: None,
            links: 0,
            outbox,
            place_at: Duration::ZERO,
            wake: Box::new(wake),
            began,
        };
        let thread = std::thread::Builder::new().name("network".to_owned()).spawn(move || {
            let _lives: SyncSender<()> = lives;
            thread.run(&told);
        })?;
        Ok(Self { live, tell: Some(tell), thread: Some(thread), over, began })
    }

    /// Shows a network without a thread: for tests, which say what it hears.
    pub fn still(live: Live) -> Self {
        let (_, over) = sync_channel(0);
        Self { live: Arc::new(Mutex::new(live)), tell: None, thread: None, over, began: begin() }
    }

    /// Returns what is to be seen. The thread waits as long as it is held.
    pub fn live(&self) -> MutexGuard<'_, Live> {
        lock(&self.live)
    }

    /// Returns what time it is for the network.
    pub fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Does something on the network, and lets the thread send what comes of it.
    pub fn act<R>(&self, act: impl FnOnce(&mut Live) -> R) -> R {
        let result = act(&mut self.live());
        self.notify();
        result
    }

    fn notify(&self) {
        if let Some(tell) = &self.tell {
            // When the queue is full, the thread is awake, and looks after each piece of it.
            let _ = tell.try_send(Event::Acted);
        }
    }

    /// Leaves: says goodbye where there is somebody to say it to. Also while connecting it takes no time.
    pub fn leave(mut self, goodbye: &str) {
        self.act(|live| live.network.leave(goodbye));
        // It is over when its end of the channel is gone; a disk that hangs does not hold the window.
        let is_over = self.over.recv_timeout(LEAVE_MAX) == Err(std::sync::mpsc::RecvTimeoutError::Disconnected);
        if let Some(thread) = self.thread.take().filter(|_| is_over) {
            let _ = thread.join();
        }
    }
}

/// Returns when the network's clock began.
#[expect(clippy::disallowed_methods, reason = "the one clock of the network: everybody else is handed its time")]
fn begin() -> Instant {
    Instant::now()
}

fn lock(live: &Mutex<Live>) -> MutexGuard<'_, Live> {
    // Who panicked with it has shown so; what is in it is still the network.
    live.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The connection at hand.
struct Link {
    connection: Connection,
    is_open: bool,
    /// What speaks with a classroom server in the network's place.
    classroom: Option<Classroom>,
}

/// The thread.
struct Turns {
    live: Arc<Mutex<Live>>,
    from_links: SyncSender<Event>,
    link: Option<Link>,
    links: u64,
    outbox: Outbox,
    /// When a place in the conversation is written again.
    place_at: Duration,
    wake: Box<dyn Fn() + Send>,
    began: Instant,
}

impl Turns {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn run(mut self, told: &Receiver<Event>) {
        loop {
            self.do_what_is_due();
            // Looked at before what there is to say is sent: the window may leave at any moment, and its goodbye is to be sent.
            let has_left = lock(&self.live).network.standing() == Standing::Left;
            self.flush();
            let classroom = self.link.as_ref().and_then(|link| link.classroom.as_ref()?.timeout());
            if has_left && classroom.is_none() {
                break;
            }
            let until = lock(&self.live).network.timeout().into_iter().chain(classroom).min();
            let event = match until {
                Some(until) => told.recv_timeout(until.saturating_sub(self.now())),
                None => told.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(Event::Link(from)) => self.hear(from),
                Ok(Event::Acted) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if let Some(link) = self.link.take() {
            link.leave();
        }
        let live = lock(&self.live);
        // It is only the place in the conversation that could be lost, and that costs nothing.
        let _ = self.outbox.keep(live.network.kept(), true);
    }

    /// Connects and gives up as the network says.
    fn do_what_is_due(&mut self) {
        let now = self.now();
        let (want, plan) = {
            let mut live = lock(&self.live);
            let want = live.network.wake(now, random_32());
            if want == Some(Want::Close) {
                live.trouble = Some(Unconnected::Silent);
            }
            (want, live.plan.clone())
        };
        match want {
            Some(Want::Connect) => {
                self.links += 1;
                match Connection::open(self.links, plan, self.from_links.clone(), Event::Link) {
                    Ok(connection) => self.link = Some(Link { connection, is_open: false, classroom: None }),
                    Err(error) => self.lost(Unconnected::Link(Trouble::Unreachable(error.to_string()))),
                }
            }
            Some(Want::Close) => self.drop_link(),
            None => {}
        }
    }

    fn hear(&mut self, from: FromLink) {
        let now = self.now();
        let Some(link) = self.link.as_mut().filter(|link| link.connection.number() == from.number) else { return };
        match from.what {
            What::Open { is_encrypted, .. } => {
                link.is_open = true;
                let nonce = random_128();
                let mut live = lock(&self.live);
                live.is_encrypted = is_encrypted;
                live.trouble = None;
                let Some(nonce) = nonce else {
                    drop(live);
                    // Without them, a password could be proven to nobody.
                    return self.lost(Unconnected::Link(Trouble::Unreachable("no random bits".to_owned())));
                };
                if let Door::Classroom(variant) = &live.plan.address.door {
                    link.classroom = plain::Variant::built_in(variant).map(|variant| Classroom::begin(variant, now));
                }
                live.network.prepare(nonce, is_encrypted);
                live.network.connected(now);
            }
            What::Bytes(bytes) => {
                let mut live = lock(&self.live);
                live.network.set_clock(wall());
                match &mut link.classroom {
                    Some(classroom) => {
                        classroom.heard(&bytes, now);
                        live.network.receive(&classroom.take_lines(), now);
                    }
                    None => live.network.receive(&bytes, now),
                }
            }
            What::Lost(trouble) => self.lost(Unconnected::Link(trouble)),
        }
    }

    fn drop_link(&mut self) {
        if let Some(link) = self.link.take().filter(|link| link.classroom.is_some()) {
            link.connection.reset(false);
        }
    }

    fn lost(&mut self, why: Unconnected) {
        self.drop_link();
        let mut live = lock(&self.live);
        live.network.lost(self.began.elapsed(), random_32());
        live.trouble = Some(why);
    }

    /// Keeps what is to be kept, and then sends what is to be sent.
    fn flush(&mut self) {
        let now = self.now();
        let is_due = self.place_at <= now;
        let mut is_news = false;
        loop {
            let (kept, out) = {
                let mut live = lock(&self.live);
                let out = live.network.take_output();
                let kept = self.outbox.changed(live.network.kept(), is_due);
                is_news |= live.gather();
                (kept, out)
            };
            let kept = kept.and_then(|kept| kept.map_or(Ok(()), |bytes| self.outbox.write(bytes)));
            if let Err(error) = kept {
                // Not sent: after a crash, its number would be given to something else, and that would be lost.
                self.lost(Unconnected::Disk(format!("{error:#}")));
                is_news |= lock(&self.live).gather();
                break;
            }
            if is_due {
                self.place_at = now + PLACE_EVERY;
            }
            let Some(lines) = self.link.as_mut().and_then(|link| link.send(out, now)) else { break };
            lock(&self.live).network.receive(&lines, now);
        }
        if is_news {
            (self.wake)();
        }
    }
}

impl Link {
    /// Sends what the network says. Returns what a classroom server's interpreter answers to it, which may lead to more.
    fn send(&mut self, out: Vec<u8>, now: Duration) -> Option<Vec<u8>> {
        let Some(classroom) = &mut self.classroom else {
            if !out.is_empty() {
                self.connection.write(out);
            }
            return None;
        };
        classroom.told(&out, now);
        while let Some(segment) = classroom.next_segment(now) {
            self.connection.write(segment);
        }
        let lines = classroom.take_lines();
        (!out.is_empty() || !lines.is_empty()).then_some(lines)
    }

    /// Ends it, and waits until the goodbye is said: a second at most.
    fn leave(self) {
        match &self.classroom {
            Some(classroom) if !classroom.has_said_goodbye() => self.connection.reset(self.is_open),
            Some(_) | None => self.connection.close(self.is_open),
        }
    }
}

/// Returns what time it is on the wall.
#[expect(clippy::disallowed_methods, reason = "the one clock of the network: everybody else is handed its time")]
fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Returns 128 random bits for a connection, where the system has some.
fn random_128() -> Option<u128> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(u128::from_le_bytes(bytes))
}

/// Returns 32 random bits: how long to wait, so that a server that comes back is not met by all at once.
fn random_32() -> u32 {
    // Without randomness all wait equally long, nothing else.
    getrandom::u32().unwrap_or(u32::MAX / 2)
}
