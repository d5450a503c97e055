//! What has happened since a place in the log: the store says the same as its model in memory.

use std::sync::Arc;

use chat::event::{Event, MessageKind, Target};
use chat::fact::Fact;
use chat::history::memory::Memory;
use chat::history::{Found, Kinds, Query, Since};
use chat::ids::{LogId, MsgId, Seq, UserId};
use chat::rank::Rank;
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use irc::names::{ChannelName, Nick};
use proptest::prelude::*;

use crate::support::{LOG, Scratch, Store, edited, id, quit, redacted, said_in, said_to};

/// A fact at a place, about places before it.
fn fact(place: u64) -> impl Strategy<Value = Fact> {
    let other = 1..place.max(2);
    prop_oneof![
        4 => prop::sample::select(vec!["#Tea", "#TEA", "#milk"])
            .prop_map(move |channel| said_in(channel, None, &format!("m{place}"))),
        1 => Just(said_in("#tea", Some(Rank::Operator), "to operators")),
        3 => prop::sample::select(vec![None, Some("anna"), Some("alice")])
            .prop_map(move |account| said_to(to(account), MessageKind::Privmsg, &format!("d{place}"))),
        1 => Just(said_to(tea(), MessageKind::Tagmsg, "")),
        2 => other.clone().prop_map(move |said| edited(said, &format!("e{place}"))),
        2 => other.prop_map(redacted),
        1 => Just(quit(1)),
    ]
}

fn tea() -> Target {
    Target::Channel { id: chat::ids::ChannelId(5), name: ChannelName::trusted("#tea"), rank: None }
}

fn to(account: Option<&str>) -> Target {
    let nick = Nick::trusted(account.unwrap_or("guest"));
    Target::User { id: UserId(9), nick, account: account.map(Arc::from) }
}

/// Facts as they can be: what has no words is not edited.
fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let any = (1..30_u64).prop_flat_map(|count| (1..=count).map(fact).collect::<Vec<_>>());
    any.prop_map(|mut facts| {
        for place in 0..facts.len() {
            if let Fact::Edited { original, .. } = &facts[place]
                && let Some(said) = usize::try_from(original.seq.0 - 1).ok().and_then(|said| facts.get(said))
                && said.text().is_none_or(|text| text.is_empty())
            {
                facts[place] = quit(1);
            }
        }
        facts
    })
}

fn since() -> impl Strategy<Value = Since> {
    let place = || (0..32_u64).prop_map(Seq);
    let channels = prop::collection::vec((prop::sample::select(vec!["#tea", "#milk", "#new"]), place(), place()), 0..3);
    let owner = prop::sample::select(vec!["account:alice", "account:anna", "user:9", "user:1"]);
    (place(), channels, owner, place(), any::<bool>(), 1..8_usize, place()).prop_map(
        |(after, mut channels, owner, direct_to, tagmsgs, limit, before)| {
            channels.sort_by_key(|(name, ..)| *name);
            channels.dedup_by_key(|(name, ..)| *name);
            Since {
                after: Some(MsgId { log: LOG, seq: after }),
                channels: channels.into_iter().map(|(name, from, to)| (ChannelName::trusted(name), from, to)).collect(),
                owner: owner.into(),
                direct_to,
                kinds: Kinds { events: true, tagmsgs },
                limit,
                before,
            }
        },
    )
}

/// What was found, to be compared: entries and whether they are all, or nothing.
fn shown(found: Found) -> Option<(Vec<Event>, bool)> {
    match found {
        Found::Since { entries, is_end, .. } => Some((entries, is_end)),
        Found::NoSuchMessage => None,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_store_says_the_same_as_its_model(facts in facts(), asked in prop::collection::vec(since(), 20)) {
        let scratch = Scratch::new("since");
        let mut store = Store::open(&scratch);
        let mut memory = Memory::new(LOG, CaseMapping::Ascii);
        for (place, fact) in (1..).zip(&facts) {
            memory.put(Seq(place), Timestamp(2_000), Arc::new(fact.clone()));
        }
        store.turn(&facts);
        store.settle();
        for since in asked {
            let expected = shown(memory.find(&Query::Since(since.clone())));
            prop_assert_eq!(shown(store.find(Query::Since(since.clone()))), expected, "{:?}", since);
        }
    }
}

#[test]
fn pages_follow_each_other_and_the_last_says_so() {
    let scratch = Scratch::new("since-pages");
    let mut store = Store::open(&scratch);
    let facts: Vec<_> = (1..=7).map(|number| said_in("#tea", None, &number.to_string())).collect();
    store.turn(&facts);
    store.settle();
    let since = |after: Option<MsgId>| Since {
        after,
        channels: vec![(ChannelName::trusted("#Tea"), Seq::ZERO, Seq(7))],
        owner: "user:1".into(),
        direct_to: Seq::ZERO,
        kinds: Kinds::default(),
        limit: 2,
        before: Seq(100),
    };
    let (mut after, mut all) = (id(1), Vec::new());
    loop {
        let Some((entries, is_end)) = shown(store.find(Query::Since(since(Some(after))))) else { panic!("no page") };
        all.extend(entries.iter().map(|event| event.id.unwrap().seq.0));
        if is_end {
            break;
        }
        after = entries.last().unwrap().id.unwrap();
    }
    assert_eq!(all, [2, 3, 4, 5, 6], "behind the cursor, and before what came live");
    let has_gap = |store: &mut Store, after| {
        let Found::Since { has_gap, .. } = store.find(Query::Since(since(Some(id(after))))) else { panic!("no page") };
        has_gap
    };
    assert!(!has_gap(&mut store, 0));
    scratch.sqlite().execute("DELETE FROM facts WHERE seq <= 3", []).unwrap();
    assert_eq!([2, 3].map(|after| has_gap(&mut store, after)), [true, false], "what was removed was not seen, or was");
    let other = MsgId { log: LogId(LOG.0 + 1), seq: Seq(1) };
    assert!(shown(store.find(Query::Since(since(Some(other))))).is_none());
    assert_eq!(shown(store.find(Query::Since(since(None)))), Some((Vec::new(), true)));
}
