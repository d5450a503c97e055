//! `loggia bench churn`: people who come and go, and what that means for others.
//!
//! Cycles: connect, register, QUIT, and once more when the server has closed. Then many who are registered join one room in the same
//! moment, and one of them asks for its NAMES and WHO; somebody who has nothing to do with it sees the longest pause meanwhile.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use mio::event::Event;
use mio::{Events, Poll, Token};

use crate::bare::per_second;
use crate::clock;
use crate::compare::{self, Figure};
use crate::crowd::{Crowd, Plan};
use crate::report::{Report, grouped, grouped_count};
use crate::scratch::Stage;
use crate::subject::{Running, Subject};
use crate::watcher::Watcher;
use crate::wire::Wire;

/// How long nothing may come back.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How many come and go.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    compare: compare::Options,
    /// Connections at once that come and go
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    at_once: u32,
    /// Seconds of coming and going, after one of warming up
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// How many join one room in the same moment; none: only cycles are measured
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=50_000))]
    joiners: u32,
}

/// What one run gave.
struct Run {
    cycles_per_second: f64,
    /// Server's CPU microseconds for each cycle.
    cpu_micros: Option<f64>,
    storm: Option<Storm>,
}

struct Storm {
    join: Pause,
    names: Pause,
    who: Pause,
}

/// How long something took, and how long others waited meanwhile.
#[derive(Clone, Copy)]
struct Pause {
    took: Duration,
    longest_ms: f64,
}

pub(crate) fn run(options: &Options, stage: &Stage) -> anyhow::Result<Report> {
    let all = options.compare.measure_unstarted(|subject| one(options, subject, &subject.start(stage)?))?;
    let mut report = Report::new("churn");
    report.say(format!(
        "{} connections at once that come, register and go; then {} join one room; {} runs in turns, {} s of cycles each\n",
        options.at_once,
        grouped_count(options.joiners.into()),
        options.compare.runs(),
        options.seconds
    ));
    report.value("joiners", options.joiners);
    compare::report(&mut report, &all, &figures());
    Ok(report)
}

fn figures() -> Vec<Figure<Run>> {
    fn milliseconds(value: f64) -> String {
        format!("{value:.1}")
    }
    let figure = |title, name, of| Figure { title, name, of, write: milliseconds };
    vec![
        Figure { title: "cycles/s", name: "cycles_per_second", of: |run| Some(run.cycles_per_second), write: grouped },
        figure("server CPU per cycle, µs", "cpu_us_per_cycle", |run: &Run| run.cpu_micros),
        figure("join storm, ms", "join_ms", |run| run.storm.as_ref().map(|storm| millis(storm.join.took))),
        figure("longest pause for others, ms", "join_pause_ms", |run| {
            run.storm.as_ref().map(|storm| storm.join.longest_ms)
        }),
        figure("NAMES, ms", "names_ms", |run| run.storm.as_ref().map(|storm| millis(storm.names.took))),
        figure("longest pause during NAMES, ms", "names_pause_ms", |run| {
            run.storm.as_ref().map(|storm| storm.names.longest_ms)
        }),
        figure("WHO, ms", "who_ms", |run| run.storm.as_ref().map(|storm| millis(storm.who.took))),
        figure("longest pause during WHO, ms", "who_pause_ms", |run| {
            run.storm.as_ref().map(|storm| storm.who.longest_ms)
        }),
    ]
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

fn one(options: &Options, subject: &Subject, server: &Running) -> anyhow::Result<Run> {
    let at_once = usize::try_from(options.at_once)?;
    let mut cycles = Cycles::begin(server.address, at_once)?;
    cycles.run_for(Duration::from_secs(1))?;
    let before = (cycles.done, server.usage()?, clock::now());
    cycles.run_for(Duration::from_secs(options.seconds.into()))?;
    let (done, usage, took) = (cycles.done - before.0, server.usage()?, before.2.elapsed());
    drop(cycles);
    let cpu = usage.zip(before.1).map(|(after, before)| after.cpu.saturating_sub(before.cpu));
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let cpu_micros = cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / done.max(1) as f64);
    // A bare loop knows no NAMES, and tells nobody who comes.
    let storm = if options.joiners < 2 || subject.is_bare() { None } else { Some(storm(options, server)?) };
    Ok(Run { cycles_per_second: per_second(done, took), cpu_micros, storm })
}

fn storm(options: &Options, server: &Running) -> anyhow::Result<Storm> {
    let plan = Plan { rooms: 1, members: usize::try_from(options.joiners)?, senders: 1 };
    let mut crowd = Crowd::gather(server, plan)?;
    let mut watched = |nick: &str, run: fn(&mut Crowd) -> anyhow::Result<()>| {
        let watcher = Watcher::start(server.address, nick)?;
        let began = clock::now();
        run(&mut crowd)?;
        let took = began.elapsed();
        Ok::<_, anyhow::Error>(Pause { took, longest_ms: watcher.stop()?.quantile_ms(1.0) })
    };
    Ok(Storm {
        join: watched("watcher1", Crowd::storm)?,
        names: watched("watcher2", |crowd| crowd.ask("NAMES #bench0", b"366"))?,
        who: watched("watcher3", |crowd| crowd.ask("WHO #bench0", b"315"))?,
    })
}

/// Connections that come and go.
struct Cycles {
    address: SocketAddr,
    poll: Poll,
    events: Events,
    each: Vec<Cycle>,
    done: u64,
    begun: u64,
}

struct Cycle {
    wire: Wire,
    is_registered: bool,
}

impl Cycle {
    /// Says who comes, as soon as there is a connection.
    fn introduce(&mut self, number: u64) {
        self.is_registered = false;
        self.wire.send(&format!("NICK c{number:x}\r\nUSER c 0 * :bench"));
    }
}

impl Cycles {
    fn begin(address: SocketAddr, at_once: usize) -> anyhow::Result<Self> {
        let poll = Poll::new().context("cannot poll")?;
        let mut cycles = Self {
            address,
            poll,
            events: Events::with_capacity(1024),
            each: Vec::with_capacity(at_once),
            done: 0,
            begun: 0,
        };
        for place in 0..at_once {
            let wire = Wire::connect(address, place, cycles.poll.registry(), Token(place));
            let mut cycle = Cycle { wire: wire.context("cannot connect")?, is_registered: false };
            cycle.introduce(cycles.begun);
            cycles.begun += 1;
            cycles.each.push(cycle);
        }
        Ok(cycles)
    }

    /// Has somebody new connect where somebody has gone.
    fn next(&mut self, place: usize) -> anyhow::Result<()> {
        let cycle = &mut self.each[place];
        let number = usize::try_from(self.begun)?;
        let again = cycle.wire.reconnect(self.address, number, self.poll.registry(), Token(place));
        again.context("cannot connect")?;
        cycle.introduce(self.begun);
        self.begun += 1;
        Ok(())
    }

    fn run_for(&mut self, span: Duration) -> anyhow::Result<()> {
        let began = clock::now();
        while began.elapsed() < span {
            let mut events = core::mem::replace(&mut self.events, Events::with_capacity(0));
            self.poll.poll(&mut events, Some(SILENCE_MAX)).context("cannot poll")?;
            anyhow::ensure!(
                !events.is_empty(),
                "nothing has come from the server for {} seconds",
                SILENCE_MAX.as_secs()
            );
            for event in &events {
                let Token(place) = event.token();
                if self.go_on(place, event)? {
                    self.done += 1;
                    self.next(place)?;
                }
            }
            self.events = events;
        }
        Ok(())
    }

    /// Takes what has come for one; tells whether the server has closed it after its QUIT.
    fn go_on(&mut self, place: usize, event: &Event) -> anyhow::Result<bool> {
        let Cycle { wire, is_registered } = &mut self.each[place];
        // A server may reset what is still on its way after a QUIT.
        let is_open = match wire.flush().and_then(|()| wire.read_announced(event)) {
            Ok(is_open) => is_open,
            Err(_) if *is_registered => false,
            Err(error) => return Err(error).context("a connection broke before it was registered"),
        };
        let mut last = Vec::new();
        while let Some(line) = wire.line() {
            match line.split(|byte| *byte == b' ').nth(1) {
                Some(b"376" | b"422") => {
                    *is_registered = true;
                    wire.send("QUIT");
                    // As above; the end is read then.
                    let _ = wire.flush();
                }
                _ if !is_open && !*is_registered => last = line.to_vec(),
                _ => {}
            }
        }
        let last = String::from_utf8_lossy(&last);
        anyhow::ensure!(is_open || *is_registered, "the server does not let somebody in: {last}");
        Ok(!is_open)
    }
}
