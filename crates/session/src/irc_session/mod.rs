//! One IRC connection, from its first line to its `ERROR`.
//!
//! A line either asks the hall for something (then its answers come back as effects, in order, and end with `Done`) or is
//! answered here. What is answered here waits until the hall has answered everything before it, so a client sees its
//! answers in the order of its commands. While a session waits, it keeps at most what one read brought.

mod answers;
pub mod batch;
pub mod commands;
mod cx;
pub mod ending;
pub mod labels;
mod reading;
pub mod registration;
mod working;

use core::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;

use chat::person::Person;
use chat::time::{Instant, Now};
use irc::capability::CapSet;
use irc::line::LineBuffer;

use crate::budget::Budget;
use crate::features;
use crate::features::services::{self, Service};
use crate::render::Render;
use crate::settings::Settings;
pub use cx::Cx;
use reading::Flow;
use registration::Greeting;
pub(crate) use working::Then;
use working::Working;

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

/// One IRC connection.
#[derive(Debug)]
pub struct IrcSession {
    pub(crate) stage: Stage,
    pub(crate) caps: CapSet,
    /// The version the client named in `CAP LS`; below 302, values are not shown.
    pub(crate) cap_version: u16,
    pub(crate) log_in: features::authenticate::LogIn,
    pub(crate) registering: Option<Box<features::register::Registering>>,
    /// The OPER that is under way.
    pub(crate) oper: Option<Box<features::oper::Attempt>>,
    /// The UPLOADS that is under way.
    pub(crate) uploads: Option<Box<features::uploads::Wish>>,
    /// What was told to `NickServ` and needs several steps.
    pub(crate) errand: Option<Box<services::nickserv::Errand>>,
    /// The hash of the invitation that goes along with REGISTER.
    pub(crate) invitation: Option<Arc<str>>,
    /// The words to pass on that were made.
    pub(crate) words: u32,
    lines: LineBuffer,
    /// What was read and has to wait.
    held: Vec<u8>,
    /// The requests that the hall has not answered to the end.
    asked: VecDeque<Asked>,
    person: Option<Arc<Person>>,
    budget: Budget,
    /// When flood control lets it go on.
    resume_at: Option<Instant>,
    /// What a worker does for it.
    working: Option<Working>,
    /// Whether a line was taken.
    has_spoken: bool,
    opened: Instant,
    active: Instant,
    pinged: Option<Instant>,
    /// Whether it has asked the hall to let it go: once is enough.
    leaving: bool,
    /// The keys of metadata that the client wants to know about.
    pub(crate) metadata: features::metadata::Subscriptions,
    /// Batches that the server has sent.
    batches: Cell<u32>,
    /// The batch that the client has opened.
    batch: Option<Box<batch::ClientBatch>>,
}

/// An open request.
#[derive(Debug)]
struct Asked {
    label: Option<Box<str>>,
    /// The id that the client has given it: its outcome carries it.
    id: Option<Box<str>>,
    /// The service that it was said to, which then says why something was not done.
    service: Option<Service>,
    /// The answers so far, when there is a label to put on them; without one, what is to be said at the end.
    lines: Vec<u8>,
}

impl IrcSession {
    /// Begins a conversation.
    pub fn new(now: Now) -> Self {
        Self {
            stage: Stage::Greeting(Box::default()),
            caps: CapSet::empty(),
            cap_version: 0,
            log_in: features::authenticate::LogIn::default(),
            registering: None,
            oper: None,
            uploads: None,
            errand: None,
            invitation: None,
            words: 0,
            lines: LineBuffer::default(),
            held: Vec::new(),
            asked: VecDeque::new(),
            person: None,
            budget: Budget::default(),
            resume_at: None,
            working: None,
            has_spoken: false,
            opened: now.instant,
            active: now.instant,
            pinged: None,
            leaving: false,
            metadata: features::metadata::Subscriptions::new(),
            batches: Cell::new(0),
            batch: None,
        }
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
        !self.held.is_empty()
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
