//! The whole client on a simulated wire: the value [`Network`], driven as the window and the terminal drive it. It says when it
//! gives a connection up, gives ids to what it says, shows windows, and fills their gaps by asking for history.
//!
//! What it shows is written down now and then, and at the end, when it must be what was said last, whole and in order.

use std::collections::BTreeMap;

use chat::ids::{MsgId, Seq};
use client::handshake::Identity;
use client::network::{Kept, Network, News, Standing, Want};
use client::outbox::What;
use client::state::Room;
use irc::message::Message;

use super::said::settled;
use super::{CHANNELS, Hands, PASSWORD, change_channel, lines, person_of};
use crate::complete::{Held, Place};
use crate::watch::{How, Rule};

/// Messages of its own that it may want to edit or take back: the newest of a room.
const REMEMBERED: usize = 20;

/// The program of somebody, with what it keeps on disk.
pub(crate) struct NetworkClient {
    name: &'static str,
    network: Network,
    has_account: bool,
    /// What is no whole line yet.
    input: Vec<u8>,
    /// What it says, by number in the outbox.
    words: BTreeMap<u64, String>,
    /// From where on it shows everything that people say to it alone; none before it was there for the first time.
    since: Option<Seq>,
}

impl NetworkClient {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            network: Network::new(Identity::guest(name), Kept::new(0)),
            has_account: false,
            input: Vec::new(),
            words: BTreeMap::new(),
            since: None,
        }
    }

    pub(super) fn connected(&mut self, hands: &mut Hands<'_>) {
        let random = random(hands);
        self.network.lost(hands.now, random);
        self.input.clear();
        if hands.random.chance(300) {
            self.start_anew(hands);
        }
        self.network.hurry(hands.now);
        if self.network.wake(hands.now, random) != Some(Want::Connect) {
            hands.watch.violate(Rule::Running, format!("{} does not want to connect", self.name));
        }
        self.network.connected(hands.now);
        self.turn(hands);
    }

    /// The program dies, and is started again with what it had written.
    fn start_anew(&mut self, hands: &mut Hands<'_>) {
        self.look(false, hands);
        let kept = serde_json::to_string(self.network.kept()).and_then(|kept| serde_json::from_str(&kept));
        let kept = kept.unwrap_or_else(|error| panic!("what a client keeps is lost: {error}"));
        self.network = Network::new(self.identity(), kept);
        self.since = self.since.map(|_| hands.newest);
    }

    fn identity(&self) -> Identity {
        let account = self.has_account.then(|| (person_of(self.name).into(), PASSWORD.into()));
        Identity { account, ..Identity::guest(self.name) }
    }

    /// It has an account from here on, and begins without a past.
    fn log_in(&mut self, hands: &mut Hands<'_>) {
        self.has_account = true;
        self.network = Network::new(self.identity(), Kept::new(u128::from(hands.random.next())));
        self.network.join(CHANNELS[0]);
        hands.hangs_up = true;
    }

    pub(super) fn received(&mut self, bytes: &[u8], hands: &mut Hands<'_>) {
        for line in lines(&mut self.input, bytes) {
            hands.watch.note(hands.now, || format!("{} ← {line}", self.name));
            if let Ok(message) = Message::parse(line.as_bytes()) {
                self.notice(&message, hands);
            }
        }
        self.network.receive(bytes, hands.now);
        self.turn(hands);
    }

    /// Takes note of what the whole client does not tell.
    fn notice(&mut self, message: &Message<'_>, hands: &mut Hands<'_>) {
        let param = |index| message.params.get(index).unwrap_or_default();
        match (message.command, param(0)) {
            ("REGISTER", "SUCCESS") => {
                hands.watch.accounts.insert(param(1).to_owned());
                self.log_in(hands);
            }
            // It was made, and the answer was lost. But the nick may also be in use, by a former connection.
            ("FAIL", "REGISTER") if param(1) == "ACCOUNT_EXISTS" && param(3) == "That name is taken" => {
                self.log_in(hands);
            }
            ("FAIL", "REGISTER") => hands.hangs_up = true,
            ("REDACT", _) => {
                if let Ok(id) = param(1).parse() {
                    hands.watch.erased.insert((hands.number, id));
                }
            }
            _ => {}
        }
    }

    /// Looks at what is new, asks for what its windows lack, and writes what is to be written.
    fn turn(&mut self, hands: &mut Hands<'_>) {
        while let Some(news) = self.network.next_news() {
            match news {
                News::Settled(number) => {
                    let entry = self.network.kept().outbox.entry(number).cloned();
                    self.network.forget(number);
                    if let (Some(entry), Some(words)) = (entry, self.words.remove(&number)) {
                        settled(entry, words, hands);
                    }
                }
                News::NotLetIn(why) if self.has_account && why.contains("SASL authentication failed") => {
                    let what = format!("{} has an account, and is not let in: {why}", self.name);
                    hands.watch.violate(Rule::Kept, what);
                }
                News::Gap if !hands.watch.complete.may_have_gaps => {
                    let what = format!("{} is told of a gap, and nothing was removed", self.name);
                    hands.watch.violate(Rule::Complete, what);
                }
                News::Doubtful => {
                    let what = format!("{} cannot know whether something was kept", self.name);
                    hands.watch.violate(Rule::Once, what);
                }
                News::Standing if self.has_account && self.is_online() => {
                    self.since.get_or_insert(hands.newest);
                }
                _ => {}
            }
        }
        // One page is asked for at a time.
        let lacking: Vec<Box<str>> = self.lacking().map(|room| room.name.clone()).collect();
        let _asks = lacking.iter().any(|room| self.network.older(room));
        for line in String::from_utf8_lossy(&self.network.take_output()).lines() {
            hands.send(line);
        }
        // It may have given the connection up by itself.
        hands.hangs_up |= matches!(self.network.standing(), Standing::Waiting { .. });
    }

    fn is_online(&self) -> bool {
        self.network.standing() == Standing::Online
    }

    /// Does what a program does by itself: notices that a server is gone.
    pub(super) fn tend(&mut self, hands: &mut Hands<'_>) {
        let random = random(hands);
        if self.network.wake(hands.now, random) == Some(Want::Close) {
            hands.watch.note(hands.now, || format!("{} gives the connection up", self.name));
            hands.hangs_up = true;
            return;
        }
        if !self.has_account {
            self.network.command("REGISTER", &[person_of(self.name), "*", PASSWORD]);
        }
        self.turn(hands);
    }

    /// Returns the channels of whose past something is missing.
    fn lacking(&self) -> impl Iterator<Item = &Room> {
        self.network.state().rooms().filter(|room| room.is_joined && room.window.edge().is_some())
    }

    /// Tells whether it has said and shown everything.
    pub(super) fn is_at_rest(&self) -> bool {
        !self.has_account
            || self.is_online() && self.network.kept().outbox.is_settled() && self.lacking().next().is_none()
    }

    pub(super) fn act(&mut self, hands: &mut Hands<'_>) {
        self.tend(hands);
        if !self.has_account || !self.is_online() || hands.hangs_up {
            return;
        }
        let joined = self.network.state().rooms().filter(|room| room.is_joined);
        let here: Vec<String> = joined.map(|room| room.name.to_string()).collect();
        if here.is_empty() || hands.random.chance(60) {
            let channel = *hands.random.pick(&CHANNELS);
            self.network.join(channel);
            return self.turn(hands);
        }
        let room = hands.random.pick(&here).clone();
        match hands.random.below(100) {
            0..60 => self.say(&room, hands),
            60..70 => {
                let other = *hands.random.pick(&super::NAMES);
                let other = person_of(other);
                if other != person_of(self.name) {
                    self.say(other, hands);
                }
            }
            70..73 if room != CHANNELS[0] => self.network.part(&room, "bye"),
            73..78 => change_channel(&room, hands),
            78..85 => self.edit(&room, hands),
            85..89 => self.take_back(&room, hands),
            89 => self.look(false, hands),
            90..95 => self.network.read(&room),
            _ => self.network.typing(&room, true),
        }
        self.turn(hands);
    }

    fn say(&mut self, target: &str, hands: &mut Hands<'_>) {
        for words in hands.burst(Hands::new_message) {
            let number = self.network.say(What::say(target, &words));
            self.words.insert(number, words);
        }
    }

    /// Chooses a message of its own.
    fn own(&self, room: &str, hands: &mut Hands<'_>) -> Option<(Box<str>, String)> {
        let entries = self.network.state().room(room)?.window.entries();
        let own = entries.rev().filter(|entry| entry.is_own).take(REMEMBERED);
        let own: Vec<_> = own.filter_map(|entry| Some((entry.id.clone()?, entry.text.to_string()))).collect();
        (!own.is_empty()).then(|| hands.random.pick(&own).clone())
    }

    fn edit(&mut self, room: &str, hands: &mut Hands<'_>) {
        let Some((msgid, _)) = self.own(room, hands) else { return };
        self.network.say(What::Edit { target: room.into(), msgid, text: hands.new_words().into() });
    }

    fn take_back(&mut self, room: &str, hands: &mut Hands<'_>) {
        let Some((msgid, text)) = self.own(room, hands) else { return };
        if let Ok(id) = msgid.parse() {
            hands.watch.taking_back.insert(id, text);
        }
        self.network.say(What::Redact { target: room.into(), msgid, reason: None });
    }

    /// Writes down what its windows show.
    fn look(&self, is_last: bool, hands: &mut Hands<'_>) {
        // What it is told while it catches up it shows only when that is done.
        if !self.has_account || !self.is_online() {
            return;
        }
        let state = self.network.state();
        for room in state.rooms() {
            // Nobody tells it any more what becomes of what was said where it is not.
            let how = if is_last && (room.is_joined || !room.is_channel) { How::AtRest } else { How::Resumed };
            let mut before: Option<MsgId> = None;
            for entry in room.window.entries() {
                let (Some(Ok(id)), Some(time)) = (entry.id.as_ref().map(|id| id.parse()), entry.time) else { continue };
                if before.is_some_and(|before| before >= id) {
                    let rule = if before == Some(id) { Rule::Once } else { Rule::Order };
                    hands.watch.violate(rule, format!("{} shows {id} after {before:?} in {}", self.name, room.name));
                }
                before = Some(id);
                hands.watch.complete.show(hands.number, id.seq);
                let target = match (room.is_channel, entry.is_own) {
                    (true, _) => &*room.name,
                    // The conversation goes by the nick that they have now; it was said to the one by which they are known.
                    (false, true) => person_of(&room.name),
                    (false, false) => &*state.me,
                };
                hands.see(id, time.to_string(), target.to_lowercase(), entry.text.to_string(), how);
            }
        }
    }

    /// Says what it shows for the last time, and where that is everything.
    pub(super) fn finish(&mut self, hands: &mut Hands<'_>) {
        if !self.has_account || !self.is_online() {
            return;
        }
        self.look(true, hands);
        let rooms = self.network.state().rooms().filter(|room| room.is_joined && room.window.edge().is_none());
        let rooms = rooms.map(|room| (Place::Channel(room.name.to_lowercase()), Seq::ZERO));
        let (client, by) = (hands.number, hands.watch.latest);
        for (place, from) in rooms.chain(self.since.map(|since| (Place::Direct, since))) {
            hands.watch.complete.hold(Held { client, place, from, to: Seq(u64::MAX), by });
        }
    }
}

/// Returns 32 random bits.
fn random(hands: &mut Hands<'_>) -> u32 {
    u32::try_from(hands.random.next() >> 32).unwrap_or(0)
}
