//! A user: a person on the network, behind one or more sessions.

use core::net::IpAddr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::casemap::Folded;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::ids::{ChannelId, Seq, SessionId, UserId};
use crate::modes::UserModes;
use crate::permission::Invitation;
use crate::person::Person;
use crate::rare::{Nothing, Rare};
use crate::time::{Instant, Timestamp};

/// What a server operator may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OperatorClass {
    /// Keeps order: KILL, WALLOPS, and operator's rights in every channel.
    Moderator,
    /// All of that, and runs the server: REHASH, STATS.
    Admin,
}

impl OperatorClass {
    /// Returns its name, as the configuration has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Moderator => "moderator",
            Self::Admin => "admin",
        }
    }
}

/// One connection of a user, as far as this node has it. Not logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Which.
    pub session: SessionId,
    /// The address that others do not see.
    pub address: IpAddr,
    /// Whether the connection is encrypted.
    pub secure: bool,
    /// What few connections have.
    pub seldom: Rare<SeldomAttached>,
    /// From where in the log on it hears what is for its user.
    pub since: Seq,
    /// Channels that its user was in by then, or has entered since, by their folded names, each with the place of the first time.
    pub entered: Box<[(Folded, Seq)]>,
}

/// What few connections have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeldomAttached {
    /// The gateway that has named the address (WEBIRC).
    pub gateway: Option<Arc<str>>,
    /// The away text of this connection, when it is away.
    pub away: Option<Arc<str>>,
}

impl Nothing for SeldomAttached {
    const NOTHING: &'static Self = &Self { gateway: None, away: None };

    fn is_nothing(&self) -> bool {
        self.gateway.is_none() && self.away.is_none()
    }
}

impl Attached {
    /// Returns from where in the log on the connection has heard what was said in a channel.
    pub fn live_from(&self, channel: &Folded) -> Seq {
        self.entered.iter().find(|(name, _)| name == channel).map_or(self.since, |(_, place)| *place)
    }

    fn push_entered(&mut self, channel: Folded, place: Seq) {
        let mut entered = core::mem::take(&mut self.entered).into_vec();
        entered.push((channel, place));
        self.entered = entered.into();
    }
}

/// The away text of a client that does not know why nobody is there.
///
/// Spec: `IRCv3` "pre-away".
pub const AWAY_FOR_NO_REASON: &str = "*";

/// A user and what the hall knows of them.
#[derive(Clone, Debug)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// As others see them.
    pub person: Arc<Person>,
    /// Their modes.
    pub modes: UserModes,
    /// What they may do as a server operator.
    pub operator: Option<OperatorClass>,
    /// The channels they are in.
    pub channels: BTreeSet<ChannelId>,
    /// Their connections to this node; the one that went away last, or else came last, at the end.
    pub sessions: SmallVec<[Attached; 1]>,
    /// The number of their connections to all nodes.
    pub connections: u32,
    /// Whether they stay when nobody is connected.
    pub stays: bool,
    /// When they connected.
    pub signed_on: Timestamp,
    /// When they last said something.
    pub active: Instant,
    /// What few users have.
    pub seldom: Rare<SeldomUser>,
}

/// What few users have.
#[derive(Clone, Debug, Default)]
pub struct SeldomUser {
    /// The away text, when away: when all their connections are.
    pub away: Option<Arc<str>>,
    /// What they say of themself while they are logged in to no account; see [`crate::world::World::metadata_of`].
    pub metadata: crate::metadata::Values,
    /// The channels they are invited to.
    pub invitations: BTreeMap<ChannelId, Invitation>,
    /// When they last knocked where: one may knock only so often.
    pub knocks: BTreeMap<ChannelId, Instant>,
}

impl Nothing for SeldomUser {
    const NOTHING: &'static Self =
        &Self { away: None, metadata: BTreeMap::new(), invitations: BTreeMap::new(), knocks: BTreeMap::new() };

    fn is_nothing(&self) -> bool {
        self.away.is_none() && self.metadata.is_empty() && self.invitations.is_empty() && self.knocks.is_empty()
    }
}

impl User {
    /// Tells whether the user is a server operator.
    pub fn is_operator(&self) -> bool {
        self.operator.is_some()
    }

    /// Returns their sessions.
    pub fn session_ids(&self) -> impl Iterator<Item = SessionId> {
        self.sessions.iter().map(|attached| attached.session)
    }

    /// Notes for all connections that the user is in a channel from a place in the log on. What was first stays.
    pub fn note_entry(&mut self, channel: &Folded, place: Seq) {
        for attached in &mut self.sessions {
            if !attached.entered.iter().any(|(name, _)| name == channel) {
                attached.push_entered(channel.clone(), place);
            }
        }
    }

    /// Notes for all connections that a channel has another name: what was said in it goes with it.
    pub fn note_rename(&mut self, old: &Folded, new: &Folded) {
        for attached in &mut self.sessions {
            if !attached.entered.iter().any(|(name, _)| name == new) {
                let place = attached.live_from(old);
                attached.push_entered(new.clone(), place);
            }
        }
    }

    /// Returns the addresses that others do not see, each once.
    pub fn addresses(&self) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for attached in &self.sessions {
            if !addresses.contains(&attached.address) {
                addresses.push(attached.address);
            }
        }
        addresses
    }

    /// Returns the gateways that their connections come by, each once, with the address that it has named.
    pub fn gateways(&self) -> Vec<(Arc<str>, IpAddr)> {
        let mut gateways: Vec<(Arc<str>, IpAddr)> = Vec::new();
        for attached in &self.sessions {
            let named = attached.seldom.gateway.as_ref().map(|gateway| (Arc::clone(gateway), attached.address));
            gateways.extend(named.filter(|named| !gateways.contains(named)));
        }
        gateways
    }

    /// Tells whether all their connections are encrypted.
    pub fn is_secure(&self) -> bool {
        !self.sessions.is_empty() && self.sessions.iter().all(|attached| attached.secure)
    }

    /// Returns the away text of all connections together: somebody is there as long as one of them is not away. The
    /// newest text counts, and one that says why before one that does not.
    pub fn away_of_sessions(&self) -> Option<&Arc<str>> {
        if !self.sessions.iter().all(|attached| attached.seldom.away.is_some()) {
            return None;
        }
        let mut texts = self.sessions.iter().rev().filter_map(|attached| attached.seldom.away.as_ref());
        texts.clone().find(|text| &***text != AWAY_FOR_NO_REASON).or_else(|| texts.next())
    }

    /// Returns the away text when another connection has come: one for no reason changes nothing for somebody who was
    /// away already, "as though the connection did not exist at all" (`IRCv3` "pre-away").
    pub fn away_on_arrival(&self) -> Option<&Arc<str>> {
        match (self.away_of_sessions(), &self.seldom.away) {
            (Some(text), Some(before)) if &**text == AWAY_FOR_NO_REASON => Some(before),
            (combined, _) => combined,
        }
    }

    /// Returns the nick.
    pub fn nick(&self) -> &str {
        self.person.nick().as_str()
    }

    /// Returns the whole seconds since the user last said something.
    pub fn idle_seconds(&self, now: Instant) -> u64 {
        now.since(self.active).as_secs()
    }

    /// Tells whether the two share a channel.
    pub fn shares_channel_with(&self, other: &Self) -> bool {
        !self.channels.is_disjoint(&other.channels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// There are as many as there are people: what is larger here is larger for everybody. What few need stands in a [`Rare`].
    #[test]
    fn a_user_takes_no_more_memory_unseen() {
        assert_eq!((size_of::<User>(), size_of::<Attached>(), size_of::<Person>()), (144, 64, 88));
    }
}
