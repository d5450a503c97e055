//! BAN, KLINE, DLINE and what undoes them: who is kept off the server, why and for how long.
//!
//! Wire: `session::features::server_ban`. Proof: `scenarios/ban.txt`, `kline.txt`, `dline.txt`.

use core::net::IpAddr;
use std::collections::BTreeSet;
use std::sync::Arc;

use irc::casemap::CaseMapping;
use smallvec::{SmallVec, smallvec};

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::audit::AuditAct;
use crate::command::{BanCommand, BanWord};
use crate::fact::Fact;
use crate::ids::UserId;
use crate::permission::{ServerAction, check_server};
use crate::person::{Person, PersonFields};
use crate::refusal::{BadServerBan, Refusal};
use crate::reply::Reply;
use crate::rows::Row;
use crate::server_ban::{self, BanKind, Candidate, SERVER_BANS_MAX, ServerBan, Written};
use crate::span;
use crate::time::{Now, Timestamp};
use crate::user::User;
use crate::world::World;

/// What is to be banned.
struct Wanted {
    kind: BanKind,
    what: String,
    /// Whose nick was given.
    nick: Option<Arc<str>>,
}

/// Decides about bans of the server.
///
/// # Errors
/// 481 and 723, [`Refusal::BadServerBan`], [`Refusal::NoSuchServerBan`].
pub fn decide(
    world: &World,
    user: &User,
    command: BanCommand,
    now: Now,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    match command {
        BanCommand::Add { word, what, seconds, reason } => {
            check_server(user.operator, ServerAction::BanServer { whom: None })?;
            let until = seconds.filter(|seconds| *seconds > 0).map(|seconds| later(now.wall, seconds));
            add(world, user, &wanted(world, word, &what)?, until, &reason, now.wall)
        }
        BanCommand::Remove { word, what } => {
            check_server(user.operator, ServerAction::BanServer { whom: None })?;
            remove(world, user, word, &what)
        }
        BanCommand::List { word, statistics } => {
            check_server(user.operator, ServerAction::SeeBans)?;
            let bans = world.server_bans.all().filter(|ban| is_listed(word, ban.kind) && !ban.is_over(now.wall));
            outlet.reply_with_state(Reply::ServerBans { bans: bans.cloned().collect(), statistics });
            Ok(Decision::Answered)
        }
    }
}

fn later(now: Timestamp, seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds.min(span::SPAN_SECONDS_MAX)).unwrap_or_default();
    Timestamp(now.0 + seconds * 1000)
}

/// KLINE lists what looks at people, DLINE what looks at addresses, BAN everything.
fn is_listed(word: BanWord, kind: BanKind) -> bool {
    match word {
        BanWord::Any => true,
        BanWord::Mask => kind != BanKind::Network,
        BanWord::Network => kind == BanKind::Network,
    }
}

/// Finds out what is to be banned. A nick stands for whoever has it: their address and their account, or what the command
/// is about.
fn wanted(world: &World, about: BanWord, what: &str) -> Result<SmallVec<[Wanted; 2]>, Refusal> {
    let bad = |why| Refusal::BadServerBan { what: what.into(), why };
    match server_ban::read(what) {
        Written::What(kind, _) if about == BanWord::Network && kind != BanKind::Network => {
            Err(bad(BadServerBan::Unreadable))
        }
        Written::What(kind, what) => Ok(smallvec![Wanted { kind, what, nick: None }]),
        Written::Nick => {
            let target = world.user_by_nick(what).ok_or_else(|| bad(BadServerBan::Unreadable))?;
            named(target, about).ok_or_else(|| bad(BadServerBan::Loopback))
        }
    }
}

/// Returns what to ban so that this user stays out; `None` when only the machine itself could be banned.
fn named(target: &User, about: BanWord) -> Option<SmallVec<[Wanted; 2]>> {
    let nick = Some(Arc::from(target.nick()));
    let addresses = target.sessions.iter().map(|attached| attached.address);
    let networks: BTreeSet<String> =
        addresses.filter_map(server_ban::network_of).map(|network| network.to_string()).collect();
    let networks = networks.into_iter().map(|network| (BanKind::Network, network));
    let mask = || (BanKind::Mask, format!("*!{}@{}", target.person.username(), target.person.host()));
    let account = target.person.account.as_deref().map(|account| (BanKind::Account, account.to_owned()));
    let found: SmallVec<[_; 2]> = match about {
        BanWord::Network => networks.collect(),
        BanWord::Mask => smallvec![mask()],
        BanWord::Any => {
            let mut found: SmallVec<[_; 2]> = networks.chain(account).collect();
            if found.is_empty() {
                found.push(mask());
            }
            found
        }
    };
    let wanted = found.into_iter().map(|(kind, what)| Wanted { kind, what, nick: nick.clone() });
    Some(wanted.collect()).filter(|wanted: &SmallVec<_>| !wanted.is_empty())
}

fn add(
    world: &World,
    user: &User,
    wanted: &[Wanted],
    until: Option<Timestamp>,
    reason: &str,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let mapping = world.mapping();
    let reason: Arc<str> = reason.into();
    let mut facts: SmallVec<[Fact; 1]> = SmallVec::new();
    let (mut hit, mut audited) = (BTreeSet::new(), Vec::new());
    for Wanted { kind, what, nick } in wanted {
        let bad = |why| Refusal::BadServerBan { what: what.as_str().into(), why };
        server_ban::judge(*kind, what).map_err(bad)?;
        if world.server_bans.len() >= SERVER_BANS_MAX && world.server_bans.get(*kind, what, mapping).is_none() {
            return Err(bad(BadServerBan::ListFull));
        }
        let by = Arc::clone(user.person.mask());
        let (what, nick) = (Arc::from(what.as_str()), nick.clone());
        let ban = ServerBan { kind: *kind, what, by, at: now, until, nick, reason: Arc::clone(&reason) };
        let those: Vec<&User> = world.users.values().filter(|user| fits(&ban, user, mapping)).collect();
        for target in &those {
            if target.id == user.id {
                return Err(bad(BadServerBan::Yourself));
            }
            check_server(user.operator, ServerAction::BanServer { whom: target.operator })?;
            hit.insert(target.id);
        }
        audited.push(audit::entry(user, AuditAct::BanAdded, Some(&ban.shown()), &reason));
        let disconnected = u32::try_from(those.len()).unwrap_or(u32::MAX);
        facts.push(added(user.id, ban, disconnected));
    }
    let quit: Arc<str> = format!("Banned ({reason})").into();
    facts.extend(hit.into_iter().map(|user| Fact::UserQuit {
        user,
        by: None,
        banned: true,
        reason: Arc::clone(&quit),
    }));
    facts.extend(audited);
    Ok(Decision::Record(facts))
}

/// Tells whether a ban fits somebody, wherever they are connected from.
fn fits(ban: &ServerBan, user: &User, mapping: CaseMapping) -> bool {
    let addresses = user.sessions.iter().map(|attached| Some(attached.address));
    addresses.chain([None]).any(|address| ban.fits(&Candidate::new(&user.person, address), mapping))
}

fn added(user: UserId, ban: ServerBan, disconnected: u32) -> Fact {
    let ServerBan { kind, what, by, until, nick, reason, .. } = ban;
    Fact::ServerBanAdded { user, by, ban: kind, what, until, nick, disconnected, reason }
}

fn remove(world: &World, user: &User, about: BanWord, what: &str) -> Result<Decision, Refusal> {
    let mapping = world.mapping();
    let found: Vec<&ServerBan> = match server_ban::read(what) {
        Written::What(kind, what) => {
            world.server_bans.get(kind, &what, mapping).into_iter().filter(|ban| is_listed(about, ban.kind)).collect()
        }
        // Whoever was banned by nick is known by it.
        Written::Nick => {
            let by_nick = |ban: &&ServerBan| ban.nick.as_deref().is_some_and(|nick| mapping.same(nick, what));
            world.server_bans.all().filter(by_nick).filter(|ban| is_listed(about, ban.kind)).collect()
        }
    };
    if found.is_empty() {
        return Err(Refusal::NoSuchServerBan(what.into()));
    }
    let removed =
        found.iter().map(|ban| Fact::ServerBanRemoved { user: user.id, ban: ban.kind, what: Arc::clone(&ban.what) });
    let audited = found.iter().map(|ban| audit::entry(user, AuditAct::BanRemoved, Some(&ban.shown()), ""));
    Ok(Decision::Record(removed.chain(audited).collect()))
}

/// Keeps the ban, and tells whoever set it.
pub fn apply_added(world: &mut World, ban: ServerBan, disconnected: u32, outlet: &mut Outlet<'_>) {
    sweep(world, outlet);
    outlet.keep(Row::ServerBan(Box::new(ban.clone())));
    world.server_bans.put(ban.clone(), world.mapping());
    if ban.kind == BanKind::Network {
        outlet.ban_networks(world.server_bans.networks());
    }
    outlet.reply(Reply::ServerBanAdded { ban: Box::new(ban), disconnected });
}

/// Undoes a ban, and tells whoever wanted it.
pub fn apply_removed(world: &mut World, kind: BanKind, what: &str, outlet: &mut Outlet<'_>) {
    if let Some(ban) = world.server_bans.remove(kind, what, world.mapping()) {
        outlet.forget(Row::ServerBan(Box::new(ban.clone())));
        if ban.kind == BanKind::Network {
            outlet.ban_networks(world.server_bans.networks());
        }
        outlet.reply(Reply::ServerBanRemoved(Box::new(ban)));
    }
}

/// Forgets the bans that are over.
pub fn sweep(world: &mut World, outlet: &mut Outlet<'_>) {
    for ban in world.server_bans.sweep(outlet.at) {
        outlet.forget(Row::ServerBan(Box::new(ban)));
    }
}

/// Looks whether somebody who wants to become a user is banned.
///
/// # Errors
/// [`Refusal::ServerBanned`] (465).
pub fn check_newcomer(world: &World, person: &PersonFields, address: IpAddr, now: Timestamp) -> Result<(), Refusal> {
    if world.server_bans.is_empty() {
        return Ok(());
    }
    let person = Person::from(person.clone());
    match world.server_bans.fitting(&Candidate::new(&person, Some(address)), now, world.mapping()) {
        Some(ban) => Err(refusal(ban)),
        None => Ok(()),
    }
}

/// Looks whether an account is banned.
///
/// # Errors
/// [`Refusal::ServerBanned`] (465).
pub fn check_account(world: &World, account: &str, now: Timestamp) -> Result<(), Refusal> {
    match world.server_bans.of_account(account, now, world.mapping()) {
        Some(ban) => Err(refusal(ban)),
        None => Ok(()),
    }
}

/// Tells the sessions of somebody whom a ban has begun to fit, before their connections are closed.
pub(super) fn tell(world: &World, id: UserId, outlet: &mut Outlet<'_>) {
    let (Some(user), mapping) = (world.users.get(&id), world.mapping()) else { return };
    let Some(ban) = world.server_bans.all().find(|ban| !ban.is_over(outlet.at) && fits(ban, user, mapping)) else {
        return;
    };
    for session in user.session_ids() {
        outlet.tell(session, Reply::Refused(refusal(ban)));
    }
}

fn refusal(ban: &ServerBan) -> Refusal {
    Refusal::ServerBanned { reason: Arc::clone(&ban.reason), until: ban.until }
}

/// Tells whether the raid mode keeps somebody from making an account: everybody but those who may make them for others.
pub fn closes_registration(world: &World, user: Option<&User>) -> bool {
    let class = user.and_then(|user| user.operator);
    world.raid.is_some() && check_server(class, ServerAction::RegisterForOthers).is_err()
}
