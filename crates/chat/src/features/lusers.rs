//! LUSERS: users and channels, counted.
//!
//! Spec: Modern IRC, "LUSERS message". Wire: `session::features::lusers`. Proof: `scenarios/lusers.txt`.

use crate::reply::Reply;
use crate::world::World;

/// Answers with the numbers; `unknown` are connections that are not users yet, as the shard counts them.
pub fn query(world: &World, unknown: usize) -> Reply {
    Reply::Lusers(world.counts(unknown))
}
