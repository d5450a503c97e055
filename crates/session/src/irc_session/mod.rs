//! One IRC connection, from its first line to its `ERROR`.
//!
//! A line either asks the hall for something (then its answers come back as effects, in order, and end with `Done`) or is
//! answered here. What is answered here waits until the hall has answered everything before it, so a client sees its
//! answers in the order of its commands. While a session waits, it keeps at most what one read brought.

pub mod batch;
pub mod commands;
pub mod ending;
pub mod labels;
pub mod registration;

use core::cell::Cell;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use chat::command::{Command, Connect, Request};
use chat::event::{Event, EventKind};
use chat::ids::SessionId;
use chat::person::{Person, PersonFields};
use chat::reply::Reply;
use chat::time::{Instant, Now};
use irc::capability::CapSet;
use irc::line::{Framed, LineBuffer};
use irc::message::{Message, ParseError};
use irc::names::{Nick, UserName};
use irc::numerics;
use irc::tags::Tags;
use smallvec::SmallVec;

use crate::budget::Budget;
use crate::features;
use crate::features::services::{self, Service};
use crate::render::Render;
use crate::settings::{Peer, Settings};
use crate::shard::Action;
use crate::work::{Outcome, Work};
use commands::{Complaint, Run};
use registration::Greeting;

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

/// What a connection may use while it handles something.
#[derive(Debug)]
pub struct Cx<'a> {
    /// The server's choices.
    pub settings: &'a Settings,
    /// What the clocks say.
    pub now: Now,
    /// Which session this is.
    pub id: SessionId,
    /// The other end; a gateway may name another.
    pub peer: &'a mut Peer,
    /// What it is sent is appended here.
    pub out: &'a mut Vec<u8>,
    /// What it asks of the hall.
    pub requests: &'a mut Vec<Request>,
    /// What it asks of the event loop.
    pub actions: &'a mut Vec<Action>,
    /// Connections of the shard that are not users yet.
    pub unknown: usize,
}

impl Cx<'_> {
    /// Tells whether flood control does not concern the session: it is off, or the client is on this machine.
    pub(crate) fn may_flood(&self) -> bool {
        !self.settings.flood_control || self.peer.is_loopback()
    }

    /// Returns the command that makes the session this user; `shown` is the name as a classroom user typed it, `away` why
    /// they come already away, `account` what they have logged in to.
    pub(crate) fn connect(
        &self,
        nick: Nick,
        username: UserName,
        realname: &str,
        shown: Option<&str>,
        away: Option<Box<str>>,
        account: Option<(Arc<str>, Instant)>,
    ) -> Command {
        let (account, proved) = account.unzip();
        let person = PersonFields {
            nick,
            username,
            host: self.settings.cloak.host(self.peer.address),
            realname: realname.into(),
            shown: shown.map(Arc::from),
            account,
            bot: false,
            operator: false,
        };
        Command::Connect(Box::new(Connect {
            person,
            proved: proved.unwrap_or_default(),
            address: self.peer.address.to_canonical().to_string().into(),
            gateway: self.peer.gateway.clone(),
            secure: self.peer.secure,
            unknown: self.unknown,
            away,
            metadata: None,
        }))
    }

    /// Returns the same, but for what is sent: that is gathered in `lines`.
    fn writing_to<'b>(&'b mut self, lines: &'b mut Vec<u8>) -> Cx<'b> {
        Cx {
            settings: self.settings,
            now: self.now,
            id: self.id,
            peer: self.peer,
            out: lines,
            requests: self.requests,
            actions: self.actions,
            unknown: self.unknown,
        }
    }
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

/// What a worker does; the session's next line waits for it.
#[derive(Debug)]
struct Working {
    label: Option<Box<str>>,
    then: Then,
}

/// What goes on when a worker is done.
#[derive(Debug)]
pub(crate) enum Then {
    /// OPER, with the class that the worker has found.
    Oper {
        /// The name that was given.
        name: Box<str>,
    },
    /// AUTHENTICATE, with what the hall or a worker has found.
    Authenticate,
    /// REGISTER, likewise.
    Register,
    /// What `NickServ` was told.
    NickServ,
}

/// Whether the next line may be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Next,
    /// This line has to wait for the answers to earlier ones.
    Hold,
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
            client: self.client(),
            caps: self.caps,
            batches: &self.batches,
        })
    }

    /// Takes what a read brought.
    pub fn receive(&mut self, bytes: &[u8], cx: &mut Cx<'_>) {
        self.active = cx.now.instant;
        self.pinged = None;
        if self.held.is_empty() {
            self.process(bytes, cx);
        } else {
            self.held.extend_from_slice(bytes);
        }
    }

    /// Goes on with what had to wait.
    pub fn resume(&mut self, cx: &mut Cx<'_>) {
        if !self.held.is_empty() {
            // Who has more to say than flood control lets through is not idle, also while the socket is not read.
            self.active = cx.now.instant;
            self.pinged = None;
            let held = core::mem::take(&mut self.held);
            self.process(&held, cx);
        }
    }

    fn process(&mut self, mut input: &[u8], cx: &mut Cx<'_>) {
        // The buffer is taken out while its lines are handled; put back before anything else can look at it.
        let mut lines = core::mem::take(&mut self.lines);
        while !input.is_empty() && !self.is_closing() {
            if self.must_wait(cx) {
                self.held = input.to_vec();
                break;
            }
            match lines.next(&mut input) {
                None => break,
                Some(Framed::TooLong { tags }) => self.too_long(tags, cx),
                Some(Framed::Line(line)) => {
                    if self.handle_line(line, cx) == Flow::Hold {
                        self.held = [line, b"\n", input].concat();
                        break;
                    }
                    self.has_spoken = true;
                }
            }
        }
        if lines.is_endless() {
            self.leave("Line without end", cx);
        }
        self.lines = lines;
    }

    /// Tells the client that a line was too long, under its label when that could be read. The line is gone and cannot be
    /// looked at again later; so while there are answers to come, a request for nothing takes the complaint to its place.
    fn too_long(&mut self, tags: &[u8], cx: &mut Cx<'_>) {
        self.spoil_batch();
        let label = core::str::from_utf8(tags).ok().and_then(|tags| Tags::new(tags).value("label"));
        let mut lines = Vec::new();
        self.render(&mut cx.writing_to(&mut lines), |render| render.numeric(numerics::ERR_INPUTTOOLONG, &[]));
        let label = self.accepted_label(label);
        if !self.asked.is_empty() {
            self.ask(SmallVec::new(), label, cx);
            if let Some(asked) = self.asked.back_mut() {
                asked.lines = lines;
            }
        } else if let Some(label) = label {
            self.finish(&label, &lines, cx);
        } else {
            cx.out.extend_from_slice(&lines);
        }
    }

    /// Tells whether no further line may be looked at now, and takes a line from the budget when one may.
    fn must_wait(&mut self, cx: &Cx<'_>) -> bool {
        if matches!(self.stage, Stage::Entering(_)) || self.working.is_some() {
            return true;
        }
        if cx.may_flood() {
            return false;
        }
        self.resume_at = self.budget.take(1, cx.now.instant).err();
        self.resume_at.is_some()
    }

    fn handle_line(&mut self, line: &[u8], cx: &mut Cx<'_>) -> Flow {
        let parsed = Message::parse(line);
        if parsed.is_err() {
            self.spoil_batch();
        }
        match parsed {
            Ok(message) => {
                let label = message.tags.value("label");
                self.handle_message(&message, self.accepted_label(label), cx)
            }
            Err(ParseError::InvalidUtf8 { command, label }) => {
                let text = crate::texts::invalid_utf8(cx.settings.language);
                self.complain(
                    &Complaint::fail(command.unwrap_or("*"), "INVALID_UTF8", text),
                    None,
                    self.accepted_label(label),
                    cx,
                )
            }
            Err(ParseError::BadCommand { command, label }) if matches!(self.stage, Stage::Registered) => {
                let complaint = Complaint::numeric(numerics::ERR_UNKNOWNCOMMAND, &[command]);
                self.complain(&complaint, None, self.accepted_label(label), cx)
            }
            Err(ParseError::ForbiddenByte { label }) => {
                let text = crate::texts::forbidden_byte(cx.settings.language);
                let complaint = Complaint::numeric(numerics::ERR_UNKNOWNERROR, &["*", text]);
                self.complain(&complaint, None, self.accepted_label(label), cx)
            }
            // Nothing that could be a command, or another protocol's first words: as every server does, say nothing.
            Err(_) => Flow::Next,
        }
    }

    /// Returns the label to answer with, if the client may use one; a longer one than the specification allows is none.
    fn accepted_label(&self, label: Option<Cow<'_, str>>) -> Option<Box<str>> {
        let may = self.caps.contains(CapSet::LABELED_RESPONSE.union(CapSet::BATCH));
        label.filter(|label| may && !label.is_empty() && label.len() <= labels::LABEL_BYTES_MAX).map(Box::from)
    }

    fn handle_message(&mut self, message: &Message<'_>, label: Option<Box<str>>, cx: &mut Cx<'_>) -> Flow {
        if let Some(reference) = self.batch_of(message) {
            return self.batched(&reference, message, label, cx);
        }
        let idle = self.asked.is_empty();
        match commands::choose(self, message, cx) {
            Ok(Run::Ask(commands)) => self.ask(commands, label, cx),
            Ok(Run::Batch) => return self.open_or_close_batch(message, label, cx),
            Ok(Run::Nothing) if label.is_none() => {}
            Err(complaint) => {
                let id = features::delivery::id_of_line(self, message);
                return self.complain(&complaint, id.as_deref(), label, cx);
            }
            _ if !idle => return Flow::Hold,
            Ok(Run::Nothing) => self.answer_here(label, cx, |_, _| {}),
            Ok(Run::Here(run)) => self.answer_here(label, cx, |session, cx| run(session, message, cx)),
        }
        Flow::Next
    }

    /// Tells the client why a line was not carried out, once everything before it is answered.
    fn complain(&mut self, complaint: &Complaint, id: Option<&str>, label: Option<Box<str>>, cx: &mut Cx<'_>) -> Flow {
        if !self.asked.is_empty() {
            return Flow::Hold;
        }
        self.answer_here(label, cx, |session, cx| {
            session.outcome(id, cx, |session, cx| session.render(cx, |render| complaint.write(render)));
        });
        Flow::Next
    }

    /// Asks the hall.
    pub(crate) fn ask(&mut self, commands: SmallVec<[Command; 1]>, label: Option<Box<str>>, cx: &mut Cx<'_>) {
        let id = features::delivery::id_of(&commands);
        self.asked.push_back(Asked { label, id, service: None, lines: Vec::new() });
        cx.requests.push(Request { session: cx.id, commands });
    }

    /// Asks the hall what was said to a service.
    pub(crate) fn ask_service(&mut self, commands: SmallVec<[Command; 1]>, service: Service, cx: &mut Cx<'_>) {
        self.ask_for(commands, Some(service), cx);
    }

    /// Asks the hall what may have been said to a service.
    pub(crate) fn ask_for(&mut self, commands: SmallVec<[Command; 1]>, service: Option<Service>, cx: &mut Cx<'_>) {
        self.ask(commands, None, cx);
        if let Some(asked) = self.asked.back_mut() {
            asked.service = service;
        }
    }

    /// Carries out a command that needs no hall, and puts the label on what it says.
    fn answer_here(&mut self, label: Option<Box<str>>, cx: &mut Cx<'_>, run: impl FnOnce(&mut Self, &mut Cx<'_>)) {
        let Some(label) = label else { return run(self, cx) };
        let mut lines = Vec::new();
        run(self, &mut cx.writing_to(&mut lines));
        // A password check, or a question to the hall, goes on under the same label.
        if let Some(working) = &mut self.working {
            working.label = Some(label);
        } else if let Some(asked) = self.asked.back_mut().filter(|asked| asked.label.is_none()) {
            asked.label = Some(label);
            asked.lines = lines;
        } else {
            self.finish(&label, &lines, cx);
        }
    }

    fn finish(&mut self, label: &str, lines: &[u8], cx: &mut Cx<'_>) {
        self.batches.set(self.batches.get().wrapping_add(1));
        labels::finish(label, lines, self.batches.get(), cx.settings.server_name(), cx.out);
    }

    /// Writes the outcome of something that may have an id, which stands on its first line.
    pub(super) fn outcome(&mut self, id: Option<&str>, cx: &mut Cx<'_>, write: impl FnOnce(&mut Self, &mut Cx<'_>)) {
        let Some(id) = id else { return write(self, cx) };
        let mut lines = Vec::new();
        write(self, &mut cx.writing_to(&mut lines));
        features::delivery::outcome(id, &lines, cx.out);
    }

    /// Takes an answer of the hall.
    pub fn reply(&mut self, reply: &Reply, cx: &mut Cx<'_>) {
        let service = self.asked.front().and_then(|asked| asked.service);
        match self.asked.front_mut() {
            Some(asked) if asked.label.is_some() => {
                let mut lines = core::mem::take(&mut asked.lines);
                self.answered(reply, service, &mut cx.writing_to(&mut lines));
                if let Some(asked) = self.asked.front_mut() {
                    asked.lines = lines;
                }
            }
            _ => self.answered(reply, service, cx),
        }
    }

    /// Shows an answer; what was said to a service the service refuses.
    fn answered(&mut self, reply: &Reply, service: Option<Service>, cx: &mut Cx<'_>) {
        if let Reply::Event(_) | Reply::KeptBefore(_) | Reply::Refused(_) = reply
            && let Some(id) = self.asked.front_mut().and_then(|asked| asked.id.take())
        {
            return self.outcome(Some(&id), cx, |session, cx| match reply {
                Reply::Event(event) | Reply::KeptBefore(event) => session.own_event(event, true, cx),
                other => session.tell(other, cx),
            });
        }
        match (service, reply) {
            (Some(service), Reply::Refused(refusal)) => {
                services::refused(self, service, refusal, cx);
            }
            (Some(service), reply) => services::answered(self, service, reply, cx),
            // Who asks is answered; who is only told of it must have asked for the capability.
            (None, Reply::Persistence(status)) => {
                self.render(cx, |render| features::persistence::reply(*status, render));
            }
            _ => self.tell(reply, cx),
        }
    }

    /// Takes news of the hall that answers nothing.
    pub fn tell(&mut self, reply: &Reply, cx: &mut Cx<'_>) {
        match reply {
            Reply::Welcome(welcome) => self.welcome(welcome, cx),
            Reply::Refused(refusal) => self.refused(refusal, cx),
            Reply::Event(event) | Reply::KeptBefore(event) => self.own_event(event, false, cx),
            Reply::Moved { user, read, metadata, moved } => {
                features::channel_rename::moved(self, *user, *read, metadata.as_deref(), moved, cx);
            }
            Reply::Permitted(act) => features::operator::permitted(self, *act, cx),
            Reply::Credentials { account, credentials } => {
                features::authenticate::found(self, account, credentials, cx);
            }
            Reply::LoggedIn(account) => features::authenticate::logged_in(self, account, cx),
            Reply::LoggedOut => features::authenticate::logged_out(self, cx),
            Reply::MayRegister => features::register::permitted(self, cx),
            Reply::Registered(account) => features::register::registered(self, account, cx),
            Reply::Persistence(_) if !self.caps.contains(CapSet::PERSISTENCE) => {}
            other => self.render(cx, |render| features::reply(other, render)),
        }
    }

    /// Shows the client what it did itself, when it wants to see that, or waits for what becomes of it.
    fn own_event(&mut self, event: &Event, has_id: bool, cx: &mut Cx<'_>) {
        if has_id || features::is_shown_to_actor(event, self.caps) {
            features::event(event, self.caps, cx.settings, cx.out);
        }
    }

    /// Shows the client what users and channels say of themselves, of what it wants to know.
    pub fn metadata_changed(&self, event: &Event, cx: &mut Cx<'_>) {
        if let EventKind::MetadataChanged { target, changes } = &event.kind {
            self.render(cx, |render| {
                features::metadata::changed(event, target, changes, &self.metadata, render);
            });
        }
    }

    /// Takes the end of the hall's answers to the oldest open request.
    pub fn done(&mut self, cx: &mut Cx<'_>) {
        match self.asked.pop_front() {
            Some(Asked { label: Some(label), lines, .. }) => self.finish(&label, &lines, cx),
            Some(Asked { lines, .. }) => cx.out.extend_from_slice(&lines),
            None => {}
        }
        if self.asked.is_empty() {
            self.asked = VecDeque::new();
        }
        self.resume(cx);
    }

    /// Takes the news that the server goes by other settings.
    pub fn reloaded(&mut self, before: &Settings, cx: &mut Cx<'_>) {
        if !self.is_closing() {
            features::cap::reloaded(self, before, cx);
            features::isupport::reloaded(self, before, cx);
        }
    }

    /// Has something done by a worker. The session's next line waits; the label of the one at hand stays for the answer.
    pub(crate) fn work(&mut self, work: Work, then: Then, cx: &mut Cx<'_>) {
        self.working = Some(Working { label: None, then });
        cx.actions.push(Action::Work { session: cx.id, work });
    }

    /// Waits for an answer of the hall before the next line: the command at hand goes on then, by [`Self::go_on`].
    pub(crate) fn wait(&mut self, then: Then) {
        self.working = Some(Working { label: None, then });
    }

    /// Goes on with the command that waited for the hall, under its label.
    pub(crate) fn go_on(&mut self, cx: &mut Cx<'_>, run: impl FnOnce(&mut Self, &mut Cx<'_>)) {
        let label = self.working.take().and_then(|working| working.label);
        self.answer_here(label, cx, run);
    }

    /// Takes what a worker has done.
    pub fn worked(&mut self, outcome: &Outcome, cx: &mut Cx<'_>) {
        let Some(Working { label, then }) = self.working.take() else { return };
        self.answer_here(label, cx, |session, cx| match then {
            Then::Oper { name } => features::oper::worked(session, name, outcome, cx),
            Then::Authenticate => features::authenticate::worked(session, outcome, cx),
            Then::Register => features::register::worked(session, outcome, cx),
            Then::NickServ => services::nickserv::worked(session, outcome, cx),
        });
        self.resume(cx);
    }
}
