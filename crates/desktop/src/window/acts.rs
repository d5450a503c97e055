//! What the person does in the window, and what it leads to; and what news lead to on the screen.

use std::time::Duration;

use client::network::{Network, News, Standing};
use client::outbox::{Tag, What};
use eframe::egui;

use super::{Window, Wish};
use crate::screen::commands::{self, Outcome};
use crate::screen::search::Outcome as SearchOutcome;
use crate::screen::uploads::{Purpose, Source};
use crate::screen::{Dialog, Myself, Screen};

/// What the person does. It is gathered while the window is drawn, and done behind it, when nothing holds the network.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Act {
    /// Shows a conversation, by its folded name; none: what the server says.
    Open(Option<Box<str>>),
    /// Sends what is written in the conversation that is shown.
    Send,
    /// What is written has changed.
    Typed,
    /// Sends a file to the conversation that is shown.
    Upload(String, Source),
    /// Sends a picture that is to be the person's own.
    Portrait(String, Source),
    /// Stops a file, or puts away what was said about it.
    StopUpload(u64),
    /// Takes another name or picture.
    Describe(Myself),
    /// Gives a sign to a message, or takes it back.
    React { id: Box<str>, emoji: Box<str>, is_given: bool },
    /// Deletes a message for everybody.
    Delete(Box<str>),
    /// Enters a room.
    Join(String),
    /// Leaves a room.
    Part(Box<str>),
    /// Sends a command.
    Command(&'static str, Vec<String>),
    /// Looks for what was said; only in the conversation that is shown, or everywhere.
    Search(String, bool),
    /// Shows a message in a conversation, by its id.
    Show(Box<str>, Option<Box<str>>),
    /// Notes that everything in a room is read.
    Read(Box<str>),
    /// Asks for what was said before.
    Older(Box<str>),
    /// Drops what was refused.
    Forget(u64),
    /// Says again what was refused.
    Again(u64),
    /// Sends what is doubtful again, or drops it.
    Decide(u64, bool),
    /// Opens or closes something over the rest.
    Dialog(Option<Dialog>),
    /// Begins an answer.
    Reply(Box<str>),
    /// Begins to give a message other words.
    Edit(Box<str>, Box<str>),
    /// Puts an answer or an edit away.
    Stop,
    /// Tells about a room, or not any more.
    Mute(Box<str>, bool),
    /// Does not hear somebody any more, or does again.
    Ignore(Box<str>, bool),
    /// Shows the list of rooms, or hides it.
    Sidebar(bool),
    /// Shows the list of members, or hides it.
    Members,
    /// Begins to write this, where nothing is written.
    Write(String),
    /// Copies a text.
    Copy(String),
    /// What the program around the window does.
    Wish(Wish),
}

/// Takes a piece of news.
pub(super) fn hear(screen: &mut Screen, news: News, network: &Network, now: Duration) {
    let standing = network.standing();
    if matches!(standing, Standing::Waiting { .. } | Standing::Connecting) {
        // Nobody is there, and no answer comes any more.
        screen.typing.disconnected();
        screen.uploads.token(Err("OFFLINE".into()));
    }
    match news {
        News::NotLetIn(why) => screen.last_words = Some(why),
        News::Server(line) => {
            screen.server_said(line.clone());
            screen.last_words = Some(line);
        }
        // What the server says right before the end is its goodbye.
        News::Standing if matches!(standing, Standing::Waiting { .. } | Standing::Connecting) => {}
        News::Token(answer) => screen.uploads.token(answer),
        News::Changed(change) => {
            screen.typing.hear(&change, network.state(), now);
            screen.last_words = None;
        }
        // What is drawn is read from the network itself.
        News::Standing | News::Settled(_) | News::Doubtful | News::Gap => screen.last_words = None,
        News::Found(found) => screen.searched(SearchOutcome::Found(found)),
    }
}

impl Window {
    /// Does all that was done in the window.
    pub(super) fn perform(&mut self, ctx: &egui::Context, acts: Vec<Act>) {
        if acts.is_empty() {
            return;
        }
        // What has changed is to be seen. What was asked for is seen when it comes.
        if acts.iter().any(|act| !matches!(act, Act::Older(_))) {
            ctx.request_repaint();
        }
        for act in acts {
            self.act(ctx, act);
        }
    }

    /// The one place where all that can be done is told apart; what it leads to stands below, and with the network.
    fn act(&mut self, ctx: &egui::Context, act: Act) {
        match act {
            Act::Open(key) => self.open(key.as_deref()),
            Act::Send => self.send(),
            Act::Typed => self.typed(),
            Act::Upload(name, source) => {
                if let Some(target) = self.target() {
                    self.upload(&target, name, source);
                }
            }
            Act::Portrait(name, source) => self.portrait(name, source),
            Act::StopUpload(number) => self.stop_upload(number),
            Act::Describe(myself) => self.describe(&myself),
            Act::Dialog(dialog) => {
                self.composer.wants_focus = dialog.is_none();
                self.screen.dialog = dialog;
            }
            Act::Reply(id) => {
                self.screen.reply(&id);
                self.composer.wants_focus = true;
            }
            Act::Edit(id, text) => {
                self.screen.edit(&id, &text);
                self.composer.wants_focus = true;
                self.composer.cursor = Some(text.chars().count());
            }
            Act::Stop => self.screen.stop(),
            Act::Mute(key, is_muted) => self.mute(key, is_muted),
            Act::Ignore(nick, is_ignored) => self.ignore(&nick, is_ignored),
            Act::Sidebar(is_open) => self.is_sidebar_open = is_open,
            Act::Members => self.is_members_open = !self.is_members_open,
            Act::Write(text) => self.write(text),
            Act::Copy(text) => ctx.copy_text(text),
            Act::Wish(wish) => self.wishes.push(wish),
            Act::React { id, emoji, is_given } => self.react(id, emoji, is_given),
            Act::Delete(msgid) => self.say(|target| What::Redact { target, msgid, reason: None }),
            Act::Search(words, is_here) => self.search(&words, is_here),
            Act::Show(room, id) => self.show_message(&room, id.as_deref()),
            Act::Join(name) => self.join(&name),
            other => self.on_network(other),
        }
    }

    fn open(&mut self, key: Option<&str>) {
        let Some(handle) = &self.network else { return };
        handle.act(|live| self.screen.typing.stop(&mut live.network));
        self.screen.open(handle.live().network.state(), key);
        self.is_sidebar_open = false;
        self.composer.wants_focus = true;
        self.composer.completion = None;
    }

    fn typed(&mut self) {
        let Some(handle) = &self.network else { return };
        let now = handle.now();
        handle.act(|live| self.screen.typed(&mut live.network, now));
    }

    /// Sends a file to a conversation.
    pub(crate) fn upload(&mut self, target: &str, name: String, source: Source) {
        self.send_file(Purpose::Say(target.into()), name, source);
    }

    /// Sends a picture that is to be the person's own, in the place of one that is on its way.
    pub(crate) fn portrait(&mut self, name: String, source: Source) {
        self.stop_portrait();
        if self.screen.is_about_myself() {
            self.send_file(Purpose::Portrait, name, source);
        }
    }

    fn send_file(&mut self, purpose: Purpose, name: String, source: Source) {
        if !self.screen.uploads.add(purpose, name, source) {
            self.notice("upload.TOO_MANY_AT_ONCE");
        }
    }

    fn stop_upload(&mut self, number: u64) {
        self.screen.uploads.cancel(number);
        self.wishes.push(Wish::StopFile(number));
    }

    /// Waits no more for the picture that is to be the person's own.
    pub(super) fn stop_portrait(&mut self) {
        if let Some(number) = self.screen.uploads.portrait().map(|portrait| portrait.number) {
            self.stop_upload(number);
        }
    }

    fn mute(&mut self, key: Box<str>, is_muted: bool) {
        if is_muted {
            self.screen.muted.insert(key);
        } else {
            self.screen.muted.remove(&key);
        }
        self.wishes.push(Wish::Keep);
    }

    fn ignore(&mut self, nick: &str, is_ignored: bool) {
        let Some(handle) = &self.network else { return };
        self.screen.ignore(nick, is_ignored);
        handle.act(|live| live.network.ignore(self.screen.ignored.iter().map(|nick| &**nick)));
        self.wishes.push(Wish::Keep);
    }

    fn write(&mut self, text: String) {
        let Some(key) = self.screen.active.clone() else { return };
        let view = self.screen.view_mut(&key);
        if view.draft.is_empty() {
            self.composer.cursor = Some(text.chars().count());
            view.draft = text;
        }
        self.composer.wants_focus = true;
    }

    fn react(&mut self, id: Box<str>, emoji: Box<str>, is_given: bool) {
        let sign = if is_given { "+draft/react" } else { "+draft/unreact" };
        let tags: Vec<Tag> = vec![(sign.into(), Some(emoji)), ("+draft/reply".into(), Some(id))];
        self.say(|target| What::Tags { target, tags });
    }

    /// Says something in the conversation that is shown.
    fn say(&self, what: impl FnOnce(Box<str>) -> What) {
        if let (Some(handle), Some(target)) = (&self.network, self.target()) {
            handle.act(|live| live.network.say(what(target)));
        }
    }

    fn search(&mut self, words: &str, is_here: bool) {
        let Some(handle) = &self.network else { return };
        let room = self.target().filter(|_| is_here);
        let is_asked = handle.act(|live| live.network.search(words, room.as_deref()));
        self.screen.searched(if is_asked { SearchOutcome::Asked } else { SearchOutcome::Cannot });
    }

    fn show_message(&mut self, room: &str, id: Option<&str>) {
        let Some(handle) = &self.network else { return };
        self.screen.show_message(handle.live().network.state(), room, id);
        self.composer.wants_focus = true;
    }

    fn join(&mut self, name: &str) {
        let Some(handle) = &self.network else { return };
        handle.act(|live| commands::join(name, &mut self.screen, &mut live.network));
    }

    fn on_network(&mut self, act: Act) {
        let Some(handle) = &self.network else { return };
        if !handle.act(|live| on_network(act, &mut live.network)) {
            self.notice("notice.notConnected");
        }
    }

    /// Says one of the program's texts to the person.
    fn notice(&mut self, key: &str) {
        let text = self.language().text(key).to_owned();
        self.screen.notice(text);
    }

    /// Returns the name of the conversation that is shown.
    pub(crate) fn target(&self) -> Option<Box<str>> {
        let live = self.network.as_ref()?.live();
        Some(live.network.state().room(self.screen.active.as_deref()?)?.name.clone())
    }

    /// Says how the person wants to be called and shown: what has changed of it.
    fn describe(&mut self, myself: &Myself) {
        let Some(handle) = &self.network else { return };
        let is_done = handle.act(|live| {
            let network = &mut live.network;
            let before = Myself::of(network.state());
            let is_renamed = before.nick == myself.nick || network.command("NICK", &[&myself.nick]);
            let is_same = before.display_name == myself.display_name && before.avatar == myself.avatar;
            is_renamed && (is_same || network.describe(&myself.display_name, &myself.avatar))
        });
        if !is_done {
            self.notice("notice.notDescribed");
        }
    }

    fn send(&mut self) {
        let Some(handle) = &self.network else { return };
        let screen = &mut self.screen;
        let Some(key) = screen.active.clone() else { return };
        let view = screen.view_mut(&key);
        let command = if view.editing.is_none() { view.draft.clone() } else { String::new() };
        let Some((name, rest)) = commands::read(command.trim()) else {
            handle.act(|live| {
                if let Some(what) = screen.take_said(live.network.state()) {
                    screen.typing.sent();
                    live.network.say(what);
                }
            });
            return;
        };
        let outcome = handle.act(|live| commands::run(name, rest, screen, &mut live.network));
        match outcome {
            Outcome::Done => {
                screen.view_mut(&key).draft.clear();
                if matches!(name, "ignore" | "unignore") {
                    self.wishes.push(Wish::Keep);
                }
            }
            Outcome::Quit => self.wishes.push(Wish::Quit),
            Outcome::Notice("usage", name) => {
                let how = self.language().text(&format!("help.{name}")).to_owned();
                let text = self.language().with("notice.usage", &[("text", &how)]);
                self.screen.notice(text);
            }
            Outcome::Notice(notice, text) => {
                let text = self.language().with(&format!("notice.{notice}"), &[("text", &text)]);
                self.screen.notice(text);
            }
        }
    }
}

/// Does what needs the network alone; `false` when there is no connection for it.
fn on_network(act: Act, network: &mut Network) -> bool {
    match act {
        Act::Part(name) => network.part(&name, ""),
        Act::Command(command, params) => {
            let params: Vec<&str> = params.iter().map(String::as_str).collect();
            return network.command(command, &params);
        }
        Act::Read(name) => network.read(&name),
        Act::Older(name) => {
            network.older(&name);
        }
        Act::Forget(number) => network.forget(number),
        Act::Again(number) => {
            let what = network.kept().outbox.entry(number).map(|entry| entry.what.clone());
            if let Some(what) = what {
                network.forget(number);
                network.say(what);
            }
        }
        Act::Decide(number, resend) => network.decide(number, resend),
        _ => {}
    }
    true
}
