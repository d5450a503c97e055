//! What METADATA tells.

use std::sync::Arc;

use crate::metadata::Change;
use crate::metadata::Shown;

/// An answer to METADATA, and what those who know of it are told on entry.
#[derive(Clone, Debug)]
pub enum MetadataReply {
    /// The values that were asked for.
    Values {
        /// The nick or the channel.
        target: Arc<str>,
        /// By key, in the order asked for; `None`: it has none.
        entries: Vec<(Arc<str>, Option<Arc<str>>)>,
    },
    /// The key has this value now.
    Set {
        /// The nick or the channel.
        target: Arc<str>,
        /// What is true now.
        change: Change,
        /// Whether it was so before.
        was_so: bool,
    },
    /// These keys have no value any more.
    Cleared {
        /// The nick or the channel.
        target: Arc<str>,
        /// Which keys.
        keys: Vec<Arc<str>>,
    },
    /// The values of keys that the session wants to know about.
    Synced {
        /// What was asked for, or entered.
        about: Arc<str>,
        /// The values; `None`: too many to be told unasked.
        values: Option<Vec<Shown>>,
    },
    /// The same for keys that it wants to know about from now on, of all whom it hears of.
    Subscribed(Option<Vec<Shown>>),
}
