//! What is asked of METADATA.

use std::sync::Arc;

/// The forms of METADATA. Keys and values are such as the specification and the limits allow; a target is a nick, a
/// channel, or `*` for the asker.
///
/// Spec: `IRCv3` drafts "metadata-2" and "metadata-3".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetadataCommand {
    /// Asks for the values of some keys, also of some that cannot be.
    Get {
        /// As typed.
        target: Box<str>,
        /// Which.
        keys: Vec<Arc<str>>,
    },
    /// Asks for all values.
    List {
        /// As typed.
        target: Box<str>,
    },
    /// Gives a key a value, or none.
    Set {
        /// As typed.
        target: Box<str>,
        /// Which.
        key: Arc<str>,
        /// Never empty.
        value: Option<Arc<str>>,
    },
    /// Removes all values.
    Clear {
        /// As typed.
        target: Box<str>,
    },
    /// Asks for the values of the keys that the session wants to know about; for `*ALL` of all whom it hears of.
    Sync {
        /// As typed.
        target: Box<str>,
    },
    /// Wants to know about these keys from now on; without any, only knows of metadata.
    Subscribe {
        /// Which, none of them before.
        keys: Vec<Arc<str>>,
    },
    /// Does not want to know about these any more.
    Unsubscribe {
        /// Which.
        keys: Vec<Arc<str>>,
    },
    /// Does not know of metadata any more.
    Forget,
}
