//! What WHOWAS tells.

use std::sync::Arc;

use crate::person::Person;
use crate::time::Timestamp;

/// One who is gone.
#[derive(Clone, Debug)]
pub struct WhowasEntry {
    /// As they were.
    pub person: Arc<Person>,
    /// When they left or changed their nick.
    pub at: Timestamp,
}
