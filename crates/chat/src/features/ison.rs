//! ISON: which of some nicks are online.
//!
//! Spec: RFC 2812, section 4.9. Wire: `session::features::ison`. Proof: `scenarios/ison.txt`.

use crate::reply::Reply;
use crate::world::World;

/// Answers with the nicks that are online, each as its user writes it. One parameter may hold several, apart by spaces.
pub fn query(world: &World, nicks: &[Box<str>]) -> Reply {
    let asked = nicks.iter().flat_map(|nicks| nicks.split_ascii_whitespace());
    Reply::Ison(asked.filter_map(|nick| world.user_by_nick(nick)).map(|user| user.nick().into()).collect())
}
