//! `[relaymsg]`: bots that carry messages from elsewhere.

use super::form;
use super::schema::Kind::{Flag, Text};
use super::schema::table;

table! {
    /// Bots that carry messages from elsewhere.
    Relaymsg = "relaymsg" {
        /// Whether messages may be relayed.
        enabled: bool = true, Flag, Reload;
        /// Characters of which a relayed nick has one.
        separators: String = "/".to_owned(), Text(form::SEPARATORS), Reload;
        /// Whether a channel's operators may relay into it.
        chanops: bool = true, Flag, Reload;
    }
}
