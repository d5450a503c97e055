//! Clients of a server without `loggia.chat/delivery` that are away, break off, come back and are killed with the server see
//! each conversation as somebody sees it who was never away: the real session and hall, with that capability taken out of
//! what they offer, and the real client crate, against a model that only notes what was said.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]

mod speaker;

use std::collections::BTreeMap;
use std::time::Duration;

use client::catch_up::{CatchUp, Step};
use client::connection::{Connection, News};
use client::handshake::Identity;
use client::outbox::Outbox;
use irc::message::Message;
use proptest::prelude::*;
use scenario::driver::{Driver, Received};
use scenario::in_process::InProcess;
use scenario::model::{Leaving, ServerStep, Setting};
use speaker::{Speaker, id_in};

/// What those ask for who only speak.
const CAPS: &str = "message-tags echo-message batch draft/multiline";

/// One thing that happens.
#[derive(Clone, Debug)]
enum Act {
    /// Bob says something: in a channel, or to alice; in one line, in several, or in more than a line holds.
    Bob(usize, Form),
    /// Alice says something, by one of her clients, when it is there.
    Alice(usize, usize),
    /// A client of alice's reads so many bytes of what has come; also what it then does.
    Read(usize, usize),
    /// Its connection breaks: what it has not read is lost.
    Break(usize),
    /// It dies, and comes back with what it kept.
    Restart(usize),
    /// The server is killed, and another one begins.
    Kill,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Line,
    Lines,
}

/// What the server does not offer, beside the capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    /// Events in history: pages hold messages only, and each has an id. Any number of them are said in one millisecond, in no
    /// more conversations than a page holds.
    Events,
    /// Nothing: pages hold events too, which have no ids. Any number of messages are said in one millisecond, and fewer events
    /// happen in it than a page holds.
    Nothing,
    /// Ids in what it is asked (`MSGREFTYPES`): no more is said in one millisecond than a page holds.
    Ids,
}

/// A kind of server, and the most entries of its pages.
fn server() -> impl Strategy<Value = (Lack, i64)> {
    prop_oneof![
        (Just(Lack::Events), i64::try_from(TARGETS.len()).unwrap()..6),
        (Just(Lack::Nothing), 4..9_i64),
        (Just(Lack::Ids), 4..9_i64),
    ]
}

const CLIENTS: usize = 2;
const TARGETS: [&str; 3] = ["#tea", "#milk", "alice"];

fn act() -> impl Strategy<Value = Act> {
    let client = 0..CLIENTS;
    prop_oneof![
        6 => (0..TARGETS.len(), prop_oneof![3 => Just(Form::Line), 1 => Just(Form::Lines)])
            .prop_map(|(target, form)| Act::Bob(target, form)),
        2 => (client.clone(), 0..2_usize).prop_map(|(client, target)| Act::Alice(client, target)),
        6 => (client.clone(), prop_oneof![1..400_usize, Just(usize::MAX)]).prop_map(|(client, bytes)| Act::Read(client, bytes)),
        2 => client.clone().prop_map(Act::Break),
        1 => client.prop_map(Act::Restart),
        1 => Just(Act::Kill),
    ]
}

/// What somebody sees who was never away: by conversation, texts by their ids, in order.
#[derive(Clone, Debug, Default, PartialEq)]
struct Window {
    said: BTreeMap<String, Vec<(String, String)>>,
    /// The message of several lines that is being taken.
    open: Option<(String, String, Vec<String>)>,
}

impl Window {
    fn say(&mut self, target: &str, id: &str, text: &str) {
        let conversation = self.said.entry(target.to_owned()).or_default();
        assert!(!conversation.iter().any(|(known, _)| known == id), "{text} twice, as {id}");
        conversation.push((id.to_owned(), text.to_owned()));
    }

    /// Does what a line says.
    fn take(&mut self, line: &[u8]) {
        let message = Message::parse(line).unwrap();
        let id = message.tags.value("msgid").map(String::from);
        let param = |place| message.params.get(place).unwrap_or_default().to_owned();
        match (message.command, id) {
            ("PRIVMSG", Some(id)) => self.say(&param(0), &id, &param(1)),
            ("BATCH", Some(id)) => self.open = Some((param(2), id, Vec::new())),
            ("PRIVMSG", None) => self.open.as_mut().unwrap().2.push(param(1)),
            ("BATCH", None) => {
                let (target, id, lines) = self.open.take().unwrap();
                self.say(&target, &id, &lines.join(" "));
            }
            _ => {}
        }
    }
}

/// A client that knows how to come back.
struct Client {
    number: usize,
    lack: Lack,
    connection: Option<(usize, Connection)>,
    /// What has come and was not read.
    unread: Vec<u8>,
    catch_up: CatchUp,
    outbox: Outbox,
    window: Window,
    /// The channels that it is in, on the connection at hand.
    joined: Vec<String>,
}

impl Client {
    fn new(number: usize, lack: Lack) -> Self {
        Self {
            number,
            lack,
            connection: None,
            unread: Vec::new(),
            catch_up: CatchUp::default(),
            outbox: Outbox::new(number as u128),
            window: Window::default(),
            joined: Vec::new(),
        }
    }

    fn connect(&mut self, server: &mut InProcess) {
        let identity = Identity { account: Some(("alice".into(), "secret".into())), ..Identity::guest("alice") };
        self.connection = Some((server.connect().unwrap(), Connection::begin(identity)));
        self.catch_up.connected();
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
        self.catch_up.disconnected();
    }

    /// Reads some of what has come.
    fn read(&mut self, server: &mut InProcess, most: usize) {
        let Some((number, connection)) = &mut self.connection else { return };
        while let Received::Bytes(bytes) = server.receive(*number, Duration::ZERO) {
            self.unread.extend(without_delivery(&bytes, self.lack));
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
                    let step = self.catch_up.receive(&line, &mut out, &mut shown);
                    assert!(!matches!(step, Step::Gap | Step::AskAgain | Step::Overrun), "{step:?}");
                    let message = Message::parse(&line).unwrap();
                    let channel = message.params.get(1).unwrap_or_default().to_owned();
                    if message.command == "366" && !self.joined.contains(&channel) {
                        self.joined.push(channel);
                    }
                }
            }
        }
        assert!(!connection.handshake().has("loggia.chat/delivery"));
        if !out.is_empty() {
            assert!(self.lack != Lack::Ids || !String::from_utf8_lossy(&out).contains("msgid="), "it takes no ids");
            server.send(*number, &out).unwrap();
        }
        for line in &shown {
            self.window.take(line);
        }
        self.flush(server);
    }
}

/// Takes the capability out of what the server offers, and what else it lacks.
fn without_delivery(bytes: &[u8], lack: Lack) -> Vec<u8> {
    let offered = String::from_utf8_lossy(bytes).replace("loggia.chat/delivery", "x/delivery");
    let offered = match lack {
        Lack::Nothing => offered,
        Lack::Events => offered.replace("draft/event-playback", "x/playback"),
        Lack::Ids => offered.replace("MSGREFTYPES=msgid,timestamp", "MSGREFTYPES=timestamp"),
    };
    offered.into_bytes()
}

/// Returns the id of what bob has just said.
fn id_of_echo(lines: &str) -> Option<String> {
    let echoes = lines.lines().filter_map(|line| Message::parse(line.as_bytes()).ok());
    let mut ids = echoes.filter(|line| line.source.is_some_and(|source| source.starts_with("bob!")));
    Some(ids.find_map(|line| line.tags.value("msgid"))?.into_owned())
}

struct Run {
    server: InProcess,
    lack: Lack,
    bob: Speaker,
    clients: Vec<Client>,
    said: usize,
    expected: Window,
}

impl Run {
    fn new(lack: Lack, page: i64) -> Self {
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
            lack,
            bob,
            clients: (0..CLIENTS).map(|number| Client::new(number, lack)).collect(),
            said: 0,
            expected: Window::default(),
        };
        // Everybody knows where they are before anything is said.
        run.rest();
        run
    }

    fn happen(&mut self, act: &Act) {
        // What is no message has only its time.
        let is_message = matches!(act, Act::Bob(..) | Act::Alice(..) | Act::Read(..));
        if !is_message || self.lack == Lack::Ids {
            self.server.wait(Duration::from_millis(2));
        }
        match act {
            Act::Bob(target, form) => self.bob_says(TARGETS[*target], *form),
            Act::Alice(client, target) => self.alice_says(*client, TARGETS[*target]),
            Act::Read(client, bytes) => self.clients[*client].read(&mut self.server, *bytes),
            Act::Break(client) => {
                self.clients[*client].lose(&mut self.server);
                self.clients[*client].connect(&mut self.server);
            }
            Act::Restart(client) => {
                let client = &mut self.clients[*client];
                client.lose(&mut self.server);
                let kept = serde_json::to_string(&client.catch_up).unwrap();
                client.catch_up = serde_json::from_str(&kept).unwrap();
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

    fn bob_says(&mut self, target: &str, form: Form) {
        // Somebody who is not there cannot be written to.
        if target == "alice" && !self.bob.say(&mut self.server, "ISON alice").contains(" 303 bob :alice") {
            return;
        }
        self.said += 1;
        let text = format!("b{}", self.said);
        let (lines, text) = match form {
            Form::Line => (format!("PRIVMSG {target} :{text}"), text),
            Form::Lines => {
                let lines = format!("@batch=x PRIVMSG {target} :{text}\r\n@batch=x PRIVMSG {target} :more");
                (format!("BATCH +x draft/multiline {target}\r\n{lines}\r\nBATCH -x"), format!("{text} more"))
            }
        };
        let seen = self.bob.say(&mut self.server, &lines);
        let id = id_of_echo(&seen).unwrap_or_else(|| panic!("{text} to {target}: {seen}"));
        self.expected.say(target, &id, &text);
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
        self.expected.say(target, &id, &text);
    }

    /// Lets everybody come back and read to the end.
    fn rest(&mut self) {
        for _ in 0..200 {
            self.server.wait(Duration::from_millis(2));
            for client in &mut self.clients {
                if client.connection.is_none() {
                    client.connect(&mut self.server);
                }
                client.read(&mut self.server, usize::MAX);
            }
        }
        assert!(self.clients.iter().all(|client| client.catch_up.is_live()), "somebody is still behind");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn whoever_comes_back_sees_what_somebody_sees_who_was_never_away(
        (lack, page) in server(),
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut run = Run::new(lack, page);
        for act in &acts {
            run.happen(act);
        }
        run.rest();
        for client in &run.clients {
            prop_assert_eq!(&client.window.said, &run.expected.said, "client {}", client.number);
        }
    }
}
