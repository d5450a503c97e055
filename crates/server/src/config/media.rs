//! `[uploads]`, `[previews]` and `[push]`: files, links and notifications.

use super::form;
use super::schema::Kind::{Flag, Texts, Whole};
use super::schema::table;

table! {
    /// Files that users share.
    Uploads = "uploads" {
        /// Whether files may be uploaded.
        enabled: bool = true, Flag, Restart;
        /// Largest file.
        max_bytes: u64 = 26_214_400, Whole { min: 1, max: i64::MAX as u64 }, Reload;
        /// Most that all files of one user may take.
        quota_bytes: u64 = 1_073_741_824, Whole { min: 1, max: i64::MAX as u64 }, Reload;
        /// Whether only accounts may upload.
        require_account: bool = false, Flag, Reload;
    }
}

table! {
    /// What the pages behind links are about.
    Previews = "previews" {
        /// Whether the server looks at links.
        enabled: bool = false, Flag, Restart;
    }
}

table! {
    /// Notifications to telephones and browsers.
    Push = "push" {
        /// Whether they are sent.
        enabled: bool = true, Flag, Restart;
        /// Private networks that push and previews may reach.
        allow_addresses: Vec<String> = Vec::new(), Texts(form::NETWORK), Restart;
    }
}
