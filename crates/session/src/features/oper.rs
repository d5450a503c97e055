//! OPER on the wire. Meaning: `chat::features::oper`. Proof: `scenarios/oper.txt`.

use irc::message::Message;
use irc::numerics;

use crate::irc_session::{Cx, IrcSession};
use crate::render::Render;
use crate::shard::Action;

/// Carries out `OPER name password`: has the password checked by somebody who may take their time. The session waits.
pub fn here(session: &mut IrcSession, message: &Message<'_>, cx: &mut Cx<'_>) {
    let [name, password] = [0, 1].map(|place| message.params.get(place).unwrap_or_default().into());
    // Who called fills in the label of the answer.
    session.verifying = Some(None);
    cx.actions.push(Action::Verify { session: cx.id, name, password });
}

/// Writes 381. The MODE that follows is an event of its own.
pub fn reply(render: &mut Render<'_>) {
    render.numeric(numerics::RPL_YOUREOPER, &[]);
}
