//! The store's read side in memory: what a log of facts answers to each question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::casemap::CaseMapping;
use irc::names::ChannelName;

use super::{
    ChannelKeys, Conversation, Delivered, Found, Gap, Happening, Kinds, Page, Pair, Party, Point, Query, Search, Since,
    Targets, Whom,
};
use crate::delivery::DeliveryId;
use crate::event::{Actor, Event, EventKind, Message, MessageKind, Target};
use crate::fact::Fact;
use crate::features::edit;
use crate::ids::{LogId, MsgId, Seq};
use crate::rank::Rank;
use crate::reply::Kept;
use crate::time::Timestamp;

/// All that was kept, in the log's order.
#[derive(Debug)]
pub struct Memory {
    log: LogId,
    mapping: CaseMapping,
    keys: ChannelKeys,
    facts: Vec<KeptFact>,
    happenings: Vec<KeptHappening>,
}

#[derive(Debug)]
struct KeptFact {
    seq: Seq,
    at: Timestamp,
    fact: Arc<Fact>,
    /// The key of the channel that it was said in, and the lowest rank that it was for.
    channel: Option<(Box<str>, Option<Rank>)>,
}

#[derive(Debug)]
struct KeptHappening {
    seq: Seq,
    at: Timestamp,
    happening: Happening,
    /// The keys of the channels that saw it.
    channels: Vec<Box<str>>,
}

impl Memory {
    /// Makes an empty one.
    pub fn new(log: LogId, mapping: CaseMapping) -> Self {
        Self { log, mapping, keys: ChannelKeys::default(), facts: Vec::new(), happenings: Vec::new() }
    }

    /// Takes a fact.
    pub fn put(&mut self, seq: Seq, at: Timestamp, fact: Arc<Fact>) {
        let channel = match &*fact {
            Fact::Said { message, .. } => match &message.target {
                Target::Channel { name, rank, .. } => Some((self.key(name.as_str()), *rank)),
                Target::User { .. } => None,
            },
            Fact::ChannelRenamed { old, name, .. } => {
                self.keys.rename(old.folded(self.mapping), name.folded(self.mapping), seq);
                None
            }
            _ => None,
        };
        self.facts.push(KeptFact { seq, at, fact, channel });
    }

    /// Takes what happened with a fact.
    pub fn file(&mut self, seq: Seq, at: Timestamp, happening: Happening) {
        let channels = happening.channels.iter().map(|name| self.key(name.as_str())).collect();
        self.happenings.push(KeptHappening { seq, at, happening, channels });
    }

    fn key(&self, channel: &str) -> Box<str> {
        self.keys.key(&self.mapping.fold(channel)).into()
    }

    /// Answers.
    pub fn find(&self, query: &Query) -> Found {
        match query {
            Query::Page(page) if !page.span.is_of(self.log) => Found::NoSuchMessage,
            Query::Page(page) => {
                let found = page.find(
                    |point| Ok::<_, core::convert::Infallible>(self.gap(point)),
                    |from, to, newest, most| Ok(self.read(page, from, to, newest, most)),
                );
                let Ok((entries, is_end)) = found;
                Found::Page { entries, is_end }
            }
            Query::Targets(targets) => {
                let (targets, is_end) = targets.choose(self.conversations(targets));
                Found::Targets { targets, is_end }
            }
            Query::Since(since) => self.since(since),
            Query::Delivery { id, before } => Found::Delivery(self.delivered(id, *before)),
            Query::Message { id, within, before } => {
                Found::Message(self.message(*id, within.as_ref()).filter(|kept| kept.id.seq < *before))
            }
            Query::Search(search) => Found::Search { messages: self.search(search), given_up: false },
        }
    }

    fn search(&self, search: &Search) -> Vec<Kept> {
        let said = self.said().filter_map(|Said { id, at, channel, message }| {
            let is_in = |name: &ChannelName| channel.is_some_and(|(key, _)| *key == self.key(name.as_str()));
            Some(Kept { id, at, message: search.under_its_name(message, is_in)? })
        });
        let mut found: Vec<Kept> =
            said.filter(|kept| search.fits(kept.id.seq, kept.at, &kept.message, self.mapping)).collect();
        if search.oldest {
            found.truncate(search.limit);
        } else {
            found.drain(..found.len().saturating_sub(search.limit));
        }
        found
    }

    fn since(&self, since: &Since) -> Found {
        let Some(after) = since.after else {
            return Found::Since { entries: Vec::new(), is_end: true, has_gap: false };
        };
        if after.log != self.log || after.seq >= since.before {
            return Found::NoSuchMessage;
        }
        let within =
            |event: &Event, to: Seq| event.id.is_some_and(|id| after.seq < id.seq && id.seq < to.min(since.before));
        let mut entries = Vec::new();
        for (channel, visible_from, live_from) in &since.channels {
            let mut there = self.entries(&Conversation::Channel(channel.clone()), since.kinds);
            there.retain(|event| event.id.is_some_and(|id| id.seq >= *visible_from));
            there.extend(self.corrections(|said| {
                let of = Conversation::Channel(channel.clone());
                said.id.seq >= *visible_from && self.belongs(said, &of)
            }));
            for event in &mut there {
                event.move_to(channel);
            }
            entries.extend(there.into_iter().filter(|event| within(event, *live_from)));
        }
        let is_owner = |message: &Message| {
            let pair = Pair::of(message, self.mapping);
            pair.is_some_and(|pair| pair.sender.owner == since.owner || pair.receiver.owner == since.owner)
        };
        let said = self.said().filter(|said| since.kinds.shows(&said.message) && is_owner(&said.message));
        let direct = said.map(|said| said_event(said.id, said.at, &said.message));
        let direct = direct.chain(self.corrections(|said| is_owner(&said.message)));
        entries.extend(direct.filter(|event| within(event, since.direct_to)));
        entries.sort_by_key(|event| event.id);
        entries.dedup_by_key(|event| event.id);
        let is_end = entries.len() <= since.limit;
        entries.truncate(since.limit);
        Found::Since { entries, is_end, has_gap: false }
    }

    /// What was taken back, and edited unless it was taken back later, of the messages that `is_asked_for`.
    fn corrections(&self, is_asked_for: impl Fn(&Said<'_>) -> bool) -> Vec<Event> {
        let taken_back: BTreeSet<MsgId> = self.facts.iter().filter_map(|kept| taken_back(&kept.fact)).collect();
        let said = |id: MsgId| {
            self.facts.iter().find_map(|KeptFact { seq, at, fact, channel }| match &**fact {
                Fact::Said { message, .. } if self.id(*seq) == id => {
                    Some(Said { id, at: *at, channel: channel.as_ref(), message: Arc::clone(message) })
                }
                _ => None,
            })
        };
        let is_asked_for = |id| said(id).is_some_and(|said| is_asked_for(&said));
        let events = self.facts.iter().filter(|kept| match &*kept.fact {
            Fact::Edited { original, .. } => !taken_back.contains(original) && is_asked_for(*original),
            Fact::Redacted { message, .. } => is_asked_for(*message),
            _ => false,
        });
        events.filter_map(|kept| correction_event(self.id(kept.seq), kept.at, &kept.fact)).collect()
    }

    fn delivered(&self, wanted: &DeliveryId, before: Seq) -> Delivered {
        let mut known = Delivered::default();
        let taken_back: BTreeSet<MsgId> = self.facts.iter().filter_map(|kept| taken_back(&kept.fact)).collect();
        for KeptFact { seq, at, fact, .. } in self.facts.iter().filter(|kept| kept.seq < before) {
            let Some(delivery) = fact.delivery().filter(|delivery| delivery.id.stream == wanted.stream) else {
                continue;
            };
            if known.highest == 0 {
                known.account.clone_from(&delivery.account);
            }
            known.highest = known.highest.max(delivery.id.number);
            if delivery.id.number == wanted.number && known.kept.is_none() {
                let id = self.id(*seq);
                let fact = if taken_back.contains(&id) {
                    Arc::new(Fact::clone(fact).with_text(None))
                } else {
                    Arc::clone(fact)
                };
                known.kept = Some((id, *at, fact));
            }
        }
        known
    }

    fn gap(&self, point: Point) -> Gap {
        match point {
            Point::Message(id) => Gap { first: id.seq, behind: Seq(id.seq.0.saturating_add(1)) },
            Point::Time(time) => {
                let place = |holds: &dyn Fn(Timestamp) -> bool| {
                    let end = self.facts.last().map_or(Seq(1), |last| Seq(last.seq.0 + 1));
                    self.facts.iter().find(|kept| holds(kept.at)).map_or(end, |kept| kept.seq)
                };
                Gap { first: place(&|at| at >= time), behind: place(&|at| at > time) }
            }
        }
    }

    fn read(&self, page: &Page, from: Seq, to: Seq, newest: bool, most: usize) -> Vec<Event> {
        let mut all = self.entries(&page.of, page.kinds);
        all.retain(|event| event.id.is_some_and(|id| from <= id.seq && id.seq < to));
        if newest {
            all.drain(..all.len().saturating_sub(most));
        } else {
            all.truncate(most);
        }
        all
    }

    fn entries(&self, of: &Conversation, kinds: Kinds) -> Vec<Event> {
        let said = self.said().filter(|said| kinds.shows(&said.message) && self.belongs(said, of));
        let mut entries: Vec<Event> = said.map(|said| said_event(said.id, said.at, &said.message)).collect();
        if let (true, Conversation::Channel(channel)) = (kinds.events, of) {
            let key = self.key(channel.as_str());
            let there = self.happenings.iter().filter(|kept| kept.channels.contains(&key));
            entries.extend(there.map(|kept| kept.happening.event(self.id(kept.seq), kept.at)));
        }
        entries.sort_by_key(|event| event.id);
        entries
    }

    fn id(&self, seq: Seq) -> MsgId {
        MsgId { log: self.log, seq }
    }

    /// All that was said and not taken back, with its newest words.
    fn said(&self) -> impl Iterator<Item = Said<'_>> {
        let mut said: BTreeMap<MsgId, Said<'_>> = BTreeMap::new();
        for KeptFact { seq, at, fact, channel } in &self.facts {
            let (id, channel) = (self.id(*seq), channel.as_ref());
            match &**fact {
                Fact::Said { message, .. } => {
                    said.insert(id, Said { id, at: *at, channel, message: Arc::clone(message) });
                }
                Fact::Redacted { message, .. } => drop(said.remove(message)),
                Fact::AccountRemoved { account, keeps_messages: false } => said.retain(|_, said| {
                    !said.message.sender.account.as_deref().is_some_and(|name| self.mapping.same(name, account))
                }),
                Fact::Edited { original, message, .. } => {
                    if let Some(first) = said.get_mut(original) {
                        let Some(Fact::Said { message: words, .. }) = self.fact(original.seq) else { continue };
                        first.message = Arc::new(edit::with_newest(words, id, Arc::clone(&message.text)));
                    }
                }
                _ => {}
            }
        }
        said.into_values()
    }

    fn fact(&self, seq: Seq) -> Option<&Fact> {
        self.facts.iter().find(|kept| kept.seq == seq).map(|kept| &*kept.fact)
    }

    fn belongs(&self, said: &Said<'_>, of: &Conversation) -> bool {
        match of {
            Conversation::Channel(channel) => {
                said.channel.is_some_and(|(key, rank)| rank.is_none() && *key == self.key(channel.as_str()))
            }
            Conversation::Direct(direct) => Pair::of(&said.message, self.mapping).is_some_and(|pair| direct.has(&pair)),
        }
    }

    fn conversations(&self, targets: &Targets) -> Vec<(Whom, Timestamp, Seq)> {
        let mut found: Vec<(Whom, Timestamp, Seq)> = Vec::new();
        let shown = || self.said().filter(|said| said.id.seq < targets.before && Kinds::default().shows(&said.message));
        for (channel, visible_from) in &targets.channels {
            let of = Conversation::Channel(channel.clone());
            let newest = shown().filter(|said| said.id.seq >= *visible_from && self.belongs(said, &of)).last();
            found.extend(newest.map(|said| (Whom::Channel(channel.clone()), said.at, said.id.seq)));
        }
        let mut peers: Vec<(Box<str>, Whom, Timestamp, Seq)> = Vec::new();
        for said in shown() {
            let Some(pair) = Pair::of(&said.message, self.mapping) else { continue };
            let other = match &targets.owner {
                owner if pair.sender.owner == *owner => pair.receiver,
                owner if pair.receiver.owner == *owner => pair.sender,
                _ => continue,
            };
            let whom = Whom::Person { account: Party::account_of(&other.peer).map(Box::from), nick: other.nick };
            peers.retain(|(peer, ..)| *peer != other.peer);
            peers.push((other.peer, whom, said.at, said.id.seq));
        }
        found.extend(peers.into_iter().map(|(_, whom, at, seq)| (whom, at, seq)));
        found
    }

    fn message(&self, wanted: MsgId, within: Option<&ChannelName>) -> Option<Kept> {
        let Said { id, at, channel, message } = self.said().find(|said| said.id == wanted)?;
        let is_there = |name: &ChannelName| channel.is_some_and(|(key, _)| *key == self.key(name.as_str()));
        within.is_none_or(is_there).then_some(Kept { id, at, message })
    }
}

/// Something that was said, in its newest words.
struct Said<'a> {
    id: MsgId,
    at: Timestamp,
    channel: Option<&'a (Box<str>, Option<Rank>)>,
    message: Arc<Message>,
}

impl Kinds {
    /// Tells whether a message is among them.
    pub fn shows(self, message: &Message) -> bool {
        self.tagmsgs || message.how != MessageKind::Tagmsg
    }
}

/// Returns what people saw of an edit or of a message that was taken back; nothing of other facts.
pub fn correction_event(id: MsgId, at: Timestamp, fact: &Fact) -> Option<Event> {
    let (actor, kind) = match fact {
        Fact::Edited { original, message, .. } => (
            Some(Actor { user: message.user, person: Arc::clone(&message.sender) }),
            EventKind::Edited { original: *original, message: Arc::clone(message) },
        ),
        Fact::Redacted { user, target, message, by, reason, .. } => (
            by.as_ref().map(|person| Actor { user: *user, person: Arc::clone(person) }),
            EventKind::Redacted { target: target.clone(), message: *message, reason: reason.clone() },
        ),
        _ => return None,
    };
    Some(Event { at, id: Some(id), actor, kind })
}

fn taken_back(fact: &Fact) -> Option<MsgId> {
    if let Fact::Redacted { message, .. } = fact { Some(*message) } else { None }
}

/// Returns what people saw of a message.
pub fn said_event(id: MsgId, at: Timestamp, message: &Arc<Message>) -> Event {
    let actor = Actor { user: message.user, person: Arc::clone(&message.sender) };
    Event { at, id: Some(id), actor: Some(actor), kind: EventKind::Message(Arc::clone(message)) }
}
