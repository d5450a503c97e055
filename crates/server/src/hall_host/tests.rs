//! The hall with a store on disk: what leaves, and when.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use chat::command::{Command, Connect, Request, Say};
use chat::effect::Effect;
use chat::event::MessageKind;
use chat::hall::{Hall, Start};
use chat::ids::LogId;
use chat::person::PersonFields;
use chat::refusal::Refusal;
use chat::reply::Reply;
use chat::time::Now;
use irc::names::{Nick, UserName};
use session::host::REACH_PER_TURN;
use store::{Durability, Options};

use super::*;
use crate::testing::Scratch;

const ALICE: SessionId = SessionId(1);

/// A hall with a store on disk.
struct Rig {
    host: HallHost,
    woken: Receiver<()>,
    pages_max: Arc<AtomicU32>,
    effects: Vec<Effect>,
    _scratch: Scratch,
}

impl Rig {
    fn new() -> Self {
        let (scratch, pages_max) = (Scratch::new(), Arc::<AtomicU32>::default());
        let (wake, woken) = channel();
        let options = Options {
            durability: Durability::Process,
            casemapping: irc::casemap::CaseMapping::Ascii,
            program_version: "test".to_owned(),
            now: Now::default().wall,
            on_news: Arc::new(move || wake.send(()).unwrap_or_default()),
            pages_max: Arc::clone(&pages_max),
            disk: store::Disk::default(),
            history: true,
        };
        let opened = store::open(scratch.path(), options, LogId(1)).unwrap_or_else(|error| panic!("{error}"));
        let hall = Hall::new(Start {
            settings: Arc::default(),
            rows: opened.start.rows,
            log: opened.start.log_id,
            last: opened.start.last,
            signals: LogId(2),
            now: Now::default().wall,
        });
        let host = HallHost::new(hall, KeptLog::new(opened.log, opened.reader), Now::default());
        let mut rig = Self { host, woken, pages_max, effects: Vec::new(), _scratch: scratch };
        rig.ask(Command::Connect(Box::new(Connect {
            person: PersonFields {
                nick: Nick::trusted("alice"),
                username: UserName::trusted("~alice"),
                host: "home".into(),
                realname: "Alice".into(),
                shown: None,
                account: None,
                bot: false,
                operator: false,
            },
            address: [127, 0, 0, 1].into(),
            gateway: None,
            proved: chat::time::Instant::default(),
            secure: false,
            unknown: 0,
            away: None,
            metadata: None,
        })));
        rig.wait_for(Rig::is_done);
        rig.ask(Command::Join { channel: "#tea".into(), key: None });
        rig.wait_for(Rig::is_done);
        rig
    }

    /// A turn of the loop in which alice asks for something; what it leads to at once is in `effects`.
    fn ask(&mut self, command: Command) {
        self.effects.clear();
        let request = Request { session: ALICE, commands: [command].into_iter().collect() };
        self.host.request(request, Now::default(), &mut |effect| self.effects.push(effect));
        self.host.flush();
    }

    fn say(&mut self, text: &str) {
        let (target, tags) = ("#tea".into(), chat::event::MessageTags::default());
        self.ask(Command::Message(Box::new(Say {
            kind: MessageKind::Privmsg,
            target,
            text: text.into(),
            tags,
            concats: None,
        })));
    }

    fn is_done(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Done { .. }))
    }

    /// Takes the store's news until this is so.
    fn wait_for(&mut self, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            self.woken.recv_timeout(Duration::from_secs(20)).unwrap_or_else(|_| panic!("the store says nothing"));
            self.host.news(Now::default(), &mut |effect| self.effects.push(effect));
        }
    }
}

#[test]
fn effects_leave_when_the_store_has_kept_what_they_show() {
    let mut rig = Rig::new();
    rig.say("ciao");
    assert!(rig.effects.is_empty(), "nothing before the commit: {:?}", rig.effects);
    rig.wait_for(Rig::is_done);
    assert!(rig.effects.iter().any(|effect| matches!(effect, Effect::Event { .. } | Effect::Reply { .. })));
    assert_eq!((rig.host.log().messages, rig.host.hall().held()), (1, 0));
    assert!(rig.host.into_log().close().is_ok());
}

#[test]
fn a_full_disk_is_told_and_overcome() {
    let mut rig = Rig::new();
    // No more pages than the database has already, and a text that needs some.
    rig.pages_max.store(1, Ordering::Relaxed);
    rig.say(&"x".repeat(100_000));
    rig.wait_for(|rig| rig.host.log().refusing.is_some() && rig.is_done());
    let refused =
        |effect: &Effect| matches!(effect, Effect::Reply { reply: Reply::Refused(Refusal::CannotKeep { .. }), .. });
    assert!(rig.effects.iter().any(refused), "{:?}", rig.effects);
    rig.say("still?");
    assert!(rig.effects.iter().any(refused), "at once: {:?}", rig.effects);

    rig.pages_max.store(0, Ordering::Relaxed);
    rig.wait_for(|rig| rig.host.log().refusing.is_none());
    rig.say("again");
    rig.wait_for(Rig::is_done);
    assert!(!rig.effects.iter().any(refused), "{:?}", rig.effects);
}

#[test]
fn nobody_is_read_from_while_as_many_wait_as_may() {
    let mut rig = Rig::new();
    let take = |rig: &mut Rig, requests: Vec<Request>| {
        rig.host.take(requests, Now::default(), &mut |_| {});
    };
    let names = |argument: &str| Request {
        session: ALICE,
        commands: [Command::Names { argument: argument.into() }].into_iter().collect(),
    };
    rig.host.begin_turn();
    // Alice is the only member: a name of a room is as far as this reaches. The turn is spent, so the rest waits.
    take(&mut rig, vec![names(&"#tea,".repeat(REACH_PER_TURN))]);
    take(&mut rig, (1..WAITING_MAX).map(|_| names("#tea")).collect());
    assert_eq!((rig.host.waiting(), is_full(&rig.host)), (WAITING_MAX - 1, false));
    take(&mut rig, vec![names("#tea")]);
    assert_eq!((rig.host.waiting(), is_full(&rig.host)), (WAITING_MAX, true));
    rig.host.begin_turn();
    take(&mut rig, Vec::new());
    assert_eq!((rig.host.waiting(), is_full(&rig.host)), (WAITING_MAX - REACH_PER_TURN, false));
}
