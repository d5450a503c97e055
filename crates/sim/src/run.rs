//! A run: everything that is due at a moment happens in an order that the seed chooses; when all is quiet, the clock moves.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use chat::time::Instant;

use crate::client::{ANSWER_WAIT, Hands, NAMES, Talk};
use crate::disk::{Crash, Disk, Faults, Lies};
use crate::network::Link;
use crate::plan::{Event, Plan};
use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::server::{Server, Setup};
pub use crate::watch::{Counts, Violation};
use crate::watch::{Rule, Watch};
use crate::{truth, vfs};

/// How long a server that stops may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(3500);
/// How long it may take to write and close the log; then the process ends.
const CLOSING: Duration = Duration::from_secs(3);
/// How long everything may take to come to rest at the end.
const REST: Duration = Duration::from_secs(90);
/// Effects that may wait for a commit.
const HELD_MAX: usize = 100_000;
/// More than any run takes: it goes round in circles.
const STEPS_MAX: u64 = 400_000;

/// What is to be run.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Everything follows from it.
    pub seed: u64,
    /// What is broken on purpose.
    pub sabotage: Option<Sabotage>,
    /// Whether the lines of all clients and what happens to the server are kept.
    pub transcript: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was broken; nothing when all is well.
    pub violations: Vec<Violation>,
    /// What happened, line by line, where it was wanted.
    pub transcript: Vec<String>,
    /// What the run was made of.
    pub counts: Counts,
    /// How long it took, on its own clock.
    pub simulated: Duration,
}

impl Run {
    /// Runs it.
    pub fn go(self) -> Outcome {
        let mut world = World::new(self);
        let died = catch_unwind(AssertUnwindSafe(|| world.go())).err();
        if let Some(panic) = died {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
            world.watch.violate(Rule::Running, format!("panic: {text}"));
        }
        world.disk.crash();
        world.server = None;
        Outcome {
            violations: std::mem::take(&mut world.watch.violations),
            transcript: world.watch.transcript.take().unwrap_or_default(),
            counts: world.watch.counts,
            simulated: world.now,
        }
    }
}

/// A client and its connection.
struct Person {
    talk: Talk,
    /// When it does something next: connects, or acts.
    next: Duration,
}

/// How far the server is from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// It serves.
    Serving,
    /// Everybody is told goodbye, until then at the latest.
    Leaving { until: Duration },
    /// The store is being closed, until then at the latest.
    Closing { until: Duration },
}

struct World {
    random: Random,
    now: Duration,
    plan: Plan,
    disk: Disk,
    dir: PathBuf,
    sabotage: Option<Sabotage>,
    server: Option<Server>,
    phase: Phase,
    /// What kind of end a crash that is under way has.
    crash: Crash,
    /// While there is no server: when the next one is started.
    start_at: Duration,
    processes: u64,
    people: Vec<Person>,
    links: Vec<Link>,
    watch: Watch,
    words: u64,
    is_ending: bool,
}

/// One thing that can happen now.
#[derive(Clone, Copy, Debug)]
enum Due {
    Plan,
    Start,
    Turn,
    Phase,
    Worker(usize),
    /// Bytes arrive at the server.
    Up(usize),
    /// Bytes, or the end, arrive at the client.
    Down(usize),
    Person(usize),
}

impl World {
    fn new(run: Run) -> Self {
        let mut random = Random::new(run.seed);
        let disk = Disk::new(random.fork());
        vfs::install(&disk);
        disk.set_lies(Lies {
            sync_does_nothing: run.sabotage == Some(Sabotage::SkipSync),
            failed_sync_is_hidden: run.sabotage == Some(Sabotage::HideFailedSync),
        });
        let plan = Plan::new(&mut random.fork(), run.sabotage);
        let mut watch = Watch::new(run.transcript);
        for (at, event) in &plan.events {
            watch.note(Duration::ZERO, || format!("planned for {:.3}: {event:?}", at.as_secs_f64()));
        }
        let person = |number| Person { talk: Talk::new(number), next: Duration::from_millis(random.of(1..2000)) };
        let people = (0..NAMES.len()).map(person).collect();
        Self {
            random,
            now: Duration::ZERO,
            plan,
            disk,
            dir: "/data".into(),
            sabotage: run.sabotage,
            server: None,
            phase: Phase::Serving,
            crash: Crash::Kill,
            start_at: Duration::ZERO,
            processes: 0,
            people,
            links: Vec::new(),
            watch,
            words: 0,
            is_ending: false,
        }
    }

    fn go(&mut self) {
        let mut last = None;
        for _ in 0..STEPS_MAX {
            if !self.watch.violations.is_empty() {
                return;
            }
            let due = self.due();
            if due.is_empty() {
                if !self.advance() {
                    break;
                }
                continue;
            }
            let chosen = *self.random.pick(&due);
            last = Some(chosen);
            self.happen(chosen);
            self.now += self.disk.take_spent();
            if self.disk.has_crashed() {
                self.crashed();
            }
        }
        if !self.is_ending || self.server.is_some() {
            let what = format!("the run goes round in circles; {last:?} was last");
            return self.watch.violate(Rule::Running, what);
        }
        self.check_disk();
    }

    /// Lists what can happen at this moment.
    fn due(&self) -> Vec<Due> {
        let now = self.now;
        let mut due = Vec::new();
        if !self.is_ending && self.plan.events.front().is_some_and(|(at, _)| *at <= now) {
            due.push(Due::Plan);
        }
        match &self.server {
            None if self.start_at <= now && !self.is_over() => due.push(Due::Start),
            None => {}
            Some(server) => {
                let reads = self.links.iter().any(|link| server.reads(link));
                if !matches!(self.phase, Phase::Closing { .. }) && (reads || server.is_due(now)) {
                    due.push(Due::Turn);
                }
                let workers = server.workers.iter().enumerate().filter(|(_, worker)| worker.is_due(Instant(now)));
                due.extend(workers.map(|(number, _)| Due::Worker(number)));
                let phase_is_due = match self.phase {
                    Phase::Serving => false,
                    Phase::Leaving { until } => until <= now || server.is_empty(),
                    Phase::Closing { until } => until <= now || server.workers.iter().all(store::Worker::has_ended),
                };
                if phase_is_due {
                    due.push(Due::Phase);
                }
            }
        }
        for (number, link) in self.links.iter().enumerate() {
            if link.up_is_due(now) {
                due.push(Due::Up(number));
            }
            if link.down_is_due(now) {
                due.push(Due::Down(number));
            }
        }
        let people = self.people.iter().enumerate().filter(|(_, person)| person.next <= now);
        due.extend(people.filter(|_| !self.is_ending).map(|(number, _)| Due::Person(number)));
        due
    }

    /// Moves the clock to the next thing that is due; `false` when the run is over.
    fn advance(&mut self) -> bool {
        let mut next: Vec<Duration> = self.links.iter().filter_map(Link::due).collect();
        if !self.is_ending {
            next.extend(self.plan.events.front().map(|(at, _)| *at));
            next.extend(self.people.iter().map(|person| person.next));
            next.push(self.plan.end);
        }
        match &self.server {
            None if self.is_over() => {}
            None => next.push(self.start_at),
            Some(server) => {
                next.extend(server.next_wake());
                next.extend(server.workers.iter().filter_map(store::Worker::deadline).map(|at| at.0));
                match self.phase {
                    Phase::Serving => {}
                    Phase::Leaving { until } | Phase::Closing { until } => next.push(until),
                }
            }
        }
        let rest = self.plan.end + REST;
        if self.is_ending && self.phase == Phase::Serving && self.server.is_some() {
            // Everybody who is connected has been answered by then.
            next.retain(|at| *at < rest);
            if next.is_empty() {
                self.now = self.now.max(rest);
                self.check_answers(Duration::ZERO);
                self.stop();
                return true;
            }
        }
        let Some(next) = next.into_iter().min() else { return false };
        self.now = self.now.max(next);
        self.check_answers(ANSWER_WAIT);
        if !self.is_ending && self.now >= self.plan.end {
            self.begin_to_end();
        }
        true
    }

    /// Tells whether the server has been stopped for the last time.
    fn is_over(&self) -> bool {
        self.is_ending && self.now >= self.plan.end + REST
    }

    /// From now on nothing goes wrong, and nobody does anything but wait.
    fn begin_to_end(&mut self) {
        self.watch.note(self.now, || "-- nothing more happens; everything comes to rest".into());
        self.is_ending = true;
        self.disk.set_faults(Faults::default());
        self.disk.crash_never();
        for link in &mut self.links {
            link.stalled_until = Duration::ZERO;
        }
        for number in 0..self.people.len() {
            self.with_person(number, Talk::ping);
        }
    }

    fn happen(&mut self, due: Due) {
        match due {
            Due::Plan => {
                if let Some((_, event)) = self.plan.events.pop_front() {
                    self.watch.note(self.now, || format!("-- {event:?}"));
                    self.event(&event);
                }
            }
            Due::Start => self.start(),
            Due::Turn => {
                if let Some(server) = &mut self.server {
                    let turned = server.turn(&mut self.links, self.now, &mut self.random);
                    if turned.waiting_bytes_max > Server::waiting_bytes_bound() {
                        let what = format!("{} bytes waited for one session", turned.waiting_bytes_max);
                        self.watch.violate(Rule::Bounded, what);
                    }
                    if server.held() > HELD_MAX {
                        self.watch.violate(Rule::Bounded, format!("{} effects wait for a commit", server.held()));
                    }
                }
            }
            Due::Phase => self.next_phase(),
            Due::Worker(number) => {
                if let Some(server) = &mut self.server {
                    let (now, disk) = (self.now, &self.disk);
                    server.workers[number].step(&|| Instant(now + disk.spent()));
                }
            }
            Due::Up(number) => self.links[number].arrive(self.now),
            Due::Down(number) => self.down(number),
            Due::Person(number) => self.person(number),
        }
    }

    fn setup(&self) -> Setup<'_> {
        Setup {
            dir: &self.dir,
            disk: &self.disk,
            durability: self.plan.durability,
            sabotage: self.sabotage,
            process: self.processes,
        }
    }

    fn start(&mut self) {
        self.processes += 1;
        self.phase = Phase::Serving;
        match Server::start(&self.setup(), self.now) {
            Ok((server, notes)) => {
                for note in notes {
                    self.watch.note(self.now, || format!("-- started: {note}"));
                    if note.starts_with("facts that are not as they were written") || note.starts_with("places where") {
                        self.watch.violate(Rule::Whole, note);
                    }
                }
                self.server = Some(server);
            }
            Err(error) => {
                let text = chain(&error);
                self.watch.note(self.now, || format!("-- cannot start: {text}"));
                self.start_at = self.now + Duration::from_secs(1);
                let is_damaged = matches!(error, store::StoreError::Damaged { .. } | store::StoreError::NotOurs { .. });
                if is_damaged && !self.disk.has_crashed() {
                    self.watch.violate(Rule::Whole, format!("the store is damaged: {text}"));
                } else if self.is_ending {
                    self.watch.violate(Rule::Running, format!("the server cannot start: {text}"));
                }
            }
        }
    }

    fn stop(&mut self) {
        if let (Some(server), Phase::Serving) = (&mut self.server, self.phase) {
            server.stop(self.now);
            self.phase = Phase::Leaving { until: self.now + GOODBYE };
        }
    }

    fn next_phase(&mut self) {
        match self.phase {
            Phase::Serving => {}
            Phase::Leaving { .. } => {
                if let Some(server) = &mut self.server {
                    server.ask_to_end();
                }
                self.phase = Phase::Closing { until: self.now + CLOSING };
            }
            Phase::Closing { .. } => {
                let Some(server) = self.server.take_if(|server| server.workers.iter().all(store::Worker::has_ended))
                else {
                    self.crash = Crash::Kill;
                    return self.disk.crash();
                };
                if let Err(error) = server.close() {
                    self.watch.note(self.now, || format!("-- stopped: {error}"));
                    if self.is_ending {
                        self.watch.violate(Rule::Running, format!("stopped on a good disk: {error}"));
                    }
                }
                self.gone(false);
            }
        }
    }

    /// The process has died.
    fn crashed(&mut self) {
        self.watch.counts.crashes += 1;
        let crash = self.crash;
        self.watch.note(self.now, || format!("-- the process dies: {crash:?}"));
        // Closing its files has no effect any more.
        self.server = None;
        self.disk.restart(crash);
        self.gone(true);
    }

    fn gone(&mut self, abruptly: bool) {
        for link in &mut self.links {
            link.close(abruptly && self.random.chance(500));
        }
        self.phase = Phase::Serving;
        self.start_at = self.now + Duration::from_millis(self.random.of(1..3000));
    }

    fn event(&mut self, event: &Event) {
        match *event {
            Event::Disk(mut faults) => {
                if faults.bytes_max.is_some() {
                    // It is full now, or nearly.
                    faults.bytes_max = Some(self.disk.bytes() + self.random.below(30_000));
                }
                self.disk.set_faults(faults);
            }
            Event::Crash { how, after_operations } => {
                self.crash = how;
                match after_operations {
                    Some(operations) => self.disk.crash_after(operations),
                    None => self.disk.crash(),
                }
            }
            Event::Restart => {
                self.watch.counts.restarts += 1;
                self.stop();
            }
            Event::Reload => {
                if let Some(server) = &mut self.server {
                    server.reload(crate::server::moment(self.now));
                }
            }
            Event::Cut(client) => self.cut(client),
            Event::HalfClose(client) => {
                if let Some(link) = self.links.iter_mut().find(|link| link.client == client) {
                    link.half_close();
                }
            }
            Event::Stall(client, time) => {
                if let Some(link) = self.links.iter_mut().find(|link| link.client == client) {
                    link.stalled_until = self.now + time;
                }
            }
        }
    }

    fn cut(&mut self, client: usize) {
        let Some(place) = self.links.iter().position(|link| link.client == client) else { return };
        self.watch.counts.cuts += 1;
        let link = self.links.remove(place);
        if let (Some(server), Some(session)) = (&mut self.server, link.session) {
            server.lost(session, self.now);
        }
        self.come_back(client);
    }

    fn come_back(&mut self, client: usize) {
        self.people[client].next = self.now + Duration::from_millis(self.random.of(1..3000));
    }

    /// Lets a client take what has come for it.
    fn down(&mut self, number: usize) {
        let Some(bytes) = self.links[number].take(self.now) else { return };
        let client = self.links[number].client;
        if bytes.is_empty() {
            self.links.remove(number);
            self.watch.note(self.now, || format!("{} is disconnected", NAMES[client]));
            return self.come_back(client);
        }
        self.with_person(client, |talk, hands| talk.received(&bytes, hands));
        if let Some(link) = self.links.iter_mut().find(|link| link.client == client)
            && let Some(session) = link.session
            && link.takes_again()
            && let Some(server) = &mut self.server
        {
            server.writable(session);
        }
    }

    /// Lets a client do something: connect, if it is not.
    fn person(&mut self, number: usize) {
        let pause = Duration::from_millis(self.random.of(1..self.plan.pause_milliseconds));
        self.people[number].next = self.now + pause;
        if self.links.iter().any(|link| link.client == number) {
            return self.with_person(number, Talk::act);
        }
        let Some(session) =
            self.server.as_mut().and_then(|server| server.accept(self.people[number].talk.door(), self.now))
        else {
            return self.come_back(number);
        };
        self.watch.note(self.now, || format!("{} connects", NAMES[number]));
        self.links.push(Link::new(number, session));
        self.with_person(number, Talk::connected);
    }

    /// Lets a client use its hands, and sends what it wrote.
    fn with_person(&mut self, number: usize, then: impl FnOnce(&mut Talk, &mut Hands<'_>)) {
        let Some(link) = self.links.iter_mut().find(|link| link.client == number) else { return };
        let mut hands = Hands {
            number,
            now: self.now,
            random: &mut self.random,
            watch: &mut self.watch,
            words: &mut self.words,
            out: Vec::new(),
        };
        then(&mut self.people[number].talk, &mut hands);
        let out = hands.out;
        link.send(&out, self.now, &mut self.random);
    }

    /// Looks for clients that have waited for longer than this.
    fn check_answers(&mut self, patience: Duration) {
        for link in &self.links {
            let since = self.people[link.client].talk.waits_since();
            let late = since.filter(|since| *since + patience <= self.now && link.session.is_some());
            if let Some(since) = late.filter(|_| link.stalled_until + patience <= self.now) {
                let (who, since) = (NAMES[link.client], since.as_secs_f64());
                self.watch.violate(Rule::Answered, format!("{who} has had no answer since {since:.3}"));
            }
        }
    }

    /// Looks at what is left on the disk.
    fn check_disk(&mut self) {
        let database = self.dir.join(store::DATABASE_FILE);
        truth::check(&database, &NAMES, &mut self.watch);
        let erased = self.watch.erased.iter().filter_map(|(_, id)| self.watch.taking_back.get(id));
        if let Some(text) = erased.into_iter().find(|text| self.disk.contains(text.as_bytes())) {
            let what = format!("{text:?} was taken back, and is still on the disk");
            self.watch.violate(Rule::Erased, what);
        }
    }
}

/// Writes an error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
