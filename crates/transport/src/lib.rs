//! Sockets to bytes and back. This crate never sees chat: it reads, writes and closes, and says what came of it.

mod any_client;
mod connection;
pub mod proxy_header;
mod tls;
pub mod websocket;

pub use any_client::AnyClient;
pub use connection::{Connection, HowToClose, Lost, Read, prepare_listener};
pub use tls::{ACME_PROTOCOL, Tls, TlsConfigs, fingerprint};
