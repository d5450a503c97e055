//! What is told of registered channels.

use std::sync::Arc;

use irc::names::ChannelName;

use crate::channel::Topic;
use crate::modes::ChannelModes;
use crate::rank::Rank;
use crate::registration::Access;
use crate::time::Timestamp;

/// What is told of a channel's registration.
#[derive(Clone, Debug)]
pub enum RegistrationReply {
    /// It is registered now.
    Registered {
        /// Which channel.
        channel: ChannelName,
        /// The account it belongs to.
        founder: Arc<str>,
    },
    /// To drop it, this code has to be given.
    DropCode {
        /// Which channel.
        channel: ChannelName,
        /// A word.
        code: Box<str>,
    },
    /// It is registered no more.
    Dropped {
        /// Which channel.
        channel: ChannelName,
    },
    /// The access list is another.
    AccessChanged {
        /// Which channel.
        channel: ChannelName,
        /// Whose rank.
        account: Arc<str>,
        /// `None`: they are off the list.
        rank: Option<Rank>,
    },
    /// The access list.
    AccessList {
        /// Which channel.
        channel: ChannelName,
        /// The account it belongs to.
        founder: Arc<str>,
        /// The list.
        entries: Vec<Access>,
    },
    /// It belongs to another account now.
    Transferred {
        /// Which channel.
        channel: ChannelName,
        /// The account.
        founder: Arc<str>,
    },
    /// What is known of it.
    Info(Box<ChannelInfo>),
}

/// What is known of a channel, registered or not.
#[derive(Clone, Debug)]
pub struct ChannelInfo {
    /// Which.
    pub channel: ChannelName,
    /// Whose it is since when.
    pub registration: Option<(Arc<str>, Timestamp)>,
    /// When it was created.
    pub created: Timestamp,
    /// Its topic.
    pub topic: Option<Topic>,
    /// Its modes.
    pub modes: ChannelModes,
    /// Whether the asker may see the key.
    pub with_key: bool,
    /// How many are in it.
    pub members: usize,
}
