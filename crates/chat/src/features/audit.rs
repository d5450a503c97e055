//! AUDIT: what server operators have done. Every such act is recorded beside the fact that it is, told to the other
//! operators who are online, and kept for those who look later.
//!
//! Wire: `session::features::audit`. Proof: `scenarios/audit.txt`.

use std::sync::Arc;

use smallvec::smallvec;

use super::outlet::Outlet;
use super::{Decision, record};
use crate::audit::{AuditAct, AuditEntry};
use crate::channel::Channel;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::permission::{self, Action, ServerAction, Standing, check_server};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::rows::Row;
use crate::time::Timestamp;
use crate::user::User;
use crate::world::World;

/// The most entries of one page.
pub const PAGE_ENTRIES_MAX: usize = 100;

/// The most attempts to become an operator that are recorded within [`REFUSED_SPAN_MILLISECONDS`]: whoever guesses is not
/// to push everything else out.
pub const REFUSED_MAX: usize = 5;

/// See [`REFUSED_MAX`].
pub const REFUSED_SPAN_MILLISECONDS: i64 = 60_000;

/// Returns the fact that somebody did something.
pub fn entry(user: &User, act: AuditAct, target: Option<&str>, reason: &str) -> Fact {
    let by = Arc::clone(user.person.mask());
    Fact::Audited { user: user.id, by, act, target: target.map(Arc::from), reason: reason.into() }
}

/// Returns the entry of somebody who has become an operator by an invitation; number and time are given when it is applied.
pub fn became_operator(by: &Arc<str>, account: &Arc<str>) -> AuditEntry {
    let (act, target) = (AuditAct::OperatorIn, Some(Arc::clone(account)));
    AuditEntry { number: 0, at: Timestamp(0), by: Arc::clone(by), act, target, reason: "".into() }
}

/// Records a fact about a channel; when only the right of a server operator allowed the action, that is recorded too.
pub fn in_channel(
    user: &User,
    standing: Standing,
    action: Action,
    channel: &Channel,
    fact: Fact,
    what: &str,
) -> Decision {
    noted(user, is_forced(standing, action, channel), channel, fact, what)
}

/// Tells whether only the right of a server operator allows the action.
pub fn is_forced(standing: Standing, action: Action, channel: &Channel) -> bool {
    standing.operator && permission::check(standing.without_operator(), action, channel).is_err()
}

/// Records a fact about a channel, and when the right of a server operator was needed for it, that too.
pub fn noted(user: &User, forced: bool, channel: &Channel, fact: Fact, what: &str) -> Decision {
    if forced {
        let audited = entry(user, AuditAct::ChannelForced, Some(channel.name.as_str()), what);
        Decision::Record(smallvec![fact, audited])
    } else {
        record(fact)
    }
}

/// Records that somebody could not become an operator under this name, unless that has happened too often just now.
pub fn operator_refused(world: &World, user: &User, name: &str, now: Timestamp) -> Decision {
    let lately = |entry: &&AuditEntry| now.0 - entry.at.0 < REFUSED_SPAN_MILLISECONDS;
    let refused = |entry: &&AuditEntry| entry.act == AuditAct::OperatorRefused;
    if world.audit.newest_first().take_while(lately).filter(refused).count() >= REFUSED_MAX {
        return Decision::Answered;
    }
    record(entry(user, AuditAct::OperatorRefused, Some(name), ""))
}

/// Answers with a page of what operators have done.
///
/// # Errors
/// 481 for all but server operators.
pub fn query(world: &World, user: &User, count: usize, before: Option<u64>) -> Result<Reply, Refusal> {
    check_server(user.operator, ServerAction::SeeAudit)?;
    Ok(Reply::Audit(world.audit.page(count.clamp(1, PAGE_ENTRIES_MAX), before)))
}

/// Keeps the entry, and tells the operators who are online, but for the one who did it.
pub fn apply(world: &mut World, id: UserId, entry: AuditEntry, outlet: &mut Outlet<'_>) {
    let entry = AuditEntry { number: world.audit.next_number(), at: outlet.at, ..entry };
    outlet.keep(Row::Audit(entry.clone()));
    for forgotten in world.audit.push(entry.clone()) {
        outlet.forget(Row::Audit(forgotten));
    }
    let hears = |user: &&User| user.id != id && check_server(user.operator, ServerAction::HearNotices).is_ok();
    for attached in world.users.values().filter(hears).flat_map(|user| &user.sessions) {
        outlet.tell(attached.session, Reply::Audited(entry.clone()));
    }
}
