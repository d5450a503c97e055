//! Commands as tests write them: nearly IRC, one command for each line.

use std::net::IpAddr;
use std::sync::Arc;

use chat::command::{
    AccountCommand, BanCommand, BanWord, Command, Connect, Deliver, Guest, InvitationCommand, MetadataCommand,
    MonitorCommand, NewAccount, OperatorAct, PersistenceCommand, RaidCommand, RegistrationCommand, RemovedUpload, Say,
    WebPushCommand,
};
use chat::delivery::DeliveryId;
use chat::event::MessageKind;
use chat::person::PersonFields;
use chat::push::Subscription;
use chat::rank::Rank;
use chat::user::OperatorClass;
use irc::names::{NameRules, Nick, UserName, derive_nick};

/// Reads one command of the session called `session`. Panics on what it does not know: tests are to say what they mean.
pub fn read(session: &str, line: &str) -> Command {
    let (word, params) = split(line);
    let param = |place: usize| -> Box<str> { params.get(place).cloned().unwrap_or_default() };
    let some = |place: usize| params.get(place).cloned();
    match word {
        "CONNECT" => connect(Nick::trusted(&*some(0).unwrap_or_else(|| session.into())), None, session, some(1)),
        "ENTER" => connect(derive_nick(&param(0), &NameRules::default()), Some(param(0)), session, None),
        "QUIT" => Command::Quit { reason: Arc::from(&*param(0)) },
        "PING" => Command::Ping { token: param(0) },
        "NICK" => Command::Nick { nick: param(0), as_shown: false },
        "NAME" => Command::Nick { nick: param(0), as_shown: true },
        "SETNAME" => Command::SetName { realname: param(0) },
        "JOIN" if &*param(0) == "0" => Command::PartAll,
        "JOIN" => Command::Join { channel: param(0), key: some(1) },
        "PART" => Command::Part { channel: param(0), reason: some(1) },
        "KICK" => Command::Kick { channel: param(0), nick: param(1), reason: some(2) },
        "TOPIC" => match some(1) {
            Some(text) => Command::TopicSet { channel: param(0), text },
            None => Command::TopicQuery { channel: param(0) },
        },
        "RENAME" => Command::Rename { channel: param(0), name: param(1), reason: some(2).unwrap_or_default() },
        "NAMES" => Command::Names { argument: param(0) },
        "LIST" => Command::List { filters: params },
        "INVITE" if params.is_empty() => Command::InviteList,
        "INVITE" => Command::Invite { nick: param(0), channel: param(1) },
        "UNINVITE" => Command::Uninvite { nick: param(0), channel: param(1) },
        "KNOCK" => Command::Knock { channel: param(0), text: some(1) },
        "MODE" => mode(&params),
        "ID" => deliver(session, line),
        "PRIVMSG" => say(MessageKind::Privmsg, &params),
        "NOTICE" => say(MessageKind::Notice, &params),
        "TAGMSG" => say(MessageKind::Tagmsg, &params),
        "AWAY" => Command::Away { text: some(0) },
        "WHO" => Command::Who { mask: param(0), operators_only: some(1).is_some(), fields: None },
        "WHOIS" => Command::Whois { at: None, nick: param(0) },
        "WHOWAS" => Command::Whowas { nick: param(0), count: param(1).parse().unwrap_or(0) },
        "LUSERS" => Command::Lusers { unknown: 0 },
        "OPER" => Command::Oper {
            class: if &*param(0) == "admin" { OperatorClass::Admin } else { OperatorClass::Moderator },
            name: param(0),
            guest: Guest::default(),
        },
        "OPERATOR" => Command::Account(Box::new(AccountCommand::TakeOperator { hash: param(0).into() })),
        "ASKREGISTER" => Command::AskRegister(Box::new(new_account(param(0), some(1)))),
        "REGISTER" => {
            Command::Register { account: Box::new(new_account(param(0), some(1))), credentials: "hashed".into() }
        }
        "INVITATION" => Command::Invitation(InvitationCommand::Create {
            word: param(0).into(),
            hash: param(0).into(),
            uses: param(1).parse().unwrap(),
            time: None,
            operator: false,
        }),
        "OPERWRONG" => Command::OperRefused { name: param(0) },
        "BAN" => ban(BanWord::Any, &params),
        "KLINE" => ban(BanWord::Mask, &params),
        "DLINE" => ban(BanWord::Network, &params),
        "RAID" => Command::Raid(match &*param(0) {
            "ON" => RaidCommand::On { reason: param(1) },
            "OFF" => RaidCommand::Off,
            _ => RaidCommand::Query,
        }),
        "AUDIT" => Command::Audit { count: param(0).parse().unwrap_or(20), before: param(1).parse().ok() },
        "KILL" => Command::Kill { nick: param(0), reason: param(1) },
        "CHGHOST" => Command::ChangeHost { nick: param(0), username: param(1), host: param(2) },
        "WALLOPS" => Command::Wallops { text: param(0) },
        "USERHOST" => Command::UserHost { nicks: params },
        "ISON" => Command::Ison { nicks: params },
        "METADATA" => metadata(&params),
        "MONITOR" => monitor(&params),
        "REHASH" => Command::AskOperator { what: OperatorAct::Rehash },
        "WEBPUSH" => Command::WebPush(WebPushCommand::Register(Box::new(Subscription {
            endpoint: (*param(0)).into(),
            p256dh: "key".into(),
            auth: "secret".into(),
            capabilities: "".into(),
        }))),
        "UPLOADS" => Command::AskOperator { what: OperatorAct::Uploads },
        "UPLOADREMOVED" => {
            Command::UploadRemoved(Box::new(RemovedUpload { name: param(0), about: param(1), by: param(2) }))
        }
        "REPLAY" => Command::Replay { channel: param(0), most: 5 },
        "PERSISTENCE" => Command::Persistence(match &*param(0) {
            "ON" => PersistenceCommand::Set(Some(true)),
            "OFF" => PersistenceCommand::Set(Some(false)),
            "DEFAULT" => PersistenceCommand::Set(None),
            _ => PersistenceCommand::Get,
        }),
        "CS" => Command::Registration { channel: param(1), what: registration(&params) },
        other => panic!("no command {other}"),
    }
}

/// An account of this name, by the invitation whose word has this hash.
fn new_account(name: Box<str>, invitation: Option<Box<str>>) -> NewAccount {
    NewAccount { name, nick: None, email: None, invitation: invitation.map(Arc::from), guest: Guest::default() }
}

/// `ADD seconds what :reason`, `DEL what`, `LIST`.
fn ban(word: BanWord, params: &[Box<str>]) -> Command {
    let param = |place: usize| -> Box<str> { params.get(place).cloned().unwrap_or_default() };
    Command::ServerBan(match &*param(0) {
        "ADD" => BanCommand::Add { word, what: param(2), seconds: param(1).parse().ok(), reason: param(3) },
        "DEL" => BanCommand::Remove { word, what: param(1) },
        _ => BanCommand::List { word, statistics: None },
    })
}

fn split(line: &str) -> (&str, Vec<Box<str>>) {
    let (middle, trailing) = match line.split_once(" :") {
        Some((middle, trailing)) => (middle, Some(trailing)),
        None => (line, None),
    };
    let mut words = middle.split_whitespace();
    let word = words.next().unwrap_or_default();
    (word, words.chain(trailing).map(Box::from).collect())
}

/// Each session has an address of its own, made of its first letters.
fn home_of(session: &str) -> IpAddr {
    let mut letters = session.bytes().chain([0; 3]);
    let mut next = || letters.next().unwrap_or_default();
    [10, next(), next(), next()].into()
}

fn connect(nick: Nick, shown: Option<Box<str>>, session: &str, account: Option<Box<str>>) -> Command {
    let account = account.or_else(|| (session == "anna").then(|| "anna".into()));
    Command::Connect(Box::new(Connect {
        person: PersonFields {
            nick,
            username: UserName::trusted(format!("~{session}")),
            host: "home".into(),
            realname: format!("{session} of the square").into(),
            shown: shown.map(Arc::from),
            account: account.map(Arc::from),
            bot: false,
            operator: false,
        },
        address: home_of(session),
        gateway: None,
        proved: chat::time::Instant::default(),
        secure: session == "safe",
        unknown: 1,
        away: None,
        metadata: None,
    }))
}

fn registration(params: &[Box<str>]) -> RegistrationCommand {
    let param = |place: usize| -> Box<str> { params.get(place).cloned().unwrap_or_default() };
    let rank = || params.get(3).and_then(|letter| letter.chars().next()).and_then(Rank::from_letter);
    match &*param(0) {
        "REGISTER" => RegistrationCommand::Register,
        "DROP" => RegistrationCommand::Drop { code: params.get(2).cloned() },
        "INFO" => RegistrationCommand::Info,
        "LIST" => RegistrationCommand::AccessList,
        "ACCESS" => RegistrationCommand::Access { account: param(2), rank: rank() },
        "TRANSFER" => RegistrationCommand::Transfer { account: param(2) },
        other => panic!("no words {other}"),
    }
}

fn mode(params: &[Box<str>]) -> Command {
    let target = params[0].clone();
    let letters = params.get(1).cloned();
    match (target.starts_with('#'), letters) {
        (false, letters) => Command::UserMode { nick: target, letters },
        (true, None) => Command::ChannelModeQuery { channel: target },
        (true, Some(letters)) => Command::ChannelMode { channel: target, letters, params: params[2..].to_vec() },
    }
}

fn say(kind: MessageKind, params: &[Box<str>]) -> Command {
    let text = params.get(1).cloned().unwrap_or_default();
    let (text, tags) = match kind {
        MessageKind::Tagmsg => ("".into(), vec![(text, None)]),
        _ => (Arc::from(&*text), Vec::new()),
    };
    Command::Message(Box::new(Say { kind, target: params[0].clone(), text, tags, concats: None }))
}

fn monitor(params: &[Box<str>]) -> Command {
    let nicks = || params[1].split(',').map(Box::from).collect();
    Command::Monitor(match &*params[0] {
        "+" => MonitorCommand::Add(nicks()),
        "-" => MonitorCommand::Remove(nicks()),
        "C" => MonitorCommand::Clear,
        "L" => MonitorCommand::List,
        _ => MonitorCommand::Status,
    })
}

/// `METADATA target SUBCOMMAND …`; `METADATA * AWARE` is what a client does that knows of metadata.
fn metadata(params: &[Box<str>]) -> Command {
    let target = params[0].clone();
    let keys = || params[2..].iter().map(|key| Arc::from(&**key)).collect::<Vec<Arc<str>>>();
    Command::Metadata(match &*params[1] {
        "GET" => MetadataCommand::Get { target, keys: keys() },
        "LIST" => MetadataCommand::List { target },
        "SET" => MetadataCommand::Set { target, key: keys()[0].clone(), value: keys().get(1).cloned() },
        "CLEAR" => MetadataCommand::Clear { target },
        "SYNC" => MetadataCommand::Sync { target },
        "AWARE" | "SUB" => MetadataCommand::Subscribe { keys: keys() },
        "UNSUB" => MetadataCommand::Unsubscribe { keys: keys() },
        "FORGET" => MetadataCommand::Forget,
        other => panic!("no subcommand {other}"),
    })
}

/// `ID stream number` in front of what has this id.
fn deliver(session: &str, line: &str) -> Command {
    let mut words = line.splitn(4, ' ').skip(1);
    let mut word = || words.next().unwrap_or_default();
    let (stream, number) = (word().into(), word().parse().expect("a number"));
    let command = read(session, word());
    Command::Deliver(Box::new(Deliver { id: DeliveryId { stream, number }, name: "PRIVMSG", command }))
}
