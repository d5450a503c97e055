//! KNOCK: an outsider asks a channel's operators to be let in.
//!
//! Spec: none of its own; what clients know are the numerics 710 to 714. Wire: `session::features::knock`.
//! Proof: `scenarios/knock.txt`.

use core::time::Duration;

use irc::text::truncate_at_char;

use super::Decision;
use super::outlet::Outlet;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::ids::UserId;
use crate::modes::ChannelFlags;
use crate::rank::Rank;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::time::Now;
use crate::world::World;

/// How long one waits before knocking at the same channel again.
pub const KNOCK_PAUSE: Duration = Duration::from_mins(1);

/// Lets the operators hear the knock, unless the door is open or they have just heard it. Nothing is recorded.
///
/// # Errors
/// 403, 714 when the user is inside, 713 when nothing keeps them out, 474 when they are banned, 712 when it is too soon.
pub fn knock(
    world: &mut World,
    id: UserId,
    channel: &str,
    text: Option<&str>,
    now: Now,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let mapping = world.mapping();
    let Some(user) = world.users.get(&id) else { return Ok(Decision::Answered) };
    let channel = world.expect_visible_channel(channel, user)?;
    let locked = channel.modes.flags.contains(ChannelFlags::INVITE_ONLY) || channel.modes.key.is_some();
    if channel.members.contains_key(&id) {
        return Err(Refusal::KnockOnChannel(channel.shown()));
    }
    if !locked && !channel.is_full() {
        return Err(Refusal::ChannelOpen(channel.shown()));
    }
    if channel.bans(user, mapping) {
        return Err(Refusal::Banned(channel.shown()));
    }
    if user.seldom.knocks.get(&channel.id).is_some_and(|last| now.instant.since(*last) < KNOCK_PAUSE) {
        return Err(Refusal::TooManyKnocks(channel.shown()));
    }
    let (channel_id, name) = (channel.id, channel.name.clone());
    let text = truncate_at_char(text.unwrap_or_default(), world.settings.kick_length).into();
    let audience = Audience::users(channel.members_of_rank(Rank::Operator));
    outlet.show(audience, world.actor(id), EventKind::Knocked { channel: channel.named(), text });
    outlet.reply(Reply::Knocked(name));
    if let Some(user) = world.users.get_mut(&id) {
        let knocks = &mut user.seldom.knocks;
        knocks.retain(|_, last| now.instant.since(*last) < KNOCK_PAUSE);
        knocks.insert(channel_id, now.instant);
    }
    Ok(Decision::Answered)
}
