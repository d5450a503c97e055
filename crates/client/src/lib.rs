//! What our own clients have in common: bytes in, lines out. No sockets, files, clock, threads or randomness.
//!
//! * [`handshake`]: from the first line to being somebody on a server, with the capabilities that the rest wants;
//! * [`outbox`]: what is to be said and is not known to be kept; exactly once where the server knows of ids
//!   (`loggia.chat/delivery`), at least once elsewhere;
//! * [`timeline`]: what was said, as a client sees it that was never away;
//! * [`outcome`]: what a line says about something that was sent;
//! * [`connection`]: these together, for one connection after the other.
//!
//! Whoever drives it reads and writes sockets, keeps the outbox on disk, and gives it random bits.

pub mod connection;
pub mod handshake;
pub mod outbox;
pub mod outcome;
pub mod timeline;
