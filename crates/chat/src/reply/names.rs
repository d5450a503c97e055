//! What NAMES tells.

use std::sync::Arc;

use irc::names::ChannelName;

use crate::person::Person;
use crate::rank::RankSet;

/// An answer to NAMES, also on entry.
#[derive(Clone, Debug)]
pub struct Names {
    /// What `366` repeats.
    pub argument: Box<str>,
    /// One for each channel that the asker may see.
    pub channels: Vec<NamesOf>,
    /// Whether this follows a JOIN (`no-implicit-names` leaves it out then).
    pub on_entry: bool,
}

/// The members of one channel.
#[derive(Clone, Debug)]
pub struct NamesOf {
    /// Which channel.
    pub channel: ChannelName,
    /// Whether it is secret (`@` instead of `=`).
    pub secret: bool,
    /// Its members.
    pub members: Vec<(Arc<Person>, RankSet)>,
}
