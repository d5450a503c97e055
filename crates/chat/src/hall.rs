//! The hall: one value that owns all chat state and takes one input after the other.
//!
//! ```text
//! Request ─▶ decide ─▶ Append ┄┄ the log ┄┄▶ Ordered ─▶ apply ─▶ effects ─▶ gate ┄┄ Committed ┄┄▶ Effect
//!                 └──▶ refusals and answers ─────────────────────────────────┘
//! ```
//!
//! No locks, no clock, no randomness: the same inputs give the same outputs. Whoever runs the hall calls
//! [`Hall::handle`], then [`Hall::poll_output`] until it is empty; an [`Output::Append`] is answered by
//! [`Input::Ordered`] (the embedded log does so at once) and later by [`Input::Committed`] or [`Input::Voided`].

mod delivering;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::command::{Command, Request};
use crate::delivery::Deliveries;
use crate::effect::Effect;
use crate::fact::Fact;
use crate::features::outlet::Outlet;
use crate::features::{self, Decision, Then};
use crate::gate::{Gate, Wait};
use crate::history::corrections::Corrections;
use crate::history::{Found, Happening, Query};
use crate::ids::{LogId, MsgId, Seq, SessionId, Ticket};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::rows::{Row, RowChange};
use crate::settings::Settings;
use crate::time::{Now, Timestamp};
use crate::world::World;
use delivering::Delivering;

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// A session asks for something.
    Request(Request),
    /// The log has given a fact its place.
    Ordered {
        /// Of the [`Output::Append`].
        ticket: Ticket,
        /// The fact.
        fact: Arc<Fact>,
        /// Its place.
        seq: Seq,
        /// When it happened; never earlier than the fact before.
        at: Timestamp,
    },
    /// All facts through this one are safe.
    Committed(Seq),
    /// These message facts could not be kept. Facts that change state are still queued in the log.
    Voided {
        /// Which, ascending.
        facts: Vec<Seq>,
        /// What the disk said.
        why: Arc<str>,
    },
    /// The log takes nothing for now.
    LogRefuses {
        /// What the disk said.
        why: Arc<str>,
    },
    /// The log takes facts again.
    LogAccepts,
    /// The answer to [`Output::Query`].
    Found {
        /// Who asked.
        session: SessionId,
        /// The answer.
        found: Found,
    },
    /// The configuration was read again.
    Settings(Arc<Settings>),
}

/// What is to be done.
#[derive(Debug)]
pub enum Output {
    /// The log is to take this fact.
    Append {
        /// To be given back in [`Input::Ordered`].
        ticket: Ticket,
        /// The fact.
        fact: Arc<Fact>,
    },
    /// The log is to keep or to forget this row, in the same commit as the fact that was ordered last.
    Keep(RowChange),
    /// A shard is to do this.
    Effect(Effect),
    /// History is to keep what people see of a fact, in the same commit.
    File {
        /// The fact's place.
        seq: Seq,
        /// When it happened.
        at: Timestamp,
        /// What they see.
        happening: Box<Happening>,
    },
    /// The store is to look something up; answered by [`Input::Found`]. All that it may show is committed. A session asks
    /// one thing at a time.
    Query {
        /// Who asks.
        session: SessionId,
        /// What.
        query: Query,
    },
}

/// What the hall starts from.
#[derive(Debug)]
pub struct Start {
    /// Choices and limits.
    pub settings: Arc<Settings>,
    /// Durable state as it was last kept.
    pub rows: Vec<Row>,
    /// The log's own number, part of every message id.
    pub log: LogId,
    /// The last fact in the log; all through it are committed.
    pub last: Seq,
    /// A random number for the ids of what is not logged (typing and the like).
    pub signals: LogId,
    /// When it starts.
    pub now: Timestamp,
}

/// Every process begins with a fact, and numbers users and channels from the log's last place times this: far above all
/// ids given before, also where some were given to what was then refused or never logged.
const IDS_PER_FACT: u64 = 1 << 16;

/// All chat state, and what waits for the log.
#[derive(Debug)]
pub struct Hall {
    world: World,
    gate: Gate,
    log: LogId,
    next_signal: MsgId,
    committed: Seq,
    outputs: VecDeque<Output>,
    next_ticket: Ticket,
    /// Who caused the facts that the log has not ordered yet.
    unordered: BTreeMap<Ticket, Option<SessionId>>,
    /// What sessions asked after a fact that the log has not ordered yet.
    backlog: BTreeMap<SessionId, VecDeque<Step>>,
    /// Messages that may still be voided: who said them, and what to call them in a refusal.
    uncommitted: BTreeMap<Seq, (Option<SessionId>, Arc<Fact>)>,
    /// What sessions wait for from the store; their later steps are in the backlog.
    asking: BTreeMap<SessionId, Asking>,
    /// What clients have given an id.
    deliveries: Deliveries,
    /// What of that is being decided, by session.
    delivering: delivering::UnderDecision,
    /// What was said otherwise or taken back while the store was being asked.
    corrections: Corrections,
    /// An empty queue to be used again: a request costs no allocation.
    spare: VecDeque<Step>,
    refusing: Option<Arc<str>>,
}

/// A question of a session.
#[derive(Debug)]
struct Asking {
    /// What goes on with the answer.
    then: Then,
    /// The question, until it is put to the store.
    query: Option<Query>,
    /// The newest change of state when it came up: must be committed before.
    state: Seq,
    /// The newest fact that the session itself waits for; likewise, if it is not lost.
    own: Seq,
    /// What was committed when it was put to the store.
    known: Seq,
}

/// Whether a session's next step may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Next,
    Wait,
}

/// One step of a request.
#[derive(Debug)]
enum Step {
    Command(Command),
    Record(Box<Fact>),
    Done,
}

impl Hall {
    /// Makes a hall and records that the node has started.
    pub fn new(start: Start) -> Self {
        let mut world = World::new(start.settings, start.rows, start.last.0.saturating_mul(IDS_PER_FACT), start.now);
        world.log = start.log;
        let mut hall = Self {
            world,
            gate: Gate::new(start.last),
            log: start.log,
            next_signal: MsgId { log: start.signals, seq: Seq(1) },
            committed: start.last,
            outputs: VecDeque::new(),
            next_ticket: Ticket(0),
            unordered: BTreeMap::new(),
            backlog: BTreeMap::new(),
            uncommitted: BTreeMap::new(),
            asking: BTreeMap::new(),
            deliveries: Deliveries::default(),
            delivering: BTreeMap::new(),
            corrections: Corrections::default(),
            spare: VecDeque::new(),
            refusing: None,
        };
        hall.append(None, Fact::NodeStarted {});
        hall
    }

    /// Returns the state, to look at.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Returns the number of effects that wait for a commit.
    pub fn held(&self) -> usize {
        self.gate.held()
    }

    /// Takes an input. What it leads to is then fetched with [`Self::poll_output`].
    pub fn handle(&mut self, input: Input, now: Now) {
        match input {
            Input::Request(request) => self.request(request, now),
            Input::Ordered { ticket, fact, seq, at } => self.ordered(ticket, &fact, seq, at, now),
            Input::Committed(through) => self.committed(through),
            Input::Voided { facts, why } => self.voided(&facts, &why),
            Input::LogRefuses { why } => self.refusing = Some(why),
            Input::LogAccepts => self.refusing = None,
            Input::Found { session, found } => self.found(session, found, now),
            Input::Settings(settings) => {
                self.world.reconfigure(settings, now.wall);
                for fact in features::persistence::review(&self.world) {
                    self.append(None, fact);
                }
            }
        }
        self.go_on_with_woken(now);
        self.outputs.extend(self.gate.take_open().map(Output::Effect));
    }

    /// Returns the next thing that is to be done; call it until there is none.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn request(&mut self, request: Request, now: Now) {
        let steps = request.commands.into_iter().map(Step::Command).chain([Step::Done]);
        if let Some(waiting) = self.backlog.get_mut(&request.session) {
            waiting.extend(steps);
        } else {
            let mut queue = core::mem::take(&mut self.spare);
            queue.extend(steps);
            self.run(request.session, queue, now);
        }
    }

    /// Takes a session's steps in order, until one has to wait for the log or the store.
    fn run(&mut self, session: SessionId, mut steps: VecDeque<Step>, now: Now) {
        while let Some(step) = steps.pop_front() {
            let decision = match step {
                Step::Done => {
                    self.gate.pass(Wait::Session(session), Effect::Done { to: session });
                    continue;
                }
                Step::Record(fact) => Ok(Decision::Record(smallvec::smallvec![*fact])),
                Step::Command(Command::Deliver(sent)) => match self.deliver(session, sent, now) {
                    Delivering::Decided(decision) => decision,
                    Delivering::Wait(sent) => {
                        self.park(session, sent, steps);
                        return;
                    }
                },
                Step::Command(command) => self.decide(session, command, now),
            };
            if self.carry_out(session, decision, &mut steps, now) == Flow::Wait {
                self.backlog.insert(session, steps);
                return;
            }
        }
        self.spare = steps;
    }

    fn carry_out(
        &mut self,
        session: SessionId,
        decision: Result<Decision, Refusal>,
        steps: &mut VecDeque<Step>,
        now: Now,
    ) -> Flow {
        let fact = match decision {
            Ok(Decision::Answered) => {
                self.give_up_delivery(session);
                return Flow::Next;
            }
            Ok(Decision::Record(facts)) => {
                let mut facts = facts.into_iter();
                let Some(first) = facts.next() else { return Flow::Next };
                for later in facts.rev() {
                    steps.push_front(Step::Record(Box::new(later)));
                }
                first
            }
            Ok(Decision::Query { query, then }) => {
                self.ask(session, query, then);
                return Flow::Wait;
            }
            Err(refusal) => {
                self.give_up_delivery(session);
                self.refuse(session, refusal);
                return Flow::Next;
            }
        };
        if let Some(refusal) = self.cannot_keep(session, &fact) {
            self.give_up_delivery(session);
            // What it tells of was refused before it.
            if !matches!(fact, Fact::Audited { .. }) {
                self.refuse(session, refusal);
            }
            return Flow::Next;
        }
        let fact = match self.take_delivery(session, now.wall) {
            Some(delivery) => fact.with_delivery(delivery),
            None => fact,
        };
        self.append(Some(session), fact);
        Flow::Wait
    }

    fn decide(&mut self, session: SessionId, command: Command, now: Now) -> Result<Decision, Refusal> {
        let mut outlet = Outlet::answering(&mut self.gate, session, now.wall);
        outlet.is_delivery = self.delivering.contains_key(&session);
        features::decide(&mut self.world, session, command, now, &mut outlet, &mut self.next_signal)
    }

    /// Goes on with what the store has found. The session's later steps were waiting.
    fn found(&mut self, session: SessionId, mut found: Found, now: Now) {
        let Some(Asking { then, known, .. }) = self.asking.remove(&session) else { return };
        self.corrections.apply(&mut found, MsgId { log: self.log, seq: known }, self.committed);
        if self.asking.is_empty() {
            self.corrections.clear();
        }
        let decision = if let Then::Deliver(sent) = then {
            self.found_delivery(session, sent, found, now)
        } else {
            let mut outlet = Outlet::answering(&mut self.gate, session, now.wall);
            features::found(&mut self.world, session, then, found, now, &mut outlet)
        };
        let mut steps = self.backlog.remove(&session).unwrap_or_default();
        if self.carry_out(session, decision, &mut steps, now) == Flow::Wait {
            self.backlog.insert(session, steps);
        } else {
            self.run(session, steps, now);
        }
    }

    fn refuse(&mut self, session: SessionId, refusal: Refusal) {
        let wait = if refusal.shows_durable_state() { Wait::State(session) } else { Wait::Session(session) };
        self.gate.pass(wait, Effect::Reply { to: session, reply: Reply::Refused(refusal) });
    }

    /// While the log refuses, only departures are still recorded: they wait in the log's queue and concern nobody's text.
    fn cannot_keep(&mut self, session: SessionId, fact: &Fact) -> Option<Refusal> {
        let why = self.refusing.as_ref()?;
        if fact.is_departure() {
            return None;
        }
        features::give_up(&mut self.world, session, fact);
        Some(features::cannot_keep(fact, why))
    }

    /// Puts a question to the store once all that it may show can be read: every change of state, what the session itself
    /// did, and what others said that is committed by then. Whoever enters a room and asks for what was said before gets
    /// what comes after their own entry live, and only live.
    fn ask(&mut self, session: SessionId, mut query: Query, then: Then) {
        let (state, own) = (self.gate.newest_state(), self.gate.newest_of(session));
        let only_before_entry = matches!(then, Then::Replay { .. });
        let newest = if only_before_entry { state } else { state.max(own).max(self.committed) };
        query.limit_to(Seq(newest.0 + 1));
        self.asking.insert(session, Asking { then, query: Some(query), state, own, known: Seq::ZERO });
        self.put_questions();
    }

    fn put_questions(&mut self) {
        for (session, asking) in &mut self.asking {
            if asking.state.max(asking.own) <= self.committed
                && let Some(query) = asking.query.take()
            {
                asking.known = self.committed;
                self.outputs.push_back(Output::Query { session: *session, query });
            }
        }
    }

    fn committed(&mut self, through: Seq) {
        self.committed = self.committed.max(through);
        while let Some(first) = self.uncommitted.first_entry().filter(|first| *first.key() <= through) {
            first.remove();
        }
        self.gate.committed(through);
        self.deliveries.committed(through);
        self.put_questions();
    }

    fn append(&mut self, by: Option<SessionId>, fact: Fact) {
        self.next_ticket.0 += 1;
        let ticket = self.next_ticket;
        self.unordered.insert(ticket, by);
        self.outputs.push_back(Output::Append { ticket, fact: Arc::new(fact) });
    }

    fn ordered(&mut self, ticket: Ticket, fact: &Arc<Fact>, seq: Seq, at: Timestamp, now: Now) {
        let by = self.unordered.remove(&ticket).flatten();
        // Nobody waits for a departure that changes nothing durable: that somebody is gone no crash can undo, for after one
        // everybody is. So while the disk takes nothing, answers go on.
        self.gate.ordered(seq, fact.changes_state() && !fact.is_departure(), by);
        if !self.asking.is_empty() {
            self.corrections.note(seq, fact);
        }
        if !fact.changes_state() && seq > self.committed {
            self.uncommitted.insert(seq, (by, Arc::clone(fact)));
        }
        if let Some(delivery) = fact.delivery() {
            self.deliveries.ordered(delivery, seq, seq <= self.committed);
        }
        let mut outlet = Outlet {
            gate: &mut self.gate,
            wait: Wait::Fact(seq),
            origin: by,
            at,
            id: Some(MsgId { log: self.log, seq }),
            rows: Vec::new(),
            is_delivery: false,
            happening: None,
        };
        features::apply(&mut self.world, fact, now, &mut outlet);
        let Outlet { rows, happening, .. } = outlet;
        if fact.is_departure() && !rows.is_empty() {
            self.gate.changed_state(seq);
        }
        self.outputs.extend(rows.into_iter().map(Output::Keep));
        self.outputs.extend(happening.map(|happening| Output::File { seq, at, happening }));
        if let Some(session) = by
            && let Some(steps) = self.backlog.remove(&session)
        {
            self.run(session, steps, now);
        }
    }

    fn voided(&mut self, facts: &[Seq], why: &Arc<str>) {
        for seq in facts {
            self.deliveries.voided(*seq);
            if let Some((by, fact)) = self.uncommitted.remove(seq) {
                self.gate.voided(MsgId { log: self.log, seq: *seq }, by, &features::cannot_keep(&fact, why));
            }
        }
        for asking in self.asking.values_mut().filter(|asking| facts.contains(&asking.own)) {
            // What the session did before that may still be to be committed; changes of state are waited for anyway.
            asking.own = Seq::ZERO;
        }
        self.put_questions();
    }
}
