//! The data directory: one process at a time, a format version, and a secret of its own.
//!
//! What stands in it: `lock` (locked by the process that runs, its id inside), `VERSION` (the directory's format, a
//! number), `secret` (32 random bytes, for cloaked addresses), and the store's files.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use thiserror::Error;

use crate::backup::restore;

/// The format of the directory that this program writes.
pub const FORMAT: u32 = 1;

const LOCK: &str = "lock";
const VERSION: &str = "VERSION";
const SECRET: &str = "secret";

/// Bytes of the directory's secret.
pub const SECRET_BYTES: usize = 32;

/// Why a data directory cannot be used.
#[derive(Debug, Error)]
pub enum DataDirError {
    /// Another process runs on it.
    #[error("another server (process {process}) holds {}", .path.display())]
    Held {
        /// The directory.
        path: PathBuf,
        /// The other's process id, as it wrote it; `?` when it did not.
        process: String,
    },
    /// A newer program has written it.
    #[error(
        "{} has format {found}, which is newer than format {FORMAT} of this program: use a newer version of loggia, \
         or another directory with --data", .path.display()
    )]
    TooNew {
        /// The directory.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The file that tells the format does not hold a number.
    #[error("{} does not hold a format number: is this a data directory of loggia?", .path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The secret has another size than it should.
    #[error("{} does not hold {SECRET_BYTES} bytes: restore it from a backup, or remove it to have a new one", .path.display())]
    BrokenSecret {
        /// The file.
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

/// A data directory that this process holds until the value is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    secret: [u8; SECRET_BYTES],
    is_new: bool,
    /// Held for its lock.
    _lock: File,
}

impl DataDir {
    /// Takes the directory, making it where it is absent.
    ///
    /// `migrate` brings a directory of an older format, which it is told, to [`FORMAT`]; a copy has been made before.
    ///
    /// # Errors
    /// When another process holds it, when it is of a newer format, when the file system or `migrate` says no.
    pub fn open(path: &Path, migrate: impl FnOnce(&Path, u32) -> io::Result<()>) -> Result<Self, DataDirError> {
        Self::open_as(path, FORMAT, migrate)
    }

    /// Takes the directory's lock, making the directory where it is absent, and looks at nothing in it.
    ///
    /// # Errors
    /// When another process holds it, and when the file system says no.
    pub fn hold(path: &Path) -> Result<Held, DataDirError> {
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("create", path))?;
        let path = path.canonicalize().map_err(failed("find", path))?;
        let lock = take_lock(&path)?;
        Ok(Held { path, lock })
    }

    fn open_as(
        path: &Path,
        format: u32,
        migrate: impl FnOnce(&Path, u32) -> io::Result<()>,
    ) -> Result<Self, DataDirError> {
        let Held { path, lock } = Self::hold(path)?;
        let path = &path;
        restore::finish(path).map_err(failed("finish the restore in", path))?;
        let found = read_format(path)?;
        match found {
            None => write_format(path, format)?,
            Some(found) if found > format => return Err(DataDirError::TooNew { path: path.clone(), found }),
            Some(found) if found < format => {
                copy_of(path, found)?;
                migrate(path, found).map_err(failed("bring to the newest format", path))?;
                write_format(path, format)?;
            }
            Some(_) => {}
        }
        let secret = read_or_make_secret(path)?;
        Ok(Self { path: path.clone(), secret, is_new: found.is_none(), _lock: lock })
    }

    /// Returns where it is, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a file of the directory, or makes it with what `make` returns, for the owner alone.
    ///
    /// # Errors
    /// What the file system or `make` says.
    pub fn read_or_write(&self, name: &str, make: impl FnOnce() -> anyhow::Result<Vec<u8>>) -> anyhow::Result<Vec<u8>> {
        let path = self.path.join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let bytes = make()?;
                write_whole(&self.path, name, &bytes)?;
                Ok(bytes)
            }
            Err(error) => Err(failed("read", &path)(error).into()),
        }
    }

    /// Tells whether no server has used the directory before.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Returns the directory's secret, the same at every start.
    pub fn secret(&self) -> &[u8; SECRET_BYTES] {
        &self.secret
    }
}

/// A data directory that nobody else uses until this is dropped, whatever is in it.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    lock: File,
}

impl Held {
    /// Returns where it is, as an absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DataDirError {
    let path = path.to_owned();
    move |source| DataDirError::Io { action, path, source }
}

fn take_lock(directory: &Path) -> Result<File, DataDirError> {
    let path = directory.join(LOCK);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.open(&path).map_err(failed("open", &path))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => {
            let mut process = String::new();
            let known = file.read_to_string(&mut process).is_ok() && !process.trim().is_empty();
            let process = if known { process.trim().to_owned() } else { "?".to_owned() };
            return Err(DataDirError::Held { path: directory.to_owned(), process });
        }
        Err(error) => return Err(failed("lock", &path)(error.into())),
    }
    let write = |file: &mut File| {
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        writeln!(file, "{}", std::process::id())
    };
    write(&mut file).map_err(failed("write", &path))?;
    Ok(file)
}

fn read_format(directory: &Path) -> Result<Option<u32>, DataDirError> {
    let path = directory.join(VERSION);
    match fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().map(Some).map_err(|_| DataDirError::UnknownFormat { path }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", &path)(error)),
    }
}

fn write_format(directory: &Path, format: u32) -> Result<(), DataDirError> {
    write_whole(directory, VERSION, format!("{format}\n").as_bytes())
}

/// Writes a file, for the owner alone, so that a crash leaves the old one or the new one, never a part.
///
/// # Errors
/// What the file system says.
pub fn write_whole(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), DataDirError> {
    let (part, path) = (directory.join(format!("{name}.part")), directory.join(name));
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, &path)?;
        File::open(directory)?.sync_all()
    };
    write().map_err(failed("write", &path))
}

/// Copies everything into a directory beside the originals, so that a migration that goes wrong can be undone.
fn copy_of(directory: &Path, format: u32) -> Result<(), DataDirError> {
    let copy = directory.join(format!("before-format-{}", format + 1));
    if copy.exists() {
        return Ok(());
    }
    let part = directory.join("before-format.part");
    let make = || {
        if part.exists() {
            fs::remove_dir_all(&part)?;
        }
        DirBuilder::new().mode(0o700).create(&part)?;
        for entry in fs::read_dir(directory)? {
            let (entry, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
            // Sockets cannot be copied, and directories are earlier copies.
            if fs::symlink_metadata(&entry)?.is_file() && name != LOCK {
                fs::copy(&entry, part.join(&name))?;
                File::open(part.join(&name))?.sync_all()?;
            }
        }
        fs::rename(&part, &copy)
    };
    make().map_err(failed("copy before migrating", directory))
}

fn read_or_make_secret(directory: &Path) -> Result<[u8; SECRET_BYTES], DataDirError> {
    let path = directory.join(SECRET);
    match fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| DataDirError::BrokenSecret { path }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut secret = [0; SECRET_BYTES];
            getrandom::fill(&mut secret)
                .map_err(|error| failed("draw random bytes for", &path)(io::Error::other(error.to_string())))?;
            write_whole(directory, SECRET, &secret)?;
            Ok(secret)
        }
        Err(error) => Err(failed("read", &path)(error)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::testing::Scratch;

    fn nothing(_: &Path, format: u32) -> io::Result<()> {
        unreachable!("nothing to migrate from format {format}")
    }

    #[test]
    fn made_private_with_a_secret_that_stays() {
        let scratch = Scratch::new();
        let path = scratch.path().join("deep/data");
        let first = *DataDir::open(&path, nothing).unwrap().secret();
        assert_eq!(first, *DataDir::open(&path, nothing).unwrap().secret());
        assert_ne!(first, [0; SECRET_BYTES]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join("secret")), 0o600);
        assert_eq!(mode(&path.join("lock")), 0o600);
    }

    #[test]
    fn held_by_one_at_a_time() {
        let scratch = Scratch::new();
        let held = DataDir::open(scratch.path(), nothing).unwrap();
        let error = DataDir::open(scratch.path(), nothing).unwrap_err().to_string();
        assert_eq!(error, format!("another server (process {}) holds {}", std::process::id(), held.path().display()));
        drop(held);
        DataDir::open(scratch.path(), nothing).unwrap();
    }

    #[test]
    fn newer_formats_are_refused_and_left_alone() {
        let scratch = Scratch::new();
        drop(DataDir::open_as(scratch.path(), FORMAT + 1, nothing).unwrap());
        let error = DataDir::open(scratch.path(), nothing).unwrap_err().to_string();
        assert!(error.contains("has format 2, which is newer than format 1"), "{error}");
        assert_eq!(fs::read_to_string(scratch.path().join(VERSION)).unwrap(), "2\n");
    }

    #[test]
    fn older_formats_are_copied_then_migrated() {
        let scratch = Scratch::new();
        drop(DataDir::open(scratch.path(), nothing).unwrap());
        let store = scratch.path().join("store");
        fs::write(&store, "old").unwrap();
        let refused = DataDir::open_as(scratch.path(), FORMAT + 1, |_, _| Err(io::Error::other("no")));
        assert!(matches!(refused, Err(DataDirError::Io { .. })));
        assert_eq!(fs::read_to_string(scratch.path().join(VERSION)).unwrap(), "1\n");
        DataDir::open_as(scratch.path(), FORMAT + 1, |path, from| {
            assert_eq!((from, fs::read_to_string(path.join("before-format-2/store"))?), (FORMAT, "old".to_owned()));
            fs::write(path.join("store"), "new")
        })
        .unwrap();
        assert_eq!(fs::read_to_string(&store).unwrap(), "new");
        assert_eq!(fs::read_to_string(scratch.path().join("before-format-2/store")).unwrap(), "old");
        assert_eq!(fs::read_to_string(scratch.path().join(VERSION)).unwrap(), "2\n");
    }

    #[test]
    fn a_foreign_directory_is_not_touched() {
        let scratch = Scratch::new();
        fs::write(scratch.path().join(VERSION), "Ubuntu").unwrap();
        assert!(matches!(DataDir::open(scratch.path(), nothing), Err(DataDirError::UnknownFormat { .. })));
        fs::write(scratch.path().join(VERSION), "1").unwrap();
        fs::write(scratch.path().join(SECRET), "short").unwrap();
        assert!(matches!(DataDir::open(scratch.path(), nothing), Err(DataDirError::BrokenSecret { .. })));
    }
}
