//! One client under torture: comes back after every crash, says numbered things all the while, sends again what was not
//! answered, and writes down everything it is shown.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use client::connection::News;
use client::handshake::Identity;
use client::outbox::{Entry, Outbox, State, What};
use client::timeline::{Step, Timeline};
use irc::message::Message;
use mio::{Registry, Token};

use super::transcript::{Seen, Shown, Shows, Transcript};
use super::words::{Key, ROOMS, key_in, text_of};
use crate::chance::Chance;
use crate::wire::Wire;

/// After how long at most a client comes back to a server that is there again.
const COMES_BACK_WITHIN: Duration = Duration::from_millis(40);

/// How long a client waits between two bursts at most.
const PAUSE_MAX: Duration = Duration::from_millis(40);

/// The most messages of one burst: they are written in one piece.
const BURST_MAX: u64 = 6;

/// A client that waits for so many answers says nothing more.
const UNANSWERED_MAX: usize = 60;

/// How a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As our own clients do, by the crate `client`: with ids, so nothing may be kept twice.
    Ids,
    /// As today's IRC clients do, with `echo-message`: what was not echoed is sent again, so some of it is kept twice.
    Irc,
    /// As `nc` does: lines, and what comes back is read by its words.
    Plain,
}

/// A client.
pub(crate) struct Client {
    number: u16,
    pub(crate) kind: Kind,
    seed: u64,
    chance: Chance,
    connection: Option<Connection>,
    /// When it comes back, once the server is there.
    comes_back: Option<Instant>,
    speaks_next: Instant,
    outbox: Waiting,
    next_number: u32,
    pub(crate) transcript: Transcript,
}

/// What was said and not acknowledged, in order.
enum Waiting {
    /// Of a client without ids; and how many of it were sent on this connection.
    Stock { keys: VecDeque<Key>, sent_here: usize },
    /// Of one with ids, whose numbers are one more than ours; and what it has seen, absences included.
    Ids { outbox: Box<Outbox>, timeline: Box<Timeline> },
}

struct Connection {
    wire: Wire,
    /// What must still come until it is in all its rooms.
    awaits: usize,
    /// The conversation of a client with ids.
    ids: Option<client::connection::Connection>,
}

impl Client {
    /// Makes the client with this number, which is also its token in the poll.
    pub(crate) fn new(number: u16, kind: Kind, seed: u64, now: Instant) -> Self {
        Self {
            number,
            kind,
            seed,
            chance: Chance::new(seed, u64::from(number) + 1),
            connection: None,
            comes_back: None,
            speaks_next: now,
            outbox: match kind {
                Kind::Ids => Waiting::Ids {
                    outbox: Box::new(Outbox::new(stream(&mut Chance::new(seed, u64::from(number) + (1 << 32))))),
                    timeline: Box::default(),
                },
                Kind::Irc | Kind::Plain => Waiting::Stock { keys: VecDeque::new(), sent_here: 0 },
            },
            next_number: 0,
            transcript: Transcript::default(),
        }
    }

    /// Tells whether everything it has said was acknowledged.
    pub(crate) fn is_answered(&self) -> bool {
        self.unanswered() == 0
    }

    /// Returns how much it has said without an answer.
    pub(crate) fn unanswered(&self) -> usize {
        match &self.outbox {
            Waiting::Stock { keys, .. } => keys.len(),
            Waiting::Ids { outbox, .. } => outbox.entries().count(),
        }
    }

    /// The server is there (again).
    pub(crate) fn server_is_there(&mut self, now: Instant) {
        self.comes_back = Some(now + self.chance.up_to(COMES_BACK_WITHIN));
    }

    /// The server was killed: reads what it still had written.
    pub(crate) fn server_is_gone(&mut self, shows: &mut Shows) {
        self.comes_back = None;
        if let Some(connection) = &mut self.connection {
            // An error is the end that was expected.
            let _ = connection.wire.read();
            self.take_lines(shows);
        }
        self.end();
    }

    fn end(&mut self) {
        self.connection = None;
        if let Waiting::Ids { outbox, timeline } = &mut self.outbox {
            outbox.disconnected();
            timeline.disconnected();
        }
    }

    /// Returns when it wants its turn at the latest; `None`: only when something comes.
    pub(crate) fn wakes(&self, speaks: bool) -> Option<Instant> {
        self.comes_back.or_else(|| self.is_in().then_some(self.speaks_next).filter(|_| speaks))
    }

    fn is_in(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.awaits == 0)
    }

    /// Connects when it is time, and speaks when it is time.
    pub(crate) fn turn(&mut self, now: Instant, server: SocketAddr, registry: &Registry, speaks: bool) {
        if self.comes_back.is_some_and(|at| at <= now) {
            self.comes_back = None;
            self.connect(server, registry);
        }
        if speaks && self.is_in() && self.speaks_next <= now {
            self.speaks_next = now + self.chance.up_to(PAUSE_MAX);
            let room = UNANSWERED_MAX.saturating_sub(self.unanswered());
            for _ in 0..self.chance.within(1..BURST_MAX + 1).min(room as u64) {
                let key = Key { client: self.number, number: self.next_number };
                match &mut self.outbox {
                    Waiting::Stock { keys, .. } => keys.push_back(key),
                    Waiting::Ids { outbox, .. } => {
                        outbox.push(What::say(ROOMS[room_of(key)], &text_of(key, self.seed)));
                    }
                }
                self.next_number += 1;
                self.transcript.sent += 1;
            }
            self.send();
        }
    }

    fn connect(&mut self, server: SocketAddr, registry: &Registry) {
        let wire = match Wire::connect(server, 0, registry, Token(usize::from(self.number))) {
            Ok(wire) => wire,
            Err(error) => return self.transcript.surprises.push(format!("it cannot connect: {error}")),
        };
        let mut connection = Connection { wire, awaits: 1, ids: None };
        let nick = self.nick();
        match self.kind {
            Kind::Ids => {
                connection.awaits = ROOMS.len();
                let mut begun = client::connection::Connection::begin(Identity::guest(&nick));
                connection.wire.outgoing().extend(begun.take_output());
                connection.ids = Some(begun);
            }
            Kind::Irc => {
                connection.awaits = ROOMS.len();
                for line in [
                    "CAP REQ :echo-message server-time message-tags".to_owned(),
                    format!("NICK {nick}"),
                    "USER torture 0 * :torture".to_owned(),
                    "CAP END".to_owned(),
                    format!("JOIN {}", ROOMS.join(",")),
                ] {
                    connection.wire.send(&line);
                }
            }
            // No IRC command begins like this, so the server does not wait for more.
            Kind::Plain => connection.wire.outgoing().extend_from_slice(format!("{nick}\n").as_bytes()),
        }
        // The end of a connection is noticed by reading.
        let _ = connection.wire.flush();
        self.connection = Some(connection);
        match &mut self.outbox {
            Waiting::Stock { sent_here, .. } => *sent_here = 0,
            Waiting::Ids { timeline, .. } => timeline.connected(),
        }
        self.transcript.connections.push(Vec::new());
    }

    fn nick(&self) -> String {
        format!("x{}", self.number)
    }

    /// Sends what of the outbox was not sent on this connection.
    fn send(&mut self) {
        let Some(connection) = &mut self.connection else { return };
        match &mut self.outbox {
            Waiting::Stock { keys, sent_here } => {
                for key in keys.range(*sent_here..) {
                    let text = text_of(*key, self.seed);
                    if self.kind == Kind::Plain {
                        connection.wire.outgoing().extend_from_slice(format!("{text}\n").as_bytes());
                    } else {
                        connection.wire.send(&format!("PRIVMSG {} :{text}", ROOMS[room_of(*key)]));
                    }
                }
                *sent_here = keys.len();
            }
            Waiting::Ids { outbox, .. } => {
                if let Some(ids) = &mut connection.ids {
                    ids.pump(outbox);
                    connection.wire.outgoing().extend(ids.take_output());
                }
            }
        }
        // The end of a connection is noticed by reading.
        let _ = connection.wire.flush();
    }

    /// Something can be read or written.
    pub(crate) fn ready(&mut self, shows: &mut Shows) {
        let Some(connection) = &mut self.connection else { return };
        let _ = connection.wire.flush();
        let is_open = connection.wire.read().unwrap_or(false);
        self.take_lines(shows);
        if !is_open {
            self.end();
        }
    }

    fn take_lines(&mut self, shows: &mut Shows) {
        let Some(mut connection) = self.connection.take() else { return };
        let was_in = connection.awaits == 0;
        while let Some(line) = connection.wire.line() {
            let awaited = match (self.kind, &mut connection.ids) {
                (Kind::Plain, _) => self.plain_line(line),
                (_, Some(ids)) => self.line_for_ids(line, ids, shows),
                (_, None) => self.irc_line(line, shows),
            };
            connection.awaits = connection.awaits.saturating_sub(usize::from(awaited));
        }
        let is_in = connection.awaits == 0;
        if is_in && !was_in {
            self.transcript.sent_again += self.begin_to_speak(&mut connection) as u64;
        }
        self.connection = Some(connection);
        // Also what the conversation itself has to say, such as which capabilities it wants.
        self.send();
    }

    /// It is in its rooms: what was not answered is sent again. Returns how much that is.
    fn begin_to_speak(&mut self, connection: &mut Connection) -> usize {
        match (&mut self.outbox, &mut connection.ids) {
            (Waiting::Ids { outbox, timeline }, Some(ids)) => {
                let again = outbox.entries().filter(|entry| entry.state == State::Unknown).count();
                timeline.ask(connection.wire.outgoing());
                ids.speak(outbox);
                if !ids.handshake().has("loggia.chat/delivery") {
                    self.transcript.surprises.push("the server does not know of ids".to_owned());
                }
                again
            }
            (Waiting::Stock { keys, .. }, _) => keys.len(),
            (Waiting::Ids { .. }, None) => unreachable!("a client with ids has a conversation"),
        }
    }

    /// Hands a line to the conversation of a client with ids, and looks what it makes of it; `true`: it was awaited.
    fn line_for_ids(&mut self, line: &[u8], ids: &mut client::connection::Connection, shows: &mut Shows) -> bool {
        let Waiting::Ids { outbox, timeline } = &mut self.outbox else { unreachable!("its outbox has ids") };
        ids.receive(&[line, b"\r\n"].concat(), outbox);
        let (mut came, mut asked, mut aside, mut surprises) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        while let Some(news) = ids.next_news() {
            match news {
                News::Ready => ids.say(&format!("JOIN {}", ROOMS.join(","))),
                News::Refused(why) => surprises.push(format!("it was not let in: {why}")),
                News::Line(line) => {
                    match timeline.receive(&line, &mut asked, &mut came) {
                        Step::On | Step::Live => {}
                        trouble => surprises.push(format!("what it has missed is not told: {trouble:?}")),
                    }
                    aside.push(line);
                }
                News::Settled(number) => match outbox.forget(number) {
                    Some(Entry { number, state: State::Kept(_), .. }) => {
                        let number = u32::try_from(number - 1).expect("fewer than four milliards were said");
                        self.transcript.acknowledged.insert(Key { client: self.number, number });
                    }
                    entry => surprises.push(format!("it was refused {entry:?}")),
                },
            }
        }
        for line in String::from_utf8_lossy(&asked).lines() {
            ids.say(line);
        }
        self.transcript.surprises.append(&mut surprises);
        for line in came {
            self.irc_line(&line, shows);
        }
        aside.iter().fold(false, |awaited, line| awaited | self.line_beside_the_timeline(line, shows))
    }

    /// Takes a line as it came, of which the timeline makes something by itself if it has a place; `true`: it was awaited.
    fn line_beside_the_timeline(&mut self, line: &[u8], shows: &mut Shows) -> bool {
        let Ok(message) = Message::parse(line) else { return self.irc_line(line, shows) };
        if !message.is_command("PRIVMSG") {
            return self.irc_line(line, shows);
        }
        // Live, or of a page: shown in its place. What has none answers what was sent again, and may be of long ago.
        let has_place = ["loggia.chat/cursor", "batch"].iter().any(|tag| message.tags.get(tag).is_some());
        if !has_place {
            match shown(&message, self.seed) {
                Some((told, _)) => self.note(Seen::Answer(shows.place_of(told))),
                None => self.surprise(line),
            }
        }
        false
    }

    /// Takes a line; `true`: it is one of those that were awaited.
    fn irc_line(&mut self, line: &[u8], shows: &mut Shows) -> bool {
        let Ok(message) = Message::parse(line) else {
            self.surprise(line);
            return false;
        };
        match message.command {
            "366" => return true,
            "PRIVMSG" => match shown(&message, self.seed) {
                Some((told, nick)) => {
                    let key = told.key;
                    let is_own = key.client == self.number && nick == self.nick();
                    self.note(Seen::Irc(shows.place_of(told)));
                    if is_own {
                        self.acknowledged(key);
                    }
                }
                None => self.surprise(line),
            },
            // The end of a connection says why, and belongs to it.
            "FAIL" | "401" | "403" | "404" | "417" | "433" => self.surprise(line),
            _ => {}
        }
        false
    }

    /// Takes a row; `true`: it is the one that was awaited.
    fn plain_line(&mut self, line: &[u8]) -> bool {
        let Ok(row) = std::str::from_utf8(line) else {
            self.surprise(line);
            return false;
        };
        let Some((nick, text)) = row.split_once(": ").filter(|(_, text)| text.starts_with("m-")) else {
            return row.starts_with("Benvenuto ");
        };
        match key_in(text).filter(|key| text_of(*key, self.seed) == text) {
            Some(key) => {
                self.note(Seen::Plain(key));
                if key.client == self.number && nick == self.nick() {
                    self.acknowledged(key);
                }
            }
            None => self.surprise(line),
        }
        false
    }

    fn note(&mut self, seen: Seen) {
        self.transcript.connections.last_mut().expect("there is a connection").push(seen);
    }

    /// What comes back as one's own is acknowledged. On a connection, in the order in which it was sent; a row that plain clients
    /// are shown of the past may be one's own too.
    fn acknowledged(&mut self, key: Key) {
        // Of what has ids, the outbox says so.
        let Waiting::Stock { keys, sent_here } = &mut self.outbox else { return };
        self.transcript.acknowledged.insert(key);
        if let Some(place) = keys.iter().position(|waiting| *waiting == key) {
            if place > 0 && self.kind == Kind::Irc {
                self.transcript.surprises.push(format!("{key:?} was acknowledged before {:?}", keys[0]));
            }
            keys.remove(place);
            *sent_here -= usize::from(place < *sent_here);
        }
    }

    fn surprise(&mut self, line: &[u8]) {
        self.transcript.surprises.push(format!("it was sent `{}`", String::from_utf8_lossy(line)));
    }
}

/// Draws the name of a stream of ids.
fn stream(chance: &mut Chance) -> u128 {
    (u128::from(chance.next()) << 64) | u128::from(chance.next())
}

/// Chooses where a message is said: always in the same room, also when it is sent again.
fn room_of(key: Key) -> usize {
    usize::from(!key.number.is_multiple_of(4))
}

/// Reads a message as it was shown, and who said it; `None` when it is none of ours, or lacks something, or has other words.
fn shown<'line>(message: &Message<'line>, seed: u64) -> Option<(Shown, &'line str)> {
    let text = message.params.get(1)?;
    let key = key_in(text).filter(|key| text_of(*key, seed) == text)?;
    let room = u8::try_from(ROOMS.iter().position(|room| Some(*room) == message.params.get(0))?).ok()?;
    let tag = |name| message.tags.value(name).map(Box::from);
    let nick = message.source?.split('!').next()?;
    Some((Shown { id: tag("msgid")?, time: tag("time")?, room, key }, nick))
}
