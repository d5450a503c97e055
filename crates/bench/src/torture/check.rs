//! Compares what clients saw and were promised with what is kept. Knows nothing of sockets, so that each fault can be made up
//! and must be found.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::transcript::{Seen, Shown, Shows, Transcript};
use super::words::{Key, ROOMS};

/// The most faults that are told in words.
const EXAMPLES_MAX: usize = 20;

/// What is not as it must be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// Seen or acknowledged, and not kept as it was seen.
    pub(crate) lost: u64,
    /// Shown twice on one connection, or kept twice for a client that sends with ids.
    pub(crate) doubled: u64,
    /// Shown in another order than it is kept in.
    pub(crate) reordered: u64,
    /// Kept between two messages that a client was shown, and not shown to it.
    pub(crate) skipped: u64,
    /// Sent and never answered, although the server was there.
    pub(crate) unanswered: u64,
    /// Anything else.
    pub(crate) other: u64,
    /// The first of them, in words.
    pub(crate) examples: Vec<String>,
}

impl Faults {
    /// Tells whether there are none.
    pub(crate) fn is_none(&self) -> bool {
        self.all() == 0
    }

    fn all(&self) -> u64 {
        self.lost + self.doubled + self.reordered + self.skipped + self.unanswered + self.other
    }

    /// Adds those of another.
    pub(crate) fn add(&mut self, other: Self) {
        let Self { lost, doubled, reordered, skipped, unanswered, other: rest, examples } = other;
        self.lost += lost;
        self.doubled += doubled;
        self.reordered += reordered;
        self.skipped += skipped;
        self.unanswered += unanswered;
        self.other += rest;
        self.examples.extend(examples);
        self.examples.truncate(EXAMPLES_MAX);
    }

    /// Notes one fault of the kind that `count` chooses.
    pub(crate) fn note(&mut self, count: fn(&mut Self) -> &mut u64, example: impl FnOnce() -> String) {
        *count(self) += 1;
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(example());
        }
    }
}

/// What is kept, ready to be compared with.
#[derive(Debug)]
pub(crate) struct Past {
    /// Of each room, its messages in order.
    rooms: Vec<Vec<Shown>>,
    /// Where a message is, by its id.
    places: HashMap<Box<str>, (u8, usize)>,
    /// Where a message is in its room, by what it says; more than one place when it was sent again.
    copies: HashMap<Key, Vec<(u8, usize)>>,
}

impl Past {
    /// Takes what CHATHISTORY has shown; notes ids that stand twice.
    pub(crate) fn new(shown: Vec<Shown>, faults: &mut Faults) -> Self {
        let mut past = Self { rooms: vec![Vec::new(); ROOMS.len()], places: HashMap::new(), copies: HashMap::new() };
        for message in shown {
            let room = usize::from(message.room);
            let place = (message.room, past.rooms[room].len());
            past.copies.entry(message.key).or_default().push(place);
            if past.places.insert(message.id.clone(), place).is_some() {
                faults.note(|faults| &mut faults.doubled, || format!("history has the id {} twice", message.id));
            }
            past.rooms[room].push(message);
        }
        past
    }

    /// Returns how many messages are kept.
    pub(crate) fn len(&self) -> usize {
        self.rooms.iter().map(Vec::len).sum()
    }

    /// Returns how many were kept more than once.
    pub(crate) fn kept_again(&self) -> usize {
        self.copies.values().map(|places| places.len() - 1).sum()
    }

    /// Compares with what the database has, which must be the same messages in the same order in each room.
    pub(crate) fn compare_with_database(&self, database: &[Key], faults: &mut Faults) {
        if database.len() != self.len() {
            faults.note(
                |faults| &mut faults.other,
                || format!("CHATHISTORY shows {} messages, and the database has {}", self.len(), database.len()),
            );
        }
        // Copies of one message stand in one room, so that a key says which room's next message this must be.
        let mut next = vec![0; self.rooms.len()];
        for key in database {
            let Some((room, _)) = self.copies.get(key).and_then(|places| places.first()) else {
                faults.note(
                    |faults| &mut faults.lost,
                    || format!("the database has {key:?}, CHATHISTORY does not show it"),
                );
                continue;
            };
            let room = usize::from(*room);
            let shown = self.rooms[room].get(next[room]);
            if shown.is_none_or(|shown| shown.key != *key) {
                faults.note(
                    |faults| &mut faults.reordered,
                    || format!("the database has {key:?} where CHATHISTORY has {shown:?}"),
                );
            }
            next[room] += 1;
        }
    }

    /// Compares with what a client saw, was promised and did. `once`: it sends with ids, so nothing of it may be kept twice.
    pub(crate) fn compare(&self, client: u16, transcript: &Transcript, shows: &Shows, once: bool) -> Faults {
        let mut faults = Faults::default();
        for surprise in &transcript.surprises {
            faults.note(|faults| &mut faults.other, || format!("client {client}: {surprise}"));
        }
        for key in transcript.acknowledged.iter().filter(|key| !self.copies.contains_key(key)) {
            faults.note(|faults| &mut faults.lost, || format!("{key:?} was acknowledged and is not kept"));
        }
        self.compare_own(client, once, &mut faults);
        let mut newest = vec![None; self.rooms.len()];
        let mut begun = vec![false; self.rooms.len()];
        for (number, connection) in transcript.connections.iter().enumerate() {
            let who = format!("client {client}, connection {number}");
            if connection.iter().any(|seen| matches!(seen, Seen::Plain(_))) {
                faults.add(self.compare_plain(&who, connection));
            } else {
                // Who sends with ids is also told what came while it was away.
                begun = if once { begun } else { vec![false; self.rooms.len()] };
                self.compare_irc(&who, connection, shows, (&mut newest, &mut begun), &mut faults);
            }
        }
        faults
    }

    /// What a client said is kept in the order in which it said it.
    fn compare_own(&self, client: u16, once: bool, faults: &mut Faults) {
        for room in &self.rooms {
            let mut first = BTreeMap::new();
            for (place, message) in room.iter().enumerate().filter(|(_, message)| message.key.client == client) {
                let is_copy = first.contains_key(&message.key.number);
                if is_copy && once {
                    faults.note(|faults| &mut faults.doubled, || format!("{:?} is kept twice", message.key));
                }
                first.entry(message.key.number).or_insert(place);
            }
            let places: Vec<usize> = first.values().copied().collect();
            for _ in places.windows(2).filter(|two| two[0] > two[1]) {
                faults
                    .note(|faults| &mut faults.reordered, || format!("what client {client} said is not in its order"));
            }
        }
    }

    /// What an IRC client saw on one connection, and after what it saw on earlier ones: the same messages with the same ids and
    /// times, in the same order, and none left out.
    fn compare_irc(
        &self,
        who: &str,
        connection: &[Seen],
        shows: &Shows,
        (newest, begun): (&mut [Option<usize>], &mut [bool]),
        faults: &mut Faults,
    ) {
        let mut before = HashSet::new();
        for seen in connection {
            let (Seen::Irc(place) | Seen::Answer(place)) = seen else { continue };
            let told = shows.at(*place);
            let kept = self.places.get(&told.id).copied();
            let kept = kept.filter(|(room, place)| self.rooms[usize::from(*room)][*place] == *told);
            let Some((room, place)) = kept else {
                faults.note(|faults| &mut faults.lost, || format!("{who}: saw {told:?}, which is not kept like that"));
                continue;
            };
            if matches!(seen, Seen::Answer(_)) {
                continue;
            }
            if !before.insert(told.id.clone()) {
                faults.note(|faults| &mut faults.doubled, || format!("{who}: saw {told:?} twice"));
                continue;
            }
            let number = usize::from(room);
            if newest[number].is_some_and(|newest| place <= newest) {
                faults.note(|faults| &mut faults.reordered, || format!("{who}: saw {told:?} after a later one"));
                continue;
            }
            let expected = newest[number].map_or(place, |newest| newest + 1);
            if begun[number] && place > expected {
                faults.note(
                    |faults| &mut faults.skipped,
                    || format!("{who}: was not shown {:?}, but what came after it", self.rooms[number][expected]),
                );
            }
            newest[number] = Some(place);
            begun[number] = true;
        }
    }

    /// What a plain client saw on one connection. It sees no ids, and some messages stand in history twice: what is compared
    /// begins at that copy of the first message with which the fewest faults come out.
    fn compare_plain(&self, who: &str, connection: &[Seen]) -> Faults {
        let keys: Vec<Key> =
            connection.iter().filter_map(|seen| if let Seen::Plain(key) = seen { Some(*key) } else { None }).collect();
        let beginnings = keys.iter().find_map(|key| self.copies.get(key)).cloned().unwrap_or_default();
        let ways = beginnings.iter().map(|(_, place)| self.compare_plain_from(*place, who, &keys));
        // Nothing of it is kept: then there is no place to begin at, and all is lost.
        ways.min_by_key(Faults::all).unwrap_or_else(|| self.compare_plain_from(0, who, &keys))
    }

    fn compare_plain_from(&self, beginning: usize, who: &str, keys: &[Key]) -> Faults {
        let room = &self.rooms[0];
        let mut faults = Faults::default();
        let mut next = beginning;
        for key in keys {
            if room.get(next).is_some_and(|kept| kept.key == *key) {
                next += 1;
                continue;
            }
            let Some(places) = self.copies.get(key) else {
                faults.note(|faults| &mut faults.lost, || format!("{who}: saw {key:?}, which is not kept"));
                continue;
            };
            if let Some((_, place)) = places.iter().find(|(_, place)| *place > next) {
                faults.note(|faults| &mut faults.skipped, || format!("{who}: was not shown {:?}", room[next]));
                next = place + 1;
            } else {
                faults
                    .note(|faults| &mut faults.reordered, || format!("{who}: saw {key:?} again, or after a later one"));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests;
