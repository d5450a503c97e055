//! Clients that are away, break off, come back and are killed with the server see what somebody sees who was never away:
//! the real session, hall and client crates, against a model that only notes what was said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]

mod speaker;

use std::time::Duration;

use client::connection::{Connection, News};
use client::handshake::Identity;
use client::outbox::Outbox;
use client::timeline::{Step, Timeline};
use irc::message::Message;
use proptest::prelude::*;
use scenario::driver::{Driver, Received};
use scenario::in_process::InProcess;
use scenario::model::{Leaving, ServerStep, Setting};
use speaker::{Speaker, id_in};

/// What those ask for who only speak.
const CAPS: &str = "message-tags echo-message draft/message-redaction loggia.chat/edit";

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    /// Bob says something: in a channel, or to alice.
    Bob(usize),
    /// Alice says something, by one of her clients, when it is there.
    Alice(usize, usize),
    /// Bob says one of his messages in other words, or takes it back.
    Correct { which: usize, edit: bool },
    /// A client of alice's reads so many bytes of what has come; also what it then does.
    Read(usize, usize),
    /// Its connection breaks: what it has not read is lost.
    Break(usize),
    /// It dies, and comes back with what it kept.
    Restart(usize),
    /// The server is killed, and another one begins.
    Kill,
}

const CLIENTS: usize = 2;
const TARGETS: [&str; 3] = ["#tea", "#milk", "alice"];

fn act() -> impl Strategy<Value = Act> {
    let client = 0..CLIENTS;
    prop_oneof![
        6 => (0..TARGETS.len()).prop_map(Act::Bob),
        2 => (client.clone(), 0..2_usize).prop_map(|(client, target)| Act::Alice(client, target)),
        2 => (any::<prop::sample::Index>(), any::<bool>())
            .prop_map(|(which, edit)| Act::Correct { which: which.index(1000), edit }),
        6 => (client.clone(), prop_oneof![1..400_usize, Just(usize::MAX)]).prop_map(|(client, bytes)| Act::Read(client, bytes)),
        2 => client.clone().prop_map(Act::Break),
        1 => client.prop_map(Act::Restart),
        1 => Just(Act::Kill),
    ]
}

/// What somebody sees who was never away: texts by their ids, in order.
#[derive(Clone, Debug, Default, PartialEq)]
struct Window(Vec<(String, String)>);

impl Window {
    fn say(&mut self, id: &str, text: &str) {
        assert!(!self.0.iter().any(|(known, _)| known == id), "{text} twice, as {id}");
        self.0.push((id.to_owned(), text.to_owned()));
    }

    fn edit(&mut self, id: &str, text: &str) {
        if let Some((_, shown)) = self.0.iter_mut().find(|(known, _)| known == id) {
            text.clone_into(shown);
        }
    }

    fn redact(&mut self, id: &str) {
        self.0.retain(|(known, _)| known != id);
    }

    /// Does what a line says.
    fn take(&mut self, line: &[u8]) {
        let message = Message::parse(line).unwrap();
        let tag = |key| message.tags.value(key).unwrap_or_default().into_owned();
        match message.command {
            "PRIVMSG" => self.say(&tag("msgid"), message.params.get(1).unwrap()),
            "EDIT" => self.edit(&tag("draft/target-msgid"), &tag("draft/edit-text")),
            "REDACT" => self.redact(message.params.get(1).unwrap()),
            _ => {}
        }
    }
}

/// A client that knows how to come back.
struct Client {
    number: usize,
    connection: Option<(usize, Connection)>,
    /// What has come and was not read.
    unread: Vec<u8>,
    timeline: Timeline,
    outbox: Outbox,
    window: Window,
    /// The channels that it is in, on the connection at hand.
    joined: Vec<String>,
    began: bool,
}

impl Client {
    fn new(number: usize) -> Self {
        Self {
            number,
            connection: None,
            unread: Vec::new(),
            timeline: Timeline::default(),
            outbox: Outbox::new(number as u128),
            window: Window::default(),
            joined: Vec::new(),
            began: false,
        }
    }

    fn connect(&mut self, server: &mut InProcess) {
        let identity = Identity { account: Some(("alice".into(), "secret".into())), ..Identity::guest("alice") };
        self.connection = Some((server.connect().unwrap(), Connection::begin(identity)));
        self.timeline.connected();
        self.joined.clear();
        self.flush(server);
    }

    fn flush(&mut self, server: &mut InProcess) {
        if let Some((number, connection)) = &mut self.connection {
            let out = connection.take_output();
            if !out.is_empty() {
                server.send(*number, &out).unwrap();
            }
        }
    }

    fn lose(&mut self, server: &mut InProcess) {
        if let Some((number, _)) = self.connection.take() {
            server.leave(number, Leaving::Reset);
        }
        self.unread.clear();
        self.timeline.disconnected();
    }

    /// Reads some of what has come.
    fn read(&mut self, server: &mut InProcess, most: usize) {
        let Some((number, connection)) = &mut self.connection else { return };
        while let Received::Bytes(bytes) = server.receive(*number, Duration::ZERO) {
            self.unread.extend_from_slice(&bytes);
        }
        let bytes: Vec<u8> = self.unread.drain(..most.min(self.unread.len())).collect();
        connection.receive(&bytes, &mut self.outbox);
        let (mut out, mut shown) = (Vec::new(), Vec::new());
        while let Some(news) = connection.next_news() {
            match news {
                News::Ready => connection.say("JOIN #tea\r\nJOIN #milk"),
                News::Refused(why) => panic!("not let in: {why}"),
                News::Settled(_) => {}
                News::Line(line) => {
                    let step = self.timeline.receive(&line, &mut out, &mut shown);
                    assert!(!matches!(step, Step::Gap | Step::AskAgain | Step::Overrun), "{step:?}");
                    self.began |= step == Step::Live;
                    let message = Message::parse(&line).unwrap();
                    let channel = message.params.get(1).unwrap_or_default().to_owned();
                    if message.command == "366" && !self.joined.contains(&channel) {
                        self.joined.push(channel);
                        if self.joined.len() == 2 {
                            self.timeline.ask(&mut out);
                        }
                    }
                }
            }
        }
        if !out.is_empty() {
            server.send(*number, &out).unwrap();
        }
        for line in &shown {
            self.window.take(line);
        }
        self.flush(server);
    }
}

struct Run {
    server: InProcess,
    bob: Speaker,
    clients: Vec<Client>,
    said: usize,
    /// Bob's messages: where, and their ids.
    of_bob: Vec<(&'static str, String)>,
    expected: Window,
}

impl Run {
    fn new(page: i64) -> Self {
        let limit = Setting {
            table: "history".into(),
            key: "max_messages_per_request".into(),
            value: toml::Value::Integer(page),
        };
        let mut server = InProcess::start(&[limit]).unwrap();
        let mut first = Speaker::connect(&mut server, "alice", CAPS);
        assert!(first.say(&mut server, "REGISTER * * secret").contains("REGISTER SUCCESS"));
        server.leave(first.number, Leaving::Close);
        let bob = Speaker::connect(&mut server, "bob", CAPS);
        let mut run = Self {
            server,
            bob,
            clients: (0..CLIENTS).map(Client::new).collect(),
            said: 0,
            of_bob: Vec::new(),
            expected: Window::default(),
        };
        // Everybody knows where they are before anything is said.
        run.rest();
        assert!(run.clients.iter().all(|client| client.began && client.timeline.cursor().is_some()));
        run
    }

    fn happen(&mut self, act: &Act) {
        match act {
            Act::Bob(target) => self.bob_says(TARGETS[*target]),
            Act::Alice(client, target) => self.alice_says(*client, TARGETS[*target]),
            Act::Correct { which, edit } => self.correct(*which, *edit),
            Act::Read(client, bytes) => self.clients[*client].read(&mut self.server, *bytes),
            Act::Break(client) => {
                self.clients[*client].lose(&mut self.server);
                self.clients[*client].connect(&mut self.server);
            }
            Act::Restart(client) => {
                let client = &mut self.clients[*client];
                client.lose(&mut self.server);
                let kept = serde_json::to_string(&client.timeline).unwrap();
                client.timeline = serde_json::from_str(&kept).unwrap();
            }
            Act::Kill => {
                self.server.server(ServerStep::Kill).unwrap();
                self.server.server(ServerStep::Start).unwrap();
                for client in &mut self.clients {
                    client.lose(&mut self.server);
                }
                self.bob = Speaker::connect(&mut self.server, "bob", CAPS);
            }
        }
    }

    fn bob_says(&mut self, target: &'static str) {
        // Somebody who is not there cannot be written to.
        if target == "alice" && !self.bob.say(&mut self.server, "ISON alice").contains(" 303 bob :alice") {
            return;
        }
        self.said += 1;
        let text = format!("b{}", self.said);
        let seen = self.bob.say(&mut self.server, &format!("PRIVMSG {target} :{text}"));
        let id = id_in(&seen, &text).unwrap_or_else(|| panic!("{text} to {target}: {seen}"));
        self.expected.say(&id, &text);
        self.of_bob.push((target, id));
    }

    /// Bob, who is in all channels, sees what it became.
    fn alice_says(&mut self, client: usize, target: &str) {
        let Some((number, connection)) = &self.clients[client].connection else { return };
        if !connection.handshake().is_ready() || self.clients[client].joined.len() < 2 {
            return;
        }
        self.said += 1;
        let text = format!("a{}", self.said);
        self.server.send(*number, format!("PRIVMSG {target} :{text}\r\n").as_bytes()).unwrap();
        let seen = self.bob.say(&mut self.server, "PING x");
        let id = id_in(&seen, &text).unwrap();
        self.expected.say(&id, &text);
    }

    fn correct(&mut self, which: usize, edit: bool) {
        if self.of_bob.is_empty() {
            return;
        }
        let (target, id) = self.of_bob[which % self.of_bob.len()].clone();
        self.said += 1;
        let text = format!("e{}", self.said);
        let line = if edit {
            format!("@draft/target-msgid={id};draft/edit-text={text} EDIT {target}")
        } else {
            format!("REDACT {target} {id}")
        };
        // What was taken back, or said by who bob was before, is not his to change any more.
        if self.bob.say(&mut self.server, &line).contains(" FAIL ") {
            return;
        }
        if edit { self.expected.edit(&id, &text) } else { self.expected.redact(&id) }
    }

    /// Lets everybody come back and read to the end.
    fn rest(&mut self) {
        for _ in 0..200 {
            for client in &mut self.clients {
                if client.connection.is_none() {
                    client.connect(&mut self.server);
                }
                client.read(&mut self.server, usize::MAX);
            }
        }
        assert!(self.clients.iter().all(|client| client.timeline.is_live()), "somebody is still behind");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn whoever_comes_back_sees_what_somebody_sees_who_was_never_away(
        page in 1..6_i64,
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut run = Run::new(page);
        for act in &acts {
            run.happen(act);
        }
        run.rest();
        for client in &run.clients {
            prop_assert_eq!(&client.window, &run.expected, "client {}", client.number);
        }
    }
}
