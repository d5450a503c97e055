//! The window, the network and what is kept on disk, together: an [`eframe::App`].
//!
//! * `connecting`: from the form to a network, and back to the form;
//! * `passwords`: the keyring is asked for them, and given those that are right;
//! * `files`: what is to be sent and fetched goes to threads, and what has come of it to the screen;
//! * `wishes`: what the person wants that the window does not do itself.

mod connecting;
mod files;
mod passwords;
mod wishes;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eframe::egui;
use egui::ViewportCommand;
use link::kept::{Directory, Server};

use crate::files::Files;
use crate::nearby::Looking;
use crate::notifications::Notifications;
use crate::passwords::Passwords;
use crate::preferences::Preferences;
use crate::screen::form;
use crate::screen::telling::Telling;
use crate::texts::Language;
use crate::window::{SignIn, Window, look};

use passwords::Unproved;

/// The file of the preferences.
const PREFERENCES: &str = "desktop.json";

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The server.
    pub address: Option<String>,
    /// The name.
    pub nick: Option<String>,
    /// The room to enter.
    pub room: Option<String>,
    /// The language.
    pub language: Option<Language>,
}

/// The program.
pub struct Program {
    window: Window,
    /// Where things are kept; why not, where they cannot be.
    directory: Result<Directory, String>,
    /// The server that the network is of, as it is called in what is known of servers.
    server: Option<String>,
    is_interrupted: Arc<AtomicBool>,
    title: String,
    telling: Telling,
    notifications: Notifications,
    /// Whether servers on the local network are looked for.
    looking: Option<Looking>,
    /// Files and pictures, while there is a network.
    files: Option<Files>,
    passwords: Option<Passwords>,
    /// Whether the keyring was asked for the password that the form does not have.
    is_password_asked: bool,
    /// A password, until the server has let the person in with it.
    unproved: Option<Unproved>,
}

/// Reads what was kept.
pub fn kept() -> (Result<Directory, String>, Preferences) {
    let directory = Directory::open().map_err(|error| format!("{error:#}"));
    // What is damaged is worth no more than what is not there: it is chosen anew.
    let read = |directory: &Directory| directory.read::<Preferences>(PREFERENCES).ok().flatten();
    let preferences = directory.as_ref().ok().and_then(read);
    (directory, preferences.unwrap_or_default().in_bounds())
}

impl Program {
    /// Makes it: with the form as it was filled in last, or as the command line says; with both a server and a name from
    /// there, it connects at once.
    pub fn new(
        ctx: &egui::Context,
        asked: Asked,
        directory: Result<Directory, String>,
        mut preferences: Preferences,
        is_interrupted: Arc<AtomicBool>,
    ) -> Self {
        look::set(ctx);
        preferences.language = asked.language.or(preferences.language);
        look::prefer(ctx, &preferences);
        let is_whole = asked.address.is_some() && asked.nick.is_some();
        let known = directory.as_ref().map(Directory::known).unwrap_or_default();
        let (last_host, last_name) = known.last.unwrap_or_default();
        let (host, port) = form::parted(asked.address.unwrap_or(last_host));
        let sign_in = SignIn {
            host,
            port,
            name: asked.nick.unwrap_or(last_name),
            room: asked.room.unwrap_or_else(|| preferences.room.clone()),
            nearby: is_whole.then(Vec::new),
            has_account: !is_whole && preferences.account.is_some(),
            account: preferences.account.clone().unwrap_or_default(),
            keeps_password: preferences.keeps_passwords,
            ..SignIn::default()
        };
        let window = Window::new(preferences, Language::of_environment(), jiff::tz::TimeZone::system(), sign_in);
        let mut program = Self {
            window,
            directory,
            server: None,
            is_interrupted,
            title: String::new(),
            telling: Telling::default(),
            notifications: Notifications::start("Loggia"),
            looking: None,
            files: None,
            passwords: None,
            is_password_asked: false,
            unproved: None,
        };
        if is_whole {
            program.sign_in(ctx);
        } else {
            let ctx = ctx.clone();
            program.looking = Looking::start(move || ctx.request_repaint());
            if program.looking.is_none() {
                program.window.sign_in.nearby = Some(Vec::new());
            }
        }
        program
    }

    /// Changes what is known of servers, and writes what the person has chosen. Where it cannot be written, they are told.
    fn keep(&mut self, change: impl FnOnce(&mut link::kept::Known)) {
        let Ok(directory) = &self.directory else { return };
        let kept = directory.change(change).and_then(|()| directory.write(PREFERENCES, &self.window.preferences));
        if let Err(error) = kept {
            let text = self.window.language().with("signin.cannotKeep", &[("why", &format!("{error:#}"))]);
            self.window.screen.notice(text);
        }
    }

    fn keep_about_server(&mut self, change: impl FnOnce(&mut Server)) {
        let Some(key) = self.server.clone() else { return };
        self.keep(|known| change(known.servers.entry(key).or_default()));
    }

    /// Tells of messages for the person, when they do not look at the window.
    fn tell(&mut self, ctx: &egui::Context) {
        let Some(network) = &self.window.network else { return };
        let news = {
            let live = network.live();
            self.telling.news(&self.window.screen, live.network.state())
        };
        let is_looked_at = ctx.input(|input| input.viewport().focused.unwrap_or(true));
        if self.window.preferences.notifications && !is_looked_at {
            for told in news {
                self.notifications.show(told);
            }
        }
    }
}

impl eframe::App for Program {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        if self.is_interrupted.load(Ordering::Relaxed) {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        if let Some(found) = self.looking.as_ref().and_then(Looking::take) {
            self.window.sign_in.nearby = Some(found);
            self.looking = None;
        }
        self.window.take_news();
        self.note_encryption();
        self.tell(ctx);
        self.do_passwords(ctx);
        self.do_files(ctx);
        let title = self.window.title();
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.window.show(ui);
        if let Some(rect) = ui.input(|input| input.viewport().inner_rect) {
            self.window.preferences.window = Some((rect.width(), rect.height()));
        }
        self.do_wishes(ui.ctx());
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.leave();
        self.keep(|_| {});
        if let Some(passwords) = self.passwords.take() {
            passwords.finish();
        }
    }
}
