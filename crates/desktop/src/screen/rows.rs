//! The rows of a conversation: what was said, what is missing, what is on its way; where a day begins, and what is new.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use client::outbox::{Entry as Outgoing, State as Sending, What};
use client::state::{Room, State};
use client::window::{Entry, How, Shown};
use irc::time::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Messages of the same person within so long stand together under one name.
const TOGETHER_MS: i64 = 5 * 60 * 1000;

/// The most places that are remembered; with more, they are searched for anew.
const PLACES_MAX: usize = 1000;

/// A row.
#[derive(Clone, Copy, Debug)]
pub enum Row<'w> {
    /// Something that was said.
    Said(&'w Entry),
    /// Something is missing here, and can be asked for.
    Gap,
    /// Something that is to be said, or was refused.
    Outgoing(&'w Outgoing),
}

/// What stands around a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setting {
    /// The day that begins with it.
    pub day: Option<Date>,
    /// Whether it is the first that is new.
    pub is_first_new: bool,
    /// Whether it stands under the name above it.
    pub is_grouped: bool,
}

/// The rows of a conversation, the newest last.
#[derive(Debug, Default)]
pub struct Rows<'w> {
    rows: Vec<Row<'w>>,
}

impl<'w> Rows<'w> {
    /// Returns the rows of a room: what was said by people whom the person wants to hear, and behind it what is in the outbox
    /// for it.
    pub fn of(room: &'w Room, state: &State, outbox: impl Iterator<Item = &'w Outgoing>) -> Self {
        let mut all = Self::default();
        for shown in room.window.shown() {
            match shown {
                Shown::Gap => all.rows.push(Row::Gap),
                Shown::Entry(entry) if state.is_ignored(&entry.from) => {}
                Shown::Entry(entry) => all.rows.push(Row::Said(entry)),
            }
        }
        let is_here = |entry: &&Outgoing| match &entry.what {
            What::Say { target, .. } => state.isupport.same(target, &room.name),
            // What is changed shows itself where it is; only that it did not come about is told.
            What::Tags { target, .. } | What::Edit { target, .. } | What::Redact { target, .. } => {
                matches!(entry.state, Sending::Refused(_)) && state.isupport.same(target, &room.name)
            }
        };
        let outgoing = outbox.filter(is_here).filter(|entry| !matches!(entry.state, Sending::Kept(_)));
        all.rows.extend(outgoing.map(Row::Outgoing));
        all
    }

    /// Returns how many there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Returns what tells a row from all others, whatever comes before and behind them. It is worked out when it is asked for: of
    /// very many rows few are seen.
    pub fn key(&self, place: usize) -> u64 {
        match self.get(place) {
            Some(Row::Said(entry)) => key_of(entry),
            // A gap is told from others by what stands behind it, which is no gap.
            Some(Row::Gap) => self.get(place + 1).map_or(1, |_| self.key(place + 1).wrapping_add(1)),
            Some(Row::Outgoing(entry)) => {
                let mut hasher = DefaultHasher::new();
                ("outgoing", entry.number).hash(&mut hasher);
                hasher.finish()
            }
            None => 0,
        }
    }

    /// Returns a row.
    pub fn get(&self, place: usize) -> Option<Row<'w>> {
        self.rows.get(place).copied()
    }

    /// Returns what stands around a row.
    pub fn setting(&self, place: usize, new_since: Option<Option<Timestamp>>, zone: &TimeZone) -> Setting {
        let Some(Row::Said(entry)) = self.get(place) else { return Setting::default() };
        let before = place.checked_sub(1).and_then(|before| match self.get(before) {
            Some(Row::Said(entry)) => Some(entry),
            Some(Row::Gap | Row::Outgoing(_)) | None => None,
        });
        let day = entry.time.and_then(|time| day_of(time, zone));
        let day_before = before.and_then(|entry| entry.time).and_then(|time| day_of(time, zone));
        let begins_day = day.filter(|_| day != day_before);
        let is_new = |entry: &Entry| !entry.is_own && new_since.is_some_and(|read_to| entry.time > read_to);
        let is_first_new = is_new(entry) && !before.is_some_and(is_new) && self.nothing_new_above(place, &is_new);
        let is_together = |one: &Entry| {
            let near = one.time.zip(entry.time).is_none_or(|(one, two)| two.0 - one.0 < TOGETHER_MS);
            one.from == entry.from && near && one.how == How::Message && entry.how == How::Message
        };
        let is_grouped =
            begins_day.is_none() && !is_first_new && entry.reply_to.is_none() && before.is_some_and(is_together);
        Setting { day: begins_day, is_first_new, is_grouped }
    }

    /// Own messages may stand between new ones: the line stands before the first of them all.
    fn nothing_new_above(&self, place: usize, is_new: &impl Fn(&Entry) -> bool) -> bool {
        let above = self.rows[..place].iter().rev().filter_map(|row| match row {
            Row::Said(entry) => Some(*entry),
            Row::Gap | Row::Outgoing(_) => None,
        });
        above.take_while(|entry| entry.is_own || is_new(entry)).all(|entry| entry.is_own)
    }

    /// Returns the place of a message. All rows are searched; [`Places`] remembers.
    pub fn place_of(&self, id: &str) -> Option<usize> {
        (0..self.count()).rev().find(|place| self.has(*place, id))
    }

    fn has(&self, place: usize, id: &str) -> bool {
        matches!(self.get(place), Some(Row::Said(entry)) if entry.id.as_deref() == Some(id))
    }

    /// Returns the newest message of the person's own that may get other words.
    pub fn last_own(&self) -> Option<&'w Entry> {
        self.rows.iter().rev().find_map(|row| match row {
            Row::Said(entry) if entry.is_own && entry.id.is_some() && entry.how == How::Message => Some(*entry),
            Row::Said(_) | Row::Gap | Row::Outgoing(_) => None,
        })
    }
}

/// Where messages stand that are answered by others. All rows are searched for one, which is too much for each picture: it is
/// remembered as long as the rows are the same, also of those that are not there.
#[derive(Debug, Default)]
pub struct Places {
    /// The first row, the last, and how many there are.
    rows: (u64, u64, usize),
    known: BTreeMap<Box<str>, Option<usize>>,
}

impl Places {
    /// Returns the place of a message among the rows.
    pub fn find(&mut self, rows: &Rows<'_>, id: &str) -> Option<usize> {
        let now = (rows.key(0), rows.key(rows.count().saturating_sub(1)), rows.count());
        if self.rows != now || self.known.len() >= PLACES_MAX {
            *self = Self { rows: now, known: BTreeMap::new() };
        }
        // Where rows have changed in between, another stands there.
        let is_it = |place: &Option<usize>| place.is_none_or(|place| rows.has(place, id));
        if let Some(place) = self.known.get(id).filter(|place| is_it(place)) {
            return *place;
        }
        let place = rows.place_of(id);
        self.known.insert(id.into(), place);
        place
    }
}

/// Returns what tells a message's row from all others.
pub fn key_of(entry: &Entry) -> u64 {
    let mut hasher = DefaultHasher::new();
    match &entry.id {
        Some(id) => id.hash(&mut hasher),
        None => (entry.time.map(|time| time.0), &entry.from, &entry.text).hash(&mut hasher),
    }
    hasher.finish()
}

/// Returns the day on which something was said, for people.
pub fn day_of(time: Timestamp, zone: &TimeZone) -> Option<Date> {
    let time = jiff::Timestamp::from_millisecond(time.0).ok()?;
    Some(zone.to_datetime(time).date())
}

/// Returns the time of day, for people.
pub fn clock(time: Timestamp, zone: &TimeZone) -> String {
    let time = jiff::Timestamp::from_millisecond(time.0);
    time.map_or(String::new(), |time| zone.to_datetime(time).strftime("%H:%M").to_string())
}

/// Returns the signs under a message in the order in which they came, each with how many gave it and whether the person did.
pub fn reactions<'e>(entry: &'e Entry, state: &State) -> Vec<(&'e str, usize, bool)> {
    let mut signs: Vec<(&str, usize, bool)> = Vec::new();
    for (sign, by) in &entry.reactions {
        let is_own = state.isupport.same(by, &state.me);
        match signs.iter_mut().find(|(known, ..)| *known == &**sign) {
            Some((_, count, own)) => {
                *count += 1;
                *own |= is_own;
            }
            None => signs.push((sign, 1, is_own)),
        }
    }
    signs
}
