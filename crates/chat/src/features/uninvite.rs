//! UNINVITE: an invitation is withdrawn before the guest has entered.
//!
//! Spec: none; the command and its numerics are InspIRCd's. Wire: `session::features::uninvite`. Proof:
//! `scenarios/uninvite.txt`.

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::fact::Fact;
use crate::ids::{ChannelId, UserId};
use crate::permission::{self, Action, Standing};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::user::User;
use crate::world::World;

/// Decides whether the user may withdraw what lets the other in, whoever has invited them.
///
/// # Errors
/// 401, 403, 442, 482 or 505, looked for in this order.
pub fn decide(world: &World, user: &User, nick: &str, channel: &str) -> Result<Decision, Refusal> {
    let guest = world.expect_user(nick)?;
    let channel = world.expect_visible_channel(channel, user)?;
    let standing = Standing::of(user, channel, world.mapping());
    permission::check(standing, Action::Uninvite, channel)?;
    if !guest.seldom.invitations.contains_key(&channel.id) {
        return Err(Refusal::NotInvited { nick: guest.nick().into(), channel: channel.shown() });
    }
    let fact = Fact::Uninvited { user: user.id, channel: channel.id, guest: guest.id };
    Ok(audit::in_channel(user, standing, Action::Uninvite, channel, fact, &format!("UNINVITE {}", guest.nick())))
}

/// Forgets the invitation; the guest is told, and whoever asked.
pub fn apply(world: &mut World, id: UserId, channel: ChannelId, guest: UserId, outlet: &mut Outlet<'_>) {
    let (Some(actor), Some(channel)) = (world.actor(id), world.channels.get(&channel)) else { return };
    let Some(guest) = world.users.get_mut(&guest) else { return };
    let (nick, name) = (guest.nick().into(), channel.name.clone());
    if guest.seldom.change(|seldom| seldom.invitations.remove(&channel.id)).is_none() {
        // They have entered while the log was ordering the fact.
        return outlet.reply(Reply::Refused(Refusal::NotInvited { nick, channel: channel.shown() }));
    }
    for session in guest.session_ids() {
        outlet.tell(session, Reply::WasUninvited { by: actor.person.nick().as_str().into(), channel: name.clone() });
    }
    outlet.reply(Reply::Uninvited { nick, channel: name });
}
