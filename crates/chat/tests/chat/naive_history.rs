//! A random past, and the plainest possible answer to every question about it: what the stores are compared with, this
//! one's and, from its own tests, the one on SQLite.

use std::sync::Arc;

use chat::event::{Event, EventKind, Message, MessageKind, Target};
use chat::fact::Fact;
use chat::history::{
    Conversation, Direct, Found, Happened, Happening, Kinds, Page, Pair, Point, Query, Span, Targets, Whom,
};
use chat::ids::{ChannelId, LogId, MsgId, RulesVersion, Seq, UserId};
use chat::person::{Person, PersonFields};
use chat::rank::Rank;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use irc::names::{ChannelName, Nick, UserName};
use proptest::prelude::*;

pub(crate) const LOG: LogId = LogId(0x1234_5678);
pub(crate) const MAPPING: CaseMapping = CaseMapping::Ascii;
/// When the first fact happens.
const START: i64 = 1_000;
const CHANNELS: [&str; 3] = ["#tea", "#Cake", "#milk"];
/// Nick, and account if they have one.
const PEOPLE: [(&str, Option<&str>); 4] =
    [("alice", Some("alice")), ("bob", Some("Bob")), ("carol", None), ("Al", Some("alice"))];

/// Something that happens, some milliseconds after what was before.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Said {
        who: usize,
        to: To,
        how: MessageKind,
        text: u8,
    },
    /// The message so many steps back gets other words, or is taken back.
    Edited {
        back: usize,
        text: u8,
    },
    Redacted {
        back: usize,
    },
    Quit {
        who: usize,
        channels: Vec<usize>,
    },
    Parted {
        who: usize,
        channel: usize,
    },
    Renamed {
        from: usize,
        to: usize,
    },
    AccountRemoved {
        who: usize,
    },
    /// A place that nothing has: what was voided.
    Gap,
}

#[derive(Clone, Debug)]
pub(crate) enum To {
    Channel(usize, Option<Rank>),
    Person(usize),
}

/// A fact in its place, with what people saw of it.
#[derive(Clone, Debug)]
pub(crate) struct Happens {
    pub(crate) seq: Seq,
    pub(crate) at: Timestamp,
    pub(crate) fact: Fact,
    pub(crate) happening: Option<Happening>,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..PEOPLE.len();
    let channel = 0..CHANNELS.len();
    let to = prop_oneof![
        4 => channel.clone().prop_map(|channel| To::Channel(channel, None)),
        1 => channel.clone().prop_map(|channel| To::Channel(channel, Some(Rank::Operator))),
        3 => who.clone().prop_map(To::Person),
    ];
    let how =
        prop_oneof![4 => Just(MessageKind::Privmsg), 1 => Just(MessageKind::Notice), 1 => Just(MessageKind::Tagmsg)];
    prop_oneof![
        12 => (who.clone(), to, how, any::<u8>()).prop_map(|(who, to, how, text)| Step::Said { who, to, how, text }),
        2 => (1..12_usize, any::<u8>()).prop_map(|(back, text)| Step::Edited { back, text }),
        2 => (1..12_usize).prop_map(|back| Step::Redacted { back }),
        1 => (who.clone(), proptest::collection::vec(channel.clone(), 1..3)).prop_map(|(who, channels)| Step::Quit { who, channels }),
        2 => (who.clone(), channel.clone()).prop_map(|(who, channel)| Step::Parted { who, channel }),
        1 => (channel.clone(), channel).prop_map(|(from, to)| Step::Renamed { from, to }),
        1 => who.prop_map(|who| Step::AccountRemoved { who }),
        1 => Just(Step::Gap),
    ]
}

/// A past: facts in their places, several at one time.
pub(crate) fn past() -> impl Strategy<Value = Vec<Happens>> {
    proptest::collection::vec((step(), 0..3_i64), 1..40).prop_map(|steps| {
        let mut at = START;
        let mut past: Vec<Happens> = Vec::new();
        for (place, (step, later)) in steps.into_iter().enumerate() {
            at += later;
            let seq = Seq(place as u64 + 1);
            if let Some((fact, happening)) = happens(step, seq, &past) {
                past.push(Happens { seq, at: Timestamp(at), fact, happening });
            }
        }
        past
    })
}

fn person(who: usize) -> Arc<Person> {
    let (nick, account) = PEOPLE[who];
    Arc::new(Person::from(PersonFields {
        nick: Nick::trusted(nick),
        username: UserName::trusted("~u"),
        host: "home".into(),
        realname: nick.into(),
        shown: None,
        account: account.map(Arc::from),
        bot: false,
        operator: false,
    }))
}

fn user(who: usize) -> UserId {
    UserId(who as u64 + 1)
}

fn channel(which: usize) -> ChannelName {
    ChannelName::trusted(CHANNELS[which])
}

fn message(who: usize, to: &To, how: MessageKind, text: u8) -> Arc<Message> {
    let target = match to {
        To::Channel(which, rank) => {
            Target::Channel { id: ChannelId(*which as u64), name: channel(*which), rank: *rank }
        }
        To::Person(other) => {
            let (nick, account) = PEOPLE[*other];
            Target::User { id: user(*other), nick: Nick::trusted(nick), account: account.map(Arc::from) }
        }
    };
    let text = if how == MessageKind::Tagmsg { String::new() } else { format!("text {text}") };
    let tags = vec![("+draft/react".into(), Some("tea".into()))];
    Arc::new(Message {
        how,
        user: user(who),
        sender: person(who),
        target,
        text: text.into(),
        tags,
        concats: None,
        relayed_by: None,
    })
}

fn happens(step: Step, seq: Seq, past: &[Happens]) -> Option<(Fact, Option<Happening>)> {
    let saw = |who, what, channels, text: &str| {
        Some(Happening { user: user(who), person: person(who), what, text: Some(text.into()), channels })
    };
    Some(match step {
        Step::Said { who, to, how, text } => {
            (Fact::Said { message: message(who, &to, how, text), rules: RulesVersion(0), delivery: None }, None)
        }
        Step::Edited { back, text } => {
            let original = Seq(seq.0.checked_sub(back as u64)?);
            // Only what was said, is not taken back and has words gets others.
            let first = said(past, original)?;
            let message = Message { text: format!("edited {text}").into(), tags: Vec::new(), ..(*first).clone() };
            let original = MsgId { log: LOG, seq: original };
            (Fact::Edited { original, message: Arc::new(message), delivery: None }, None)
        }
        Step::Redacted { back } => {
            let message = Seq(seq.0.checked_sub(back as u64)?);
            let target = said(past, message)?.target.clone();
            let message = MsgId { log: LOG, seq: message };
            (Fact::Redacted { user: user(0), by: None, target, message, reason: None, delivery: None }, None)
        }
        Step::Quit { who, channels } => {
            let channels = channels.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().map(channel);
            let quit = Fact::UserQuit { user: user(who), by: None, banned: false, reason: "bye".into() };
            (quit, saw(who, Happened::Quit, channels.collect(), "bye"))
        }
        Step::Parted { who, channel: which } => {
            let parted = Fact::Parted { user: user(who), channel: ChannelId(0), reason: Some("bye".into()) };
            (parted, saw(who, Happened::Parted { channel: channel(which) }, vec![channel(which)], "bye"))
        }
        Step::Renamed { from, to } => {
            let (old, name) = (channel(from), channel(to));
            (Fact::ChannelRenamed { user: user(0), channel: ChannelId(0), old, name, reason: "".into() }, None)
        }
        Step::AccountRemoved { who } => {
            (Fact::AccountRemoved { account: PEOPLE[who].1?.into(), keeps_messages: false }, None)
        }
        Step::Gap => return None,
    })
}

/// The message at a place, if it is there with words.
fn said(past: &[Happens], seq: Seq) -> Option<Arc<Message>> {
    let Fact::Said { message, .. } = &past.iter().find(|fact| fact.seq == seq)?.fact else { return None };
    let is_gone = entries(past).iter().all(|entry| entry.seq != seq);
    (!is_gone && message.how != MessageKind::Tagmsg).then(|| Arc::clone(message))
}

/// Questions, most of them about places and times that are there.
pub(crate) fn query() -> impl Strategy<Value = Query> {
    let point = || {
        prop_oneof![
            6 => (0..45_u64).prop_map(|seq| Point::Message(MsgId { log: LOG, seq: Seq(seq) })),
            6 => (START - 2..START + 60).prop_map(|at| Point::Time(Timestamp(at))),
            1 => Just(Point::Message(MsgId { log: LogId(8), seq: Seq(3) })),
        ]
    };
    let span = prop_oneof![
        1 => Just(Span::Latest(None)),
        1 => point().prop_map(|point| Span::Latest(Some(point))),
        1 => point().prop_map(Span::Before),
        1 => point().prop_map(Span::After),
        1 => point().prop_map(Span::Around),
        2 => (point(), point()).prop_map(|(first, second)| Span::Between(first, second)),
    ];
    let peers =
        proptest::sample::subsequence(vec!["account:alice", "account:bob", "nick:carol", "nick:bob", "nick:al"], 1..3);
    let of = prop_oneof![
        (0..CHANNELS.len())
            .prop_map(|which| Conversation::Channel(ChannelName::trusted(CHANNELS[which].to_uppercase()))),
        (owner(), peers).prop_map(|(owner, peers)| {
            Conversation::Direct(Direct { owner, peers: peers.into_iter().map(Box::from).collect() })
        }),
    ];
    let kinds = (any::<bool>(), any::<bool>()).prop_map(|(tagmsgs, events)| Kinds { tagmsgs, events });
    let bounds =
        (0..15_u64, prop_oneof![Just(u64::MAX), 1..45_u64]).prop_map(|(from, before)| (Seq(from), Seq(before)));
    let page = (of, span, 1..8_usize, kinds, bounds).prop_map(|(of, span, limit, kinds, (visible_from, before))| {
        Query::Page(Page { of, span, limit, kinds, visible_from, before })
    });
    let time = || (START - 2..START + 60).prop_map(Timestamp);
    let targets = (owner(), time(), time(), 1..5_usize, 1..45_u64).prop_map(|(owner, from, to, limit, before)| {
        let channels = CHANNELS.iter().map(|name| (ChannelName::trusted(*name), Seq(0))).collect();
        Query::Targets(Targets { channels, owner, from, to, limit, before: Seq(before) })
    });
    let within = proptest::option::of((0..CHANNELS.len()).prop_map(channel));
    let one = (1..45_u64, within, 1..45_u64).prop_map(|(seq, within, before)| Query::Message {
        id: MsgId { log: LOG, seq: Seq(seq) },
        within,
        before: Seq(before),
    });
    prop_oneof![8 => page, 1 => targets, 1 => one]
}

fn owner() -> impl Strategy<Value = Box<str>> {
    proptest::sample::select(vec!["account:alice", "account:bob", "user:3"]).prop_map(Box::from)
}

/// What stands in the past now.
struct Entry {
    seq: Seq,
    at: Timestamp,
    /// The numbers that channels have in this model: one for each name there ever was.
    channels: Vec<usize>,
    rank: Option<Rank>,
    /// Of what was said: with its newest words, and which edit those are.
    message: Option<(Arc<Message>, Option<Seq>)>,
}

/// Walks through the past once; returns what stands in it, and which number each name has at the end.
fn walk(past: &[Happens]) -> (Vec<Entry>, Vec<usize>) {
    let mut numbers: Vec<usize> = (0..CHANNELS.len()).collect();
    let mut next = CHANNELS.len();
    let number = |numbers: &[usize], name: &ChannelName| {
        numbers[CHANNELS.iter().position(|known| MAPPING.same(known, name.as_str())).unwrap()]
    };
    let mut entries: Vec<Entry> = Vec::new();
    for Happens { seq, at, fact, happening } in past {
        match fact {
            Fact::Said { message, .. } => {
                let (channels, rank) = match &message.target {
                    Target::Channel { name, rank, .. } => (vec![number(&numbers, name)], *rank),
                    Target::User { .. } => (Vec::new(), None),
                };
                let message = Some((Arc::clone(message), None));
                entries.push(Entry { seq: *seq, at: *at, channels, rank, message });
            }
            Fact::Edited { original, message, .. } => {
                for entry in entries.iter_mut().filter(|entry| entry.seq == original.seq) {
                    let first = &entry.message.as_ref().unwrap().0;
                    let words = Message { text: Arc::clone(&message.text), ..(**first).clone() };
                    entry.message = Some((Arc::new(words), Some(*seq)));
                }
            }
            Fact::Redacted { message, .. } => entries.retain(|entry| entry.seq != message.seq),
            Fact::AccountRemoved { account, .. } => entries.retain(|entry| {
                let sender = entry.message.as_ref().and_then(|(message, _)| message.sender.account.clone());
                !sender.is_some_and(|sender| MAPPING.same(&sender, account))
            }),
            Fact::ChannelRenamed { old, name, .. } if !MAPPING.same(old.as_str(), name.as_str()) => {
                let place =
                    |name: &ChannelName| CHANNELS.iter().position(|known| MAPPING.same(known, name.as_str())).unwrap();
                numbers[place(name)] = numbers[place(old)];
                numbers[place(old)] = next;
                next += 1;
            }
            _ => {}
        }
        if let Some(happening) = happening {
            let channels = happening.channels.iter().map(|name| number(&numbers, name)).collect();
            entries.push(Entry { seq: *seq, at: *at, channels, rank: None, message: None });
        }
    }
    (entries, numbers)
}

fn entries(past: &[Happens]) -> Vec<Entry> {
    walk(past).0
}

/// The answer to a question, by looking at everything. What is before `begin` was removed.
pub(crate) fn answer(past: &[Happens], begin: Seq, query: &Query) -> String {
    let (mut all, numbers) = walk(past);
    all.retain(|entry| entry.seq >= begin);
    let number =
        |name: &ChannelName| numbers[CHANNELS.iter().position(|known| MAPPING.same(known, name.as_str())).unwrap()];
    let is_in = |entry: &Entry, name: &ChannelName| entry.channels.contains(&number(name)) && entry.rank.is_none();
    match query {
        Query::Page(page) => {
            let shown: Vec<&Entry> = all
                .iter()
                .filter(|entry| {
                    let is_kind = match &entry.message {
                        Some((message, _)) => page.kinds.tagmsgs || message.how != MessageKind::Tagmsg,
                        None => page.kinds.events,
                    };
                    let is_there = match &page.of {
                        Conversation::Channel(name) => is_in(entry, name),
                        Conversation::Direct(direct) => entry
                            .message
                            .as_ref()
                            .and_then(|(message, _)| Pair::of(message, MAPPING))
                            .is_some_and(|pair| direct.has(&pair)),
                    };
                    is_kind && is_there && entry.seq >= page.visible_from && entry.seq < page.before
                })
                .collect();
            page_of(past, begin, &shown, page)
        }
        Query::Message { id, within, before } => {
            let found = all.iter().find(|entry| entry.seq == id.seq && entry.message.is_some() && entry.seq < *before);
            let found = found.filter(|entry| within.as_ref().is_none_or(|name| entry.channels.contains(&number(name))));
            format!("{:?}", found.map(line))
        }
        Query::Targets(targets) => {
            let said = || {
                all.iter().filter(|entry| {
                    entry.message.as_ref().is_some_and(|(message, _)| message.how != MessageKind::Tagmsg)
                        && entry.seq < targets.before
                })
            };
            let mut newest: Vec<(String, &Entry)> = Vec::new();
            for entry in said() {
                let mut names: Vec<String> = targets
                    .channels
                    .iter()
                    .filter(|(name, from)| is_in(entry, name) && entry.seq >= *from)
                    .map(|(name, _)| name.as_str().to_owned())
                    .collect();
                if let Some(pair) = entry.message.as_ref().and_then(|(message, _)| Pair::of(message, MAPPING)) {
                    // What somebody says to themself is a conversation with themself.
                    if pair.sender.owner == targets.owner {
                        names.push(pair.receiver.peer.to_string());
                    } else if pair.receiver.owner == targets.owner {
                        names.push(pair.sender.peer.to_string());
                    }
                }
                for name in names {
                    newest.retain(|(known, _)| *known != name);
                    newest.push((name, entry));
                }
            }
            let (low, high) = (targets.from.min(targets.to), targets.from.max(targets.to));
            newest.retain(|(_, entry)| low < entry.at && entry.at < high);
            newest.sort_by_key(|(_, entry)| entry.seq);
            let is_end = newest.len() <= targets.limit;
            if targets.from > targets.to {
                newest.drain(..newest.len().saturating_sub(targets.limit));
            } else {
                newest.truncate(targets.limit);
            }
            let times: Vec<_> = newest.iter().map(|(_, entry)| entry.at.0).collect();
            format!("{times:?} {is_end}")
        }
        Query::Search(_) | Query::Delivery { .. } => unreachable!("they are compared elsewhere"),
        #[allow(unreachable_patterns, reason = "questions that others add have tests of their own")]
        Query::Since(_) => unreachable!("it is compared elsewhere"),
    }
}

/// Is an entry before a point, at it, or after it?
fn side(entry: &Entry, point: Point) -> std::cmp::Ordering {
    match point {
        Point::Message(id) => entry.seq.cmp(&id.seq),
        Point::Time(at) => entry.at.cmp(&at),
    }
}

fn page_of(past: &[Happens], begin: Seq, shown: &[&Entry], page: &Page) -> String {
    use std::cmp::Ordering::{Greater, Less};
    if !page.span.is_of(LOG) {
        return "no such message".to_owned();
    }
    let after = |point| shown.iter().copied().filter(move |entry| side(entry, point) == Greater).collect::<Vec<_>>();
    let before = |point| shown.iter().copied().filter(move |entry| side(entry, point) == Less).collect::<Vec<_>>();
    let newest = |all: Vec<&Entry>| {
        let skipped = all.len().saturating_sub(page.limit);
        lines(&all[skipped..], skipped == 0)
    };
    let oldest = |all: Vec<&Entry>| lines(&all[..all.len().min(page.limit)], all.len() <= page.limit);
    match page.span {
        Span::Latest(None) => newest(shown.to_vec()),
        Span::Latest(Some(point)) => newest(after(point)),
        Span::Before(point) => newest(before(point)),
        Span::After(point) => oldest(after(point)),
        Span::Between(first, second) => {
            let between =
                |low, high| after(low).into_iter().filter(|entry| side(entry, high) == Less).collect::<Vec<_>>();
            if place(past, begin, first) <= place(past, begin, second) {
                oldest(between(first, second))
            } else {
                newest(between(second, first))
            }
        }
        Span::Around(point) => {
            let earlier = before(point);
            let later: Vec<&Entry> = shown.iter().copied().filter(|entry| side(entry, point) != Less).collect();
            // Half of the page is what was before, unless there is less on one side.
            let wanted = (page.limit / 2).max(page.limit.saturating_sub(later.len())).min(earlier.len());
            let rest = (page.limit - wanted).min(later.len());
            let is_end = wanted == earlier.len() && rest == later.len();
            let both: Vec<&Entry> = earlier[earlier.len() - wanted..].iter().chain(&later[..rest]).copied().collect();
            lines(&both, is_end)
        }
    }
}

/// Where a point stands among all facts: the first place that is not before it, and the first after it.
fn place(past: &[Happens], begin: Seq, point: Point) -> (u64, u64) {
    let end = past.last().map_or(0, |last| last.seq.0) + 1;
    let first = |holds: &dyn Fn(Timestamp) -> bool| {
        past.iter().filter(|fact| fact.seq >= begin).find(|fact| holds(fact.at)).map_or(end, |fact| fact.seq.0)
    };
    match point {
        Point::Message(id) => (id.seq.0, id.seq.0 + 1),
        Point::Time(time) => (first(&|at| at >= time), first(&|at| at > time)),
    }
}

fn line(entry: &Entry) -> String {
    let Entry { seq, at, message, .. } = entry;
    match message {
        Some((message, edit)) => format!("{} {} {} {:?}", seq.0, at.0, message.text, edit.map(|edit| edit.0)),
        None => format!("{} {} event", seq.0, at.0),
    }
}

fn lines(entries: &[&Entry], is_end: bool) -> String {
    format!("{:?} {is_end}", entries.iter().map(|entry| line(entry)).collect::<Vec<_>>())
}

/// Writes what a store has found as [`answer`] does.
pub(crate) fn written(found: &Found) -> String {
    match found {
        Found::NoSuchMessage => "no such message".to_owned(),
        Found::Page { entries, is_end } => format!("{:?} {is_end}", entries.iter().map(event).collect::<Vec<_>>()),
        Found::Message(kept) => {
            format!("{:?}", kept.as_ref().map(|kept| said_line(kept.id.seq, kept.at, &kept.message)))
        }
        Found::Targets { targets, is_end } => {
            let times: Vec<_> = targets
                .iter()
                .map(|(whom, at)| {
                    assert!(!matches!(whom, Whom::Person { nick, .. } if nick.is_empty()));
                    at.0
                })
                .collect();
            format!("{times:?} {is_end}")
        }
        other => panic!("{other:?}"),
    }
}

fn event(event: &Event) -> String {
    let seq = event.id.unwrap().seq;
    match &event.kind {
        EventKind::Message(message) => said_line(seq, event.at, message),
        _ => format!("{} {} event", seq.0, event.at.0),
    }
}

fn said_line(seq: Seq, at: Timestamp, message: &Message) -> String {
    let edited = message.tags.iter().find(|(key, _)| &**key == chat::features::edit::EDITED_TAG);
    let edit = edited.map(|(_, value)| value.as_ref().unwrap().parse::<MsgId>().unwrap().seq.0);
    assert_eq!(message.tags.len(), 1 + usize::from(edit.is_some()), "its own tags stay");
    format!("{} {} {} {edit:?}", seq.0, at.0, message.text)
}
