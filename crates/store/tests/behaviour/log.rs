//! The log: what is ordered is committed in order, in groups, and is there again after any end.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use crate::support::{LOG, Scratch, Store, edited, kept, person, quit, redacted, row, said, said_in, said_to};
use chat::account::{Account, AccountChange};
use chat::audit::AuditAct;
use chat::event::{MessageKind, Target};
use chat::fact::Fact;
use chat::ids::{ChannelId, Seq, UserId};
use chat::invitation::Invitation;
use chat::metadata::Subject;
use chat::modes::{ChannelFlags, MaskList, ModeChange, UserModes};
use chat::rank::{Rank, RankSet};
use chat::server_ban::BanKind;
use chat::time::Timestamp;
use chat::user::OperatorClass;
use irc::names::{ChannelName, Nick, UserName};
use store::{Durability, News};

/// One fact of every kind, and of every form that is kept differently.
fn every_kind() -> Vec<Fact> {
    let (user, channel) = (UserId(1), ChannelId(5));
    let name = ChannelName::trusted("#Tea");
    let changes = vec![
        ModeChange::Flag { flag: ChannelFlags::MODERATED, on: true },
        ModeChange::Key { key: Some("sesame".into()) },
        ModeChange::Limit { limit: None },
        ModeChange::Mask { list: MaskList::ALL[0], mask: "*!*@bad".into(), on: true },
        ModeChange::Rank { rank: Rank::Voice, member: UserId(2), nick: "bob".into(), on: false },
    ];
    vec![
        Fact::NodeStarted {},
        Fact::UserConnected { user, person: person(), modes: UserModes::INVISIBLE, metadata: None },
        Fact::Joined { user, channel, name, ranks: RankSet::OPERATOR },
        Fact::TopicSet { user, channel, text: "Tea & \"biscuits\" ☕".into() },
        Fact::ModesChanged { user, channel, changes },
        Fact::ChannelRenamed {
            user,
            channel,
            old: ChannelName::trusted("#tea"),
            name: ChannelName::trusted("#cake"),
            reason: "Typo".into(),
        },
        Fact::Invited { user, channel, guest: UserId(2) },
        Fact::Uninvited { user, channel, guest: UserId(2) },
        said("hello"),
        said_in("#tea", Some(Rank::Operator), "for operators"),
        said_to(Target::User { id: UserId(2), nick: Nick::trusted("bob"), account: None }, MessageKind::Notice, "psst"),
        said_to(Target::User { id: UserId(2), nick: Nick::trusted("bob"), account: None }, MessageKind::Tagmsg, ""),
        Fact::NickChanged { user, nick: Nick::trusted("carol"), shown: Some("Carol".into()) },
        Fact::RealNameChanged { user, realname: "Carol C.".into() },
        Fact::UserModesChanged { user, modes: UserModes::OPERATOR, operator: Some(OperatorClass::Admin) },
        Fact::Kicked { user, channel, member: UserId(2), reason: "manners".into() },
        Fact::Parted { user, channel, reason: None },
        Fact::Parted { user, channel, reason: Some("".into()) },
        Fact::HostChanged { user, username: UserName::trusted("carol"), host: "elsewhere".into() },
        Fact::UserQuit { user, by: Some(UserId(2)), banned: true, reason: "so long".into() },
        Fact::AccountRegistered {
            account: Box::new(Account::new("Carol", Timestamp(5))),
            private: "".into(),
            user: Some(user),
            invitation: Some("ab".into()),
        },
        Fact::AccountChanged { account: "Carol".into(), change: AccountChange::Password {}, text: "".into() },
        Fact::AccountRemoved { account: "Carol".into(), keeps_messages: false },
        Fact::SessionsEnded { user, account: "Carol".into(), reason: "so long".into() },
        Fact::InvitationMade { invitation: Box::new(invitation()), word: "".into() },
        Fact::InvitationRevoked { id: "ab".into() },
        Fact::LoggedIn { user, account: "Carol".into() },
        Fact::LoggedOut { user },
        Fact::ChannelRegistered { user, channel, founder: "Carol".into() },
        Fact::AccessChanged { user, channel, account: "dan".into(), rank: Some(Rank::Voice) },
        Fact::FounderChanged { user, channel, founder: "dan".into() },
        Fact::ChannelDropped { user, channel },
        Fact::AlwaysOnChanged { user, account: "Carol".into(), always_on: Some(true) },
        Fact::SessionAttached { user, account: "Carol".into(), metadata: Some("a b\nc d".into()) },
        Fact::SessionDetached { user, reason: "so long".into() },
        Fact::ReadMarked { user, target: "#tea".into(), at: Timestamp(4) },
        Fact::Audited {
            user,
            by: "alice!~alice@home".into(),
            act: AuditAct::BanAdded,
            target: Some("*!*@bad".into()),
            reason: "flood".into(),
        },
        Fact::RaidBegan { user, by: "alice!~alice@home".into(), reason: "flood".into() },
        Fact::RaidEnded { user },
        Fact::ServerBanAdded {
            user,
            by: "alice!~alice@home".into(),
            ban: BanKind::Mask,
            what: "*!*@bad".into(),
            until: Some(Timestamp(9)),
            nick: Some("eve".into()),
            disconnected: 2,
            reason: "flood".into(),
        },
        Fact::ServerBanRemoved { user, ban: BanKind::Account, what: "eve".into() },
        edited(9, "hello, world"),
        redacted(9999),
        Fact::MetadataSet {
            user,
            subject: Subject::User { id: user, nick: Nick::trusted("carol") },
            key: "display-name".into(),
            value: Some("Carol C.".into()),
        },
        Fact::MetadataSet {
            user,
            subject: Subject::Channel { id: channel, name: ChannelName::trusted("#cake") },
            key: "url".into(),
            value: None,
        },
        Fact::MetadataCleared { user, subject: Subject::User { id: user, nick: Nick::trusted("carol") } },
        Fact::UserConnected { user, person: person(), modes: UserModes::INVISIBLE, metadata: Some("url here".into()) },
    ]
}

fn invitation() -> Invitation {
    Invitation {
        id: "ab".into(),
        hash: "abcd".into(),
        by: "Carol".into(),
        made: Timestamp(1),
        until: Some(Timestamp(2)),
        uses: 3,
        operator: Some(OperatorClass::Admin),
    }
}

/// Fails to compile when a kind is added, so that it is added above too.
fn name_of(fact: &Fact) -> &'static str {
    match fact {
        Fact::NodeStarted {} => "node_started",
        Fact::UserConnected { .. } => "user_connected",
        Fact::UserQuit { .. } => "user_quit",
        Fact::NickChanged { .. } => "nick_changed",
        Fact::RealNameChanged { .. } => "real_name_changed",
        Fact::HostChanged { .. } => "host_changed",
        Fact::UserModesChanged { .. } => "user_modes_changed",
        Fact::Joined { .. } => "joined",
        Fact::Parted { .. } => "parted",
        Fact::Kicked { .. } => "kicked",
        Fact::TopicSet { .. } => "topic_set",
        Fact::ModesChanged { .. } => "modes_changed",
        Fact::ChannelRenamed { .. } => "channel_renamed",
        Fact::Invited { .. } => "invited",
        Fact::Uninvited { .. } => "uninvited",
        Fact::Said { .. } => "said",
        Fact::AccountRegistered { .. } => "account_registered",
        Fact::AccountChanged { .. } => "account_changed",
        Fact::AccountRemoved { .. } => "account_removed",
        Fact::SessionsEnded { .. } => "sessions_ended",
        Fact::InvitationMade { .. } => "invitation_made",
        Fact::InvitationRevoked { .. } => "invitation_revoked",
        Fact::LoggedIn { .. } => "logged_in",
        Fact::LoggedOut { .. } => "logged_out",
        Fact::ChannelRegistered { .. } => "channel_registered",
        Fact::AccessChanged { .. } => "access_changed",
        Fact::FounderChanged { .. } => "founder_changed",
        Fact::ChannelDropped { .. } => "channel_dropped",
        Fact::AlwaysOnChanged { .. } => "always_on_changed",
        Fact::SessionAttached { .. } => "session_attached",
        Fact::MetadataSet { .. } => "metadata_set",
        Fact::MetadataCleared { .. } => "metadata_cleared",
        Fact::SessionDetached { .. } => "session_detached",
        Fact::ReadMarked { .. } => "read_marked",
        Fact::Audited { .. } => "audited",
        Fact::RaidBegan { .. } => "raid_began",
        Fact::RaidEnded { .. } => "raid_ended",
        Fact::ServerBanAdded { .. } => "server_ban_added",
        Fact::ServerBanRemoved { .. } => "server_ban_removed",
        Fact::Edited { .. } => "edited",
        Fact::Redacted { .. } => "redacted",
    }
}

const KINDS: usize = 41;

#[test]
fn every_kind_of_fact_comes_back_as_it_was() {
    let scratch = Scratch::new("kinds");
    let facts = every_kind();
    assert_eq!(facts.iter().map(name_of).collect::<BTreeSet<_>>().len(), KINDS);
    let mut store = Store::open(&scratch);
    store.turn(&facts);
    assert_eq!(store.settle(), [News::Committed(Seq(facts.len() as u64))]);
    store.log.close().unwrap();

    let database = scratch.sqlite();
    let mut statement = database.prepare("SELECT kind, channel, data, text FROM facts ORDER BY seq").unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut key = "#tea".to_owned();
    for (place, fact) in facts.iter().enumerate() {
        let columns = rows.next().unwrap().unwrap();
        let (kind, channel): (String, Option<String>) = (columns.get(0).unwrap(), columns.get(1).unwrap());
        let (data, text): (String, Option<String>) = (columns.get(2).unwrap(), columns.get(3).unwrap());
        let read = serde_json::from_str::<Fact>(&data).unwrap().with_text(text.map(Arc::from));
        assert_eq!((&kind[..], &read), (name_of(fact), fact));
        let stands_in = match fact {
            Fact::Said { message, .. } => match &message.target {
                Target::Channel { rank: None, .. } => Some(key.clone()),
                Target::Channel { rank: Some(rank), .. } => Some(format!("{}{key}", rank.symbol())),
                Target::User { .. } => None,
            },
            _ => None,
        };
        assert_eq!(channel, stands_in, "what was said in channels alone, by key");
        if matches!(fact, Fact::ChannelRenamed { .. }) {
            key = format!("#tea {}", place + 1);
        }
    }
    assert!(rows.next().unwrap().is_none());
}

#[test]
fn places_and_times_only_grow_also_over_a_restart() {
    let scratch = Scratch::new("order");
    let mut store = Store::open(&scratch);
    assert_eq!((store.start.last, store.start.log_id), (Seq::ZERO, LOG));
    let times = [500, 300, 300, 900, 899];
    let ordered: Vec<_> = times
        .iter()
        .map(|at| store.log.order(Arc::new(said("tick")), Timestamp(*at)))
        .map(|(s, t)| (s.0, t.0))
        .collect();
    assert_eq!(ordered, [(1, 500), (2, 500), (3, 500), (4, 900), (5, 900)]);
    store.log.flush();
    store.log.close().unwrap();

    let mut store = Store::open(&scratch);
    assert_eq!((store.start.last, store.start.last_at, store.start.log_id), (Seq(5), Timestamp(900), LOG));
    assert!(store.start.notes.is_empty(), "closed in order: {:?}", store.start.notes);
    assert_eq!(store.log.order(Arc::new(said("tock")), Timestamp(1)), (Seq(6), Timestamp(900)));
    store.log.close().unwrap();
}

#[test]
fn what_waits_is_one_transaction_and_a_lone_sender_has_one_of_its_own() {
    let scratch = Scratch::new("groups");
    let mut store = Store::open(&scratch);
    let facts = vec![said("many"); 3000];
    store.turn(&facts);
    store.settle();
    let stats = store.log.stats();
    assert_eq!((stats.facts, stats.commits, stats.largest_group), (3000, 1, 3000));
    for _ in 0..5 {
        store.turn([&said("alone")]);
        store.settle();
    }
    let stats = store.log.stats();
    assert_eq!((stats.facts, stats.commits, stats.waiting_facts, stats.waiting_bytes), (3005, 6, 0, 0));
    assert_eq!(stats.failures + stats.voided, 0);
    store.log.close().unwrap();
}

#[test]
fn rows_are_kept_with_their_fact_and_the_newest_wins() {
    let scratch = Scratch::new("rows");
    let mut store = Store::open(&scratch);
    for (name, limit) in [("#Tea", 1), ("#coffee", 2), ("#tEA", 3)] {
        store.order(&quit(1));
        store.log.keep(kept(name, limit));
    }
    store.log.flush();
    store.log.close().unwrap();
    let store = Store::open(&scratch);
    assert_eq!(store.start.rows, [row("#coffee", 2), row("#tEA", 3)]);
}

#[test]
fn too_much_that_waits_is_full_until_it_is_written() {
    let scratch = Scratch::new("full");
    let mut store = Store::open(&scratch);
    assert!(!store.log.is_full());
    let long = said(&"x".repeat(8000));
    let mut ordered = 0;
    while !store.log.is_full() {
        store.order(&long);
        ordered += 1;
    }
    assert!((1000..65_536).contains(&ordered), "bounded in bytes before it is in facts: {ordered}");
    store.log.flush();
    store.settle();
    assert!(!store.log.is_full());
    assert!(store.log.stats().largest_group < ordered, "a group is bounded in bytes");
    store.log.close().unwrap();
}

#[test]
fn in_memory_all_is_committed_at_once_and_written_behind() {
    let scratch = Scratch::new("memory");
    let mut store = Store::open_as(&scratch, Durability::Memory);
    store.turn([&said("one"), &said("two")]);
    assert_eq!(store.log.news().collect::<Vec<_>>(), [News::Committed(Seq(2))]);
    assert_eq!(store.log.news().count(), 0);
    assert_eq!(store.log.stats().commits, 0, "not written yet");
    // Whoever asks for history sees what was said a moment ago.
    assert_eq!(store.texts("#tea"), ["one", "two"]);
    assert_eq!(store.log.stats().commits, 1);
    store.turn([&said("three")]);
    store.log.close().unwrap();
    assert_eq!(Store::open(&scratch).texts("#tea"), ["one", "two", "three"]);
}

/// Copies database and write-ahead log while the store runs: what a crash of the machine could leave.
fn copy_in_flight(from: &Scratch, to: &Scratch) {
    for name in ["loggia.db", "loggia.db-wal"] {
        fs::copy(from.0.join(name), to.0.join(name)).unwrap();
    }
}

#[test]
fn every_copy_made_in_flight_opens_with_a_prefix_that_has_all_that_was_committed() {
    let (scratch, copied) = (Scratch::new("flight"), Scratch::new("flight-copy"));
    for durability in [Durability::Disk, Durability::Process] {
        let mut store = Store::open_as(&scratch, durability);
        let mut said_so_far = usize::try_from(store.start.last.0).unwrap();
        for turn in 0..20 {
            let facts: Vec<Fact> = (0..30).map(|number| said(&format!("{}", said_so_far + number))).collect();
            said_so_far += facts.len();
            store.turn(&facts);
            let mut committed = said_so_far - facts.len();
            if turn % 2 == 0 {
                store.settle();
                committed = said_so_far;
            }
            copy_in_flight(&scratch, &copied);
            let mut copy = Store::open(&copied);
            let texts = copy.texts("#tea");
            assert!(texts.len() >= committed.min(1000), "{} of {committed}", texts.len());
            let last = usize::try_from(copy.start.last.0).unwrap();
            let expected: Vec<String> = (last - texts.len()..last).map(|number| number.to_string()).collect();
            assert_eq!(texts, expected, "a prefix, in order, without holes");
            assert!(copy.start.notes.iter().all(|note| note.contains("not closed")), "{:?}", copy.start.notes);
            copy.log.close().unwrap();
            store.settle();
        }
        store.log.close().unwrap();
    }
}

#[test]
fn a_store_whose_process_vanished_has_all_that_was_committed() {
    let scratch = Scratch::new("vanished");
    for number in 0..5 {
        let mut store = Store::open(&scratch);
        assert_eq!(store.start.last, Seq(number));
        store.turn([&said(&number.to_string())]);
        store.settle();
        // The threads stay, the locks too: SQLite allows several connections, and nobody closes anything.
        std::mem::forget(store);
    }
    let mut store = Store::open(&scratch);
    assert_eq!(store.texts("#tea"), ["0", "1", "2", "3", "4"]);
    assert_eq!(store.start.notes.len(), 1, "{:?}", store.start.notes);
}

#[test]
fn the_write_ahead_log_stays_bounded() {
    let scratch = Scratch::new("wal");
    let mut store = Store::open_as(&scratch, Durability::Process);
    let facts = vec![said(&"x".repeat(1000)); 1000];
    for _ in 0..150 {
        store.turn(&facts);
        store.settle();
    }
    let wal = fs::metadata(scratch.0.join("loggia.db-wal")).unwrap().len();
    let database = fs::metadata(scratch.database()).unwrap().len();
    assert!(wal < 64 << 20, "{wal} bytes of write-ahead log");
    assert!(database > 64 << 20, "{database} bytes of database");
    assert!(store.log.stats().checkpoints > 1);
    store.log.close().unwrap();
    let wal = fs::metadata(scratch.0.join("loggia.db-wal")).map_or(0, |metadata| metadata.len());
    assert_eq!(wal, 0, "nothing is left after closing in order");
}
