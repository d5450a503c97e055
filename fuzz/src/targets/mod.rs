//! The targets, one per file, and what they share.

pub mod line;
pub mod message;
pub mod tags;

pub mod mask;
pub mod names;
pub mod numerics;
pub mod search;
pub mod server_ban;

pub mod multiline;

pub mod first_bytes;
pub mod found;
pub mod http;
pub mod import;
pub mod page;

pub mod proxy_header;
pub mod sasl;
pub mod upload;
pub mod websocket;

pub mod classroom;
pub mod plain_conversation;
pub mod plain_framing;

pub mod batch;
pub mod client;
pub mod command;
pub mod session;
pub mod terminal;

mod choices;
mod script;
mod simulated;
mod written;
