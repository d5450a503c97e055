//! A hall with a log and a shard that are simple enough to be believed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chat::account::Account;
use chat::effect::{Audience, Effect};
use chat::event::{Event, EventKind};
use chat::fact::Fact;
use chat::hall::{Hall, Input, Output, Start};
use chat::history::memory::Memory;
use chat::history::{Conversation, Found, Page, Query};
use chat::ids::{ChannelId, LogId, Seq, SessionId, Ticket, UserId};
use chat::invitation::Invitation;
use chat::reply::Reply;
use chat::rows::{Row, RowChange};
use chat::settings::Settings;
use chat::time::{Instant, Now, Timestamp};
use chat::user::OperatorClass;
use irc::casemap::CaseMapping;

use crate::{commands, shown};

/// The log's number.
pub const LOG: LogId = LogId(7);

/// How the log answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Gives a place and commits, both at once.
    AtOnce,
    /// Gives a place at once, and commits when told to.
    CommitsLate,
    /// Gives no place before it is told to.
    OrdersLate,
}

/// A fact and its place.
#[derive(Clone, Debug)]
pub struct Logged {
    pub seq: Seq,
    pub at: Timestamp,
    pub fact: Arc<Fact>,
}

/// The hall, what is around it, and what everybody has seen.
pub struct Table {
    pub hall: Hall,
    pub pace: Pace,
    pub now: Now,
    /// All that the log was given, voided messages included.
    pub log: Vec<Logged>,
    pub voided: BTreeSet<Seq>,
    /// All that came out, as it is: to compare two runs.
    pub outputs: Vec<String>,
    /// Whether the store answers only when it is told to.
    pub answers_late: bool,
    /// What the store was asked.
    questions: VecDeque<(SessionId, Query)>,
    settings: Arc<Settings>,
    /// What sessions saw since the last look, in order.
    pub seen: Vec<(String, String)>,
    /// The durable rows as the store has them, by kind and key.
    pub rows: BTreeMap<(String, String), Row>,
    pub requests: BTreeMap<SessionId, usize>,
    pub done: BTreeMap<SessionId, usize>,
    committed: Seq,
    /// What rows were before changes that are not committed, the newest last: a crash takes these back.
    uncommitted_rows: Vec<((String, String), Option<Row>)>,
    unordered: VecDeque<(Ticket, Arc<Fact>)>,
    names: BTreeMap<SessionId, String>,
    users: BTreeMap<SessionId, UserId>,
    members: BTreeMap<ChannelId, BTreeSet<UserId>>,
}

/// Where the store has a row.
fn place(row: &Row) -> (String, String) {
    (row.kind().to_owned(), row.key(CaseMapping::Ascii))
}

/// What every hall here starts from.
pub fn start() -> Start {
    Start {
        settings: Arc::new(Settings {
            monitor_entries: 3,
            list_mode_entries: 4,
            registered_channels_per_account: 2,
            access_entries: 2,
            metadata_keys: 3,
            ..Settings::default()
        }),
        // Some may be logged in, and one word makes an operator.
        rows: ["anna", "otto", "carl", "dora"]
            .map(|name| Row::Account(Box::new(Account::new(name, Timestamp(0)))))
            .into_iter()
            .chain([Row::Invitation(Box::new(operators_word()))])
            .collect(),
        log: LOG,
        last: Seq(10),
        signals: LogId(8),
        now: Timestamp(1_000_000),
    }
}

/// An invitation whose word has the hash `word`, once.
fn operators_word() -> Invitation {
    Invitation {
        id: "word".into(),
        hash: "word".into(),
        by: "".into(),
        made: Timestamp(0),
        until: None,
        uses: 1,
        operator: Some(OperatorClass::Admin),
    }
}

impl Table {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// Makes one with other settings.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::clone(&start().settings);
        change(&mut settings);
        let settings = Arc::new(settings);
        let mut table = Self {
            hall: Hall::new(Start { settings: Arc::clone(&settings), ..start() }),
            answers_late: false,
            questions: VecDeque::new(),
            settings,
            pace: Pace::AtOnce,
            now: Now { instant: Instant::at(Duration::from_secs(100)), wall: Timestamp(1_000_000) },
            log: Vec::new(),
            voided: BTreeSet::new(),
            outputs: Vec::new(),
            seen: Vec::new(),
            rows: start().rows.into_iter().map(|row| (place(&row), row)).collect(),
            requests: BTreeMap::new(),
            done: BTreeMap::new(),
            committed: Seq(10),
            uncommitted_rows: Vec::new(),
            unordered: VecDeque::new(),
            names: BTreeMap::new(),
            users: BTreeMap::new(),
            members: BTreeMap::new(),
        };
        table.turn();
        table
    }

    /// Lets a session ask for something; several commands of one request are apart by ` ; `.
    pub fn ask(&mut self, name: &str, lines: &str) {
        let session = self.session(name);
        let commands = lines.split(" ; ").map(|line| commands::read(name, line)).collect();
        *self.requests.entry(session).or_default() += 1;
        self.input(Input::Request(chat::command::Request { session, commands }));
    }

    pub fn session(&mut self, name: &str) -> SessionId {
        let known = self.names.iter().find(|(_, known)| *known == name).map(|(session, _)| *session);
        known.unwrap_or_else(|| {
            let session = if name == "desk" { SessionId::DESK } else { SessionId(1 + self.names.len() as u64) };
            self.names.insert(session, name.to_owned());
            session
        })
    }

    /// Ends the process without a word, and starts the next one from what is kept.
    pub fn restart(&mut self) {
        let last = self.log.last().map_or(start().last, |logged| logged.seq);
        let rows = self.rows.values().cloned().collect();
        let settings = Arc::clone(&self.settings);
        self.hall = Hall::new(Start { settings, rows, last, now: self.now.wall, ..start() });
        self.users.clear();
        self.members =
            self.hall.world().channels.values().map(|room| (room.id, room.members.keys().copied().collect())).collect();
        self.turn();
    }

    /// Ends the process with all that is not committed, and starts the next one.
    pub fn crash(&mut self) {
        let lost = self.log.iter().map(|logged| logged.seq).filter(|seq| *seq > self.committed);
        self.voided.extend(lost);
        for (place, before) in std::mem::take(&mut self.uncommitted_rows).into_iter().rev() {
            match before {
                Some(row) => self.rows.insert(place, row),
                None => self.rows.remove(&place),
            };
        }
        self.unordered.clear();
        self.questions.clear();
        self.requests.clear();
        self.done.clear();
        // Everybody has to come again, as somebody new.
        self.names = std::mem::take(&mut self.names).into_keys().map(|session| (session, String::new())).collect();
        self.restart();
        self.commit();
    }

    /// Lets the store answer.
    pub fn answer(&mut self) {
        for (session, query) in std::mem::take(&mut self.questions) {
            let found = self.find(&query);
            self.input(Input::Found { session, found });
        }
    }

    /// What the store finds: of ids, what is committed; of history, nothing.
    fn find(&self, query: &Query) -> Found {
        if !matches!(query, Query::Delivery { .. }) {
            return Found::Page { entries: Vec::new(), is_end: true };
        }
        let mut memory = Memory::new(LOG, CaseMapping::Ascii);
        for Logged { seq, at, fact } in &self.log {
            if *seq <= self.committed && !self.voided.contains(seq) {
                memory.put(*seq, *at, Arc::clone(fact));
            }
        }
        memory.find(query)
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: u64) {
        self.now.instant = self.now.instant + Duration::from_secs(seconds);
        self.now.wall.0 += i64::try_from(seconds).unwrap() * 1000;
    }

    /// Gives all facts that wait for it a place.
    pub fn order(&mut self) {
        // What is asked for because of that waits for the next time.
        for _ in 0..self.unordered.len() {
            self.order_one();
        }
        self.turn();
    }

    /// Commits all that has a place.
    pub fn commit(&mut self) {
        let Some(last) = self.log.last() else { return };
        self.committed = last.seq;
        self.uncommitted_rows.clear();
        self.input(Input::Committed(last.seq));
    }

    /// Fails to keep the messages that are not committed.
    pub fn void(&mut self) {
        let messages = self.log.iter().filter(|logged| logged.seq > self.committed && !logged.fact.changes_state());
        let facts: Vec<_> = messages.map(|logged| logged.seq).filter(|seq| !self.voided.contains(seq)).collect();
        self.voided.extend(&facts);
        self.input(Input::Voided { facts, why: "disk full".into() });
    }

    /// Gives the hall an input, and does what comes of it.
    pub fn input(&mut self, input: Input) {
        self.hall.handle(input, self.now);
        self.turn();
    }

    fn order_one(&mut self) {
        let Some((ticket, fact)) = self.unordered.pop_front() else { return };
        let seq = Seq(11 + self.log.len() as u64);
        let at = self.now.wall;
        self.log.push(Logged { seq, at, fact: Arc::clone(&fact) });
        self.hall.handle(Input::Ordered { ticket, fact, seq, at }, self.now);
        if self.pace == Pace::AtOnce {
            self.committed = seq;
            self.hall.handle(Input::Committed(seq), self.now);
        }
    }

    fn turn(&mut self) {
        while let Some(output) = self.hall.poll_output() {
            self.outputs.push(format!("{output:?}"));
            match output {
                Output::Append { ticket, fact } => {
                    self.unordered.push_back((ticket, fact));
                    if self.pace != Pace::OrdersLate {
                        self.order_one();
                    }
                }
                Output::Keep(change) => {
                    let (word, row) = match &change {
                        RowChange::Put(row) => ("keep", row),
                        RowChange::Remove(row) => ("forget", row),
                    };
                    let key = row.key(self.hall.world().mapping());
                    let before = match &change {
                        RowChange::Put(row) => self.rows.insert(place(row), row.clone()),
                        RowChange::Remove(row) => self.rows.remove(&place(row)),
                    };
                    if self.log.last().is_some_and(|logged| logged.seq > self.committed) {
                        self.uncommitted_rows.push((place(row), before));
                    }
                    self.seen.push(("store".to_owned(), format!("{word} {} {key}", row.kind())));
                }
                Output::Query { session, query } => {
                    if let Query::Page(Page { of: Conversation::Channel(channel), before, .. }) = &query {
                        self.seen.push(("store".to_owned(), format!("replay {channel} before {}", before.0)));
                    }
                    if self.answers_late {
                        self.questions.push_back((session, query));
                    } else {
                        let found = self.find(&query);
                        self.hall.handle(Input::Found { session, found }, self.now);
                    }
                }
                Output::File { .. } => {}
                Output::Effect(effect) => self.effect(effect),
            }
        }
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Attached { to, user, .. } => {
                self.users.insert(to, user);
            }
            Effect::Event { audience, event } => {
                self.check_kept(&event);
                self.enter(&event);
                for session in self.sessions_of(&audience) {
                    self.see(session, shown::event(&event));
                }
                self.leave(&event);
            }
            // Every JOIN is answered so; most clients never see it.
            Effect::Reply { reply: Reply::ReadMarker { at: None, on_entry: true, .. }, .. }
            | Effect::Tell { reply: Reply::ReadMarker { at: None, on_entry: true, .. }, .. }
            | Effect::AccountRemoved(_)
            | Effect::Push(_)
            | Effect::BannedNetworks(_) => {}
            Effect::Reply { to, reply } => {
                if let Reply::Event(event) = &reply {
                    self.check_kept(event);
                }
                self.see(to, shown::reply(&reply));
            }
            Effect::Tell { to, reply } => self.see(to, format!("(told) {}", shown::reply(&reply))),
            Effect::Done { to } => *self.done.entry(to).or_default() += 1,
            Effect::Close { to, reason } => {
                self.see(to, format!("closed :{reason}"));
                self.users.remove(&to);
            }
        }
    }

    /// The promise: nobody sees what is not committed.
    fn check_kept(&self, event: &Event) {
        if let Some(id) = event.id.filter(|id| id.log == LOG) {
            assert!(id.seq <= self.committed && !self.voided.contains(&id.seq), "shown before it is kept: {event:?}");
        }
    }

    fn see(&mut self, session: SessionId, line: String) {
        let name = self.names.get(&session).cloned().unwrap_or_default();
        self.seen.push((name, line));
    }

    fn sessions_of(&self, audience: &Audience) -> Vec<SessionId> {
        let mut users: BTreeSet<UserId> = audience.users.iter().copied().collect();
        users.extend(audience.channels.iter().filter_map(|channel| self.members.get(channel)).flatten());
        let mut sessions: BTreeSet<_> =
            self.users.iter().filter(|(_, user)| users.contains(user)).map(|(session, _)| *session).collect();
        sessions.extend(&audience.watchers);
        sessions.into_iter().filter(|session| Some(*session) != audience.except).collect()
    }

    fn enter(&mut self, event: &Event) {
        if let (EventKind::Joined { channel }, Some(actor)) = (&event.kind, &event.actor) {
            self.members.entry(channel.id).or_default().insert(actor.user);
        }
    }

    fn leave(&mut self, event: &Event) {
        let Some(actor) = event.actor.as_ref().map(|actor| actor.user) else { return };
        match &event.kind {
            EventKind::Parted { channel, .. } => self.leave_one(channel.id, actor),
            EventKind::Kicked { channel, member, .. } => self.leave_one(channel.id, *member),
            EventKind::Quit { .. } => self.members.values_mut().for_each(|members| {
                members.remove(&actor);
            }),
            _ => {}
        }
    }

    fn leave_one(&mut self, channel: ChannelId, user: UserId) {
        if let Some(members) = self.members.get_mut(&channel) {
            members.remove(&user);
        }
    }

    /// The members that a shard knows: what it was told must be what is true.
    pub fn told_members(&self) -> BTreeMap<ChannelId, BTreeSet<UserId>> {
        self.members.iter().filter(|(_, users)| !users.is_empty()).map(|(id, users)| (*id, users.clone())).collect()
    }
}
