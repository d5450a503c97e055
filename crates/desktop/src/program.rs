//! The window, the network and what is kept on disk, together: an [`eframe::App`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use client::handshake::Identity;
use client::network::Standing;
use client::outbox::What;
use eframe::egui;
use egui::ViewportCommand;
use link::address::{Address, Door};
use link::connection::Plan;
use link::http::Url;
use link::kept::{Directory, Server};

use crate::files::{self, Files};
use crate::nearby::Looking;
use crate::network_thread::{Handle, Live};
use crate::notifications::Notifications;
use crate::passwords::{self, Passwords};
use crate::preferences::Preferences;
use crate::screen::form;
use crate::screen::telling::Telling;
use crate::screen::uploads::{Refusal, Source, Task};
use crate::texts::Language;
use crate::window::{Fault, SignIn, Window, Wish, look};

/// The file of the preferences.
const PREFERENCES: &str = "desktop.json";

/// What is said to the server at the end.
const GOODBYE: &str = "Goodbye";

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
    /// An account, its server and its password, until the server has let the person in with it.
    unproved: Option<(String, String, String)>,
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

    fn sign_in(&mut self, ctx: &egui::Context) {
        self.window.sign_in.fault = None;
        if self.passwords.is_none() && self.window.sign_in.has_account {
            let ctx = ctx.clone();
            self.passwords = Passwords::start(move || ctx.request_repaint());
        }
        let fault = match self.connect(ctx) {
            Ok(()) => return,
            Err(fault) => fault,
        };
        self.window.sign_in.fault = Some(fault);
    }

    fn connect(&mut self, ctx: &egui::Context) -> Result<(), Fault> {
        let form = &self.window.sign_in;
        let address = form::address(&form.host, &form.port).map_err(Fault::Form)?;
        // Names there may have spaces, which those of IRC cannot.
        let is_classroom = matches!(address.door, Door::Classroom(_));
        let name = if is_classroom { form.name.trim().replace(' ', "\u{a0}") } else { form.name.clone() };
        let name = form::name(&name).map_err(Fault::Form)?.to_owned();
        let account = form.has_account.then(|| {
            let account = if form.account.trim().is_empty() { &name } else { form.account.trim() };
            (account.to_owned(), form.password.clone())
        });
        if let Some((account, password)) = &account
            && password.is_empty()
        {
            let asked = self.passwords.as_ref().filter(|_| !std::mem::replace(&mut self.is_password_asked, true));
            let Some(passwords) = asked else {
                self.is_password_asked = false;
                return Err(Fault::Form(form::Fault::Password));
            };
            passwords.find(&address.key(), account);
            return Ok(());
        }
        self.is_password_asked = false;
        self.unproved = account.clone().map(|(account, password)| (address.key(), account, password));
        let last_account = account.as_ref().map(|(account, _)| account.clone());
        let keeps_passwords = form.keeps_password;
        let account = account.map(|(account, password)| (account.into(), password.into()));
        // A classroom server has one room, which one is in.
        let room = if is_classroom { None } else { form::room(address.room.as_deref().unwrap_or(&form.room)) };
        let server_password = address.server_password();
        let identity = Identity { account, server_password, ..Identity::guest(&name) };
        let server = address.to_string();
        self.start(ctx, address, &name, identity, room.as_deref())
            .map_err(|error| Fault::Machine(format!("{error:#}")))?;
        (self.window.preferences.account, self.window.preferences.keeps_passwords) = (last_account, keeps_passwords);
        self.window.preferences.room = self.window.sign_in.room.trim().to_owned();
        let last = (server, name);
        self.keep(|known| known.last = Some(last));
        Ok(())
    }

    fn start(
        &mut self,
        ctx: &egui::Context,
        address: Address,
        name: &str,
        identity: Identity,
        room: Option<&str>,
    ) -> anyhow::Result<()> {
        let directory = self.directory.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?;
        let key = address.key();
        let known: Server = directory.known().servers.remove(&key).unwrap_or_default();
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).map_err(|error| anyhow::anyhow!("no random bits: {error}"))?;
        let (outbox, kept) = directory.outbox(&key, name, u128::from_le_bytes(bits))?;
        let plan = Plan {
            pinned: address.fingerprint.clone().or(known.fingerprint),
            may_be_clear: known.may_be_clear,
            was_encrypted: known.was_encrypted,
            address: address.clone(),
        };
        let mut live = Live::new(identity, kept, plan);
        if let Some(room) = room {
            live.network.join(room);
        }
        live.network.ignore(known.ignored.iter().map(String::as_str));
        let ctx = ctx.clone();
        let wake = move || ctx.request_repaint();
        self.files = Some(Files::start(wake.clone()).context("no thread for files")?);
        let handle = Handle::start(live, outbox, wake).context("no thread for the network")?;
        self.window.screen.muted = known.muted.iter().map(|room| room.as_str().into()).collect();
        self.window.screen.ignored = known.ignored.iter().map(|nick| nick.as_str().into()).collect();
        self.window.connect(handle, address.host, room);
        self.server = Some(key);
        Ok(())
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

    fn do_wishes(&mut self, ctx: &egui::Context) {
        for wish in std::mem::take(&mut self.window.wishes) {
            match wish {
                Wish::SignIn => self.sign_in(ctx),
                Wish::Leave => self.leave(),
                Wish::Believe(fingerprint) => {
                    if let Some(network) = &self.window.network {
                        let now = network.now();
                        network.act(|live| {
                            live.plan.pinned = Some(fingerprint.clone());
                            live.network.hurry(now);
                        });
                    }
                    self.keep_about_server(|server| server.fingerprint = Some(fingerprint));
                }
                Wish::BeClear => {
                    if let Some(network) = &self.window.network {
                        let now = network.now();
                        network.act(|live| {
                            live.plan.may_be_clear = true;
                            live.network.hurry(now);
                        });
                    }
                    self.keep_about_server(|server| server.may_be_clear = true);
                }
                Wish::Keep => {
                    let muted = self.window.screen.muted.iter().map(ToString::to_string).collect();
                    let ignored = self.window.screen.ignored.iter().map(ToString::to_string).collect();
                    self.keep_about_server(|server| (server.muted, server.ignored) = (muted, ignored));
                }
                Wish::ChooseFiles => {
                    if let Some(files) = &self.files {
                        files.choose();
                    }
                }
                Wish::StopFile(number) => {
                    if let Some(files) = &self.files {
                        files.stop(number);
                    }
                }
                Wish::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            }
        }
    }

    fn leave(&mut self) {
        if let Some(network) = self.window.network.take() {
            network.leave(GOODBYE);
        }
        self.server = None;
        self.files = None;
        self.unproved = None;
        self.telling = Telling::default();
    }

    /// Takes what the keyring says, and gives it a password that the server has taken.
    fn do_passwords(&mut self, ctx: &egui::Context) {
        while let Some(told) = self.passwords.as_ref().and_then(Passwords::next) {
            match told {
                passwords::Told::Found(password) => {
                    self.window.sign_in.password = password.map(String::from).unwrap_or_default();
                    self.sign_in(ctx);
                }
                passwords::Told::NotKept => {
                    let text = self.window.language().text("notice.passwordNotKept").to_owned();
                    self.window.screen.notice(text);
                }
            }
        }
        let standing = self.window.network.as_ref().map(|network| network.live().network.standing());
        if matches!(standing, Some(Standing::CatchingUp | Standing::Online))
            && let (Some((server, account, password)), Some(passwords)) = (self.unproved.take(), &self.passwords)
        {
            if self.window.preferences.keeps_passwords {
                passwords.keep(&server, &account, &password);
            } else {
                passwords.forget(&server, &account);
            }
        }
    }

    /// Sends files, and fetches pictures that are seen; takes what has come of it.
    fn do_files(&mut self, ctx: &egui::Context) {
        let (Some(network), Some(files)) = (&self.window.network, &self.files) else { return };
        while let Some(told) = files.next() {
            match told {
                files::Told::Progress(number, part) => self.window.screen.uploads.progress(number, part),
                files::Told::Sent(number, sent) => {
                    let (address, refusal) = sent.map_or_else(|refusal| (None, Some(refusal)), |at| (Some(at), None));
                    let target = self.window.screen.uploads.finished(number, refusal);
                    if let (Some(target), Some(address)) = (target, address) {
                        network.act(|live| live.network.say(What::say(&target, &address)));
                    }
                }
                files::Told::Picture(address, image) => {
                    self.window.pictures.borrow_mut().put(ctx, &address, image);
                }
                files::Told::Chosen(paths) => {
                    let target = network
                        .live()
                        .network
                        .state()
                        .room(self.window.screen.active.as_deref().unwrap_or_default())
                        .map(|room| room.name.clone());
                    for path in paths {
                        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                        if let (Some(target), Some(name)) = (&target, name) {
                            self.window.screen.uploads.add(target, name, Source::File(path));
                        }
                    }
                }
            }
        }
        let plan = network.live().plan.clone();
        let address = network.live().network.state().isupport.filehost().and_then(Url::parse);
        while let Some(task) = self.window.screen.uploads.next_task() {
            match task {
                Task::AskToken => {
                    if !network.act(|live| live.network.ask_token()) {
                        let code = if address.is_some() { "OFFLINE" } else { "CLOSED" };
                        self.window.screen.uploads.token(Err(code.into()));
                    }
                }
                Task::Send { number, name, source, token } => match &address {
                    Some(url) => files.send(number, url.clone(), plan.clone(), (name, source, token)),
                    None => {
                        self.window.screen.uploads.finished(number, Some(Refusal::of("CLOSED")));
                    }
                },
            }
        }
        let mut pictures = self.window.pictures.borrow_mut();
        for address in pictures.take_wanted() {
            let is_asked = Url::parse(&address).is_some_and(|url| files.fetch(url, plan.clone()));
            if !is_asked {
                pictures.give_back(&address);
            }
        }
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

    /// Notes what the connection has shown, for the next time.
    fn note_encryption(&mut self) {
        let Some(network) = &self.window.network else { return };
        let is_first = {
            let mut live = network.live();
            let is_first = live.is_encrypted && !live.plan.was_encrypted;
            live.plan.was_encrypted |= live.is_encrypted;
            is_first
        };
        if is_first {
            self.keep_about_server(|server| server.was_encrypted = true);
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
    }
}
