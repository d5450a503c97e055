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
    /// How many others there are who read the newest page of some sender's channel, one after the other, all the while.
    pub(crate) readers: usize,
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
    /// Pages that readers were given meanwhile.
    pub(crate) pages: u64,
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
    /// Their tokens follow those of the senders.
    readers: Vec<Wire>,
    /// What the channels' names begin with.
    names: String,
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
        let mut readers = Vec::with_capacity(load.readers);
        for number in 0..load.readers {
            let token = Token(load.senders + number);
            let capabilities = "batch draft/chathistory";
            let mut wire = Wire::welcomed(address, &format!("reader{number}"), capabilities, poll.registry(), token)?;
            wire.send(&format!("JOIN #{names}{}", number % load.senders));
            readers.push(wire);
        }
        let mut all = Self { poll, load, each: senders, readers, names: names.to_owned() };
        all.wait_for_joins()?;
        Ok(all)
    }

    /// Waits until everybody has read that they are in their channel: from then on every line is an echo.
    fn wait_for_joins(&mut self) -> anyhow::Result<()> {
        let mut events = Events::with_capacity(1024);
        let mut missing = self.each.len() + self.readers.len();
        for wire in self.each.iter_mut().map(|sender| &mut sender.wire).chain(&mut self.readers) {
            wire.flush().context("cannot write to the server")?;
        }
        while missing > 0 {
            self.poll.poll(&mut events, Some(SILENCE_MAX)).context("cannot poll")?;
            if events.is_empty() {
                bail!("the server does not answer JOIN");
            }
            for event in &events {
                let number = event.token().0;
                let senders = self.each.len();
                let wire = match self.each.get_mut(number) {
                    Some(sender) => &mut sender.wire,
                    None => &mut self.readers[number - senders],
                };
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
        let (mut kept, mut pages, mut took) = (0, 0, None);
        let mut now = began;
        let mut asked = 0;
        for number in 0..self.each.len() {
            asked += self.send(number, self.load.window, until, asked, now)?;
        }
        for number in 0..self.readers.len() {
            self.ask(number)?;
        }
        while took.is_none() || self.each.iter().any(|sender| sender.on_their_way > 0) {
            self.poll.poll(&mut events, Some(SILENCE_MAX)).context("cannot poll")?;
            if events.is_empty() {
                bail!("nothing has come from the server for {} seconds", SILENCE_MAX.as_secs());
            }
            now = clock::now();
            for event in &events {
                let number = event.token().0;
                if let Some(reader) = number.checked_sub(self.each.len()) {
                    pages += self.read(reader, took.is_none())?;
                    continue;
                }
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
        Ok(Outcome { kept: counted, took, latencies, kept_altogether: kept, pages })
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

    /// Lets a reader ask for its next page.
    fn ask(&mut self, reader: usize) -> anyhow::Result<()> {
        let wire = &mut self.readers[reader];
        wire.send(&format!("CHATHISTORY LATEST #{}{} * 100", self.names, reader % self.load.senders));
        wire.flush().context("cannot write to the server")
    }

    /// Takes what a reader was given, and asks again when that was a whole page; returns how many pages came.
    fn read(&mut self, reader: usize, goes_on: bool) -> anyhow::Result<u64> {
        let wire = &mut self.readers[reader];
        wire.flush().context("cannot write to the server")?;
        if !wire.read().context("cannot read from the server")? {
            bail!("the server has closed a reader's connection");
        }
        let mut pages = 0;
        while let Some(line) = wire.line() {
            pages += u64::from(memchr::memmem::find(line, b" BATCH -").is_some());
        }
        if pages > 0 && goes_on {
            self.ask(reader)?;
        }
        Ok(pages)
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
