//! Invitations to make an account: made, listed, revoked, used up.
//!
//! Spec: `docs/protocol/invite.md`, capability `loggia.chat/invite`. Wire: `session::features::invitation`. Proof:
//! `scenarios/invitations.txt`.

use core::time::Duration;
use std::sync::Arc;

use super::account::{Asker, audited, no};
use super::outlet::Outlet;
use super::{Decision, record};
use crate::command::InvitationCommand;
use crate::fact::Fact;
use crate::invitation::{INVITATIONS_MAX, Invitation, USES_MAX};
use crate::permission::{AccountAction, check_account};
use crate::refusal::{AccountRefusal, Refusal};
use crate::reply::{InvitationReply, Reply};
use crate::rows::Row;
use crate::time::{Now, Timestamp};
use crate::user::OperatorClass;
use crate::world::World;

/// Decides what is asked of invitations.
///
/// # Errors
/// [`Refusal::Account`], and what [`check_account`] says.
pub fn decide(
    world: &World,
    asker: Asker,
    command: InvitationCommand,
    now: Now,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let standing = asker.standing(world, None);
    check_account(standing, AccountAction::Invite)?;
    let sees_all = check_account(standing, AccountAction::RevokeInvitations).is_ok();
    let by = asker.account(world).map_or_else(Arc::default, Arc::clone);
    let is_theirs = |one: &Invitation| sees_all || (!by.is_empty() && world.mapping().same(&one.by, &by));
    match command {
        InvitationCommand::Create { word, hash, uses, time, operator } => {
            if world.invitations.count(now.wall) >= INVITATIONS_MAX {
                return Err(no(AccountRefusal::TooManyInvitations { limit: INVITATIONS_MAX }));
            }
            let invitation = Invitation {
                id: Invitation::id_of(&hash),
                hash,
                by: Arc::clone(&by),
                made: now.wall,
                until: time.map(|time| end(now.wall, time)),
                uses: uses.clamp(1, USES_MAX),
                operator: (operator && asker == Asker::Console).then_some(OperatorClass::Admin),
            };
            let what = format!("INVITATION CREATE {}", invitation.id);
            let made = record(Fact::InvitationMade { invitation: Box::new(invitation), word });
            Ok(audited(world, asker, None, &what, made))
        }
        InvitationCommand::List => {
            let all = world.invitations.all().filter(|one| is_theirs(one)).cloned().collect();
            outlet.reply_with_state(Reply::Invitation(InvitationReply::List(all)));
            Ok(Decision::Answered)
        }
        InvitationCommand::Revoke { id } => {
            let found = world.invitations.get(&id).filter(|one| is_theirs(one));
            let found = found.ok_or_else(|| no(AccountRefusal::NoSuchInvitation(id.clone())))?;
            let revoked = record(Fact::InvitationRevoked { id: Arc::clone(&found.id) });
            Ok(audited(world, asker, None, &format!("INVITATION REVOKE {id}"), revoked))
        }
    }
}

fn end(now: Timestamp, time: Duration) -> Timestamp {
    Timestamp(now.0.saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX)))
}

/// Adds an invitation. Those that are over make room.
pub fn made(world: &mut World, invitation: &Invitation, secret: &Arc<str>, outlet: &mut Outlet<'_>) {
    for ended in world.invitations.over(outlet.at) {
        world.invitations.remove(&ended.id);
        outlet.forget(Row::Invitation(Box::new(ended)));
    }
    outlet.keep(Row::Invitation(Box::new(invitation.clone())));
    world.invitations.put(invitation.clone());
    let invitation = Box::new(invitation.clone());
    outlet.reply(Reply::Invitation(InvitationReply::Created { invitation, word: Arc::clone(secret) }));
}

/// Counts one use of an invitation; the last one ends it. Returns whether there was one to count: somebody else may have been
/// quicker.
pub fn used(world: &mut World, id: &str, outlet: &mut Outlet<'_>) -> bool {
    let Some(mut invitation) = world.invitations.get(id).cloned() else { return false };
    invitation.uses = invitation.uses.saturating_sub(1);
    if invitation.uses == 0 {
        world.invitations.remove(id);
        outlet.forget(Row::Invitation(Box::new(invitation)));
    } else {
        outlet.keep(Row::Invitation(Box::new(invitation.clone())));
        world.invitations.put(invitation);
    }
    true
}

/// Ends an invitation.
pub fn revoked(world: &mut World, id: &Arc<str>, outlet: &mut Outlet<'_>) {
    if let Some(invitation) = world.invitations.remove(id) {
        outlet.forget(Row::Invitation(Box::new(invitation)));
    }
    outlet.reply(Reply::Invitation(InvitationReply::Revoked { id: Arc::clone(id) }));
}
