//! RESUME: what has happened since a place in the log, over all channels and direct messages of somebody, without holes and
//! without repeats.
//!
//! What comes live on a connection begins with its attach, or with its first entry of a channel; what is resumed ends there.
//! So the two never overlap, and nothing is between them. Who may read what is asked of [`crate::permission`], as for history.
//!
//! Spec: `docs/protocol/delivery.md`. Wire: `session::features::resume`. Proof: `scenarios/resume.txt`,
//! `session/tests/resume.rs`.

use super::outlet::Outlet;
use super::{Decision, Then, chathistory};
use crate::command::ResumeAsked;
use crate::history::{Found, Query, Since, owner};
use crate::ids::{MsgId, Seq, SessionId};
use crate::refusal::{CannotResume, Refusal};
use crate::reply::Reply;
use crate::user::User;
use crate::world::World;

/// A question that is under way: what was asked, and what the store is asked because of it.
#[derive(Debug)]
pub struct Resuming {
    asked: ResumeAsked,
    plan: Since,
}

/// Decides what the user may see of what has happened.
pub fn decide(world: &World, session: SessionId, user: &User, asked: ResumeAsked) -> Decision {
    let plan = plan(world, session, user, &asked);
    Decision::Query { query: Query::Since(plan.clone()), then: Then::Resume(Box::new(Resuming { asked, plan })) }
}

/// Shows it. When the user may read something else by now, the store is asked again.
///
/// # Errors
/// [`Refusal::CannotResume`].
pub fn found(
    world: &World,
    session: SessionId,
    resuming: Resuming,
    found: Found,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let Resuming { asked, plan: before } = resuming;
    let Some(user) = world.sessions.get(&session).and_then(|id| world.users.get(id)) else {
        return Ok(Decision::Answered);
    };
    let refused = |why| {
        let cursor = asked.cursor.map_or_else(|| "*".into(), |cursor| cursor.to_string().into());
        Refusal::CannotResume { cursor, why }
    };
    match found {
        Found::Since { .. } if plan(world, session, user, &asked) != before => Ok(decide(world, session, user, asked)),
        Found::Since { entries, is_end, has_gap } => {
            let place = if is_end {
                // All that is committed by now was handed to this connection before, or is in this page.
                outlet.committed()
            } else {
                entries.last().and_then(|event| event.id).map_or(Seq::ZERO, |id| id.seq)
            };
            let next = MsgId { log: world.log, seq: place };
            outlet.reply(Reply::Resumed { user: user.id, entries, next, is_end, has_gap });
            Ok(Decision::Answered)
        }
        Found::NoSuchMessage => Err(refused(CannotResume::Unknown)),
        _ => Err(refused(CannotResume::Unreadable)),
    }
}

/// Says what the store is asked: of each channel what is before the connection's live part, and of direct messages likewise.
fn plan(world: &World, session: SessionId, user: &User, asked: &ResumeAsked) -> Since {
    let attached = user.sessions.iter().find(|attached| attached.session == session);
    let channels = user.channels.iter().filter_map(|id| world.channels.get(id)).filter_map(|channel| {
        let visible_from = chathistory::visible_from(world, user, channel)?;
        let live_from = attached?.live_from(&world.fold(channel.name.as_str()));
        Some((channel.name.clone(), visible_from, live_from))
    });
    Since {
        after: asked.cursor,
        channels: channels.collect(),
        owner: owner(user.id, user.person.account.as_deref(), world.mapping()),
        direct_to: attached.map_or(Seq::ZERO, |attached| attached.since),
        kinds: asked.kinds,
        limit: asked.limit.min(chathistory::entries_max(world)),
        before: Seq(u64::MAX),
    }
}
