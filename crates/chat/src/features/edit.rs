//! EDIT: something that was said gets other words, by who said it. The earlier ones stay in the log.
//!
//! Those whose clients know of it hear the change; everybody else hears the new words as another message. History shows the
//! newest words in the message's place. It may be too late for it (`edit_seconds`).
//!
//! Spec: `docs/protocol/edit.md`, in the shape of IRCv3's pull request 425. Wire: `session::features::edit`.
//! Proof: `scenarios/edit.txt`.

use std::sync::Arc;

use super::multiline::has_barred_ctcp;
use super::outlet::Outlet;
use super::{Decision, Then, message, record};
use crate::command::Correction;
use crate::event::{Actor, EventKind, Message, MessageKind, Target};
use crate::fact::Fact;
use crate::history::Found;
use crate::ids::{MsgId, SessionId};
use crate::permission::{self, Action, Standing};
use crate::refusal::{CannotChange, Refusal};
use crate::time::Timestamp;
use crate::user::User;
use crate::world::World;

const COMMAND: &str = "EDIT";

/// The tag of a message in history whose words are not the first: its value is the id of the newest change.
pub const EDITED_TAG: &str = "loggia.chat/edited";

/// Decides to look for the message.
///
/// # Errors
/// [`Refusal::CannotChange`].
pub fn decide(world: &World, user: &User, asked: Box<Correction>) -> Result<Decision, Refusal> {
    let query = asked.message.query(world, user).map_err(|why| asked.message.refused(COMMAND, why))?;
    Ok(Decision::Query { query, then: Then::Edit(asked) })
}

/// Decides whether it gets these words. What says a message of tags alone, or what somebody elsewhere said, has none to change.
///
/// # Errors
/// [`Refusal::CannotChange`].
pub fn found(
    world: &World,
    session: SessionId,
    asked: Correction,
    found: Found,
    now: Timestamp,
) -> Result<Decision, Refusal> {
    let Some(user) = world.sessions.get(&session).and_then(|id| world.users.get(id)) else {
        return Ok(Decision::Answered);
    };
    let refused = |why| asked.message.refused(COMMAND, why);
    let seen = asked.message.seen(world, user, found).map_err(refused)?;
    let forbidden = || refused(CannotChange::Forbidden);
    if seen.message.how == MessageKind::Tagmsg || seen.message.relayed_by.is_some() {
        return Err(forbidden());
    }
    match &seen.target {
        Target::Channel { id, .. } => {
            let Some(channel) = world.channels.get(id) else { return Err(refused(CannotChange::Target)) };
            let action = Action::Edit { own: seen.own, ctcp: has_barred_ctcp(&asked.text, None) };
            permission::check(Standing::of_speaker(world, user, channel), action, channel).map_err(|_| forbidden())?;
        }
        Target::User { id, .. } if seen.own => {
            if let Some(receiver) = world.users.get(id) {
                permission::check_private(world, user, receiver).map_err(|_| forbidden())?;
            }
        }
        Target::User { .. } => return Err(forbidden()),
    }
    seen.expect_within(world.settings.edit_seconds, now).map_err(refused)?;
    let message = Message {
        how: seen.message.how,
        user: user.id,
        sender: Arc::clone(&user.person),
        target: seen.target,
        text: asked.text,
        tags: Vec::new(),
        concats: None,
        relayed_by: None,
    };
    Ok(record(Fact::Edited { original: seen.id, message: Arc::new(message), delivery: None }))
}

/// Tells those who heard the message.
pub fn apply(world: &World, original: MsgId, message: &Arc<Message>, outlet: &mut Outlet<'_>) {
    let actor = Actor { user: message.user, person: Arc::clone(&message.sender) };
    let kind = EventKind::Edited { original, message: Arc::clone(message) };
    message::hand_out(world, message.user, &message.target, Some(actor), kind, outlet);
}

/// Returns a message with its newest words, as history shows it: its place, sender and tags stay.
pub fn with_newest(message: &Message, edit: MsgId, text: Arc<str>) -> Message {
    let mut message = Message { text, concats: None, ..message.clone() };
    message.tags.retain(|(key, _)| **key != *EDITED_TAG);
    // The server's tags stand before the client's.
    message.tags.insert(0, (EDITED_TAG.into(), Some(edit.to_string().into())));
    message
}
