//! KILL: a server operator disconnects a user.
//!
//! Spec: Modern IRC, "KILL message". Wire: `session::features::kill`. Proof: `scenarios/kill.txt`.

use super::{Decision, record};
use crate::fact::Fact;
use crate::refusal::Refusal;
use crate::user::User;
use crate::world::World;

/// Decides whether the user may disconnect the other: server operators may, also themselves.
///
/// # Errors
/// 481 for everybody else, 401 when there is no such nick.
pub fn decide(world: &World, user: &User, nick: &str, reason: &str) -> Result<Decision, Refusal> {
    if !user.is_operator() {
        return Err(Refusal::NotAnOperator);
    }
    let target = world.expect_user(nick)?;
    let reason = format!("Killed ({} ({reason}))", user.nick());
    Ok(record(Fact::UserQuit { user: target.id, reason: reason.into() }))
}
