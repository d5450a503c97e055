//! The raid mode: only known accounts speak. How it is switched: [`crate::features::raid`].

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// A raid, while it lasts. Names of fields are the store's format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raid {
    /// Since when: accounts made before are known.
    pub since: Timestamp,
    /// `nick!user@host` of who switched it on.
    pub by: Arc<str>,
    /// Why.
    #[serde(default)]
    pub reason: Arc<str>,
}
