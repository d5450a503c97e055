//! Senders that write as fast as they are answered, all in this thread.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use mio::{Events, Poll, Token};

use crate::clock;
use crate::speech::{Speech, Texts};
use crate::wire::Wire;

/// How long nothing may come back before the run is given up.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// What the senders do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    /// How many there are, each in a channel of its own.
    pub(crate) senders: usize,
    /// How many messages of each are on their way at most; each is answered by its echo, which comes when it is kept.
    pub(crate) window: u64,
    /// What they say.
    pub(crate) texts: Texts,
}

/// When a load is over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Until {
    /// So long after it began; what is on its way is waited for, and not counted.
    Elapsed(Duration),
    /// When so many messages are kept.
    Kept(u64),
}

/// What came of a load.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Messages that were answered while it was measured.
    pub(crate) kept: u64,
    /// For how long it was measured.
    pub(crate) took: Duration,
    /// Microseconds from the write of some messages to the echo of the last of them, sorted.
    pub(crate) latencies: Vec<u32>,
    /// Messages that were answered altogether: they must be in the database.
    pub(crate) kept_altogether: u64,
}

struct Sender {
    wire: Wire,
    /// Everything before the text.
    begin: String,
    speech: Speech,
    on_their_way: u64,
    /// How many were written at which time, the oldest first.
    written: VecDeque<(u64, Instant)>,
}

/// All senders, registered and in their channels.
pub(crate) struct Senders {
    poll: Poll,
    load: Load,
    each: Vec<Sender>,
}

impl Senders {
    /// Connects them; `names` is what their nicks and channels begin with.
    pub(crate) fn connect(address: SocketAddr, load: Load, names: &str) -> anyhow::Result<Self> {
        let poll = Poll::new().context("cannot poll")?;
        let mut senders = Vec::with_capacity(load.senders);
        for number in 0..load.senders {
            let nick = format!("{names}{number}");
            let mut wire = Wire::welcomed(address, &nick, "echo-message", poll.registry(), Token(number))?;
            wire.send(&format!("JOIN #{nick}"));
            let begin = format!("PRIVMSG #{nick} :");
            let speech = Speech::new(load.texts, number);
            senders.push(Sender { wire, begin, speech, on_their_way: 0, written: VecDeque::new() });
        }
        let mut all = Self { poll, load, each: senders };
        all.wait_for_joins()?;
        Ok(all)
    }

    /// Waits until everybody has read that they are in their channel: from then on every line is an echo.
    fn wait_for_joins(&mut self) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut missing = self.each.len();
        for sender in &mut self.each {
            sender.wire.flush().context("cannot write to the server")?;
        }
        while missing > 0 {
            self.poll.poll(&mut events, Some(SILENCE_MAX)).context("cannot poll")?;
            if events.is_empty() {
                bail!("the server does not answer JOIN");
            }
            for event in &events {
                let wire = &mut self.each[event.token().0].wire;
                wire.flush().context("cannot write to the server")?;
                if !wire.read().context("cannot read from the server")? {
                    bail!("the server has closed a sender's connection");
                }
                while let Some(line) = wire.line() {
                    missing -= usize::from(memchr::memmem::find(line, b" 366 ").is_some());
                }
            }
        }
        Ok(())
    }

    /// Sends until it is over, then waits for all answers.
    pub(crate) fn run(&mut self, until: Until) -> anyhow::Result<Outcome> {
        let mut events = Events::with_capacity(1024);
        let mut latencies = Vec::new();
        let began = clock::now();
        let (mut kept, mut took) = (0, None);
        let mut now = began;
        let mut asked = 0;
        for number in 0..self.each.len() {
            asked += self.send(number, self.load.window, until, asked, now)?;
        }
        while took.is_none() || self.each.iter().any(|sender| sender.on_their_way > 0) {
            self.poll.poll(&mut events, Some(SILENCE_MAX)).context("cannot poll")?;
            if events.is_empty() {
                bail!("nothing has come from the server for {} seconds", SILENCE_MAX.as_secs());
            }
            now = clock::now();
            for event in &events {
                let number = event.token().0;
                kept += self.take(number, now, &mut latencies)?;
                let room = self.load.window - self.each[number].on_their_way;
                // Half a window at least, or every answer would be a write of its own.
                if took.is_none() && (room * 2 >= self.load.window) {
                    asked += self.send(number, room, until, asked, now)?;
                }
            }
            let is_over = match until {
                Until::Elapsed(span) => now - began >= span,
                Until::Kept(goal) => kept >= goal,
            };
            if is_over && took.is_none() {
                took = Some((kept, now - began));
            }
        }
        latencies.sort_unstable();
        let (counted, took) = took.context("the load has not ended")?;
        Ok(Outcome { kept: counted, took, latencies, kept_altogether: kept })
    }

    /// Writes so many messages of one sender, unless there are enough; returns how many.
    fn send(&mut self, number: usize, room: u64, until: Until, asked: u64, now: Instant) -> anyhow::Result<u64> {
        let messages = match until {
            Until::Elapsed(_) => room,
            Until::Kept(goal) => room.min(goal.saturating_sub(asked)),
        };
        let sender = &mut self.each[number];
        for _ in 0..messages {
            let out = sender.wire.outgoing();
            out.extend_from_slice(sender.begin.as_bytes());
            sender.speech.say(out);
            out.extend_from_slice(b"\r\n");
        }
        if messages > 0 {
            sender.on_their_way += messages;
            sender.written.push_back((messages, now));
        }
        sender.wire.flush().context("cannot write to the server")?;
        Ok(messages)
    }

    /// Reads one sender's answers; returns how many came.
    fn take(&mut self, number: usize, now: Instant, latencies: &mut Vec<u32>) -> anyhow::Result<u64> {
        let sender = &mut self.each[number];
        sender.wire.flush().context("cannot write to the server")?;
        let is_open = sender.wire.read().context("cannot read from the server")?;
        let came = sender.wire.count_lines();
        if !is_open || came > sender.on_their_way {
            bail!("the server says something else than echoes, or has closed a sender's connection");
        }
        sender.on_their_way -= came;
        let mut left = came;
        while left > 0
            && let Some((messages, at)) = sender.written.front_mut()
        {
            let answered = left.min(*messages);
            *messages -= answered;
            left -= answered;
            if *messages == 0 {
                latencies.push(u32::try_from((now - *at).as_micros()).unwrap_or(u32::MAX));
                sender.written.pop_front();
            }
        }
        Ok(came)
    }
}
