//! What is on the screen and what the person does there, without a terminal: keys and news in, [`Wish`]es out.
//!
//! `view` draws it. The time is an argument, and so is the time zone.

mod asking;
mod choosing;
mod commands;
mod completion;
mod keys;
mod news;
mod pieces;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use client::network::{Network, Standing};
use client::state::Room;
use client::typing::Typing;
use client::window::Entry;
use irc::time::Timestamp;
use jiff::tz::TimeZone;
use link::kept::Server;

use crate::composer::Composer;
use crate::words::{Language, Words};

pub(crate) use asking::Question;
pub(crate) use commands::COMMANDS;
pub(crate) use pieces::pieces;

/// The most of what happened (who came, who went) that is kept for each room.
const NOTES_MAX: usize = 500;

/// What the program around it is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Leave, and end.
    Quit(String),
    /// Sound the terminal's bell.
    Bell,
    /// Believe this certificate from now on.
    Believe(String),
    /// Speak with the server in clear from now on.
    BeClear,
    /// Keep who is not heard, and which rooms are quiet.
    Keep,
    /// Take the mouse's clicks, or leave them to the terminal.
    Mouse(bool),
}

/// What does not change while the program runs.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) language: Language,
    pub(crate) zone: TimeZone,
    /// What the server is called on the screen.
    pub(crate) server: String,
    pub(crate) has_colour: bool,
}

/// What the person is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Writing,
    /// A message is chosen, by its id.
    Choosing(Box<str>),
    /// An answer to a message.
    Replying(Box<str>),
    /// Other words for a message.
    Editing(Box<str>),
    /// The list of commands; scrolled by so many rows.
    Help(usize),
    /// What a search has found.
    Found,
}

/// Something that happened and is no message, where it happened.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// Behind what was said until then.
    pub(crate) after: Option<Timestamp>,
    pub(crate) at: Timestamp,
    pub(crate) text: String,
    /// Whether it is more than who comes and goes.
    pub(crate) matters: bool,
}

/// Where in a room the person looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scroll {
    /// So many rows below the screen; 0: the newest is seen.
    pub(crate) rows: usize,
    /// The newest thing when that was counted.
    pub(crate) newest: Option<String>,
}

/// What the screen knows of a room, beside the network.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) notes: VecDeque<Note>,
    pub(crate) scroll: Scroll,
    /// What was not read when the person came to the room.
    pub(crate) new_since: Option<Timestamp>,
    pub(crate) composer: Composer,
}

/// The whole of it.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent of each other: what is shown, seen and where the person is"
)]
pub(crate) struct App {
    pub(crate) network: Network,
    pub(crate) settings: Settings,
    pub(crate) words: &'static Words,
    pub(crate) views: BTreeMap<String, View>,
    /// The room on the screen; none: what the server itself says.
    pub(crate) current: Option<String>,
    pub(crate) mode: Mode,
    pub(crate) questions: VecDeque<Question>,
    pub(crate) found: Vec<(Box<str>, Entry)>,
    /// Who writes.
    pub(crate) typing: Typing,
    /// Why there is no connection.
    pub(crate) trouble: Option<String>,
    /// What the server itself has said, as long as nothing else came behind it: its goodbye, when the connection ends.
    last_words: Option<String>,
    pub(crate) known: Server,
    pub(crate) shows_rooms: bool,
    pub(crate) shows_members: bool,
    pub(crate) now: Duration,
    /// A gap was on the screen when it was last drawn: it is to be filled.
    pub(crate) sees_gap: bool,
    /// The height of the messages on the screen, for a page.
    pub(crate) page_rows: usize,
    /// Which room stands in which row at the left.
    pub(crate) room_rows: Vec<Option<String>>,
    /// Which message stands in which row of the screen, by its id.
    pub(crate) message_rows: BTreeMap<u16, Box<str>>,
    wall: Timestamp,
    /// The room that the person wants to see once they are in it.
    wanted: Option<String>,
    completion: Option<completion::Completion>,
    /// Which gap was asked to be filled last: one that stays is not asked about again and again.
    asked_before: Option<(String, Box<str>)>,
    is_focused: bool,
    wishes: Vec<Wish>,
}

impl App {
    pub(crate) fn new(mut network: Network, settings: Settings, known: Server, room: Option<&str>) -> Self {
        network.ignore(known.ignored.iter().map(String::as_str));
        let words = settings.language.words();
        Self {
            network,
            settings,
            words,
            views: BTreeMap::from([(String::new(), View::default())]),
            current: None,
            mode: Mode::Writing,
            questions: VecDeque::new(),
            found: Vec::new(),
            typing: Typing::default(),
            trouble: None,
            last_words: None,
            known,
            shows_rooms: true,
            shows_members: true,
            now: Duration::ZERO,
            sees_gap: false,
            page_rows: 10,
            room_rows: Vec::new(),
            message_rows: BTreeMap::new(),
            wall: Timestamp(0),
            wanted: room.map(str::to_owned),
            completion: None,
            asked_before: None,
            is_focused: true,
            wishes: Vec::new(),
        }
    }

    /// Says what time it is, since the start and on the wall; whatever holds for a time only ends.
    pub(crate) fn set_time(&mut self, now: Duration, wall: Timestamp) {
        (self.now, self.wall) = (now, wall);
        self.network.set_clock(wall);
        self.typing.expire(now);
    }

    /// Returns when the screen changes by itself at the latest.
    pub(crate) fn timeout(&self) -> Option<Duration> {
        let second =
            matches!(self.network.standing(), Standing::Waiting { .. }).then(|| self.now + Duration::from_secs(1));
        self.typing.timeout().into_iter().chain(second).min()
    }

    /// Returns what the program is to do.
    pub(crate) fn take_wishes(&mut self) -> Vec<Wish> {
        std::mem::take(&mut self.wishes)
    }

    /// Returns the room on the screen.
    pub(crate) fn room(&self) -> Option<&Room> {
        self.current.as_deref().and_then(|name| self.network.state().room(name))
    }

    /// Returns the names of all rooms, as they stand at the left.
    pub(crate) fn room_names(&self) -> Vec<String> {
        let rooms = self.network.state().rooms();
        let (channels, people): (Vec<&Room>, Vec<&Room>) = rooms.partition(|room| room.is_channel);
        channels.into_iter().chain(people).map(|room| room.name.to_string()).collect()
    }

    /// Returns what the screen knows of the room on it.
    pub(crate) fn view(&mut self) -> &mut View {
        let key = self.current.as_deref().map_or_else(String::new, |name| self.key(name));
        self.views.entry(key).or_default()
    }

    pub(crate) fn composer(&self) -> Option<&Composer> {
        let key = self.current.as_deref().map_or_else(String::new, |name| self.key(name));
        self.views.get(&key).map(|view| &view.composer)
    }

    /// Returns the name under which a room's view is kept.
    pub(crate) fn key(&self, name: &str) -> String {
        self.network.state().isupport.fold(name).into_owned()
    }

    pub(crate) fn is_muted(&self, room: &str) -> bool {
        self.known.muted.contains(&self.key(room))
    }

    /// Shows a room, or what the server says.
    pub(crate) fn show(&mut self, name: Option<&str>) {
        if self.current.as_deref() == name {
            return;
        }
        self.view().new_since = None;
        self.typing.stop(&mut self.network);
        self.mode = Mode::Writing;
        self.completion = None;
        self.current = name.map(str::to_owned);
        self.room_rows.clear();
        let unread = self.room().filter(|room| room.unread > 0).map(|room| room.read_to.unwrap_or(Timestamp(0)));
        self.view().new_since = unread;
        self.read();
    }

    /// Notes that the person has read what is on the screen: when they are there and see the newest.
    fn read(&mut self) {
        let Some(name) = self.current.clone() else { return };
        if self.is_focused && self.view().scroll.rows == 0 && self.network.standing() == Standing::Online {
            self.network.read(&name);
        }
    }

    /// Fetches what is missing on the screen.
    pub(crate) fn fill_gap(&mut self) {
        let edge = self.room().filter(|_| self.sees_gap).and_then(|room| room.window.edge());
        let Some((name, edge)) = self.current.clone().zip(edge) else { return };
        let asked = (name, edge.reference);
        if self.asked_before.as_ref() != Some(&asked) && self.network.older(&asked.0) {
            self.asked_before = Some(asked);
        }
    }

    /// Notes something that happened in a room.
    fn note(&mut self, room: Option<&str>, text: String, matters: bool) {
        let after = room.and_then(|name| self.network.state().room(name));
        let after = after.and_then(|room| room.window.entries().rev().find_map(|entry| entry.time));
        let note = Note { after, at: self.wall, text, matters };
        let key = room.map_or_else(String::new, |name| self.key(name));
        let notes = &mut self.views.entry(key).or_default().notes;
        notes.push_back(note);
        if notes.len() > NOTES_MAX {
            notes.pop_front();
        }
    }

    /// Says something to the person where they look.
    fn say_here(&mut self, text: String) {
        let current = self.current.clone();
        self.note(current.as_deref(), text, true);
    }

    /// Says something that the program has to say.
    pub(crate) fn tell(&mut self, text: String) {
        self.say_here(text);
    }

    /// Tells others that the person writes here.
    fn tell_typing(&mut self) {
        let Some(room) = self.current.clone() else { return };
        if matches!(self.mode, Mode::Editing(_)) {
            return self.typing.stop(&mut self.network);
        }
        let text = self.composer().map(|composer| composer.text().to_owned()).unwrap_or_default();
        self.typing.written(&mut self.network, &room, &text, self.now);
    }
}

#[cfg(test)]
mod tests;
