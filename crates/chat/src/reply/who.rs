//! What WHO tells.

use core::net::IpAddr;
use std::sync::Arc;

use irc::names::ChannelName;

use crate::person::Person;
use crate::rank::RankSet;

/// An answer to WHO.
#[derive(Clone, Debug)]
pub struct Who {
    /// What `315` repeats.
    pub mask: Box<str>,
    /// As asked.
    pub fields: Option<crate::command::WhoxFields>,
    /// Those found.
    pub people: Vec<WhoEntry>,
}

/// One user in an answer to WHO.
#[derive(Clone, Debug)]
pub struct WhoEntry {
    /// Who.
    pub person: Arc<Person>,
    /// The channel asked for, or one shared with the asker; `None`: `*`.
    pub channel: Option<ChannelName>,
    /// Their ranks in that channel.
    pub ranks: RankSet,
    /// Whether they are away.
    pub away: bool,
    /// Whether they are a server operator.
    pub operator: bool,
    /// Since when they said nothing, in seconds.
    pub idle_seconds: u64,
    /// The address, for those who may see it.
    pub address: Option<IpAddr>,
}
