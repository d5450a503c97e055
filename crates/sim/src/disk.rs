//! A disk in memory, with everything that disks do to people.
//!
//! A file has two states: what programs see (the operating system's cache), and what has reached the disk. `sync` brings
//! the second up to the first. A power loss keeps of what was not synced any part in any order, down to single sectors; a
//! process that dies loses nothing. Names are the same: a new file's name is certain only when its directory was synced.

mod file;
mod locks;
mod shared_memory;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::ffi;

use crate::random::Random;
use file::File;
pub(crate) use file::Handle;

/// What is written whole or not at all.
const SECTOR_BYTES: usize = 512;

/// An SQLite result code that is not `SQLITE_OK`.
pub(crate) type Code = i32;

/// What goes wrong by itself; the numbers are times in a thousand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    /// Reads that fail.
    pub(crate) read: u32,
    /// Writes that fail, some of them half done.
    pub(crate) write: u32,
    /// Syncs that fail: what they were for is on the disk, or lost, or still to be written, and only the last is tried
    /// again by the next sync.
    pub(crate) sync: u32,
    /// Operations that take up to a second.
    pub(crate) slow: u32,
    /// How many bytes fit.
    pub(crate) bytes_max: Option<usize>,
}

/// How the disk betrays those who trust it: only for tests of the checker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lies {
    /// Every sync succeeds and does nothing.
    pub(crate) sync_does_nothing: bool,
    /// A sync that fails says that it succeeded.
    pub(crate) failed_sync_is_hidden: bool,
}

/// How a process ends that is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Crash {
    /// The process is killed: the operating system still has what it wrote.
    Kill,
    /// The power fails.
    PowerLoss,
}

/// A disk; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Disk(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    random: Random,
    files: Vec<File>,
    /// As programs see them.
    names: BTreeMap<String, usize>,
    /// As they are after a power loss.
    kept_names: BTreeMap<String, usize>,
    faults: Faults,
    lies: Lies,
    /// How many operations there were.
    operations: u64,
    /// How many of them were to sync a file.
    syncs: u64,
    /// At which of them the process dies.
    crash_at: Option<u64>,
    /// The process is dead: nothing that it still tries has an effect.
    crashed: bool,
    /// Time that operations took and nobody has counted yet.
    spent: Duration,
    /// What the run's clock says.
    now: Duration,
    /// How many times in a thousand others go on before an operation, where that can be.
    pauses: u32,
    handles: u64,
}

impl Disk {
    /// Makes an empty disk.
    pub(crate) fn new(random: Random) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            random,
            files: Vec::new(),
            names: BTreeMap::new(),
            kept_names: BTreeMap::new(),
            faults: Faults::default(),
            lies: Lies::default(),
            operations: 0,
            syncs: 0,
            crash_at: None,
            crashed: false,
            spent: Duration::ZERO,
            now: Duration::ZERO,
            pauses: 0,
            handles: 0,
        })))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Chooses what goes wrong from now on.
    pub(crate) fn set_faults(&self, faults: Faults) {
        self.inner().faults = faults;
    }

    /// Chooses how it lies from now on.
    pub(crate) fn set_lies(&self, lies: Lies) {
        self.inner().lies = lies;
    }

    /// Returns how many bytes all files have, as programs see them.
    pub(crate) fn bytes(&self) -> usize {
        self.inner().bytes()
    }

    /// Lets the process die in the middle of the operation after so many.
    pub(crate) fn crash_after(&self, operations: u64) {
        let mut inner = self.inner();
        inner.crash_at = Some(inner.operations + operations.max(1));
    }

    /// Lets no operation be the last one any more.
    pub(crate) fn crash_never(&self) {
        self.inner().crash_at = None;
    }

    /// Tells whether the process has died.
    pub(crate) fn has_crashed(&self) -> bool {
        self.inner().crashed
    }

    /// The process dies now, if it has not yet: from here on nothing has an effect until [`Self::restart`].
    pub(crate) fn crash(&self) {
        self.inner().crashed = true;
    }

    /// Returns the time that operations took since it was last asked.
    pub(crate) fn take_spent(&self) -> Duration {
        std::mem::take(&mut self.inner().spent)
    }

    /// Says what the clock says.
    pub(crate) fn set_now(&self, now: Duration) {
        self.inner().now = now;
    }

    /// Returns what the clock says, and the time that operations took since.
    pub(crate) fn now(&self) -> Duration {
        let inner = self.inner();
        inner.now + inner.spent
    }

    /// Chooses how often others go on before an operation.
    pub(crate) fn set_pauses(&self, of_thousand: u32) {
        self.inner().pauses = of_thousand;
    }

    /// Says until when others go on before the next operation: because the last one was slow, or by chance.
    pub(crate) fn pauses_until(&self) -> Option<Duration> {
        let mut inner = self.inner();
        if inner.crashed {
            return None;
        }
        let (spent, pauses) = (std::mem::take(&mut inner.spent), inner.pauses);
        let until = inner.now + spent;
        (!spent.is_zero() || inner.random.chance(pauses)).then_some(until)
    }

    /// Says when somebody wakes who sleeps for so long; nobody does when the process is dead.
    pub(crate) fn wakes_at(&self, time: Duration) -> Option<Duration> {
        let inner = self.inner();
        (!inner.crashed).then_some(inner.now + inner.spent + time)
    }

    /// Does something outside of the run: nothing goes wrong, and nothing counts.
    pub(crate) fn in_peace<T>(&self, then: impl FnOnce() -> T) -> T {
        let saved = {
            let mut inner = self.inner();
            (std::mem::take(&mut inner.faults), inner.crash_at.take(), inner.operations)
        };
        let done = then();
        let mut inner = self.inner();
        (inner.faults, inner.crash_at, inner.operations) = saved;
        done
    }

    /// Copies a file as it stands at this moment, without what belongs to it.
    pub(crate) fn copy_raw(&self, from: &Path, to: &Path) {
        let mut inner = self.inner();
        let contents = inner.names.get(&*from.to_string_lossy()).map(|file| inner.files[*file].contents().to_vec());
        let mut file = File::default();
        file.fill(contents.unwrap_or_default());
        inner.files.push(file);
        let number = inner.files.len() - 1;
        inner.names.insert(to.to_string_lossy().into_owned(), number);
    }

    /// Adds to the time that operations took: somebody waits.
    pub(crate) fn spend(&self, time: Duration) {
        self.inner().spent += time;
    }

    /// Makes the disk ready for the next process: what a power loss takes is gone. All files must be closed.
    pub(crate) fn restart(&self, crash: Crash) {
        let mut inner = self.inner();
        if crash == Crash::PowerLoss {
            inner.lose_power();
        }
        inner.crashed = false;
        inner.crash_at = None;
    }

    /// Tells whether some bytes stand in any file, as programs see them.
    pub(crate) fn contains(&self, bytes: &[u8]) -> bool {
        let inner = self.inner();
        let mut files = inner.names.values().map(|number| &inner.files[*number]);
        files.any(|file| file.contents().windows(bytes.len()).any(|window| window == bytes))
    }

    /// Opens a file, which is made when it may be.
    pub(crate) fn open(&self, name: Option<&str>, flags: i32) -> Result<Handle, Code> {
        let mut inner = self.inner();
        inner.begin(ffi::SQLITE_CANTOPEN)?;
        let creates = flags & ffi::SQLITE_OPEN_CREATE != 0;
        // As SQLite does it on Unix: the first sync of a journal syncs its directory, too.
        let journal = ffi::SQLITE_OPEN_MAIN_JOURNAL | ffi::SQLITE_OPEN_WAL;
        let syncs_directory = creates && flags & journal != 0;
        let file = match name.map(|name| (name, inner.names.get(name).copied())) {
            Some((_, Some(file))) => file,
            Some((_, None)) if !creates => return Err(ffi::SQLITE_CANTOPEN),
            named => {
                inner.files.push(File::default());
                let file = inner.files.len() - 1;
                if let Some((name, _)) = named {
                    inner.names.insert(name.to_owned(), file);
                }
                file
            }
        };
        inner.handles += 1;
        let id = inner.handles;
        drop(inner);
        Ok(Handle::new(self.clone(), file, id, syncs_directory))
    }

    /// Takes a name away; an open file stays until it is closed.
    pub(crate) fn delete(&self, name: &str, sync_directory: bool) -> Result<(), Code> {
        let mut inner = self.inner();
        inner.begin(ffi::SQLITE_IOERR_DELETE)?;
        if inner.names.remove(name).is_none() {
            return Err(ffi::SQLITE_IOERR_DELETE_NOENT);
        }
        if sync_directory {
            inner.sync_names();
        }
        Ok(())
    }

    pub(crate) fn exists(&self, name: &str) -> bool {
        self.inner().names.contains_key(name)
    }

    /// Fills a buffer with chance.
    pub(crate) fn randomness(&self, buffer: &mut [u8]) {
        let mut inner = self.inner();
        for chunk in buffer.chunks_mut(8) {
            let bytes = inner.random.next().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}

impl store::Files for Disk {
    fn first_bytes(&self, path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
        let mut inner = self.inner();
        inner.begin(ffi::SQLITE_IOERR_READ).map_err(|_| io::Error::other("the disk cannot be read"))?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let file = inner.names.get(&*path.to_string_lossy()).map(|file| inner.files[*file].contents());
        Ok(file.map(|bytes| bytes[..bytes.len().min(most)].to_vec()))
    }

    fn size(&self, path: &Path) -> u64 {
        let inner = self.inner();
        inner.names.get(&*path.to_string_lossy()).map_or(0, |file| inner.files[*file].contents().len() as u64)
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        let failed = |_| io::Error::other("the file cannot be synced");
        let flags = ffi::SQLITE_OPEN_READONLY | ffi::SQLITE_OPEN_MAIN_DB;
        let mut handle = self.open(Some(&path.to_string_lossy()), flags).map_err(failed)?;
        handle.sync().map_err(failed)
    }

    fn sync_directory(&self, _: &Path) -> io::Result<()> {
        let mut inner = self.inner();
        inner.begin(ffi::SQLITE_IOERR_DIR_FSYNC).map_err(|_| io::Error::other("the directory cannot be synced"))?;
        if !inner.lies.sync_does_nothing {
            inner.sync_names();
        }
        Ok(())
    }

    fn remove(&self, path: &Path) {
        // What cannot be removed stays: its owner tries again.
        let _ = self.delete(&path.to_string_lossy(), false);
    }
}

impl Inner {
    fn bytes(&self) -> usize {
        self.names.values().map(|file| self.files[*file].contents().len()).sum()
    }

    /// Counts an operation. It fails, with a code, when the process is dead or dies of it.
    fn begin(&mut self, code: Code) -> Result<(), Code> {
        if self.crashed {
            return Err(code);
        }
        self.operations += 1;
        if self.faults.slow > 0 && self.random.chance(self.faults.slow) {
            self.spent += Duration::from_millis(self.random.of(1..1000));
        }
        if self.dies() {
            self.crashed = true;
            return Err(code);
        }
        Ok(())
    }

    /// Tells whether this operation is the one in which the process dies.
    fn dies(&self) -> bool {
        self.crash_at.is_some_and(|at| at <= self.operations)
    }

    fn sync_names(&mut self) {
        self.kept_names.clone_from(&self.names);
    }

    /// Keeps of everything that was not synced what chance wants.
    fn lose_power(&mut self) {
        let names: Vec<String> = self.names.keys().chain(self.kept_names.keys()).cloned().collect();
        for name in names {
            let (seen, kept) = (self.names.get(&name).copied(), self.kept_names.get(&name).copied());
            if seen != kept && self.random.chance(500) {
                match kept {
                    Some(kept) => self.names.insert(name, kept),
                    None => self.names.remove(&name),
                };
            }
        }
        self.kept_names.clone_from(&self.names);
        // Sometimes all or nothing, or all up to a moment; mostly any part of it.
        let manner = self.random.below(4);
        for file in &mut self.files {
            file.lose_power(manner, &mut self.random);
        }
    }
}
