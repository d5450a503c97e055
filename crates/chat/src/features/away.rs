//! AWAY: a user goes away and comes back. Not logged: presence ends with the process.
//!
//! Spec: Modern IRC, "AWAY message", and `IRCv3` "away-notify". Wire: `session::features::away`.
//! Proof: `scenarios/away.txt`.

use std::sync::Arc;

use irc::text::truncate_at_char;

use super::Decision;
use super::outlet::Outlet;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::ids::UserId;
use crate::reply::Reply;
use crate::world::World;

/// Goes away with a text, or comes back without one. Others hear of it when something changed.
pub fn change(world: &mut World, id: UserId, text: Option<&str>, outlet: &mut Outlet<'_>) -> Decision {
    let (actor, mapping, longest) = (world.actor(id), world.mapping(), world.settings.away_length);
    let Some(user) = world.users.get_mut(&id) else { return Decision::Answered };
    let text: Option<Arc<str>> =
        text.filter(|text| !text.is_empty()).map(|text| truncate_at_char(text, longest).into());
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
