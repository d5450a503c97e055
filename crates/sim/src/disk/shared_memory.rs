//! What the connections to one file share: the index of its write-ahead log, and the locks on it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// SQLite's number of locks.
const LOCKS: usize = rusqlite::ffi::SQLITE_SHM_NLOCK as usize;

#[derive(Debug, Default)]
pub(super) struct SharedMemory {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Never moved nor dropped while the value lives: SQLite writes into them.
    regions: Vec<Box<[AtomicU64]>>,
    locks: [Lock; LOCKS],
}

#[derive(Debug, Default)]
struct Lock {
    shared: BTreeSet<u64>,
    exclusive: Option<u64>,
}

impl SharedMemory {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns where a region is; it and those before are made, full of zeros, when that is wanted.
    pub(super) fn region(&self, number: usize, bytes: usize, make: bool) -> Option<*const AtomicU64> {
        let mut inner = self.inner();
        while make && inner.regions.len() <= number {
            inner.regions.push((0..bytes.div_ceil(size_of::<AtomicU64>())).map(|_| AtomicU64::new(0)).collect());
        }
        inner.regions.get(number).map(|region| region.as_ptr())
    }

    /// Takes all of these locks, or none.
    pub(super) fn lock(&self, who: u64, which: Range<usize>, exclusive: bool) -> bool {
        let mut inner = self.inner();
        let Some(locks) = inner.locks.get_mut(which) else { return false };
        let free = |lock: &Lock| {
            lock.exclusive.is_none_or(|holder| holder == who)
                && !(exclusive && lock.shared.iter().any(|holder| *holder != who))
        };
        if !locks.iter().all(free) {
            return false;
        }
        for lock in locks {
            if exclusive {
                lock.exclusive = Some(who);
            } else {
                lock.shared.insert(who);
            }
        }
        true
    }

    pub(super) fn unlock(&self, who: u64, which: Range<usize>) {
        for lock in self.inner().locks.get_mut(which).into_iter().flatten() {
            lock.shared.remove(&who);
            lock.exclusive = lock.exclusive.filter(|holder| *holder != who);
        }
    }

    pub(super) fn unlock_all(&self, who: u64) {
        self.unlock(who, 0..LOCKS);
    }
}
