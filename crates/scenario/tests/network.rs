//! A whole network value against the real session and hall: what is read in pieces, connections that break, programs that die, a
//! server that is killed, pages that are scrolled back. At the end rooms show what was said, once and in order, who is there, and
//! how much of it was not read; by cursors, and on a server without `loggia.chat/delivery`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]

use std::collections::BTreeSet;
use std::time::Duration;

use client::handshake::Identity;
use client::network::{Kept, Network, News, Standing, Want};
use client::outbox::What;
use irc::time::Timestamp;
use proptest::prelude::*;
use scenario::driver::{Driver, Received};
use scenario::in_process::InProcess;
use scenario::model::{Leaving, ServerStep, Setting};

const ROOM: &str = "#tea";
const NAMES: [&str; 2] = ["alice", "bob"];

/// Rounds after which all must be at rest: more than any run takes.
const ROUNDS_MAX: usize = 600;

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    /// One of the two says something; in one line, or in two.
    Say(usize, bool),
    /// One of them writes what it has to write, and reads so many bytes of what has come.
    Turn(usize, usize),
    /// One of them asks for what was said before.
    Older(usize),
    /// A connection breaks: what was not read is lost.
    Break(usize),
    /// One of them reads everything that is shown.
    Read(usize),
    /// Its program dies, and comes back with what it kept.
    Restart(usize),
    /// The server is killed, and another one begins.
    Kill,
}

fn act() -> impl Strategy<Value = Act> {
    let who = 0..NAMES.len();
    prop_oneof![
        5 => (who.clone(), prop::bool::weighted(0.2)).prop_map(|(who, lines)| Act::Say(who, lines)),
        8 => (who.clone(), prop_oneof![1..300_usize, Just(usize::MAX)]).prop_map(|(who, most)| Act::Turn(who, most)),
        2 => who.clone().prop_map(Act::Older),
        2 => who.clone().prop_map(Act::Break),
        1 => who.clone().prop_map(Act::Read),
        1 => who.prop_map(Act::Restart),
        1 => Just(Act::Kill),
    ]
}

/// A network over an in-process connection.
struct Client {
    name: &'static str,
    network: Network,
    number: Option<usize>,
    /// What has come and was not read.
    unread: Vec<u8>,
    /// Whether the server is one without `loggia.chat/delivery`.
    is_foreign: bool,
    /// Up to when it has read.
    read_to: Option<Timestamp>,
}

impl Client {
    fn new(name: &'static str, is_foreign: bool) -> Self {
        let network = Network::new(identity(name), Kept::new(name.len() as u128));
        Self { name, network, number: None, unread: Vec::new(), is_foreign, read_to: None }
    }

    /// Does what is due, and reads so many bytes. Returns whether anything came.
    fn turn(&mut self, server: &mut InProcess, most: usize, now: Duration) -> bool {
        match self.network.wake(now, 0) {
            Some(Want::Connect) => {
                self.number = Some(server.connect().unwrap());
                self.network.connected(now);
            }
            Some(Want::Close) => self.close(server),
            None => {}
        }
        let Some(number) = self.number else { return false };
        let out = self.network.take_output();
        if !out.is_empty() {
            server.send(number, &out).unwrap();
        }
        while let Received::Bytes(bytes) = server.receive(number, Duration::ZERO) {
            self.unread.extend(if self.is_foreign { without_delivery(&bytes) } else { bytes });
        }
        let bytes: Vec<u8> = self.unread.drain(..most.min(self.unread.len())).collect();
        self.network.receive(&bytes, now);
        let news: Vec<News> = std::iter::from_fn(|| self.network.next_news()).collect();
        let is_trouble = |news: &News| matches!(news, News::Gap | News::Doubtful | News::NotLetIn(_));
        assert!(!news.iter().any(is_trouble), "{}: {news:?}", self.name);
        !bytes.is_empty() || !out.is_empty()
    }

    fn close(&mut self, server: &mut InProcess) {
        self.unread.clear();
        if let Some(number) = self.number.take() {
            server.leave(number, Leaving::Reset);
        }
    }

    fn lose(&mut self, server: &mut InProcess, now: Duration) {
        self.close(server);
        self.network.lost(now, 0);
    }

    /// What the room shows, with who has said it.
    fn texts(&self) -> Vec<(String, String)> {
        let room = self.network.state().room(ROOM).unwrap();
        room.window.entries().map(|entry| (entry.from.to_string(), entry.text.to_string())).collect()
    }

    /// Reads everything, and tells the server, where the server hears it.
    fn read(&mut self, server: &mut InProcess) {
        let (Standing::Online, Some(number)) = (self.network.standing(), self.number) else { return };
        self.network.read(ROOM);
        server.send(number, &self.network.take_output()).unwrap();
        let newest =
            self.network.state().room(ROOM).and_then(|room| room.window.entries().rev().find_map(|one| one.time));
        self.read_to = self.read_to.max(newest);
    }
}

fn identity(name: &str) -> Identity {
    Identity { account: Some((name.into(), "secret".into())), ..Identity::guest(name) }
}

/// Takes the capability out of what the server offers.
fn without_delivery(bytes: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(bytes).replace("loggia.chat/delivery", "x/delivery").into_bytes()
}

struct Run {
    server: InProcess,
    clients: [Client; 2],
    now: Duration,
    said: Vec<(String, String)>,
}

impl Run {
    fn new(page: i64, is_foreign: bool) -> Self {
        let limit = Setting {
            table: "history".into(),
            key: "max_messages_per_request".into(),
            value: toml::Value::Integer(page),
        };
        let mut server = InProcess::start(&[limit]).unwrap();
        for name in NAMES {
            let first = server.connect().unwrap();
            let lines = format!("NICK {name}\r\nUSER {name} 0 * :{name}\r\nREGISTER * * secret\r\nQUIT\r\n");
            server.send(first, lines.as_bytes()).unwrap();
        }
        let clients = NAMES.map(|name| Client::new(name, is_foreign));
        let mut run = Self { server, clients, now: Duration::ZERO, said: Vec::new() };
        for client in &mut run.clients {
            client.network.join(ROOM);
        }
        // Both know where they are before anything is said.
        run.rest();
        run
    }

    fn happen(&mut self, act: &Act) {
        self.now += Duration::from_millis(100);
        // What happens and is no message has no id in history: no more of it than a page holds is of one millisecond.
        self.server.wait(Duration::from_millis(2));
        match act {
            Act::Say(who, has_lines) => {
                let number = self.said.len();
                let text = if *has_lines { format!("m{number}\nmore") } else { format!("m{number}") };
                let client = &mut self.clients[*who];
                client.network.say(What::say(ROOM, &text));
                self.said.push((client.name.to_owned(), text));
            }
            Act::Turn(who, most) => {
                self.clients[*who].turn(&mut self.server, *most, self.now);
            }
            Act::Older(who) => {
                self.clients[*who].network.older(ROOM);
            }
            Act::Break(who) => self.clients[*who].lose(&mut self.server, self.now),
            Act::Read(who) => self.clients[*who].read(&mut self.server),
            Act::Restart(who) => {
                let client = &mut self.clients[*who];
                client.lose(&mut self.server, self.now);
                let kept = serde_json::to_string(client.network.kept()).unwrap();
                client.network = Network::new(identity(client.name), serde_json::from_str(&kept).unwrap());
            }
            Act::Kill => {
                self.server.server(ServerStep::Kill).unwrap();
                self.server.server(ServerStep::Start).unwrap();
                for client in &mut self.clients {
                    client.lose(&mut self.server, self.now);
                }
            }
        }
    }

    /// Lets everybody come back, read to the end, and scroll back to the beginning.
    fn rest(&mut self) {
        for _ in 0..ROUNDS_MAX {
            self.now += Duration::from_millis(500);
            self.server.wait(Duration::from_millis(2));
            let mut is_busy = false;
            for client in &mut self.clients {
                is_busy |= client.turn(&mut self.server, usize::MAX, self.now);
                is_busy |= client.network.older(ROOM);
                is_busy |= client.network.standing() != Standing::Online || !client.network.kept().outbox.is_settled();
            }
            if !is_busy {
                return;
            }
        }
        let standings = self.clients.each_ref().map(|client| client.network.standing());
        panic!("they never come to rest: {standings:?}");
    }

    /// Compares what both show with what was said.
    fn check(&self) -> Result<(), TestCaseError> {
        let texts = self.clients[0].texts();
        let once: BTreeSet<_> = texts.iter().cloned().collect();
        prop_assert_eq!(once.len(), texts.len(), "nothing twice: {:?}", texts);
        prop_assert_eq!(&once, &self.said.iter().cloned().collect(), "all of it");
        for name in NAMES {
            let of = |texts: &[(String, String)]| -> Vec<_> {
                texts.iter().filter(|(from, _)| from == name).cloned().collect()
            };
            prop_assert_eq!(of(&texts), of(&self.said), "in the order in which {} said it", name);
        }
        for client in &self.clients {
            prop_assert_eq!(&client.texts(), &texts, "what {} is shown", client.name);
            let state = client.network.state();
            let room = state.room(ROOM).unwrap();
            prop_assert_eq!(room.window.edge(), None);
            let mut members: Vec<&str> = state.members(room).iter().map(|(person, _)| &*person.nick).collect();
            members.sort_unstable();
            prop_assert_eq!(members, NAMES);
            prop_assert!(room.is_joined);
            let unread = room.window.entries().filter(|entry| !entry.is_own && entry.time > client.read_to).count();
            if client.read_to.is_some() {
                prop_assert_eq!(room.unread as usize, unread, "not read by {} since {:?}", client.name, client.read_to);
            } else {
                // Who has never read anything has no marker: a program that was started anew cannot tell.
                prop_assert!(room.unread as usize <= unread);
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn rooms_show_what_was_said_and_who_is_there(
        is_foreign in any::<bool>(),
        page in 4..9_i64,
        acts in prop::collection::vec(act(), 1..50),
    ) {
        let mut run = Run::new(page, is_foreign);
        for act in &acts {
            run.happen(act);
        }
        run.rest();
        run.check()?;
    }
}
