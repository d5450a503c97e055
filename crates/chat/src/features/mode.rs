//! MODE of a channel: flags, key, limit, masks and ranks.
//!
//! Spec: Modern IRC, "MODE message" and "Channel Modes"; RFC 2811, section 4. Wire: `session::features::mode`.
//! Proof: `scenarios/mode.txt`.

mod draft;
mod letters;

use draft::Draft;
use letters::Asked;

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::channel::Channel;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::{ChannelId, UserId};
use crate::modes::{MaskList, ModeChange, shown_together};
use crate::permission::{self, Action, Hidden, Standing};
use crate::privacy;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::user::User;
use crate::world::World;

/// The longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 32;

/// The longest mask of a list, in bytes: nick, user name and host at their longest fit.
pub const MASK_BYTES_MAX: usize = 128;

/// Decides which of the changes are made: all of them are one fact. What is refused of them is refused through `outlet`,
/// each reason once, and the others are still made. What changes nothing leaves no trace.
///
/// A list's letter without a mask asks for the list.
///
/// # Errors
/// 403 when there is no such channel.
pub fn decide(
    world: &World,
    user: &User,
    channel: &str,
    letters: &str,
    params: &[Box<str>],
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let channel = world.expect_visible_channel(channel, user)?;
    let mut draft = Draft::new(world, user, channel, outlet.at);
    let mut refusals: Vec<Refusal> = Vec::new();
    for asked in letters::read(letters, params) {
        let outcome = match asked {
            Asked::List(list) => list_of(world, user, channel, list).map(|entries| outlet.reply_with_state(entries)),
            change => draft.judge(&change),
        };
        if let Err(refusal) = outcome
            && !refusals.contains(&refusal)
        {
            outlet.reply(Reply::Refused(refusal.clone()));
            refusals.push(refusal);
        }
    }
    let forced = draft.is_forced();
    let changes = draft.into_changes();
    if changes.is_empty() {
        return Ok(Decision::Answered);
    }
    let (letters, params) = shown_together(changes.iter().map(ModeChange::shown));
    let what = [format!("MODE {letters}")].into_iter().chain(params).collect::<Vec<_>>().join(" ");
    let fact = Fact::ModesChanged { user: user.id, channel: channel.id, changes };
    Ok(audit::noted(user, forced, channel, fact, &what))
}

/// Answers with the channel's modes; the key is for members and server operators.
///
/// # Errors
/// 403.
pub fn query(world: &World, user: &User, channel: &str) -> Result<Reply, Refusal> {
    let channel = world.expect_visible_channel(channel, user)?;
    Ok(Reply::ChannelModes {
        channel: channel.name.clone(),
        modes: channel.modes.clone(),
        with_key: permission::may_see(Hidden::Key, channel.members.contains_key(&user.id), user.is_operator()),
        created: channel.created,
    })
}

/// Answers with one of the lists: everybody may see the bans, the exceptions are for those who keep order.
fn list_of(world: &World, user: &User, channel: &Channel, list: MaskList) -> Result<Reply, Refusal> {
    if list != MaskList::Ban {
        permission::check(Standing::of(user, channel, world.mapping()), Action::SeeExceptions, channel)?;
    }
    Ok(Reply::MaskList { channel: channel.name.clone(), list, entries: channel.list(list).clone() })
}

/// Makes the changes; everybody in the channel hears those that changed something, in one go.
pub fn apply(world: &mut World, id: UserId, channel_id: ChannelId, changes: &[ModeChange], outlet: &mut Outlet<'_>) {
    let mapping = world.mapping();
    let (Some(actor), Some(channel)) = (world.actor(id), world.channels.get_mut(&channel_id)) else { return };
    let by = actor.person.nick().as_str().into();
    // A member may have left while the log was ordering the fact.
    let made: Vec<_> =
        changes.iter().filter(|change| channel.change(change, &by, outlet.at, mapping)).cloned().collect();
    if made.is_empty() {
        return;
    }
    channel.rules_changed();
    channel.keep(outlet);
    let ranked = made.iter().filter_map(|change| match change {
        ModeChange::Rank { member, .. } => Some(*member),
        _ => None,
    });
    world.changed_users.extend(ranked);
    let kind = EventKind::ModesChanged { channel: channel.named(), changes: made };
    outlet.announce_in(vec![channel.name.clone()], Audience::channel(channel_id), Some(actor), kind);
    if let Some(channel) = world.channels.get(&channel_id).cloned() {
        privacy::changed(world, &channel, outlet);
    }
}
