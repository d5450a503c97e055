//! What our own clients do with the machine they run on.
//!
//! * [`address`]: where a server is, as people type it and as links say it;
//! * [`connection`]: one connection to it, on a thread of its own: TLS with certificates that are pinned, WebSocket;
//! * [`http`]: one request to the chat's server: files, pictures;
//! * [`locale`]: which language the person speaks;
//! * [`kept`]: what outlives the program: the outbox, and what is known of servers.

pub mod address;
pub mod connection;
pub mod http;
pub mod kept;
pub mod locale;
