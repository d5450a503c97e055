//! Registration of an account.
//!
//! Spec: `IRCv3` "draft/account-registration". Wire: `session::features::register`. Proof:
//! `scenarios/account-registration.txt`.

use std::sync::Arc;

use super::outlet::Outlet;
use super::{Decision, invitation, login, record, server_ban};
use crate::account::{Account, Private};
use crate::command::NewAccount;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::invitation::Invitation;
use crate::refusal::{CannotRegister, Refusal};
use crate::reply::Reply;
use crate::rows::Row;
use crate::settings::Registration;
use crate::throttle::seconds;
use crate::time::Now;
use crate::user::User;
use crate::world::World;

/// Says whether the account may be made, before its password is hashed, which takes long. This counts as a try.
///
/// # Errors
/// [`Refusal::CannotRegister`].
pub fn ask(
    world: &mut World,
    user: Option<UserId>,
    wanted: &NewAccount,
    now: Now,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    check(world, user, wanted, now)?;
    let too_many = |wait| refusal(wanted, CannotRegister::TooMany { seconds: seconds(wait) });
    world.guesses.register(wanted.guest, &world.settings.guesses, now.instant).map_err(too_many)?;
    outlet.reply(Reply::MayRegister);
    Ok(Decision::Answered)
}

/// Makes the account, if it may still be made.
///
/// # Errors
/// [`Refusal::CannotRegister`].
pub fn decide(
    world: &World,
    user: Option<UserId>,
    wanted: &NewAccount,
    credentials: &str,
    now: Now,
) -> Result<Decision, Refusal> {
    let invitation = check(world, user, wanted, now)?;
    let operator = invitation.and_then(|invitation| invitation.operator);
    let account = Account { operator, ..Account::new(&*wanted.name, now.wall) };
    let private = Private { credentials, email: wanted.email.as_deref() }.written();
    let invitation = invitation.map(|invitation| Arc::clone(&invitation.id));
    let user = user.filter(|id| world.users.contains_key(id));
    Ok(record(Fact::AccountRegistered { account: Box::new(account), private, user, invitation }))
}

/// Says whether the account may be made, and by which invitation.
fn check<'a>(
    world: &'a World,
    user: Option<UserId>,
    wanted: &NewAccount,
    now: Now,
) -> Result<Option<&'a Invitation>, Refusal> {
    let user = user.and_then(|id| world.users.get(&id));
    let invitation = may_register(world, user, wanted, now);
    let why = invitation.and_then(|invitation| is_free(world, user, wanted).map(|()| invitation));
    why.map_err(|why| refusal(wanted, why))
}

fn refusal(wanted: &NewAccount, why: CannotRegister) -> Refusal {
    Refusal::CannotRegister { account: wanted.name.clone(), why }
}

/// Says whether people may make accounts themselves.
/// An invitation that was given must hold, also where none is needed; one that makes an operator always counts.
fn may_register<'a>(
    world: &'a World,
    user: Option<&User>,
    wanted: &NewAccount,
    now: Now,
) -> Result<Option<&'a Invitation>, CannotRegister> {
    if server_ban::closes_registration(world, user) {
        return Err(CannotRegister::Raid);
    }
    let invitation = match &wanted.invitation {
        Some(hash) => {
            let found = world.invitations.redeemed_by(hash, now.wall);
            Some(found.ok_or(CannotRegister::InvitationInvalid)?)
        }
        None => None,
    };
    match world.settings.registration {
        _ if invitation.is_some_and(|invitation| invitation.operator.is_some()) => Ok(invitation),
        Registration::Open => Ok(invitation),
        Registration::Invite if invitation.is_some() => Ok(invitation),
        Registration::Invite => Err(CannotRegister::InvitationNeeded),
        Registration::Closed => Err(CannotRegister::Closed),
    }
}

/// Says whether the name is valid and nobody's. A nick that somebody uses is theirs to register.
fn is_free(world: &World, user: Option<&User>, wanted: &NewAccount) -> Result<(), CannotRegister> {
    let nick = user.map(User::nick).or(wanted.nick.as_deref());
    if user.is_some_and(|user| user.person.account.is_some()) {
        return Err(CannotRegister::AlreadyAuthenticated);
    }
    if world.settings.names.nick(&wanted.name).is_err() || world.is_service(&wanted.name) {
        return Err(CannotRegister::BadName);
    }
    let is_nick = nick.is_some_and(|nick| world.mapping().same(nick, &wanted.name));
    if !is_nick && !world.settings.nick_may_differ_from_account {
        return Err(CannotRegister::MustBeNick);
    }
    if world.accounts.get(&wanted.name, world.mapping()).is_some() {
        Err(CannotRegister::Exists)
    } else if world.accounts.was_removed(&wanted.name, world.mapping()) {
        Err(CannotRegister::Removed)
    } else if world.is_name_taken(&wanted.name, user.map(|user| user.id)) {
        Err(CannotRegister::NickInUse)
    } else {
        Ok(())
    }
}

/// Adds the account, unless one with its name came first, or was; whoever made it is logged in.
pub fn apply(
    world: &mut World,
    account: &Account,
    private: &str,
    user: Option<UserId>,
    invitation: Option<&str>,
    outlet: &mut Outlet<'_>,
) {
    let mapping = world.mapping();
    let why = match world.accounts.get(&account.name, mapping) {
        Some(_) => Some(CannotRegister::Exists),
        None => world.accounts.was_removed(&account.name, mapping).then_some(CannotRegister::Removed),
    };
    let is_uninvited = |invitation: &str| !invitation::used(world, invitation, outlet);
    let why = why.or_else(|| invitation.is_some_and(is_uninvited).then_some(CannotRegister::InvitationInvalid));
    if let Some(why) = why {
        let account = (*account.name).into();
        outlet.reply(Reply::Refused(Refusal::CannotRegister { account, why }));
        return;
    }
    let Private { credentials, email } = Private::read(private);
    let account = Account { credentials: credentials.into(), email: email.map(Arc::from), ..account.clone() };
    let name = Arc::clone(&account.name);
    outlet.keep(Row::Account(Box::new(account.clone())));
    world.accounts.put(account, mapping);
    outlet.reply(Reply::Registered(Arc::clone(&name)));
    match user {
        Some(user) => login::apply(world, user, Some(&name), outlet),
        // Whoever asked is nobody yet, and logged in when they become somebody.
        None => outlet.reply(Reply::LoggedIn(name)),
    }
}
