//! An IRC client of today: asks for what `IRCv3` has, keeps ids, looks into history, edits and takes back.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use chat::ids::MsgId;
use irc::message::Message;

use super::said::{Assembly, Said};
use super::{CHANNELS, Hands, Leaning, PASSWORD, change_channel, lines};
use crate::watch::{How, Rule, Seen};

const CAPABILITIES: &str = "message-tags server-time echo-message batch labeled-response standard-replies sasl \
                            draft/chathistory draft/message-redaction draft/read-marker draft/search loggia.chat/edit";

/// What only one of them asks for.
const SEVERAL_LINES: &str = "draft/multiline";

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
    /// Whether it knows of messages of several lines.
    has_lines: bool,
    nick: String,
    assembly: Assembly,
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
    /// The account that it was told it has.
    account: Option<String>,
    /// The newest place up to which it was told it has read, by channel.
    markers: BTreeMap<String, String>,
    /// The label of the search for everything, and the batch that answers it.
    search: Option<(String, Option<String>)>,
}

impl IrcClient {
    /// Makes a client.
    pub(super) fn new(name: &'static str, has_lines: bool) -> Self {
        Self {
            name,
            has_lines,
            nick: name.to_owned(),
            assembly: Assembly::default(),
            input: Vec::new(),
            is_registered: false,
            channels: BTreeSet::new(),
            remembered: VecDeque::new(),
            pings: VecDeque::new(),
            said: BTreeMap::new(),
            batches: BTreeSet::new(),
            next_label: 0,
            account: None,
            markers: BTreeMap::new(),
            search: None,
        }
    }

    pub(super) fn connected(&mut self, hands: &mut Hands<'_>) {
        let (remembered, account) = (std::mem::take(&mut self.remembered), self.account.take());
        let markers = std::mem::take(&mut self.markers);
        *self = Self { remembered, account, markers, ..Self::new(self.name, self.has_lines) };
        hands.send(&format!("CAP REQ :{CAPABILITIES}"));
        if self.has_lines {
            hands.send(&format!("CAP REQ :{SEVERAL_LINES}"));
        }
        if let Some(account) = &self.account {
            let plain = Base64::encode_string(format!("\0{account}\0{PASSWORD}").as_bytes());
            hands.send("AUTHENTICATE PLAIN");
            hands.send(&format!("AUTHENTICATE {plain}"));
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

    fn take(&mut self, message: &Message<'_>, hands: &mut Hands<'_>) {
        let param = |index| message.params.get(index).unwrap_or_default();
        let nick = message.source.unwrap_or_default().split('!').next().unwrap_or_default();
        let is_own = nick == self.nick;
        if let Some(said) = self.assembly.take(message) {
            self.heard(said, hands);
        }
        match message.command {
            "001" => {
                self.is_registered = true;
                param(0).clone_into(&mut self.nick);
                let channel = *hands.random.pick(&CHANNELS);
                hands.send(&format!("JOIN {channel}"));
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
                    && ["chathistory", "search"].contains(&param(1))
                {
                    self.batches.insert(reference.to_owned());
                    if let Some((label, batch)) = &mut self.search
                        && message.tags.value("label").is_some_and(|one| one == *label)
                    {
                        *batch = Some(reference.to_owned());
                    }
                } else if let Some(reference) = param(0).strip_prefix('-') {
                    self.batches.remove(reference);
                    if self.search.as_ref().is_some_and(|(_, batch)| batch.as_deref() == Some(reference)) {
                        hands.watch.searched.entry(hands.number).or_default();
                    }
                }
            }
            "REDACT" => {
                if let Ok(id) = param(1).parse() {
                    hands.watch.erased.insert((hands.number, id));
                    self.remembered.retain(|known| known.id != id);
                }
            }
            "FAIL" | "401" | "403" | "404" => self.refused(message, hands),
            "REGISTER" if param(0) == "SUCCESS" => {
                hands.watch.accounts.insert(param(1).to_owned());
                self.account = Some(param(1).to_owned());
            }
            "904" => {
                let what = format!("{} has the account {:?}, and is not let in", self.name, self.account);
                hands.watch.violate(Rule::Kept, what);
            }
            // Asked whether the account is really to be removed.
            "NOTICE" if param(1).contains("say: DROP ") => self.drop_account(param(1), hands),
            "MARKREAD" => self.marked(param(0), param(1), hands),
            _ => {}
        }
    }

    fn heard(&mut self, said: Said, hands: &mut Hands<'_>) {
        let Said { from, target, text, msgid, time, label, batch, .. } = said;
        let (Some(id), Some(time)) = (msgid, time) else {
            // A later line of a message that it does not know of as one.
            if text.starts_with("words") {
                hands.watch.lines.push((hands.number, text));
            }
            return;
        };
        let Ok(id) = id.parse::<MsgId>() else {
            return hands.watch.violate(Rule::Kept, format!("{} got the id {id}, which is none", self.name));
        };
        let is_history = batch.as_ref().is_some_and(|batch| self.batches.contains(batch));
        if let Some((_, Some(found_in))) = &self.search
            && batch.is_some_and(|batch| batch == *found_in)
        {
            hands.watch.searched.entry(hands.number).or_default().insert(id.seq);
        }
        if let Some(label) = label {
            self.said.remove(&label);
        }
        if !text.starts_with("words") {
            return;
        }
        if target.starts_with('#') {
            let is_own = from == self.nick;
            self.remembered.push_back(Known { id, channel: target.clone(), text: text.clone(), is_own });
            if self.remembered.len() > REMEMBERED {
                self.remembered.pop_front();
            }
        }
        let how = if is_history { How::History } else { How::Live };
        hands.watch.see(Seen { client: hands.number, id, time, target, text, is_whole: self.has_lines, how });
    }

    fn refused(&mut self, message: &Message<'_>, hands: &mut Hands<'_>) {
        let Some(text) = message.tags.value("label").and_then(|label| self.said.remove(&*label)) else { return };
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
        if hands.leaning != Leaning::Usual && hands.random.chance(300) {
            return self.lean(&channel, hands);
        }
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
            65..70 => change_channel(&channel, hands),
            70..73 => {
                let nick = format!("{}{}", self.name, hands.random.below(3));
                hands.send(&format!("NICK {nick}"));
            }
            73..78 => self.edit(hands),
            78..82 => self.take_back(hands),
            82..89 => self.look_back(&channel, hands),
            89..92 => Self::search(&channel, hands),
            92..94 if self.account.is_some() => Self::mark(&channel, hands),
            94 if self.account.is_some() => hands.send("NICKSERV DROP"),
            94..97 if self.account.is_none() => {
                hands.send(&format!("REGISTER {}{} * {PASSWORD}", self.name, hands.now.as_millis()));
            }
            _ => self.ping(hands),
        }
    }

    /// Does what people do more than is usual.
    fn lean(&mut self, channel: &str, hands: &mut Hands<'_>) {
        match (hands.leaning, hands.random.chance(500)) {
            (Leaning::Usual, _) => {}
            (Leaning::Secrets, true) => hands.send(&format!("MODE {channel} +s")),
            (Leaning::Secrets, false) => self.look_back(channel, hands),
            (Leaning::Searches, true) => hands.send("SEARCH text=words*"),
            (Leaning::Searches, false) => {
                let other = *hands.random.pick(&super::NAMES);
                if other != self.nick {
                    self.say(other, hands);
                }
            }
        }
    }

    /// Says something under a label; in a burst now and then.
    fn say(&mut self, target: &str, hands: &mut Hands<'_>) {
        let has_lines = self.has_lines;
        for words in hands.burst(|hands| if has_lines { hands.new_message() } else { hands.new_words() }) {
            let label = format!("l{}", self.label());
            if words.contains('\n') {
                hands.send(&format!("@label={label} BATCH +{label} {SEVERAL_LINES} {target}"));
                for line in words.lines() {
                    hands.send(&format!("@batch={label} PRIVMSG {target} :{line}"));
                }
                hands.send(&format!("BATCH -{label}"));
            } else {
                hands.send(&format!("@label={label} PRIVMSG {target} :{words}"));
            }
            self.said.insert(label, words);
        }
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

    /// Repeats the code that its account is removed with. From here on it does not know whether it has one.
    fn drop_account(&mut self, question: &str, hands: &mut Hands<'_>) {
        let Some(account) = self.account.take() else { return };
        hands.watch.accounts.remove(&account);
        self.markers.clear();
        let code = question.rsplit(' ').next().unwrap_or_default();
        hands.send(&format!("NICKSERV DROP {account} {code}"));
    }

    /// Searches for somebody's words, or for all.
    fn search(channel: &str, hands: &mut Hands<'_>) {
        let line = match hands.random.below(3) {
            0 => "SEARCH text=words*".to_owned(),
            1 => format!("SEARCH in={channel};text=words*;limit=5"),
            _ => format!("SEARCH text=words{}of*", hands.random.below(100)),
        };
        hands.send(&line);
    }

    /// Searches for all that can be found of what was said in the room.
    pub(super) fn search_everything(&mut self, hands: &mut Hands<'_>) {
        if self.channels.contains(CHANNELS[0]) {
            let label = format!("search{}", self.label());
            hands.send(&format!("@label={label} SEARCH in={};text=words*", CHANNELS[0]));
            self.search = Some((label, None));
        }
    }

    /// Says that it has read a channel to its end.
    fn mark(channel: &str, hands: &mut Hands<'_>) {
        let now = crate::server::moment(hands.now).wall;
        hands.send(&format!("MARKREAD {channel} timestamp={now}"));
    }

    /// What was told to be read stays read, in the same room.
    fn marked(&mut self, channel: &str, timestamp: &str, hands: &mut Hands<'_>) {
        if self.account.is_none() {
            return;
        }
        let channel = channel.to_lowercase();
        let before = self.markers.entry(channel.clone()).or_default();
        let at = timestamp.strip_prefix("timestamp=").unwrap_or_default();
        if at < before.as_str() {
            let what = format!("{} has read {channel} up to {before}, and is told {timestamp}", self.name);
            hands.watch.went_back.push((channel, what));
        }
        at.clone_into(before);
    }
}
