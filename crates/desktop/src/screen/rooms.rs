//! The list of rooms and people: in which order, with what is unread.

use client::state::{Room, State};

use super::Screen;

/// A conversation in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent of each other: each is one thing that is seen")]
pub struct Item {
    /// Its folded name.
    pub key: Box<str>,
    /// Its name.
    pub name: Box<str>,
    /// Whether it is a channel.
    pub is_channel: bool,
    /// Whether the person is in it.
    pub is_joined: bool,
    /// Whether it is shown.
    pub is_active: bool,
    /// What is not read, of which nothing is told when it is muted.
    pub unread: u32,
    /// What is for the person among it.
    pub mentions: u32,
    /// Whether something is written there and not sent.
    pub has_draft: bool,
    /// Whether nothing is told about it.
    pub is_muted: bool,
}

/// Returns all conversations in their order: channels by name, then people by name.
pub fn order(state: &State) -> Vec<&Room> {
    let mut rooms: Vec<&Room> = state.rooms().collect();
    // The sort keeps the order of the folded names.
    rooms.sort_by_key(|room| !room.is_channel);
    rooms
}

/// Returns the list.
pub fn items(screen: &Screen, state: &State) -> Vec<Item> {
    let item = |room: &Room| {
        let key: Box<str> = state.isupport.fold(&room.name).into();
        let is_active = screen.active.as_ref() == Some(&key);
        let is_muted = screen.muted.contains(&key);
        let has_draft = screen.view(&key).is_some_and(|view| !view.draft.trim().is_empty());
        Item {
            name: room.name.clone(),
            is_channel: room.is_channel,
            is_joined: room.is_joined || !room.is_channel,
            is_active,
            unread: if is_muted { 0 } else { room.unread },
            mentions: if is_muted { 0 } else { room.mentions },
            has_draft: has_draft && !is_active,
            is_muted,
            key,
        }
    };
    order(state).into_iter().map(item).collect()
}

/// Returns the conversation `by` places from the one that is shown; at the end it begins again.
pub fn neighbour(items: &[Item], by: isize) -> Option<&Item> {
    let count = isize::try_from(items.len()).ok().filter(|count| *count > 0)?;
    let active = items.iter().position(|item| item.is_active).and_then(|place| isize::try_from(place).ok());
    let place = active.map_or(if by > 0 { 0 } else { count - 1 }, |active| (active + by).rem_euclid(count));
    items.get(usize::try_from(place).ok()?)
}

/// Returns what the quick switcher offers: names that begin with what is typed, then those that have it inside; of these,
/// what is for the person first, then what is unread.
pub fn find<'i>(items: &'i [Item], typed: &str) -> Vec<&'i Item> {
    let typed = typed.trim().to_lowercase();
    let bare = |item: &Item| item.name.trim_start_matches(['#', '&']).to_lowercase();
    let is_there = |item: &&Item| item.name.to_lowercase().contains(&typed);
    let mut found: Vec<&Item> = items.iter().filter(is_there).collect();
    found.sort_by_key(|item| {
        let begins = bare(item).starts_with(&typed) || item.name.to_lowercase().starts_with(&typed);
        (!begins, item.mentions == 0, item.unread == 0)
    });
    found
}
