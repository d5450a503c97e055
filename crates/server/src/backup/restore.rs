//! `loggia restore`: puts a backup in the place of the data, so that a crash at any moment leaves either.
//!
//! The backup is checked, written into the directory `restoring` beside the data, brought up to date and looked through.
//! Renaming that directory to `restored/new` decides. What follows only moves names, can be done again from any point, and
//! is: by this process, or by whichever opens the data directory next. First the former data is moved into
//! `restored/former`; renaming `new` to `placed` says that it is all there; then the new files are moved into their places;
//! at last the directory becomes `before-restore-1`, which nobody needs any more.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chat::permission::ArchiveAction;
use store::Options;

use super::archive;
use crate::cli::Failure;
use crate::config::ConfigSource;
use crate::data_dir::DataDir;
use crate::{owner, translate};

const RESTORING: &str = "restoring";
const RESTORED: &str = "restored";

/// Files that stay where they are: they belong to the process that holds the directory.
const STAYING: [&str; 2] = ["lock", "control.sock"];

/// Restores a backup; returns what is to be printed.
///
/// # Errors
/// When a server runs on the directory, when the file is no backup or is damaged, and when the disk says no. The data is
/// then as it was.
pub fn run(source: &ConfigSource, file: &Path) -> Result<String, Failure> {
    owner::expect_may(ArchiveAction::Restore)?;
    let config = source.load()?;
    let directory = Path::new(&config.server.data);
    let list = archive::check(file)?;
    let held = DataDir::hold(directory).map_err(anyhow::Error::from)?;
    let now = crate::event_loop::clock::Clock::new().now().wall;
    let options = Options { durability: store::Durability::Disk, ..translate::store_options(&config, now) };
    let report = prepare(held.path(), file, &list, options)?;
    decide(held.path()).context("cannot put the backup in its place")?;
    let former = finish(held.path()).context("cannot put the backup in its place; the next start goes on with it")?;
    let former = former.map(|former| format!("\nwhat was there before is in {}", former.display()));
    Ok(format!(
        "restored {}, written by loggia {}: {report}{}\n",
        file.display(),
        list.program,
        former.unwrap_or_default()
    ))
}

/// Writes the backup beside the data and looks through it.
fn prepare(directory: &Path, file: &Path, list: &archive::List, options: Options) -> anyhow::Result<store::Report> {
    let restoring = directory.join(RESTORING);
    // What an attempt left that came to no end.
    remove_directory(&restoring)?;
    DirBuilder::new().mode(0o700).create(&restoring)?;
    let ready = archive::extract(file, list, &restoring).and_then(|()| {
        let report = store::make_ready(&restoring, options)?;
        if !report.is_well() {
            bail!("what is in it is damaged: {report}");
        }
        Ok(report)
    });
    if ready.is_err() {
        remove_directory(&restoring)?;
    }
    ready.with_context(|| format!("cannot restore {}", file.display()))
}

fn decide(directory: &Path) -> io::Result<()> {
    let restored = directory.join(RESTORED);
    DirBuilder::new().recursive(true).mode(0o700).create(&restored)?;
    sync(&directory.join(RESTORING))?;
    fs::rename(directory.join(RESTORING), restored.join("new"))?;
    sync(&restored)?;
    sync(directory)
}

/// Goes on with a restore that was decided, from wherever it stands. Returns where the former data is, if there was any.
///
/// # Errors
/// What the file system says; it can be tried again.
pub fn finish(directory: &Path) -> io::Result<Option<PathBuf>> {
    let restored = directory.join(RESTORED);
    if !restored.exists() {
        return Ok(None);
    }
    let (new, former, placed) = (restored.join("new"), restored.join("former"), restored.join("placed"));
    if new.exists() {
        DirBuilder::new().recursive(true).mode(0o700).create(&former)?;
        move_files(directory, &former, |name| !STAYING.contains(&name))?;
        fs::rename(&new, &placed)?;
        sync(&restored)?;
    }
    if placed.exists() {
        move_files(&placed, directory, |_| true)?;
        fs::remove_dir_all(&placed)?;
    }
    let is_empty = !former.exists() || fs::read_dir(&former)?.next().is_none();
    if is_empty {
        remove_directory(&restored)?;
        sync(directory)?;
        return Ok(None);
    }
    let names = (1_u32..).map(|number| directory.join(format!("before-restore-{number}")));
    let Some(kept) = names.into_iter().find(|name| !name.exists()) else { return Ok(None) };
    fs::rename(&restored, &kept)?;
    sync(directory)?;
    Ok(Some(kept))
}

/// Moves the files of one directory into another, and the directory of those that people share; other directories stay.
fn move_files(from: &Path, to: &Path, is_meant: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if (entry.file_type()?.is_file() || name == archive::TREE) && is_meant(&name.to_string_lossy()) {
            fs::rename(entry.path(), to.join(&name))?;
        }
    }
    sync(from)?;
    sync(to)
}

fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

fn remove_directory(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::testing::Scratch;

    fn read(directory: &Path, name: &str) -> Option<String> {
        fs::read_to_string(directory.join(name)).ok()
    }

    /// A data directory with something in it, and a restore that was decided.
    fn decided(scratch: &Scratch) -> &Path {
        let directory = scratch.path();
        for (place, text) in [(directory.to_owned(), "old"), (directory.join(RESTORING), "new")] {
            fs::create_dir_all(place.join(archive::TREE)).unwrap();
            fs::write(place.join(archive::TREE).join("picture"), text).unwrap();
        }
        for (name, text) in [("lock", "1"), ("loggia.db", "old"), ("loggia.db-wal", "old wal"), ("secret", "old")] {
            fs::write(directory.join(name), text).unwrap();
        }
        fs::write(directory.join(RESTORING).join("loggia.db"), "new").unwrap();
        fs::write(directory.join(RESTORING).join("secret"), "new").unwrap();
        decide(directory).unwrap();
        directory
    }

    fn check(directory: &Path) {
        assert_eq!(
            (read(directory, "loggia.db").unwrap(), read(directory, "secret").unwrap()),
            ("new".into(), "new".into())
        );
        assert_eq!((read(directory, "loggia.db-wal"), read(directory, "lock")), (None, Some("1".into())));
        let former = directory.join("before-restore-1/former");
        assert_eq!(
            (read(&former, "loggia.db").unwrap(), read(&former, "loggia.db-wal").unwrap()),
            ("old".into(), "old wal".into())
        );
        assert_eq!(read(&former, "secret").unwrap(), "old");
        let pictures = [directory, &former].map(|place| read(&place.join(archive::TREE), "picture").unwrap());
        assert_eq!(pictures, ["new", "old"]);
        assert!(!directory.join(RESTORED).exists() && !directory.join(RESTORING).exists());
    }

    #[test]
    fn nothing_was_decided_nothing_is_done() {
        let scratch = Scratch::new();
        fs::write(scratch.path().join("loggia.db"), "old").unwrap();
        assert_eq!(finish(scratch.path()).unwrap(), None);
        assert_eq!(read(scratch.path(), "loggia.db").unwrap(), "old");
    }

    #[test]
    fn a_decided_restore_is_finished_from_wherever_it_was_left() {
        let scratch = Scratch::new();
        let directory = decided(&scratch);
        assert_eq!(finish(directory).unwrap(), Some(directory.join("before-restore-1")));
        check(directory);

        // Every moment between two moves of a name.
        let restored = |directory: &Path, name: &str| directory.join(RESTORED).join(name);
        let moments: [&dyn Fn(&Path); 5] = [
            &|directory| fs::create_dir(restored(directory, "former")).unwrap(),
            &|directory| {
                fs::create_dir(restored(directory, "former")).unwrap();
                fs::rename(directory.join(archive::TREE), restored(directory, "former/uploads")).unwrap();
            },
            &|directory| {
                fs::create_dir(restored(directory, "former")).unwrap();
                fs::rename(directory.join("loggia.db"), restored(directory, "former/loggia.db")).unwrap();
            },
            &|directory| {
                fs::create_dir(restored(directory, "former")).unwrap();
                for name in ["loggia.db", "loggia.db-wal", "secret", archive::TREE] {
                    fs::rename(directory.join(name), restored(directory, &format!("former/{name}"))).unwrap();
                }
                fs::rename(restored(directory, "new"), restored(directory, "placed")).unwrap();
                fs::rename(restored(directory, "placed/secret"), directory.join("secret")).unwrap();
            },
            &|directory| {
                fs::create_dir(restored(directory, "former")).unwrap();
                for name in ["loggia.db", "loggia.db-wal", "secret", archive::TREE] {
                    fs::rename(directory.join(name), restored(directory, &format!("former/{name}"))).unwrap();
                }
                for name in ["loggia.db", "secret", archive::TREE] {
                    fs::rename(restored(directory, &format!("new/{name}")), directory.join(name)).unwrap();
                }
                fs::remove_dir(restored(directory, "new")).unwrap();
            },
        ];
        for moment in moments {
            let scratch = Scratch::new();
            let directory = decided(&scratch);
            moment(directory);
            assert_eq!(finish(directory).unwrap(), Some(directory.join("before-restore-1")));
            check(directory);
        }
    }

    #[test]
    fn what_was_not_decided_is_no_restore() {
        let scratch = Scratch::new();
        fs::create_dir(scratch.path().join(RESTORING)).unwrap();
        fs::write(scratch.path().join(RESTORING).join("loggia.db"), "half").unwrap();
        assert_eq!(finish(scratch.path()).unwrap(), None);
        assert!(read(scratch.path(), "loggia.db").is_none());
    }
}
