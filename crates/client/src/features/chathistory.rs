//! CHATHISTORY: what was said before what a window shows, a page at a time.
//!
//! Spec: `IRCv3` "chathistory".

use irc::message::Message;
use irc::time::Timestamp;

use super::message::Gathering;
use super::read_marker;
use crate::catch_up::{Answer, Line, Pager};
use crate::state::{Change, State};
use crate::window::{Edge, Entry};

/// A page that is being fetched. There is one at a time.
#[derive(Debug)]
pub(crate) struct Fetching {
    room: Box<str>,
    edge: Edge,
    pager: Pager,
}

/// What has come of a page.
#[derive(Debug)]
pub(crate) enum Fetched {
    /// It is in the window.
    Shown(Change),
    /// The server has none, or the room is gone.
    Refused,
}

impl Fetching {
    /// Asks for what was said before the newest gap of a room; nothing when there is no gap, or nothing to ask by.
    pub(crate) fn begin(state: &State, name: &str, number: u64, is_labelled: bool, out: &mut Vec<u8>) -> Option<Self> {
        let room = state.room(name)?;
        let edge = room.window.edge()?;
        let most = state.isupport.history_entries_max();
        let pager = Pager::before(&room.name, &edge.reference, number, most, is_labelled, out);
        Some(Self { room: room.name.clone(), edge, pager })
    }

    /// Takes a line of the server; returns what has come of it once the page is over.
    pub(crate) fn take(&mut self, bytes: &[u8], line: &Message<'_>, state: &mut State) -> Option<Fetched> {
        let Answer { lines, is_end, is_refused } = self.pager.take(bytes, line)?;
        if is_refused {
            return Some(Fetched::Refused);
        }
        let entries = entries(&lines, &state.me);
        let from = from(&lines);
        let is_end = is_end || from.is_none();
        let Some(room) = state.room_mut(&self.room) else { return Some(Fetched::Refused) };
        room.window.fill(&self.edge, entries, from, is_end);
        // A program that was started anew finds here what was said before that, and not read.
        read_marker::count_anew(state, &self.room);
        Some(Fetched::Shown(Change::Said(self.room.clone())))
    }
}

/// Returns from where on everything is known with a page; nothing for one that is empty.
///
/// What happened and is no message may have no id, and its time may be that of others before it: what stands before the
/// first message is asked for again, and a page without any message from the end of its first millisecond on.
fn from(lines: &[Line]) -> Option<Box<str>> {
    let parsed = || lines.iter().filter_map(|line| Message::parse(line).ok());
    let id = |line: Message<'_>| line.tags.value("msgid").filter(|id| !id.is_empty()).map(String::from);
    if let Some(id) = parsed().find_map(id) {
        return Some(format!("msgid={id}").into());
    }
    let times = || parsed().filter_map(|line| line.tags.value("time").and_then(|time| Timestamp::parse(&time)));
    let (first, last) = (times().next()?, times().next_back()?);
    let until = if first < last { Timestamp(first.0 + 1) } else { first };
    Some(format!("timestamp={until}").into())
}

fn entries(lines: &[Line], me: &str) -> Vec<Entry> {
    let mut gathering = Gathering::default();
    let parsed = lines.iter().filter_map(|line| Message::parse(line).ok());
    parsed.filter_map(|line| gathering.take(&line, me)).map(|(_, entry)| entry).collect()
}
