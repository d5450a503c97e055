//! What the network tells.

use client::network::{News, Standing};
use client::outbox::{Entry as OutboxEntry, State as Sending, What as Said};
use client::state::Change;
use client::window::Entry;
use link::connection::Trouble;

use super::{App, Mode, Question, Wish};
use crate::rich_text::bare;
use crate::words::fill;

impl App {
    /// Takes everything that the network has to tell.
    pub(crate) fn take_news(&mut self) {
        while let Some(news) = self.network.next_news() {
            if !matches!(news, News::Server(_) | News::Standing) {
                self.last_words = None;
            }
            match news {
                News::Standing => self.standing(),
                News::NotLetIn(why) => {
                    let text = fill(self.words.not_let_in, &[("why", &bare(&why))]);
                    self.note(None, text.clone(), true);
                    self.trouble = Some(text);
                }
                News::Changed(change) => self.changed(change),
                News::Settled(number) => self.settled(number),
                News::Doubtful => self.doubtful(),
                News::Gap => self.say_here(self.words.lost_past.to_owned()),
                News::Server(text) => self.server_says(&text),
                // Files are sent from the window.
                News::Token(_) => {}
                News::Found(found) => {
                    self.found = found;
                    self.mode = Mode::Found;
                }
            }
        }
        self.read();
    }

    /// Says why there is no connection, and asks what the person can do about it.
    pub(crate) fn lost(&mut self, trouble: &Trouble) {
        let words = self.words;
        self.trouble = Some(match trouble {
            // A server that has said why has said more: that it does not let one in, or that it stops.
            Trouble::Closed => {
                let said = self.trouble.take().filter(|said| said != words.no_answer);
                said.or_else(|| self.last_words.take()).unwrap_or_else(|| words.closed.to_owned())
            }
            Trouble::NotEncrypted => words.not_encrypted.to_owned(),
            Trouble::Certificate { is_another: true, .. } => words.another_certificate.to_owned(),
            other => other.to_string(),
        });
        match trouble {
            // Another certificate than the one that was believed may be somebody between: no key press waves that through.
            Trouble::Certificate { fingerprint, is_another: false } => {
                self.ask(Question::Certificate(fingerprint.clone()));
            }
            Trouble::NotEncrypted if !self.known.was_encrypted => self.ask(Question::Clear),
            _ => {}
        }
    }

    fn standing(&mut self) {
        match self.network.standing() {
            Standing::Online => {
                self.trouble = None;
                // Only now it is known how the server compares names.
                self.network.ignore(self.known.ignored.iter().map(String::as_str));
                self.questions.retain(|question| !matches!(question, Question::Certificate(_) | Question::Clear));
                if let Some(room) = self
                    .wanted
                    .clone()
                    .filter(|room| self.network.state().room(room).is_some_and(|room| room.is_joined))
                {
                    self.wanted = None;
                    self.show(Some(&room));
                }
                if self.current.is_none() && self.trouble.is_none() {
                    let first = self.room_names().into_iter().next();
                    self.show(first.as_deref());
                }
                self.read();
            }
            Standing::Waiting { .. } => {
                self.typing.disconnected();
                self.asked_before = None;
                self.trouble.get_or_insert_with(|| self.words.no_answer.to_owned());
            }
            Standing::Connecting | Standing::CatchingUp | Standing::Left => {}
        }
    }

    fn changed(&mut self, change: Change) {
        self.typing.hear(&change, self.network.state(), self.now);
        let me = self.network.state().me.clone();
        let is_me = |nick: &str| *nick == *me;
        match change {
            Change::Joined { room, nick } => {
                let is_wanted = self.wanted.as_deref().is_some_and(|wanted| self.key(wanted) == self.key(&room));
                if is_me(&nick) && (is_wanted || self.current.is_none()) {
                    self.wanted = None;
                    self.show(Some(&room));
                }
                if !is_me(&nick) && !self.network.state().is_ignored(&nick) {
                    let text = fill(self.words.joined, &[("nick", &bare(&nick))]);
                    self.note(Some(&room), text, false);
                }
            }
            Change::Left { room, nick, by, text } => {
                let why = if text.is_empty() { String::new() } else { format!(": {}", bare(&text)) };
                let values = [("nick", &*bare(&nick)), ("why", &why), ("by", &bare(by.as_deref().unwrap_or_default()))];
                let text = fill(if by.is_some() { self.words.put_out } else { self.words.left }, &values);
                self.note(Some(&room), text, by.is_some());
            }
            Change::Quit { nick, rooms, text } => {
                let why = if text.is_empty() { String::new() } else { format!(": {}", bare(&text)) };
                for room in rooms {
                    let text = fill(self.words.left, &[("nick", &bare(&nick)), ("why", &why)]);
                    self.note(Some(&room), text, false);
                }
            }
            Change::Renamed { before, now } => {
                let text = fill(self.words.renamed, &[("nick", &bare(&before)), ("other", &bare(&now))]);
                let state = self.network.state();
                let there =
                    state.rooms().filter(|room| state.members(room).iter().any(|(person, _)| person.nick == now));
                let there: Vec<String> = there.map(|room| room.name.to_string()).collect();
                for room in there {
                    self.note(Some(&room), text.clone(), false);
                }
                if self.current.as_deref() == Some(&*before) {
                    self.current = Some(now.to_string());
                }
            }
            Change::Said(room) => self.said(&room),
            Change::Room(_) | Change::Person(_) | Change::Typing { .. } => {}
        }
    }

    fn said(&mut self, name: &str) {
        let Some(room) = self.network.state().room(name) else { return };
        let newest = room.window.entries().next_back();
        let concerns = |entry: &Entry| {
            let state = self.network.state();
            !entry.is_own && !state.is_ignored(&entry.from) && (!room.is_channel || state.is_named_in(entry))
        };
        let is_mention = room.mentions > 0 && newest.is_some_and(concerns);
        let is_seen =
            self.is_focused && self.current.as_deref().is_some_and(|current| self.key(current) == self.key(name));
        if is_mention && !is_seen && !self.is_muted(name) && self.network.standing() == Standing::Online {
            self.wishes.push(Wish::Bell);
        }
    }

    fn settled(&mut self, number: u64) {
        let Some(entry) = self.network.kept().outbox.entry(number).cloned() else { return };
        self.network.forget(number);
        if let Sending::Refused(refusal) = &entry.state {
            let (target, text) = target_and_text(&entry);
            let text = fill(self.words.not_sent, &[("text", &bare(text)), ("why", &bare(&refusal.text))]);
            let room = self.network.state().room(target).map(|room| room.name.to_string());
            self.note(room.as_deref(), text, true);
        }
    }

    fn doubtful(&mut self) {
        let doubtful: Vec<OutboxEntry> = self.network.kept().outbox.doubtful().cloned().collect();
        for entry in doubtful {
            let (_, text) = target_and_text(&entry);
            self.ask(Question::Doubtful(entry.number, bare(text)));
        }
    }

    fn server_says(&mut self, text: &str) {
        let text = bare(text);
        self.note(None, text.clone(), true);
        // A sentence goes on behind it.
        self.last_words = Some(text.trim_end_matches('.').to_owned());
        // What comes while the client is let in is greeting; later it mostly answers what the person has just done.
        if self.network.standing() == Standing::Online && self.current.is_some() {
            self.say_here(text);
        }
    }
}

/// Returns where something was to be said, and what of it people recognise.
pub(crate) fn target_and_text(entry: &OutboxEntry) -> (&str, &str) {
    match &entry.what {
        Said::Say { target, text, .. } | Said::Edit { target, text, .. } => (target, text),
        Said::Tags { target, tags } => {
            let sign = tags.iter().find(|(key, _)| key.contains("react")).and_then(|(_, value)| value.as_deref());
            (target, sign.unwrap_or_default())
        }
        Said::Redact { target, .. } => (target, "✗"),
    }
}
