//! Copies that are made while the server runs: each is opened and looked through.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chat::ids::Seq;
use rusqlite::{Connection, OpenFlags};
use store::Files as _;

use super::World;
use crate::disk::Disk;
use crate::vfs;
use crate::watch::Rule;

impl World {
    /// Where copies are made, one after the other.
    fn copy_dir(&self) -> PathBuf {
        self.dir.join("copy")
    }

    pub(super) fn begin_backup(&mut self) {
        let target = self.copy_dir().join(store::DATABASE_FILE);
        if let Some(server) = &mut self.server
            && let Some(through) = server.begin_backup(&self.disk, &self.dir, target)
        {
            self.backup_through = Some(through);
        }
    }

    /// Looks at a backup that has just ended, and removes it.
    pub(super) fn look_at_backup(&mut self) {
        let Some(copied) = self.server.as_mut().and_then(|server| server.crew.take_backup()) else { return };
        if let (Ok(()), Some(through), false) = (copied, self.backup_through.take(), self.disk.has_crashed()) {
            let (disk, dir) = (self.disk.clone(), self.copy_dir());
            match disk.in_peace(|| what_is_wrong(&disk, &dir, through)) {
                None => self.watch.counts.backups += 1,
                Some(what) => self.watch.violate(Rule::Whole, format!("a backup is not whole: {what}")),
            }
        }
        self.remove_copy();
    }

    /// What a copy was to be is gone with its process, too: another process begins anew.
    pub(super) fn remove_copy(&mut self) {
        for ending in ["", "-journal", "-wal", "-shm"] {
            self.disk.remove(&self.copy_dir().join(format!("{}{ending}", store::DATABASE_FILE)));
        }
    }
}

/// Looks through a copy.
fn what_is_wrong(disk: &Disk, dir: &Path, through: Seq) -> Option<String> {
    let on = store::Disk { vfs: Some(vfs::NAME), files: Arc::new(disk.clone()) };
    match store::verify_on(&on, dir) {
        Err(error) => return Some(error.to_string()),
        Ok(report) if !report.is_well() => return Some(report.to_string()),
        Ok(_) => {}
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let newest =
        Connection::open_with_flags_and_vfs(dir.join(store::DATABASE_FILE), flags, vfs::NAME).and_then(|copy| {
            let sql = "SELECT max(coalesce((SELECT max(seq) FROM facts), 0),
                              coalesce((SELECT value FROM meta WHERE name = 'removed_through'), 0))";
            copy.query_row(sql, [], |row| row.get::<_, i64>(0))
        });
    match newest {
        Ok(newest) if u64::try_from(newest).unwrap_or(0) >= through.0 => None,
        Ok(newest) => Some(format!("it ends with fact {newest}, and {} was committed before it began", through.0)),
        Err(error) => Some(error.to_string()),
    }
}
