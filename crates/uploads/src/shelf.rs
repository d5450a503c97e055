//! Where files are kept: a directory of its own, with what is known of each in memory.
//!
//! Of each file there are its bytes (`ID.ending`), perhaps a smaller picture (`ID.thumbnail`), and what is kept of it beside
//! (`ID.json`), written last: with that it is there. Each is written under another name (`….part`), synced and renamed, so a crash
//! leaves all of a file or nothing that is not removed at the next start.

mod incoming;
mod read;

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;

pub use self::incoming::{About, Incoming};
pub use self::read::{Report, files, verify};
use crate::entry::{Entry, Owner};
use crate::limits::{AT_ONCE_MAX, Limits, Refused};
use crate::name::{Id, StoredName};

/// The directory's name in the data directory.
pub const DIRECTORY: &str = "uploads";

/// The ending of what is kept of a file beside its bytes.
const ABOUT: &str = "json";
/// The ending of a smaller picture.
const THUMBNAIL: &str = "thumbnail";
/// The ending of what is not whole yet.
const PART: &str = "part";

/// Why something could not be done with files.
#[derive(Debug, Error)]
pub enum ShelfError {
    /// The sender's fault, or the operator's wish.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The disk is full.
    #[error("there is no room on the disk for {}", .path.display())]
    DiskFull {
        /// For what.
        path: PathBuf,
    },
    /// The file system says no.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ShelfError {
    let path = path.to_owned();
    move |source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ShelfError::DiskFull { path },
        _ => ShelfError::Io { action, path, source },
    }
}

/// What is known of the files, and how much of the limits is taken.
#[derive(Debug, Default)]
struct Known {
    entries: BTreeMap<Id, Arc<Entry>>,
    /// By [`Owner::counted_as`].
    owners: BTreeMap<String, Taken>,
    /// Bytes of all files, those that are coming included.
    total: u64,
}

/// What one owner takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Taken {
    bytes: u64,
    /// Files that are coming.
    coming: u32,
}

impl Known {
    fn add(&mut self, entry: Entry) {
        let Some(name) = entry.stored_name() else { return };
        self.count(&entry.owner.counted_as(), entry.bytes_in_all());
        self.entries.insert(name.id, Arc::new(entry));
    }

    fn count(&mut self, owner: &str, bytes: u64) {
        self.total = self.total.saturating_add(bytes);
        let taken = self.owners.entry(owner.to_owned()).or_default();
        taken.bytes = taken.bytes.saturating_add(bytes);
    }

    fn uncount(&mut self, owner: &str, bytes: u64) {
        self.total = self.total.saturating_sub(bytes);
        if let Some(taken) = self.owners.get_mut(owner) {
            taken.bytes = taken.bytes.saturating_sub(bytes);
            if *taken == Taken::default() {
                self.owners.remove(owner);
            }
        }
    }

    /// Takes room for more bytes of a file that is coming.
    fn reserve(&mut self, owner: &str, bytes: u64, limits: &Limits) -> Result<(), Refused> {
        let taken = self.owners.get(owner).copied().unwrap_or_default();
        if taken.bytes.saturating_add(bytes) > limits.quota_bytes {
            return Err(Refused::OverQuota { limit: limits.quota_bytes });
        }
        if limits.total_bytes > 0 && self.total.saturating_add(bytes) > limits.total_bytes {
            return Err(Refused::NoRoom);
        }
        self.count(owner, bytes);
        Ok(())
    }
}

/// The files that people have shared.
#[derive(Debug)]
pub struct Shelf {
    directory: PathBuf,
    limits: Mutex<Limits>,
    known: Mutex<Known>,
}

impl Shelf {
    /// Opens the directory in a data directory, making it where it is absent, and removes what was left unfinished.
    ///
    /// # Errors
    /// What the file system says.
    pub fn open(data: &Path, limits: Limits) -> Result<Self, ShelfError> {
        let directory = data.join(DIRECTORY);
        DirBuilder::new().recursive(true).mode(0o700).create(&directory).map_err(failed("create", &directory))?;
        let mut known = Known::default();
        for entry in read::clean_up(&directory)? {
            known.add(entry);
        }
        Ok(Self { directory, limits: Mutex::new(limits), known: Mutex::new(known) })
    }

    /// Goes by other limits from now on; what is kept stays.
    pub fn set_limits(&self, limits: Limits) {
        *self.limits.lock().unwrap_or_else(PoisonError::into_inner) = limits;
    }

    /// Returns the limits.
    pub fn limits(&self) -> Limits {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins to take a file of `expected` bytes, where that is known.
    ///
    /// # Errors
    /// [`Refused`] when it is known already that it cannot be taken; what the file system says.
    pub fn begin(self: &Arc<Self>, owner: Owner, expected: Option<u64>) -> Result<Incoming, ShelfError> {
        let limits = self.limits();
        let expected = expected.unwrap_or(0);
        if expected > limits.max_bytes {
            return Err(Refused::TooLarge { limit: limits.max_bytes }.into());
        }
        let counted_as = owner.counted_as();
        let mut known = self.known();
        let coming = known.owners.get(&counted_as).map_or(0, |taken| taken.coming);
        if coming >= AT_ONCE_MAX {
            return Err(Refused::TooManyAtOnce.into());
        }
        known.reserve(&counted_as, expected, &limits)?;
        known.owners.entry(counted_as).or_default().coming += 1;
        drop(known);
        Incoming::new(Arc::clone(self), owner, expected, limits)
    }

    /// Returns what is known of a file.
    pub fn find(&self, name: StoredName) -> Option<Arc<Entry>> {
        self.known().entries.get(&name.id).filter(|entry| entry.stored_name() == Some(name)).map(Arc::clone)
    }

    /// Opens a file.
    ///
    /// # Errors
    /// What the file system says: it may have been removed meanwhile.
    pub fn open_file(&self, name: StoredName) -> io::Result<File> {
        File::open(self.directory.join(name.to_string()))
    }

    /// Opens the smaller picture of a file that has one.
    ///
    /// # Errors
    /// As [`Self::open_file`].
    pub fn open_thumbnail(&self, name: StoredName) -> io::Result<File> {
        File::open(self.path(name.id, THUMBNAIL))
    }

    /// Lists the files that `is_meant` means, the newest first; `most` at most.
    pub fn list(&self, is_meant: impl Fn(&Entry) -> bool, most: usize) -> Vec<Arc<Entry>> {
        let known = self.known();
        let mut found: Vec<_> = known.entries.values().filter(|entry| is_meant(entry)).map(Arc::clone).collect();
        drop(known);
        found.sort_by(|one, other| (other.at, &other.name).cmp(&(one.at, &one.name)));
        found.truncate(most);
        found
    }

    /// Returns how many files there are, and how many bytes they take.
    pub fn totals(&self) -> (usize, u64) {
        let known = self.known();
        (known.entries.len(), known.total)
    }

    /// Removes a file. Returns whether there was one.
    ///
    /// # Errors
    /// What the file system says; the file cannot be fetched any more all the same.
    pub fn remove(&self, name: StoredName) -> Result<bool, ShelfError> {
        let mut known = self.known();
        if known.entries.get(&name.id).is_none_or(|entry| entry.stored_name() != Some(name)) {
            return Ok(false);
        }
        let removed = known.entries.remove(&name.id);
        if let Some(entry) = removed {
            known.uncount(&entry.owner.counted_as(), entry.bytes_in_all());
        }
        drop(known);
        // First what makes it a file: a crash between leaves what the next start removes.
        delete(&self.path(name.id, ABOUT))?;
        self.sync()?;
        delete(&self.path(name.id, THUMBNAIL))?;
        delete(&self.directory.join(name.to_string()))?;
        Ok(true)
    }

    /// Removes files that were kept long enough, or whose owners are not there any more: those that `is_meant` means. Returns how
    /// many. What cannot be removed is told to the log, and tried again at the next start.
    pub fn remove_all(&self, is_meant: impl Fn(&Entry) -> bool) -> usize {
        let names: Vec<_> = self
            .known()
            .entries
            .values()
            .filter(|entry| is_meant(entry))
            .filter_map(|entry| entry.stored_name())
            .collect();
        for name in &names {
            if let Err(error) = self.remove(*name) {
                tracing::error!(%error, %name, "a file that was shared cannot be removed");
            }
        }
        names.len()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Every change of it is whole before anything can fail.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, id: Id, ending: &str) -> PathBuf {
        self.directory.join(format!("{id}.{ending}"))
    }

    fn sync(&self) -> Result<(), ShelfError> {
        File::open(&self.directory).and_then(|directory| directory.sync_all()).map_err(failed("sync", &self.directory))
    }
}

fn delete(path: &Path) -> Result<(), ShelfError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Writes a file whole, or not at all.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ShelfError> {
    let part = path.with_added_extension(PART);
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written.map_err(failed("write", path))
}

#[cfg(test)]
mod tests;
