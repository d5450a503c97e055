//! TOPIC: what a channel is about, and who may say so.
//!
//! Spec: Modern IRC, "TOPIC message". Wire: `session::features::topic`. Proof: `scenarios/topic.txt`.

use std::sync::Arc;

use irc::text::truncate_at_char;

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::channel::Topic;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::{ChannelId, UserId};
use crate::permission::{self, Action, Standing};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::user::User;
use crate::world::World;

/// Decides whether the user may set the topic; an empty text clears it. The same text again is announced again.
///
/// # Errors
/// 403, 442 or 482.
pub fn decide(world: &World, user: &User, channel: &str, text: &str) -> Result<Decision, Refusal> {
    let channel = world.expect_visible_channel(channel, user)?;
    let standing = Standing::of(user, channel, world.mapping());
    permission::check(standing, Action::SetTopic, channel)?;
    let text = truncate_at_char(text, world.settings.topic_length).into();
    let fact = Fact::TopicSet { user: user.id, channel: channel.id, text };
    Ok(audit::in_channel(user, standing, Action::SetTopic, channel, fact, "TOPIC"))
}

/// Answers with the topic, also for outsiders: the list of channels shows it to them too.
///
/// # Errors
/// 403 when there is no such channel, or a secret one that the user is not in.
pub fn query(world: &World, user: &User, channel: &str) -> Result<Reply, Refusal> {
    let channel = world.expect_visible_channel(channel, user)?;
    Ok(Reply::Topic { channel: channel.name.clone(), topic: channel.topic.clone() })
}

/// Sets the topic; everybody in the channel hears it, and so does who set it.
pub fn apply(world: &mut World, id: UserId, channel_id: ChannelId, text: &Arc<str>, outlet: &mut Outlet<'_>) {
    let (Some(actor), Some(channel)) = (world.actor(id), world.channels.get_mut(&channel_id)) else { return };
    let topic = Topic { text: Arc::clone(text), by: Arc::clone(actor.person.mask()), at: outlet.at };
    channel.topic = Some(topic).filter(|topic| !topic.text.is_empty());
    channel.keep(outlet);
    let kind = EventKind::TopicSet { channel: channel.named(), text: Arc::clone(text) };
    outlet.announce_in(vec![channel.name.clone()], Audience::channel(channel_id), Some(actor), kind);
}
