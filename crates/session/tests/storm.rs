//! Very many who come into one room at the same moment: whoever asks for something else does not wait for all of them.

use std::sync::Arc;

use chat::command::{Command, Connect, Request};
use chat::effect::Effect;
use chat::fact::Fact;
use chat::hall::{Hall, Input, Start};
use chat::history::{Happening, Query};
use chat::ids::{LogId, Seq, SessionId, Ticket};
use chat::person::PersonFields;
use chat::reply::Reply;
use chat::rows::RowChange;
use chat::time::{Instant, Now, Timestamp};
use chat::world::World;
use irc::names::{Nick, UserName};
use session::host::{Host, Log, REACH_PER_TURN};

/// As many as make a turn's worth of names when half of them are inside.
const EVERYBODY: u64 = 600;

/// Whoever has nothing to do with it.
const WATCHER: SessionId = SessionId(EVERYBODY);

/// A log that commits what it is given when it is asked for news, unless its disk is slow.
#[derive(Default)]
struct Counter {
    last: Seq,
    committed: Seq,
    is_slow: bool,
}

impl Log for Counter {
    fn order(&mut self, _: Ticket, _: &Arc<Fact>, _: &World, now: Timestamp) -> Option<(Seq, Timestamp)> {
        self.last = Seq(self.last.0 + 1);
        Some((self.last, now))
    }

    fn keep(&mut self, _: RowChange) {}

    fn file(&mut self, _: Seq, _: Timestamp, _: Box<Happening>) {}

    fn ask(&mut self, _: SessionId, _: Query) {}

    fn flush(&mut self) {}

    fn news(&mut self) -> Vec<Input> {
        if self.is_slow {
            return Vec::new();
        }
        let is_news = core::mem::replace(&mut self.committed, self.last) < self.last;
        if is_news { vec![Input::Committed(self.last)] } else { Vec::new() }
    }
}

fn connect(number: u64) -> Command {
    Command::Connect(Box::new(Connect {
        person: PersonFields {
            nick: Nick::trusted(format!("member{number}")),
            username: UserName::trusted("~member"),
            host: "home".into(),
            realname: "A member".into(),
            shown: None,
            account: None,
            bot: false,
            operator: false,
        },
        proved: Instant::default(),
        address: [127, 0, 0, 1].into(),
        gateway: None,
        secure: false,
        unknown: 0,
        away: None,
        metadata: None,
    }))
}

fn request(session: SessionId, command: Command) -> Request {
    Request { session, commands: smallvec::smallvec![command] }
}

/// Takes a turn; returns who is told that they are inside, and whether the watcher has its PONG.
fn turn(host: &mut Host<Counter>, requests: Vec<Request>) -> (Vec<SessionId>, bool) {
    let (mut inside, mut has_pong) = (Vec::new(), false);
    host.begin_turn();
    host.round(requests, Now::default(), &mut |effect| match effect {
        Effect::Reply { to, reply: Reply::Names(_) } => inside.push(to),
        Effect::Reply { to, reply: Reply::Pong(_) } => has_pong |= to == WATCHER,
        _ => {}
    });
    (inside, has_pong)
}

/// Brings everybody in; nobody has joined anything.
fn everybody() -> Host<Counter> {
    let (settings, now) = (Arc::default(), Timestamp(0));
    let start = Start { settings, rows: Vec::new(), log: LogId(1), last: Seq(0), signals: LogId(2), now };
    let mut host = Host::new(Hall::new(start), Counter::default(), Now::default());
    turn(&mut host, (0..=EVERYBODY).map(|number| request(SessionId(number), connect(number))).collect());
    host
}

fn join(number: u64) -> Request {
    request(SessionId(number), Command::Join { channel: "#piazza".into(), key: None })
}

fn ping() -> Request {
    request(WATCHER, Command::Ping { token: "here?".into() })
}

#[test]
fn who_asks_for_little_does_not_wait_for_a_storm() {
    let mut host = everybody();
    let (mut inside, has_pong) = turn(&mut host, (0..EVERYBODY).map(join).chain([ping()]).collect());
    assert!(has_pong);
    assert!(!inside.is_empty() && host.waiting() > 0, "{} at once", inside.len());
    while host.waiting() > 0 {
        let (came, has_pong) = turn(&mut host, vec![ping()]);
        assert!(has_pong && !came.is_empty());
        // Each is told of those who are inside by then.
        assert!(came.len() == 1 || came.len() * inside.len() <= REACH_PER_TURN, "{} at once", came.len());
        inside.extend(came);
    }
    assert_eq!(inside, (0..EVERYBODY).map(SessionId).collect::<Vec<_>>(), "in the order in which they came");
}

#[test]
fn what_one_commit_makes_durable_leaves_a_few_at_a_time() {
    let mut host = everybody();
    host.log_mut().is_slow = true;
    turn(&mut host, (0..EVERYBODY).map(join).collect());
    while host.waiting() > 0 {
        assert_eq!(turn(&mut host, vec![ping()]), (Vec::new(), true), "nothing is durable yet");
    }
    host.log_mut().is_slow = false;
    let (mut inside, has_pong) = turn(&mut host, vec![ping()]);
    assert!(has_pong && !inside.is_empty() && host.waiting() > 0, "{} at once", inside.len());
    while host.waiting() > 0 {
        let (came, has_pong) = turn(&mut host, vec![ping()]);
        assert!(has_pong && !came.is_empty());
        assert!(came.len() == 1 || came.len() * inside.len() <= REACH_PER_TURN, "{} at once", came.len());
        inside.extend(came);
    }
    assert_eq!(inside, (0..EVERYBODY).map(SessionId).collect::<Vec<_>>(), "in the order of the log");
}
