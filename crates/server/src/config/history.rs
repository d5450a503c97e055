//! `[history]`: what is kept, for how long, and how much of it is shown.

use super::schema::Kind::{Flag, Whole};
use super::schema::table;

table! {
    /// What is kept, for how long, and how much of it is shown.
    History = "history" {
        /// Whether messages are kept.
        enabled: bool = true, Flag, Restart;
        /// 0: for ever.
        retention_days: u64 = 0, Whole { min: 0, max: 36_500 }, Reload;
        /// 0: no limit.
        retention_bytes: u64 = 0, Whole { min: 0, max: i64::MAX as u64 }, Reload;
        /// Most messages that one request may ask for; 0: ten thousand, and clients are told that there is no limit.
        max_messages_per_request: usize = 100, Whole { min: 0, max: 10_000 }, Restart;
        /// Lines shown to a plain line-mode client on joining.
        plain_replay: usize = 10, Whole { min: 0, max: 1000 }, Reload;
    }
}
