//! The interpreter between a network and servers that a test plays, read by read.

use super::*;
use crate::handshake::Identity;
use crate::network::{Kept, Network, News, Standing, Want};
use crate::outbox::What;
use crate::state::Change;

struct Play {
    network: Network,
    classroom: Classroom,
    now: Duration,
}

impl Play {
    fn new(variant: &str, name: &str) -> Self {
        let now = Duration::from_secs(100);
        let mut network = Network::new(Identity::guest(name), Kept::new(7));
        assert_eq!(network.wake(now, 0), Some(Want::Connect));
        network.connected(now);
        let variant = Variant::built_in(variant).expect("a variant");
        Self { network, classroom: Classroom::begin(variant, now), now }
    }

    /// The server says something, or nothing; returns what is sent to it, with a bar between two writes.
    fn hears(&mut self, read: &str) -> String {
        if !read.is_empty() {
            self.classroom.heard(read.as_bytes(), self.now);
        }
        let mut sent = Vec::new();
        loop {
            let output = self.network.take_output();
            self.classroom.told(&output, self.now);
            sent.extend(self.classroom.next_segment(self.now).map(|bytes| String::from_utf8(bytes).expect("text")));
            let lines = self.classroom.take_lines();
            if output.is_empty() && lines.is_empty() {
                return sent.join("|");
            }
            self.network.receive(&lines, self.now);
        }
    }

    fn after(&mut self, time: Duration) -> String {
        self.now += time;
        self.hears("")
    }

    fn shown(&self) -> Vec<String> {
        let room = self.network.state().room(ROOM).expect("the room");
        room.window.entries().map(|entry| format!("{}: {}", entry.from, entry.text)).collect()
    }

    fn members(&self) -> Vec<String> {
        let state = self.network.state();
        let room = state.room(ROOM).expect("the room");
        state.members(room).into_iter().map(|(person, _)| person.nick.to_string()).collect()
    }

    fn news(&mut self) -> Vec<News> {
        std::iter::from_fn(|| self.network.next_news()).collect()
    }
}

#[test]
fn with_an_echo_a_message_is_there_when_it_comes_back() {
    let mut play = Play::new("quit", "Anna");
    assert_eq!(play.hears(""), "", "the server speaks first");
    assert_eq!(play.hears("Salve! Digita il tuo Nome seguito dal tasto Invio!"), "Anna");
    assert_eq!(play.network.standing(), Standing::Connecting);
    play.hears("Benvenuto Anna! Se vuoi lasciare la Chat, scrivi {quit} per uscire.");
    assert_eq!(play.network.standing(), Standing::Online);
    play.hears("Bruno Rossi si è unito alla chat!");
    play.hears("Bruno Rossi: ciao: tutti");
    assert_eq!(play.shown(), ["Bruno\u{a0}Rossi: ciao: tutti"]);
    assert_eq!(play.members(), ["Anna", "Bruno\u{a0}Rossi"]);
    play.now += SEGMENT_GAP;
    let number = play.network.say(What::say(ROOM, "ciao"));
    play.network.say(What::say(ROOM, "e poi"));
    assert_eq!(play.hears(""), "ciao");
    assert_eq!(play.after(SEGMENT_GAP), "", "the first is still on its way");
    assert_eq!(play.hears("Anna: ci"), "");
    play.news();
    assert_eq!(play.hears("Anna: ao"), "e poi", "servers cut what is long");
    assert!(play.news().contains(&News::Settled(number)));
    assert_eq!(play.shown().last().map(String::as_str), Some("Anna: ciao"));
    play.hears("Bruno Rossi ha abbandonato la Chat.");
    assert_eq!(play.members(), ["Anna"]);
    play.hears("Anna: e poi");
    play.network.say(What::say(ROOM, "ancora"));
    assert_eq!(play.after(SEGMENT_GAP), "ancora");
    play.network.leave("bye");
    assert_eq!(play.hears(""), "", "and for the word by which one leaves");
    assert_eq!(play.after(SEGMENT_GAP), "{quit}");
    assert!(play.classroom.has_said_goodbye());
    assert!(play.classroom.timeout().is_some(), "it is to be read by itself");
    play.after(SEGMENT_GAP);
    assert_eq!(play.classroom.timeout(), None);
}

#[test]
fn a_message_that_does_not_come_back_says_that_the_link_is_dead() {
    let mut play = Play::new("close", "Anna");
    assert_eq!(play.hears("Benvenuto in chatroom! Inserisci il tuo nome!"), "Anna");
    assert_eq!(play.network.standing(), Standing::Online);
    play.after(Duration::from_secs(1));
    play.network.say(What::say(ROOM, "ciao"));
    assert_eq!(play.hears(""), "ciao");
    for _ in 0..4 {
        play.now += Duration::from_secs(5);
        if play.network.wake(play.now, 0) == Some(Want::Close) {
            let doubtful = play.network.kept().outbox.entries().count();
            return assert_eq!(doubtful, 1, "and what was said is not forgotten");
        }
        play.hears("");
    }
    panic!("it was not noticed");
}

#[test]
fn without_an_echo_the_client_writes_its_name_and_shows_what_it_says() {
    let mut play = Play::new("nick", "anna");
    assert_eq!(play.hears("NICK"), "anna");
    play.hears("You are now connected!");
    play.hears("bob has joined the chat!");
    play.hears("bob: one\ntwo\n");
    play.after(SEGMENT_GAP);
    play.network.say(What::say(ROOM, "ciao"));
    assert_eq!(play.hears(""), "anna: ciao\n");
    assert_eq!(play.shown(), ["bob: one", "bob: two", "anna: ciao"]);
    play.hears(&format!("bob: {}\n", "è".repeat(500)));
    assert_eq!(play.shown().len(), 6, "what is longer than a line is several messages");
    play.hears("bob has left the chat!");
    assert_eq!(play.members(), ["anna"]);
    play.network.leave("bye");
    assert_eq!(play.hears(""), "", "there is no word for it");
    assert!(!play.classroom.has_said_goodbye());
}

#[test]
fn a_name_that_is_taken_is_tried_otherwise() {
    let mut play = Play::new("username", "anna");
    assert_eq!(play.hears("Benvenuto in chat! Inserisci il tuo username!"), "anna");
    play.hears("Questo username è già in uso! Inserisci un altro username!");
    assert!(play.news().iter().any(|news| matches!(news, News::NotLetIn(_))));
    assert_eq!(play.network.wake(play.now, 0), Some(Want::Close));
    play.now += Duration::from_mins(1);
    assert_eq!(play.network.wake(play.now, 0), Some(Want::Connect));
    play.network.connected(play.now);
    play.classroom = Classroom::begin(Variant::username(), play.now);
    assert_eq!(play.hears("Benvenuto in chat! Inserisci il tuo username!"), "anna_");
    assert_eq!(play.network.standing(), Standing::Connecting);
    play.after(NAME_WAIT);
    assert_eq!(play.network.standing(), Standing::Online, "silence is consent");
    play.news();
    play.hears("SHUTDOWN");
    assert!(play.news().contains(&News::Server("SHUTDOWN".into())));
}

#[test]
fn what_cannot_be_said_there_is_refused() {
    let mut play = Play::new("username", "anna");
    play.hears("?");
    play.hears("Benvenuto anna! Scrivi quit per uscire.");
    play.after(SEGMENT_GAP);
    for what in [
        What::say(ROOM, "quit"),
        What::say(ROOM, "{quit}"),
        What::say("bob", "psst"),
        What::say(ROOM, &"x".repeat(MESSAGE_BYTES_MAX + 1)),
        What::Redact { target: ROOM.into(), msgid: "1".into(), reason: None },
    ] {
        play.news();
        let number = play.network.say(what);
        assert_eq!(play.hears(""), "");
        assert!(play.news().contains(&News::Settled(number)));
        play.network.forget(number);
    }
    assert!(!play.news().iter().any(|news| matches!(news, News::Changed(Change::Said(_)))));
    play.network.typing(ROOM, true);
    assert_eq!(play.hears(""), "");
}

#[test]
fn before_it_has_a_name_a_client_leaves_without_a_word() {
    let mut play = Play::new("quit", "Anna");
    play.hears("");
    play.network.leave("bye");
    assert_eq!(play.hears(""), "", "it would be called by it");
    assert!(!play.classroom.has_said_goodbye());
}

#[test]
fn a_name_that_is_asked_for_again_is_not_taken_for_a_welcome() {
    let mut play = Play::new("username", "anna");
    assert_eq!(play.hears("Il tuo username: "), "anna");
    play.hears("Non valido o già in uso. Il tuo username: ");
    assert!(play.news().contains(&News::NotLetIn("Non valido o già in uso. Il tuo username:".into())));
}

#[test]
fn what_a_server_reads_from_nobody_is_not_shown() {
    let mut play = Play::new("close", "Anna");
    play.hears("Benvenuto!");
    play.hears("Carla si è unito all chat!");
    play.hears("Carla: ");
    play.hears("Carla: Carla: Carla: Carla: Carl");
    play.hears("a: Carla: Carla: Bruno: ciaoCarla: Carla: Carla: Ca");
    play.hears("rla: Carla: ");
    play.hears("Carla: Bruno: Carla: dove sei?");
    play.hears("Bruno: no: no: no");
    assert_eq!(play.shown(), ["Bruno: ciao", "Bruno: Carla: dove sei?", "Bruno: no: no: no"]);
    play.hears("Carla ha abbandonato la chat.");
    play.hears("Carla si è unito all chat!");
    play.hears("Carla: Bruno: sono qui");
    assert_eq!(play.shown().last().map(String::as_str), Some("Carla: Bruno: sono qui"));
    play.now += SEGMENT_GAP;
    play.network.say(What::say(ROOM, "ah"));
    assert_eq!(play.hears(""), "ah");
    play.hears("Carla: Carla: Anna: ah");
    assert_eq!(play.shown().last().map(String::as_str), Some("Anna: ah"), "what comes back is found in it");
}

#[test]
fn a_message_comes_back_also_without_the_name() {
    let mut play = Play::new("username", "anna");
    play.hears("?");
    play.after(NAME_WAIT);
    play.network.say(What::say(ROOM, "e poi: ciao"));
    assert_eq!(play.hears(""), "e poi: ciao");
    play.hears("e poi: ciao");
    assert_eq!(play.shown(), ["anna: e poi: ciao"]);
}

#[test]
fn a_character_that_was_cut_costs_itself_only() {
    let mut play = Play::new("quit", "Anna");
    play.hears("Salve!");
    play.hears("Benvenuto!");
    let both: [&[u8]; 2] = ["Bruno: perché n".as_bytes(), "ò".as_bytes()];
    let read = both.concat();
    play.classroom.heard(&read[..read.len() - 1], play.now);
    play.classroom.heard(&[b"Bruno: ", &read[read.len() - 1..], " è così".as_bytes()].concat(), play.now);
    play.classroom.heard(b"Bruno: citt\xe0", play.now);
    play.hears("");
    assert_eq!(play.shown(), ["Bruno: perché n\u{fffd}", "Bruno: \u{fffd} è così", "Bruno: città"]);
}
