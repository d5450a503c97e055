//! Our own client: the crate `client` on a simulated wire. It has an account, gives everything it says an id, and comes back
//! to everything that it has missed.
//!
//! What it shows is written down in the order in which it shows it, and for which channels from where to where it promises
//! that this is everything ([`Held`]).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chat::ids::{MsgId, Seq};
use client::connection::{Connection, News};
use client::handshake::Identity;
use client::outbox::{Outbox, What};
use client::timeline::{Step, Timeline};
use irc::message::Message;

use super::said::{Assembly, Said, settled};
use super::{CHANNELS, Hands, PASSWORD, person_of};
use crate::complete::{Held, Place};
use crate::watch::{How, Rule};

/// Messages of its own that a client remembers, to edit and to take back.
const REMEMBERED: usize = 20;
/// What is asked when all JOINs are said: with its answer, the client is where it may be.
const ENTERED: &str = "entered";

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It is not let in yet.
    Beginning,
    /// It has no account, and asks for one; it says nothing.
    Registering,
    /// It is on its way into its channels.
    Entering,
    /// It says what it has to say.
    Speaking,
}

/// A message of its own.
#[derive(Clone, Debug)]
struct Own {
    id: MsgId,
    channel: String,
    text: String,
}

/// A client with what it keeps on its own disk, and its connection.
pub(crate) struct OwnClient {
    /// As it is called while it has no account.
    name: &'static str,
    outbox: Outbox,
    timeline: Timeline,
    has_account: bool,
    /// Messages of several lines, as they come and as they are shown.
    coming: Assembly,
    showing: Assembly,
    /// Where it comes back to.
    wanted: BTreeSet<String>,
    /// From where on it shows everything, by place.
    held: BTreeMap<Place, Seq>,
    /// The cursor at the last look.
    cursor: Option<MsgId>,
    /// The newest message that it has shown.
    newest: Option<MsgId>,
    /// What it says, by number.
    words: BTreeMap<u64, String>,
    own: VecDeque<Own>,
    connection: Option<Connection>,
    stage: Stage,
    /// Where it is, on the connection at hand.
    inside: BTreeSet<String>,
    /// The server could not look up what was missed.
    asks_again: bool,
    /// PINGs without answer, and when they were sent.
    pings: VecDeque<(String, Duration)>,
    next_token: u64,
}

impl OwnClient {
    pub(super) fn new(name: &'static str, number: usize) -> Self {
        Self {
            name,
            outbox: Outbox::new(0x5157_0000_0000_0000_0000_0000_0000_0000 + number as u128),
            timeline: Timeline::default(),
            has_account: false,
            coming: Assembly::default(),
            showing: Assembly::default(),
            wanted: BTreeSet::from([CHANNELS[0].to_owned()]),
            held: BTreeMap::new(),
            cursor: None,
            newest: None,
            words: BTreeMap::new(),
            own: VecDeque::new(),
            connection: None,
            stage: Stage::Beginning,
            inside: BTreeSet::new(),
            asks_again: false,
            pings: VecDeque::new(),
            next_token: 0,
        }
    }

    fn person(&self) -> &'static str {
        person_of(self.name)
    }

    pub(super) fn connected(&mut self, hands: &mut Hands<'_>) {
        self.outbox.disconnected();
        self.timeline.disconnected();
        if hands.random.chance(300) {
            self.die();
        }
        (self.stage, self.inside, self.asks_again) = (Stage::Beginning, BTreeSet::new(), false);
        self.pings.clear();
        // What is shown is shown whole: only what comes may have been cut off.
        self.coming = Assembly::default();
        let identity = if self.has_account {
            let account = Some((self.person().into(), PASSWORD.into()));
            Identity { account, ..Identity::guest(self.person()) }
        } else {
            Identity::guest(self.name)
        };
        if self.has_account {
            self.timeline.connected();
            hands.watch.complete.came_back(hands.number, self.place(), hands.newest);
        }
        self.connection = Some(Connection::begin(identity));
        self.flush(hands);
    }

    /// The program dies, and comes back with what it had written.
    fn die(&mut self) {
        let kept = serde_json::to_string(&(&self.outbox, &self.timeline)).and_then(|kept| serde_json::from_str(&kept));
        (self.outbox, self.timeline) = kept.unwrap_or_else(|error| panic!("what a client keeps is lost: {error}"));
    }

    /// Returns the place up to which it has shown everything.
    fn place(&self) -> Seq {
        self.cursor.map_or(Seq::ZERO, |id| id.seq)
    }

    pub(super) fn waits_since(&self) -> Option<Duration> {
        self.pings.front().map(|(_, since)| *since)
    }

    /// Tells whether it has said and shown everything.
    pub(super) fn is_at_rest(&self) -> bool {
        !self.has_account || self.timeline.is_live() && self.outbox.is_settled()
    }

    pub(super) fn ping(&mut self, hands: &mut Hands<'_>) {
        if self.stage == Stage::Speaking {
            self.next_token += 1;
            let token = format!("t{}", self.next_token);
            self.ask(&format!("PING {token}"), hands);
            self.pings.push_back((token, hands.now));
        }
    }

    /// Sends a line of its own.
    fn ask(&mut self, line: &str, hands: &mut Hands<'_>) {
        if let Some(connection) = &mut self.connection {
            connection.say(line);
            self.flush(hands);
        }
    }

    /// Sends what the conversation has written.
    fn flush(&mut self, hands: &mut Hands<'_>) {
        let out = self.connection.as_mut().map(Connection::take_output).unwrap_or_default();
        for line in String::from_utf8_lossy(&out).lines() {
            hands.send(line);
        }
    }

    pub(super) fn received(&mut self, bytes: &[u8], hands: &mut Hands<'_>) {
        let Some(connection) = &mut self.connection else { return };
        connection.receive(bytes, &mut self.outbox);
        while let Some(news) = self.connection.as_mut().and_then(Connection::next_news) {
            match news {
                News::Line(line) => self.line(&line, hands),
                News::Ready => self.enter(hands),
                News::Refused(why) => self.turned_away(&why, hands),
                News::Settled(number) => self.settled(number, hands),
            }
        }
        self.flush(hands);
    }

    /// It is somebody now.
    fn enter(&mut self, hands: &mut Hands<'_>) {
        if !self.has_account {
            self.stage = Stage::Registering;
            return self.ask(&format!("REGISTER {} * {PASSWORD}", self.person()), hands);
        }
        self.stage = Stage::Entering;
        for channel in self.wanted.clone() {
            self.ask(&format!("JOIN {channel}"), hands);
        }
        self.ask(&format!("PING {ENTERED}"), hands);
    }

    fn turned_away(&mut self, why: &str, hands: &mut Hands<'_>) {
        if self.has_account && why.contains("SASL authentication failed") {
            hands.watch.violate(Rule::Kept, format!("{} has an account, and is not let in: {why}", self.name));
        }
        hands.hangs_up = true;
    }

    /// It is in its channels, as far as it is let in: now it asks for what it has missed, and speaks.
    fn speak(&mut self, hands: &mut Hands<'_>) {
        self.stage = Stage::Speaking;
        let lost: Vec<Place> = self.held.keys().filter(|place| !self.is_at(place)).cloned().collect();
        for place in lost {
            self.let_go(&place, self.place(), hands);
        }
        self.resume(hands);
        if let Some(connection) = &mut self.connection {
            connection.speak(&mut self.outbox);
            if !connection.handshake().has("loggia.chat/delivery") {
                hands.watch.violate(Rule::Running, "the server does not know of ids");
            }
        }
        self.flush(hands);
    }

    fn resume(&mut self, hands: &mut Hands<'_>) {
        let mut out = Vec::new();
        self.timeline.ask(&mut out);
        self.ask(String::from_utf8_lossy(&out).trim_end(), hands);
    }

    fn is_at(&self, place: &Place) -> bool {
        match place {
            Place::Channel(channel) => self.inside.contains(channel),
            Place::Direct => true,
        }
    }

    /// From here on it does not say any more that it shows everything.
    fn let_go(&mut self, place: &Place, to: Seq, hands: &mut Hands<'_>) {
        if let Some(from) = self.held.remove(place) {
            let by = hands.watch.latest;
            hands.watch.complete.hold(Held { client: hands.number, place: place.clone(), from, to, by });
        }
    }

    /// Says for all places up to where it shows everything.
    pub(super) fn finish(&mut self, hands: &mut Hands<'_>) {
        for place in self.held.keys().cloned().collect::<Vec<_>>() {
            let to = if self.timeline.is_live() { Seq(u64::MAX) } else { self.place() };
            self.let_go(&place, to, hands);
        }
    }

    fn line(&mut self, line: &[u8], hands: &mut Hands<'_>) {
        hands.watch.note(hands.now, || format!("{} ← {}", self.name, String::from_utf8_lossy(line)));
        let Ok(message) = Message::parse(line) else { return };
        self.notice(&message, hands);
        let (mut asked, mut shown) = (Vec::new(), Vec::new());
        let step = self.timeline.receive(line, &mut asked, &mut shown);
        for line in String::from_utf8_lossy(&asked).lines() {
            self.ask(line, hands);
        }
        for line in shown {
            if let Ok(message) = Message::parse(&line) {
                self.show(&message, hands);
            }
        }
        self.look_at_the_cursor(hands);
        match step {
            Step::On => {}
            Step::AskAgain => self.asks_again = true,
            Step::Live => self.is_live_now(hands),
            Step::Gap => hands.watch.violate(Rule::Complete, format!("{}'s cursor is not known any more", self.name)),
            Step::Overrun => hands.watch.violate(Rule::Bounded, format!("{} holds back too much", self.name)),
        }
    }

    /// The cursor only goes forward.
    fn look_at_the_cursor(&mut self, hands: &mut Hands<'_>) {
        let Some(text) = self.timeline.cursor() else { return };
        let Ok(cursor) = text.parse::<MsgId>() else {
            return hands.watch.violate(Rule::Complete, format!("{text} is no cursor"));
        };
        if self.cursor.is_some_and(|before| before > cursor) {
            let what = format!("{}'s cursor goes back from {:?} to {cursor}", self.name, self.cursor);
            hands.watch.violate(Rule::Complete, what);
        }
        self.cursor = Some(cursor);
    }

    /// What was missed is shown. Where it is and did not come to, it was before.
    fn is_live_now(&mut self, hands: &mut Hands<'_>) {
        if self.timeline.take_gap() && !hands.watch.complete.may_have_gaps {
            hands.watch.violate(Rule::Complete, format!("{} is told of a gap, and nothing was removed", self.name));
        }
        let place = self.place();
        let channels = self.inside.iter().cloned().map(Place::Channel);
        for at in channels.chain([Place::Direct]) {
            self.held.entry(at).or_insert(place);
        }
    }

    /// Takes note of a line as it comes, whenever what it says is to be shown.
    fn notice(&mut self, message: &Message<'_>, hands: &mut Hands<'_>) {
        let param = |index| message.params.get(index).unwrap_or_default();
        let is_own = self.is_own(message);
        match message.command {
            "366" => {
                self.inside.insert(param(1).to_lowercase());
            }
            "JOIN" if is_own && message.tags.get("batch").is_none() => {
                self.inside.insert(param(0).to_lowercase());
            }
            "PART" if is_own && message.tags.get("batch").is_none() => self.is_out(param(0), hands),
            "KICK" if self.is_me(param(1)) && message.tags.get("batch").is_none() => self.is_out(param(0), hands),
            "PONG" if param(1) == ENTERED && self.stage == Stage::Entering => self.speak(hands),
            "PONG" => {
                if let Some(place) = self.pings.iter().position(|(token, _)| token == param(1)) {
                    self.pings.drain(..=place);
                }
            }
            "REGISTER" if param(0) == "SUCCESS" => {
                hands.watch.accounts.insert(param(1).to_owned());
                self.has_account = true;
                hands.hangs_up = true;
            }
            "FAIL" if param(0) == "REGISTER" => {
                // It was made, and the answer was lost; or by the person's other client. But the nick may also be in use, by the
                // other client as a guest or by a former connection.
                self.has_account |= param(1) == "ACCOUNT_EXISTS" && param(3) == "That name is taken";
                hands.hangs_up = true;
            }
            _ => {}
        }
        if let Some(said) = self.coming.take(message).filter(|said| said.has_outcome) {
            said.see(How::History, hands);
        }
    }

    /// It was put out of a channel, or the person has left it by another client: what of it is not shown yet may never be.
    fn is_out(&mut self, channel: &str, hands: &mut Hands<'_>) {
        let channel = channel.to_lowercase();
        self.inside.remove(&channel);
        if !self.timeline.is_live() {
            self.let_go(&Place::Channel(channel), self.place(), hands);
        }
    }

    fn is_me(&self, nick: &str) -> bool {
        self.connection.as_ref().is_some_and(|connection| nick.eq_ignore_ascii_case(connection.handshake().nick()))
    }

    fn is_own(&self, message: &Message<'_>) -> bool {
        message.source.is_some_and(|source| self.is_me(source.split('!').next().unwrap_or_default()))
    }

    /// Shows a line, in the order of the log.
    fn show(&mut self, message: &Message<'_>, hands: &mut Hands<'_>) {
        let param = |index| message.params.get(index).unwrap_or_default();
        let cursor = || message.tags.value("loggia.chat/cursor").and_then(|cursor| cursor.parse::<MsgId>().ok());
        let is_own = self.is_own(message);
        match message.command {
            "JOIN" if is_own => {
                if let Some(cursor) = cursor() {
                    self.held.entry(Place::Channel(param(0).to_lowercase())).or_insert(cursor.seq);
                }
            }
            "PART" if is_own => self.is_out_since(param(0), cursor(), hands),
            "KICK" if self.is_me(param(1)) => self.is_out_since(param(0), cursor(), hands),
            "REDACT" => {
                if let Ok(id) = param(1).parse() {
                    hands.watch.erased.insert((hands.number, id));
                    self.own.retain(|own| own.id != id);
                }
            }
            _ => {}
        }
        if let Some(said) = self.showing.take(message) {
            self.show_message(said, hands);
        }
    }

    /// What was said in a channel after this, it may never show.
    fn is_out_since(&mut self, channel: &str, cursor: Option<MsgId>, hands: &mut Hands<'_>) {
        if let Some(cursor) = cursor {
            self.let_go(&Place::Channel(channel.to_lowercase()), cursor.seq, hands);
        }
    }

    fn show_message(&mut self, said: Said, hands: &mut Hands<'_>) {
        let Some(Ok(id)) = said.msgid.as_ref().map(|id| id.parse::<MsgId>()) else { return };
        if self.newest.is_some_and(|newest| newest >= id) {
            let rule = if self.newest == Some(id) { Rule::Once } else { Rule::Order };
            hands.watch.violate(rule, format!("{} shows {id} after {:?}", self.name, self.newest));
        }
        self.newest = Some(id);
        hands.watch.complete.show(hands.number, id.seq);
        if self.is_me(&said.from) && said.target.starts_with('#') {
            self.own.push_back(Own { id, channel: said.target.clone(), text: said.text.clone() });
            if self.own.len() > REMEMBERED {
                self.own.pop_front();
            }
        }
        said.see(How::Resumed, hands);
    }

    fn settled(&mut self, number: u64, hands: &mut Hands<'_>) {
        if let (Some(entry), Some(words)) = (self.outbox.forget(number), self.words.remove(&number)) {
            settled(entry, words, hands);
        }
    }

    pub(super) fn act(&mut self, hands: &mut Hands<'_>) {
        if self.stage == Stage::Registering {
            // The disk would not take it.
            return self.enter(hands);
        }
        if self.stage != Stage::Speaking {
            return;
        }
        self.go_on(hands);
        let here: Vec<String> = self.inside.iter().cloned().collect();
        if here.is_empty() || hands.random.chance(60) {
            let channel = *hands.random.pick(&CHANNELS);
            self.wanted.insert(channel.to_owned());
            return self.ask(&format!("JOIN {channel}"), hands);
        }
        let channel = hands.random.pick(&here).clone();
        match hands.random.below(100) {
            0..65 => self.say(&channel, hands),
            65..73 => {
                let other = *hands.random.pick(&super::NAMES);
                let other = person_of(other);
                // What one says to oneself comes twice: as said, and as heard.
                if other != self.person() {
                    self.say(other, hands);
                }
            }
            73..77 if channel != CHANNELS[0] => {
                self.wanted.remove(&channel);
                self.ask(&format!("PART {channel} :bye"), hands);
            }
            77..82 => super::change_channel(&channel, hands),
            82..88 => self.edit(hands),
            88..92 => self.take_back(hands),
            92..94 => self.ask(&format!("PERSISTENCE SET {}", hands.random.pick(&["ON", "ON", "OFF"])), hands),
            _ => self.ping(hands),
        }
    }

    /// Goes on where the server could not look something up.
    pub(super) fn go_on(&mut self, hands: &mut Hands<'_>) {
        if self.stage != Stage::Speaking {
            return;
        }
        if std::mem::take(&mut self.asks_again) {
            self.resume(hands);
        }
        if self.outbox.is_held() {
            self.outbox.retry();
        }
        self.pump(hands);
    }

    fn pump(&mut self, hands: &mut Hands<'_>) {
        if let Some(connection) = &mut self.connection {
            connection.pump(&mut self.outbox);
        }
        self.flush(hands);
    }

    /// Says something; in a burst now and then.
    fn say(&mut self, target: &str, hands: &mut Hands<'_>) {
        for words in hands.burst(Hands::new_message) {
            let number = self.outbox.push(What::say(target, &words));
            self.words.insert(number, words);
        }
        self.pump(hands);
    }

    fn edit(&mut self, hands: &mut Hands<'_>) {
        let own: Vec<Own> = self.own.iter().cloned().collect();
        if own.is_empty() {
            return;
        }
        let Own { id, channel, .. } = hands.random.pick(&own);
        let (target, msgid) = (channel.as_str().into(), id.to_string().into());
        self.outbox.push(What::Edit { target, msgid, text: hands.new_words().into() });
        self.pump(hands);
    }

    fn take_back(&mut self, hands: &mut Hands<'_>) {
        let own: Vec<Own> = self.own.iter().cloned().collect();
        if own.is_empty() {
            return;
        }
        let Own { id, channel, text } = hands.random.pick(&own).clone();
        hands.watch.taking_back.insert(id, text);
        let (target, msgid) = (channel.into(), id.to_string().into());
        self.outbox.push(What::Redact { target, msgid, reason: None });
        self.pump(hands);
    }
}
