//! `[log]`: how the program's own log looks. What it says is chosen by `RUST_LOG`.

use super::schema::Kind::OneOf;
use super::schema::{table, words};

words! {
    /// How log lines look.
    LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object per line.
        Json = "json",
    }
}

table! {
    /// How the program's own log looks; what it says is chosen by the environment variable RUST_LOG.
    Log = "log" {
        /// "text" or "json".
        format: LogFormat = LogFormat::Text, OneOf(LogFormat::WORDS), Restart;
    }
}
