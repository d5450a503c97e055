//! An account's own: its sessions, and the nick that is its name.

use std::sync::Arc;

use super::{Asker, find, no};
use crate::fact::Fact;
use crate::features::outlet::Outlet;
use crate::features::{Decision, record};
use crate::permission::{AccountAction, check_account};
use crate::refusal::{AccountRefusal, Refusal};
use crate::reply::{AccountReply, Reply, SessionInfo};
use crate::user::User;
use crate::world::World;

/// Answers who is logged in to the asker's account.
pub(super) fn sessions(world: &World, asker: Asker, outlet: &mut Outlet<'_>) -> Result<Decision, Refusal> {
    let account = find(world, asker, None)?;
    let origin = outlet.origin();
    let is_theirs =
        |user: &&User| user.person.account.as_deref().is_some_and(|own| world.mapping().same(own, &account.name));
    let all = world.users.values().filter(is_theirs).flat_map(|user| {
        user.sessions.iter().map(move |attached| SessionInfo {
            nick: user.nick().into(),
            address: attached.address,
            secure: attached.secure,
            own: Some(attached.session) == origin,
        })
    });
    outlet.reply_with_state(Reply::Account(AccountReply::Sessions(all.collect())));
    Ok(Decision::Answered)
}

/// Decides to end the other sessions of the asker's account.
pub(super) fn end_others(world: &World, asker: Asker) -> Result<Decision, Refusal> {
    let account = find(world, asker, None)?;
    check_account(asker.standing(world, Some(&account.name)), AccountAction::Reclaim)?;
    let user = asker.user(world).ok_or(no(AccountRefusal::NotLoggedIn))?;
    let reason = format!("Ended by {}", user.nick()).into();
    Ok(record(Fact::SessionsEnded { user: user.id, account: Arc::clone(&account.name), reason }))
}

/// Decides to disconnect who has the nick.
pub(super) fn ghost(world: &World, asker: Asker, nick: &str) -> Result<Decision, Refusal> {
    let (user, holder) = reclaim(world, asker, nick)?;
    let holder = holder.ok_or_else(|| Refusal::NoSuchNick(nick.into()))?;
    if holder.id == user.id {
        return Err(no(AccountRefusal::NickIsYou(holder.nick().into())));
    }
    Ok(record(gone(user, holder)))
}

/// Decides to take the nick, from whoever has it.
pub(super) fn regain(world: &World, asker: Asker, nick: &str) -> Result<Decision, Refusal> {
    let (user, holder) = reclaim(world, asker, nick)?;
    if holder.is_some_and(|holder| holder.id == user.id) {
        return Err(no(AccountRefusal::NickIsYou(user.nick().into())));
    }
    let nick = world.settings.names.nick(nick).map_err(|_| Refusal::ErroneousNickname(nick.into()))?;
    let taken = Fact::NickChanged { user: user.id, nick, shown: None };
    let gone = holder.map(|holder| gone(user, holder));
    Ok(Decision::Record(gone.into_iter().chain([taken]).collect()))
}

fn gone(user: &User, holder: &User) -> Fact {
    let reason = format!("The nick belongs to {}", user.person.account.as_deref().unwrap_or_default());
    Fact::UserQuit { user: holder.id, by: None, banned: false, reason: reason.into() }
}

/// Finds who has a nick that is the asker's: the name of their account, or one that their account has taken.
fn reclaim<'a>(world: &'a World, asker: Asker, nick: &str) -> Result<(&'a User, Option<&'a User>), Refusal> {
    let own = find(world, asker, None)?;
    let user = asker.user(world).ok_or(no(AccountRefusal::NotLoggedIn))?;
    let holder = world.user_by_nick(nick);
    let holder_account = holder.and_then(|holder| holder.person.account.as_deref());
    let is_theirs = holder_account.is_some_and(|account| world.mapping().same(account, &own.name));
    let owner = if is_theirs { &own.name } else { &world.accounts.get(nick, world.mapping()).unwrap_or(own).name };
    let is_named = world.mapping().same(nick, &own.name);
    if !is_named && !is_theirs {
        return Err(no(AccountRefusal::NickNotYours(nick.into())));
    }
    check_account(asker.standing(world, Some(owner)), AccountAction::Reclaim)?;
    Ok((user, holder))
}
