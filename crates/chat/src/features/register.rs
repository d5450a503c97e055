//! Registration of an account.
//!
//! Spec: `IRCv3` "draft/account-registration". Wire: `session::features::register`. Proof: `scenarios/register.txt`.

use std::sync::Arc;

use super::login;
use super::outlet::Outlet;
use crate::account::Account;
use crate::ids::UserId;
use crate::rows::Row;
use crate::world::World;

/// Adds the account, unless one with its name came first; whoever made it is logged in.
pub fn apply(
    world: &mut World,
    account: &Account,
    credentials: &Arc<str>,
    user: Option<UserId>,
    outlet: &mut Outlet<'_>,
) {
    let mapping = world.mapping();
    if world.accounts.get(&account.name, mapping).is_some() {
        return;
    }
    let account = Account { credentials: Arc::clone(credentials), ..account.clone() };
    let name = Arc::clone(&account.name);
    outlet.keep(Row::Account(Box::new(account.clone())));
    world.accounts.put(account, mapping);
    if let Some(user) = user {
        login::apply(world, user, Some(&name), outlet);
    }
}
