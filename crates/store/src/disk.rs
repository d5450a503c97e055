//! What the store stands on: how SQLite reaches the disk, and the few things that are done beside SQLite.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

/// Where the store's files are. By default on the machine's own file system.
#[derive(Clone)]
pub struct Disk {
    /// The name of the SQLite VFS that every connection uses; `None` for SQLite's own.
    pub vfs: Option<&'static str>,
    /// The same files, for what is done beside SQLite.
    pub files: Arc<dyn Files>,
}

impl Default for Disk {
    fn default() -> Self {
        Self { vfs: None, files: Arc::new(MachineFiles) }
    }
}

/// What is done with files beside SQLite. The copy that a migration makes first is not among it: it
/// always goes to the machine's file system.
pub trait Files: Send + Sync {
    /// Returns at most so many of a file's first bytes; `None` when there is no such file.
    ///
    /// # Errors
    /// When it cannot be read.
    fn first_bytes(&self, path: &Path, most: u64) -> io::Result<Option<Vec<u8>>>;

    /// Returns a file's size in bytes; 0 when there is none, or it cannot be told.
    fn size(&self, path: &Path) -> u64;

    /// Makes what was written into a file survive power loss.
    ///
    /// # Errors
    /// When that is not certain.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Makes the names of new files in a directory survive power loss.
    ///
    /// # Errors
    /// When that is not certain.
    fn sync_directory(&self, dir: &Path) -> io::Result<()>;

    /// Removes a file that can be lost, if it is there.
    fn remove(&self, path: &Path);
}

/// The machine's file system.
struct MachineFiles;

impl Files for MachineFiles {
    fn first_bytes(&self, path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    fn size(&self, path: &Path) -> u64 {
        fs::metadata(path).map_or(0, |metadata| metadata.len())
    }

    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn sync_directory(&self, dir: &Path) -> io::Result<()> {
        File::open(dir)?.sync_all()
    }

    fn remove(&self, path: &Path) {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, path = %path.display(), "cannot remove a file");
            }
            _ => {}
        }
    }
}
