//! CHATHISTORY: what was said before what a window shows, a page at a time.
//!
//! Spec: `IRCv3` "chathistory".

use irc::message::Message;

use super::message::Gathering;
use super::read_marker;
use crate::catch_up::{Answer, Line, Pager, id_and_time, reference_before};
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
        let most = state.isupport.page_entries();
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
        let ids_and_times: Vec<_> = parsed(&lines).map(|line| id_and_time(&line)).collect();
        let from = reference_before(&ids_and_times);
        let is_end = is_end || from.is_none();
        let Some(room) = state.room_mut(&self.room) else { return Some(Fetched::Refused) };
        room.window.fill(&self.edge, entries, from, is_end);
        // A program that was started anew finds here what was said before that, and not read.
        read_marker::count_anew(state, &self.room);
        Some(Fetched::Shown(Change::Said(self.room.clone())))
    }
}

fn entries(lines: &[Line], me: &str) -> Vec<Entry> {
    let mut gathering = Gathering::default();
    parsed(lines).filter_map(|line| gathering.take(&line, me)).map(|(_, entry)| entry).collect()
}

fn parsed(lines: &[Line]) -> impl Iterator<Item = Message<'_>> {
    lines.iter().filter_map(|line| Message::parse(line).ok())
}
