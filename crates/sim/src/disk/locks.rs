//! SQLite's locks on a file, between the connections of one process ("File Locking And Concurrency In SQLite Version 3").

use std::collections::BTreeSet;

use rusqlite::ffi;

use super::Code;

/// How much a connection may do with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    None,
    Shared,
    Reserved,
    /// Waits for readers to end; no new ones come.
    Pending,
    Exclusive,
}

impl Level {
    pub(super) fn from_sqlite(level: i32) -> Self {
        match level {
            ffi::SQLITE_LOCK_NONE => Self::None,
            ffi::SQLITE_LOCK_SHARED => Self::Shared,
            ffi::SQLITE_LOCK_RESERVED => Self::Reserved,
            ffi::SQLITE_LOCK_PENDING => Self::Pending,
            _ => Self::Exclusive,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Locks {
    readers: BTreeSet<u64>,
    /// The one that writes or is about to, and how far it is: at least reserved.
    writer: Option<(u64, Level)>,
}

impl Locks {
    pub(super) fn lock(&mut self, who: u64, level: Level) -> Result<(), Code> {
        let other_writer = self.writer.filter(|(writer, _)| *writer != who).map(|(_, level)| level);
        let mine = self.writer.filter(|(writer, _)| *writer == who).map_or(Level::None, |(_, level)| level);
        if level <= mine || level == Level::None || level == Level::Shared && self.readers.contains(&who) {
            return Ok(());
        }
        if level == Level::Shared {
            if other_writer >= Some(Level::Pending) {
                return Err(ffi::SQLITE_BUSY);
            }
            self.readers.insert(who);
            return Ok(());
        }
        if other_writer.is_some() {
            return Err(ffi::SQLITE_BUSY);
        }
        if level == Level::Exclusive && self.readers.iter().any(|reader| *reader != who) {
            self.writer = Some((who, Level::Pending));
            return Err(ffi::SQLITE_BUSY);
        }
        self.writer = Some((who, level));
        Ok(())
    }

    pub(super) fn unlock(&mut self, who: u64, level: Level) {
        if level <= Level::Shared && self.writer.is_some_and(|(writer, _)| writer == who) {
            self.writer = None;
        }
        if level == Level::None {
            self.readers.remove(&who);
        }
    }

    pub(super) fn is_reserved(&self) -> bool {
        self.writer.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writes_and_readers_are_let_out_first() {
        let mut locks = Locks::default();
        for (who, level, may) in [
            (1, Level::Shared, true),
            (2, Level::Shared, true),
            (1, Level::Reserved, true),
            (2, Level::Reserved, false),
            (3, Level::Shared, true),
            (1, Level::Exclusive, false),
            (4, Level::Shared, false),
        ] {
            assert_eq!(locks.lock(who, level).is_ok(), may, "{who} {level:?}");
        }
        locks.unlock(2, Level::None);
        locks.unlock(3, Level::None);
        assert!(locks.lock(1, Level::Exclusive).is_ok());
        assert!(locks.is_reserved());
        locks.unlock(1, Level::Shared);
        assert!(locks.lock(4, Level::Shared).is_ok() && !locks.is_reserved());
    }
}
