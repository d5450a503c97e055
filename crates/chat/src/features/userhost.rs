//! USERHOST: the hosts of some nicks.
//!
//! Spec: Modern IRC, "USERHOST message". Wire: `session::features::userhost`. Proof: `scenarios/userhost.txt`.

use std::sync::Arc;

use crate::reply::{Reply, UserHost};
use crate::world::World;

/// The most nicks that one USERHOST is answered for; the specification's number.
pub const NICKS_MAX: usize = 5;

/// Answers with those of the first five nicks that are online.
pub fn query(world: &World, nicks: &[Box<str>]) -> Reply {
    let online = nicks.iter().take(NICKS_MAX).filter_map(|nick| world.user_by_nick(nick));
    let hosts = online.map(|user| UserHost {
        person: Arc::clone(&user.person),
        operator: user.is_operator(),
        away: user.seldom.away.is_some(),
    });
    Reply::UserHost(hosts.collect())
}
