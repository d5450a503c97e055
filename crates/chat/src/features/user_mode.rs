//! MODE of a user: what they switch on and off for themselves.
//!
//! Spec: Modern IRC, "User Mode", and `IRCv3` "bot mode". Wire: `session::features::mode`. Proof: `scenarios/user_mode.txt`.

use smallvec::smallvec;

use super::outlet::Outlet;
use super::{Decision, audit, record};
use crate::audit::AuditAct;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::modes::UserModes;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::user::{OperatorClass, User};
use crate::world::World;

/// Answers with the user's own modes, or decides how they change. `+o` is silently nothing: only OPER gives it.
///
/// Letters nobody knows are refused once (501), through `outlet`; the others still count.
///
/// # Errors
/// 401 when there is no such nick, 502 when it is somebody else's.
pub fn decide(
    world: &World,
    user: &User,
    nick: &str,
    letters: Option<&str>,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    if world.expect_user(nick)?.id != user.id {
        return Err(Refusal::UsersDontMatch);
    }
    let Some(letters) = letters else {
        outlet.reply_with_state(Reply::UserModes(user.modes));
        return Ok(Decision::Answered);
    };
    let (modes, unknown) = changed(user.modes, letters);
    if unknown {
        outlet.reply(Reply::Refused(Refusal::UnknownUserMode));
    }
    if modes == user.modes {
        return Ok(Decision::Answered);
    }
    let operator = user.operator.filter(|_| modes.contains(UserModes::OPERATOR));
    let changed = Fact::UserModesChanged { user: user.id, modes, operator };
    Ok(match user.operator.filter(|_| operator.is_none()) {
        Some(former) => {
            Decision::Record(smallvec![changed, audit::entry(user, AuditAct::OperatorOut, Some(former.name()), "")])
        }
        None => record(changed),
    })
}

/// Returns the modes after the letters, and whether one of these is unknown.
fn changed(mut modes: UserModes, letters: &str) -> (UserModes, bool) {
    let (mut on, mut unknown) = (true, false);
    for letter in letters.chars() {
        match (letter, UserModes::from_letter(letter)) {
            ('+', _) => on = true,
            ('-', _) => on = false,
            (_, None) => unknown = true,
            (_, Some(UserModes::OPERATOR)) if on => {}
            (_, Some(mode)) => modes.set(mode, on),
        }
    }
    (modes, unknown)
}

/// Changes the modes and the operator class; only the user hears of it.
pub fn apply(
    world: &mut World,
    id: UserId,
    modes: UserModes,
    operator: Option<OperatorClass>,
    outlet: &mut Outlet<'_>,
) {
    let (Some(user), actor) = (world.users.get(&id), world.actor(id)) else { return };
    let before = user.modes;
    // MODE records no change without effect, so a fact that changes nothing is an operator's second OPER: welcome again.
    if operator.is_some() && (operator != user.operator || modes == before) {
        outlet.reply(Reply::Opered);
    }
    // What others see of it: the tags `bot` and `draft/oper`.
    let shown = (modes.contains(UserModes::BOT), operator.is_some());
    let person = ((user.person.bot, user.person.operator) != shown)
        .then(|| user.person.with(|fields| (fields.bot, fields.operator) = shown));
    world.set_modes(id, modes, operator);
    if let Some(person) = person {
        world.set_person(id, &person);
    }
    if modes != before {
        outlet.announce(Audience::user(id), actor, EventKind::UserModesChanged { before, now: modes });
    }
}
