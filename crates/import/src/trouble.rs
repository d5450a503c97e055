//! What can be wrong with a file.

use thiserror::Error;

/// Why a file cannot be read as what it is said to be.
#[derive(Debug, Error)]
pub enum Trouble<E> {
    /// It is not of this format.
    #[error("{what}, line {line}: {why}")]
    Format {
        /// The file, or the part of it.
        what: String,
        /// Where, counted from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
    /// It cannot be read on.
    #[error("cannot read {what}")]
    Read {
        /// The file.
        what: String,
        /// Why not.
        source: std::io::Error,
    },
    /// What was read could not be kept.
    #[error(transparent)]
    Keep(E),
}

impl<E> Trouble<E> {
    /// Says where JSON is not as it should be.
    pub(crate) fn json(what: &str, error: serde_json::Error, line_offset: u64) -> Self {
        let line = line_offset + u64::try_from(error.line()).unwrap_or(u64::MAX).max(1);
        if error.is_io() {
            return Self::Read { what: what.to_owned(), source: error.into() };
        }
        Self::Format { what: what.to_owned(), line, why: error.to_string() }
    }
}
