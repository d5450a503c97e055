//! A shard with a hall behind it, and sockets that take as much as a test lets them.

mod addresses;
mod attached;
mod browsers;
mod endings;
mod log_in;
mod rounds;
mod websocket;

use std::collections::BTreeMap;
use std::time::Duration;

use chat::effect::Effect;
use chat::hall::{Hall, Input, Output, Start};
use chat::ids::{LogId, Seq};
use chat::time::Timestamp;
use plain::Variant;

use super::*;
use crate::features::testing::settings;
use crate::settings::Door;
use crate::trusted_proxies::TrustedProxies;
use crate::work::{Outcome, Work};

/// The other end of a connection.
#[derive(Default)]
struct Socket {
    /// One for each write of the shard.
    writes: Vec<String>,
    /// The same, byte by byte.
    bytes: Vec<u8>,
    /// How many bytes it has room for; `None`: for all.
    room: Option<usize>,
    is_broken: bool,
    /// Whether the newest of the writes was told to be the last.
    has_last: bool,
    closed: Option<CloseHow>,
}

impl Socket {
    fn received(&self) -> String {
        self.writes.concat()
    }
}

struct Rig {
    shard: Shard,
    hall: Hall,
    seq: Seq,
    now: Now,
    sockets: BTreeMap<SessionId, Socket>,
    /// What workers are to do.
    works: Vec<(SessionId, Work)>,
}

const CONNECTIONS_PER_ADDRESS: usize = 2;
const SENDQ_BYTES: usize = 2000;
/// Longer than two sends to a plain client are apart, and than the rest of a name is waited for.
const SEND_GAP: Duration = Duration::from_secs(1);
/// Who may say for whom it connects.
const GATEWAY: &str = "10.0.0.1";
const IRC_DOOR: u16 = 0;
const PLAIN_DOOR: u16 = 1;

impl Rig {
    fn new() -> Self {
        let door =
            Door { web: false, irc: true, plain: None, room: "#piazza".into(), tls: crate::settings::DoorTls::Off };
        let plain = Door { irc: false, plain: Some(Arc::new(Variant::quit())), ..door.clone() };
        let settings = Settings {
            sendq_bytes: SENDQ_BYTES,
            sasl_mechanisms: crate::sasl::Mechanism::ALL.to_vec(),
            trusted_proxies: TrustedProxies::new([GATEWAY]),
            doors: vec![door, plain.clone(), Door { web: true, irc: true, ..plain }],
            ..settings()
        };
        let hall = Hall::new(Start {
            settings: Arc::clone(&settings.chat),
            rows: vec![log_in::account()],
            log: LogId(1),
            last: Seq::ZERO,
            signals: LogId(2),
            now: Timestamp(0),
        });
        let shard = Shard::new(0, Arc::new(settings), CONNECTIONS_PER_ADDRESS);
        Self { shard, hall, seq: Seq::ZERO, now: Now::default(), sockets: BTreeMap::new(), works: Vec::new() }
    }

    fn connect(&mut self, door: u16) -> SessionId {
        let peer = Peer::new([127, 0, 0, 1].into());
        let session = self.shard.accept(door, peer, self.now).unwrap_or_else(|refused| panic!("{refused}"));
        self.sockets.insert(session, Socket::default());
        session
    }

    /// Connects somebody, who joins `#tea` and has read everything so far.
    fn join_as(&mut self, nick: &str) -> SessionId {
        let session = self.connect(IRC_DOOR);
        self.receive(session, &format!("NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\n"));
        self.turn();
        self.receive(session, "JOIN #tea\r\n");
        self.turn();
        self.sockets.values_mut().for_each(|socket| socket.writes.clear());
        session
    }

    fn socket(&mut self, session: SessionId) -> &mut Socket {
        self.sockets.entry(session).or_default()
    }

    fn receive(&mut self, session: SessionId, bytes: &str) {
        self.shard.receive(session, bytes.as_bytes(), self.now);
    }

    /// The hall's part of a turn.
    fn ask_hall(&mut self) {
        loop {
            self.poll_hall();
            let requests = self.shard.take_requests();
            if requests.is_empty() {
                return;
            }
            for request in requests {
                self.hall.handle(Input::Request(request), self.now);
                self.poll_hall();
            }
        }
    }

    /// Does what the hall wants. The log keeps everything at once.
    fn poll_hall(&mut self) {
        while let Some(output) = self.hall.poll_output() {
            match output {
                Output::Append { ticket, fact } => {
                    self.seq.0 += 1;
                    self.hall.handle(Input::Ordered { ticket, fact, seq: self.seq, at: self.now.wall }, self.now);
                    self.hall.handle(Input::Committed(self.seq), self.now);
                }
                Output::Effect(effect) => self.shard.effect(&effect, self.now),
                // There is no past here, and nothing outlives a test.
                Output::Query { session, .. } => {
                    let found = chat::history::Found::Page { entries: Vec::new(), is_end: true };
                    self.hall.handle(Input::Found { session, found }, self.now);
                }
                Output::Keep(_) | Output::File { .. } => {}
            }
        }
    }

    /// The sockets' part of a turn.
    fn write(&mut self) {
        let sockets = &mut self.sockets;
        self.shard.flush(self.now, |ToWrite { session, bytes, is_last }| {
            let socket = sockets.entry(session).or_default();
            socket.has_last = is_last;
            if socket.is_broken {
                return Err(WriteFailed);
            }
            let taken = socket.room.map_or(bytes.len(), |room| room.min(bytes.len()));
            socket.room = socket.room.map(|room| room - taken);
            socket.bytes.extend_from_slice(&bytes[..taken]);
            socket.writes.push(String::from_utf8_lossy(&bytes[..taken]).into_owned());
            Ok(taken)
        });
        for action in self.shard.take_actions() {
            match action {
                Action::Close { session, how } => self.socket(session).closed = Some(how),
                Action::Work { session, work } => self.works.push((session, work)),
                _ => {}
            }
        }
    }

    /// Turns until nothing is left to do at this moment.
    fn turn(&mut self) {
        loop {
            self.ask_hall();
            self.write();
            if !self.shard.has_dirty() {
                return;
            }
        }
    }

    fn sleep(&mut self, span: Duration) {
        self.now.instant = self.now.instant + span;
        self.shard.wake(self.now);
        self.turn();
    }

    /// Lets time pass up to the next deadline; returns how much.
    fn sleep_until_woken(&mut self) -> Duration {
        let until = self.shard.next_wake().unwrap_or_else(|| panic!("nothing is to be done ever again"));
        let span = until.since(self.now.instant);
        self.sleep(span);
        span
    }
}

#[test]
fn what_piles_up_in_a_turn_leaves_in_one_write() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    rig.receive(alice, "PRIVMSG #tea :one\r\nPRIVMSG #tea :two\r\n");
    rig.receive(bob, "PING three\r\n");
    rig.turn();
    assert_eq!(
        rig.socket(bob).writes,
        [":alice!~alice@localhost PRIVMSG #tea :one\r\n\
          :alice!~alice@localhost PRIVMSG #tea :two\r\n\
          :loggia.local PONG loggia.local three\r\n"]
    );
    assert!(rig.socket(alice).writes.is_empty());
}

#[test]
fn a_message_is_rendered_once_for_all_who_see_the_same() {
    let mut rig = Rig::new();
    let sessions: Vec<SessionId> = ["alice", "bob", "carol", "dora"].map(|nick| rig.join_as(nick)).into();
    rig.receive(sessions[3], "CAP REQ :server-time\r\n");
    rig.turn();
    let delivered = rig.shard.stats.deliveries;
    rig.receive(sessions[0], "PRIVMSG #tea :ciao\r\n");
    rig.ask_hall();
    assert_eq!(rig.shard.stats.deliveries - delivered, 3);
    let turn = String::from_utf8_lossy(&rig.shard.turn.shared).into_owned();
    assert_eq!(turn.matches("ciao").count(), 2, "with a time and without: {turn}");
    rig.write();
    assert!(sessions[1..].iter().all(|session| rig.sockets[session].received().ends_with("PRIVMSG #tea :ciao\r\n")));
}

#[test]
fn who_shares_two_channels_hears_of_a_departure_once() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    for session in [alice, bob] {
        rig.receive(session, "JOIN #cake\r\n");
        rig.turn();
    }
    rig.socket(bob).writes.clear();
    rig.receive(alice, "QUIT :home\r\n");
    rig.turn();
    assert_eq!(rig.socket(bob).received(), ":alice!~alice@localhost QUIT :Quit: home\r\n");
}

#[test]
fn who_has_left_hears_nothing_more() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    rig.receive(bob, "PART #tea\r\n");
    rig.turn();
    assert_eq!(rig.socket(bob).received(), ":bob!~bob@localhost PART #tea\r\n");
    rig.socket(bob).writes.clear();
    rig.receive(alice, "PRIVMSG #tea :ciao\r\n");
    rig.turn();
    assert!(rig.socket(bob).writes.is_empty());
}

#[test]
fn what_comes_for_a_session_that_is_gone_is_dropped() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    rig.receive(alice, "PRIVMSG #tea :ciao\r\n");
    rig.shard.lost(bob, rig.now);
    let newcomer = rig.connect(IRC_DOOR);
    rig.turn();
    assert_eq!(rig.socket(bob).closed, Some(CloseHow::Reset));
    assert!(rig.socket(newcomer).writes.is_empty(), "it has the slot, and nothing else, of who was there before");
    assert_eq!((rig.shard.len(), rig.hall.world().users.len()), (2, 1));
}

#[test]
fn a_full_socket_is_not_asked_until_it_says_so() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    rig.socket(bob).room = Some(30);
    for text in ["one", "two"] {
        rig.receive(alice, &format!("PRIVMSG #tea :{text}\r\n"));
        rig.turn();
    }
    assert_eq!(rig.socket(bob).writes, [":alice!~alice@localhost PRIVMS"]);
    // More than what it refused, but not all of it.
    rig.socket(bob).room = Some(60);
    rig.shard.writable(bob);
    rig.receive(alice, "PRIVMSG #tea :three\r\n");
    rig.turn();
    rig.socket(bob).room = None;
    rig.shard.writable(bob);
    rig.turn();
    assert_eq!(
        rig.socket(bob).received(),
        ["one", "two", "three"].map(|text| format!(":alice!~alice@localhost PRIVMSG #tea :{text}\r\n")).concat()
    );
}

#[test]
fn sends_of_a_plain_client_stay_apart_while_its_socket_is_full() {
    let mut rig = Rig::new();
    let (alice, anna) = (rig.join_as("alice"), rig.connect(PLAIN_DOOR));
    rig.receive(alice, "JOIN #piazza\r\n");
    rig.turn();
    rig.receive(anna, "anna");
    rig.turn();
    rig.sleep(SEND_GAP);
    rig.sleep(SEND_GAP);
    let before = rig.socket(anna).writes.len();
    rig.socket(anna).room = Some(0);
    for text in ["one", "two", "three"] {
        rig.receive(alice, &format!("PRIVMSG #piazza :{text}\r\n"));
        rig.turn();
    }
    rig.sleep(SEND_GAP);
    // It takes the first and has no room for the second, which follows within the same turn.
    rig.socket(anna).room = Some("alice: one".len());
    rig.shard.writable(anna);
    rig.turn();
    rig.sleep(SEND_GAP);
    rig.sleep(SEND_GAP);
    rig.socket(anna).room = None;
    rig.shard.writable(anna);
    rig.turn();
    rig.sleep(SEND_GAP);
    rig.sleep(SEND_GAP);
    let writes = rig.socket(anna).writes.split_off(before);
    let writes: Vec<&str> = writes.iter().map(String::as_str).filter(|write| !write.is_empty()).collect();
    assert_eq!(writes, ["alice: one", "alice: two", "alice: three"]);
}

#[test]
fn connections_are_counted_by_what_they_speak() {
    let mut rig = Rig::new();
    let _undecided = rig.connect(IRC_DOOR);
    let bob = rig.join_as("bob");
    let _anna = rig.connect(PLAIN_DOOR);
    rig.turn();
    assert_eq!(rig.shard.census(), Census { undecided: 1, web: 0, irc: 1, plain: 1 });
    rig.shard.lost(bob, rig.now);
    assert_eq!(rig.shard.census(), Census { undecided: 1, web: 0, irc: 0, plain: 1 });
}
