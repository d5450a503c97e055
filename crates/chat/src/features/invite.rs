//! INVITE: somebody is asked into a channel.
//!
//! Spec: Modern IRC, "INVITE message", and `IRCv3` "invite-notify". Wire: `session::features::invite`.
//! Proof: `scenarios/invite.txt`.

use std::sync::Arc;

use super::outlet::Outlet;
use super::{Decision, audit, webpush};
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::{ChannelId, UserId};
use crate::permission::{self, Action, Invitation, Standing};
use crate::rank::Rank;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::user::User;
use crate::world::World;

/// Decides whether the user may invite the other. Where nobody needs an invitation, every member may.
///
/// # Errors
/// 401, 403, 442, 443 or 482, looked for in this order.
pub fn decide(world: &World, user: &User, nick: &str, channel: &str) -> Result<Decision, Refusal> {
    let guest = world.expect_user(nick)?;
    let channel = world.expect_visible_channel(channel, user)?;
    let standing = Standing::of(user, channel, world.mapping());
    let permission = permission::check(standing, Action::Invite, channel);
    if let Err(outside @ Refusal::NotOnChannel(_)) = permission {
        return Err(outside);
    }
    if channel.members.contains_key(&guest.id) {
        return Err(Refusal::UserOnChannel { nick: guest.nick().into(), channel: channel.shown() });
    }
    permission?;
    let fact = Fact::Invited { user: user.id, channel: channel.id, guest: guest.id };
    Ok(audit::in_channel(user, standing, Action::Invite, channel, fact, &format!("INVITE {}", guest.nick())))
}

/// Answers with the channels the user is invited to.
pub fn query(world: &World, user: &User) -> Reply {
    let names =
        user.seldom.invitations.keys().filter_map(|id| world.channels.get(id)).map(|channel| channel.name.clone());
    Reply::InviteList(names.collect())
}

/// Notes the invitation, and whether it comes from somebody with power in the channel: whom a ban or a key keeps out no other
/// member can let in. The guest hears of it, and so do the channel's operators whose client wants to know
/// (`invite-notify`); the inviter is told that it is on its way, and whether the guest is away.
pub fn apply(world: &mut World, id: UserId, channel_id: ChannelId, guest_id: UserId, outlet: &mut Outlet<'_>) {
    let (Some(actor), Some(channel)) = (world.actor(id), world.channels.get(&channel_id)) else { return };
    let has_power = world
        .users
        .get(&id)
        .is_some_and(|inviter| Standing::of(inviter, channel, world.mapping()).effective() >= Some(Rank::Operator));
    let given = if has_power { Invitation::Personal } else { Invitation::ByMember };
    let Some(guest) = world.users.get_mut(&guest_id) else { return };
    // Ids are never used twice, so an invitation to a channel that is gone opens nothing: it is only swept up here.
    let invitations = &mut guest.seldom.invitations;
    invitations.retain(|invited, _| world.channels.contains_key(invited));
    let invitation = invitations.entry(channel_id).or_default();
    *invitation = (*invitation).max(given);

    let event = outlet.event(
        Some(actor),
        EventKind::Invited { channel: channel.named(), guest: guest.person.nick().clone(), guest_user: guest_id },
    );
    let mut audience = Audience::users(channel.members_of_rank(Rank::Operator)).and_user(guest_id);
    // A server operator may ask themself in, and then is the guest who hears of it.
    audience.except = outlet.origin().filter(|_| guest_id != id);
    outlet.send(audience, Arc::clone(&event));

    outlet.reply(Reply::Inviting { nick: guest.nick().into(), channel: channel.name.clone() });
    if let Some(text) = guest.seldom.away.clone() {
        outlet.reply(Reply::IsAway { person: Arc::clone(&guest.person), text });
    }
    let name = channel.name.clone();
    webpush::tell(world, guest_id, name.as_str(), id, &event, outlet);
}
