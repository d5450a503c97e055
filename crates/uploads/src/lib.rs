//! Files that people share: what they are, what is taken out of them, and where they are kept.
//!
//! Nothing that the sender says is believed. What a file is, is looked for in its bytes ([`kind`]); pictures are drawn anew, so
//! that nothing about where and with what they were taken goes along ([`picture`]); the name under which a file is
//! fetched is chosen here and cannot be guessed ([`name`]); the name that it had is only shown ([`headers`]).
//!
//! Blocking, without a clock and without sockets: `server` calls it on threads for that, and tells the time.

pub mod entry;
pub mod headers;
pub mod kind;
pub mod limits;
pub mod name;
pub mod picture;
pub mod shelf;

pub use entry::{Entry, Owner};
pub use kind::Kind;
pub use limits::{Limits, Refused};
pub use name::{Id, StoredName};
pub use shelf::{About, Incoming, Report, Shelf, ShelfError, verify};
