//! OPER: a user becomes a server operator. The shard has checked the password before the hall is asked.
//!
//! Spec: Modern IRC, "OPER message". Wire: `session::features::oper`. Proof: `scenarios/oper.txt`.

use smallvec::{SmallVec, smallvec};

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::audit::AuditAct;
use crate::command::OperatorAct;
use crate::fact::Fact;
use crate::modes::UserModes;
use crate::permission::{ServerAction, check_server};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::user::{OperatorClass, User};

/// Makes the user an operator of this class, whatever they were before.
pub fn decide(user: &User, class: OperatorClass) -> Decision {
    let modes = user.modes | UserModes::OPERATOR;
    let name = match class {
        OperatorClass::Moderator => "moderator",
        OperatorClass::Admin => "admin",
    };
    let audited = audit::entry(user, AuditAct::OperatorIn, Some(name), "");
    let changed = Fact::UserModesChanged { user: user.id, modes, operator: Some(class) };
    Decision::Record(smallvec![changed, audited])
}

/// Says whether the user may do what the shard carries out itself: run the server.
///
/// # Errors
/// 481 for all but server operators, 723 for all but admins.
pub fn permit(user: &User, what: OperatorAct, outlet: &mut Outlet<'_>) -> Result<Decision, Refusal> {
    let (action, act) = match what {
        OperatorAct::Rehash => (ServerAction::Rehash, Some(AuditAct::Rehashed)),
        OperatorAct::Stats => (ServerAction::Stats, None),
    };
    check_server(user.operator, action)?;
    outlet.reply(Reply::Permitted(what));
    let audited: SmallVec<[Fact; 1]> = act.map(|act| audit::entry(user, act, None, "")).into_iter().collect();
    Ok(if audited.is_empty() { Decision::Answered } else { Decision::Record(audited) })
}
