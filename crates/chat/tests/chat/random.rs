//! Random commands on a log of any pace: nothing panics, the state stays whole, and the same inputs give the same outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use chat::fact::Fact;
use chat::hall::{Hall, Input};
use chat::ids::{Seq, Ticket};
use chat::modes::UserModes;
use chat::time::Now;
use chat::world::World;
use proptest::prelude::*;

use crate::shown;
use crate::table::{Logged, Pace, Table, start};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Step {
    Ask(&'static str, String),
    Order,
    Commit,
    Void,
    Wait(u64),
}

const SESSIONS: [&str; 5] = ["alice", "bob", "carl", "dora", "eve"];

fn session() -> impl Strategy<Value = &'static str> {
    prop::sample::select(SESSIONS.to_vec())
}

fn nick() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["alice", "BOB", "carl", "dora", "eve", "Zoe", "9no", "nobody"])
}

fn channel() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["#tea", "#TEA", "#milk", "#piazza", "#new", "bad"])
}

fn letters() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[+-][ovhbklimnstCMRj]{1,4}", 1 => "[-+a-zA-Z]{1,8}"]
}

fn param() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "alice", "bob", "eve!*@*", "*!*@home", "a:anna", "m:eve", "2:5", "3", "1", "0", "secret", "x,y", "9no",
    ])
}

fn metadata_target() -> impl Strategy<Value = &'static str> {
    prop_oneof![2 => Just("*"), 1 => Just("*ALL"), 2 => channel(), 1 => nick()]
}

fn metadata_act() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "SET url :here",
        "SET url :there",
        "SET url",
        "SET a :1",
        "SET b :1",
        "SET c :1",
        "SET d :1",
        "CLEAR",
        "LIST",
        "GET url no",
        "SYNC",
        "SUB url a",
        "UNSUB url",
        "FORGET",
    ])
}

fn command() -> impl Strategy<Value = String> {
    let with_channel = (
        prop::sample::select(vec!["JOIN", "JOIN", "JOIN", "PART", "TOPIC", "NAMES", "KNOCK", "MODE", "WHO", "REPLAY"]),
        channel(),
    );
    let with_nick = (
        prop::sample::select(vec![
            "NICK",
            "NAME",
            "WHOIS",
            "WHOWAS",
            "WHO",
            "USERHOST",
            "ISON",
            "MONITOR +",
            "CONNECT",
        ]),
        nick(),
    );
    let alone = prop::sample::select(vec![
        "CONNECT",
        "CONNECT",
        "CONNECT",
        "ENTER :Anna Maria",
        "QUIT :bye",
        "PING x",
        "JOIN 0",
        "LIST",
        "INVITE",
        "AWAY",
        "AWAY :lunch",
        "LUSERS",
        "OPER admin",
        "WALLOPS :hear",
        "MONITOR C",
        "REHASH",
        "UPLOADS",
        "UPLOADREMOVED name about",
        "RAID ON :raid",
        "RAID OFF",
        "AUDIT",
        "OPERWRONG admin",
        "BAN LIST",
        "BAN ADD 50 *!~dora@home :out",
        "BAN ADD 50 account:anna :out",
        "DLINE ADD 0 192.0.2.0/24 :out",
        "SETNAME :Somebody else",
        "PERSISTENCE ON",
        "PERSISTENCE OFF",
    ]);
    prop_oneof![
        6 => with_channel.prop_map(|(word, channel)| format!("{word} {channel}")),
        2 => with_nick.prop_map(|(word, nick)| format!("{word} {nick}")),
        4 => alone.prop_map(str::to_owned),
        4 => (channel(), letters(), prop::collection::vec(param(), 0..4))
            .prop_map(|(channel, letters, params)| format!("MODE {channel} {letters} {}", params.join(" "))),
        1 => (nick(), "[+-][iowB]{1,3}").prop_map(|(nick, letters)| format!("MODE {nick} {letters}")),
        1 => (channel(), nick()).prop_map(|(channel, nick)| format!("KICK {channel} {nick}")),
        1 => (nick(), channel()).prop_map(|(nick, channel)| format!("INVITE {nick} {channel}")),
        1 => channel().prop_map(|channel| format!("TOPIC {channel} :Biscuits")),
        1 => (channel(), channel()).prop_map(|(old, new)| format!("RENAME {old} {new} :why")),
        1 => nick().prop_map(|nick| format!("KILL {nick} :why")),
        1 => nick().prop_map(|nick| format!("BAN ADD 20 {nick} :why")),
        1 => nick().prop_map(|nick| format!("BAN DEL {nick}")),
        1 => nick().prop_map(|nick| format!("CHGHOST {nick} other example")),
        3 => (channel(), prop::sample::select(vec!["PRIVMSG", "NOTICE", "TAGMSG"]))
            .prop_map(|(channel, word)| format!("{word} {channel} :+typing")),
        1 => nick().prop_map(|nick| format!("PRIVMSG {nick} :psst")),
        3 => (channel(), prop::sample::select(vec!["REGISTER", "DROP", "INFO", "LIST"]))
            .prop_map(|(channel, word)| format!("CS {word} {channel}")),
        1 => (channel(), prop::sample::select(vec!["anna", "otto", "nobody"]), "[vhoa]?")
            .prop_map(|(channel, account, rank)| format!("CS ACCESS {channel} {account} {rank}")),
        1 => (channel(), prop::sample::select(vec!["anna", "otto"]))
            .prop_map(|(channel, account)| format!("CS TRANSFER {channel} {account}")),
        3 => (nick(), prop::sample::select(vec!["anna", "otto"]))
            .prop_map(|(nick, account)| format!("CONNECT {nick} {account}")),
        3 => (metadata_target(), metadata_act()).prop_map(|(target, act)| format!("METADATA {target} {act}")),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let asked =
        prop_oneof![4 => command(), 1 => (command(), command()).prop_map(|(one, two)| format!("{one} ; {two}"))];
    prop_oneof![
        12 => (session(), asked).prop_map(|(session, asked)| Step::Ask(session, asked)),
        2 => Just(Step::Order),
        2 => Just(Step::Commit),
        1 => Just(Step::Void),
        1 => (0_u64..100).prop_map(Step::Wait),
    ]
}

fn run(pace: Pace, steps: &[Step]) -> Table {
    let mut table = Table::new();
    table.pace = pace;
    for name in ["alice", "bob", "carl"] {
        table.ask(name, "CONNECT");
    }
    for step in steps {
        match step {
            Step::Ask(session, asked) => table.ask(session, asked),
            Step::Order => table.order(),
            Step::Commit => table.commit(),
            Step::Void => table.void(),
            Step::Wait(seconds) => table.wait(*seconds),
        }
        check_whole(table.hall.world());
    }
    // Every request comes to its end, and then nothing is held back.
    for _ in 0..1000 {
        table.order();
        table.commit();
    }
    assert_eq!(table.requests, table.done);
    assert_eq!(table.hall.held(), 0);
    table
}

/// The indexes say what the state says.
fn check_whole(world: &World) {
    let mut sessions = BTreeMap::new();
    for user in world.users.values() {
        let id = &user.id;
        assert_eq!(user.id, *id);
        assert_eq!(world.user_by_nick(user.nick()).map(|found| found.id), Some(*id));
        assert_eq!(world.user_by_nick(user.person.shown()).map(|found| found.id), Some(*id));
        assert_eq!(user.operator.is_some(), user.modes.contains(UserModes::OPERATOR));
        assert_eq!(user.person.bot, user.modes.contains(UserModes::BOT));
        assert_eq!(user.person.operator, user.is_operator());
        for channel in &user.channels {
            assert!(world.channels[channel].members.contains_key(id));
            assert_eq!(world.channels[channel].stayers.contains(id), user.stays);
        }
        sessions.extend(user.session_ids().map(|session| (session, *id)));
        assert!(user.connections > 0 || user.stays);
        assert_eq!(
            user.stays,
            user.person.account.as_deref().and_then(|name| world.staying_user(name)).is_some_and(|one| one.id == *id)
        );
        // A hall that replays has nobody's sessions.
        assert!(user.sessions.is_empty() || user.sessions.len() == user.connections as usize);
        assert!(world.metadata_of(user).len() <= world.settings.metadata_keys);
    }
    assert!(world.sessions.iter().eq(&sessions));
    for (id, channel) in &world.channels {
        assert_eq!(world.channel_id(channel.name.as_str()), Some(*id));
        assert!(channel.stays_when_empty() || !channel.members.is_empty());
        assert!(channel.lists.iter().map(Vec::len).sum::<usize>() <= world.settings.list_mode_entries);
        // Operators whose facts are still to be ordered do not know of each other's.
        assert!(channel.metadata.len() < world.settings.metadata_keys + SESSIONS.len());
        for member in channel.members.keys() {
            assert!(world.users[member].channels.contains(id));
        }
    }
    let counts = world.counts(0);
    let invisible = world.users.values().filter(|user| user.modes.contains(UserModes::INVISIBLE)).count();
    assert_eq!((counts.invisible, counts.visible), (invisible, world.users.len() - invisible));
    assert_eq!(counts.operators, world.users.values().filter(|user| user.is_operator()).count());
}

/// What is the same on every node that applied the same facts.
fn state(world: &World) -> String {
    let mut written = String::new();
    for user in world.users.values() {
        let _ = writeln!(
            written,
            "{} {:?} {} {:?} {:?} {:?} {} {:?}",
            user.person.mask(),
            user.person,
            user.modes.shown(),
            user.operator,
            user.channels,
            user.seldom.invitations,
            user.connections,
            world.metadata_of(user),
        );
    }
    for channel in world.channels.values() {
        let modes = shown::modes_line(&channel.modes, true);
        let _ = writeln!(
            written,
            "{:?} {} {modes} {:?} {:?} {:?} {:?} {:?} {:?}",
            channel.id,
            channel.name,
            channel.members,
            channel.lists,
            channel.topic,
            channel.rules,
            channel.registration,
            channel.metadata
        );
    }
    let _ = writeln!(written, "{:?} {:?} {:?}", world.raid, world.server_bans, world.audit);
    written
}

/// What is there again after a restart: channels that stay, and users who do.
fn kept(world: &World) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    for channel in world.channels.values().filter(|channel| channel.is_kept()) {
        let modes = shown::modes_line(&channel.modes, true);
        let members = channel.members.iter().filter(|(id, _)| world.users[id].stays);
        let members: BTreeSet<String> =
            members.map(|(id, ranks)| format!("{}{}", shown::symbols(*ranks), world.users[id].nick())).collect();
        kept.insert(format!(
            "{} {modes} {:?} {:?} {:?} {members:?}",
            channel.name, channel.lists, channel.topic, channel.registration
        ));
    }
    for user in world.users.values().filter(|user| user.stays) {
        let modes = (user.modes - UserModes::OPERATOR).shown();
        let channels: BTreeSet<&str> = user.channels.iter().map(|id| world.channels[id].name.as_str()).collect();
        kept.insert(format!(
            "{} {} {:?} {modes} {channels:?}",
            user.person.mask(),
            user.person.realname,
            user.person.account
        ));
    }
    kept
}

/// Applies the facts on another node, as the log keeps them: as JSON, and the text apart.
fn replayed(log: &[Logged]) -> Hall {
    let mut hall = Hall::new(start());
    for (number, logged) in log.iter().enumerate() {
        let kept = serde_json::to_string(&*logged.fact).unwrap();
        let read: Fact = serde_json::from_str(&kept).unwrap();
        let fact = Arc::new(read.with_text(logged.fact.text().cloned()));
        assert_eq!(fact, logged.fact);
        let ticket = Ticket(1000 + number as u64);
        hall.handle(Input::Ordered { ticket, fact, seq: logged.seq, at: logged.at }, Now::default());
    }
    hall
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_commands_keep_the_state_whole_and_replay(
        pace in prop::sample::select(vec![Pace::AtOnce, Pace::CommitsLate, Pace::OrdersLate]),
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let first = run(pace, &steps);
        let second = run(pace, &steps);
        prop_assert_eq!(&first.outputs, &second.outputs);
        prop_assert_eq!(format!("{:?}", first.hall), format!("{:?}", second.hall));

        // What the shards were told is what is true.
        let members: BTreeMap<_, BTreeSet<_>> = first
            .hall
            .world()
            .channels
            .values()
            .filter(|channel| !channel.members.is_empty())
            .map(|channel| (channel.id, channel.members.keys().copied().collect()))
            .collect();
        prop_assert_eq!(first.told_members(), members);

        let mut restarted = run(pace, &steps);
        restarted.restart();
        check_whole(restarted.hall.world());
        prop_assert_eq!(kept(first.hall.world()), kept(restarted.hall.world()));

        let mut other = replayed(&first.log);
        other.handle(Input::Committed(first.log.last().map_or(Seq::ZERO, |last| last.seq)), Now::default());
        check_whole(other.world());
        prop_assert_eq!(state(first.hall.world()), state(other.world()));
    }
}
