//! One connection's conversation, and the pure half of a shard.
//!
//! Bytes come in, commands for the hall go out; effects come in, bytes go out. No socket, no clock, no thread: whoever
//! owns those (the event loop of `server`, a simulator, a test) drives a [`shard::Shard`].
//!
//! * [`settings`] what the server's operator chose · [`trusted_proxies`] whose word about addresses counts · [`door`] which dialect a connection speaks, by its first bytes;
//! * [`irc_session`] one IRC connection · [`classroom`] one plain connection;
//! * [`features`] one file per feature: how its commands are read, its events and replies written;
//! * [`sasl`] how a client proves which account it is, [`bearer`] how the file host knows who it is, [`secrets`] what nobody else knows, [`work`] what takes long;
//! * [`shard`] all connections of one thread: who is in which channel, one rendering per profile, bounded queues;
//! * [`host`] the hall with its log, and the turns that they take with a shard.

pub mod bearer;
pub mod budget;
pub mod classroom;
pub mod cloak;
pub mod door;
pub mod features;
pub mod host;
pub mod irc_session;
pub mod parting;
pub mod push_reach;
pub mod render;
pub mod sasl;
pub mod secrets;
pub mod settings;
pub mod shard;
pub mod texts;
pub mod trusted_proxies;
pub mod work;
