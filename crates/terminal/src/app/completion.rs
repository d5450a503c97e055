//! What Tab makes of what was begun: nicks, rooms, commands, names of emoji.

use super::{App, COMMANDS};

/// The most completions of one word.
const CANDIDATES_MAX: usize = 64;

/// Words that fit what was begun; each Tab shows the next.
#[derive(Debug)]
pub(super) struct Completion {
    /// Where in the text the word begins.
    start: usize,
    candidates: Vec<String>,
    at: usize,
}

impl App {
    /// Completes the word before the cursor, or shows the next that fits.
    pub(super) fn complete(&mut self, back: bool) {
        if let Some(completion) = &mut self.completion {
            let count = completion.candidates.len();
            completion.at = (completion.at + if back { count - 1 } else { 1 }) % count;
        } else {
            let Some(composer) = self.composer() else { return };
            let before = &composer.text()[..composer.at()];
            let start = before.rfind([' ', '\n']).map_or(0, |place| place + 1);
            let candidates = self.candidates(&before[start..], start == 0);
            if candidates.is_empty() {
                return;
            }
            self.completion = Some(Completion { start, candidates, at: 0 });
        }
        let Some(Completion { start, candidates, at }) = &self.completion else { return };
        let (start, word) = (*start, candidates[*at].clone());
        self.view().composer.replace(start, &word);
    }

    fn candidates(&self, word: &str, is_first: bool) -> Vec<String> {
        let state = self.network.state();
        let begins = |name: &str| name.to_lowercase().starts_with(&word.to_lowercase());
        let mut found: Vec<String> = if let Some(begun) = word.strip_prefix(':').filter(|begun| !begun.is_empty()) {
            let shortcodes = emojis::iter().flat_map(|emoji| emoji.shortcodes().map(move |code| (code, emoji)));
            let mut fitting: Vec<_> = shortcodes.filter(|(code, _)| code.starts_with(begun)).collect();
            fitting.sort_by_key(|(code, _)| (code.len(), *code));
            fitting.into_iter().map(|(_, emoji)| emoji.as_str().to_owned()).collect()
        } else if is_first && word.starts_with('/') {
            let names = COMMANDS.iter().map(|command| format!("/{}", command.name));
            names.filter(|name| begins(name)).map(|name| format!("{name} ")).collect()
        } else if state.isupport.is_channel(word) {
            state
                .rooms()
                .filter(|room| room.is_channel && begins(&room.name))
                .map(|room| format!("{} ", room.name))
                .collect()
        } else if word.is_empty() {
            Vec::new()
        } else {
            self.nicks(word, if is_first { ": " } else { " " })
        };
        found.dedup();
        found.truncate(CANDIDATES_MAX);
        found
    }

    /// Returns the nicks that fit: who spoke last first, for it is mostly they who are answered.
    fn nicks(&self, word: &str, end: &str) -> Vec<String> {
        let Some(room) = self.room() else { return Vec::new() };
        let state = self.network.state();
        let (word, at) = (word.trim_start_matches('@'), if word.starts_with('@') { "@" } else { "" });
        let members = state.members(room).into_iter().map(|(person, _)| person.nick.clone());
        let mut fitting: Vec<Box<str>> = members
            .chain((!room.is_channel).then(|| room.name.clone()))
            .filter(|nick| nick.to_lowercase().starts_with(&word.to_lowercase()) && **nick != *state.me)
            .collect();
        let last_spoken = |nick: &str| room.window.entries().rev().take(200).position(|entry| *entry.from == *nick);
        fitting.sort_by_key(|nick| (last_spoken(nick).unwrap_or(usize::MAX), nick.to_lowercase()));
        fitting.into_iter().map(|nick| format!("{at}{nick}{end}")).collect()
    }
}
