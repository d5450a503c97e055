//! RAID: one switch for bad moments. While it is on, only those who are logged in to an account (and those to whom a channel
//! gave a rank) may speak, nobody makes an account by themself, and newcomers enter slowly.
//!
//! Accounts that operators make for others while it lasts may speak: those are known to somebody.
//!
//! Wire: `session::features::raid`. Proof: `scenarios/raid.txt`.

use std::sync::Arc;

use smallvec::smallvec;

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::audit::AuditAct;
use crate::command::RaidCommand;
use crate::fact::Fact;
use crate::permission::{ServerAction, check_server};
use crate::raid::Raid;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::rows::Row;
use crate::user::User;
use crate::world::World;

/// Decides whether the user may switch the raid mode, or tells how it stands. What changes nothing is answered the same way.
///
/// # Errors
/// 481 for all but server operators.
pub fn decide(world: &World, user: &User, command: RaidCommand, outlet: &mut Outlet<'_>) -> Result<Decision, Refusal> {
    check_server(user.operator, ServerAction::RaidMode)?;
    Ok(match command {
        RaidCommand::On { reason } if world.raid.is_none() => {
            let audited = audit::entry(user, AuditAct::RaidBegan, None, &reason);
            let by = Arc::clone(user.person.mask());
            Decision::Record(smallvec![Fact::RaidBegan { user: user.id, by, reason: reason.into() }, audited])
        }
        RaidCommand::Off if world.raid.is_some() => {
            let audited = audit::entry(user, AuditAct::RaidEnded, None, "");
            Decision::Record(smallvec![Fact::RaidEnded { user: user.id }, audited])
        }
        RaidCommand::On { .. } | RaidCommand::Off | RaidCommand::Query => {
            outlet.reply_with_state(Reply::Raid(world.raid.clone()));
            Decision::Answered
        }
    })
}

/// Begins a raid, or ends it.
pub fn apply(world: &mut World, raid: Option<Raid>, outlet: &mut Outlet<'_>) {
    match (&raid, world.raid.take()) {
        (Some(raid), _) => outlet.keep(Row::Raid(raid.clone())),
        (None, Some(over)) => outlet.forget(Row::Raid(over)),
        (None, None) => {}
    }
    world.raid.clone_from(&raid);
    // Messages that were decided before are judged again.
    for channel in world.channels.values_mut() {
        channel.rules_changed();
    }
    outlet.reply(Reply::Raid(raid));
}
