//! OPER: a user becomes a server operator. The shard has checked the password before the hall is asked.
//!
//! Spec: Modern IRC, "OPER message". Wire: `session::features::oper`. Proof: `scenarios/oper.txt`.

use super::{Decision, record};
use crate::command::OperatorAct;
use crate::fact::Fact;
use crate::modes::UserModes;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::user::{OperatorClass, User};

/// Makes the user an operator of this class, whatever they were before.
pub fn decide(user: &User, class: OperatorClass) -> Decision {
    let modes = user.modes | UserModes::OPERATOR;
    record(Fact::UserModesChanged { user: user.id, modes, operator: Some(class) })
}

/// Says whether the user may do what the shard carries out itself: run the server.
///
/// # Errors
/// 481 for all but admins.
pub fn permit(user: &User, what: OperatorAct) -> Result<Reply, Refusal> {
    let needed = match what {
        OperatorAct::Rehash | OperatorAct::Stats => OperatorClass::Admin,
    };
    if user.operator >= Some(needed) { Ok(Reply::Permitted(what)) } else { Err(Refusal::NotAnOperator) }
}
