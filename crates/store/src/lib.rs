//! The embedded log and the read side, on SQLite.
//!
//! ```text
//! hall ─ order ─▶ EmbeddedLog ─ flush ─▶ queue ─▶ writer thread ─ one transaction per group ─▶ loggia.db
//!    ◀──────────── news ◀───────────── Committed, Voided, Refuses, Accepts ┘                      │
//! hall ── ask ─▶ Reader ─────────────▶ queue ─▶ reader thread ◀──────── its own connection ──────┤
//!    ◀──────────── answers ◀────────────────────────────┘        checkpoint thread ◀──────────────┘
//! ```
//!
//! Searches have a reader of their own, and an index (`loggia-index.db`) that a fifth part fills behind the writer: `index.rs`.
//!
//! [`open()`] gives the two sides and what the hall starts from. Nothing here waits for the disk but the threads that
//! the store owns, and [`EmbeddedLog::close`]. Whatever happened in a thread is fetched with [`EmbeddedLog::news`] and
//! [`Reader::answers`] after the wake function was called.
//!
//! What the threads do stands in values that are stepped ([`Worker`]); [`open_stepped`] gives them to a driver that has no
//! threads, and its own clock and [`Disk`].
//!
//! **Sequence numbers** only grow, and none is given twice while the process lives. A fact that was voided leaves a gap:
//! it was never shown to anybody, so nobody can refer to it.
//!
//! **A group that fails** was rolled back. Its messages are voided only when it is certain that no commit mark of it
//! reached the file: the disk was full, or refused a write. After any other error in the commit (a failed `fsync`, say)
//! the outcome is unknown: the file is opened anew and asked, and what is not there is written again, messages
//! included, before anybody is told anything. So nothing that was reported voided can come back after a crash.

mod error;
pub use error::StoreError;
mod open;
pub use open::{Durability, Opened, Options, StartState, Stepped, open, open_stepped};
mod step;
pub use step::{Clock, Next, Worker};
mod disk;
pub use disk::{Disk, Files};
mod log;
pub use log::{CloseError, EmbeddedLog};
mod news;
pub use news::{News, Stats};
mod reader;
pub use reader::{Answer, Reader};
mod schema;
mod since;
pub use schema::{DATABASE_FILE, FORMAT};
pub use verify::{Report, verify, verify_on};
mod archive;
mod channel_keys;
pub use archive::{ExportError, Exported, RestoreError, Restored, export, restore};
mod import;
pub use import::{Fate, Import, Imported, Outcome, Page, Source, Staging};
mod checkpoint;
mod connection;
mod copy;
pub use copy::{copy, copy_on, make_ready};
mod corrections;
mod delivery;
mod failure;
mod find;
mod forget;
mod index;
mod insert;
pub use index::INDEX_FILE;
mod kept;
mod places;
mod queue;
mod removal;
pub use removal::Keep;
mod row;
mod said;
#[cfg(test)]
mod scratch;
mod search;
mod steps;
mod verify;
mod writer;
