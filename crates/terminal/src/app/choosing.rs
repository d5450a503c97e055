//! A message that the person has chosen, and what they do with it.

use client::outbox::What;
use client::state::Room;
use client::window::Entry;
use crossterm::event::KeyCode;

use super::{App, Mode, Question};

impl App {
    /// Returns what can be chosen in the room on the screen: what has an id and is shown, the oldest first.
    fn choices(&self) -> Vec<Box<str>> {
        let entries = self.room().into_iter().flat_map(|room| room.window.entries());
        let heard = entries.filter(|entry| !self.network.state().is_ignored(&entry.from));
        heard.filter_map(|entry| entry.id.clone()).collect()
    }

    /// Chooses the message before or after the chosen one; the newest to begin with.
    pub(super) fn choose(&mut self, older: bool) {
        let choices = self.choices();
        let place = match &self.mode {
            Mode::Choosing(id) => choices.iter().position(|known| known == id),
            _ => None,
        };
        let next = match place {
            None if older => choices.len().checked_sub(1),
            None => None,
            Some(place) if older => Some(place.saturating_sub(1)),
            Some(place) => Some(place + 1),
        };
        match next.and_then(|place| choices.get(place)) {
            Some(id) => self.mode = Mode::Choosing(id.clone()),
            None => self.mode = Mode::Writing,
        }
    }

    /// Takes a key while a message is chosen. Returns whether it meant something there.
    pub(super) fn chosen(&mut self, id: &str, code: KeyCode) -> bool {
        match code {
            KeyCode::Up => self.choose(true),
            KeyCode::Down => self.choose(false),
            KeyCode::Char('r') | KeyCode::Enter => self.mode = Mode::Replying(id.into()),
            KeyCode::Char('e') => self.edit(id),
            KeyCode::Char('d') | KeyCode::Delete => self.ask_to_delete(id),
            KeyCode::Char('+') => {
                self.mode = Mode::Replying(id.into());
                self.view().composer.set("/react ");
            }
            KeyCode::Esc => self.mode = Mode::Writing,
            _ => return false,
        }
        true
    }

    /// Returns a message of the room on the screen.
    pub(crate) fn entry(&self, id: &str) -> Option<&Entry> {
        let mut entries = self.room()?.window.entries().rev();
        entries.find(|entry| entry.id.as_deref() == Some(id))
    }

    /// Returns the message that a command without further word is about: the chosen one, else the newest that `fits`.
    pub(super) fn meant(&self, fits: impl Fn(&Entry) -> bool) -> Option<Box<str>> {
        if let Mode::Choosing(id) | Mode::Replying(id) | Mode::Editing(id) = &self.mode {
            return Some(id.clone());
        }
        let newest =
            |room: &Room| room.window.entries().rev().find(|entry| entry.id.is_some() && fits(entry))?.id.clone();
        self.room().and_then(newest)
    }

    /// Begins to give a message of the person's own other words.
    pub(super) fn edit(&mut self, id: &str) {
        let Some(entry) = self.entry(id).filter(|entry| entry.is_own) else {
            return self.say_here(self.words.needs_own.to_owned());
        };
        let text = entry.text.to_string();
        self.mode = Mode::Editing(id.into());
        self.view().composer.set(&text);
    }

    pub(super) fn ask_to_delete(&mut self, id: &str) {
        self.mode = Mode::Writing;
        self.ask(Question::Delete(id.into()));
    }

    pub(super) fn delete(&mut self, id: &str) {
        if let Some(target) = self.current.as_deref().map(Box::from) {
            self.network.say(What::Redact { target, msgid: id.into(), reason: None });
        }
    }

    /// Gives a message a sign, or takes the person's own away.
    pub(super) fn react(&mut self, id: &str, sign: &str) {
        let me = self.network.state().me.clone();
        let has =
            self.entry(id).is_some_and(|entry| entry.reactions.iter().any(|(known, by)| **known == *sign && *by == me));
        let tag = if has { "+draft/unreact" } else { "+draft/react" };
        let tags = vec![(tag.into(), Some(sign.into())), ("+draft/reply".into(), Some(id.into()))];
        if let Some(target) = self.current.as_deref().map(Box::from) {
            self.network.say(What::Tags { target, tags });
        }
    }
}
