//! An IRC client of today: asks for what `IRCv3` has, keeps ids, looks into history, edits and takes back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use chat::ids::MsgId;
use irc::message::Message;

use super::{Hands, lines};
use crate::watch::{How, Rule, Seen};

const CAPABILITIES: &str = "message-tags server-time echo-message batch labeled-response standard-replies \
                            draft/chathistory draft/message-redaction loggia.chat/edit";

/// Asked for by those who give what they say an id, and say it again until they know what came of it.
const DELIVERY: &str = "loggia.chat/delivery";

/// The tag with the id.
const ID_TAG: &str = "loggia.chat/id";

const CHANNELS: [&str; 3] = ["#piazza", "#tea", "#secret"];

/// Messages that a client remembers, to edit, to take back and to ask for what was around them.
const REMEMBERED: usize = 20;

/// What a client knows of a message.
#[derive(Clone, Debug)]
struct Known {
    id: MsgId,
    channel: String,
    text: String,
    is_own: bool,
}

/// One connection of an IRC client.
pub(crate) struct IrcClient {
    name: &'static str,
    nick: String,
    input: Vec<u8>,
    is_registered: bool,
    channels: BTreeSet<String>,
    remembered: VecDeque<Known>,
    /// PINGs without answer, and when they were sent.
    pings: VecDeque<(String, Duration)>,
    /// What was said under a label, until its outcome.
    said: BTreeMap<String, String>,
    /// Open batches of history, by their references.
    batches: BTreeSet<String>,
    next_label: u64,
    has_account: bool,
    /// What has no outcome yet, by its number: the line without its id, and its words. `None`: it uses no ids.
    outbox: Option<BTreeMap<u64, Outgoing>>,
    /// The last number that was given.
    last_number: u64,
}

/// Something said with an id.
#[derive(Clone, Debug)]
struct Outgoing {
    target: String,
    words: String,
    /// It was sent on an earlier connection already: its echo may be older than what was heard since.
    is_sent_again: bool,
}

impl IrcClient {
    /// Makes a client; one that uses ids says nothing twice, whatever happens.
    pub(super) fn new(name: &'static str, uses_ids: bool) -> Self {
        Self {
            name,
            nick: name.to_owned(),
            input: Vec::new(),
            is_registered: false,
            channels: BTreeSet::new(),
            remembered: VecDeque::new(),
            pings: VecDeque::new(),
            said: BTreeMap::new(),
            batches: BTreeSet::new(),
            next_label: 0,
            // A stream that an account has begun is nobody else's: who uses ids has none here.
            has_account: uses_ids,
            outbox: uses_ids.then(BTreeMap::new),
            last_number: 0,
        }
    }

    pub(super) fn connected(&mut self, hands: &mut Hands<'_>) {
        let (remembered, outbox) = (std::mem::take(&mut self.remembered), self.outbox.take());
        let (has_account, last_number) = (self.has_account, self.last_number);
        *self = Self { remembered, has_account, outbox, last_number, ..Self::new(self.name, false) };
        hands.send(&format!("CAP REQ :{CAPABILITIES}"));
        if let Some(outbox) = &mut self.outbox {
            for outgoing in outbox.values_mut() {
                outgoing.is_sent_again = true;
            }
            hands.send(&format!("CAP REQ {DELIVERY}"));
        }
        hands.send(&format!("NICK {}", self.nick));
        hands.send(&format!("USER {0} 0 * :{0}", self.name));
        hands.send("CAP END");
    }

    pub(super) fn waits_since(&self) -> Option<Duration> {
        self.pings.front().map(|(_, since)| *since)
    }

    pub(super) fn ping(&mut self, hands: &mut Hands<'_>) {
        if self.is_registered {
            let token = format!("t{}", self.label());
            hands.send(&format!("PING {token}"));
            self.pings.push_back((token, hands.now));
        }
    }

    fn label(&mut self) -> u64 {
        self.next_label += 1;
        self.next_label
    }

    pub(super) fn received(&mut self, bytes: &[u8], hands: &mut Hands<'_>) {
        for line in lines(&mut self.input, bytes) {
            hands.watch.note(hands.now, || format!("{} ← {line}", self.name));
            match Message::parse(line.as_bytes()) {
                Ok(message) => self.take(&message, hands),
                Err(error) => hands.watch.violate(Rule::Running, format!("{} got {line:?}: {error}", self.name)),
            }
        }
    }

    /// Writes a line with its id.
    fn line(&self, number: u64, outgoing: &Outgoing) -> String {
        let Outgoing { target, words, .. } = outgoing;
        format!("@{ID_TAG}=simulated-outbox-of-{}.{number} PRIVMSG {target} :{words}", self.name)
    }

    /// Takes what was said out of the outbox when this is its outcome.
    fn outcome(&mut self, message: &Message<'_>) -> Option<Outgoing> {
        let id = message.tags.value(ID_TAG)?;
        let number = id.rsplit_once('.').and_then(|(_, number)| number.parse().ok())?;
        let cannot_tell = message.command == "FAIL" && message.params.get(1) == Some("ID_UNREADABLE");
        if cannot_tell { None } else { self.outbox.as_mut()?.remove(&number) }
    }

    fn take(&mut self, message: &Message<'_>, hands: &mut Hands<'_>) {
        let param = |index| message.params.get(index).unwrap_or_default();
        let nick = message.source.unwrap_or_default().split('!').next().unwrap_or_default();
        let is_own = nick == self.nick;
        match message.command {
            "001" => {
                self.is_registered = true;
                param(0).clone_into(&mut self.nick);
                let channel = *hands.random.pick(&CHANNELS);
                hands.send(&format!("JOIN {channel}"));
                let outbox = self.outbox.clone().unwrap_or_default();
                for (number, outgoing) in outbox {
                    hands.send(&self.line(number, &outgoing));
                }
                self.ping(hands);
            }
            // Somebody of this name is still there: the former connection.
            "433" => {
                self.nick.push('_');
                hands.send(&format!("NICK {}", self.nick));
            }
            "PING" => hands.send(&format!("PONG :{}", param(0))),
            "PONG" => {
                let token = param(1);
                while let Some((sent, _)) = self.pings.pop_front() {
                    if sent == token {
                        break;
                    }
                }
            }
            "NICK" if is_own => param(0).clone_into(&mut self.nick),
            "JOIN" if is_own => {
                self.channels.insert(param(0).to_lowercase());
            }
            "PART" if is_own => {
                self.channels.remove(&param(0).to_lowercase());
            }
            "KICK" if param(1) == self.nick => {
                self.channels.remove(&param(0).to_lowercase());
            }
            "BATCH" => {
                if let Some(reference) = param(0).strip_prefix('+')
                    && param(1) == "chathistory"
                {
                    self.batches.insert(reference.to_owned());
                } else if let Some(reference) = param(0).strip_prefix('-') {
                    self.batches.remove(reference);
                }
            }
            "PRIVMSG" => self.heard(message, is_own, hands),
            "REDACT" => {
                if let Ok(id) = param(1).parse() {
                    hands.watch.erased.insert((hands.number, id));
                    self.remembered.retain(|known| known.id != id);
                }
            }
            "FAIL" | "401" | "403" | "404" => self.refused(message, hands),
            "REGISTER" if param(0) == "SUCCESS" => {
                hands.watch.accounts.insert(param(1).to_owned());
            }
            _ => {}
        }
    }

    fn heard(&mut self, message: &Message<'_>, is_own: bool, hands: &mut Hands<'_>) {
        let (Some(id), Some(time)) = (message.tags.value("msgid"), message.tags.value("time")) else { return };
        let Ok(id) = id.parse::<MsgId>() else {
            return hands.watch.violate(Rule::Kept, format!("{} got the id {id}, which is none", self.name));
        };
        let batch = message.tags.value("batch");
        let is_old_echo = self.outcome(message).is_some_and(|outgoing| outgoing.is_sent_again);
        let is_history = is_old_echo || batch.is_some_and(|batch| self.batches.contains(&*batch));
        let (target, text) = (message.params.get(0).unwrap_or_default(), message.params.get(1).unwrap_or_default());
        if let Some(label) = message.tags.value("label") {
            self.said.remove(&*label);
        }
        let target = target.to_lowercase();
        if target.starts_with('#') && text.starts_with("words") {
            self.remembered.push_back(Known { id, channel: target.clone(), text: text.to_owned(), is_own });
            if self.remembered.len() > REMEMBERED {
                self.remembered.pop_front();
            }
        }
        if !text.starts_with("words") {
            return;
        }
        hands.watch.see(Seen {
            client: hands.number,
            id,
            time: time.into_owned(),
            target,
            text: text.to_owned(),
            how: if is_history { How::History } else { How::Live },
        });
    }

    fn refused(&mut self, message: &Message<'_>, hands: &mut Hands<'_>) {
        let with_label = message.tags.value("label").and_then(|label| self.said.remove(&*label));
        let Some(text) = with_label.or_else(|| self.outcome(message).map(|outgoing| outgoing.words)) else { return };
        if message.params.get(1) == Some("CANNOT_KEEP") || message.command == "404" {
            hands.watch.counts.refused += 1;
        }
        hands.watch.refused.insert(text);
    }

    pub(super) fn act(&mut self, hands: &mut Hands<'_>) {
        if !self.is_registered {
            return;
        }
        let here: Vec<String> = self.channels.iter().cloned().collect();
        if here.is_empty() || hands.random.chance(60) {
            let channel = *hands.random.pick(&CHANNELS);
            return hands.send(&format!("JOIN {channel}"));
        }
        let channel = hands.random.pick(&here).clone();
        match hands.random.below(100) {
            0..55 => self.say(&channel, hands),
            55..60 => {
                let other = *hands.random.pick(&super::NAMES);
                // What one says to oneself comes twice: as said, and as heard.
                if other != self.nick {
                    self.say(other, hands);
                }
            }
            60..65 => hands.send(&format!("PART {channel} :bye")),
            65..70 => Self::change_channel(&channel, hands),
            70..73 => {
                let nick = format!("{}{}", self.name, hands.random.below(3));
                hands.send(&format!("NICK {nick}"));
            }
            73..78 => self.edit(hands),
            78..82 => self.take_back(hands),
            82..94 => self.look_back(&channel, hands),
            94..96 if !self.has_account => {
                self.has_account = true;
                hands.send(&format!("REGISTER {}{} * sesame", self.name, hands.now.as_millis()));
            }
            _ => self.ping(hands),
        }
    }

    /// Says something under a label; in a burst now and then.
    fn say(&mut self, target: &str, hands: &mut Hands<'_>) {
        let times = if hands.random.chance(100) { 1 + hands.random.below(12) } else { 1 };
        for _ in 0..times {
            let words = hands.new_words();
            hands.watch.counts.said += 1;
            if let Some(outbox) = &mut self.outbox {
                self.last_number += 1;
                let outgoing = Outgoing { target: target.to_owned(), words, is_sent_again: false };
                outbox.insert(self.last_number, outgoing.clone());
                let line = self.line(self.last_number, &outgoing);
                hands.send(&line);
                continue;
            }
            let label = format!("l{}", self.label());
            hands.send(&format!("@label={label} PRIVMSG {target} :{words}"));
            self.said.insert(label, words);
        }
    }

    /// Does what operators of a channel do; often they are told that they are none.
    fn change_channel(channel: &str, hands: &mut Hands<'_>) {
        let other = *hands.random.pick(&super::NAMES);
        let line = match hands.random.below(8) {
            0 => format!("MODE {channel} +i"),
            1 => format!("MODE {channel} -i"),
            2 => format!("MODE {channel} +s"),
            3 => format!("MODE {channel} -s"),
            4 => format!("MODE {channel} +o {other}"),
            5 => format!("KICK {channel} {other} :out"),
            6 => format!("INVITE {other} {channel}"),
            _ => format!("TOPIC {channel} :{}", hands.new_words()),
        };
        hands.send(&line);
    }

    fn own(&self, hands: &mut Hands<'_>) -> Option<Known> {
        let own: Vec<&Known> = self.remembered.iter().filter(|known| known.is_own).collect();
        if own.is_empty() { None } else { Some((*hands.random.pick(&own)).clone()) }
    }

    fn edit(&mut self, hands: &mut Hands<'_>) {
        if let Some(Known { id, channel, .. }) = self.own(hands) {
            let words = hands.new_words().replace(' ', "_");
            hands.send(&format!("@draft/target-msgid={id};draft/edit-text={words} EDIT {channel}"));
        }
    }

    fn take_back(&mut self, hands: &mut Hands<'_>) {
        if let Some(Known { id, channel, text, .. }) = self.own(hands) {
            hands.watch.taking_back.insert(id, text);
            hands.send(&format!("REDACT {channel} {id}"));
        }
    }

    fn look_back(&mut self, channel: &str, hands: &mut Hands<'_>) {
        let around = self.remembered.iter().rfind(|known| known.channel == channel).map(|known| known.id);
        let limit = 1 + hands.random.below(30);
        let line = match (hands.random.below(4), around) {
            (0, Some(id)) => format!("CHATHISTORY BEFORE {channel} msgid={id} {limit}"),
            (1, Some(id)) => format!("CHATHISTORY AFTER {channel} msgid={id} {limit}"),
            (2, Some(id)) => format!("CHATHISTORY AROUND {channel} msgid={id} {limit}"),
            _ => format!("CHATHISTORY LATEST {channel} * {limit}"),
        };
        hands.send(&line);
    }
}
