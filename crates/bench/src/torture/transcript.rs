//! What one client saw and was promised, over all its connections.

use std::collections::{BTreeSet, HashMap};

use super::words::Key;

/// A message as IRC clients are shown it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shown {
    /// The `msgid` tag.
    pub(crate) id: Box<str>,
    /// The `time` tag.
    pub(crate) time: Box<str>,
    /// Which of the rooms.
    pub(crate) room: u8,
    /// Which message.
    pub(crate) key: Key,
}

/// Each different [`Shown`] once: twelve clients see the same.
#[derive(Debug, Default)]
pub(crate) struct Shows {
    all: Vec<Shown>,
    places: HashMap<Shown, u32>,
}

impl Shows {
    /// Returns the place of one, putting it there if it is new.
    pub(crate) fn place_of(&mut self, shown: Shown) -> u32 {
        if let Some(place) = self.places.get(&shown) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).expect("fewer than four milliards of messages fit into memory");
        self.all.push(shown.clone());
        self.places.insert(shown, place);
        place
    }

    /// Returns the one at a place.
    pub(crate) fn at(&self, place: u32) -> &Shown {
        &self.all[place as usize]
    }
}

/// One line that a client was shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen {
    /// By an IRC client: its place in [`Shows`].
    Irc(u32),
    /// By an IRC client, of its own, as the answer to what it has sent again: it may be of long ago.
    Answer(u32),
    /// By a plain client, who sees neither ids nor times.
    Plain(Key),
}

/// What a client saw and did.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    /// Of each connection, in order, what was seen on it.
    pub(crate) connections: Vec<Vec<Seen>>,
    /// What the server said is kept, by an echo.
    pub(crate) acknowledged: BTreeSet<Key>,
    /// Messages of its own, each counted once.
    pub(crate) sent: u64,
    /// Messages that it sent again because it could not know.
    pub(crate) sent_again: u64,
    /// Lines that no server of ours may send, and other surprises, in words.
    pub(crate) surprises: Vec<String>,
}

impl Transcript {
    /// Returns how many lines were seen.
    pub(crate) fn seen(&self) -> u64 {
        self.connections.iter().map(|connection| connection.len() as u64).sum()
    }
}
