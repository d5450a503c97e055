//! The `<target>` of MOTD, VERSION, WHOIS and their kin, when it is somebody: their server is asked.
//!
//! Spec: Modern IRC, "Server Queries and Commands". Wire: `session::features::target_server`. Proof: `scenarios/version.txt`.

use crate::command::AboutServer;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::World;

/// Answers for the server that somebody is on.
///
/// # Errors
/// [`Refusal::NoSuchServer`] when there is nobody of that nick.
pub fn query(world: &World, nick: &str, about: AboutServer) -> Result<Reply, Refusal> {
    expect(world, nick)?;
    Ok(Reply::ServerOf(about))
}

/// Finds the server that somebody is on: there is one.
///
/// # Errors
/// [`Refusal::NoSuchServer`] when there is nobody of that nick.
pub fn expect(world: &World, nick: &str) -> Result<(), Refusal> {
    world.user_by_nick(nick).map(drop).ok_or_else(|| Refusal::NoSuchServer(nick.into()))
}
