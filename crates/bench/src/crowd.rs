//! Members of rooms, as many as asked for, and what they say: the load of all scenarios with messages.
//!
//! All in this thread over one poll. A delivery must cost far less here than in the server under load: everybody's bytes are read into
//! one buffer, lines are told apart by their end, and a text says at fixed places who said it and which of theirs it is.

mod checks;
mod member;
mod text;

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use mio::{Events, Poll, Token};

use crate::clock;
use crate::histogram::Histogram;
use crate::server_process::Usage;
use crate::subject::Running;
use crate::timer::Timer;
use checks::Checks;
pub(crate) use checks::Faults;
use member::{Member, Stage};
use text::Said;
pub(crate) use text::{SENDERS_MAX, TEXT_BYTES};

/// How long nothing may come before something is given up.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How long is waited for what is still on its way at the end, without anything coming.
const DRAIN_SILENCE_MAX: Duration = Duration::from_secs(5);

/// What one read takes at most.
const READ_BYTES: usize = 256 << 10;

/// The timer's token; members have their places in the list.
const TIMER: Token = Token(usize::MAX);

/// Who is in which room, and who of them speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) rooms: usize,
    /// Of each room.
    pub(crate) members: usize,
    /// Of each room: its first members.
    pub(crate) senders: usize,
}

/// What one measurement gave.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Deliveries while it was measured.
    pub(crate) deliveries: u64,
    /// For how long it was measured.
    pub(crate) took: Duration,
    /// What the server used meanwhile, where that is known.
    pub(crate) cpu: Option<Duration>,
    /// What the load itself used meanwhile.
    pub(crate) own_cpu: Duration,
    /// What the server used when it ended.
    pub(crate) usage: Option<Usage>,
    /// From the time when a message should have been sent to each of its deliveries; empty when there was no such time.
    pub(crate) latencies: Histogram,
    /// What was wrong, from the beginning to the end.
    pub(crate) faults: Faults,
}

/// When messages are to be sent: one after the other, at equal distances.
#[derive(Clone, Debug)]
struct Schedule {
    began: Instant,
    interval: Duration,
    /// The number that each sender had then.
    numbers: Vec<u32>,
}

impl Schedule {
    fn due(&self, message: u64) -> Instant {
        let nanos = u64::try_from(self.interval.as_nanos()).unwrap_or(u64::MAX);
        self.began + Duration::from_nanos(nanos.saturating_mul(message))
    }

    /// Returns when a text should have been sent; `None` of one from before.
    fn due_of(&self, said: Said) -> Option<Instant> {
        let before = self.numbers.get(said.sender as usize)?;
        let round = said.number.checked_sub(before + 1)?;
        Some(self.due(u64::from(round) * self.numbers.len() as u64 + u64::from(said.sender)))
    }
}

#[derive(Clone, Debug, Default)]
struct Room {
    /// Deliveries that have not come yet.
    on_their_way: u64,
    /// Who speaks next.
    turn: usize,
    /// The last number of each sender.
    numbers: Vec<u32>,
}

/// Everybody, in their rooms.
pub(crate) struct Crowd {
    poll: Poll,
    events: Events,
    timer: Timer,
    plan: Plan,
    members: Vec<Member>,
    rooms: Vec<Room>,
    checks: Checks,
    buffer: Vec<u8>,
    schedule: Option<Schedule>,
    latencies: Histogram,
    /// Deliveries since the beginning.
    deliveries: u64,
    /// Senders with something to write.
    to_write: Vec<usize>,
}

impl Crowd {
    /// Lets everybody in: they connect, register and join, and then everybody hears everybody once.
    pub(crate) fn enter(server: &Running, plan: Plan) -> anyhow::Result<Self> {
        let mut crowd = Self::connect(server, plan, true)?;
        // What is still said of those who came in arrives before this.
        for room in 0..plan.rooms {
            crowd.say(room, 1);
        }
        crowd.write_all()?;
        let faults = crowd.drain()?;
        ensure!(faults == Faults::default(), "what the first members said did not come as it should: {faults:?}");
        Ok(crowd)
    }

    /// Has everybody connect and register, and lets nobody into a room yet.
    pub(crate) fn gather(server: &Running, plan: Plan) -> anyhow::Result<Self> {
        Self::connect(server, plan, false)
    }

    /// Has all who were gathered join at the same moment, and waits until they are inside.
    pub(crate) fn storm(&mut self) -> anyhow::Result<()> {
        self.members.iter_mut().try_for_each(Member::join)?;
        self.wait_for_all(|member| member.stage == Stage::Inside)
    }

    /// Has the first member ask something, and waits for the numeric that ends the answer.
    pub(crate) fn ask(&mut self, question: &str, last: &'static [u8]) -> anyhow::Result<()> {
        self.members[0].ask(question, last)?;
        self.wait_for_all(Member::is_answered)
    }

    fn connect(server: &Running, plan: Plan, joins_at_once: bool) -> anyhow::Result<Self> {
        ensure!(plan.members >= 2 && plan.senders >= 1, "a room needs two members, and one who speaks");
        ensure!(plan.senders <= plan.members, "more senders than members");
        let poll = Poll::new().context("cannot poll")?;
        let timer = Timer::new(poll.registry(), TIMER)?;
        let everybody = plan.rooms * plan.members;
        let room = Room { numbers: vec![0; plan.senders], ..Room::default() };
        let mut crowd = Self {
            poll,
            events: Events::with_capacity(1024),
            timer,
            plan,
            members: Vec::with_capacity(everybody),
            rooms: vec![room; plan.rooms],
            checks: Checks::new(everybody, plan.senders),
            buffer: vec![0; READ_BYTES],
            schedule: None,
            latencies: Histogram::default(),
            deliveries: 0,
            to_write: Vec::new(),
        };
        let is_in = |member: &Member| match member.stage {
            Stage::Greeting | Stage::Joining => false,
            Stage::Waiting => !joins_at_once,
            Stage::Inside => true,
        };
        let mut inside = 0;
        while inside < everybody {
            while crowd.members.len() < everybody && crowd.members.len() - inside < server.entering_max {
                let place = crowd.members.len();
                let room = place / plan.members;
                let member = Member::connect(server.address, place, room, joins_at_once, crowd.poll.registry())?;
                crowd.members.push(member);
            }
            crowd.step(SILENCE_MAX)?;
            inside += crowd.members[inside..].iter().take_while(|member| is_in(member)).count();
        }
        Ok(crowd)
    }

    fn wait_for_all(&mut self, is_done: impl Fn(&Member) -> bool) -> anyhow::Result<()> {
        let mut done = 0;
        while done < self.members.len() {
            self.step(SILENCE_MAX)?;
            done += self.members[done..].iter().take_while(|member| is_done(member)).count();
        }
        Ok(())
    }

    /// Has everybody speak as fast as everybody hears it: so many messages of each room are on their way at most. It is measured
    /// for `span`, after it has run for `warm_up`.
    pub(crate) fn saturate(
        &mut self,
        server: &Running,
        window: u64,
        warm_up: Duration,
        span: Duration,
    ) -> anyhow::Result<Outcome> {
        let began = clock::now();
        for room in 0..self.plan.rooms {
            self.say(room, window);
        }
        self.write_all()?;
        while began.elapsed() < warm_up {
            self.step_and_top_up(window)?;
        }
        let start = Counted::now(self.deliveries, server)?;
        while start.at.elapsed() < span {
            self.step_and_top_up(window)?;
        }
        let end = Counted::now(self.deliveries, server)?;
        self.finish(&start, &end)
    }

    /// Has messages said at equal distances, so that so many deliveries a second come of them.
    pub(crate) fn pace(
        &mut self,
        server: &Running,
        rate: u32,
        warm_up: Duration,
        span: Duration,
    ) -> anyhow::Result<Outcome> {
        ensure!(self.plan.rooms == 1, "a rate is for one room");
        let interval = Duration::from_secs(self.deliveries_per_message()) / rate;
        self.paced(server, interval, warm_up)?;
        let (start, end) = self.paced(server, interval, span)?;
        self.finish(&start, &end)
    }

    fn paced(&mut self, server: &Running, interval: Duration, span: Duration) -> anyhow::Result<(Counted, Counted)> {
        self.latencies = Histogram::default();
        let start = Counted::now(self.deliveries, server)?;
        let schedule = Schedule { began: start.at, interval, numbers: self.rooms[0].numbers.clone() };
        self.rooms[0].turn = 0;
        let (mut said, until) = (0, start.at + span);
        self.schedule = Some(schedule.clone());
        loop {
            let now = clock::now();
            while schedule.due(said) <= now.min(until) {
                self.say(0, 1);
                said += 1;
            }
            self.write_all()?;
            if now >= until {
                break;
            }
            self.timer.set(schedule.due(said).min(until).saturating_duration_since(clock::now()))?;
            self.step(span.max(SILENCE_MAX))?;
        }
        Ok((start, Counted::now(self.deliveries, server)?))
    }

    /// Waits for what is on its way, and sums up.
    fn finish(&mut self, start: &Counted, end: &Counted) -> anyhow::Result<Outcome> {
        let faults = self.drain()?;
        self.schedule = None;
        Ok(Outcome {
            deliveries: end.deliveries - start.deliveries,
            took: end.at - start.at,
            cpu: end.usage.zip(start.usage).map(|(end, start)| end.cpu.saturating_sub(start.cpu)),
            own_cpu: end.own.cpu.saturating_sub(start.own.cpu),
            usage: end.usage,
            latencies: core::mem::take(&mut self.latencies),
            faults,
        })
    }

    fn deliveries_per_message(&self) -> u64 {
        self.plan.members as u64 - 1
    }

    /// Has so many messages of a room written, by its senders in turn.
    fn say(&mut self, room: usize, messages: u64) {
        let deliveries = self.deliveries_per_message();
        let first = room * self.plan.members;
        let Self { rooms, members, to_write, plan, .. } = self;
        let room = &mut rooms[room];
        for _ in 0..messages {
            let sender = room.turn;
            room.turn = (sender + 1) % plan.senders;
            room.numbers[sender] += 1;
            let member = &mut members[first + sender];
            if member.outgoing.is_empty() {
                to_write.push(first + sender);
            }
            let sender = u32::try_from(sender).unwrap_or(SENDERS_MAX);
            member.say(Said { sender, number: room.numbers[sender as usize] });
            room.on_their_way += deliveries;
        }
    }

    fn write_all(&mut self) -> anyhow::Result<()> {
        for place in core::mem::take(&mut self.to_write) {
            self.members[place].write()?;
        }
        Ok(())
    }

    fn step_and_top_up(&mut self, window: u64) -> anyhow::Result<()> {
        let rooms = self.step(SILENCE_MAX)?;
        for room in rooms {
            let on_their_way = self.rooms[room].on_their_way.div_ceil(self.deliveries_per_message());
            // Half a window at least: a write for every message would be the load's cost, not the server's.
            if on_their_way * 2 <= window {
                self.say(room, window - on_their_way);
            }
        }
        self.write_all()
    }

    /// Waits for what comes next, and takes it. Returns the rooms where something came.
    fn step(&mut self, patience: Duration) -> anyhow::Result<Vec<usize>> {
        let mut events = core::mem::replace(&mut self.events, Events::with_capacity(0));
        let polled = self.poll.poll(&mut events, Some(patience));
        match polled {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => return Err(error).context("cannot poll"),
            _ => {}
        }
        if events.is_empty() && polled.is_ok() {
            bail!("nothing has come from the server for {} seconds", patience.as_secs());
        }
        let mut rooms = Vec::new();
        for event in &events {
            let Token(place) = event.token();
            if event.token() == TIMER {
                continue;
            }
            if event.is_writable() {
                self.members[place].write()?;
            }
            if event.is_readable() || event.is_read_closed() {
                let came = self.take(place)?;
                let number = self.members[place].room;
                let room = &mut self.rooms[number];
                room.on_their_way = room.on_their_way.saturating_sub(came);
                self.deliveries += came;
                if came > 0 && rooms.last() != Some(&number) {
                    rooms.push(number);
                }
            }
        }
        self.events = events;
        Ok(rooms)
    }

    /// Reads what has come for a member; returns how many deliveries that is.
    fn take(&mut self, place: usize) -> anyhow::Result<u64> {
        let Self { members, checks, schedule, latencies, buffer, .. } = self;
        let member = &mut members[place];
        let mut came = 0;
        member.read(buffer, |line, at| {
            let Some(said) = Said::read(line) else { return false };
            came += u64::from(checks.got(place, said));
            if let Some(due) = schedule.as_ref().and_then(|schedule| schedule.due_of(said)) {
                latencies.note(at.saturating_duration_since(due), 1);
            }
            true
        })?;
        Ok(came)
    }

    /// Waits until everything has come, or nothing comes any more; returns what was wrong.
    fn drain(&mut self) -> anyhow::Result<Faults> {
        let mut last_news = clock::now();
        loop {
            let missing: u64 = self.rooms.iter().map(|room| room.on_their_way).sum();
            if missing == 0 || last_news.elapsed() >= DRAIN_SILENCE_MAX {
                for room in &mut self.rooms {
                    room.on_their_way = 0;
                }
                return Ok(self.checks.take(missing));
            }
            self.timer.set(DRAIN_SILENCE_MAX)?;
            if !self.step(SILENCE_MAX)?.is_empty() {
                last_news = clock::now();
            }
        }
    }
}

/// What was counted at a moment.
struct Counted {
    at: Instant,
    deliveries: u64,
    usage: Option<Usage>,
    own: Usage,
}

impl Counted {
    fn now(deliveries: u64, server: &Running) -> anyhow::Result<Self> {
        let (usage, own) = (server.usage()?, Usage::of(std::process::id())?);
        Ok(Self { at: clock::now(), deliveries, usage, own })
    }
}
