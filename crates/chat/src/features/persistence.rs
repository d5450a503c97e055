//! Users who stay while nobody is connected: always on.
//!
//! Spec: `IRCv3` "draft/persistence" (specification pull request #503). Wire: `session::features::persistence`. Proof:
//! `scenarios/persistence.txt`, `scenarios/always-on.txt`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::outlet::Outlet;
use super::{Decision, quit, record};
use crate::command::PersistenceCommand;
use crate::fact::Fact;
use crate::ids::{SessionId, UserId};
use crate::refusal::Refusal;
use crate::reply::{PersistenceStatus, Reply};
use crate::rows::Row;
use crate::user::User;
use crate::world::World;

/// Decides what somebody asks about staying.
///
/// # Errors
/// [`Refusal::LogInNeeded`] for who is not logged in: they could not come back.
pub fn decide(
    world: &World,
    user: &User,
    command: PersistenceCommand,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let account = user.person.account.as_deref().and_then(|name| world.accounts.get(name, world.mapping()));
    let account = account.ok_or(Refusal::LogInNeeded { command: "PERSISTENCE" })?;
    match command {
        PersistenceCommand::Set(wish) if wish != account.always_on => {
            let name = Arc::clone(&account.name);
            Ok(record(Fact::AlwaysOnChanged { user: user.id, account: name, always_on: wish }))
        }
        PersistenceCommand::Get | PersistenceCommand::Set(_) => {
            if let Some(status) = status(world, user) {
                outlet.reply_with_state(Reply::Persistence(status));
            }
            Ok(Decision::Answered)
        }
    }
}

/// Returns what a user's account wishes, and whether this user stays; `None` for who is not logged in.
pub(super) fn status(world: &World, user: &User) -> Option<PersistenceStatus> {
    let account = world.accounts.get(user.person.account.as_deref()?, world.mapping())?;
    Some(PersistenceStatus { wish: account.always_on, stays: user.stays })
}

/// Notes what the account wishes, and lets its user stay from now on, or no more than anybody else.
pub fn changed(world: &mut World, id: UserId, account: &str, wish: Option<bool>, outlet: &mut Outlet<'_>) {
    let mapping = world.mapping();
    let Some(mut changed) = world.accounts.get(account, mapping).cloned() else { return };
    changed.always_on = wish;
    outlet.keep(Row::Account(Box::new(changed.clone())));
    world.accounts.put(changed, mapping);
    if world.is_always_on(account) {
        begin(world, id, outlet);
    } else if let Some(staying) = world.staying_user(account).map(|user| user.id) {
        end(world, staying, outlet);
        leave_if_alone(world, staying, outlet);
    }
    tell(world, account, outlet);
}

/// Returns what is to be recorded when the configuration says otherwise who stays: the wish of each account that is
/// concerned, as it was, which then means something else.
pub(crate) fn review(world: &World) -> Vec<Fact> {
    let mut facts: BTreeMap<Arc<str>, Fact> = BTreeMap::new();
    for user in world.users.values() {
        let account = user.person.account.as_deref().and_then(|name| world.accounts.get(name, world.mapping()));
        let Some(account) = account else { continue };
        if world.is_always_on(&account.name) != world.staying_user(&account.name).is_some() {
            let (name, always_on) = (Arc::clone(&account.name), account.always_on);
            let fact = Fact::AlwaysOnChanged { user: user.id, account: Arc::clone(&name), always_on };
            facts.entry(name).or_insert(fact);
        }
    }
    facts.into_values().collect()
}

/// Tells all sessions of an account how it is now.
fn tell(world: &World, account: &str, outlet: &mut Outlet<'_>) {
    let of_account =
        |user: &&User| user.person.account.as_deref().is_some_and(|own| world.mapping().same(own, account));
    let told: Vec<(SessionId, PersistenceStatus)> = world
        .users
        .values()
        .filter(of_account)
        .filter_map(|user| Some((user, status(world, user)?)))
        .flat_map(|(user, status)| user.session_ids().map(move |session| (session, status)))
        .collect();
    for (session, status) in told {
        let reply = Reply::Persistence(status);
        if outlet.origin() == Some(session) { outlet.reply(reply) } else { outlet.tell(session, reply) }
    }
}

/// Lets a user stay whose account wishes it, unless it has one who stays already.
pub(super) fn begin(world: &mut World, id: UserId, outlet: &mut Outlet<'_>) {
    let Some(user) = world.users.get(&id) else { return };
    let Some(account) = user.person.account.clone() else { return };
    if !world.is_always_on(&account) || world.staying_user(&account).is_some() {
        return;
    }
    world.set_stays(id, true);
    let channels: Vec<_> = world.users.get(&id).into_iter().flat_map(|user| &user.channels).copied().collect();
    for channel in channels.iter().filter_map(|channel| world.channels.get(channel)) {
        channel.keep(outlet);
    }
    world.changed_users.insert(id);
}

/// Lets a user stay no more: they go with their last session.
pub(super) fn end(world: &mut World, id: UserId, outlet: &mut Outlet<'_>) {
    let Some(row) = world.users.get(&id).filter(|user| user.stays).and_then(|user| world.user_row(user)) else {
        return;
    };
    outlet.forget(Row::User(Box::new(row)));
    world.set_stays(id, false);
    let channels: Vec<_> = world.users.get(&id).into_iter().flat_map(|user| &user.channels).copied().collect();
    for channel in channels {
        world.settle_channel(channel, &mut outlet.rows);
    }
}

/// Lets go of a user whom nothing holds any more.
fn leave_if_alone(world: &mut World, id: UserId, outlet: &mut Outlet<'_>) {
    if world.users.get(&id).is_some_and(|user| user.connections == 0 && !user.stays) {
        let reason = Arc::clone(&world.settings.disconnected);
        quit::apply(world, id, None, &reason, outlet);
    }
}

/// Lets go of an account that is no more: its user stays no longer than their sessions do.
pub fn forget_account(world: &mut World, account: &str, outlet: &mut Outlet<'_>) {
    if let Some(staying) = world.staying_user(account).map(|user| user.id) {
        end(world, staying, outlet);
        leave_if_alone(world, staying, outlet);
    }
}

/// Keeps the rows of users who stay and have changed.
pub(super) fn keep_changed(world: &mut World, outlet: &mut Outlet<'_>) {
    for id in core::mem::take(&mut world.changed_users) {
        if let Some(row) = world.users.get(&id).filter(|user| user.stays).and_then(|user| world.user_row(user)) {
            outlet.keep(Row::User(Box::new(row)));
        }
    }
}
