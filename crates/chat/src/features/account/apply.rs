//! What becomes true of accounts.

use std::sync::Arc;

use super::no;
use crate::account::{Account, AccountChange, Redeemed, RemovedAccount, Reset};
use crate::features::outlet::Outlet;
use crate::features::{audit, invitation, login, persistence, quit, registration, user_mode, webpush};
use crate::ids::UserId;
use crate::modes::UserModes;
use crate::privacy;
use crate::refusal::AccountRefusal;
use crate::reply::{AccountReply, Reply};
use crate::rows::Row;
use crate::time::Instant;
use crate::user::{OperatorClass, User};
use crate::world::World;

/// Changes an account. One that was removed meanwhile stays removed.
pub fn changed(
    world: &mut World,
    name: &Arc<str>,
    change: &AccountChange,
    text: &Arc<str>,
    now: Instant,
    outlet: &mut Outlet<'_>,
) {
    let mapping = world.mapping();
    let Some(mut account) = world.accounts.get(name, mapping).cloned() else { return };
    let mut answer = Reply::Account(AccountReply::Changed { account: Arc::clone(name), change: change.clone() });
    match change {
        AccountChange::Password {} => {
            world.guesses.renewed(&mapping.fold(name));
            account.credentials = Arc::clone(text);
            account.renewed = now;
            account.reset = None;
            // Whoever knew the former password may have had notifications sent to themself.
            account.push = Arc::default();
        }
        AccountChange::Email {} => account.email = Some(Arc::clone(text)).filter(|email| !email.is_empty()),
        AccountChange::CertificateAdded { certificate } => {
            if !account.certificates.contains(certificate) {
                account.certificates.push(Arc::clone(certificate));
            }
        }
        AccountChange::CertificateRemoved { certificate } => account.certificates.retain(|own| own != certificate),
        AccountChange::Operator { operator, redeemed } => {
            let by = redeemed.as_ref();
            if by.is_some_and(|redeemed| !invitation::used(world, &redeemed.invitation, outlet)) {
                return outlet.reply(Reply::Refused(no(AccountRefusal::BadCode)));
            }
            if let Some(Redeemed { user, by, .. }) = by {
                audit::apply(world, *user, audit::became_operator(by, &account.name), outlet);
            }
            account.operator = *operator;
        }
        AccountChange::Protection { on } => account.unprotected = !on,
        AccountChange::ResetIssued { until, .. } => {
            account.reset = Some(Reset { hash: Arc::clone(text), until: *until });
        }
        AccountChange::PushRegistered {} => match webpush::registered(&mut account, text) {
            Some(registered) => answer = registered,
            None => return,
        },
        AccountChange::PushUnregistered {} => answer = webpush::unregistered(&mut account, text),
    }
    outlet.keep(Row::Account(Box::new(account.clone())));
    let before = world.accounts.get(name, mapping).and_then(|account| account.operator);
    let operator = account.operator;
    world.accounts.put(account, mapping);
    if before != operator {
        for id in users_of(world, name) {
            change_rights(world, id, operator, outlet);
        }
    }
    outlet.reply(answer);
}

/// Gives a user who is connected the rights that their account has now.
fn change_rights(world: &mut World, id: UserId, operator: Option<OperatorClass>, outlet: &mut Outlet<'_>) {
    let Some(modes) = world.users.get(&id).map(|user| user.modes) else { return };
    let modes = if operator.is_some() { modes | UserModes::OPERATOR } else { modes - UserModes::OPERATOR };
    as_answer_to_own(world, id, outlet, |world, outlet| user_mode::apply(world, id, modes, operator, outlet));
}

/// Applies something of a user: as the answer to whoever asked only if that is the user.
fn as_answer_to_own(
    world: &mut World,
    id: UserId,
    outlet: &mut Outlet<'_>,
    apply: impl FnOnce(&mut World, &mut Outlet<'_>),
) {
    let origin = outlet.origin;
    outlet.origin = origin.filter(|session| world.sessions.get(session) == Some(&id));
    apply(world, outlet);
    outlet.origin = origin;
}

fn users_of(world: &World, account: &str) -> Vec<UserId> {
    let mapping = world.mapping();
    let is_theirs = |user: &&User| user.person.account.as_deref().is_some_and(|own| mapping.same(own, account));
    world.users.values().filter(is_theirs).map(|user| user.id).collect()
}

/// Removes an account and all that is kept for it: its markers, what it says of itself, its channels, its place in lists. Its
/// name stays, and is nobody's. Who is logged in to it is logged out, and stays no longer than they are connected.
pub fn removed(world: &mut World, name: &Arc<str>, keeps_messages: bool, outlet: &mut Outlet<'_>) {
    let mapping = world.mapping();
    let Some(account) = world.accounts.get(name, mapping).cloned() else { return };
    registration::forget_account(world, name, outlet);
    persistence::forget_account(world, name, outlet);
    privacy::forget_account(world, &account.name, outlet);
    for id in users_of(world, name) {
        let others: Vec<_> = world.users.get(&id).into_iter().flat_map(User::session_ids).collect();
        as_answer_to_own(world, id, outlet, |world, outlet| login::apply(world, id, None, outlet));
        let origin = outlet.origin();
        for session in others.into_iter().filter(|session| Some(*session) != origin) {
            outlet.tell(session, Reply::LoggedOut);
        }
    }
    for row in world.markers.forget_account(&account.name, mapping) {
        outlet.forget(Row::Marker(row));
    }
    for row in world.metadata.forget_account(&account.name, mapping) {
        outlet.forget(row);
    }
    world.accounts.remove(name, mapping);
    outlet.forget(Row::Account(Box::new(Account::new(Arc::clone(&account.name), account.registered))));
    outlet.account_removed(Arc::clone(&account.name));
    let retired = RemovedAccount { name: Arc::clone(&account.name), at: outlet.at };
    outlet.keep(Row::RemovedAccount(retired.clone()));
    world.accounts.retire(retired, mapping);
    outlet.reply(Reply::Account(AccountReply::Removed { account: account.name, keeps_messages }));
}

/// Ends all sessions of an account but the one that asked for it.
pub fn sessions_ended(
    world: &mut World,
    kept: UserId,
    account: &str,
    reason: &Arc<str>,
    now: Instant,
    outlet: &mut Outlet<'_>,
) {
    let (origin, mapping) = (outlet.origin(), world.mapping());
    if let Some(mut renewed) = world.accounts.get(account, mapping).cloned() {
        renewed.renewed = now;
        if !renewed.push.is_empty() {
            renewed.push = Arc::default();
            outlet.keep(Row::Account(Box::new(renewed.clone())));
        }
        world.accounts.put(renewed, mapping);
    }
    let mut count = 0;
    for id in users_of(world, account) {
        let Some(user) = world.users.get_mut(&id) else { continue };
        if id != kept {
            count += user.connections as usize;
            as_answer_to_own(world, id, outlet, |world, outlet| quit::apply(world, id, None, reason, outlet));
            continue;
        }
        let (stay, go): (Vec<_>, Vec<_>) =
            user.sessions.drain(..).partition(|attached| Some(attached.session) == origin);
        count += user.connections.saturating_sub(1) as usize;
        user.connections = 1;
        user.sessions = stay.into();
        for attached in go {
            world.sessions.remove(&attached.session);
            world.watchers.forget(attached.session);
            outlet.close(attached.session, Arc::clone(reason));
        }
    }
    outlet.reply(Reply::Account(AccountReply::SessionsEnded { count }));
}
