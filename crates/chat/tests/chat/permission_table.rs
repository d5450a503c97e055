//! The rule book, printed: `src/permission.txt` is what a reviewer reads. `UPDATE=1` writes it.

use std::fmt::Write as _;
use std::path::Path;

use chat::channel::Channel;
use chat::ids::{ChannelId, UserId};
use chat::modes::ChannelFlags;
use chat::permission::{
    AccountAction, AccountStanding, Action, ArchiveAction, Hidden, Invitation, Keeper, ServerAction, Standing,
    UploadAction, UploadStanding, check, check_account, check_archive, check_server, check_upload, may_change_metadata,
    may_see,
};
use chat::rank::{Rank, RankSet};
use chat::refusal::Refusal;
use chat::time::Timestamp;
use chat::user::OperatorClass;
use irc::names::ChannelName;

#[path = "permission_table/past.rs"]
mod past;

const FILE: &str = "src/permission.txt";

/// Who may want something: everybody that the rules tell apart.
fn people() -> Vec<(&'static str, Standing)> {
    let outsider = Standing { key_fits: true, ..Standing::default() };
    let member = Standing { ranks: Some(RankSet::empty()), ..outsider };
    let ranked = |rank: Rank| Standing { ranks: Some(rank.alone()), ..outsider };
    vec![
        ("outsider", outsider),
        ("member", member),
        ("voice +", ranked(Rank::Voice)),
        ("half %", ranked(Rank::HalfOperator)),
        ("oper @", ranked(Rank::Operator)),
        ("admin &", ranked(Rank::Admin)),
        ("founder ~", ranked(Rank::Founder)),
        ("server out", Standing { operator: true, ..outsider }),
        ("server in", Standing { operator: true, ..member }),
    ]
}

/// Who may want to enter.
fn callers() -> Vec<(&'static str, Standing)> {
    let anybody = Standing { key_fits: true, ..Standing::default() };
    vec![
        ("anybody", anybody),
        ("by mask +I", Standing { invitation: Invitation::ByMask, ..anybody }),
        ("by a member", Standing { invitation: Invitation::ByMember, ..anybody }),
        ("INVITEd", Standing { invitation: Invitation::Personal, ..anybody }),
        ("server", Standing { operator: true, ..anybody }),
        ("access +", Standing { access: Some(Rank::Voice), ..anybody }),
        ("access @", Standing { access: Some(Rank::Operator), ..anybody }),
    ]
}

fn channel(flags: ChannelFlags) -> Channel {
    let mut channel = Channel::new(ChannelId(1), ChannelName::trusted("#tea"), Timestamp(0), false);
    channel.modes.flags = flags;
    channel
}

fn shown(answer: Result<(), Refusal>) -> &'static str {
    match answer {
        Ok(()) => "yes",
        Err(Refusal::CannotSend { .. }) => "404",
        Err(Refusal::NotOnChannel(_)) => "442",
        Err(Refusal::ChannelIsFull(_)) => "471",
        Err(Refusal::InviteOnly(_)) => "473",
        Err(Refusal::Banned(_)) => "474",
        Err(Refusal::Account(_) | Refusal::LogInNeeded { .. }) => "no",
        Err(Refusal::BadKey(_)) => "475",
        Err(Refusal::AccountNeeded(_)) => "477",
        Err(Refusal::NotAnOperator) => "481",
        Err(Refusal::OperatorNeeded(_) | Refusal::FounderNeeded(_)) => "482",
        Err(Refusal::PrivilegeNeeded(_)) => "723",
        Err(other) => panic!("no answer of the rules: {other:?}"),
    }
}

fn row(table: &mut String, name: &str, cells: impl IntoIterator<Item = &'static str>) {
    let _ = write!(table, "{name:<22}");
    for cell in cells {
        let _ = write!(table, "{cell:<12}");
    }
    let trimmed = table.trim_end().len();
    table.truncate(trimmed);
    table.push('\n');
}

fn section(table: &mut String, title: &str, people: &[(&'static str, Standing)]) {
    let _ = writeln!(table, "\n{title}");
    row(table, "", people.iter().map(|(name, _)| *name));
}

fn speaking(table: &mut String) {
    let people = people();
    section(table, "Say something", &people);
    let modes = [
        ("", ChannelFlags::empty()),
        ("+n", ChannelFlags::NO_EXTERNAL),
        ("+m", ChannelFlags::MODERATED),
        ("+nm", ChannelFlags::NO_EXTERNAL | ChannelFlags::MODERATED),
    ];
    for (letters, flags) in modes {
        for banned in [false, true] {
            let name = format!("{letters}{}", if banned { " and banned" } else { "" });
            let name = if name.is_empty() { "no mode" } else { name.trim() };
            let answer =
                |standing| check(Standing { banned, ..standing }, Action::Speak { ctcp: false }, &channel(flags));
            row(table, name, people.iter().map(|(_, standing)| shown(answer(*standing))));
        }
    }
    let mut extra = |name: &str, flags: ChannelFlags, of: fn(Standing) -> Standing| {
        let answer = |standing| check(of(standing), Action::Speak { ctcp: false }, &channel(flags));
        row(table, name, people.iter().map(|(_, standing)| shown(answer(*standing))));
    };
    extra("muted (+b m:)", ChannelFlags::empty(), |standing| Standing { muted: true, ..standing });
    extra("+M, no account", ChannelFlags::ACCOUNTS_SPEAK, |standing| standing);
    extra("+M, account", ChannelFlags::ACCOUNTS_SPEAK, |standing| Standing { logged_in: true, ..standing });
    extra("raid, no account", ChannelFlags::empty(), |standing| Standing { silenced: true, ..standing });
    let answer = |standing| check(standing, Action::Speak { ctcp: true }, &channel(ChannelFlags::NO_CTCP));
    row(table, "+C, CTCP", people.iter().map(|(_, standing)| shown(answer(*standing))));
}

fn entering(table: &mut String) {
    let callers = callers();
    section(table, "Enter", &callers);
    let mut full = channel(ChannelFlags::empty());
    full.modes.limit = Some(1);
    full.members.insert(UserId(9), RankSet::OPERATOR);
    let open = channel(ChannelFlags::empty());
    let closed = channel(ChannelFlags::INVITE_ONLY);
    let mut rows = |name: &str, channel: &Channel, of: fn(Standing) -> Standing| {
        row(table, name, callers.iter().map(|(_, standing)| shown(check(of(*standing), Action::Join, channel))));
    };
    rows("no mode", &open, |standing| standing);
    rows("+i", &closed, |standing| standing);
    rows("+k, wrong key", &open, |standing| Standing { key_fits: false, ..standing });
    rows("+l, full", &full, |standing| standing);
    let accounts = channel(ChannelFlags::ACCOUNTS_ENTER);
    rows("+R, no account", &accounts, |standing| standing);
    rows("+R, account", &accounts, |standing| Standing { logged_in: true, ..standing });
    rows("banned", &open, |standing| Standing { banned: true, ..standing });
}

fn acting(table: &mut String) {
    let people = people();
    section(table, "Do something", &people);
    let open = ChannelFlags::empty();
    let mut actions = vec![
        ("relay", Action::Relay { chanops: true }, open),
        ("relay, not chanops", Action::Relay { chanops: false }, open),
        ("topic", Action::SetTopic, open),
        ("topic, +t", Action::SetTopic, ChannelFlags::TOPIC_LOCKED),
        ("invite", Action::Invite, open),
        ("invite, +i", Action::Invite, ChannelFlags::INVITE_ONLY),
        ("uninvite", Action::Uninvite, open),
        ("flags, key, masks", Action::ChangeModes, open),
        ("rename", Action::Rename, open),
        ("read history", Action::ReadHistory, open),
        ("redact one's own", Action::Redact { own: true }, open),
        ("redact", Action::Redact { own: false }, open),
        ("edit one's own", Action::Edit { own: true, ctcp: false }, open),
        ("edit one's own, +m", Action::Edit { own: true, ctcp: false }, ChannelFlags::MODERATED),
        ("edit", Action::Edit { own: false, ctcp: false }, open),
        ("set metadata", Action::SetMetadata, open),
        ("see metadata", Action::SeeMetadata, open),
        ("see metadata, +i", Action::SeeMetadata, ChannelFlags::INVITE_ONLY),
        ("see +e and +I", Action::SeeExceptions, open),
        ("kick a member", Action::Kick(None), open),
    ];
    let ranks = [Rank::Voice, Rank::HalfOperator, Rank::Operator, Rank::Admin, Rank::Founder];
    let kicks = ["kick +", "kick %", "kick @", "kick &", "kick ~"];
    let grants = ["give or take +v", "give or take +h", "give or take +o", "give or take +a", "give or take +q"];
    actions.extend(ranks.into_iter().zip(kicks).map(|(rank, name)| (name, Action::Kick(Some(rank)), open)));
    actions.extend(ranks.into_iter().zip(grants).map(|(rank, name)| (name, Action::Grant(rank), open)));
    for (name, action, flags) in actions {
        row(table, name, people.iter().map(|(_, standing)| shown(check(*standing, action, &channel(flags)))));
    }
}

/// Of a registered channel: what one's account may do, whatever rank one has now.
fn keeping(table: &mut String) {
    let member = Standing { key_fits: true, ranks: Some(RankSet::empty()), ..Standing::default() };
    let of_account = |rank| Standing { access: Some(rank), ..member };
    let people = vec![
        ("outsider", Standing { ranks: None, ..member }),
        ("member", member),
        ("oper @", Standing { ranks: Some(RankSet::OPERATOR), ..member }),
        ("founder ~", Standing { ranks: Some(RankSet::FOUNDER), ..member }),
        ("access +", of_account(Rank::Voice)),
        ("access @", of_account(Rank::Operator)),
        ("access &", of_account(Rank::Admin)),
        ("access ~", of_account(Rank::Founder)),
        ("away ~", Standing { ranks: None, ..of_account(Rank::Founder) }),
        ("server out", Standing { ranks: None, operator: true, ..member }),
    ];
    section(table, "Keep a channel", &people);
    let actions = [
        ("register", Action::Register),
        ("drop", Action::Drop),
        ("transfer", Action::Transfer),
        ("access list, +", Action::ChangeAccess(Rank::Voice)),
        ("access list, @", Action::ChangeAccess(Rank::Operator)),
        ("access list, &", Action::ChangeAccess(Rank::Admin)),
        ("take +v oneself", Action::TakeRank(Rank::Voice)),
        ("take +o oneself", Action::TakeRank(Rank::Operator)),
        ("take +a oneself", Action::TakeRank(Rank::Admin)),
        ("take +q oneself", Action::TakeRank(Rank::Founder)),
    ];
    for (name, action) in actions {
        let channel = channel(ChannelFlags::empty());
        row(table, name, people.iter().map(|(_, standing)| shown(check(*standing, action, &channel))));
    }
}

const CLASSES: [(&str, Option<OperatorClass>); 3] =
    [("anybody", None), ("moderator", Some(OperatorClass::Moderator)), ("admin", Some(OperatorClass::Admin))];

/// Actor × action × object: what operators of the server do, and to whom.
fn running_the_server(table: &mut String) {
    let _ = writeln!(table, "\nDo something to the server, or to somebody on it");
    row(table, "", CLASSES.iter().map(|(name, _)| *name));
    for action in ServerAction::ALL {
        let objects: Vec<(String, ServerAction)> = match action.to(None) {
            None => vec![(action.name().to_owned(), action)],
            Some(_) => CLASSES
                .iter()
                .filter_map(|(name, whom)| Some((format!("{} {name}", action.name()), action.to(*whom)?)))
                .collect(),
        };
        for (name, action) in objects {
            row(table, &name, CLASSES.iter().map(|(_, class)| shown(check_server(*class, action))));
        }
    }
}

/// What people do to accounts, their own and others'.
fn looking_after_accounts(table: &mut String) {
    let of_class = |operator| AccountStanding { operator, ..AccountStanding::default() };
    let people = [
        ("anybody", of_class(None)),
        ("owner", AccountStanding { owner: true, ..AccountStanding::default() }),
        ("moderator", of_class(Some(OperatorClass::Moderator))),
        ("admin", of_class(Some(OperatorClass::Admin))),
        ("console", AccountStanding { console: true, ..AccountStanding::default() }),
    ];
    let _ = writeln!(table, "\nLook after an account, or let somebody make one");
    row(table, "", people.iter().map(|(name, _)| *name));
    for action in AccountAction::ALL {
        let name = match action {
            AccountAction::Add => "add",
            AccountAction::Change => "change",
            AccountAction::See => "see private",
            AccountAction::List => "list all",
            AccountAction::Remove => "remove",
            AccountAction::IssueReset => "issue a reset code",
            AccountAction::Reclaim => "reclaim the nick",
            AccountAction::Invite => "invite",
            AccountAction::RevokeInvitations => "revoke others'",
        };
        row(table, name, people.iter().map(|(_, standing)| shown(check_account(*standing, action))));
    }
}

#[test]
fn every_action_on_accounts_is_printed() {
    let mut table = String::new();
    looking_after_accounts(&mut table);
    let names: std::collections::BTreeSet<&str> = table.lines().skip(3).map(|line| line[..22].trim()).collect();
    assert_eq!(names.len(), AccountAction::ALL.len(), "{names:?}");
}

/// What is done with everything that is kept, at once.
fn archives(table: &mut String) {
    let _ = writeln!(table, "\nTake everything out that is kept, or put it in");
    let connected = CLASSES.map(|(name, class)| (name, Keeper::Connected(class)));
    let people: Vec<_> = connected.into_iter().chain([("console", Keeper::Console)]).collect();
    row(table, "", people.iter().map(|(name, _)| *name));
    for action in ArchiveAction::ALL {
        row(table, action.name(), people.iter().map(|(_, keeper)| shown(check_archive(*keeper, action))));
    }
}

/// Files that people share.
fn uploads(table: &mut String) {
    let _ = writeln!(table, "\nShared files");
    let guest = UploadStanding::default();
    let people = [
        ("guest", guest),
        ("account", UploadStanding { account: true, ..guest }),
        ("author", UploadStanding { author: true, ..guest }),
        ("moderator", UploadStanding { operator: Some(OperatorClass::Moderator), ..guest }),
        ("admin", UploadStanding { operator: Some(OperatorClass::Admin), ..guest }),
    ];
    row(table, "", people.iter().map(|(name, _)| *name));
    for action in UploadAction::ALL {
        let name = match action {
            UploadAction::Send { accounts_only: false } => "send",
            UploadAction::Send { accounts_only: true } => "send, accounts only",
            UploadAction::ListAll => "list all",
            UploadAction::Remove => "remove",
        };
        row(table, name, people.iter().map(|(_, standing)| shown(check_upload(*standing, action))));
    }
}

#[test]
fn every_action_on_archives_is_printed() {
    // A new action does not compile here until it is counted, and the test fails until it is in the list that is printed.
    let place = |action| match action {
        ArchiveAction::Export => 0,
        ArchiveAction::Import => 1,
        ArchiveAction::Backup => 2,
        ArchiveAction::Restore => 3,
        ArchiveAction::Verify => 4,
    };
    assert_eq!(ArchiveAction::ALL.map(place), [0, 1, 2, 3, 4]);
    let mut table = String::new();
    archives(&mut table);
    assert_eq!(table.lines().skip(3).count(), ArchiveAction::ALL.len());
}

/// A new action does not compile here until it is counted, and the test below fails until it is in the list that is printed.
fn place(action: ServerAction) -> usize {
    match action {
        ServerAction::ActInChannels => 0,
        ServerAction::BanServer { .. } => 1,
        ServerAction::ChangeHost { .. } => 2,
        ServerAction::HearNotices => 3,
        ServerAction::ManageUploads => 4,
        ServerAction::Kill { .. } => 5,
        ServerAction::RaidMode => 6,
        ServerAction::RegisterForOthers => 7,
        ServerAction::Rehash => 8,
        ServerAction::SeeAddresses => 9,
        ServerAction::SeeAudit => 10,
        ServerAction::SeeBans => 11,
        ServerAction::Stats => 12,
        ServerAction::Wallops => 13,
    }
}

#[test]
fn every_action_on_the_server_is_printed() {
    let mut places: Vec<usize> = ServerAction::ALL.iter().map(|action| place(*action)).collect();
    places.dedup();
    assert_eq!(places, (0..14).collect::<Vec<_>>());
}

#[test]
fn nobody_who_is_no_operator_may_do_anything_to_the_server_and_admins_may_do_everything() {
    for action in ServerAction::ALL {
        for whom in CLASSES.map(|(_, class)| class) {
            let action = action.to(whom).unwrap_or(action);
            assert_eq!(check_server(None, action), Err(Refusal::NotAnOperator));
            assert_eq!(check_server(Some(OperatorClass::Admin), action), Ok(()));
        }
    }
}

/// What users say of themselves.
fn metadata(table: &mut String) {
    let actors = [("themself", true, false), ("another", false, false), ("server", false, true)];
    let _ = writeln!(table, "\nA user's metadata");
    row(table, "", actors.iter().map(|(name, ..)| *name));
    for (name, removes) in [("set", false), ("remove, clear", true)] {
        let may = |is_oneself, is_operator| may_change_metadata(is_oneself, is_operator, removes);
        row(table, name, actors.iter().map(|(_, own, operator)| if may(*own, *operator) { "yes" } else { "no" }));
    }
}

/// What strangers do not see.
fn hidden(table: &mut String) {
    let askers = [("stranger", false, false), ("inside", true, false), ("server", false, true)];
    let _ = writeln!(table, "\nSee what is hidden");
    row(table, "", askers.iter().map(|(name, ..)| *name));
    for what in Hidden::ALL {
        let name = match what {
            Hidden::Channel => "a channel, +s",
            Hidden::Key => "a channel's key",
            Hidden::InvisibleMembers => "members with +i",
            Hidden::InvisibleUser => "a user with +i",
        };
        let may = |inside, operator| may_see(what, inside, operator);
        row(table, name, askers.iter().map(|(_, inside, operator)| if may(*inside, *operator) { "yes" } else { "no" }));
    }
}

/// The rows of an action in a channel. A new one does not compile here until its rows are named, and the test below fails until
/// they are printed.
fn rows_of(action: Action) -> &'static [&'static str] {
    match action {
        Action::Join => &["+i", "banned"],
        Action::Speak { .. } => &["no mode", "+C, CTCP"],
        Action::Relay { .. } => &["relay", "relay, not chanops"],
        Action::SetTopic => &["topic", "topic, +t"],
        Action::Invite => &["invite", "invite, +i"],
        Action::Uninvite => &["uninvite"],
        Action::Kick(_) => &["kick a member", "kick ~"],
        Action::ChangeModes => &["flags, key, masks"],
        Action::Grant(_) => &["give or take +v", "give or take +q"],
        Action::Rename => &["rename"],
        // As far as `past` says.
        Action::ReadHistory => &["read history", past::ROW],
        Action::Redact { .. } => &["redact one's own", "redact"],
        Action::Edit { .. } => &["edit one's own", "edit"],
        Action::SetMetadata => &["set metadata"],
        Action::SeeMetadata => &["see metadata", "see metadata, +i"],
        Action::SeeExceptions => &["see +e and +I"],
        Action::TakeRank(_) => &["take +v oneself", "take +q oneself"],
        Action::Register => &["register"],
        Action::Drop => &["drop"],
        Action::ChangeAccess(_) => &["access list, +", "access list, &"],
        Action::Transfer => &["transfer"],
    }
}

#[test]
fn every_action_in_a_channel_is_printed() {
    let one_of_each = [
        Action::Join,
        Action::Speak { ctcp: false },
        Action::Relay { chanops: true },
        Action::SetTopic,
        Action::Invite,
        Action::Uninvite,
        Action::Kick(None),
        Action::ChangeModes,
        Action::Grant(Rank::Voice),
        Action::Rename,
        Action::ReadHistory,
        Action::Redact { own: true },
        Action::Edit { own: true, ctcp: false },
        Action::SetMetadata,
        Action::SeeMetadata,
        Action::SeeExceptions,
        Action::TakeRank(Rank::Voice),
        Action::Register,
        Action::Drop,
        Action::ChangeAccess(Rank::Voice),
        Action::Transfer,
    ];
    let printed = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE)).unwrap();
    let rows: Vec<&str> = printed.lines().filter_map(|line| line.get(..22)).map(str::trim).collect();
    let missing: Vec<&str> =
        one_of_each.into_iter().flat_map(rows_of).copied().filter(|row| !rows.contains(row)).collect();
    assert!(missing.is_empty(), "not printed: {missing:?}");
    // Each kind once: what was left out of the list above would be left out of the test.
    let kinds: std::collections::BTreeSet<&[&str]> = one_of_each.into_iter().map(rows_of).collect();
    assert_eq!((kinds.len(), one_of_each.len()), (ACTIONS, ACTIONS));
}

/// How many kinds of actions there are in a channel: as many as [`rows_of`] has arms.
const ACTIONS: usize = 21;

#[test]
fn the_printed_rules_are_the_rules() {
    let mut table = String::from(
        "Who may do what in a channel: printed from `permission::check` by `UPDATE=1 cargo test -p chat`.\n\
         A number is the refusal's numeric. \"server\" is a server operator, without a rank, outside or in the channel.\n",
    );
    speaking(&mut table);
    entering(&mut table);
    acting(&mut table);
    keeping(&mut table);
    running_the_server(&mut table);
    looking_after_accounts(&mut table);
    archives(&mut table);
    uploads(&mut table);
    past::print(&mut table);
    metadata(&mut table);
    hidden(&mut table);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, table).unwrap();
    } else {
        let kept = std::fs::read_to_string(file).unwrap();
        assert!(kept == table, "{FILE} is not what the rules say now; `UPDATE=1` prints them:\n{table}");
    }
}
