//! `[metadata]`: what users and channels may say about themselves.

use super::schema::Kind::{Flag, Whole};
use super::schema::table;

table! {
    /// What users and channels may say about themselves.
    Metadata = "metadata" {
        /// Whether it may be set before the connection is registered.
        before_connect: bool = true, Flag, Restart;
        /// Most keys of one user or channel.
        max_keys: usize = 1000, Whole { min: 0, max: 100_000 }, Restart;
        /// Most keys that one session may subscribe to.
        max_subscriptions: usize = 100, Whole { min: 0, max: 100_000 }, Restart;
        /// Longest value, in bytes.
        max_value_bytes: usize = 300, Whole { min: 1, max: 65_536 }, Restart;
    }
}
