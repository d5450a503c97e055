//! What was said in a conversation, as far as it is known: stretches without holes, and between them gaps that can be filled.

use std::collections::{BTreeSet, VecDeque};

use irc::message::Message;
use irc::time::Timestamp;

/// The most entries that a window keeps in memory; the oldest go first, and can be asked for again. Where somebody reads back, it is as
/// many besides those that were fetched for them, up to [`READ_BACK_MAX`]: what they read must not go because somebody speaks.
pub const ENTRIES_MAX: usize = 10_000;

/// The most entries that a window keeps in memory of which some were fetched: about 30 MB.
pub const READ_BACK_MAX: usize = 100_000;

/// The end of a conversation, where nothing of it is known.
const END: &str = "*";

/// How something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// A message.
    Message,
    /// A notice: nobody should answer it by a program.
    Notice,
    /// `/me`.
    Action,
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id; none from servers that give none.
    pub id: Option<Box<str>>,
    /// When it was said; none from servers that do not tell it.
    pub time: Option<Timestamp>,
    /// Who said it: their nick then.
    pub from: Box<str>,
    /// Their account.
    pub account: Option<Box<str>>,
    /// How it was said.
    pub how: How,
    /// Its words, the newest; with `\n` between lines.
    pub text: Box<str>,
    /// The id of what it answers.
    pub reply_to: Option<Box<str>>,
    /// Whether the person has said it themself.
    pub is_own: bool,
    /// Whether it has other words than at first.
    pub is_edited: bool,
    /// Signs under it, each with who gave it.
    pub reactions: Vec<(Box<str>, Box<str>)>,
}

/// Entries that follow each other.
#[derive(Debug, Default)]
struct Stretch {
    entries: VecDeque<Entry>,
    /// From where on it is known, where that is before its first entry: what happened there was no message.
    from: Option<Box<str>>,
}

impl Stretch {
    /// Returns where it begins, as history is asked for what is before it.
    fn begin(&self) -> Option<Box<str>> {
        self.from.clone().or_else(|| self.entries.front()?.reference())
    }
}

/// Returns what of a page is not in a stretch: an answer that comes late has what came meanwhile, too. The stretch, which may be very long,
/// is gone through once.
fn unknown(stretch: &VecDeque<Entry>, mut page: Vec<Entry>) -> Vec<Entry> {
    let asked: BTreeSet<Box<str>> = page.iter().filter_map(|entry| entry.id.clone()).collect();
    let known: BTreeSet<&str> =
        stretch.iter().filter_map(|entry| entry.id.as_deref()).filter(|id| asked.contains(*id)).collect();
    page.retain(|entry| match &entry.id {
        Some(id) => !known.contains(&**id),
        None => !stretch.iter().any(|one| one.is(entry)),
    });
    page
}

/// A conversation.
#[derive(Debug, Default)]
pub struct Window {
    /// In order; between two of them is a gap. The last is where live entries come.
    stretches: Vec<Stretch>,
    /// Whether nothing is before the first.
    begins: bool,
    /// How many entries there were when older ones were fetched last.
    read_back: usize,
    /// Whether the person is told no more what is said there.
    is_left: bool,
}

/// Where something older can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Which stretch, counted from the oldest.
    stretch: usize,
    /// Its first entry: `msgid=…` or `timestamp=…`; `*` for a window in which nothing is: its end.
    pub reference: Box<str>,
}

/// What is in a window, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown<'w> {
    /// Something that was said.
    Entry(&'w Entry),
    /// Something is missing here; also at the beginning, until that is known.
    Gap,
}

impl Entry {
    /// Reads a line; `None` for what is no message of a person. `me` is the nick of whose window it is.
    pub fn of(line: &Message<'_>, me: &str) -> Option<Self> {
        let text = line.params.get(1)?;
        let action = text.strip_prefix("\u{1}ACTION ").map(|text| text.trim_end_matches('\u{1}'));
        let how = match line.command {
            "PRIVMSG" if action.is_some() => How::Action,
            "PRIVMSG" => How::Message,
            "NOTICE" => How::Notice,
            _ => return None,
        };
        // Other programs' questions are not for people.
        if action.is_none() && text.starts_with('\u{1}') {
            return None;
        }
        Self::begun(line, me, how, action.unwrap_or(text))
    }

    /// Reads the tags and the source of a line; the words may come on others.
    pub(crate) fn begun(line: &Message<'_>, me: &str, how: How, text: &str) -> Option<Self> {
        // What the server itself says is no conversation.
        let (from, _) = line.source?.split_once('!')?;
        let tag = |key| line.tags.value(key).filter(|value| !value.is_empty()).map(Box::from);
        Some(Self {
            id: tag("msgid"),
            time: line.tags.value("time").and_then(|time| Timestamp::parse(&time)),
            from: from.into(),
            account: tag("account"),
            how,
            text: text.into(),
            reply_to: tag("+draft/reply").or_else(|| tag("+reply")),
            is_own: from == me,
            is_edited: line.tags.get("loggia.chat/edited").is_some(),
            reactions: Vec::new(),
        })
    }

    fn is(&self, other: &Self) -> bool {
        match (&self.id, &other.id) {
            (Some(one), Some(two)) => one == two,
            (None, None) => {
                (self.time, &self.from, &self.text) == (other.time, &other.from, &other.text) && self.time.is_some()
            }
            _ => false,
        }
    }

    fn reference(&self) -> Option<Box<str>> {
        match (&self.id, self.time) {
            (Some(id), _) => Some(format!("msgid={id}").into()),
            (None, Some(time)) => Some(format!("timestamp={time}").into()),
            (None, None) => None,
        }
    }
}

impl Window {
    /// Returns what is known, the oldest first.
    pub fn shown(&self) -> impl Iterator<Item = Shown<'_>> {
        let begin = (!self.begins).then_some(Shown::Gap);
        let stretches = self.stretches.iter().enumerate().flat_map(|(number, stretch)| {
            let gap = (number > 0).then_some(Shown::Gap);
            gap.into_iter().chain(stretch.entries.iter().map(Shown::Entry))
        });
        begin.into_iter().chain(stretches)
    }

    /// Tells whether nothing is before what is known.
    pub fn begins(&self) -> bool {
        self.begins
    }

    /// Returns the entries alone.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.stretches.iter().flat_map(|stretch| &stretch.entries)
    }

    /// Finds an entry by its id, to change it: other words, a sign. Entries that are asked for are mostly new ones.
    pub fn find(&mut self, id: &str) -> Option<&mut Entry> {
        let all = self.stretches.iter_mut().rev().flat_map(|stretch| stretch.entries.iter_mut().rev());
        all.into_iter().find(|entry| entry.id.as_deref() == Some(id))
    }

    /// Takes an entry out: it was taken back.
    pub fn remove(&mut self, id: &str) -> bool {
        self.stretches.iter_mut().rev().any(|stretch| {
            let place = stretch.entries.iter().rposition(|entry| entry.id.as_deref() == Some(id));
            place.and_then(|place| stretch.entries.remove(place)).is_some()
        })
    }

    /// Adds what was said last.
    pub fn push(&mut self, entry: Entry) {
        if self.stretches.is_empty() {
            self.stretches.push(Stretch::default());
        }
        if let Some(last) = self.stretches.last_mut() {
            last.entries.push_back(entry);
        }
        let most = READ_BACK_MAX.min(self.read_back + ENTRIES_MAX);
        let mut over = self.count().saturating_sub(most);
        while over > 0 {
            let Some(oldest) = self.stretches.first_mut() else { return };
            oldest.from = None;
            if oldest.entries.pop_front().is_some() {
                self.begins = false;
                over -= 1;
            } else {
                self.stretches.remove(0);
            }
        }
    }

    fn count(&self) -> usize {
        self.stretches.iter().map(|stretch| stretch.entries.len()).sum()
    }

    /// Notes that something before what comes next is not known.
    pub fn break_off(&mut self) {
        if self.stretches.last().is_some_and(|last| !last.entries.is_empty()) {
            self.stretches.push(Stretch::default());
        }
    }

    /// Notes that from here on the person is not told what is said there.
    pub(crate) fn leave(&mut self) {
        self.is_left = true;
    }

    /// Notes that the person is told again what is said there; returns whether they were not. What was said meanwhile is missing,
    /// and what is known may have been changed or taken back. Where the server has history, it is asked for anew; elsewhere what is
    /// known stays.
    pub(crate) fn come_back(&mut self, has_history: bool) -> bool {
        let was_left = std::mem::take(&mut self.is_left);
        match (was_left, has_history) {
            (true, true) => *self = Self::default(),
            (true, false) => self.break_off(),
            (false, _) => {}
        }
        was_left
    }

    /// Returns where what is missing can be asked for: the newest gap first, the beginning at last.
    pub fn edge(&self) -> Option<Edge> {
        if self.stretches.iter().all(|stretch| stretch.begin().is_none()) {
            return (!self.begins).then(|| Edge { stretch: 0, reference: END.into() });
        }
        (0..self.stretches.len()).rev().filter(|number| *number > 0 || !self.begins).find_map(|stretch| {
            let reference = self.stretches[stretch].begin()?;
            Some(Edge { stretch, reference })
        })
    }

    /// Puts entries before an edge: a page that was asked for there, the oldest first. `from` is where the page begins, also
    /// when that is no message; `is_end`: there is nothing before it.
    pub fn fill(&mut self, edge: &Edge, entries: Vec<Entry>, from: Option<Box<str>>, is_end: bool) {
        let is_end = is_end || from.as_ref() == Some(&edge.reference);
        let Some(place) = self.place(edge) else { return };
        let before = place.checked_sub(1);
        // What the stretch before has already, this one reaches.
        let known = |entry: &Entry| {
            before.is_some_and(|before| self.stretches[before].entries.iter().rev().any(|one| one.is(entry)))
        };
        let new = entries.iter().rposition(known).map_or(0, |last_known| last_known + 1);
        let reaches = new > 0 || is_end;
        let stretch = &mut self.stretches[place];
        for entry in unknown(&stretch.entries, entries.into_iter().skip(new).collect()).into_iter().rev() {
            stretch.entries.push_front(entry);
        }
        stretch.from = from;
        match before {
            Some(before) if reaches => {
                let later = self.stretches.remove(place);
                self.stretches[before].entries.extend(later.entries);
            }
            None => {
                self.begins |= is_end;
                self.read_back = self.count();
            }
            Some(_) => {}
        }
    }

    /// Finds the stretch that an edge is of; meanwhile stretches may have gone.
    fn place(&mut self, edge: &Edge) -> Option<usize> {
        if *edge.reference == *END {
            if self.stretches.is_empty() {
                self.stretches.push(Stretch::default());
            }
            return Some(0);
        }
        let begins_there = |place: &usize| {
            let begin = self.stretches.get(*place).and_then(Stretch::begin);
            begin.is_some_and(|reference| reference == edge.reference)
        };
        (0..=edge.stretch).rev().find(begins_there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(number: u32) -> Entry {
        let line = format!("@msgid={number};time=2026-01-01T00:00:00.{number:03}Z :bob!b@c PRIVMSG #tea :{number}");
        Entry::of(&Message::parse(line.as_bytes()).expect("a message"), "alice").expect("an entry")
    }

    /// What is shown: numbers, and `-1` for a gap.
    fn shown(window: &Window) -> Vec<i64> {
        let number = |shown| match shown {
            Shown::Entry(entry) => entry.text.parse().expect("a number"),
            Shown::Gap => -1,
        };
        window.shown().map(number).collect()
    }

    fn fill(window: &mut Window, numbers: impl IntoIterator<Item = u32>, is_end: bool) {
        let edge = window.edge().expect("something is missing");
        window.fill(&edge, numbers.into_iter().map(entry).collect(), None, is_end);
    }

    #[test]
    fn gaps_are_known_and_filled() {
        let mut window = Window::default();
        assert_eq!((shown(&window), window.edge().map(|edge| edge.reference)), (vec![-1], Some("*".into())));
        for number in [10, 11] {
            window.push(entry(number));
        }
        window.break_off();
        window.break_off();
        window.push(entry(20));
        assert_eq!(shown(&window), [-1, 10, 11, -1, 20]);
        assert_eq!(window.edge().map(|edge| edge.reference), Some("msgid=20".into()));
        fill(&mut window, 15..20, false);
        assert_eq!(shown(&window), [-1, 10, 11, -1, 15, 16, 17, 18, 19, 20]);
        fill(&mut window, 10..15, false);
        assert_eq!(shown(&window), [-1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
        fill(&mut window, 8..10, false);
        fill(&mut window, [], true);
        assert_eq!(shown(&window), (8..21).collect::<Vec<_>>());
        assert_eq!(window.edge(), None);
    }

    #[test]
    fn an_empty_window_is_filled_from_its_end() {
        let mut window = Window::default();
        let edge = window.edge().expect("something is missing");
        window.push(entry(3));
        window.fill(&edge, vec![entry(2), entry(3)], None, false);
        assert_eq!(shown(&window), [-1, 2, 3]);
        let mut empty = Window::default();
        fill(&mut empty, [1, 2], true);
        assert_eq!((shown(&empty), empty.edge()), (vec![1, 2], None));
    }

    #[test]
    fn a_page_without_messages_leads_on() {
        let mut window = Window::default();
        let edge = window.edge().expect("something is missing");
        window.fill(&edge, Vec::new(), Some("msgid=7".into()), false);
        let edge = window.edge().expect("something is missing");
        assert_eq!(&*edge.reference, "msgid=7");
        window.fill(&edge, vec![entry(1)], Some("msgid=1".into()), false);
        let edge = window.edge().expect("something is missing");
        window.fill(&edge, Vec::new(), Some("msgid=1".into()), false);
        assert_eq!((shown(&window), window.edge()), (vec![1], None), "what leads nowhere is the end");
    }

    #[test]
    fn an_answer_that_comes_late_does_no_harm() {
        let mut window = Window::default();
        window.push(entry(10));
        let edge = window.edge().expect("something is missing");
        window.fill(&edge, vec![entry(9)], None, false);
        window.fill(&edge, vec![entry(9)], None, false);
        assert_eq!(shown(&window), [-1, 9, 10]);
    }

    #[test]
    fn what_is_kept_in_memory_is_bounded() {
        let mut window = Window::default();
        window.push(entry(1));
        fill(&mut window, [], true);
        window.break_off();
        for number in 0..=ENTRIES_MAX {
            window.push(entry(1000 + u32::try_from(number).expect("small")));
        }
        // One there was when it was asked for what is before.
        assert_eq!(window.entries().count(), 1 + ENTRIES_MAX);
        assert_eq!(window.shown().next(), Some(Shown::Gap), "the oldest are not known any more");
    }

    #[test]
    fn what_was_fetched_stays_while_others_speak() {
        let mut window = Window::default();
        window.push(entry(200_000));
        fill(&mut window, 185_000..200_000, false);
        for number in 200_001..=210_000 {
            window.push(entry(number));
        }
        assert_eq!(window.entries().count(), 25_001, "nothing has gone that somebody may read");
        window.push(entry(210_001));
        assert_eq!(window.entries().count(), 25_001);
        // Now, 185,001 is the oldest.
        fill(&mut window, 100_001..185_001, false);
        assert_eq!(window.entries().count(), READ_BACK_MAX + 10_001);
        window.push(entry(210_002));
        assert_eq!(window.entries().count(), READ_BACK_MAX);
    }

    #[test]
    fn entries_are_changed_and_taken_out() {
        let mut window = Window::default();
        for number in 1..4 {
            window.push(entry(number));
        }
        window.find("2").expect("it is there").text = "22".into();
        assert!(window.remove("3") && !window.remove("3"));
        assert_eq!(shown(&window), [-1, 1, 22]);
    }

    #[test]
    fn lines_are_read() {
        let of = |line: &str| Entry::of(&Message::parse(line.as_bytes()).expect("a message"), "alice");
        let action = of("@account=a;+draft/reply=7 :alice!a@b PRIVMSG #tea :\u{1}ACTION waves\u{1}").expect("an entry");
        assert_eq!((action.how, &*action.text, action.is_own), (How::Action, "waves", true));
        assert_eq!((action.account.as_deref(), action.reply_to.as_deref()), (Some("a"), Some("7")));
        assert_eq!(of(":b!b@c NOTICE #tea :psst").map(|entry| entry.how), Some(How::Notice));
        for line in
            [":b!b@c PRIVMSG alice :\u{1}VERSION\u{1}", ":b!b@c TAGMSG #tea", ":b!b@c JOIN #tea", "PRIVMSG #tea :x"]
        {
            assert_eq!(of(line), None, "{line}");
        }
    }
}
