//! KICK: a member is removed from a channel.
//!
//! Spec: Modern IRC, "KICK message". Wire: `session::features::kick`. Proof: `scenarios/kick.txt`.

use std::sync::Arc;

use irc::text::truncate_at_char;

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::{ChannelId, UserId};
use crate::permission::{self, Action, Standing};
use crate::privacy;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::user::User;
use crate::world::World;

/// Decides whether the user may remove the member. Without a reason the kicker's nick is the reason.
///
/// # Errors
/// 403, 442, 482, 401 or 441, looked for in this order: outsiders and members without a rank learn nothing of others.
pub fn decide(
    world: &World,
    user: &User,
    channel: &str,
    nick: &str,
    reason: Option<&str>,
) -> Result<Decision, Refusal> {
    let channel = world.expect_visible_channel(channel, user)?;
    let standing = Standing::of(user, channel, world.mapping());
    permission::check(standing, Action::Kick(None), channel)?;
    let member = world.expect_user(nick)?;
    let ranks = channel
        .ranks_of(member.id)
        .ok_or_else(|| Refusal::UserNotInChannel { nick: nick.into(), channel: channel.shown() })?;
    permission::check(standing, Action::Kick(ranks.highest()), channel)?;
    let reason = reason.filter(|text| !text.is_empty()).unwrap_or_else(|| user.nick());
    let reason: Arc<str> = truncate_at_char(reason, world.settings.kick_length).into();
    let what = format!("KICK {} ({reason})", member.nick());
    let fact = Fact::Kicked { user: user.id, channel: channel.id, member: member.id, reason };
    Ok(audit::in_channel(user, standing, Action::Kick(ranks.highest()), channel, fact, &what))
}

/// Takes the member out; everybody in the channel hears it, the one removed included.
pub fn apply(
    world: &mut World,
    id: UserId,
    channel_id: ChannelId,
    member: UserId,
    reason: &Arc<str>,
    outlet: &mut Outlet<'_>,
) {
    let (Some(channel), Some(actor)) = (world.channels.get(&channel_id), world.actor(id)) else { return };
    let Some(person) = world.users.get(&member).map(|user| Arc::clone(&user.person)) else { return };
    if !channel.members.contains_key(&member) {
        // They left while the log was ordering the fact.
        let refusal = Refusal::UserNotInChannel { nick: person.nick().as_str().into(), channel: channel.shown() };
        outlet.reply(Reply::Refused(refusal));
        return;
    }
    let kind = EventKind::Kicked { channel: channel.named(), member, person, reason: Arc::clone(reason) };
    let name = channel.name.clone();
    privacy::put_out(world, member, &name, outlet);
    world.remove_member(channel_id, member, &mut outlet.rows);
    outlet.announce_in(vec![name], Audience::channel(channel_id), Some(actor), kind);
}
