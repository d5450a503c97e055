//! Exactly once: what became of something that a client has given an id.
//!
//! Spec: `docs/protocol/delivery.md`. State: [`crate::delivery`]. Wire: `session::features::delivery`.
//! Proof: `scenarios/delivery.txt`.

use std::sync::Arc;

use super::outlet::Outlet;
use crate::fact::Fact;
use crate::history::memory::{correction_event, said_event};
use crate::ids::MsgId;
use crate::reply::Reply;
use crate::time::Timestamp;

/// Answers with what was kept, as it was answered the first time.
pub fn echo(id: MsgId, at: Timestamp, fact: &Fact, outlet: &mut Outlet<'_>) {
    let event = match fact {
        Fact::Said { message, .. } => Some(said_event(id, at, message)),
        other => correction_event(id, at, other),
    };
    let Some(event) = event else { unreachable!("nothing else is given an id") };
    outlet.reply(Reply::KeptBefore(Arc::new(event)));
}
