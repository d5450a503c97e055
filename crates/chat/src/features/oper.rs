//! OPER: a user becomes a server operator. The hall says whether they may try, the shard has the password checked, and the hall
//! makes them one.
//!
//! Spec: Modern IRC, "OPER message". Wire: `session::features::oper`. Proof: `scenarios/oper.txt`.

use smallvec::{SmallVec, smallvec};

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::audit::AuditAct;
use crate::command::OperatorAct;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::modes::UserModes;
use crate::permission::{ServerAction, check_server};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::throttle::{Claim, Guest};
use crate::time::Instant;
use crate::user::{OperatorClass, User};
use crate::world::World;

/// Says whether the user may try a password, before it is checked, which takes long. This counts as a guess, at whatever name.
///
/// # Errors
/// [`Refusal::TooManyGuesses`].
pub fn ask(
    world: &mut World,
    name: Box<str>,
    guest: Guest,
    now: Instant,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    world.guesses.guess(&Claim::Operator(name), guest, &world.settings.guesses, now)?;
    outlet.reply(Reply::MayTryOperator);
    Ok(Decision::Answered)
}

/// Makes the user an operator of this class, whatever they were before. They have proved who they are: that was no guess.
pub fn become_operator(
    world: &mut World,
    id: UserId,
    (name, class): (Box<str>, OperatorClass),
    guest: Guest,
) -> Decision {
    world.guesses.proved(&Claim::Operator(name), guest, &world.settings.guesses);
    world.users.get(&id).map_or(Decision::Answered, |user| decide(user, class))
}

fn decide(user: &User, class: OperatorClass) -> Decision {
    let modes = user.modes | UserModes::OPERATOR;
    let audited = audit::entry(user, AuditAct::OperatorIn, Some(class.name()), "");
    let changed = Fact::UserModesChanged { user: user.id, modes, operator: Some(class) };
    Decision::Record(smallvec![changed, audited])
}

/// Says whether the user may do what the shard or the edge carries out itself.
///
/// # Errors
/// 481 for all but server operators, 723 for those whose class is too low.
pub fn permit(user: &User, what: OperatorAct, outlet: &mut Outlet<'_>) -> Result<Decision, Refusal> {
    let (action, act) = match what {
        OperatorAct::Rehash => (ServerAction::Rehash, Some(AuditAct::Rehashed)),
        OperatorAct::Stats => (ServerAction::Stats, None),
        // What is removed is noted when it is.
        OperatorAct::Uploads => (ServerAction::ManageUploads, None),
    };
    check_server(user.operator, action)?;
    outlet.reply(Reply::Permitted(what));
    let audited: SmallVec<[Fact; 1]> = act.map(|act| audit::entry(user, act, None, "")).into_iter().collect();
    Ok(if audited.is_empty() { Decision::Answered } else { Decision::Record(audited) })
}
