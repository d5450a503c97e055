//! Draws the screen, and hands over what the person does. It opens no file and no connection: what is to be done by the program
//! around it is a [`Wish`].

mod acts;
mod composer;
mod conversation;
mod dialogs;
pub mod look;
mod members;
mod message_list;
mod message_row;
pub mod pictures;
mod portrait;
mod reading_order;
mod search;
mod sidebar;
mod sign_in;
mod uploads;

use std::cell::RefCell;

use client::network::Standing;
use eframe::egui;
use egui::{Key, Modifiers, Role, UiBuilder};
use jiff::tz::TimeZone;

use crate::network_thread::{Handle, Live};
use crate::preferences::Preferences;
use crate::screen::completion::Completion;
use crate::screen::rows::Places;
use crate::screen::{Dialog, Myself, Screen, rooms};
use crate::texts::Language;

use acts::Act;
use message_list::Heights;
use pictures::Pictures;
pub use sign_in::{Fault, Nearby, SignIn};

/// Below this width, in points, the list of rooms and that of members stand in front of the conversation, not beside it.
const NARROW: f32 = 640.0;

/// What the program around the window is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Connect, as the form says.
    SignIn,
    /// Leave this server, and show the form.
    Leave,
    /// Believe this certificate from now on.
    Believe(String),
    /// Speak with the server without encryption from now on.
    BeClear,
    /// Keep what the person has chosen, and which rooms are quiet.
    Keep,
    /// Ask for files to send.
    ChooseFiles,
    /// Ask for a picture of the person.
    ChoosePicture,
    /// Give a file up.
    StopFile(u64),
    /// End.
    Quit,
}

/// The window's contents.
pub struct Window {
    /// What the person has chosen.
    pub preferences: Preferences,
    /// The language when they have chosen none.
    pub system_language: Language,
    /// The form.
    pub sign_in: SignIn,
    /// The network, once the person has signed in.
    pub network: Option<Handle>,
    /// What is on the screen.
    pub screen: Screen,
    /// Where times are shown as they are.
    pub zone: TimeZone,
    /// What the server is called.
    pub server: String,
    /// What the program around it is to do.
    pub wishes: Vec<Wish>,
    /// Pictures that were fetched.
    pub pictures: RefCell<Pictures>,
    composer: Writing,
    heights: Heights,
    places: RefCell<Places>,
    is_sidebar_open: bool,
    is_members_open: bool,
}

/// What the composer remembers from one picture to the next.
#[derive(Default)]
struct Writing {
    completion: Option<(Completion, usize)>,
    /// Whether it is to have the keyboard.
    wants_focus: bool,
    /// Where the cursor is to be put, in characters.
    cursor: Option<usize>,
}

/// What all parts of the window need.
struct Look<'a> {
    language: Language,
    zone: &'a TimeZone,
    live: &'a Live,
    pictures: &'a RefCell<Pictures>,
    places: &'a RefCell<Places>,
    is_narrow: bool,
}

impl Window {
    /// Makes one that shows the form.
    pub fn new(preferences: Preferences, system_language: Language, zone: TimeZone, sign_in: SignIn) -> Self {
        Self {
            preferences,
            system_language,
            sign_in,
            network: None,
            screen: Screen::default(),
            zone,
            server: String::new(),
            wishes: Vec::new(),
            pictures: RefCell::default(),
            composer: Writing { wants_focus: true, ..Writing::default() },
            heights: Heights::default(),
            places: RefCell::default(),
            is_sidebar_open: false,
            is_members_open: true,
        }
    }

    /// Returns the language.
    pub fn language(&self) -> Language {
        self.preferences.language.unwrap_or(self.system_language)
    }

    /// Shows a network from now on, and of it this room as soon as it is there.
    pub fn connect(&mut self, network: Handle, server: String, room: Option<&str>) {
        let expected = room.map(|room| network.live().network.state().isupport.fold(room).into());
        self.network = Some(network);
        self.server = server;
        let (muted, ignored) = (std::mem::take(&mut self.screen.muted), std::mem::take(&mut self.screen.ignored));
        self.screen = Screen::default();
        (self.screen.muted, self.screen.ignored, self.screen.expected) = (muted, ignored, expected);
        self.composer.wants_focus = true;
    }

    /// Returns the title of the window, with how many messages are for the person.
    pub fn title(&self) -> String {
        let app = self.language().text("app");
        let Some(network) = &self.network else {
            return format!("{} – {app}", self.language().text(self.sign_in.asks_for()));
        };
        let live = network.live();
        let state = live.network.state();
        let room = self.screen.active.as_deref().and_then(|key| state.room(key)).map(|room| &room.name);
        let mut name = room.map_or_else(|| self.server.clone(), |room| format!("{room} · {}", self.server));
        if !matches!(live.network.standing(), Standing::Online | Standing::CatchingUp) {
            name = format!("{name} ({})", self.language().text("title.offline"));
        }
        match self.screen.mentions(state) {
            0 => format!("{name} – {app}"),
            mentions => format!("({mentions}) {name} – {app}"),
        }
    }

    /// Takes the news over. To be called before each picture, and also while nobody looks.
    pub fn take_news(&mut self) {
        let Some(network) = &self.network else { return };
        let now = network.now();
        let mut live = network.live();
        // In tests nobody else does.
        live.gather();
        for news in std::mem::take(&mut live.news) {
            acts::hear(&mut self.screen, news, &live.network, now);
        }
        self.screen.typing.expire(now);
        self.screen.settle(live.network.state());
        drop(live);
        // Whoever has put the settings away does not wait for their picture any more.
        if !self.screen.is_about_myself() {
            self.stop_portrait();
        }
    }

    /// Draws everything.
    pub fn show(&mut self, ui: &mut egui::Ui) {
        self.take_news();
        if self.network.is_none() {
            sign_in::show(
                ui,
                &mut self.sign_in,
                self.preferences.language.unwrap_or(self.system_language),
                &mut self.wishes,
            );
            return;
        }
        let mut acts = Vec::new();
        self.shortcuts(ui, &mut acts);
        let is_portrait = self.network.as_ref().is_some_and(|handle| portrait::is_taken(&self.screen, &handle.live()));
        uploads::take(ui, is_portrait, &mut acts);
        self.chat(ui, &mut acts);
        self.perform(ui.ctx(), acts);
    }

    fn chat(&mut self, ui: &mut egui::Ui, acts: &mut Vec<Act>) {
        let language = self.language();
        let Some(network) = &self.network else { return };
        let now = network.now();
        let live = network.live();
        let is_narrow = ui.available_width() < NARROW;
        let look =
            Look { language, zone: &self.zone, live: &live, pictures: &self.pictures, places: &self.places, is_narrow };
        let room = self.screen.active.as_deref().and_then(|key| live.network.state().room(key));
        // Who is in a room that one is not in, nobody says.
        let has_members = room.is_some_and(|room| room.is_channel && room.is_joined);
        if !is_narrow || self.is_sidebar_open {
            let panel = egui::Panel::left("rooms");
            let panel = if is_narrow {
                panel.exact_size(ui.available_width())
            } else {
                panel.default_size(210.0).size_range(150.0..=360.0)
            };
            panel.show(ui, |ui| sidebar::show(ui, &look, &self.screen, &self.server, acts));
        }
        if has_members && self.is_members_open && !is_narrow {
            let panel = egui::Panel::right("members").resizable(true).default_size(170.0).size_range(120.0..=320.0);
            panel.show(ui, |ui| members::show(ui, &look, &self.screen, acts));
        }
        egui::CentralPanel::default().show(ui, |ui| {
            if is_narrow && self.is_sidebar_open {
                return;
            }
            egui::Panel::top("head").show(ui, |ui| {
                conversation::head(ui, &look, &self.screen, acts);
                conversation::banner(ui, &look, now, self.screen.last_words.as_deref(), acts);
            });
            egui::Panel::bottom("write").show_separator_line(false).show(ui, |ui| {
                conversation::notices(ui, language, &mut self.screen);
                uploads::show(ui, &look, &self.screen, acts);
                conversation::typing(ui, &look, &self.screen, now);
                composer::show(ui, &look, &mut self.screen, &mut self.composer, acts);
            });
            let label = self.screen.active.as_deref().and_then(|key| live.network.state().room(key));
            let label = label.map_or_else(|| self.server.clone(), |room| room.name.to_string());
            let label = language.with("list.label", &[("room", &label)]);
            let list = UiBuilder::new().accessibility_role(Role::Log).accessibility_label(label);
            ui.scope_builder(list, |ui| message_list::show(ui, &look, &mut self.screen, &mut self.heights, acts));
        });
        uploads::hover(ui, &look, &self.screen);
        dialogs::show(ui.ctx(), &look, &mut self.screen, &mut self.preferences, acts);
    }

    /// Does what keys mean wherever the person is.
    fn shortcuts(&mut self, ui: &egui::Ui, acts: &mut Vec<Act>) {
        let Some(network) = &self.network else { return };
        let live = network.live();
        let items = rooms::items(&self.screen, live.network.state());
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        if pressed(Modifiers::COMMAND, Key::K) {
            self.screen.dialog = Some(Dialog::Switcher(String::new(), 0));
        }
        if pressed(Modifiers::COMMAND, Key::F) {
            self.screen.dialog = Some(search::begin());
        }
        if pressed(Modifiers::COMMAND, Key::Comma) {
            self.screen.dialog = Some(Dialog::Settings(Myself::of(live.network.state())));
        }
        if pressed(Modifiers::NONE, Key::F1) {
            self.screen.dialog = Some(Dialog::Help);
        }
        for (key, by) in [(Key::ArrowDown, 1), (Key::ArrowUp, -1)] {
            if pressed(Modifiers::ALT, key)
                && let Some(item) = rooms::neighbour(&items, by)
            {
                acts.push(Act::Open(Some(item.key.clone())));
            }
        }
        if pressed(Modifiers::COMMAND, Key::Q) {
            self.wishes.push(Wish::Quit);
        }
    }
}
