//! Why a store cannot be opened.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::row::BadRow;

/// What was attempted, on which file, and why it did not work.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The file system says no.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// SQLite says no.
    #[error("cannot {action} {}", .path.display())]
    Database {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: rusqlite::Error,
    },
    /// A newer program has written it.
    #[error(
        "{} has store format {found}, which is newer than format {known} of this program: use a newer version of loggia, \
         or another directory with --data", .path.display()
    )]
    NewerFormat {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i32,
        /// The newest that this program knows.
        known: i32,
    },
    /// An older program has written it, and it was not brought up to date yet.
    #[error("{} has store format {found}, which is older than format {} of this program: start the server once, it brings it up to date", .path.display(), crate::FORMAT)]
    OlderFormat {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i32,
    },
    /// It is something else.
    #[error("{} is not a database of loggia: move it away, or use another directory with --data", .path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// What the hall needs at the start does not read as it was written.
    #[error("{} is damaged ({what}): restore a backup, or move it away to start anew", .path.display())]
    Damaged {
        /// The database.
        path: PathBuf,
        /// Where.
        what: String,
    },
    /// What the hall needs at the start is whole, and this program does not know what it means.
    #[error("{} was written by a newer version of loggia ({what}): use that version, or another directory with --data", .path.display())]
    NewerRow {
        /// The database.
        path: PathBuf,
        /// Which row, and what about it.
        what: String,
    },
    /// A thread could not be started.
    #[error("cannot start the thread {name}")]
    Thread {
        /// Which.
        name: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

impl StoreError {
    /// Says why a row of durable state keeps the server from starting.
    pub(crate) fn row(path: &Path, bad: &BadRow) -> Self {
        let (path, what) = (path.to_owned(), bad.to_string());
        match bad {
            BadRow::Changed(_) => Self::Damaged { path, what },
            BadRow::Unknown(..) => Self::NewerRow { path, what },
        }
    }

    /// Tells a file that does not hold what was written from one that cannot be read or written now.
    pub(crate) fn database(action: &'static str, path: &Path, source: rusqlite::Error) -> Self {
        use rusqlite::Error;
        let unreadable = matches!(
            source,
            Error::FromSqlConversionFailure(..)
                | Error::InvalidColumnType(..)
                | Error::IntegralValueOutOfRange(..)
                | Error::Utf8Error(..)
        );
        if unreadable || source.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) {
            return Self::Damaged { path: path.to_owned(), what: format!("cannot {action} it: {source}") };
        }
        Self::Database { action, path: path.to_owned(), source }
    }
}
