//! SEARCH: what was said, found by its words: what is asked, and what has come of it.

use client::features::search::Found;

use super::place::Anchor;
use super::rows::key_of;
use super::{Dialog, Screen};
use client::state::State;
use client::window::Entry;

/// A search that is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The words that are typed.
    pub words: String,
    /// Whether only in the conversation that is shown.
    pub is_here: bool,
    /// What has come of it.
    pub outcome: Outcome,
}

/// What has come of a search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing was asked yet.
    #[default]
    Unasked,
    /// The server looks.
    Asked,
    /// The server cannot look, or not now.
    Cannot,
    /// What was found, the oldest first.
    Found(Found),
}

impl Screen {
    /// Notes what has come of a search. When the person has put it away meanwhile, it is nothing to them.
    pub fn searched(&mut self, outcome: Outcome) {
        if let Some(Dialog::Search(search)) = &mut self.dialog {
            search.outcome = outcome;
        }
    }

    /// Shows a message in its conversation; where it is not in the window, the conversation alone. Returns whether it is seen.
    pub fn show_message(&mut self, state: &State, room: &str, id: Option<&str>) -> bool {
        let key = state.isupport.fold(room);
        self.open(state, Some(&key));
        let is_it = |entry: &Entry| id.is_some() && entry.id.as_deref() == id;
        let found = state.room(room).and_then(|room| room.window.entries().enumerate().find(|(_, entry)| is_it(entry)));
        if let Some((near, entry)) = found {
            self.view_mut(&key).anchor = Anchor::Row { key: key_of(entry), top: SHOWN_BELOW, near };
        }
        found.is_some()
    }
}

/// How far below the upper end a message that was looked for is shown, in points.
const SHOWN_BELOW: f32 = 60.0;
