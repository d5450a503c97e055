//! RENAME: a channel gets another name, and keeps everything else.
//!
//! Spec: `IRCv3` draft "channel-rename". Wire: `session::features::channel_rename`. Proof: `scenarios/channel-rename.txt`.

use std::sync::Arc;

use irc::names::ChannelName;
use irc::text::truncate_at_char;

use super::outlet::Outlet;
use super::{Decision, audit, metadata, names, read_marker};
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::{ChannelId, UserId};
use crate::permission::{self, Action, Standing};
use crate::privacy;
use crate::refusal::Refusal;
use crate::reply::{Moved, Reply};
use crate::rows::Row;
use crate::user::User;
use crate::world::World;

/// Decides whether the user may give the channel this name. The name it has already is silently nothing; the same name in
/// another case is another name.
///
/// # Errors
/// 403, 442 or 482, and 476 for a bad name; [`Refusal::CannotRename`] for rooms of the configuration, whose names others
/// rely on, and for what is no name of a channel; [`Refusal::ChannelNameInUse`].
pub fn decide(world: &World, user: &User, old: &str, new: &str, reason: &str) -> Result<Decision, Refusal> {
    let channel = world.expect_visible_channel(old, user)?;
    let standing = Standing::of(user, channel, world.mapping());
    permission::check(standing, Action::Rename, channel)?;
    let cannot = || Refusal::CannotRename { old: channel.shown(), new: new.into() };
    let name = match world.valid_channel_name(new) {
        Ok(name) => name,
        Err(bad @ Refusal::BadChannelName(_)) => return Err(bad),
        Err(_) => return Err(cannot()),
    };
    if channel.permanent {
        return Err(cannot());
    }
    if world.channel_id(new).is_some_and(|other| other != channel.id) {
        return Err(Refusal::ChannelNameInUse { old: channel.shown(), new: new.into() });
    }
    if channel.name == name {
        return Ok(Decision::Answered);
    }
    let reason = truncate_at_char(reason, world.settings.kick_length).into();
    let what = format!("RENAME {name}");
    let fact = Fact::ChannelRenamed { user: user.id, channel: channel.id, old: channel.name.clone(), name, reason };
    Ok(audit::in_channel(user, standing, Action::Rename, channel, fact, &what))
}

/// Gives the channel its name. Its members hear it; those whose clients do not know of such things are moved: they are shown
/// leaving the old channel and entering the new one, unless only the case of the name is another.
///
/// Another node may have taken the name meanwhile: then the answer is no.
pub fn apply(
    world: &mut World,
    id: UserId,
    channel_id: ChannelId,
    name: &ChannelName,
    reason: &Arc<str>,
    outlet: &mut Outlet<'_>,
) {
    let Some(old) = world.channels.get(&channel_id).map(|channel| channel.name.clone()) else { return };
    if world.channel_id(name.as_str()).is_some_and(|other| other != channel_id) {
        let refusal = Refusal::ChannelNameInUse { old: old.as_str().into(), new: name.as_str().into() };
        return outlet.reply(Reply::Refused(refusal));
    }
    if let Some(channel) = world.channels.get(&channel_id).filter(|channel| channel.is_kept()) {
        outlet.forget(Row::Channel(channel.row()));
    }
    world.rename_channel(channel_id, name);
    let (from, to) = (world.fold(old.as_str()), world.fold(name.as_str()));
    for member in world.channels.get(&channel_id).into_iter().flat_map(|channel| channel.members.keys()) {
        if let Some(user) = world.users.get_mut(member) {
            user.note_rename(&from, &to);
        }
    }
    privacy::renamed(world, &old, name, outlet);
    let members: Vec<UserId> =
        world.channels.get(&channel_id).map(|channel| channel.members.keys().copied().collect()).unwrap_or_default();
    read_marker::renamed(world, &members, old.as_str(), name.as_str(), outlet);
    let Some(channel) = world.channels.get(&channel_id) else { return };
    channel.keep(outlet);
    world.changed_users.extend(&channel.stayers);
    let is_same = world.mapping().same(old.as_str(), name.as_str());
    let kind = EventKind::ChannelRenamed { channel: channel.named(), old: old.clone(), reason: Arc::clone(reason) };
    outlet.announce(Audience::channel(channel_id), world.actor(id), kind);
    if is_same {
        return;
    }
    let members: Vec<&User> = channel.members.keys().filter_map(|member| world.users.get(member)).collect();
    let Some(first) = members.first() else { return };
    // Members see all of each other, so one list serves them all.
    let moved = Arc::new(Moved {
        at: outlet.at,
        old: crate::event::ChannelRef { id: channel_id, name: old },
        new: channel.named(),
        reason: Arc::clone(reason),
        topic: channel.topic.clone(),
        names: names::members_on_entry(world, first, channel),
    });
    for user in members {
        for session in user.session_ids() {
            let read = read_marker::of(world, user, channel.name.as_str());
            let metadata = metadata::sync::on_entry(world, session, user.id, channel_id).map(Box::new);
            let reply = Reply::Moved { user: user.id, read, metadata, moved: Arc::clone(&moved) };
            if outlet.origin() == Some(session) { outlet.reply(reply) } else { outlet.tell(session, reply) }
        }
    }
}
