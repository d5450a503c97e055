//! What WHOIS tells.

use core::net::IpAddr;
use std::sync::Arc;

use irc::names::ChannelName;

use crate::modes::UserModes;
use crate::person::Person;
use crate::rank::RankSet;
use crate::time::Timestamp;

/// An answer to WHOIS.
#[derive(Clone, Debug)]
pub struct Whois {
    /// What `318` repeats.
    pub nick: Box<str>,
    /// What is known.
    pub found: Option<WhoisFound>,
}

/// What WHOIS tells of a user.
#[derive(Clone, Debug)]
pub struct WhoisFound {
    /// Who.
    pub person: Arc<Person>,
    /// The channels that the asker may know of, with ranks.
    pub channels: Vec<(ChannelName, RankSet)>,
    /// The away text.
    pub away: Option<Arc<str>>,
    /// The operator class.
    pub operator: Option<crate::user::OperatorClass>,
    /// Since when they said nothing, in seconds.
    pub idle_seconds: u64,
    /// When they connected.
    pub signed_on: Timestamp,
    /// Whether all their connections are encrypted.
    pub secure: bool,
    /// What they say of themself, under the keys that everybody is told.
    pub metadata: Vec<(Arc<str>, Arc<str>)>,
    /// What only they themself and operators may know.
    pub private: Option<WhoisPrivate>,
}

/// What only a user themself and server operators may know of the user.
#[derive(Clone, Debug)]
pub struct WhoisPrivate {
    /// Where they connect from.
    pub addresses: Vec<IpAddr>,
    /// The gateways that have named an address, each with that address.
    pub gateways: Vec<(Arc<str>, IpAddr)>,
    /// Their modes.
    pub modes: UserModes,
}
