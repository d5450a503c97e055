//! `loggia bench torture`: a real server, killed again and again while clients talk, and what is left at the end.
//!
//! The server is killed (SIGKILL) at random moments, also while it starts, and started again on the same data. Clients come back, say
//! numbered things all the while and send again what was not answered. At the end everything that any client was shown or promised
//! is compared with the history, as CHATHISTORY shows it and as the database has it: nothing lost, nothing shown twice, the same
//! order for everyone, nothing left out between what somebody saw.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use mio::{Events, Poll};
use serde_json::json;

use crate::chance::Chance;
use crate::clock;
use crate::dialogue::Dialogue;
use crate::report::{Report, grouped_count};
use crate::scratch::{Scratch, Stage};
use crate::server_process::{Choices, ServerProcess, Setup};
use crate::spread::Spread;

mod check;
mod client;
mod past;
mod transcript;
mod words;

use check::{Faults, Past};
use client::{Client, Kind};
use transcript::Shows;
use words::ROOMS;

/// How long a server lives at most before it is killed.
const LIFE_MAX: Duration = Duration::from_millis(700);

/// One server of so many is killed while it starts.
const KILLED_WHILE_STARTING: u64 = 6;

/// Within how long a starting server is killed then; it may be ready before.
const STARTING_MAX: Duration = Duration::from_millis(30);

/// How long a start may take.
const START_WAIT: Duration = Duration::from_secs(30);

/// How long the last server has to answer everything.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// How much torture.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How often the server is killed
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    kills: u32,
    /// The seed of what is said, and of the moments: those depend on the machine too
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Clients at once: a third with ids, as our own; a third as IRC clients of today; a third as `nc` speaks
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(3..=200))]
    clients: u16,
    /// When a message counts as kept, as in the configuration. With `memory` a crash costs the last second, and this must find it
    #[arg(long, default_value = "disk", value_parser = ["disk", "process", "memory"])]
    durability: String,
}

pub(crate) fn run(options: &Options, stage: &Stage) -> anyhow::Result<Report> {
    let mut run = Run::new(options, stage)?;
    for _ in 0..options.kills {
        run.live_and_die()?;
    }
    run.finish(options)
}

struct Run {
    setup: Setup,
    poll: Poll,
    events: Events,
    chance: Chance,
    clients: Vec<Client>,
    shows: Shows,
    /// Servers that were killed before they were ready.
    killed_while_starting: u32,
    /// How long the others took to be ready, in milliseconds.
    starts: Vec<f64>,
    seed: u64,
    /// Removed at the end.
    _scratch: Scratch,
}

impl Run {
    fn new(options: &Options, stage: &Stage) -> anyhow::Result<Self> {
        let scratch = stage.scratch("torture")?;
        let now = clock::now();
        let kind = |number| [Kind::Ids, Kind::Irc, Kind::Plain][usize::from(number) % 3];
        Ok(Self {
            setup: Setup::new(&stage.program, scratch.path(), Choices::of(&options.durability))?,
            poll: Poll::new().context("cannot poll")?,
            events: Events::with_capacity(1024),
            chance: Chance::new(options.seed, 0),
            clients: (0..options.clients).map(|number| Client::new(number, kind(number), options.seed, now)).collect(),
            shows: Shows::default(),
            killed_while_starting: 0,
            starts: Vec::new(),
            seed: options.seed,
            _scratch: scratch,
        })
    }

    /// Starts a server, lets it live for a while, kills it.
    fn live_and_die(&mut self) -> anyhow::Result<()> {
        let patience =
            if self.chance.one_in(KILLED_WHILE_STARTING) { self.chance.up_to(STARTING_MAX) } else { START_WAIT };
        let Some(server) = self.start(patience)? else {
            anyhow::ensure!(patience < START_WAIT, "the server is not ready:\n{}", self.setup.log());
            self.killed_while_starting += 1;
            return Ok(());
        };
        let life = self.chance.up_to(LIFE_MAX);
        let until = clock::now() + life;
        self.talk(server.address, true, |_, now| now >= until)?;
        server.kill();
        for client in &mut self.clients {
            client.server_is_gone(&mut self.shows);
        }
        Ok(())
    }

    /// Starts a server; one that is not ready within `patience` is killed.
    fn start(&mut self, patience: Duration) -> anyhow::Result<Option<ServerProcess>> {
        let began = clock::now();
        let server = self.setup.spawn()?.wait(patience).with_context(|| self.setup.log())?;
        if server.is_some() {
            let now = clock::now();
            self.starts.push((now - began).as_secs_f64() * 1e3);
            for client in &mut self.clients {
                client.server_is_there(now);
            }
        }
        Ok(server)
    }

    /// Lets the clients come in and, if they may, speak, until it is over.
    fn talk(
        &mut self,
        server: SocketAddr,
        speak: bool,
        mut is_over: impl FnMut(&[Client], Instant) -> bool,
    ) -> anyhow::Result<()> {
        /// The longest time between two looks at whether it is over.
        const LOOK: Duration = Duration::from_millis(10);
        loop {
            let now = clock::now();
            if is_over(&self.clients, now) {
                return Ok(());
            }
            for client in &mut self.clients {
                client.turn(now, server, self.poll.registry(), speak);
            }
            let wakes = self.clients.iter().filter_map(|client| client.wakes(speak)).min();
            let wait = wakes.map_or(LOOK, |at| at.saturating_duration_since(now).min(LOOK));
            self.poll.poll(&mut self.events, Some(wait)).context("cannot poll")?;
            for event in &self.events {
                self.clients[event.token().0].ready(&mut self.shows);
            }
        }
    }

    /// Lets everything be answered, and compares.
    fn finish(mut self, options: &Options) -> anyhow::Result<Report> {
        let server = self.start(START_WAIT)?;
        let server = server.with_context(|| format!("the server is not ready:\n{}", self.setup.log()))?;
        let until = clock::now() + ANSWER_WAIT;
        self.talk(server.address, false, |clients, now| now >= until || clients.iter().all(Client::is_answered))?;
        let mut reader = Dialogue::connect(server.address, "checker", &ROOMS.join(","), "")?;
        let shown = past::by_chathistory(&mut reader, self.seed)?;
        server.stop()?;
        let mut general = Faults::default();
        let past = Past::new(shown, &mut general);
        past.compare_with_database(&past::by_database(&self.setup.database(), self.seed)?, &mut general);
        self.look_into_the_log(&mut general);
        let mut report = Report::new("torture");
        report.say(format!(
            "Killed {} times, {} of them while starting; durability {}, seed {}; ready again in {:.0} ms (median)",
            options.kills,
            self.killed_while_starting,
            options.durability,
            options.seed,
            Spread::of(self.starts.iter().copied()).median,
        ));
        report.say(format!("{} messages are kept\n", grouped_count(past.len() as u64)));
        self.judge(&past, general, &mut report);
        report.value("kills", options.kills);
        report.value("killed_while_starting", self.killed_while_starting);
        report.value("seed", options.seed);
        report.value("messages", past.len());
        Ok(report)
    }

    /// A server that panicked or found its data damaged is not well, whatever clients have seen.
    fn look_into_the_log(&self, faults: &mut Faults) {
        for line in self.setup.log().lines() {
            if ["panicked", "not as they were written", "not as it was written", "chain of checksums is broken"]
                .iter()
                .any(|sign| line.contains(sign))
            {
                faults.note(|faults| &mut faults.other, || format!("the server's log: {line}"));
            }
        }
    }

    fn judge(&self, past: &Past, general: Faults, report: &mut Report) {
        let mut rows = Vec::new();
        let mut all = Faults::default();
        let mut row = |name: &str, figures: [u64; 4], faults: Faults, report: &mut Report| {
            let counts =
                [faults.lost, faults.doubled, faults.reordered, faults.skipped, faults.unanswered, faults.other];
            rows.push(
                [name.to_owned()].into_iter().chain(figures.into_iter().chain(counts).map(grouped_count)).collect(),
            );
            let [clients, said, again, seen] = figures;
            let [lost, doubled, reordered, skipped, unanswered, other] = counts;
            report.value(
                name,
                json!({
                    "clients": clients, "said": said, "said_again": again, "seen": seen, "lost": lost, "doubled": doubled,
                    "reordered": reordered, "skipped": skipped, "unanswered": unanswered, "other": other,
                }),
            );
            all.add(faults);
        };
        for (kind, name) in [(Kind::Ids, "with ids"), (Kind::Irc, "IRC"), (Kind::Plain, "plain")] {
            let mut faults = Faults::default();
            let mut figures = [0; 4];
            for (number, client) in (0..).zip(&self.clients).filter(|(_, client)| client.kind == kind) {
                let transcript = &client.transcript;
                faults.add(past.compare(number, transcript, &self.shows, kind == Kind::Ids));
                if !client.is_answered() {
                    let unanswered = client.unanswered() as u64;
                    let mut none = Faults { unanswered, ..Faults::default() };
                    none.examples.push(format!("client {number}: {unanswered} messages were never answered"));
                    faults.add(none);
                }
                let of_this = [1, transcript.sent, transcript.sent_again, transcript.seen()];
                figures = std::array::from_fn(|place| figures[place] + of_this[place]);
            }
            row(name, figures, faults, report);
        }
        row("history itself", [0; 4], general, report);
        report.table(
            &["", "clients", "said", "again", "seen", "lost", "doubled", "reordered", "skipped", "unanswered", "other"],
            &rows,
        );
        report.say(format!(
            "\n{} messages were kept again, of clients that cannot know whether they were",
            past.kept_again()
        ));
        if all.is_none() {
            report.say("Nothing was lost, doubled, reordered or left out.");
        } else {
            report.wrong();
            report.value("examples", all.examples.clone());
            report.say("\nThe first faults:");
            for example in &all.examples {
                report.say(format!("  {example}"));
            }
        }
    }
}
