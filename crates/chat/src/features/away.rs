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
use crate::ids::UserId;
use crate::reply::Reply;
use crate::settings::Settings;
use crate::world::World;

/// Returns the text of somebody who is away, cut to the limit; an empty one says that they are back.
pub(super) fn text(given: &str, settings: &Settings) -> Option<Arc<str>> {
    Some(given).filter(|given| !given.is_empty()).map(|given| truncate_at_char(given, settings.away_length).into())
}

/// Goes away with a text, or comes back without one. Others hear of it when something changed.
pub fn change(world: &mut World, id: UserId, text: Option<&str>, outlet: &mut Outlet<'_>) -> Decision {
    let (actor, mapping) = (world.actor(id), world.mapping());
    let text = text.and_then(|given| self::text(given, &world.settings));
    let Some(user) = world.users.get_mut(&id) else { return Decision::Answered };
    outlet.reply(Reply::NowAway(text.is_some()));
    if user.away != text {
        user.away.clone_from(&text);
        let mut audience = Audience::channels(user.channels.iter().copied())
            .and_watchers(world.watchers.of(user.person.nick().as_str(), mapping));
        audience.except = outlet.origin();
        outlet.show(audience, actor, EventKind::Away { text });
    }
    Decision::Answered
}
