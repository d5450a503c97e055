//! What can complete the word before the cursor: nicks, channels, emoji, commands. The same as in the browser client
//! (`web/src/text/completion.ts`).

use client::state::{Room, State};

use super::commands;

/// The most that is offered at once.
pub const CANDIDATES_MAX: usize = 8;

/// The fewest letters of an emoji's name after which some are offered.
const EMOJI_LETTERS_MIN: usize = 2;

/// What may stand in place of the word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What is put there.
    pub insert: String,
    /// What is shown.
    pub label: String,
}

/// What completes a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Where the word begins, in bytes.
    pub start: usize,
    /// What is offered, at least one.
    pub candidates: Vec<Candidate>,
}

/// Looks at the text before the cursor. When it is not `asked` for (Tab), only what begins with a mark is completed.
pub fn complete(before: &str, state: &State, room: &Room, asked: bool) -> Option<Completion> {
    let start = before.rfind([' ', '\n']).map_or(0, |place| place + 1);
    let word = &before[start..];
    let offer = |candidates: Vec<Candidate>| (!candidates.is_empty()).then_some(Completion { start, candidates });
    let candidate = |insert: String, label: String| Candidate { insert, label };
    if let Some(name) = word.strip_prefix('/').filter(|_| start == 0) {
        let names = commands::NAMES.iter().filter(|known| begins(known, name)).take(CANDIDATES_MAX);
        return offer(names.map(|name| candidate(format!("/{name} "), format!("/{name}"))).collect());
    }
    if word.starts_with(['#', '&']) {
        let channels = state.rooms().filter(|room| room.is_channel && begins(&room.name, word)).take(CANDIDATES_MAX);
        return offer(channels.map(|room| candidate(format!("{} ", room.name), room.name.to_string())).collect());
    }
    if let Some(name) = word.strip_prefix(':').filter(|name| name.chars().count() >= EMOJI_LETTERS_MIN) {
        let found = emoji(name).map(|emoji| candidate(format!("{emoji} "), format!("{emoji} {}", emoji.name())));
        return offer(found.take(CANDIDATES_MAX).collect());
    }
    let marked = word.strip_prefix('@');
    let beginning = marked.unwrap_or(word);
    if marked.is_none() && (!asked || beginning.is_empty()) {
        return None;
    }
    let ending = if start == 0 { ": " } else { " " };
    let members = state.members(room);
    let mut nicks: Vec<&str> = members.iter().map(|(person, _)| &*person.nick).collect();
    if !room.is_channel {
        nicks.push(&room.name);
    }
    nicks.retain(|nick| begins(nick, beginning) && !state.isupport.same(nick, &state.me));
    nicks.sort_unstable();
    nicks.dedup();
    offer(
        nicks
            .into_iter()
            .take(CANDIDATES_MAX)
            .map(|nick| candidate(format!("{nick}{ending}"), nick.to_owned()))
            .collect(),
    )
}

/// Finds emoji by a part of their names or short names: those that begin with it first.
pub fn emoji(part: &str) -> impl Iterator<Item = &'static emojis::Emoji> {
    let part = part.to_lowercase().replace('_', " ");
    let names = |emoji: &'static emojis::Emoji| {
        emoji.shortcodes().map(|code| code.replace('_', " ")).chain([emoji.name().to_lowercase()])
    };
    let begin = part.clone();
    let first = emojis::iter().filter(move |emoji| names(emoji).any(|name| name.starts_with(&begin)));
    let rest =
        emojis::iter().filter(move |emoji| names(emoji).any(|name| name.contains(&part) && !part.is_empty())).filter({
            let begin = first.clone().map(emojis::Emoji::as_str).collect::<Vec<_>>();
            move |emoji| !begin.contains(&emoji.as_str())
        });
    first.chain(rest)
}

fn begins(name: &str, beginning: &str) -> bool {
    name.to_lowercase().starts_with(&beginning.to_lowercase())
}
