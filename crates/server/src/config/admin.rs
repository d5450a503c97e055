//! `[admin]`: the listener for those who run the server.

use super::form;
use super::schema::Kind::Text;
use super::schema::table;

table! {
    /// The listener for those who run the server: /metrics (Prometheus), /health, /ready; absent: none.
    Admin = "admin" {
        /// Where it listens; keep it on loopback or a private network.
        address: String = "127.0.0.1:9090".to_owned(), Text(form::LISTEN_ADDRESS), Restart;
    }
}
