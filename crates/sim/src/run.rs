//! A run: everything that is due at a moment happens in an order that the seed chooses; when all is quiet, the clock moves.

mod backup;
mod events;
mod people;
mod process;
mod schedule;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use chat::ids::Seq;

use crate::client::{NAMES, Talk};
use crate::disk::{Crash, Disk, Faults, Lies};
use crate::network::Link;
use crate::plan::Plan;
use crate::random::Random;
use crate::sabotage::Sabotage;
use crate::server::{EFFECTS_BOUND, FACT_BYTES_BOUND, FACTS_BOUND, MAIL_BOUND, Server};
pub use crate::watch::{Counts, Violation};
use crate::watch::{Rule, Watch};
use crate::{truth, vfs};

/// How long a server that stops may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(3500);
/// How long it may take to write and close the log; then the process ends.
const CLOSING: Duration = Duration::from_secs(3);
/// How long everything may take to come to rest at the end.
const REST: Duration = Duration::from_secs(90);
/// How long after the end everything was said and shown: then who can searches for everything.
const SEARCHES: Duration = Duration::from_secs(70);
/// How often our own clients look whether something is left to be done, when nobody does anything any more.
const REST_PAUSE: Duration = Duration::from_secs(2);
/// More than any run takes: it goes round in circles.
const STEPS_MAX: u64 = 2_000_000;

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
    /// How many things happened in it.
    pub steps: u64,
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
            steps: world.steps,
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
    steps: u64,
    is_ending: bool,
    has_searched: bool,
    /// Through which fact the backup that is being made must have everything.
    backup_through: Option<Seq>,
}

/// One thing that can happen now.
#[derive(Clone, Copy, Debug)]
enum Due {
    Plan,
    Start,
    /// Of an event loop.
    Turn(usize),
    Phase,
    Worker(usize),
    /// Bytes arrive at the server.
    Up(usize),
    /// Bytes, or the end, arrive at the client.
    Down(usize),
    Person(usize),
    /// Everything is at rest, and is searched for.
    Searches,
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
        disk.set_pauses(plan.pauses);
        let mut watch = Watch::new(run.transcript);
        watch.complete.may_have_gaps = plan.retention.is_some();
        watch.note(Duration::ZERO, || {
            format!(
                "planned: {:?}, {:?}, {} pauses in a thousand, {} event loops",
                plan.durability, plan.retention, plan.pauses, plan.shards
            )
        });
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
            steps: 0,
            is_ending: false,
            has_searched: false,
            backup_through: None,
        }
    }

    fn go(&mut self) {
        let mut last = None;
        while self.steps < STEPS_MAX {
            self.steps += 1;
            if !self.watch.violations.is_empty() {
                return;
            }
            self.disk.set_now(self.now);
            self.look_at_backup();
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
            Due::Turn(number) => self.turn(number),
            Due::Phase => self.next_phase(),
            Due::Worker(number) => {
                if let Some(server) = &mut self.server {
                    let may_pause = self.plan.pauses > 0 && self.random.chance(500);
                    server.crew.step(number, may_pause);
                }
            }
            Due::Up(number) => self.links[number].arrive(self.now),
            Due::Down(number) => self.down(number),
            Due::Person(number) => self.person(number),
            Due::Searches => self.search(),
        }
    }

    /// Lets an event loop take a turn, and looks at what waits behind it.
    fn turn(&mut self, number: usize) {
        let Some(server) = &mut self.server else { return };
        let turned = server.turn(number, &mut self.links, self.now, &mut self.random);
        if turned.waiting_bytes_max > Server::waiting_bytes_bound() {
            let what = format!("{} bytes waited for one session", turned.waiting_bytes_max);
            self.watch.violate(Rule::Bounded, what);
        }
        let waiting = server.waiting();
        if waiting.effects > EFFECTS_BOUND
            || waiting.facts > FACTS_BOUND
            || waiting.fact_bytes > FACT_BYTES_BOUND
            || waiting.mail > MAIL_BOUND
        {
            self.watch.violate(Rule::Bounded, format!("too much waits: {waiting:?}"));
        }
    }

    /// Looks at what is left on the disk.
    fn check_disk(&mut self) {
        let kept = truth::Kept { retention: self.plan.retention, now: crate::server::moment(self.now).wall };
        truth::check(&self.dir.join(store::DATABASE_FILE), &kept, &NAMES, &mut self.watch);
        // Each line of a message stands for itself where words are indexed.
        let is_there = |text: &&String| text.lines().any(|line| self.disk.contains(line.as_bytes()));
        let gone = self.watch.gone.iter().find(is_there);
        if let Some(text) = gone.cloned() {
            let what = format!("{text:?} was said from an account that was removed, and is still on the disk");
            self.watch.violate(Rule::Erased, what);
        }
        let erased = self.watch.erased.iter().filter_map(|(_, id)| self.watch.taking_back.get(id));
        if let Some(text) = erased.into_iter().find(is_there) {
            let what = format!("{text:?} was taken back, and is still on the disk");
            self.watch.violate(Rule::Erased, what);
        }
    }
}
