//! What the person is told while they do not look: messages for them, once each.

use std::collections::BTreeMap;

use client::state::State;

use super::Screen;
use super::rich_text::bare;

/// The most letters of a message that are told.
const LETTERS_MAX: usize = 200;

/// Something to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Where it was said.
    pub room: Box<str>,
    /// Who said it, and what.
    pub text: String,
}

/// What was told already: how many messages for the person each room had, by its folded name.
#[derive(Debug, Default)]
pub struct Telling(BTreeMap<Box<str>, u32>);

impl Telling {
    /// Returns what is for the person and was not there before: for each room the newest.
    pub fn news(&mut self, screen: &Screen, state: &State) -> Vec<Told> {
        let mut news = Vec::new();
        for room in state.rooms() {
            let key: Box<str> = state.isupport.fold(&room.name).into();
            let before = self.0.insert(key.clone(), room.mentions).unwrap_or(0);
            if room.mentions <= before || screen.muted.contains(&key) {
                continue;
            }
            if let Some(entry) = room.window.entries().rev().find(|entry| !entry.is_own) {
                let words: String = bare(&entry.text).chars().take(LETTERS_MAX).collect();
                news.push(Told { room: room.name.clone(), text: format!("{}: {words}", entry.from) });
            }
        }
        news
    }
}
