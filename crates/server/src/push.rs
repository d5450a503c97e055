//! Notifications to telephones and browsers: what the hall wants devices to be told is encrypted for each and sent to its push
//! service, on a thread of its own. A slow or dead push service keeps nobody else waiting.
//!
//! Spec: `IRCv3` "draft/webpush"; RFC 8030, 8188, 8291, 8292. Best effort: what waits when the process ends is not sent.

mod device;
mod seal;
mod vapid;
mod waiting;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chat::event::EventKind;
use chat::push::Push;
use fetch::{Fetcher, Guard, IpNet, Limits};
use session::features::webpush;
use session::settings::Settings;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::config::{self, Config};
use crate::desk::Asker;
use crate::event_loop::clock::Clock;
use crate::metrics::Metrics;
use device::{Letter, Post};
pub use vapid::Vapid;
use waiting::Waiting;

/// The most news that may be on their way to the thread; what comes beyond is dropped.
const NEWS_MAX: usize = 4096;
/// The most notifications that wait for one device; what comes beyond is dropped.
const LETTERS_MAX: usize = 32;
/// The most requests on their way at once.
const REQUESTS_MAX: usize = 16;
/// The most tasks of devices before those that have ended are swept up.
const DEVICES_BEFORE_SWEEP: usize = 1024;
/// What one request may take. Push services answer with nothing, or a word about what is wrong.
const LIMITS: Limits = Limits { time: Duration::from_secs(20), body_bytes: 16 * 1024 };
/// For how long push services keep what somebody has said for a device that is off: four days.
const KEEP_SAID_SECONDS: u32 = 4 * 24 * 60 * 60;
/// And that it was read: what it takes away is not older.
const KEEP_READ_SECONDS: u32 = KEEP_SAID_SECONDS;

/// The reason of what was lost because too much waits.
const DROPPED: &str = "dropped";

/// What the thread is told.
enum News {
    Push(Push),
    Settings(Arc<Settings>),
}

/// The way to the thread that notifies.
#[derive(Debug)]
pub struct Pusher {
    news: Sender<News>,
    metrics: Arc<Metrics>,
}

impl Pusher {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system starts none.
    pub fn start(
        config: &config::Push,
        vapid: Vapid,
        fetcher: Fetcher,
        settings: Arc<Settings>,
        asker: Asker,
        metrics: &Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let post = Arc::new(Post {
            fetcher,
            vapid,
            asker,
            clock: Clock::new(),
            places: Semaphore::new(REQUESTS_MAX),
            metrics: Arc::clone(metrics),
        });
        let waiting = Waiting::new(Duration::from_secs(config.delay_seconds));
        let (news, told) = channel(NEWS_MAX);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new()
            .name("push".to_owned())
            .spawn(move || runtime.block_on(Desk { waiting, settings, post, devices: BTreeMap::new() }.run(told)))
            .context("cannot start the thread for notifications")?;
        Ok(Self { news, metrics: Arc::clone(metrics) })
    }

    /// Has devices notified.
    pub fn push(&self, push: Push) {
        self.tell(News::Push(push));
    }

    /// Goes by other settings from now on.
    pub fn reload(&self, settings: Arc<Settings>) {
        self.tell(News::Settings(settings));
    }

    fn tell(&self, news: News) {
        if self.news.try_send(news).is_err() {
            self.metrics.push_lost(DROPPED);
            tracing::warn!("too much is to be notified at once: something is dropped");
        }
    }
}

/// Makes what sends requests to push services: to the public internet, and to what the configuration allows besides.
pub fn fetcher(config: &config::Push) -> Fetcher {
    Fetcher::new(Guard::new(allowed(config)), LIMITS)
}

/// Returns the private networks that may be reached.
pub fn allowed(config: &config::Push) -> impl Iterator<Item = IpNet> {
    config.allow_addresses.iter().filter_map(|text| session::trusted_proxies::network(text))
}

/// Returns whom push services may write to about what this server sends.
pub fn contact(config: &Config) -> String {
    let host = Some(config.server.public_address.as_str()).filter(|address| !address.is_empty());
    match (config.push.contact.as_str(), config.acme.contact.as_str()) {
        ("", "") => format!("https://{}", host.unwrap_or(&config.server.name)),
        ("", address) => format!("mailto:{}", address.trim_start_matches("mailto:")),
        (contact, _) => contact.to_owned(),
    }
}

/// The thread's state.
struct Desk {
    waiting: Waiting,
    settings: Arc<Settings>,
    post: Arc<Post>,
    /// The ways to the tasks of devices, by their addresses.
    devices: BTreeMap<Arc<str>, Sender<Letter>>,
}

impl Desk {
    async fn run(mut self, mut told: Receiver<News>) {
        loop {
            let now = self.post.clock.now().instant;
            let due = self.waiting.next().map(|due| due.since(now));
            let wait = async {
                match due {
                    Some(due) => tokio::time::sleep(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                news = told.recv() => match news {
                    None => return,
                    Some(News::Settings(settings)) => self.settings = settings,
                    Some(News::Push(push)) => {
                        if let Some(read) = self.waiting.take(push, self.post.clock.now().instant) {
                            self.send(&read);
                        }
                    }
                },
                () = wait => {}
            }
            for push in self.waiting.due(self.post.clock.now().instant) {
                self.send(&push);
            }
        }
    }

    fn send(&mut self, push: &Push) {
        let is_read = matches!(push.event.kind, EventKind::ReadMarked { .. });
        let (urgency, keep_seconds) = if is_read { ("normal", KEEP_READ_SECONDS) } else { ("high", KEEP_SAID_SECONDS) };
        for subscription in &*push.subscriptions {
            let Some(text) = webpush::payload(&push.event, &subscription.capabilities, &self.settings) else {
                continue;
            };
            let (account, subscription) = (Arc::clone(&push.account), subscription.clone());
            self.hand_over(Letter { account, subscription, text, urgency, keep_seconds });
        }
    }

    /// Gives a letter to its device's task, which is started when there is none.
    fn hand_over(&mut self, letter: Letter) {
        let endpoint = Arc::clone(&letter.subscription.endpoint);
        self.post.metrics.push_waiting.inc();
        let refused = match self.devices.get(&endpoint) {
            Some(device) => device.try_send(letter).err(),
            None => Some(TrySendError::Closed(letter)),
        };
        match refused {
            None => {}
            Some(TrySendError::Full(letter)) => {
                self.post.metrics.push_waiting.dec();
                self.post.metrics.push_lost(DROPPED);
                tracing::debug!(account = &*letter.account, "too much waits for a device: a notification is dropped");
            }
            Some(TrySendError::Closed(letter)) => {
                if self.devices.len() >= DEVICES_BEFORE_SWEEP {
                    self.devices.retain(|_, device| !device.is_closed());
                }
                let (device, letters) = channel(LETTERS_MAX);
                // It is empty, so there is a place.
                let _ = device.try_send(letter);
                tokio::spawn(device::serve(letters, Arc::clone(&self.post)));
                self.devices.insert(endpoint, device);
            }
        }
    }
}
