//! What LIST tells.

use std::sync::Arc;

use irc::names::ChannelName;

/// One line of LIST.
#[derive(Clone, Debug)]
pub struct ListEntry {
    /// Which channel.
    pub channel: ChannelName,
    /// How many are in it.
    pub members: usize,
    /// Its topic, possibly empty.
    pub topic: Arc<str>,
}
