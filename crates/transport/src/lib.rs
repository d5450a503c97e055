//! Sockets to bytes and back. This crate never sees chat: it reads, writes and closes, and says what came of it.

mod connection;
pub mod proxy_header;
pub mod websocket;

pub use connection::{Connection, HowToClose, Lost, Read};
