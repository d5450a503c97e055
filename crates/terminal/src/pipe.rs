//! Without a screen: lines from a pipe are said, and what is said is printed.
//!
//! `echo hi | loggia chat host --room '#piazza'` ends when the server keeps everything: exit status 0. What is refused, or
//! does not get there in time, is said on standard error: exit status 1. Nothing of it is kept on disk: whoever started it
//! knows what has come of it.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _, stdin, stdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use anyhow::{Context as _, bail};
use client::network::{Kept, Network, News, Standing};
use client::outbox::{State as Sending, What};
use client::state::Change;
use client::window::{Entry, Shown};
use irc::time::Timestamp;
use link::address::Door;
use link::connection::{FromLink, Plan, QUEUE_PIECES, Trouble};
use link::kept::Known;
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::app::pieces;
use crate::clock::Clock;
use crate::driver::{Came, Driver, random_u128};
use crate::rich_text::bare;
use crate::signals::stop_on;
use crate::words::Words;
use crate::{Asked, Chat};

/// The longest line of a pipe, in bytes. A longer one is cut there, and goes on as the next.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// So many lines are read ahead of what the server keeps.
const LINES_AHEAD: usize = 128;

/// So long it sleeps at the most, with nothing to do.
const IDLE: Duration = Duration::from_hours(1);

enum Event {
    Line(String),
    EndOfInput,
    Link(FromLink),
    Stop,
}

pub(crate) fn run(chat: &Chat, asked: Asked, known: &Known) -> anyhow::Result<()> {
    let server = known.servers.get(&asked.address.key()).cloned().unwrap_or_default();
    let is_classroom = matches!(asked.address.door, Door::Classroom(_));
    let room = if is_classroom { Some(client::classroom::ROOM.to_owned()) } else { asked.room.clone() };
    let reads = !stdin().is_terminal();
    if reads && room.is_none() && !chat.follow {
        bail!("say in which room: --room '#piazza'");
    }
    let plan = Plan {
        pinned: asked.address.fingerprint.clone().or(server.fingerprint),
        may_be_clear: chat.allow_unencrypted || server.may_be_clear,
        was_encrypted: server.was_encrypted,
        address: asked.address,
    };
    let mut network = Network::new(asked.identity, Kept::new(random_u128()?));
    if let Some(room) = room.as_ref().filter(|_| !is_classroom) {
        network.join(room);
    }
    let (to, from) = sync_channel(QUEUE_PIECES);
    let (asks, asked_for) = sync_channel(LINES_AHEAD);
    let reads = reads && room.is_some();
    listen(&to, reads.then_some(asked_for))?;
    let driver = Driver::new(plan, None, to, Event::Link);
    let mut pipe = Pipe {
        network,
        driver,
        clock: Clock::start(),
        words: asked.language.words(),
        room: room.unwrap_or_default(),
        follows: chat.follow,
        timeout: Duration::from_secs(chat.timeout),
        asks,
        reads,
        progress: Duration::ZERO,
        is_refused: false,
        printed: Printed::default(),
    };
    let ended = pipe.turn_until_the_end(&from);
    let now = pipe.clock.now();
    let left = pipe.driver.leave(&mut pipe.network, "", now);
    ended.and(left)
}

/// Begins to read lines, each once it is asked for, and to wait for signals.
fn listen(to: &SyncSender<Event>, asked_for: Option<Receiver<()>>) -> anyhow::Result<()> {
    if let Some(asked_for) = asked_for {
        let to = to.clone();
        std::thread::Builder::new().name("lines".to_owned()).spawn(move || {
            let mut input = stdin().lock();
            for () in asked_for {
                let mut line = Vec::new();
                let read = input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line);
                let event = match read {
                    Ok(0) | Err(_) => Event::EndOfInput,
                    Ok(_) => Event::Line(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()),
                };
                let is_end = matches!(event, Event::EndOfInput);
                if to.send(event).is_err() || is_end {
                    return;
                }
            }
        })?;
    }
    stop_on(&[SIGINT, SIGTERM], to, || Event::Stop)
}

struct Pipe {
    network: Network,
    driver: Driver<Event>,
    clock: Clock,
    words: &'static Words,
    room: String,
    follows: bool,
    timeout: Duration,
    /// Asks for one line each.
    asks: SyncSender<()>,
    /// Whether more lines may come.
    reads: bool,
    /// When something went on.
    progress: Duration,
    is_refused: bool,
    printed: Printed,
}

impl Pipe {
    fn turn_until_the_end(&mut self, from: &Receiver<Event>) -> anyhow::Result<()> {
        self.progress = self.clock.now();
        for _ in 0..LINES_AHEAD {
            let _ = self.asks.try_send(());
        }
        loop {
            let now = self.clock.now();
            self.network.set_clock(Clock::wall());
            self.driver.turn(&mut self.network, now)?;
            self.take_news(now)?;
            let is_waiting = self.reads || !self.network.kept().outbox.is_settled();
            if !self.follows && !is_waiting {
                return if self.is_refused { bail!("not everything was kept") } else { Ok(()) };
            }
            let has_hope = self.follows || self.network.kept().outbox.is_settled() && self.is_online();
            if has_hope {
                self.progress = now;
            }
            if !has_hope && self.progress + self.timeout <= now {
                bail!("the server has kept nothing for {} s", self.timeout.as_secs());
            }
            let until = self.driver.timeout(&self.network);
            let until = until.into_iter().chain((!has_hope).then(|| self.progress + self.timeout)).min();
            let wait = until.map_or(IDLE, |until| until.saturating_sub(now));
            match from.recv_timeout(wait) {
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => {
                    return if is_waiting { bail!("stopped before everything was kept") } else { Ok(()) };
                }
                Ok(event) => self.take(event)?,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn is_online(&self) -> bool {
        self.network.standing() == Standing::Online
    }

    fn take(&mut self, event: Event) -> anyhow::Result<()> {
        let now = self.clock.now();
        match event {
            Event::Line(line) => {
                if self.network.kept().outbox.is_settled() {
                    self.progress = now;
                }
                let me = self.network.state().me.to_string();
                let said = pieces(&line, &me, &self.room, false);
                if said.is_empty() {
                    // An empty line is nothing that could be said.
                    let _ = self.asks.try_send(());
                }
                let last = said.len().saturating_sub(1);
                for (number, piece) in said.into_iter().enumerate() {
                    let number_in_outbox = self.network.say(What::say(&self.room, &piece));
                    if number == last {
                        self.printed.last_pieces.insert(number_in_outbox);
                    }
                }
            }
            Event::EndOfInput => self.reads = false,
            Event::Link(from) => match self.driver.take(&mut self.network, from, now)? {
                Came::News | Came::Encrypted => {}
                Came::Lost(trouble) => {
                    eprintln!("loggia: {trouble}");
                    match trouble {
                        Trouble::Certificate { .. } => {
                            bail!("see whether it is the right one, and say so by --fingerprint")
                        }
                        Trouble::NotEncrypted => bail!("--allow-unencrypted speaks with it all the same"),
                        Trouble::Unknown(_) | Trouble::Unreachable(_) | Trouble::Protocol(_) | Trouble::Closed => {}
                    }
                }
            },
            Event::Stop => {}
        }
        Ok(())
    }

    fn take_news(&mut self, now: Duration) -> anyhow::Result<()> {
        while let Some(news) = self.network.next_news() {
            match news {
                News::Settled(number) => {
                    self.progress = now;
                    self.settled(number);
                }
                News::NotLetIn(why) => eprintln!("loggia: {}", bare(&why)),
                News::Server(text) if self.is_online() => eprintln!("loggia: {}", bare(&text)),
                // Whether it was kept nobody can know on such a server; at least once is what a pipe is for.
                News::Doubtful => {
                    let doubtful: Vec<u64> = self.network.kept().outbox.doubtful().map(|entry| entry.number).collect();
                    for number in doubtful {
                        self.network.decide(number, true);
                    }
                }
                News::Gap => eprintln!("loggia: {}", self.words.lost_past),
                News::Changed(Change::Said(room)) if self.follows => self.print(&room)?,
                News::Standing | News::Changed(_) | News::Server(_) | News::Found(_) | News::Token(_) => {}
            }
        }
        Ok(())
    }

    fn settled(&mut self, number: u64) {
        let entry = self.network.kept().outbox.entry(number);
        if let Some(Sending::Refused(refusal)) = entry.map(|entry| &entry.state) {
            eprintln!("loggia: {}", bare(&refusal.text));
            self.is_refused = true;
        }
        self.network.forget(number);
        if self.printed.last_pieces.remove(&number) {
            let _ = self.asks.try_send(());
        }
    }

    /// Prints what has come in a room.
    fn print(&mut self, name: &str) -> anyhow::Result<()> {
        let state = self.network.state();
        let is_wanted = self.room.is_empty() || state.isupport.same(name, &self.room);
        let Some(room) = state.room(name).filter(|_| is_wanted) else { return Ok(()) };
        let lines = self.printed.not_yet(name, room.window.shown());
        let mut out = stdout().lock();
        let written =
            lines.iter().try_for_each(|line| writeln!(out, "{}", in_line(name, line))).and_then(|()| out.flush());
        match written {
            // Whoever read it has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => bail!("nobody reads what is printed"),
            other => other.context("cannot print"),
        }
    }
}

/// What was printed already, by room.
#[derive(Default)]
struct Printed {
    counts: std::collections::BTreeMap<String, (usize, Option<Box<str>>)>,
    /// The entries with which a line of the pipe has been said.
    last_pieces: std::collections::BTreeSet<u64>,
}

impl Printed {
    /// Returns what is new in a window since it was asked last.
    fn not_yet<'w>(&mut self, room: &str, shown: impl Iterator<Item = Shown<'w>>) -> Vec<&'w Entry> {
        let entries: Vec<&Entry> =
            shown.filter_map(|shown| if let Shown::Entry(entry) = shown { Some(entry) } else { None }).collect();
        let (count, last) = self.counts.entry(room.to_lowercase()).or_default();
        // Windows forget their oldest: the last one that was printed is found by its id, where there are ids.
        let by_id = last.as_ref().and_then(|id| entries.iter().rposition(|entry| entry.id.as_ref() == Some(id)));
        let start = by_id.map_or((*count).min(entries.len()), |place| place + 1);
        let new = entries[start..].to_vec();
        *count = entries.len();
        if let Some(newest) = entries.last() {
            last.clone_from(&newest.id);
        }
        new
    }
}

/// Writes a message in one line: time, room, name, text; line ends as `\n`, tabs as spaces.
fn in_line(room: &str, entry: &Entry) -> String {
    let time = entry.time.unwrap_or(Timestamp(0));
    let lines: Vec<String> = entry.text.split('\n').map(|line| bare(line).replace('\\', "\\\\")).collect();
    format!("{time}\t{}\t{}\t{}", bare(room), bare(&entry.from), lines.join("\\n"))
}
