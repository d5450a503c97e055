//! Log-in and log-out: which account a user is.
//!
//! Spec: `IRCv3` "sasl" (900, 901), "account-notify". Wire: `session::features::account_notify`. Proof:
//! `scenarios/account-notify.txt`.

use std::sync::Arc;

use super::outlet::Outlet;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::ids::UserId;
use crate::world::World;

/// Makes a user this account, or none. The user, all who share a channel and those who watch the nick hear it, where their
/// clients want to.
pub fn apply(world: &mut World, id: UserId, account: Option<&Arc<str>>, outlet: &mut Outlet<'_>) {
    let (Some(user), actor) = (world.users.get(&id), world.actor(id)) else { return };
    // The account may have been removed while the log was ordering the fact.
    let account =
        account.and_then(|name| world.accounts.get(name, world.mapping())).map(|found| Arc::clone(&found.name));
    if user.person.account == account {
        return;
    }
    let audience = Audience::channels(user.channels.iter().copied())
        .and_user(id)
        .and_watchers(world.watchers.of(user.nick(), world.mapping()));
    let channels: Vec<_> = user.channels.iter().copied().collect();
    let now = user.person.with(|fields| fields.account = account);
    world.set_person(id, &now);
    // Lists may name accounts: messages decided against the old one are judged again.
    for channel in channels {
        if let Some(channel) = world.channels.get_mut(&channel) {
            channel.rules_changed();
        }
    }
    outlet.announce(audience, actor, EventKind::AccountChanged { now });
}
