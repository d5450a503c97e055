//! WHOWAS: who used a nick that is free again.
//!
//! Spec: Modern IRC, "WHOWAS message". Wire: `session::features::whowas`. Proof: `scenarios/whowas.txt`.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::person::Person;
use crate::reply::{Reply, WhowasEntry};
use crate::time::Timestamp;
use crate::world::World;

/// The last users who left or changed their nick, newest first. Unlogged: it begins empty at every start.
#[derive(Debug, Default)]
pub struct Memory {
    entries: VecDeque<WhowasEntry>,
}

impl Memory {
    /// Remembers a user as they were, and forgets the oldest when there are more than `most`.
    pub fn remember(&mut self, person: &Arc<Person>, at: Timestamp, most: usize) {
        self.entries.push_front(WhowasEntry { person: Arc::clone(person), at });
        self.entries.truncate(most);
    }
}

/// Answers with those who used the nick, newest first; `count` of 0 or less means all.
pub fn query(world: &World, nick: &str, count: i64) -> Reply {
    let most = usize::try_from(count).ok().filter(|count| *count > 0).unwrap_or(usize::MAX);
    let folded = world.fold(nick);
    let entries = world
        .whowas
        .entries
        .iter()
        .filter(|entry| world.fold(entry.person.nick().as_str()) == folded)
        .take(most)
        .cloned()
        .collect();
    Reply::Whowas { nick: nick.into(), entries }
}
