//! Everything that is kept, as text: JSON lines that other programs can read, and this one can take in again.
//!
//! The first line says what it is, the last how many lines there are and their SHA-256. Between them stand durable rows as
//! the store has them, without what passwords are checked with, then what was said and what people saw, in its order, and at
//! last what clients have given an id: a message that is sent again to the server that took the archive in is known there.
//! For people: `docs/archive.md`.

mod line;
mod restore;
mod write;

pub use restore::{RestoreError, Restored, restore};
pub use write::{ExportError, Exported, export};

/// The version of the form that is written. A greater one is not read. From version 2 on there are streams.
const VERSION: u32 = 2;

/// How often progress is told: after so many lines.
const LINES_PER_NEWS: u64 = 1024;
