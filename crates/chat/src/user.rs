//! A user: a person on the network, behind one or more sessions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

use crate::ids::{ChannelId, SessionId, UserId};
use crate::modes::UserModes;
use crate::permission::Invitation;
use crate::person::Person;
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
    /// The away text, when away.
    pub away: Option<Arc<str>>,
    /// The channels they are in.
    pub channels: BTreeSet<ChannelId>,
    /// The channels they are invited to.
    pub invitations: BTreeMap<ChannelId, Invitation>,
    /// Their connections.
    pub sessions: SmallVec<[SessionId; 1]>,
    /// When they connected.
    pub signed_on: Timestamp,
    /// When they last said something.
    pub active: Instant,
    /// Whether the connection is encrypted.
    pub secure: bool,
    /// The address that others do not see.
    pub address: Arc<str>,
    /// When they last knocked where: one may knock only so often.
    pub knocks: BTreeMap<ChannelId, Instant>,
}

impl User {
    /// Tells whether the user is a server operator.
    pub fn is_operator(&self) -> bool {
        self.operator.is_some()
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
