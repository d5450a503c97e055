//! The terminal: what it shows and what is typed there, until the person leaves.

use std::io::{self, stdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use anyhow::Context as _;
use client::network::Network;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture, Event as Input,
};
use crossterm::style::Print;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use jiff::tz::TimeZone;
use link::connection::{FromLink, Plan, QUEUE_PIECES};
use link::kept::{Directory, Known};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::app::{App, Settings, Wish};
use crate::clock::Clock;
use crate::driver::{Came, Driver, random_u128};
use crate::signals::stop_on;
use crate::words::fill;
use crate::{Asked, Chat, view};

/// What may happen.
enum Event {
    Input(Input),
    Link(FromLink),
    /// The terminal is gone, or somebody ends the program.
    Stop,
}

/// So long it sleeps at the most, with nothing to do.
const IDLE: Duration = Duration::from_hours(1);

/// The most events that are taken before the screen is drawn anew.
const EVENTS_PER_TURN: usize = 512;

pub(crate) fn run(chat: &Chat, asked: Asked, directory: &Directory, known: &Known) -> anyhow::Result<()> {
    let key = asked.address.key();
    let nick = asked.identity.nick.to_string();
    let server = known.servers.get(&key).cloned().unwrap_or_default();
    let (outbox, kept) = directory.outbox(&key, &nick, random_u128()?)?;
    let shown = asked.address.to_string();
    directory.change(|known| known.last = Some((shown.clone(), nick)))?;
    let plan = Plan {
        pinned: asked.address.fingerprint.clone().or_else(|| server.fingerprint.clone()),
        may_be_clear: chat.allow_unencrypted || server.may_be_clear,
        was_encrypted: server.was_encrypted,
        address: asked.address,
    };
    let mut network = Network::new(asked.identity, kept);
    if let Some(room) = &asked.room {
        network.join(room);
    }
    let settings = Settings {
        language: asked.language,
        zone: TimeZone::system(),
        server: shown,
        has_colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    };
    let app = App::new(network, settings, server, asked.room.as_deref());
    let (to, from) = sync_channel(QUEUE_PIECES);
    let driver = Driver::new(plan, Some(outbox), to.clone(), Event::Link);
    let guard = Guard::new(chat.mouse)?;
    listen(&to)?;
    let result = Loop { app, driver, directory, key, clock: Clock::start() }.run(&from);
    drop(guard);
    result
}

/// Begins to listen to the terminal and to signals. These threads end with the process.
fn listen(to: &SyncSender<Event>) -> anyhow::Result<()> {
    let input = to.clone();
    std::thread::Builder::new().name("keys".to_owned()).spawn(move || {
        loop {
            let event = crossterm::event::read().map_or(Event::Stop, Event::Input);
            let is_end = matches!(event, Event::Stop);
            if input.send(event).is_err() || is_end {
                return;
            }
        }
    })?;
    stop_on(&[SIGINT, SIGTERM, SIGHUP], to, || Event::Stop)
}

/// What turns.
struct Loop<'d> {
    app: App,
    driver: Driver<Event>,
    directory: &'d Directory,
    key: String,
    clock: Clock,
}

impl Loop<'_> {
    fn run(mut self, from: &Receiver<Event>) -> anyhow::Result<()> {
        let mut terminal = Terminal::new(CrosstermBackend::new(stdout())).context("cannot use the terminal")?;
        let goodbye = loop {
            let now = self.turn();
            if let Some(goodbye) = self.wishes(now)? {
                break goodbye;
            }
            terminal.draw(|frame| view::draw(frame, &mut self.app)).context("cannot draw on the terminal")?;
            self.app.fill_gap();
            self.turn();
            let until = self.driver.timeout(&self.app.network).into_iter().chain(self.app.timeout()).min();
            let wait = until.map_or(IDLE, |until| until.saturating_sub(self.clock.now()));
            match from.recv_timeout(wait) {
                Ok(event) => {
                    let more = std::iter::once(event).chain(from.try_iter().take(EVENTS_PER_TURN));
                    let mut is_over = false;
                    for event in more {
                        is_over |= self.take(event);
                    }
                    if is_over {
                        break self.app.words.goodbye.to_owned();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break self.app.words.goodbye.to_owned(),
            }
        };
        let now = self.clock.now();
        self.driver.leave(&mut self.app.network, &goodbye, now)
    }

    /// Lets the network and its connection do what is due, and the screen hear of it. What goes wrong is said there: the
    /// conversation goes on.
    fn turn(&mut self) -> Duration {
        let now = self.clock.now();
        self.app.set_time(now, Clock::wall());
        if let Err(error) = self.driver.turn(&mut self.app.network, now) {
            self.app.trouble_with_disk(&format!("{error:#}"));
        }
        self.app.take_news();
        now
    }

    /// Takes an event. Returns whether it is the end.
    fn take(&mut self, event: Event) -> bool {
        let now = self.clock.now();
        self.app.set_time(now, Clock::wall());
        match event {
            Event::Input(input) => self.app.input(&input),
            Event::Stop => return true,
            Event::Link(from) => match self.driver.take(&mut self.app.network, from, now) {
                Ok(Came::News) => {}
                Ok(Came::Encrypted) => {
                    self.app.known.was_encrypted = true;
                    self.keep();
                }
                Ok(Came::Lost(trouble)) => {
                    self.app.take_news();
                    self.app.lost(&trouble);
                }
                Err(error) => self.app.trouble_with_disk(&format!("{error:#}")),
            },
        }
        false
    }

    /// Does what the person wishes. Returns their goodbye, when it is one.
    fn wishes(&mut self, now: Duration) -> anyhow::Result<Option<String>> {
        for wish in self.app.take_wishes() {
            match wish {
                Wish::Quit(text) => return Ok(Some(text)),
                Wish::Bell => execute!(stdout(), Print('\u{7}')).context("cannot use the terminal")?,
                Wish::Mouse(true) => execute!(stdout(), EnableMouseCapture).context("cannot use the terminal")?,
                Wish::Mouse(false) => execute!(stdout(), DisableMouseCapture).context("cannot use the terminal")?,
                Wish::Believe(fingerprint) => {
                    self.driver.plan.pinned = Some(fingerprint.clone());
                    self.app.known.fingerprint = Some(fingerprint);
                    self.app.network.hurry(now);
                    self.keep();
                }
                Wish::BeClear => {
                    self.driver.plan.may_be_clear = true;
                    self.app.known.may_be_clear = true;
                    self.app.network.hurry(now);
                    self.keep();
                }
                Wish::Keep => self.keep(),
            }
        }
        Ok(None)
    }

    /// Keeps what is known of the server.
    fn keep(&mut self) {
        let (key, server) = (self.key.clone(), self.app.known.clone());
        let kept = self.directory.change(|known| {
            known.servers.insert(key, server);
        });
        if let Err(error) = kept {
            self.app.trouble_with_disk(&format!("{error:#}"));
        }
    }
}

impl App {
    /// Says that something cannot be kept.
    fn trouble_with_disk(&mut self, why: &str) {
        let text = fill(self.words.cannot_keep, &[("why", why)]);
        if self.trouble.as_ref() != Some(&text) {
            self.trouble = Some(text.clone());
            self.tell(text);
        }
    }
}

/// Gives the terminal back as it was, however the program ends.
struct Guard;

impl Guard {
    fn new(mouse: bool) -> anyhow::Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            restore();
            before(panic);
        }));
        enable_raw_mode().context("cannot use the terminal")?;
        let guard = Self;
        let begun = || -> io::Result<()> {
            execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, SetTitle("Loggia"))?;
            if mouse { execute!(stdout(), EnableMouseCapture) } else { Ok(()) }
        };
        begun().context("cannot use the terminal")?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

fn restore() {
    // Whatever of it fails: there is nobody left to tell.
    let _ = execute!(
        stdout(),
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}
