//! WHOIS: what may be known about a user.
//!
//! Spec: Modern IRC, "WHOIS message". Wire: `session::features::whois`. Proof: `scenarios/whois.txt`.

use std::sync::Arc;

use super::{metadata, target_server};
use crate::modes::UserModes;
use crate::permission::{ServerAction, check_server};
use crate::refusal::Refusal;
use crate::reply::{Reply, Whois, WhoisFound, WhoisPrivate};
use crate::time::Now;
use crate::user::User;
use crate::world::World;

/// Answers with what is known, or that there is no such nick. `at` is somebody whose server is to answer.
///
/// Secret channels, and all channels of an invisible user, are shown to those who are in them too, to server operators,
/// and to the user themself.
///
/// # Errors
/// [`Refusal::NoSuchServer`] when there is nobody called `at`.
pub fn query(world: &World, user: &User, at: Option<&str>, nick: &str, now: Now) -> Result<Reply, Refusal> {
    if let Some(at) = at {
        target_server::expect(world, at)?;
    }
    let found = world.user_by_nick(nick).map(|found| about(world, user, found, now));
    Ok(Reply::Whois(Box::new(Whois { nick: nick.into(), found })))
}

fn about(world: &World, asker: &User, found: &User, now: Now) -> WhoisFound {
    let privileged = asker.id == found.id || check_server(asker.operator, ServerAction::SeeAddresses).is_ok();
    let hidden = found.modes.contains(UserModes::INVISIBLE) && !privileged;
    let channels = found
        .channels
        .iter()
        .filter(|id| !hidden || asker.channels.contains(id))
        .filter_map(|id| world.channels.get(id))
        .filter(|channel| channel.is_visible_to(asker))
        .map(|channel| (channel.name.clone(), channel.ranks_of(found.id).unwrap_or_default()))
        .collect();
    WhoisFound {
        person: Arc::clone(&found.person),
        channels,
        away: found.seldom.away.clone(),
        operator: found.operator,
        idle_seconds: found.idle_seconds(now.instant),
        signed_on: found.signed_on,
        secure: found.is_secure(),
        metadata: metadata::for_whois(world, found),
        private: privileged.then(|| WhoisPrivate {
            addresses: found.addresses(),
            gateways: found.gateways(),
            modes: found.modes,
        }),
    }
}
