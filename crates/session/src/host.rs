//! The hall with its log, and the turns that they take with a shard: the same for the event loop, the simulator, transcripts
//! and fuzz targets. What a driver adds are its log, its sockets and its clock.

mod far;
mod opening;

use std::sync::Arc;

use chat::command::Request;
use chat::effect::Effect;
use chat::fact::Fact;
use chat::hall::{Hall, Input, Output};
use chat::history::{Happening, Query};
use chat::ids::{Seq, SessionId, Ticket};
use chat::reach;
use chat::rows::RowChange;
use chat::time::{Now, Timestamp};
use chat::world::World;

use crate::shard::{Shard, ToWrite, WriteFailed};
use far::Far;
pub use far::{REACH_PER_TURN, WAITING_MAX};
use opening::Opening;

/// What the hall has its facts ordered and kept by, and looks things up in.
pub trait Log {
    /// Takes a fact that was decided in `world`. Returns its place and its time; nothing when [`Input::Ordered`] will come as
    /// news.
    fn order(&mut self, ticket: Ticket, fact: &Arc<Fact>, world: &World, now: Timestamp) -> Option<(Seq, Timestamp)>;

    /// Keeps a row, or lets it be gone, in the same commit as the fact that was ordered last.
    fn keep(&mut self, change: RowChange);

    /// Keeps what people saw of a fact, in the same commit.
    fn file(&mut self, seq: Seq, at: Timestamp, happening: Box<Happening>);

    /// Takes a question; [`Input::Found`] will come as news.
    fn ask(&mut self, session: SessionId, query: Query);

    /// Takes what was ordered since the last time as one group.
    fn flush(&mut self);

    /// Returns what there is to tell the hall, in order.
    fn news(&mut self) -> Vec<Input>;
}

/// The hall and its log, on one thread.
#[derive(Debug)]
pub struct Host<L> {
    hall: Hall,
    log: L,
    far: Far,
    opening: Opening,
}

impl<L: Log> Host<L> {
    /// Brings them together, and records what the hall begins with.
    pub fn new(hall: Hall, log: L, now: Now) -> Self {
        let mut host = Self { hall, log, far: Far::default(), opening: Opening::default() };
        host.begin(now);
        host
    }

    /// Lets another hall go on with the log, as after the end of a process.
    pub fn restart(&mut self, hall: Hall, now: Now) {
        self.hall = hall;
        self.far = Far::default();
        self.opening = Opening::default();
        self.begin(now);
    }

    fn begin(&mut self, now: Now) {
        self.drain(now, &mut |_| {});
        self.log.flush();
    }

    /// Returns the hall, to look at.
    pub fn hall(&self) -> &Hall {
        &self.hall
    }

    /// Returns the log.
    pub fn log(&self) -> &L {
        &self.log
    }

    /// Returns the log, to be told what is no affair of the hall.
    pub fn log_mut(&mut self) -> &mut L {
        &mut self.log
    }

    /// Lets go of the hall.
    pub fn into_log(self) -> L {
        self.log
    }

    /// Lets the hall take an input. What is to be done by the shard comes to `effect`.
    pub fn handle(&mut self, input: Input, now: Now, effect: &mut impl FnMut(Effect)) {
        self.hall.handle(input, now);
        self.drain(now, effect);
    }

    /// Lets the hall take a request, however far it reaches.
    pub fn request(&mut self, request: Request, now: Now, effect: &mut impl FnMut(Effect)) {
        self.handle(Input::Request(request), now, effect);
    }

    /// A turn begins: requests that reach far are taken up to [`REACH_PER_TURN`] in each, and those that wait come first. Of what
    /// reaches far and was waiting for a commit, as much leaves.
    pub fn begin_turn(&mut self) {
        self.far.begin_turn();
        self.opening.begin_turn();
    }

    /// Lets the hall take requests, as far as the turn goes: those that wait first. Returns whether it has taken any.
    pub fn take(
        &mut self,
        requests: impl IntoIterator<Item = Request>,
        now: Now,
        effect: &mut impl FnMut(Effect),
    ) -> bool {
        let mut took_any = false;
        while let Some(passed) = self.far.next(|request| reach::of_request(self.hall.world(), request)) {
            self.carry_out(passed, now, effect);
            took_any = true;
        }
        for request in requests {
            if let Some(passed) = self.far.pass(request, |request| reach::of_request(self.hall.world(), request)) {
                self.carry_out(passed, now, effect);
                took_any = true;
            }
        }
        took_any
    }

    fn carry_out(&mut self, (request, reach): (Request, usize), now: Now, effect: &mut impl FnMut(Effect)) {
        self.handle(Input::Request(request), now, effect);
        self.opening.note(reach);
    }

    /// Returns how many requests, and news of the log, wait for a later turn, which is to begin at once: [`WAITING_MAX`] at most, if
    /// nobody is read from then.
    pub fn waiting(&self) -> usize {
        self.far.waiting() + self.opening.waiting()
    }

    /// Ends a group of requests: what was ordered in it is to be committed together.
    pub fn flush(&mut self) {
        self.log.flush();
    }

    /// Takes what the log has to say, as far as the turn goes. Returns whether there was anything.
    pub fn news(&mut self, now: Now, effect: &mut impl FnMut(Effect)) -> bool {
        let mut had_any = self.open(now, effect);
        for input in self.log.news() {
            match input {
                // In their order, and a commit with much that reaches far not in one turn.
                Input::Committed(_) | Input::Voided { .. } | Input::LogRefuses { .. } | Input::LogAccepts => {
                    self.opening.put(input);
                    self.open(now, effect);
                }
                Input::Ordered { seq, .. } => {
                    self.opening.ordered(seq);
                    self.handle(input, now, effect);
                }
                Input::Request(_) | Input::Found { .. } | Input::Settings(_) => self.handle(input, now, effect),
            }
            had_any = true;
        }
        had_any
    }

    /// Tells the hall the log's news, as far as the turn goes. Returns whether there were any.
    fn open(&mut self, now: Now, effect: &mut impl FnMut(Effect)) -> bool {
        let mut had_any = false;
        while let Some(news) = self.opening.next() {
            self.handle(news, now, effect);
            had_any = true;
        }
        had_any
    }

    /// Takes a turn with a shard: what is due is done, requests and effects go to and fro until there are none, and each
    /// connection's bytes are handed to `write`. `deliver` brings an effect to the shard.
    ///
    /// What is left for the driver are [`Shard::take_actions`].
    pub fn turn(
        &mut self,
        shard: &mut Shard,
        now: Now,
        deliver: &mut impl FnMut(&mut Shard, Effect),
        write: impl FnMut(ToWrite<'_>) -> Result<usize, WriteFailed>,
    ) {
        shard.wake(now);
        self.exchange(shard, now, deliver);
        shard.flush(now, write);
        // What the writes have found out (a connection is lost) concerns the hall in this turn still.
        self.exchange(shard, now, deliver);
    }

    /// Brings requests to the hall and effects back, until there are none: as many turns as that takes, one after the other.
    pub fn exchange(&mut self, shard: &mut Shard, now: Now, deliver: &mut impl FnMut(&mut Shard, Effect)) {
        loop {
            let requests = shard.take_requests();
            self.begin_turn();
            if !self.round(requests, now, &mut |effect| deliver(shard, effect)) {
                return;
            }
        }
    }

    /// Takes requests as one group, as far as the turn goes, and what the log has to say. Returns whether anything was done.
    pub fn round(&mut self, requests: Vec<Request>, now: Now, effect: &mut impl FnMut(Effect)) -> bool {
        let took_any = self.take(requests, now, effect);
        self.flush();
        self.news(now, effect) || took_any
    }

    fn drain(&mut self, now: Now, effect: &mut impl FnMut(Effect)) {
        while let Some(output) = self.hall.poll_output() {
            match output {
                Output::Append { ticket, fact } => {
                    if let Some((seq, at)) = self.log.order(ticket, &fact, self.hall.world(), now.wall) {
                        self.opening.ordered(seq);
                        self.hall.handle(Input::Ordered { ticket, fact, seq, at }, now);
                    }
                }
                Output::Keep(change) => self.log.keep(change),
                Output::Effect(one) => effect(one),
                Output::File { seq, at, happening } => self.log.file(seq, at, happening),
                Output::Query { session, query } => self.log.ask(session, query),
            }
        }
    }
}
