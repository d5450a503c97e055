//! Who writes at this moment, and saying that the person does: for whoever shows a network.
//!
//! Spec: `IRCv3` "typing"; the times are its own.

use std::collections::BTreeMap;
use std::time::Duration;

use irc::time::Timestamp;

use crate::network::Network;
use crate::state::{Change, Room, State};
use crate::window::Entry;

/// How long somebody is believed to write after they said so.
pub const LASTS: Duration = Duration::from_secs(6);

/// How often it is said while the person writes.
pub const TELL_EVERY: Duration = Duration::from_secs(3);

/// The most who are remembered to write: of more nobody reads the names.
const WRITERS_MAX: usize = 100;

/// How many messages are looked at for one of somebody who writes: more do not come in one piece.
const LOOKED_AT_MAX: usize = 100;

/// A place where somebody writes: the folded room, and their folded nick.
type Place = (Box<str>, Box<str>);

/// Somebody who writes.
#[derive(Debug)]
struct Writer {
    /// The nick as it is shown.
    nick: Box<str>,
    /// Until when they are believed to write.
    until: Duration,
    /// What was said last when they said so: behind it is what they have written meanwhile.
    newest: Option<Mark>,
}

/// What tells a message from others, well enough: when it was said, and its id.
type Mark = (Option<Timestamp>, Option<Box<str>>);

/// Who writes, and what was told of the person's own writing.
#[derive(Debug, Default)]
pub struct Typing {
    writers: BTreeMap<Place, Writer>,
    /// Where it was told last that the person writes, and when.
    told: Option<(Box<str>, Duration)>,
}

impl Typing {
    /// Takes a piece of news.
    pub fn hear(&mut self, change: &Change, state: &State, now: Duration) {
        let fold = |name: &str| Box::<str>::from(state.isupport.fold(name));
        match change {
            Change::Typing { room, nick, is_writing } => {
                let place = (fold(room), fold(nick));
                let is_room = self.writers.len() < WRITERS_MAX || self.writers.contains_key(&place);
                if *is_writing && is_room && !state.is_ignored(nick) {
                    let newest = state.room(room).and_then(|room| room.window.entries().next_back()).map(mark);
                    self.writers.insert(place, Writer { nick: nick.clone(), until: now + LASTS, newest });
                } else {
                    self.writers.remove(&place);
                }
            }
            Change::Left { room, nick, .. } => {
                self.writers.remove(&(fold(room), fold(nick)));
            }
            Change::Quit { nick, .. } | Change::Renamed { before: nick, .. } => {
                let nick = fold(nick);
                self.writers.retain(|(_, writer), _| *writer != nick);
            }
            // Who has said it does not write it any more.
            Change::Said(name) => {
                let (Some(room), key) = (state.room(name), fold(name)) else { return };
                self.writers.retain(|(place, _), writer| *place != key || !writer.has_spoken(room, state));
            }
            Change::Joined { .. } | Change::Room(_) | Change::Person(_) => {}
        }
    }

    /// Forgets who has said nothing for a while. Returns whether somebody was forgotten.
    pub fn expire(&mut self, now: Duration) -> bool {
        let before = self.writers.len();
        self.writers.retain(|_, writer| writer.until > now);
        self.writers.len() < before
    }

    /// Returns when somebody is forgotten next.
    pub fn timeout(&self) -> Option<Duration> {
        self.writers.values().map(|writer| writer.until).min()
    }

    /// Returns who writes in a room, by its folded name.
    pub fn writers(&self, room: &str) -> Vec<&str> {
        self.writers.iter().filter(|((place, _), _)| **place == *room).map(|(_, writer)| &*writer.nick).collect()
    }

    /// The text that the person writes in a room is this now. Others are told, but for commands, which are nobody's business.
    pub fn written(&mut self, network: &mut Network, room: &str, text: &str, now: Duration) {
        let is_message = !text.trim().is_empty() && (!text.starts_with('/') || text.starts_with("/me "));
        if !is_message {
            return self.stop(network);
        }
        if self.told.as_ref().is_some_and(|(to, _)| **to != *room) {
            self.stop(network);
        }
        if self.told.as_ref().is_none_or(|(_, at)| *at + TELL_EVERY <= now) {
            network.typing(room, true);
            self.told = Some((room.into(), now));
        }
    }

    /// The person does not write any more, and has not sent it.
    pub fn stop(&mut self, network: &mut Network) {
        if let Some((room, _)) = self.told.take() {
            network.typing(&room, false);
        }
    }

    /// The person has sent it: the message itself says so.
    pub fn sent(&mut self) {
        self.told = None;
    }

    /// The connection has ended: nobody is there.
    pub fn disconnected(&mut self) {
        *self = Self::default();
    }
}

impl Writer {
    /// Tells whether they have said something since they began to write.
    fn has_spoken(&self, room: &Room, state: &State) -> bool {
        let later = room.window.entries().rev().take(LOOKED_AT_MAX);
        let mut later = later.take_while(|entry| self.newest.as_ref() != Some(&mark(entry)));
        later.any(|entry| state.isupport.same(&entry.from, &self.nick))
    }
}

fn mark(entry: &Entry) -> Mark {
    (entry.time, entry.id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::Identity;
    use crate::network::{Kept, News, Want};

    const NOW: Duration = Duration::from_secs(100);

    fn network() -> Network {
        let mut network = Network::new(Identity::guest("anna"), Kept::new(1));
        assert_eq!(network.wake(NOW, 0), Some(Want::Connect));
        network.connected(NOW);
        for line in [
            "CAP * LS :message-tags server-time echo-message",
            "CAP * ACK :message-tags server-time echo-message",
            "001 anna :Welcome",
            "PONG irc entered",
        ] {
            network.receive(format!(":irc {line}\r\n").as_bytes(), NOW);
        }
        network.receive(b":anna!a@b JOIN #Tea\r\n:irc 353 anna = #Tea :anna bob carl\r\n", NOW);
        while network.next_news().is_some() {}
        network.take_output();
        network
    }

    fn hear(typing: &mut Typing, network: &mut Network, line: &str, now: Duration) {
        network.receive(format!("{line}\r\n").as_bytes(), now);
        while let Some(news) = network.next_news() {
            if let News::Changed(change) = news {
                typing.hear(&change, network.state(), now);
            }
        }
    }

    #[test]
    fn somebody_writes_until_they_have_said_it_or_say_nothing_or_are_gone() {
        let (mut network, mut typing) = (network(), Typing::default());
        let active = |nick: &str| format!("@+typing=active :{nick}!u@h TAGMSG #tea");
        hear(&mut typing, &mut network, &active("bob"), NOW);
        hear(&mut typing, &mut network, &active("carl"), NOW + Duration::from_secs(1));
        assert_eq!(typing.writers("#tea"), ["bob", "carl"]);
        assert_eq!(typing.timeout(), Some(NOW + LASTS));
        assert!(!typing.expire(NOW + TELL_EVERY) && typing.expire(NOW + LASTS));
        assert_eq!(typing.writers("#tea"), ["carl"]);
        hear(&mut typing, &mut network, ":carl!u@h PRIVMSG #tea :so\r\n:dora!u@h PRIVMSG #tea :no", NOW);
        assert_eq!(typing.writers("#tea"), Vec::<&str>::new());
        for gone in
            [":bob!u@h PART #tea", ":bob!u@h QUIT :x", ":bob!u@h NICK rob", "@+typing=done :bob!u@h TAGMSG #tea"]
        {
            let (mut network, mut typing) = (self::network(), Typing::default());
            hear(&mut typing, &mut network, &active("bob"), NOW);
            assert_eq!(typing.writers("#tea"), ["bob"]);
            hear(&mut typing, &mut network, gone, NOW);
            assert_eq!(typing.writers("#tea"), Vec::<&str>::new(), "{gone}");
        }
        network.ignore(["bob"]);
        hear(&mut typing, &mut network, &active("bob"), NOW);
        assert_eq!(typing.writers("#tea"), Vec::<&str>::new());
    }

    #[test]
    fn the_person_writes_as_long_as_something_stands_there() {
        let (mut network, mut typing) = (network(), Typing::default());
        let mut told = |typing: &mut Typing, room: &str, text: &str, seconds: u64| {
            typing.written(&mut network, room, text, NOW + Duration::from_secs(seconds));
            String::from_utf8(network.take_output()).expect("text")
        };
        let active = "@+typing=active TAGMSG #tea\r\n";
        let done = "@+typing=done TAGMSG #tea\r\n";
        assert_eq!(told(&mut typing, "#tea", "c", 0), active);
        assert_eq!(told(&mut typing, "#tea", "ci", 2), "");
        assert_eq!(told(&mut typing, "#tea", "cia", 3), active);
        assert_eq!(told(&mut typing, "#tea", " ", 3), done);
        assert_eq!(told(&mut typing, "#tea", "", 3), "");
        assert_eq!(told(&mut typing, "#tea", "/join #x", 4), "", "commands are nobody's business");
        assert_eq!(told(&mut typing, "#tea", "/me wa", 4), active);
        assert_eq!(told(&mut typing, "#cake", "b", 4), format!("{done}@+typing=active TAGMSG #cake\r\n"));
        typing.sent();
        assert_eq!(told(&mut typing, "#cake", "", 5), "", "the message says so");
    }

    #[test]
    fn the_most_are_not_remembered() {
        let (mut network, mut typing) = (network(), Typing::default());
        for number in 0..=WRITERS_MAX {
            hear(&mut typing, &mut network, &format!("@+typing=active :u{number}!u@h TAGMSG #tea"), NOW);
        }
        assert_eq!(typing.writers("#tea").len(), WRITERS_MAX);
    }
}
