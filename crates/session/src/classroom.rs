//! One plain connection: a classroom client, `nc` or telnet. The `plain` crate knows how such a client is spoken to; this
//! file joins it to the chat: what it says becomes commands; in `screen.rs`, events become rows on its screen; in `past.rs`, it asks what was said before.
//!
//! Proof: `scenarios/plain-*.txt`.

mod past;
mod screen;
mod words;

use std::collections::VecDeque;
use std::sync::Arc;

use chat::command::{Command, Request, Say};
use chat::event::{Event, MessageKind};
use chat::ids::{ChannelId, UserId};
use chat::person::Person;
use chat::time::Instant;
use irc::ctcp;
use irc::names::derive_nick;
use plain::{Close, Conversation, Input, LeaveReason, Output, SlashCommand, Variant};
use smallvec::{SmallVec, smallvec};

use crate::budget::Budget;
use crate::irc_session::Cx;
use crate::parting;
use crate::settings::Settings;
use crate::shard::{Action, CloseHow};

/// What the hall was asked, so that its answers are understood.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Asked {
    /// To become a user and enter the room.
    Entrance,
    /// Anything else that only the hall can answer.
    Anything,
    /// Nothing: these lines are the answer, and come behind those to what was asked before.
    Nothing(Vec<String>),
}

/// One plain connection.
#[derive(Debug)]
pub struct Classroom {
    conversation: Conversation,
    room: Arc<str>,
    room_id: Option<ChannelId>,
    user: Option<UserId>,
    person: Option<Arc<Person>>,
    asked: VecDeque<Asked>,
    /// While IRC or another protocol may still begin here: what came since the greeting, and when.
    first: Option<(Vec<u8>, Instant)>,
    /// What is said in the room while its past is looked up: shown behind it.
    awaiting_past: Option<Vec<Arc<Event>>>,
    /// What the client said and has to wait: until its past has been shown, or flood control lets it go on.
    typed_ahead: VecDeque<Output>,
    budget: Budget,
    /// When flood control lets it go on.
    resume_at: Option<Instant>,
    /// Whether the hall has been told that the client leaves, or has made it leave.
    left: bool,
}

impl Classroom {
    /// Prepares a conversation in one of the dialects.
    pub fn new(variant: &Arc<Variant>, room: &Arc<str>, settings: &Settings) -> Self {
        let limits = plain::Limits {
            name_length_max: settings.chat.names.nick_bytes_max,
            queue_bytes_max: settings.sendq_bytes,
            name_time: settings.plain_name_time,
        };
        Self {
            conversation: Conversation::new(Arc::clone(variant), limits),
            room: Arc::clone(room),
            room_id: None,
            user: None,
            person: None,
            asked: VecDeque::new(),
            first: Some((Vec::new(), Instant::default())),
            awaiting_past: None,
            typed_ahead: VecDeque::new(),
            budget: Budget::default(),
            resume_at: None,
            left: false,
        }
    }

    /// Greets, or says why not.
    pub fn open(&mut self, first_bytes: &[u8], cx: &mut Cx<'_>) {
        if cx.settings.password.is_some() {
            // Plain has no passwords: a sentence instead of the prompt.
            cx.out.extend_from_slice(words::needs_password(cx.settings.language).as_bytes());
            cx.actions.push(Action::Close { session: cx.id, how: CloseHow::Fin });
            return;
        }
        if !first_bytes.is_empty() {
            self.first = None;
        }
        self.handle(Input::Open { first_bytes }, cx);
    }

    /// Tells whether another protocol may still begin here: until a name is taken, and not while one is asked for.
    pub fn is_deciding(&self) -> bool {
        self.first.is_some() && !self.asked.contains(&Asked::Entrance)
    }

    /// Takes bytes that may be another protocol's. Returns whether they have to be looked at first.
    pub fn hold_first(&mut self, bytes: &[u8], now: Instant) -> bool {
        let Some((held, last)) = &mut self.first else { return false };
        held.extend_from_slice(bytes);
        *last = now;
        true
    }

    /// Returns what came since the greeting and has not been decided about.
    pub fn first_bytes(&self) -> &[u8] {
        self.first.as_ref().map_or(&[], |(bytes, _)| bytes)
    }

    /// Returns when the last of it came.
    pub fn last_first_byte(&self) -> Instant {
        self.first.as_ref().map(|(_, last)| *last).unwrap_or_default()
    }

    /// They are no other protocol's: they are the client's own words.
    pub fn take_first(&mut self, cx: &mut Cx<'_>) {
        let bytes = self.first.as_mut().map(|(bytes, _)| core::mem::take(bytes)).unwrap_or_default();
        self.handle(Input::Bytes(&bytes), cx);
    }

    /// Tells whether the hall knows of the session, or soon will.
    pub fn is_known_to_hall(&self) -> bool {
        !self.left && (self.user.is_some() || self.asked.contains(&Asked::Entrance))
    }

    /// Notes who the client is, and how they are seen.
    pub fn attach(&mut self, user: UserId, person: &Arc<Person>) {
        self.user = Some(user);
        self.person = Some(Arc::clone(person));
    }

    /// Returns when the client is to be woken at the latest.
    pub fn timeout(&self) -> Option<Instant> {
        let waiting = self.first.as_ref().filter(|(bytes, _)| self.is_deciding() && !bytes.is_empty());
        let deciding = waiting.map(|(_, last)| *last + crate::door::PATIENCE);
        let talking = self.conversation.poll_timeout().map(|(at, _)| Instant::at(at));
        [deciding, talking, self.resume_at].into_iter().flatten().min()
    }

    /// Lets the conversation take what happened, and does what it wants.
    pub fn handle(&mut self, input: Input<'_>, cx: &mut Cx<'_>) {
        if self.resume_at.is_some_and(|at| at <= cx.now.instant) {
            self.resume_at = None;
            self.go_on(cx);
        }
        self.conversation.handle(input, cx.now.instant.since_start());
        while let Some(output) = self.conversation.poll_output() {
            let is_asking = matches!(output, Output::Said(_) | Output::Command(_) | Output::TooLong);
            if is_asking && !(self.typed_ahead.is_empty() && self.may_ask(&output, cx)) {
                self.typed_ahead.push_back(output);
            } else {
                self.act(output, cx);
            }
        }
    }

    fn act(&mut self, output: Output, cx: &mut Cx<'_>) {
        match output {
            Output::Name(name) => self.enter(&name, cx),
            Output::Said(text) if text.lines().count() > cx.settings.multiline_max_lines => {
                let text = words::too_many_lines(cx.settings.multiline_max_lines, cx.settings.language);
                self.handle(Input::Refusal(&text), cx);
            }
            Output::Said(text) => self.say(text.into(), self.room.as_ref().into(), cx),
            Output::Command(command) => self.command(command, cx),
            Output::TooLong => self.answer_in_turn(vec![words::line_too_long(cx.settings.language).to_owned()], cx),
            Output::Left { reason } => {
                self.awaiting_past = None;
                self.go_on(cx);
                self.typed_ahead.clear();
                self.leave(&leave_text(&reason), cx);
            }
            Output::Send(bytes) => cx.out.extend_from_slice(&bytes),
            Output::Close { how, .. } => {
                self.leave(parting::CONNECTION_CLOSED, cx);
                let how = match how {
                    Close::Fin => CloseHow::Fin,
                    Close::Reset => CloseHow::Reset,
                };
                cx.actions.push(Action::Close { session: cx.id, how });
            }
        }
    }

    /// Does what had to wait, as far as it may.
    fn go_on(&mut self, cx: &mut Cx<'_>) {
        while let Some(output) = self.typed_ahead.pop_front() {
            if !self.may_ask(&output, cx) {
                self.typed_ahead.push_front(output);
                return;
            }
            self.act(output, cx);
        }
    }

    /// Tells whether the client may ask or say this now, and takes its lines from the budget.
    fn may_ask(&mut self, output: &Output, cx: &Cx<'_>) -> bool {
        if self.awaiting_past.is_some() || self.resume_at.is_some() {
            return false;
        }
        if cx.may_flood() {
            return true;
        }
        let lines = if let Output::Said(text) = output { text.lines().count().max(1) } else { 1 };
        self.resume_at = self.budget.take(lines, cx.now.instant).err();
        self.resume_at.is_none()
    }

    /// Tells whether the socket is not to be read: what was read has to wait.
    pub fn is_paused(&self) -> bool {
        !self.typed_ahead.is_empty()
    }

    fn ask(&mut self, what: Asked, commands: SmallVec<[Command; 1]>, cx: &mut Cx<'_>) {
        self.asked.push_back(what);
        cx.requests.push(Request { session: cx.id, commands });
    }

    /// Becomes a user and enters the room, in one go: refused, it is neither.
    fn enter(&mut self, name: &str, cx: &mut Cx<'_>) {
        let names = &cx.settings.chat.names;
        let username = names.user_name("~plain").unwrap_or_else(|_| unreachable!("a fixed name"));
        let connect = cx.connect(derive_nick(name, names), username, name, Some(name), None, None);
        let channel: Box<str> = self.room.as_ref().into();
        let join = Command::Join { channel: channel.clone(), key: None };
        let mut commands = smallvec![connect, join];
        // Asked for in one go with the entry, so that the past ends exactly where what is heard live begins.
        if self.wants_past(cx) {
            commands.push(Command::Replay { channel, most: cx.settings.plain_replay });
        }
        // What was held back because it might have begun another protocol was said behind the name.
        let held = self.first.as_mut().map(|(bytes, _)| core::mem::take(bytes)).unwrap_or_default();
        self.ask(Asked::Entrance, commands, cx);
        if !held.is_empty() {
            self.handle(Input::Bytes(&held), cx);
        }
    }

    fn wants_past(&self, cx: &Cx<'_>) -> bool {
        self.conversation.speaks_lines() && cx.settings.plain_replay > 0
    }

    fn say(&mut self, text: Arc<str>, target: Box<str>, cx: &mut Cx<'_>) {
        let concats = has_lines(&text).then(Box::default);
        let say = Say { kind: MessageKind::Privmsg, target, text, tags: Vec::new(), concats };
        self.ask(Asked::Anything, smallvec![Command::Message(Box::new(say))], cx);
    }

    fn command(&mut self, command: SlashCommand, cx: &mut Cx<'_>) {
        let language = cx.settings.language;
        match command {
            SlashCommand::Who => {
                let argument = self.room.as_ref().into();
                self.ask(Asked::Anything, smallvec![Command::Names { argument }], cx);
            }
            SlashCommand::Me(text) => self.say(ctcp::action(&text).into(), self.room.as_ref().into(), cx),
            SlashCommand::Nick(name) => {
                let nick = name.into_boxed_str();
                self.ask(Asked::Anything, smallvec![Command::Nick { nick, as_shown: true }], cx);
            }
            SlashCommand::Message { to, text } => self.say(text.into(), to.into(), cx),
            SlashCommand::History(most) => self.ask_history(most, cx),
            SlashCommand::Search(text) => self.ask_search(&text, cx),
            SlashCommand::Help => {
                self.answer_in_turn(words::help(language).iter().map(|line| (*line).to_owned()).collect(), cx);
            }
            SlashCommand::Incomplete(word) => self.answer_in_turn(vec![words::incomplete(word, language)], cx),
            SlashCommand::Unknown(word) => self.answer_in_turn(vec![words::unknown_command(&word, language)], cx),
        }
    }

    /// Says something that the hall need not be asked about, behind what it still has to answer.
    fn answer_in_turn(&mut self, lines: Vec<String>, cx: &mut Cx<'_>) {
        self.ask(Asked::Nothing(lines), SmallVec::new(), cx);
    }

    fn leave(&mut self, reason: &str, cx: &mut Cx<'_>) {
        if self.is_known_to_hall() {
            self.left = true;
            self.ask(Asked::Anything, smallvec![Command::Quit { reason: reason.into() }], cx);
        }
    }

    fn notice(&mut self, line: &str, cx: &mut Cx<'_>) {
        self.handle(Input::Notice(line), cx);
    }

    /// Takes the end of the hall's answers to the oldest open request.
    pub fn done(&mut self, cx: &mut Cx<'_>) {
        if let Some(Asked::Nothing(lines)) = self.asked.pop_front() {
            for line in lines {
                self.notice(&line, cx);
            }
        }
    }

    /// The hall has made the client leave, or agreed that it does.
    pub fn dismissed(&mut self, reason: &str, cx: &mut Cx<'_>) {
        if !self.left {
            self.left = true;
            self.handle(Input::Dismiss { text: reason }, cx);
        }
    }
}

/// Tells whether what a plain client said is several lines for IRC clients, as it stands: an action is cut into actions, and
/// what has line ends of other kinds is cut at those.
fn has_lines(text: &str) -> bool {
    let several = text.contains('\n') || text.len() > ONE_LINE_BYTES;
    several && !text.ends_with('\n') && !text.contains(['\r', '\0', ctcp::DELIMITER])
}

/// What surely fits a line of IRC, beside the longest mask and channel.
const ONE_LINE_BYTES: usize = 256;

/// What others are told about a departure.
fn leave_text(reason: &LeaveReason) -> String {
    match reason {
        LeaveReason::QuitWord | LeaveReason::Command(None) => "Quit".to_owned(),
        LeaveReason::Command(Some(text)) => format!("Quit: {text}"),
        LeaveReason::EndOfInput => parting::CONNECTION_CLOSED.to_owned(),
        LeaveReason::Lost => parting::CONNECTION_LOST.to_owned(),
        LeaveReason::QueueFull | LeaveReason::InputFull => parting::SENDQ_EXCEEDED.to_owned(),
    }
}
