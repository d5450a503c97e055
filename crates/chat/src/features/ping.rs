//! PING: a fence. It passes through the hall so that its answer says: all you did before is on its way to others.
//!
//! Spec: Modern IRC, "PING message". Wire: `session::features::ping`. Proof: `scenarios/ping.txt`.

use crate::reply::Reply;

/// Answers with the token.
pub fn answer(token: Box<str>) -> Reply {
    Reply::Pong(token)
}
