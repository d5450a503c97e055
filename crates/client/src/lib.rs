//! What our own clients have in common: bytes in, lines out. No sockets, files, clock, threads or randomness.
//!
//! * [`handshake`]: from the first line to being somebody on a server, with the capabilities that the rest wants;
//! * [`outbox`]: what is to be said and is not known to be kept; exactly once where the server knows of ids
//!   (`loggia.chat/delivery`), at least once elsewhere;
//! * [`timeline`]: what was said, as a client sees it that was never away;
//! * [`catch_up`]: the same by CHATHISTORY, on servers that have no cursors;
//! * [`outcome`]: what a line says about something that was sent;
//! * [`connection`]: these together, for one connection after the other;
//! * [`scram`]: proving a password;
//! * [`classroom`]: the classroom servers, so that all of this speaks with them too;
//! * [`network`]: a whole network, for whoever shows it: connecting again, rooms and people ([`state`]), what was said
//!   ([`window`]), who writes ([`typing`]); what lines mean for these is in [`features`], named as in the server's `session`.
//!
//! Whoever drives it reads and writes sockets, keeps the outbox on disk, and gives it random bits.

pub mod back_off;
pub mod catch_up;
pub mod classroom;
pub mod connection;
pub mod features;
pub mod formatting;
pub mod handshake;
pub mod network;
pub mod outbox;
pub mod outcome;
pub mod scram;
pub mod state;
pub mod timeline;
pub mod typing;
pub mod window;
