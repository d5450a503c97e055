//! The store's read side in memory: what a log of facts answers to each question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::casemap::CaseMapping;

use super::{
    Conversation, Delivered, Found, Gap, Happening, Kinds, Page, Pair, Party, Point, Query, Search, Since, Targets,
    Whom,
};
use crate::delivery::DeliveryId;
use crate::event::{Actor, Event, EventKind, Message, MessageKind, Target};
use crate::fact::Fact;
use crate::features::edit;
use crate::ids::{LogId, MsgId, Seq};
use crate::reply::Kept;
use crate::time::Timestamp;

/// All that was kept, in the log's order.
#[derive(Debug)]
pub struct Memory {
    log: LogId,
    mapping: CaseMapping,
    facts: Vec<(Seq, Timestamp, Arc<Fact>)>,
    happenings: Vec<(Seq, Timestamp, Happening)>,
}

impl Memory {
    /// Makes an empty one.
    pub fn new(log: LogId, mapping: CaseMapping) -> Self {
        Self { log, mapping, facts: Vec::new(), happenings: Vec::new() }
    }

    /// Takes a fact.
    pub fn put(&mut self, seq: Seq, at: Timestamp, fact: Arc<Fact>) {
        self.facts.push((seq, at, fact));
    }

    /// Takes what happened with a fact.
    pub fn file(&mut self, seq: Seq, at: Timestamp, happening: Happening) {
        self.happenings.push((seq, at, happening));
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
            Query::Message { id, before } => Found::Message(self.message(*id).filter(|kept| kept.id.seq < *before)),
            Query::Search(search) => Found::Search { messages: self.search(search), given_up: false },
        }
    }

    fn search(&self, search: &Search) -> Vec<Kept> {
        let said = self.said().map(|(id, at, message)| Kept { id, at, message });
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
            there.extend(self.corrections(|id, message| {
                let of = Conversation::Channel(channel.clone());
                id.seq >= *visible_from && self.belongs(message, &of)
            }));
            entries.extend(there.into_iter().filter(|event| within(event, *live_from)));
        }
        let is_owner = |message: &Message| {
            let pair = Pair::of(message, self.mapping);
            pair.is_some_and(|pair| pair.sender.owner == since.owner || pair.receiver.owner == since.owner)
        };
        let said = self.said().filter(|(_, _, message)| since.kinds.shows(message) && is_owner(message));
        let direct = said.map(|(id, at, message)| said_event(id, at, &message));
        let direct = direct.chain(self.corrections(|_, message| is_owner(message)));
        entries.extend(direct.filter(|event| within(event, since.direct_to)));
        entries.sort_by_key(|event| event.id);
        entries.dedup_by_key(|event| event.id);
        let is_end = entries.len() <= since.limit;
        entries.truncate(since.limit);
        Found::Since { entries, is_end, has_gap: false }
    }

    /// What was taken back, and edited unless it was taken back later, of the messages that `is_asked_for`.
    fn corrections(&self, is_asked_for: impl Fn(MsgId, &Message) -> bool) -> Vec<Event> {
        let taken_back: BTreeSet<MsgId> = self.facts.iter().filter_map(|(.., fact)| taken_back(fact)).collect();
        let said = |wanted: MsgId| {
            self.facts.iter().find_map(|(seq, _, fact)| match &**fact {
                Fact::Said { message, .. } if self.id(*seq) == wanted => Some(Arc::clone(message)),
                _ => None,
            })
        };
        let is_asked_for = |id| said(id).is_some_and(|message| is_asked_for(id, &message));
        let events = self.facts.iter().filter(|(.., fact)| match &**fact {
            Fact::Edited { original, .. } => !taken_back.contains(original) && is_asked_for(*original),
            Fact::Redacted { message, .. } => is_asked_for(*message),
            _ => false,
        });
        events.filter_map(|(seq, at, fact)| correction_event(self.id(*seq), *at, fact)).collect()
    }

    fn delivered(&self, wanted: &DeliveryId, before: Seq) -> Delivered {
        let mut known = Delivered::default();
        let taken_back: BTreeSet<MsgId> = self.facts.iter().filter_map(|(.., fact)| taken_back(fact)).collect();
        for (seq, at, fact) in self.facts.iter().filter(|(seq, ..)| *seq < before) {
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
                    let end = self.facts.last().map_or(Seq(1), |(seq, ..)| Seq(seq.0 + 1));
                    self.facts.iter().find(|(_, at, _)| holds(*at)).map_or(end, |(seq, ..)| *seq)
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
        let said = self.said().filter(|(_, _, message)| kinds.shows(message) && self.belongs(message, of));
        let mut entries: Vec<Event> = said.map(|(id, at, message)| said_event(id, at, &message)).collect();
        if let (true, Conversation::Channel(channel)) = (kinds.events, of) {
            let is_there = |happening: &Happening| {
                happening.channels.iter().any(|name| self.mapping.same(name.as_str(), channel.as_str()))
            };
            let there = self.happenings.iter().filter(|(_, _, happening)| is_there(happening));
            entries.extend(there.map(|(seq, at, happening)| happening.event(self.id(*seq), *at)));
        }
        entries.sort_by_key(|event| event.id);
        entries
    }

    fn id(&self, seq: Seq) -> MsgId {
        MsgId { log: self.log, seq }
    }

    /// All that was said and not taken back, with its newest words.
    fn said(&self) -> impl Iterator<Item = (MsgId, Timestamp, Arc<Message>)> {
        let mut said: BTreeMap<MsgId, (Timestamp, Arc<Message>)> = BTreeMap::new();
        let mut newest: BTreeMap<MsgId, (MsgId, Arc<str>)> = BTreeMap::new();
        for (seq, at, fact) in &self.facts {
            match &**fact {
                Fact::Said { message, .. } => drop(said.insert(self.id(*seq), (*at, Arc::clone(message)))),
                Fact::Redacted { message, .. } => drop(said.remove(message)),
                Fact::Edited { original, message, .. } => {
                    newest.insert(*original, (self.id(*seq), Arc::clone(&message.text)));
                }
                _ => {}
            }
        }
        said.into_iter().map(move |(id, (at, message))| match newest.remove(&id) {
            Some((edit, text)) => (id, at, Arc::new(edit::with_newest(&message, edit, text))),
            None => (id, at, message),
        })
    }

    fn belongs(&self, message: &Message, of: &Conversation) -> bool {
        match (&message.target, of) {
            (Target::Channel { name, rank: None, .. }, Conversation::Channel(channel)) => {
                self.mapping.same(name.as_str(), channel.as_str())
            }
            (Target::User { .. }, Conversation::Direct(direct)) => {
                Pair::of(message, self.mapping).is_some_and(|pair| direct.has(&pair))
            }
            _ => false,
        }
    }

    fn conversations(&self, targets: &Targets) -> Vec<(Whom, Timestamp, Seq)> {
        let mut found: Vec<(Whom, Timestamp, Seq)> = Vec::new();
        let shown =
            || self.said().filter(|(id, _, message)| id.seq < targets.before && Kinds::default().shows(message));
        for (channel, visible_from) in &targets.channels {
            let of = Conversation::Channel(channel.clone());
            let newest =
                shown().filter(|(id, _, message)| id.seq >= *visible_from && self.belongs(message, &of)).last();
            found.extend(newest.map(|(id, at, _)| (Whom::Channel(channel.clone()), at, id.seq)));
        }
        let mut peers: Vec<(Box<str>, Whom, Timestamp, Seq)> = Vec::new();
        for (id, at, message) in shown() {
            let Some(pair) = Pair::of(&message, self.mapping) else { continue };
            let other = match &targets.owner {
                owner if pair.sender.owner == *owner => pair.receiver,
                owner if pair.receiver.owner == *owner => pair.sender,
                _ => continue,
            };
            let whom = Whom::Person { account: Party::account_of(&other.peer).map(Box::from), nick: other.nick };
            peers.retain(|(peer, ..)| *peer != other.peer);
            peers.push((other.peer, whom, at, id.seq));
        }
        found.extend(peers.into_iter().map(|(_, whom, at, seq)| (whom, at, seq)));
        found
    }

    fn message(&self, wanted: MsgId) -> Option<Kept> {
        let (id, at, message) = self.said().find(|(id, ..)| *id == wanted)?;
        Some(Kept { id, at, message })
    }
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
