//! JOIN: a user enters a channel, creating it when there is none.
//!
//! Spec: Modern IRC, "JOIN message". Wire: `session::features::join`. Proof: `scenarios/join.txt`.

use irc::names::ChannelName;
use smallvec::SmallVec;

use super::outlet::Outlet;
use super::{Decision, metadata, names, read_marker, record, registration, sessions};
use crate::channel::Channel;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::{ChannelId, UserId};
use crate::permission::{self, Action, Invitation, Standing};
use crate::privacy;
use crate::rank::{Rank, RankSet};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::time::Now;
use crate::user::User;
use crate::world::World;

/// Decides whether the user may enter. Entering where one is already is silently nothing.
///
/// # Errors
/// 403 or 476 for a bad name, 405 for too many channels, what [`permission::check`] says, and 480 when too many have
/// entered lately.
pub fn decide(world: &mut World, id: UserId, wanted: &str, key: Option<&str>, now: Now) -> Result<Decision, Refusal> {
    let Some(user) = world.users.get(&id) else { return Ok(Decision::Answered) };
    let name = world.valid_channel_name(wanted)?;
    let existing = world.channel_by_name(wanted);
    if existing.is_some_and(|channel| channel.members.contains_key(&id)) {
        return Ok(Decision::Answered);
    }
    if user.channels.len() >= world.settings.channels_per_user {
        return Err(Refusal::TooManyChannels(wanted.into()));
    }
    let Some(channel) = existing else {
        let channel = world.new_channel_id();
        return Ok(record(Fact::Joined { user: id, channel, name, ranks: RankSet::OPERATOR }));
    };
    let mut standing = Standing::of(user, channel, world.mapping());
    standing.key_fits |= channel.modes.key.as_deref() == key;
    permission::check(standing, Action::Join, channel)?;
    let ranks = standing.access.map_or(RankSet::empty(), Rank::alone);
    let newcomer = is_newcomer(user);
    if !standing.operator && standing.invitation != Invitation::Personal && is_throttled(world, channel, newcomer, now)
    {
        return Err(Refusal::TooManyJoins(channel.shown()));
    }
    let (channel, name) = (channel.id, channel.name.clone());
    if let Some(channel) = world.channels.get_mut(&channel) {
        channel.arrivals.note(newcomer, now.instant);
    }
    Ok(record(Fact::Joined { user: id, channel, name, ranks }))
}

/// Tells whether nobody vouches for a user: without an account, from another machine.
fn is_newcomer(user: &User) -> bool {
    user.person.account.is_none() && !user.sessions.iter().any(|attached| attached.address.is_loopback())
}

/// Tells whether too many have entered lately: by the channel's own measure (`+j`), else by the server's for newcomers.
fn is_throttled(world: &World, channel: &Channel, newcomer: bool, now: Now) -> bool {
    let by_channel = channel.modes.throttle.is_some_and(|own| !channel.arrivals.take(own, false, now.instant));
    let settings = &world.settings;
    let by_server = match (newcomer, world.raid.is_some(), channel.modes.throttle.is_some()) {
        (true, true, _) => !channel.arrivals.take(settings.newcomers_in_raid, true, now.instant),
        (true, false, false) => !channel.arrivals.take(settings.newcomers, true, now.instant),
        _ => false,
    };
    by_channel || by_server
}

/// Finds a channel that the user is in.
///
/// # Errors
/// 403 when there is none, 442 when the user is outside.
pub fn expect_member<'a>(world: &'a World, user: &User, name: &str) -> Result<&'a Channel, Refusal> {
    let channel = world.expect_visible_channel(name, user)?;
    if channel.members.contains_key(&user.id) { Ok(channel) } else { Err(Refusal::NotOnChannel(channel.shown())) }
}

/// Lets the user in; tells the members, and the newcomer the topic and who is there.
pub fn apply(
    world: &mut World,
    id: UserId,
    channel_id: ChannelId,
    name: &ChannelName,
    ranks: RankSet,
    outlet: &mut Outlet<'_>,
) {
    let Some(actor) = world.actor(id) else { return };
    // Two nodes may have created the channel at once: the first one's stands, and the second one enters it. Or it has been
    // given another name meanwhile: it is still the same channel.
    let (channel_id, ranks) = match world.channel_id(name.as_str()) {
        _ if world.channels.contains_key(&channel_id) => (channel_id, ranks),
        Some(existing) => (existing, RankSet::empty()),
        None => {
            privacy::begins(world, name, outlet);
            world.insert_channel(Channel::new(channel_id, name.clone(), outlet.at, false));
            (channel_id, ranks)
        }
    };
    let folded = world.channels.get(&channel_id).map(|channel| world.fold(channel.name.as_str()));
    let (Some(channel), Some(user), Some(folded)) =
        (world.channels.get_mut(&channel_id), world.users.get_mut(&id), folded)
    else {
        return;
    };
    if channel.members.insert(id, ranks).is_some() {
        return;
    }
    channel.rules_changed();
    user.channels.insert(channel_id);
    world.changed_users.insert(id);
    if user.stays {
        channel.stayers.insert(id);
        channel.keep(outlet);
    }
    user.seldom.change(|seldom| seldom.invitations.remove(&channel_id));
    user.note_entry(&folded, outlet.seq().unwrap_or_default());
    let (topic, shown) = (channel.topic.clone(), channel.named());
    let away = user.seldom.away.clone();

    let entered = EventKind::Joined { channel: shown.clone() };
    privacy::entered(world, id, &shown.name, outlet);
    outlet.announce_in(vec![shown.name.clone()], Audience::channel(channel_id), Some(actor.clone()), entered);
    if let Some(channel) = world.channels.get(&channel_id).filter(|channel| channel.registration.is_some()) {
        registration::show_rank(world, channel, id, outlet);
    }
    if away.is_some() {
        let mut others = Audience::channel(channel_id);
        others.except = outlet.origin();
        outlet.show(others, Some(actor), EventKind::Away { text: away });
    }
    if let (Some(channel), Some(user)) = (world.channels.get(&channel_id), world.users.get(&id)) {
        let topic = topic.is_some().then_some(Reply::Topic { channel: shown.name, topic });
        let marker = read_marker::on_entry(world, user, channel.name.as_str());
        let replies: SmallVec<[Reply; 3]> =
            topic.into_iter().chain([marker, names::on_entry(world, user, channel)]).collect();
        sessions::tell_others_on_entry(user, &replies, outlet);
        for reply in replies {
            outlet.reply(reply);
        }
    }
    metadata::sync::entered(world, id, channel_id, outlet);
}
