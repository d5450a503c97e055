//! What the person is asked, one thing after the other: a letter answers.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{App, Wish};
use crate::words::fill;

/// A question that is answered with yes or no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// Whether many lines are to be sent.
    Paste(String),
    /// Whether a message is to be deleted.
    Delete(Box<str>),
    /// Whether something that may have arrived is to be sent again: its number in the outbox.
    Doubtful(u64, String),
    /// Whether a certificate is the right one.
    Certificate(String),
    /// Whether it may go on unencrypted.
    Clear,
}

impl App {
    /// Asks, unless that is asked already.
    pub(crate) fn ask(&mut self, question: Question) {
        if !self.questions.contains(&question) {
            self.questions.push_back(question);
        }
    }

    /// Returns what is asked, for the screen.
    pub(crate) fn asked(&self) -> Option<String> {
        let words = self.words;
        let server = self.settings.server.as_str();
        Some(match self.questions.front()? {
            Question::Paste(text) => fill(words.ask_paste, &[("count", &text.trim().lines().count().to_string())]),
            Question::Delete(_) => words.ask_delete.to_owned(),
            Question::Doubtful(_, text) => fill(words.ask_doubtful, &[("text", text)]),
            Question::Certificate(digits) => {
                fill(words.ask_certificate, &[("server", server), ("digits", &link::connection::in_groups(digits))])
            }
            Question::Clear => fill(words.ask_clear, &[("server", server)]),
        })
    }

    /// Takes a key as an answer. Only clear ones are: what else is pressed changes nothing.
    pub(super) fn answered(&mut self, key: KeyEvent) {
        let letter = match key.code {
            KeyCode::Char(letter) if !key.modifiers.contains(KeyModifiers::CONTROL) => letter.to_ascii_lowercase(),
            KeyCode::Esc => 'n',
            _ => return,
        };
        // Both languages' yes: whoever reads Italian may be used to English keys.
        let is_yes = letter == 'y' || self.words.yes.contains(letter);
        if !is_yes && letter != 'n' {
            return;
        }
        match self.questions.pop_front() {
            Some(Question::Paste(text)) if is_yes => self.submit(&text, true),
            Some(Question::Paste(text)) => self.view().composer.insert(text.trim_end_matches('\n')),
            Some(Question::Delete(id)) if is_yes => self.delete(&id),
            Some(Question::Doubtful(number, _)) => self.network.decide(number, is_yes),
            Some(Question::Certificate(digits)) if is_yes => self.wishes.push(Wish::Believe(digits)),
            Some(Question::Clear) if is_yes => self.wishes.push(Wish::BeClear),
            Some(Question::Delete(_) | Question::Certificate(_) | Question::Clear) | None => {}
        }
    }
}
