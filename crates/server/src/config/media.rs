//! `[uploads]`, `[previews]` and `[push]`: files, links and notifications.

use super::form;
use super::schema::Kind::{Flag, Text, Texts, Whole};
use super::schema::table;

table! {
    /// Files that users share.
    Uploads = "uploads" {
        /// Whether files may be uploaded.
        enabled: bool = true, Flag, Restart;
        /// Largest file.
        max_bytes: u64 = 26_214_400, Whole { min: 1, max: i64::MAX as u64 }, Reload;
        /// Most that all files of one account may take, or of one address without accounts.
        quota_bytes: u64 = 1_073_741_824, Whole { min: 1, max: i64::MAX as u64 }, Reload;
        /// Most that all files together may take; 0: no limit.
        total_bytes: u64 = 10_737_418_240, Whole { min: 0, max: i64::MAX as u64 }, Reload;
        /// What is taken, as is found out from the file itself: "*/*" is everything.
        types: Vec<String> = vec!["*/*".to_owned()], Texts(form::CONTENT_TYPE), Reload;
        /// Most pixels of a picture, width times height; one is drawn anew at a time, and takes some 16 bytes of memory for each.
        max_pixels: u64 = 50_000_000, Whole { min: 1, max: 1_000_000_000 }, Reload;
        /// Days for which files are kept; 0: for ever.
        retention_days: u64 = 0, Whole { min: 0, max: 36_500 }, Reload;
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
        /// Whom push services may write to about them: `mailto:…` or `https://…`. Empty: `acme.contact`, else this server's address.
        contact: String = String::new(), Text(form::CONTACT), Restart;
        /// Seconds for which one waits: who reads it on another device meanwhile is not notified.
        delay_seconds: u64 = 3, Whole { min: 0, max: 3600 }, Restart;
        /// Most devices of one account that are notified.
        subscriptions_per_account: usize = 10, Whole { min: 1, max: 100 }, Reload;
        /// Private networks that push and previews may reach.
        allow_addresses: Vec<String> = Vec::new(), Texts(form::NETWORK), Restart;
    }
}
