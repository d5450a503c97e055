//! What it costs to keep a group of messages: from the first one's order to the news that all are safe.

#![allow(missing_docs, reason = "criterion's macros")]

use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};

use chat::event::{Message, MessageKind, Target};
use chat::fact::Fact;
use chat::ids::{ChannelId, LogId, RulesVersion, Seq, UserId};
use chat::person::{Person, PersonFields};
use chat::time::Timestamp;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use irc::names::{ChannelName, Nick, UserName};
use store::{Durability, EmbeddedLog, News, Options};

fn commit(criterion: &mut Criterion) {
    let directory = std::env::temp_dir().join(format!("loggia-commit-{}", std::process::id()));
    let mut group = criterion.benchmark_group("commit");
    for (name, durability) in [("disk", Durability::Disk), ("process", Durability::Process)] {
        for messages in [1, 64, 4096] {
            let _ = std::fs::remove_dir_all(&directory);
            std::fs::create_dir_all(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
            let (mut log, woken) = open(&directory, durability);
            let fact = Arc::new(message());
            group.throughput(Throughput::Elements(messages));
            group.bench_function(BenchmarkId::new(name, messages), |bencher| {
                bencher.iter(|| keep(&mut log, &woken, &fact, messages));
            });
            log.close().unwrap_or_else(|error| panic!("cannot close the log: {error}"));
        }
    }
    group.finish();
    let _ = std::fs::remove_dir_all(&directory);
}

fn open(directory: &Path, durability: Durability) -> (EmbeddedLog, Receiver<()>) {
    let (sender, woken) = mpsc::channel();
    let sender = Mutex::new(sender);
    let wake = move || {
        // Who does not listen any more has seen what it waited for.
        let _ = sender.lock().map(|sender| sender.send(()));
    };
    let options = Options::new(durability, Arc::new(wake));
    let opened = store::open(directory, options, LogId(1)).unwrap_or_else(|error| panic!("cannot open: {error}"));
    (opened.log, woken)
}

fn keep(log: &mut EmbeddedLog, woken: &Receiver<()>, fact: &Arc<Fact>, messages: u64) {
    let mut last = Seq::ZERO;
    for _ in 0..messages {
        last = log.order(Arc::clone(fact), Timestamp(0)).0;
    }
    log.flush();
    let mut committed = Seq::ZERO;
    while committed < last {
        for news in log.news() {
            match news {
                News::Committed(through) => committed = through,
                other => panic!("{other:?}"),
            }
        }
        if committed < last {
            woken.recv().unwrap_or_else(|error| panic!("the store has ended: {error}"));
        }
    }
}

fn message() -> Fact {
    let sender = Person::from(PersonFields {
        nick: Nick::trusted("alice"),
        username: UserName::trusted("~alice"),
        host: "192.0.2.1".into(),
        realname: "Alice".into(),
        shown: None,
        account: None,
        bot: false,
        operator: false,
    });
    let message = Message {
        how: MessageKind::Privmsg,
        user: UserId(1),
        sender: Arc::new(sender),
        target: Target::Channel { id: ChannelId(1), name: ChannelName::trusted("#piazza"), rank: None },
        text: "the quick brown fox jumps over the lazy dog and has a cup of tea".into(),
        tags: Vec::new(),
        concats: None,
        relayed_by: None,
    };
    Fact::Said { message: Arc::new(message), rules: RulesVersion(1), delivery: None }
}

criterion_group!(benches, commit);
criterion_main!(benches);
