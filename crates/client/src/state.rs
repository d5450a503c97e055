//! What a client knows of a network at this moment: who it is, its rooms, who is in them.

use std::collections::{BTreeMap, BTreeSet};

use irc::time::Timestamp;

use crate::features::isupport::Isupport;
use crate::features::message::{Gathering, is_mention};
use crate::window::{Entry, Window};

/// The most conversations that one network may have; what comes for one more is not shown. A server that lets a client into
/// as many channels does not exist; strangers who write could otherwise fill the memory.
pub const ROOMS_MAX: usize = 4096;

/// What is known of a network.
#[derive(Debug, Default)]
pub struct State {
    /// What the server says of itself.
    pub isupport: Isupport,
    /// The client's own nick.
    pub me: Box<str>,
    /// Whether the client is away.
    pub is_away: bool,
    /// The name by which the person has said to be shown.
    pub own_display_name: Option<Box<str>>,
    /// The address of the person's own picture.
    pub own_avatar: Option<Box<str>>,
    /// The folded nicks of whom the person does not want to hear: what they say is not counted as unread.
    pub(crate) ignored: BTreeSet<Box<str>>,
    /// What time it is, where the server does not tell when something was said.
    pub(crate) arrival: Option<Timestamp>,
    /// Rooms by their folded names.
    pub(crate) rooms: BTreeMap<Box<str>, Room>,
    /// A message of several lines that is coming.
    pub(crate) gathering: Gathering,
    /// Everybody who is in a room with the client, by their folded nicks.
    pub(crate) people: BTreeMap<Box<str>, Person>,
}

/// A conversation: a channel, or somebody.
#[derive(Debug, Default)]
pub struct Room {
    /// Its name, as the server writes it.
    pub name: Box<str>,
    /// Whether it is a channel.
    pub is_channel: bool,
    /// Whether the client is in it now.
    pub is_joined: bool,
    /// What it is about.
    pub topic: Option<Topic>,
    /// Its members by their folded nicks, with the signs of their ranks, the highest first.
    pub(crate) members: BTreeMap<Box<str>, Box<str>>,
    /// Whether a list of the members is coming: the first line of it begins it anew.
    pub(crate) is_listing: bool,
    /// What was said.
    pub window: Window,
    /// Up to when the person has read.
    pub read_to: Option<Timestamp>,
    /// Messages of others that came and were not read.
    pub unread: u32,
    /// Those among them that name the person, or are to them alone.
    pub mentions: u32,
}

/// What a channel is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The words.
    pub text: Box<str>,
    /// Who set it.
    pub by: Option<Box<str>>,
}

/// Somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Their nick, as the server writes it.
    pub nick: Box<str>,
    /// `user@host`.
    pub address: Option<Box<str>>,
    /// The account that they are logged in to.
    pub account: Option<Box<str>>,
    /// Their real name.
    pub realname: Option<Box<str>>,
    /// Why they are away; none when they are here.
    pub away: Option<Box<str>>,
    /// The name by which they want to be shown. Others may have the same: their nick stands beside it.
    pub display_name: Option<Box<str>>,
    /// The address of their picture.
    pub avatar: Option<Box<str>>,
}

/// Something that has changed, for whoever shows it. Names are as the server writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Somebody has entered a room; also the person themself.
    Joined {
        /// The room.
        room: Box<str>,
        /// Who.
        nick: Box<str>,
    },
    /// Somebody has left a room.
    Left {
        /// The room.
        room: Box<str>,
        /// Who.
        nick: Box<str>,
        /// Who removed them; none when they went themself.
        by: Option<Box<str>>,
        /// Why.
        text: Box<str>,
    },
    /// Somebody has left the server.
    Quit {
        /// Who.
        nick: Box<str>,
        /// In which rooms with the client they were.
        rooms: Vec<Box<str>>,
        /// Why.
        text: Box<str>,
    },
    /// Somebody is called otherwise.
    Renamed {
        /// Before.
        before: Box<str>,
        /// Now.
        now: Box<str>,
    },
    /// Something of a room: its topic, its name, its members and their ranks.
    Room(Box<str>),
    /// Something of a person.
    Person(Box<str>),
    /// Somebody writes, or does not any more.
    Typing {
        /// The room.
        room: Box<str>,
        /// Who.
        nick: Box<str>,
        /// Whether they write now.
        is_writing: bool,
    },
    /// Something was said, has other words, was taken back, or was read in a room.
    Said(Box<str>),
}

impl State {
    /// Returns a room.
    pub fn room(&self, name: &str) -> Option<&Room> {
        self.rooms.get(&*self.isupport.fold(name))
    }

    /// Returns all rooms, in the order of their folded names.
    pub fn rooms(&self) -> impl Iterator<Item = &Room> {
        self.rooms.values()
    }

    /// Returns somebody who is in a room with the client.
    pub fn person(&self, nick: &str) -> Option<&Person> {
        self.people.get(&*self.isupport.fold(nick))
    }

    /// Returns who is in a room with the signs of their ranks: the highest ranks first, then by nick.
    pub fn members(&self, room: &Room) -> Vec<(&Person, Box<str>)> {
        let known = room.members.iter().filter_map(|(nick, signs)| Some((self.people.get(nick)?, signs.clone())));
        let mut members: Vec<_> = known.collect();
        let height = |signs: &str| signs.chars().next().map_or(usize::MAX, |sign| self.isupport.height(sign));
        members.sort_by_key(|(_, signs)| height(signs));
        members
    }

    /// Forgets who is where: the connection has ended. What was said stays.
    pub(crate) fn disconnected(&mut self) {
        self.people.clear();
        self.gathering = Gathering::default();
        self.is_away = false;
        (self.own_display_name, self.own_avatar) = (None, None);
        for room in self.rooms.values_mut() {
            room.members.clear();
            room.is_joined = false;
        }
    }

    /// Tells whether an entry names the person, as a word of its own.
    pub fn is_named_in(&self, entry: &Entry) -> bool {
        is_mention(entry, &self.me, true)
    }

    /// Tells whether the person does not want to hear somebody.
    pub fn is_ignored(&self, nick: &str) -> bool {
        // Mostly nobody is, and it is asked of each message of a long conversation.
        !self.ignored.is_empty() && self.ignored.contains(&*self.isupport.fold(nick))
    }

    pub(crate) fn is_me(&self, nick: &str) -> bool {
        self.isupport.same(nick, &self.me)
    }

    /// Returns somebody who is known.
    pub(crate) fn person_mut(&mut self, nick: &str) -> Option<&mut Person> {
        self.people.get_mut(&*self.isupport.fold(nick))
    }

    pub(crate) fn room_mut(&mut self, name: &str) -> Option<&mut Room> {
        self.rooms.get_mut(&*self.isupport.fold(name))
    }

    /// Returns a room, which is made when there is none; nothing when there are too many.
    pub(crate) fn room_or_new(&mut self, name: &str) -> Option<&mut Room> {
        let key = Box::from(self.isupport.fold(name));
        if self.rooms.len() >= ROOMS_MAX && !self.rooms.contains_key(&key) {
            return None;
        }
        let is_channel = self.isupport.is_channel(name);
        Some(self.rooms.entry(key).or_insert_with(|| Room { name: name.into(), is_channel, ..Room::default() }))
    }

    /// Returns somebody, who is noted when they are not known.
    pub(crate) fn person_or_new(&mut self, nick: &str) -> &mut Person {
        let key = Box::from(self.isupport.fold(nick));
        self.people.entry(key).or_insert_with(|| Person { nick: nick.into(), ..Person::default() })
    }

    /// Forgets who is in no room with the client any more.
    pub(crate) fn forget_strangers(&mut self) {
        let rooms = &self.rooms;
        self.people.retain(|nick, _| rooms.values().any(|room| room.members.contains_key(nick)));
    }
}

impl Room {
    /// Returns how many are in it.
    pub fn member_count(&self) -> usize {
        self.members.len()
    }

    /// Counts what was not read anew: after a marker has moved.
    pub(crate) fn count(&mut self, heard: impl Fn(&Entry) -> bool, mentions: impl Fn(&Entry) -> bool) {
        let read_to = self.read_to;
        let unread = self.window.entries().filter(|entry| !entry.is_own && entry.time > read_to && heard(entry));
        let (mut all, mut named) = (0, 0);
        for entry in unread {
            all += 1;
            named += u32::from(mentions(entry));
        }
        (self.unread, self.mentions) = (all, named);
    }
}
