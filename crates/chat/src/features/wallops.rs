//! WALLOPS: a server operator tells everybody who wants to hear it. Not recorded.
//!
//! Spec: Modern IRC, "WALLOPS message". Wire: `session::features::wallops`. Proof: `scenarios/wallops.txt`.

use super::Decision;
use super::outlet::Outlet;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::modes::UserModes;
use crate::permission::{ServerAction, check_server};
use crate::refusal::Refusal;
use crate::user::User;
use crate::world::World;

/// Tells all users with `+w`, the sender too if they are one of them.
///
/// # Errors
/// 481 for all but server operators.
pub fn decide(world: &World, user: &User, text: &str, outlet: &mut Outlet<'_>) -> Result<Decision, Refusal> {
    check_server(user.operator, ServerAction::Wallops)?;
    let listeners = world.users.values().filter(|user| user.modes.contains(UserModes::WALLOPS));
    let audience = Audience::users(listeners.map(|user| user.id));
    outlet.show(audience, world.actor(user.id), EventKind::Wallops { text: text.into() });
    Ok(Decision::Answered)
}
