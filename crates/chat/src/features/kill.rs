//! KILL: a server operator disconnects a user.
//!
//! Spec: Modern IRC, "KILL message". Wire: `session::features::kill`. Proof: `scenarios/kill.txt`.

use std::sync::Arc;

use smallvec::smallvec;

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::audit::AuditAct;
use crate::event::Actor;
use crate::fact::Fact;
use crate::permission::{ServerAction, check_server};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::user::User;
use crate::world::World;

/// Decides whether the user may disconnect the other: server operators may, also themselves.
///
/// # Errors
/// 481 for everybody else, 401 when there is no such nick, 723 when the other is an operator of a higher class.
pub fn decide(world: &World, user: &User, nick: &str, reason: &str) -> Result<Decision, Refusal> {
    check_server(user.operator, ServerAction::Kill { whom: None })?;
    let target = world.expect_user(nick)?;
    check_server(user.operator, ServerAction::Kill { whom: target.operator })?;
    let audited = audit::entry(user, AuditAct::Killed, Some(target.person.mask()), reason);
    let reason = format!("{}{reason}{END}", beginning(user.nick()));
    let killed = Fact::UserQuit { user: target.id, by: Some(user.id), banned: false, reason: reason.into() };
    Ok(Decision::Record(smallvec![killed, audited]))
}

/// What stands behind the comment in the reason that others read: `Killed (alice (comment))`.
const END: &str = "))";

/// And before it.
fn beginning(nick: &str) -> String {
    format!("Killed ({nick} (")
}

/// Tells the sessions of somebody who is disconnected by whom and why, before their connections are closed.
pub(super) fn tell(by: &Actor, user: &User, reason: &str, outlet: &mut Outlet<'_>) {
    let comment = reason.strip_prefix(&beginning(by.person.nick().as_str())).and_then(|rest| rest.strip_suffix(END));
    for session in user.session_ids() {
        let (by, nick) = (Arc::clone(&by.person), user.person.nick().clone());
        outlet.tell(session, Reply::Killed { by, nick, comment: comment.unwrap_or(reason).into() });
    }
}
