//! AWAY: a user goes away and comes back. Not logged: presence ends with the process.
//!
//! Spec: Modern IRC, "AWAY message", and `IRCv3` "away-notify", "pre-away". Wire: `session::features::away`.
//! Proof: `scenarios/away.txt`.

use std::sync::Arc;

use irc::text::truncate_at_char;

use super::Decision;
use super::outlet::Outlet;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::ids::{SessionId, UserId};
use crate::reply::Reply;
use crate::settings::Settings;
use crate::world::World;

/// Returns the text of somebody who is away, cut to the limit; an empty one says that they are back.
pub(super) fn text(given: &str, settings: &Settings) -> Option<Arc<str>> {
    Some(given).filter(|given| !given.is_empty()).map(|given| truncate_at_char(given, settings.away_length).into())
}

/// Goes away with a text, or comes back without one: this session does. Others hear of it when that changed something for
/// the user, who is away when all their sessions are.
pub fn change(
    world: &mut World,
    id: UserId,
    session: SessionId,
    text: Option<&str>,
    outlet: &mut Outlet<'_>,
) -> Decision {
    let text = text.and_then(|given| self::text(given, &world.settings));
    let Some(user) = world.users.get_mut(&id) else { return Decision::Answered };
    outlet.reply(Reply::NowAway(text.is_some()));
    if let Some(place) = user.sessions.iter().position(|attached| attached.session == session) {
        user.sessions[place..].rotate_left(1);
    }
    if let Some(attached) = user.sessions.last_mut().filter(|attached| attached.session == session) {
        attached.seldom.change(|seldom| seldom.away = text);
    }
    let combined = user.away_of_sessions().cloned();
    become_away(world, id, combined, outlet);
    Decision::Answered
}

/// Makes the user away with this text, or there; others hear of it when it changed.
pub(super) fn become_away(world: &mut World, id: UserId, text: Option<Arc<str>>, outlet: &mut Outlet<'_>) {
    let (actor, mapping) = (world.actor(id), world.mapping());
    let Some(user) = world.users.get_mut(&id).filter(|user| user.seldom.away != text) else { return };
    user.seldom.change(|seldom| seldom.away.clone_from(&text));
    let mut audience = Audience::channels(user.channels.iter().copied())
        .and_watchers(world.watchers.of(user.person.nick().as_str(), mapping));
    audience.except = outlet.origin();
    outlet.show(audience, actor, EventKind::Away { text });
}
