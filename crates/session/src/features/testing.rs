//! What the tests of features need: a client called alice, and what it asks, is told and sees.

use std::sync::Arc;
use std::time::Duration;

use chat::command::{Command, Request};
use chat::event::{Actor, ChannelRef, Event, EventKind};
use chat::ids::{ChannelId, MsgId, SessionId, UserId};
use chat::person::{Person, PersonFields};
use chat::settings::Registration;
use chat::time::{Now, Timestamp};
use irc::capability::CapSet;
use irc::message::Message;
use irc::names::{ChannelName, Nick, UserName};
use irc::numerics::Language;

use crate::cloak::Cloak;
use crate::features::isupport::Isupport;
use crate::irc_session::commands::{AskFn, Commands, Complaint};
use crate::irc_session::{Cx, IrcSession, Stage};
use crate::render::Render;
use crate::secrets::Secrets;
use crate::settings::{Peer, Settings};
use crate::trusted_proxies::TrustedProxies;

/// A server without anything special, called `loggia.local`.
pub(crate) fn settings() -> Settings {
    Settings {
        // Nothing is offered that has values, which only clients of 302 see.
        chat: Arc::new(chat::settings::Settings { registration: Registration::Closed, ..Default::default() }),
        network: "Loggia".into(),
        icon: None,
        description: "A test".into(),
        version: "loggia-test".into(),
        motd: Vec::new(),
        language: Language::En,
        password: None,
        secrets: Secrets { kept: [1; 32], fresh: [2; 32] },
        sasl_mechanisms: Vec::new(),
        scram_iterations: 4096,
        registration_before_connect: true,
        require_email: false,
        started: Timestamp(0),
        cloak: Cloak::Off,
        trusted_proxies: TrustedProxies::default(),
        webirc_password: None,
        flood_control: false,
        registration_time: Duration::from_mins(1),
        plain_name_time: Duration::from_mins(1),
        ping_time: Duration::from_mins(2),
        sendq_bytes: 1 << 20,
        multiline_max_bytes: 4096,
        multiline_max_lines: 32,
        metadata_before_connect: true,
        plain_replay: 10,
        sts: None,
        filehost: None,
        vapid: None,
        push_reach: crate::push_reach::PushReach::default(),
        doors: Vec::new(),
    }
}

/// Somebody whose user name is the nick.
pub(crate) fn person(nick: &str) -> Arc<Person> {
    Arc::new(Person::from(PersonFields {
        nick: Nick::trusted(nick),
        username: UserName::trusted(format!("~{nick}")),
        host: "home".into(),
        realname: nick.into(),
        shown: None,
        account: None,
        bot: false,
        operator: false,
    }))
}

/// `alice!~alice@home`, Alice A.
pub(crate) fn alice() -> Arc<Person> {
    person("alice").with(|fields| fields.realname = "Alice A".into())
}

/// The channel `#tea`.
pub(crate) fn tea() -> ChannelRef {
    ChannelRef { id: ChannelId(1), name: ChannelName::trusted("#tea") }
}

/// Returns what alice is told, without capabilities.
pub(crate) fn rendered(write: impl FnOnce(&mut Render<'_>)) -> String {
    rendered_with(CapSet::empty(), write)
}

/// Returns what alice is told.
pub(crate) fn rendered_with(caps: CapSet, write: impl FnOnce(&mut Render<'_>)) -> String {
    let mut out = Vec::new();
    write(&mut Render {
        out: &mut out,
        settings: &settings(),
        isupport: &Isupport::of(&settings()),
        client: "alice",
        caps,
        secure: false,
        batches: &core::cell::Cell::default(),
    });
    String::from_utf8_lossy(&out).into_owned()
}

/// Returns what is seen of something alice does, one second after the beginning of time.
pub(crate) fn shown(kind: &EventKind, write: impl FnOnce(&Event, &mut Vec<u8>)) -> String {
    shown_as(kind, None, alice(), write)
}

/// The same, with an id and as somebody.
pub(crate) fn shown_as(
    kind: &EventKind,
    id: Option<MsgId>,
    person: Arc<Person>,
    write: impl FnOnce(&Event, &mut Vec<u8>),
) -> String {
    let actor = Some(Actor { user: UserId(1), person });
    let mut out = Vec::new();
    write(&Event { at: Timestamp(1000), id, actor, kind: kind.clone() }, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Returns what alice's line asks of the hall, without capabilities. Panics when it is refused.
pub(crate) fn asked(ask: AskFn, line: &str) -> Vec<Command> {
    asked_with(CapSet::empty(), ask, line)
}

/// Returns what alice's line asks of the hall. Panics when it is refused.
pub(crate) fn asked_with(caps: CapSet, ask: AskFn, line: &str) -> Vec<Command> {
    match read(caps, ask, line) {
        Ok(commands) => commands.into_vec(),
        Err(complaint) => panic!("{line:?} is refused: {complaint:?}"),
    }
}

/// Returns how alice's line is refused. Panics when it is not.
pub(crate) fn complained(ask: AskFn, line: &str) -> String {
    complained_with(CapSet::empty(), ask, line)
}

/// Returns how alice's line is refused, with these capabilities. Panics when it is not.
pub(crate) fn complained_with(caps: CapSet, ask: AskFn, line: &str) -> String {
    match read(caps, ask, line) {
        Ok(commands) => panic!("{line:?} is not refused: {commands:?}"),
        Err(complaint) => rendered(|render| complaint.write(render)),
    }
}

/// Returns what is written by something that needs a whole connection.
pub(crate) fn written(run: impl FnOnce(&mut Cx<'_>)) -> String {
    let (mut out, mut requests, mut actions) = (Vec::new(), Vec::<Request>::new(), Vec::new());
    run(&mut Cx {
        settings: &settings(),
        isupport: &Isupport::of(&settings()),
        now: Now::default(),
        id: SessionId(1),
        peer: &mut Peer::new([127, 0, 0, 1].into()),
        out: &mut out,
        requests: &mut requests,
        actions: &mut actions,
        unknown: 0,
    });
    String::from_utf8_lossy(&out).into_owned()
}

fn read(caps: CapSet, ask: AskFn, line: &str) -> Result<Commands, Complaint> {
    let mut session = IrcSession::new(Now::default());
    session.stage = Stage::Registered;
    session.caps = caps;
    session.set_person(alice());
    let (mut out, mut requests, mut actions) = (Vec::new(), Vec::<Request>::new(), Vec::new());
    let cx = Cx {
        settings: &settings(),
        isupport: &Isupport::of(&settings()),
        now: Now::default(),
        id: SessionId(1),
        peer: &mut Peer::new([127, 0, 0, 1].into()),
        out: &mut out,
        requests: &mut requests,
        actions: &mut actions,
        unknown: 0,
    };
    let message = Message::parse(line.as_bytes());
    let message = message.unwrap_or_else(|error| panic!("{line:?} is no message: {error}"));
    ask(&session, &message, &cx)
}

/// Returns what a client is told that sends these lines: alice once she is registered, or somebody who is nobody yet.
pub(crate) fn told(settings: &Settings, stage: Stage, lines: &[&str]) -> Vec<String> {
    let mut session = IrcSession::new(Now::default());
    if matches!(stage, Stage::Registered) {
        session.set_person(alice());
    }
    session.stage = stage;
    let (mut out, mut requests, mut actions) = (Vec::new(), Vec::<Request>::new(), Vec::new());
    for line in lines {
        let asked = requests.len();
        let mut cx = Cx {
            settings,
            isupport: &Isupport::of(settings),
            now: Now::default(),
            id: SessionId(1),
            peer: &mut Peer::new([127, 0, 0, 1].into()),
            out: &mut out,
            requests: &mut requests,
            actions: &mut actions,
            unknown: 0,
        };
        session.receive(format!("{line}\r\n").as_bytes(), &mut cx);
        // Every nick is free here.
        if cx.requests[asked..].iter().any(|request| matches!(request.commands[..], [Command::Nick { .. }])) {
            session.done(&mut cx);
        }
    }
    let written = String::from_utf8_lossy(&out);
    let asked = requests.iter().flat_map(|request| &request.commands);
    let requests =
        asked.filter(|command| !matches!(command, Command::Nick { .. })).map(|command| format!("? {command:?}"));
    let actions = actions.iter().map(|action| format!("! {action:?}"));
    written.split_terminator("\r\n").map(str::to_owned).chain(requests).chain(actions).collect()
}
