//! What it means when a transaction fails.

use std::sync::Arc;

use rusqlite::ErrorCode;
use rusqlite::ffi;

/// A transaction that was not committed, or may not have been.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Whether it is certain that nothing of it will ever be found in the file.
    pub(crate) certain: bool,
    /// The reason, for people.
    pub(crate) why: Arc<str>,
    /// The error, for the operator's log.
    pub(crate) error: rusqlite::Error,
}

impl Failure {
    /// An error before the commit began: the transaction was rolled back, and no commit mark was written.
    pub(crate) fn before_commit(error: rusqlite::Error) -> Self {
        // Somebody else holds the file for the moment: nothing is wrong with the disk, so nothing is given up.
        let certain = !matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked));
        Self { certain, why: reason(&error), error }
    }

    /// An error in the commit itself. The commit mark is in the last page that it writes: when a write failed, the mark
    /// is not whole. Otherwise (the sync failed, say) it may be in the file, though this process does not count it.
    pub(crate) fn in_commit(error: rusqlite::Error) -> Self {
        let certain = error.sqlite_error_code() == Some(ErrorCode::DiskFull)
            || extended_code(&error) == Some(ffi::SQLITE_IOERR_WRITE);
        Self { certain, why: reason(&error), error }
    }
}

fn extended_code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|inner| inner.extended_code)
}

/// Says in people's words why the store cannot keep anything.
pub(crate) fn reason(error: &rusqlite::Error) -> Arc<str> {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "no space left on the disk".into(),
        Some(ErrorCode::ReadOnly) => "the disk is read-only".into(),
        Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => "the database cannot be opened".into(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program holds the database".into(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => "the database is damaged".into(),
        Some(ErrorCode::SystemIoFailure) => "the disk reports an error".into(),
        _ => format!("the store reports: {error}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn only_a_refused_write_is_a_certain_end_of_a_commit() {
        for (code, certain) in [
            (ffi::SQLITE_FULL, true),
            (ffi::SQLITE_IOERR_WRITE, true),
            (ffi::SQLITE_IOERR_FSYNC, false),
            (ffi::SQLITE_IOERR, false),
            (ffi::SQLITE_IOERR_SHMMAP, false),
            (ffi::SQLITE_BUSY, false),
        ] {
            assert_eq!(Failure::in_commit(sqlite(code)).certain, certain, "code {code}");
        }
    }

    #[test]
    fn before_the_commit_all_is_certain_but_a_lock() {
        assert!(Failure::before_commit(sqlite(ffi::SQLITE_IOERR_FSYNC)).certain);
        assert!(Failure::before_commit(sqlite(ffi::SQLITE_FULL)).certain);
        assert!(!Failure::before_commit(sqlite(ffi::SQLITE_BUSY)).certain);
    }

    #[test]
    fn reasons_are_for_people() {
        assert_eq!(&*reason(&sqlite(ffi::SQLITE_FULL)), "no space left on the disk");
        assert_eq!(&*reason(&sqlite(ffi::SQLITE_IOERR_WRITE)), "the disk reports an error");
        assert_eq!(&*reason(&sqlite(ffi::SQLITE_BUSY)), "another program holds the database");
        assert_eq!(&*reason(&sqlite(ffi::SQLITE_READONLY)), "the disk is read-only");
    }
}
