//! REDACT: something that was said is taken back, by who said it or by an operator of the channel.
//!
//! Those whose clients know of it hear it as they heard the message; from history and from the disk the words are gone.
//! For the author it may be too late (`redact_seconds`), for operators it never is.
//!
//! Spec: `IRCv3` draft "message-redaction". Wire: `session::features::message_redaction`.
//! Proof: `scenarios/message-redaction.txt`.

use std::sync::Arc;

use irc::text::truncate_at_char;

use super::outlet::Outlet;
use super::{Decision, Then, message, record};
use crate::command::Redaction;
use crate::event::{EventKind, Target};
use crate::fact::Fact;
use crate::history::Found;
use crate::ids::{MsgId, SessionId, UserId};
use crate::permission::{self, Action, Standing};
use crate::refusal::{CannotChange, Refusal};
use crate::time::Timestamp;
use crate::user::User;
use crate::world::World;

const COMMAND: &str = "REDACT";

/// Decides to look for the message.
///
/// # Errors
/// [`Refusal::CannotChange`].
pub fn decide(world: &World, user: &User, asked: Box<Redaction>) -> Result<Decision, Refusal> {
    let query = asked.message.query(world, user).map_err(|why| asked.message.refused(COMMAND, why))?;
    Ok(Decision::Query { query, then: Then::Redact(asked) })
}

/// Decides whether it is taken back.
///
/// # Errors
/// [`Refusal::CannotChange`].
pub fn found(
    world: &World,
    session: SessionId,
    asked: &Redaction,
    found: Found,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let Some(user) = world.sessions.get(&session).and_then(|id| world.users.get(id)) else {
        return Ok(Decision::Answered);
    };
    let refused = |why| asked.message.refused(COMMAND, why);
    let seen = asked.message.seen(world, user, found).map_err(refused)?;
    let in_time = || seen.expect_within(world.settings.redact_seconds, now).map_err(refused);
    let mut reason = asked.reason.as_deref();
    match &seen.target {
        Target::Channel { id, .. } => {
            let Some(channel) = world.channels.get(id) else { return Err(refused(CannotChange::Target)) };
            let standing = Standing::of(user, channel, world.mapping());
            permission::check(standing, Action::Redact { own: seen.own }, channel)
                .map_err(|_| refused(CannotChange::Forbidden))?;
            if permission::check(standing, Action::Redact { own: false }, channel).is_err() {
                in_time()?;
            }
            // A reason is something that is said.
            reason = reason.filter(|_| message::may_speak(world, user, channel, false).is_ok());
        }
        Target::User { id, .. } if seen.own => {
            in_time()?;
            let receiver = world.users.get(id);
            reason = reason.filter(|_| receiver.is_some_and(|one| permission::check_private(world, user, one).is_ok()));
        }
        Target::User { .. } => return Err(refused(CannotChange::Forbidden)),
    }
    let reason = reason.map(|reason| truncate_at_char(reason, world.settings.kick_length).into());
    Ok(record(Fact::Redacted {
        user: user.id,
        target: seen.target,
        message: seen.id,
        by: Some(Arc::clone(&user.person)),
        reason,
        delivery: None,
    }))
}

/// Tells those who heard the message. The log erases its words.
pub fn apply(
    world: &World,
    id: UserId,
    target: &Target,
    message: MsgId,
    reason: Option<&Arc<str>>,
    outlet: &mut Outlet<'_>,
) {
    let kind = EventKind::Redacted { target: target.clone(), message, reason: reason.cloned() };
    message::hand_out(world, id, target, world.actor(id), kind, outlet);
}
