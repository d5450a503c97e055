//! One file: what programs see, what is on the disk, and what has not got there yet.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use rusqlite::ffi;

use super::locks::{Level, Locks};
use super::shared_memory::SharedMemory;
use super::{Code, Disk, SECTOR_BYTES};
use crate::random::Random;

/// A change that is not known to be on the disk.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Size(usize),
}

impl Change {
    fn apply(&self, contents: &mut Vec<u8>) {
        match self {
            Self::Write { bytes, .. } if bytes.is_empty() => {}
            Self::Write { at, bytes } => {
                let end = at + bytes.len();
                if contents.len() < end {
                    contents.resize(end, 0);
                }
                contents[*at..end].copy_from_slice(bytes);
            }
            Self::Size(size) => contents.resize(*size, 0),
        }
    }

    /// Returns the change with the bytes that stand in its place now.
    fn as_of(&self, seen: &[u8]) -> Self {
        let Self::Write { at, bytes } = self else { return self.clone() };
        let end = (at + bytes.len()).min(seen.len());
        Self::Write { at: *at, bytes: seen.get(*at..end).unwrap_or_default().to_vec() }
    }

    /// Keeps only some sectors of a write.
    fn torn(&self, random: &mut Random) -> Vec<Self> {
        let Self::Write { at, bytes } = self else { return vec![self.clone()] };
        let mut kept = Vec::new();
        let mut from = 0;
        while from < bytes.len() {
            let to = (((at + from) / SECTOR_BYTES + 1) * SECTOR_BYTES - at).min(bytes.len());
            if random.chance(500) {
                kept.push(Self::Write { at: at + from, bytes: bytes[from..to].to_vec() });
            }
            from = to;
        }
        kept
    }
}

#[derive(Debug, Default)]
pub(super) struct File {
    seen: Vec<u8>,
    synced: Vec<u8>,
    pending: Vec<Change>,
    locks: Locks,
    memory: Option<Arc<SharedMemory>>,
}

impl File {
    pub(super) fn contents(&self) -> &[u8] {
        &self.seen
    }

    /// Gives a new file what it has.
    pub(super) fn fill(&mut self, bytes: Vec<u8>) {
        self.change(Change::Write { at: 0, bytes });
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.seen);
        self.pending.push(change);
    }

    fn sync(&mut self) {
        for change in self.pending.drain(..) {
            change.apply(&mut self.synced);
        }
    }

    /// A sync that fails. Of each change one of three things is true afterwards: it is on the disk, it is lost though
    /// programs still see it (until the cache forgets it), or it will be tried again.
    fn fail_to_sync(&mut self, random: &mut Random) {
        let mut again = Vec::new();
        for change in self.pending.drain(..) {
            // A cache has each page once: whatever is written of it is what stands there now.
            match (change.as_of(&self.seen), random.below(3)) {
                (change, 0) | (change @ Change::Size(_), _) => change.apply(&mut self.synced),
                (_, 1) => {}
                (change, _) => again.push(change),
            }
        }
        self.pending = again;
        if random.chance(500) {
            let size = self.seen.len();
            self.seen.clone_from(&self.synced);
            for change in &self.pending {
                change.apply(&mut self.seen);
            }
            self.seen.resize(size, 0);
        }
    }

    pub(super) fn lose_power(&mut self, manner: usize, random: &mut Random) {
        let pending = std::mem::take(&mut self.pending);
        let until = if manner == 2 { random.below(pending.len() + 1) } else { pending.len() };
        for change in pending.into_iter().take(until) {
            let kept = match manner {
                0 => Vec::new(),
                1 | 2 => vec![change],
                _ if random.chance(200) => change.torn(random),
                _ if random.chance(500) => vec![change],
                _ => Vec::new(),
            };
            for change in kept {
                change.apply(&mut self.synced);
            }
        }
        self.seen.clone_from(&self.synced);
    }
}

/// An open file of one connection.
#[derive(Debug)]
pub(crate) struct Handle {
    disk: Disk,
    file: usize,
    id: u64,
    /// The next sync makes the names in the directory certain, too.
    syncs_directory: bool,
    memory: Option<Arc<SharedMemory>>,
}

impl Handle {
    pub(super) fn new(disk: Disk, file: usize, id: u64, syncs_directory: bool) -> Self {
        Self { disk, file, id, syncs_directory, memory: None }
    }

    /// Fills a buffer; what is past the end is zeros, and `false` is returned.
    pub(crate) fn read(&self, buffer: &mut [u8], at: usize) -> Result<bool, Code> {
        let mut inner = self.disk.inner();
        inner.begin(ffi::SQLITE_IOERR_READ)?;
        let chance = inner.faults.read;
        if inner.random.chance(chance) {
            return Err(ffi::SQLITE_IOERR_READ);
        }
        let contents = inner.files[self.file].contents();
        let there = contents.get(at..).unwrap_or(&[]);
        let count = there.len().min(buffer.len());
        buffer[..count].copy_from_slice(&there[..count]);
        buffer[count..].fill(0);
        Ok(count == buffer.len())
    }

    pub(crate) fn write(&self, bytes: &[u8], at: usize) -> Result<(), Code> {
        let mut inner = self.disk.inner();
        let died = inner.begin(ffi::SQLITE_IOERR_WRITE);
        let failing = inner.faults.write;
        let grows = (at + bytes.len()).saturating_sub(inner.files[self.file].seen.len());
        let full = inner.faults.bytes_max.is_some_and(|most| grows > 0 && inner.bytes() + grows > most);
        let fails = died.is_err() || inner.random.chance(failing);
        if inner.crashed && !inner.dies() {
            return died;
        }
        let change = Change::Write { at, bytes: bytes.to_vec() };
        if full && died.is_ok() {
            return Err(ffi::SQLITE_FULL);
        }
        if fails {
            // What was written of it, was written.
            let inner = &mut *inner;
            if inner.random.chance(500) {
                for part in change.torn(&mut inner.random) {
                    inner.files[self.file].change(part);
                }
            }
            inner.crash_at = inner.crash_at.filter(|_| died.is_ok());
            return Err(ffi::SQLITE_IOERR_WRITE);
        }
        inner.files[self.file].change(change);
        Ok(())
    }

    pub(crate) fn truncate(&self, size: usize) -> Result<(), Code> {
        let mut inner = self.disk.inner();
        inner.begin(ffi::SQLITE_IOERR_TRUNCATE)?;
        inner.files[self.file].change(Change::Size(size));
        Ok(())
    }

    pub(crate) fn sync(&mut self) -> Result<(), Code> {
        let mut inner = self.disk.inner();
        inner.syncs += 1;
        let died = inner.begin(ffi::SQLITE_IOERR_FSYNC);
        if inner.lies.sync_does_nothing {
            return died;
        }
        let inner = &mut *inner;
        // When the process dies of it, the disk was at it; how far it got is what a power loss shows.
        died?;
        if inner.random.chance(inner.faults.sync) {
            inner.files[self.file].fail_to_sync(&mut inner.random);
            return if inner.lies.failed_sync_is_hidden { Ok(()) } else { Err(ffi::SQLITE_IOERR_FSYNC) };
        }
        inner.files[self.file].sync();
        if std::mem::take(&mut self.syncs_directory) {
            inner.sync_names();
        }
        Ok(())
    }

    pub(crate) fn size(&self) -> usize {
        self.disk.inner().files[self.file].seen.len()
    }

    /// Takes a lock of SQLite's levels, or is told that another connection is in the way.
    pub(crate) fn lock(&self, level: i32) -> Result<(), Code> {
        let mut inner = self.disk.inner();
        inner.begin(ffi::SQLITE_IOERR_LOCK)?;
        inner.files[self.file].locks.lock(self.id, Level::from_sqlite(level))
    }

    pub(crate) fn unlock(&self, level: i32) {
        self.disk.inner().files[self.file].locks.unlock(self.id, Level::from_sqlite(level));
    }

    pub(crate) fn is_reserved(&self) -> bool {
        self.disk.inner().files[self.file].locks.is_reserved()
    }

    /// Returns where a region of the shared memory is, which all connections to the file see; `None` when it is not there
    /// and is not to be made.
    pub(crate) fn shared_region(
        &mut self,
        number: usize,
        bytes: usize,
        make: bool,
    ) -> Result<Option<*const AtomicU64>, Code> {
        let mut inner = self.disk.inner();
        inner.begin(ffi::SQLITE_IOERR_SHMMAP)?;
        let memory =
            self.memory.get_or_insert_with(|| Arc::clone(inner.files[self.file].memory.get_or_insert_default()));
        Ok(memory.region(number, bytes, make))
    }

    /// Takes or gives back locks of the shared memory.
    pub(crate) fn lock_shared(&self, first: usize, count: usize, flags: i32) -> Result<(), Code> {
        let mut inner = self.disk.inner();
        let unlocks = flags & ffi::SQLITE_SHM_UNLOCK != 0;
        if !unlocks {
            inner.begin(ffi::SQLITE_IOERR_SHMLOCK)?;
        }
        let Some(memory) = &self.memory else { return Err(ffi::SQLITE_IOERR_SHMLOCK) };
        if unlocks {
            memory.unlock(self.id, first..first + count);
            return Ok(());
        }
        if memory.lock(self.id, first..first + count, flags & ffi::SQLITE_SHM_EXCLUSIVE != 0) {
            Ok(())
        } else {
            Err(ffi::SQLITE_BUSY)
        }
    }

    /// Lets go of the shared memory, which is gone when nobody has it any more.
    pub(crate) fn unmap_shared(&mut self) {
        let mut inner = self.disk.inner();
        let Some(memory) = self.memory.take() else { return };
        memory.unlock_all(self.id);
        let file = &mut inner.files[self.file];
        // One is the file's own, one is this.
        if Arc::strong_count(&memory) <= 2 {
            file.memory = None;
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.unmap_shared();
        self.unlock(ffi::SQLITE_LOCK_NONE);
    }
}
