//! `[acme]` and `[sts]`: certificates by an authority, and clients that insist on encryption.

use super::form;
use super::schema::Kind::{Text, Texts, Whole};
use super::schema::table;

table! {
    /// Certificates by an authority.
    Acme = "acme" {
        /// Empty: `tls = "auto"` is a self-made certificate.
        domains: Vec<String> = Vec::new(), Texts(form::HOST), Restart;
        /// An address for the authority, such as "mailto:admin@example.org".
        contact: String = String::new(), Text(form::LINE), Restart;
        /// Empty: the best-known public authority.
        directory: String = String::new(), Text(form::LINE), Restart;
    }
}

table! {
    /// Strict transport security: clients that have seen it insist on encryption.
    Sts = "sts" {
        /// 0: not offered; never with a self-made certificate.
        seconds: u64 = 0, Whole { min: 0, max: 315_360_000 }, Reload;
    }
}
