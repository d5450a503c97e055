//! One IRC connection, from its first line to its `ERROR`.
//!
//! A line either asks the hall for something (then its answers come back as effects, in order, and end with `Done`) or is
//! answered here. What is answered here waits until the hall has answered everything before it, so a client sees its
//! answers in the order of its commands. While a session waits, it keeps at most what one read brought.

mod answers;
pub mod batch;
mod busy;
pub mod commands;
mod cx;
pub mod ending;
pub mod labels;
mod reading;
pub mod registration;
mod working;

use core::cell::Cell;
use std::sync::Arc;

use chat::person::Person;
use chat::rare::Rare;
use chat::time::{Instant, Now};
use irc::capability::CapSet;

use crate::budget::Budget;
use crate::features;
use crate::render::Render;
use crate::settings::Settings;
pub(crate) use busy::{Asked, Busy};
pub use cx::Cx;
use reading::Flow;
use registration::Greeting;
pub(crate) use working::Then;

/// Where the connection stands.
#[derive(Debug)]
pub enum Stage {
    /// It is nobody yet.
    Greeting(Box<Greeting>),
    /// The hall has been asked to make it a user.
    Entering(Box<Greeting>),
    /// It is a user.
    Registered,
    /// It has been told `ERROR`; nothing it sends counts any more.
    Closing,
}

/// One IRC connection. Most say nothing most of the time, so what stands here is what an idle one needs.
#[derive(Debug)]
pub struct IrcSession {
    pub(crate) stage: Stage,
    pub(crate) caps: CapSet,
    person: Option<Arc<Person>>,
    /// What is under way.
    pub(crate) busy: Rare<Busy>,
    /// The keys of metadata that the client wants to know about.
    pub(crate) metadata: Rare<features::metadata::Subscriptions>,
    budget: Budget,
    /// Since when the client has given no sign of life; or, where it was asked for one, has not answered.
    quiet_since: Instant,
    /// Whether it was asked for a sign of life.
    is_pinged: bool,
    /// Whether a line was taken.
    has_spoken: bool,
    /// Whether it has asked the hall to let it go: once is enough.
    leaving: bool,
    /// The version the client named in `CAP LS`; below 302, values are not shown.
    pub(crate) cap_version: u16,
    /// The words to pass on that were made.
    pub(crate) words: u32,
    /// The nonces that were used up.
    pub(crate) nonces: u32,
    /// Batches that the server has sent.
    batches: Cell<u32>,
}

impl IrcSession {
    /// Begins a conversation.
    pub fn new(now: Now) -> Self {
        Self {
            stage: Stage::Greeting(Box::new(Greeting { opened: now.instant, ..Greeting::default() })),
            caps: CapSet::empty(),
            person: None,
            busy: Rare::default(),
            metadata: Rare::default(),
            budget: Budget::default(),
            quiet_since: now.instant,
            is_pinged: false,
            has_spoken: false,
            leaving: false,
            cap_version: 0,
            words: 0,
            nonces: 0,
            batches: Cell::new(0),
        }
    }

    /// Lets go of what is not under way any more.
    pub fn settle(&mut self) {
        self.busy.settle();
        self.metadata.settle();
    }

    /// Returns the capabilities that are on.
    pub fn caps(&self) -> CapSet {
        self.caps
    }

    /// Tells whether the line that is looked at is the connection's first.
    pub(crate) fn is_first_line(&self) -> bool {
        !self.has_spoken
    }

    /// Tells whether the session is a user.
    pub fn is_registered(&self) -> bool {
        matches!(self.stage, Stage::Registered)
    }

    /// Tells whether the hall knows of the session, or soon will.
    pub fn is_known_to_hall(&self) -> bool {
        matches!(self.stage, Stage::Registered | Stage::Entering(_))
    }

    /// Tells whether it has been told to go.
    pub fn is_closing(&self) -> bool {
        matches!(self.stage, Stage::Closing)
    }

    /// Tells whether the socket is not to be read: what was read has to wait.
    pub fn is_paused(&self) -> bool {
        !self.busy.held.is_empty()
    }

    /// Returns how the user is seen, once it is one.
    pub fn person(&self) -> Option<&Arc<Person>> {
        self.person.as_ref()
    }

    /// Returns `nick!user@host`; nothing while it is nobody.
    pub fn mask(&self) -> &str {
        self.person.as_ref().map_or("", |person| person.mask())
    }

    /// Notes how the user is seen from now on.
    pub fn set_person(&mut self, person: Arc<Person>) {
        self.person = Some(person);
    }

    /// Returns the nick, or `*`.
    pub fn client(&self) -> &str {
        match (&self.person, &self.stage) {
            (Some(person), _) => person.nick().as_str(),
            (None, Stage::Greeting(greeting)) => greeting.nick.as_ref().map_or("*", |nick| nick.as_str()),
            _ => "*",
        }
    }

    /// Writes a line or more for this client.
    pub fn render<T>(&self, cx: &mut Cx<'_>, write: impl FnOnce(&mut Render<'_>) -> T) -> T {
        write(&mut Render {
            out: cx.out,
            settings: cx.settings,
            isupport: cx.isupport,
            client: self.client(),
            // Only what comes live has a place in what the client sees.
            caps: self.caps - CapSet::DELIVERY,
            secure: cx.peer.secure,
            batches: &self.batches,
        })
    }

    /// Takes the news that the server goes by other settings.
    pub fn reloaded(&mut self, before: &Settings, cx: &mut Cx<'_>) {
        if !self.is_closing() {
            features::cap::reloaded(self, before, cx);
            features::isupport::reloaded(self, before, cx);
        }
    }
}
