//! A client's outbox against the real session and hall: wherever connections break and whenever the server is killed, and
//! though bytes of broken connections still arrive, everything is kept once, in order.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]

use std::collections::VecDeque;
use std::time::Duration;

use client::connection::{Connection, News};
use client::handshake::Identity;
use client::outbox::{Outbox, State, What};
use irc::message::Message;
use proptest::prelude::*;
use scenario::driver::{Driver, Received};
use scenario::in_process::InProcess;
use scenario::model::{Leaving, ServerStep, Setting};

#[derive(Clone, Debug)]
enum Act {
    /// Something is to be said; in one line or in two.
    Push { lines: bool },
    /// So many bytes reach the server.
    Send(usize),
    /// So many bytes reach the client.
    Read(usize),
    /// The connection is dead for the client; the server does not know yet.
    Break,
    /// So many bytes of dead connections reach the server.
    Late(usize),
    /// The server notices the oldest dead connection.
    Notice,
    /// The program dies and comes back with what it kept.
    Restart,
    /// The server is killed, and another one begins.
    Kill,
}

fn act() -> impl Strategy<Value = Act> {
    let bytes = || prop_oneof![1..300_usize, Just(usize::MAX)];
    prop_oneof![
        5 => prop::bool::weighted(0.2).prop_map(|lines| Act::Push { lines }),
        5 => bytes().prop_map(Act::Send),
        5 => bytes().prop_map(Act::Read),
        2 => Just(Act::Break),
        2 => bytes().prop_map(Act::Late),
        1 => Just(Act::Notice),
        1 => Just(Act::Restart),
        1 => Just(Act::Kill),
    ]
}

/// A connection that is dead for the client: what had not reached the server when it broke.
struct Dead {
    number: usize,
    unsent: Vec<u8>,
}

struct Run {
    server: InProcess,
    outbox: Outbox,
    connection: Connection,
    number: usize,
    /// Every connection has a nick of its own: the one before may be held still.
    nicks: usize,
    unsent: Vec<u8>,
    unread: Vec<u8>,
    dead: VecDeque<Dead>,
}

impl Run {
    fn new(streams: i64) -> Self {
        let value = toml::Value::Integer(streams);
        let few = Setting { table: "limits".into(), key: "delivery_streams".into(), value };
        let mut server = InProcess::start(&[few]).unwrap();
        let number = server.connect().unwrap();
        Self {
            server,
            outbox: Outbox::new(1 << 100),
            connection: Connection::begin(Identity::guest("alice0")),
            number,
            nicks: 0,
            unsent: Vec::new(),
            unread: Vec::new(),
            dead: VecDeque::new(),
        }
    }

    fn happen(&mut self, act: &Act) {
        match act {
            Act::Push { lines } => {
                let number = self.outbox.entries().count() + 1;
                let text = if *lines { format!("m{number}\nmore") } else { format!("m{number}") };
                self.outbox.push(What::say("#tea", &text));
                self.connection.pump(&mut self.outbox);
            }
            Act::Send(bytes) => {
                self.unsent.extend(self.connection.take_output());
                let bytes: Vec<u8> = self.unsent.drain(..(*bytes).min(self.unsent.len())).collect();
                self.server.send(self.number, &bytes).unwrap();
            }
            Act::Read(bytes) => self.read(*bytes),
            Act::Break => {
                self.unsent.extend(self.connection.take_output());
                let unsent = std::mem::take(&mut self.unsent);
                self.dead.push_back(Dead { number: self.number, unsent });
                self.connect();
            }
            Act::Late(bytes) => {
                if let Some(dead) = self.dead.front_mut() {
                    let bytes: Vec<u8> = dead.unsent.drain(..(*bytes).min(dead.unsent.len())).collect();
                    self.server.send(dead.number, &bytes).unwrap();
                }
            }
            Act::Notice => {
                if let Some(dead) = self.dead.pop_front() {
                    self.server.leave(dead.number, Leaving::Reset);
                }
            }
            Act::Restart => {
                let kept = serde_json::to_string(&self.outbox).unwrap();
                self.outbox = serde_json::from_str(&kept).unwrap();
                self.happen(&Act::Break);
            }
            Act::Kill => {
                self.server.server(ServerStep::Kill).unwrap();
                self.server.server(ServerStep::Start).unwrap();
                self.dead.clear();
                self.unsent.clear();
                self.connect();
            }
        }
    }

    fn connect(&mut self) {
        self.outbox.disconnected();
        self.nicks += 1;
        self.number = self.server.connect().unwrap();
        self.connection = Connection::begin(Identity::guest(&format!("alice{}", self.nicks)));
        self.unread.clear();
    }

    fn read(&mut self, most: usize) {
        while let Received::Bytes(bytes) = self.server.receive(self.number, Duration::ZERO) {
            self.unread.extend_from_slice(&bytes);
        }
        let bytes: Vec<u8> = self.unread.drain(..most.min(self.unread.len())).collect();
        self.connection.receive(&bytes, &mut self.outbox);
        while let Some(news) = self.connection.next_news() {
            match news {
                News::Ready => self.connection.say("JOIN #tea"),
                News::Refused(why) => panic!("not let in: {why}"),
                News::Settled(_) => {}
                News::Line(line) => {
                    if Message::parse(&line).unwrap().command == "366" {
                        self.connection.speak(&mut self.outbox);
                    }
                }
            }
        }
    }

    /// Lets everything come to its end on a connection that holds.
    fn rest(&mut self) {
        for _ in 0..1000 {
            self.happen(&Act::Send(usize::MAX));
            self.happen(&Act::Read(usize::MAX));
            self.happen(&Act::Late(usize::MAX));
            self.happen(&Act::Notice);
            if self.outbox.is_settled() && self.connection.handshake().is_ready() && self.dead.is_empty() {
                return;
            }
        }
        panic!("nothing comes to its end: {:?}", self.outbox);
    }

    /// What is kept, as a newcomer reads it: ids and texts, lines of one message together.
    fn history(&mut self) -> Vec<(String, String)> {
        let reader = self.server.connect().unwrap();
        let caps = "message-tags batch draft/chathistory draft/multiline";
        let lines = format!("CAP REQ :{caps}\r\nNICK reader\r\nUSER r 0 * :r\r\nCAP END\r\nJOIN #tea\r\n");
        self.server.send(reader, format!("{lines}CHATHISTORY LATEST #tea * 1000\r\n").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        while let Received::Bytes(more) = self.server.receive(reader, Duration::ZERO) {
            bytes.extend(more);
        }
        let (mut kept, mut several) = (Vec::<(String, String)>::new(), None);
        for line in String::from_utf8(bytes).unwrap().lines() {
            let message = Message::parse(line.as_bytes()).unwrap();
            let id = message.tags.value("msgid").map(String::from);
            match (message.command, id) {
                ("PRIVMSG", Some(id)) => kept.push((id, message.params.get(1).unwrap().to_owned())),
                ("BATCH", Some(id)) => several = Some((id, Vec::new())),
                ("PRIVMSG", None) => {
                    let (_, lines) = several.as_mut().unwrap();
                    lines.push(message.params.get(1).unwrap().to_owned());
                }
                ("BATCH", None) => kept.extend(several.take().map(|(id, lines)| (id, lines.join("\n")))),
                _ => {}
            }
        }
        kept
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn everything_is_kept_once_in_order(streams in 1..3_i64, acts in prop::collection::vec(act(), 1..60)) {
        let mut run = Run::new(streams);
        for act in &acts {
            run.happen(act);
        }
        run.rest();
        let said = run.outbox.entries().map(|entry| {
            let State::Kept(receipt) = &entry.state else { panic!("not kept: {entry:?}") };
            let What::Say { text, .. } = &entry.what else { unreachable!("only such were pushed") };
            (receipt.msgid.as_deref().unwrap().to_owned(), text.to_string())
        });
        let said: Vec<_> = said.collect();
        prop_assert_eq!(run.history(), said);
    }
}
