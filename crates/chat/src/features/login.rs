//! Log-in and log-out: which account a user is.
//!
//! Spec: `IRCv3` "sasl" (900, 901), "account-notify". Wire: `session::features::authenticate`, `account_notify`. Proof:
//! `scenarios/sasl-plain.txt`, `account-notify.txt`.

use std::sync::Arc;

use super::outlet::Outlet;
use super::{Decision, persistence, record, registration, user_mode};
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::modes::UserModes;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::throttle::Guest;
use crate::time::Instant;
use crate::user::User;
use crate::world::World;

/// Answers with what an account's password is checked with; empty for an account that does not exist, for the check is
/// to take as long then.
///
/// # Errors
/// [`Refusal::TooManyGuesses`].
pub fn find(
    world: &mut World,
    account: &str,
    guest: Guest,
    now: Instant,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    world.throttles.guess(&world.fold(account), guest, now)?;
    let found = world.accounts.get(account, world.mapping());
    let (account, credentials) =
        found.map_or_else(|| (account.into(), Arc::default()), |found| (found.name.clone(), found.credentials.clone()));
    outlet.reply(Reply::Credentials { account, credentials });
    Ok(Decision::Answered)
}

/// Logs a session in that has proved that it is this account: its user, or, while it is nobody yet, the user it will
/// be ([`super::connect`]).
///
/// # Errors
/// [`Refusal::NoSuchAccount`] when the account is gone meanwhile.
pub fn decide(
    world: &mut World,
    user: Option<UserId>,
    account: &str,
    guest: Guest,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let found = world.accounts.get(account, world.mapping());
    let account = found.map(|found| Arc::clone(&found.name)).ok_or(Refusal::NoSuchAccount)?;
    world.throttles.proved(&world.fold(&account), guest);
    Ok(enter(world, user, account, outlet))
}

/// Logs a session in whose client has shown a certificate. A certificate cannot be guessed, so this is not limited.
///
/// # Errors
/// [`Refusal::NoSuchAccount`] when it proves no account, or another one than it is to be.
pub fn decide_by_certificate(
    world: &mut World,
    user: Option<UserId>,
    certificate: &str,
    wanted: Option<&str>,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let found = world.accounts.of_certificate(certificate).map(|found| Arc::clone(&found.name));
    let is_wanted = |name: &Arc<str>| wanted.is_none_or(|wanted| world.mapping().same(wanted, name));
    let account = found.filter(is_wanted).ok_or(Refusal::NoSuchAccount)?;
    Ok(enter(world, user, account, outlet))
}

fn enter(world: &World, user: Option<UserId>, account: Arc<str>, outlet: &mut Outlet<'_>) -> Decision {
    let user = user.and_then(|id| world.users.get(&id));
    match user.filter(|user| user.person.account.as_ref() != Some(&account)) {
        Some(user) => record(Fact::LoggedIn { user: user.id, account }),
        // Nobody yet, or that account already.
        None => {
            outlet.reply_with_state(Reply::LoggedIn(account));
            Decision::Answered
        }
    }
}

/// Logs a user out.
///
/// # Errors
/// [`Refusal::NoSuchAccount`] when they are not logged in.
pub fn decide_out(user: &User) -> Result<Decision, Refusal> {
    let is_logged_in = user.person.account.is_some();
    if is_logged_in { Ok(record(Fact::LoggedOut { user: user.id })) } else { Err(Refusal::NoSuchAccount) }
}

/// Makes a user this account, or none. The user, all who share a channel and those who watch the nick hear it, where their
/// clients want to. Rights as a server operator come and go with the account that has them.
pub fn apply(world: &mut World, id: UserId, account: Option<&Arc<str>>, outlet: &mut Outlet<'_>) {
    let (Some(user), actor) = (world.users.get(&id), world.actor(id)) else { return };
    let operator_by = |name: &str| world.accounts.get(name, world.mapping()).and_then(|found| found.operator);
    // The account may have been removed while the log was ordering the fact.
    let account =
        account.and_then(|name| world.accounts.get(name, world.mapping())).map(|found| Arc::clone(&found.name));
    if user.person.account == account {
        return;
    }
    let was_operator = user.person.account.as_deref().and_then(operator_by);
    let is_operator = account.as_deref().and_then(operator_by);
    let audience = Audience::channels(user.channels.iter().copied())
        .and_user(id)
        .and_watchers(world.watchers.of(user.nick(), world.mapping()));
    let channels: Vec<_> = user.channels.iter().copied().collect();
    let modes = user.modes;
    let keeps_rights = user.operator.is_some() && user.operator != was_operator;
    let now = user.person.with(|fields| fields.account.clone_from(&account));
    // Who stayed for the former account stays for it no more.
    persistence::end(world, id, outlet);
    world.set_person(id, &now);
    persistence::begin(world, id, outlet);
    // Lists may name accounts: messages decided against the old one are judged again.
    for channel in channels {
        if let Some(channel) = world.channels.get_mut(&channel) {
            channel.rules_changed();
        }
    }
    outlet.announce(audience, actor, EventKind::AccountChanged { now });
    outlet.reply(account.map_or(Reply::LoggedOut, Reply::LoggedIn));
    if is_operator.is_some() {
        user_mode::apply(world, id, modes | UserModes::OPERATOR, is_operator, outlet);
    } else if was_operator.is_some() && !keeps_rights {
        user_mode::apply(world, id, modes - UserModes::OPERATOR, None, outlet);
    }
    registration::grant_on_login(world, id, outlet);
}
