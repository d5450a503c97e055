//! What has an id is kept once: on a log of any pace, with a store that answers late, on connections that send the same
//! thing at the same time, through refusals, full disks and crashes.

use std::collections::{BTreeMap, BTreeSet};

use chat::ids::Seq;
use proptest::prelude::*;

use crate::table::{Pace, Table};

#[derive(Clone, Debug)]
enum Step {
    /// A session sends what has this id.
    Send(&'static str, Id),
    Order,
    Commit,
    Void,
    /// The store answers what it was asked.
    Answer,
    /// The channel takes nothing from those without rank, or everything.
    Moderate(bool),
    /// The process dies, and another one begins.
    Crash,
}

type Id = (&'static str, u64);

const SESSIONS: [&str; 3] = ["alice", "bob", "carl"];

fn step() -> impl Strategy<Value = Step> {
    let session = prop::sample::select(SESSIONS.to_vec());
    let stream = prop::sample::select(vec!["one", "two"]);
    prop_oneof![
        12 => (session, stream, 1..5_u64).prop_map(|(session, stream, number)| Step::Send(session, (stream, number))),
        2 => Just(Step::Order),
        3 => Just(Step::Commit),
        1 => Just(Step::Void),
        3 => Just(Step::Answer),
        1 => any::<bool>().prop_map(Step::Moderate),
        1 => Just(Step::Crash),
    ]
}

/// Lets everything come to rest.
fn rest(table: &mut Table) {
    for _ in 0..200 {
        table.order();
        table.commit();
        table.answer();
    }
}

fn enter(table: &mut Table) {
    // The operator of the room is none of those who send.
    table.ask("opal", "CONNECT ; JOIN #tea");
    rest(table);
    for session in SESSIONS {
        table.ask(session, "CONNECT ; JOIN #tea");
        rest(table);
    }
}

/// The ids of what is in the log and was not voided.
fn kept(table: &Table) -> Vec<(String, u64, Seq, String)> {
    let there = table.log.iter().filter(|logged| !table.voided.contains(&logged.seq));
    there
        .filter_map(|logged| {
            let id = &logged.fact.delivery()?.id;
            Some((id.stream.to_string(), id.number, logged.seq, logged.fact.text()?.to_string()))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_has_an_id_is_kept_once_and_always_answered(
        pace in prop::sample::select(vec![Pace::AtOnce, Pace::CommitsLate, Pace::OrdersLate]),
        streams in 1..3_usize,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut table = Table::with(|settings| settings.delivery_streams = streams);
        table.pace = pace;
        table.answers_late = true;
        enter(&mut table);
        table.seen.clear();
        let mut asked: BTreeMap<String, (Id, &str)> = BTreeMap::new();
        for step in &steps {
            match step {
                Step::Send(session, (stream, number)) => {
                    // Every attempt says something else, so that the first outcome can be told.
                    let text = format!("{stream}.{number}.{}", asked.len());
                    table.ask(session, &format!("ID {stream} {number} PRIVMSG #tea :{text}"));
                    asked.insert(text, ((stream, *number), session));
                }
                Step::Order => table.order(),
                Step::Commit => table.commit(),
                Step::Void => table.void(),
                Step::Answer => table.answer(),
                Step::Moderate(on) => table.ask("opal", if *on { "MODE #tea +m" } else { "MODE #tea -m" }),
                Step::Crash => {
                    table.crash();
                    enter(&mut table);
                }
            }
        }
        rest(&mut table);
        prop_assert_eq!(&table.requests, &table.done, "every question comes to its end");

        let kept = kept(&table);
        let ids: BTreeSet<_> = kept.iter().map(|(stream, number, ..)| (stream.as_str(), *number)).collect();
        prop_assert_eq!(ids.len(), kept.len(), "kept twice: {:?}", kept);
        // Whatever anybody has seen of an id is what is kept of it.
        for (_, line) in table.seen.iter().filter(|(who, line)| who != "store" && line.contains("PRIVMSG #tea :")) {
            let text = line.rsplit(':').next().unwrap_or_default();
            prop_assert!(kept.iter().any(|(.., kept)| kept == text), "seen, and not kept: {}", line);
        }
        // And everybody has seen it once as news; who asked again has seen it as the answer, too.
        for (stream, number, _, text) in &kept {
            let (_, sender) = asked[text];
            for session in SESSIONS {
                let seen = table.seen.iter().filter(|(who, line)| who == session && line.ends_with(&format!(":{text}"))).count();
                let attempts = asked.values().filter(|((s, n), who)| s == stream && n == number && *who == session).count();
                let news = usize::from(session != sender);
                prop_assert!(seen <= news + attempts, "{session} has seen {text} {seen} times");
            }
        }
    }
}

#[test]
fn the_same_on_two_connections_is_decided_once_and_answered_twice() {
    let mut table = Table::with(|_| {});
    enter(&mut table);
    table.pace = Pace::CommitsLate;
    table.seen.clear();
    table.ask("alice", "ID one 5 PRIVMSG #tea :a");
    table.ask("bob", "ID one 5 PRIVMSG #tea :b");
    table.ask("bob", "PING x");
    let heard = |table: &mut Table, who: &str| -> Vec<String> {
        let (own, rest) = std::mem::take(&mut table.seen).into_iter().partition(|(one, _)| one == who);
        table.seen = rest;
        own.into_iter().map(|(_, line)| line).collect()
    };
    assert_eq!(
        heard(&mut table, "bob"),
        [""; 0],
        "it waits for the commit of the other one's, and its later commands too"
    );
    table.commit();
    assert_eq!(heard(&mut table, "alice"), ["alice PRIVMSG #tea :a"]);
    assert_eq!(heard(&mut table, "bob"), ["alice PRIVMSG #tea :a", "alice PRIVMSG #tea :a", "pong x"]);
}

#[test]
fn what_was_voided_is_decided_anew() {
    let mut table = Table::with(|_| {});
    enter(&mut table);
    table.pace = Pace::CommitsLate;
    table.ask("alice", "ID one 1 PRIVMSG #tea :a");
    table.ask("bob", "ID one 1 PRIVMSG #tea :b");
    table.void();
    table.commit();
    assert_eq!(kept(&table).into_iter().map(|(.., text)| text).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn the_usual_message_asks_the_store_nothing() {
    let mut table = Table::with(|_| {});
    enter(&mut table);
    let questions = |table: &Table| table.outputs.iter().filter(|output| output.starts_with("Query")).count();
    for number in 1..=100 {
        table.ask("alice", &format!("ID one {number} PRIVMSG #tea :x"));
    }
    assert_eq!(questions(&table), 1, "the first of a stream that nothing is known of");
    assert_eq!(kept(&table).len(), 100);
}
