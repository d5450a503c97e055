//! Copies of the whole database, for backups: made while it is used, and made ready to be used in its place.

use std::fs;
use std::path::Path;

use chat::ids::LogId;
use rusqlite::params;

use crate::disk::Disk;
use crate::error::StoreError;
use crate::open::{Options, open};
use crate::schema::{self, DATABASE_FILE};
use crate::verify::{Report, verify};
use crate::{connection, kept};

/// Writes all that is committed into another file, which must be absent or empty, and syncs it. What was erased is not in
/// it, nor is free space. Commits go on meanwhile.
///
/// # Errors
/// When the database cannot be read or the copy not be written.
pub fn copy(dir: &Path, target: &Path) -> Result<(), StoreError> {
    copy_on(&Disk::default(), dir, target)
}

/// Does [`copy`] on another disk.
///
/// # Errors
/// Those of [`copy`].
pub fn copy_on(disk: &Disk, dir: &Path, target: &Path) -> Result<(), StoreError> {
    let path = dir.join(DATABASE_FILE);
    let failed = |source| StoreError::database("copy", &path, source);
    let connection = connection::reading(&path, disk.vfs).map_err(failed)?;
    schema::expect_newest(&*disk.files, &connection, &path)?;
    connection.execute("VACUUM INTO ?1", params![target.to_string_lossy()]).map_err(failed)?;
    forget_what_the_index_has(disk, target).map_err(failed)?;
    let synced = disk.files.sync(target);
    synced.map_err(|source| StoreError::Io { action: "sync the copy", path: target.to_owned(), source })
}

/// Erased texts that the index of words still had: the copy has no index.
fn forget_what_the_index_has(disk: &Disk, copy: &Path) -> rusqlite::Result<()> {
    let connection = connection::unchanged(copy, disk.vfs)?;
    connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    connection.execute("DELETE FROM to_forget", [])?;
    connection.close().map_err(|(_, error)| error)
}

/// Makes a copy ready to be used in the place of the database that it was made of: brings it up to date, and looks through
/// it. Message ids that were given after the copy was made must not be given again, and how many there were is not known:
/// so places go on far behind.
///
/// # Errors
/// When it cannot be opened. What is wrong inside is in the report.
pub fn make_ready(dir: &Path, options: Options) -> Result<Report, StoreError> {
    let path = dir.join(DATABASE_FILE);
    let durability = options.durability;
    let former = formats_before(dir)?;
    let opened = open(dir, options, LogId(0))?;
    opened.log.close().map_err(|error| StoreError::Damaged { path: path.clone(), what: error.to_string() })?;
    // The backup itself is the copy that a migration makes.
    for copy in formats_before(dir)?.into_iter().filter(|copy| !former.contains(copy)) {
        fs::remove_file(&copy).map_err(|source| StoreError::Io { action: "remove", path: copy.clone(), source })?;
    }
    let failed = |source| StoreError::database("make ready", &path, source);
    let mut connection = connection::writing(&path, None, durability).map_err(failed)?;
    let transaction = connection.transaction().map_err(failed)?;
    kept::go_on_far_behind(&transaction).map_err(failed)?;
    transaction.commit().map_err(failed)?;
    connection.close().map_err(|(_, source)| failed(source))?;
    verify(dir)
}

/// Lists the copies that migrations have made.
fn formats_before(dir: &Path) -> Result<Vec<std::path::PathBuf>, StoreError> {
    let failed = |source| StoreError::Io { action: "list", path: dir.to_owned(), source };
    let mut copies = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(DATABASE_FILE) && Path::new(&name).extension().is_some_and(|ending| ending == "bak") {
            copies.push(path);
        }
    }
    Ok(copies)
}
