//! What is on the screen, without a window: what is shown in which order, which row, which completion. No toolkit, no clock,
//! no files: a window draws it and tells it what the person does.

pub mod attachment;
pub mod commands;
pub mod completion;
pub mod direction;
pub mod form;
pub mod place;
pub mod rich_text;
pub mod rooms;
pub mod rows;
pub mod search;
pub mod telling;
pub mod uploads;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use client::network::Network;
use client::outbox::What;
use client::state::State;
use client::typing::Typing;
use irc::time::Timestamp;

use place::Anchor;
use uploads::Uploads;

/// The most lines of the server itself that are shown.
pub const SERVER_LINES_MAX: usize = 500;

/// The most messages of the program to the person that are shown at once.
const NOTICES_MAX: usize = 3;

/// The longest text that can be written, in bytes: far more than any server takes at once.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// What is shown of a conversation, beside what was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// What is being written.
    pub draft: String,
    /// What stood there before something was edited.
    set_aside: String,
    /// The message that is answered, by its id.
    pub replying: Option<Box<str>>,
    /// The message that gets other words, by its id.
    pub editing: Option<Box<str>>,
    /// Where in the conversation the person looks.
    pub anchor: Anchor,
    /// What was not read when the person came: a line stands before it.
    pub new_since: Option<Option<Timestamp>>,
}

/// What is open over the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// Entering a room, with what is typed.
    Join(String),
    /// The quick switcher, with what is typed and the place that is chosen.
    Switcher(String, usize),
    /// About the conversation, with the topic that is typed.
    Room(String),
    /// The program's settings, with what is typed of the person.
    Settings(Myself),
    /// Commands and keys.
    Help,
    /// Looking for what was said.
    Search(search::Search),
    /// Signs for a message, by its id, with what is typed to find one.
    React(Box<str>, String),
    /// A message that is to be deleted for everybody, by its id.
    Delete(Box<str>),
}

/// How the person wants to be called and shown, as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Myself {
    /// The nick.
    pub nick: String,
    /// The name beside it.
    pub display_name: String,
    /// The address of a picture.
    pub avatar: String,
}

impl Myself {
    /// Returns what holds now.
    pub fn of(state: &State) -> Self {
        let text = |value: &Option<Box<str>>| value.as_deref().unwrap_or_default().to_owned();
        Self {
            nick: state.me.to_string(),
            display_name: text(&state.own_display_name),
            avatar: text(&state.own_avatar),
        }
    }
}

/// What is on the screen.
#[derive(Debug, Default)]
pub struct Screen {
    /// The conversation that is shown, by its folded name; none: what the server says.
    pub active: Option<Box<str>>,
    views: BTreeMap<Box<str>, View>,
    /// What the server says to nobody in particular, the newest last.
    pub server_lines: VecDeque<Box<str>>,
    /// What the server said last, when nothing else has come since: its goodbye, or why it does not let the person in.
    pub last_words: Option<Box<str>>,
    /// What the program says to the person.
    pub notices: VecDeque<String>,
    /// What is open over the rest.
    pub dialog: Option<Dialog>,
    /// The folded names of rooms about which nothing is told.
    pub muted: BTreeSet<Box<str>>,
    /// Whom the person does not want to hear: nicks as they were typed.
    pub ignored: BTreeSet<Box<str>>,
    /// Who writes.
    pub typing: Typing,
    /// Files on their way.
    pub uploads: Uploads,
    /// A room that was entered and is shown as soon as it is there.
    pub expected: Option<Box<str>>,
}

impl Screen {
    /// Returns what is shown of a conversation.
    pub fn view(&self, key: &str) -> Option<&View> {
        self.views.get(key)
    }

    /// Returns what is shown of a conversation, to change it.
    pub fn view_mut(&mut self, key: &str) -> &mut View {
        self.views.entry(key.into()).or_default()
    }

    /// Shows a conversation, by its folded name; none: what the server says.
    pub fn open(&mut self, state: &State, key: Option<&str>) {
        self.active = key.map(Box::from);
        self.dialog = None;
        let Some(key) = key else { return };
        let room = state.room(key);
        let view = self.views.entry(key.into()).or_default();
        view.new_since = room.filter(|room| room.unread > 0).map(|room| room.read_to);
        view.anchor = Anchor::End;
    }

    /// Keeps to a conversation that is there: one that was entered is shown, and one that is gone is not.
    pub fn settle(&mut self, state: &State) {
        if let Some(expected) = self.expected.take_if(|key| state.room(key).is_some()) {
            self.open(state, Some(&expected));
        }
        if self.active.as_deref().is_none_or(|key| state.room(key).is_none()) {
            let first = rooms::order(state).first().map(|room| state.isupport.fold(&room.name).into());
            let first: Option<Box<str>> = first;
            if let Some(first) = first {
                self.open(state, Some(&first));
            }
        }
    }

    /// Hears somebody not any more, or again.
    pub fn ignore(&mut self, nick: &str, is_ignored: bool) {
        self.ignored.retain(|known| !known.eq_ignore_ascii_case(nick));
        if is_ignored {
            self.ignored.insert(nick.into());
        }
    }

    /// Notes a line of the server.
    pub fn server_said(&mut self, line: Box<str>) {
        self.server_lines.push_back(line);
        if self.server_lines.len() > SERVER_LINES_MAX {
            self.server_lines.pop_front();
        }
    }

    /// Tells whether the person is about to say how they want to be called and shown.
    pub fn is_about_myself(&self) -> bool {
        matches!(self.dialog, Some(Dialog::Settings(_)))
    }

    /// Takes the address of a picture that was sent to be the person's own. It is theirs when they say so.
    pub fn portrait_is_at(&mut self, address: String) {
        if let Some(Dialog::Settings(myself)) = &mut self.dialog {
            myself.avatar = address;
        }
    }

    /// Says something to the person.
    pub fn notice(&mut self, text: String) {
        self.notices.push_back(text);
        if self.notices.len() > NOTICES_MAX {
            self.notices.pop_front();
        }
    }

    /// Begins an answer to a message.
    pub fn reply(&mut self, id: &str) {
        let Some(key) = self.active.clone() else { return };
        self.stop();
        self.view_mut(&key).replying = Some(id.into());
    }

    /// Begins to give a message other words.
    pub fn edit(&mut self, id: &str, text: &str) {
        let Some(key) = self.active.clone() else { return };
        self.stop();
        let view = self.view_mut(&key);
        view.editing = Some(id.into());
        view.set_aside = std::mem::replace(&mut view.draft, text.to_owned());
    }

    /// Answers and edits nothing any more; what was written before is there again.
    pub fn stop(&mut self) {
        let Some(key) = self.active.clone() else { return };
        let view = self.view_mut(&key);
        view.replying = None;
        if view.editing.take().is_some() {
            view.draft = std::mem::take(&mut view.set_aside);
        }
    }

    /// What is written in the conversation that is shown has changed. That old words are changed is nobody's business yet.
    pub fn typed(&mut self, network: &mut Network, now: Duration) {
        let Some(key) = self.active.clone() else { return };
        let Some(name) = network.state().room(&key).map(|room| room.name.clone()) else { return };
        let text = self.view(&key).filter(|view| view.editing.is_none()).map_or("", |view| &*view.draft).to_owned();
        self.typing.written(network, &name, &text, now);
    }

    /// Takes what was written out, as something to be said in the conversation that is shown. Nothing when nothing was
    /// written. The draft is empty then, or what it was before an edit.
    pub fn take_said(&mut self, state: &State) -> Option<What> {
        let key = self.active.clone()?;
        let target = state.room(&key)?.name.clone();
        let view = self.view_mut(&key);
        let text = view.draft.trim_end();
        if text.trim().is_empty() {
            return None;
        }
        let text = text.strip_prefix("//").map_or(text.to_owned(), |rest| format!("/{rest}"));
        view.draft.clear();
        view.anchor = Anchor::End;
        view.new_since = None;
        if let Some(msgid) = view.editing.take() {
            view.draft = std::mem::take(&mut view.set_aside);
            // An edit has one line: it travels in a tag.
            let text = text.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
            return Some(What::Edit { target, msgid, text: text.into() });
        }
        let tags = view.replying.take().map(|id| (Box::from("+draft/reply"), Some(id))).into_iter().collect();
        Some(What::Say { notice: false, target, text: text.into(), tags })
    }

    /// Returns how many messages are for the person, in rooms about which they are told: the badge.
    pub fn mentions(&self, state: &State) -> u32 {
        let told = state.rooms().filter(|room| !self.muted.contains(&*state.isupport.fold(&room.name)));
        told.map(|room| room.mentions).sum()
    }
}

#[cfg(test)]
mod tests;
