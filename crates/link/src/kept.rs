//! What outlives the program: what is to be said and where one is (one file for each server and program at a time), and
//! what is known of servers (one file for all).
//!
//! `$XDG_STATE_HOME/loggia/chat/`, else `~/.local/state/loggia/chat/`. Files are written anew beside the old one and take its
//! place when they are on disk, so that nothing is ever half written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use client::network::Kept;
use serde::{Deserialize, Serialize};

/// How many programs may speak with one server under one name at once, each with an outbox of its own.
const OUTBOXES_MAX: usize = 32;

/// The longest file that is read, in bytes: more is none of ours.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// The directory.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

/// What is known of servers, and the last one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// The address of the last server, and the name there.
    pub last: Option<(String, String)>,
    /// By [`Address::key`](crate::address::Address::key).
    pub servers: BTreeMap<String, Server>,
}

/// What is known of a server.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Server {
    /// Whether it has encrypted.
    pub was_encrypted: bool,
    /// Whose certificate the person believes.
    pub fingerprint: Option<String>,
    /// Whether it may be spoken with in clear.
    pub may_be_clear: bool,
    /// Whom the person does not want to hear there.
    pub ignored: BTreeSet<String>,
    /// Rooms of which nothing is told there.
    pub muted: BTreeSet<String>,
}

/// An outbox that is this program's alone, until it is dropped.
pub struct Outbox {
    file: PathBuf,
    _lock: File,
    /// What stands in the file of what is to be said.
    said: Vec<u8>,
    /// The whole of it.
    whole: Vec<u8>,
}

/// What is to be written, and is not yet.
#[derive(Debug)]
pub struct Unwritten {
    said: Vec<u8>,
    whole: Vec<u8>,
}

impl Directory {
    /// Finds the directory, and makes it.
    ///
    /// # Errors
    ///
    /// There is no home, or it cannot be made.
    pub fn open() -> anyhow::Result<Self> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let state = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")));
        let state = state.or_else(|| set("LOCALAPPDATA"));
        let Some(state) = state else { bail!("cannot tell where to keep what is to be said: HOME is not set") };
        Self::at(state.join("loggia/chat"))
    }

    /// Uses this one.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn at(path: PathBuf) -> anyhow::Result<Self> {
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        for_owner(&path, 0o700);
        Ok(Self(path))
    }

    /// Reads what is known of servers. A file that cannot be read is none: nothing in it is worth not starting.
    pub fn known(&self) -> Known {
        read(&self.0.join("servers.json")).ok().flatten().unwrap_or_default()
    }

    /// Changes what is known of servers, as other programs have left it.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn change(&self, change: impl FnOnce(&mut Known)) -> anyhow::Result<()> {
        let lock = lock_file(&self.0.join("servers.lock"))?;
        lock.lock().context("cannot lock what is known of servers")?;
        let mut known = self.known();
        change(&mut known);
        write(&self.0.join("servers.json"), &serde_json::to_vec_pretty(&known)?)
    }

    /// Reads a file of a program's own; nothing when there is none.
    ///
    /// # Errors
    ///
    /// It cannot be read, or is damaged.
    pub fn read<T: serde::de::DeserializeOwned>(&self, name: &str) -> anyhow::Result<Option<T>> {
        read(&self.0.join(name))
    }

    /// Writes a file of a program's own.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn write<T: Serialize>(&self, name: &str, value: &T) -> anyhow::Result<()> {
        write(&self.0.join(name), &serde_json::to_vec_pretty(value)?)
    }

    /// Takes the first outbox for a server and a name that no other program has. `random` is for a new one.
    ///
    /// # Errors
    ///
    /// It cannot be read or written, or there are too many.
    pub fn outbox(&self, server: &str, name: &str, random: u128) -> anyhow::Result<(Outbox, Kept)> {
        let name: String =
            name.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).take(64).collect();
        for number in 1..=OUTBOXES_MAX {
            let file = self.0.join(format!("{server}-{name}-{number}.json"));
            let lock = lock_file(&file.with_extension("lock"))?;
            if lock.try_lock().is_err() {
                continue;
            }
            let kept = match read::<Kept>(&file) {
                Ok(kept) => kept.unwrap_or_else(|| Kept::new(random)),
                Err(error) => {
                    // What was to be said may still be got out of it by hand.
                    let aside = file.with_extension("damaged");
                    fs::rename(&file, &aside).with_context(|| format!("cannot set {} aside", file.display()))?;
                    eprintln!("loggia: {error:#}; it is {} now", aside.display());
                    Kept::new(random)
                }
            };
            let mut outbox = Outbox { file, _lock: lock, said: Vec::new(), whole: Vec::new() };
            outbox.keep(&kept, true)?;
            return Ok((outbox, kept));
        }
        bail!("{OUTBOXES_MAX} programs speak with this server under this name already")
    }
}

impl Outbox {
    /// Returns what is to be written, if something has changed. Where only the place in the conversation has, it is when
    /// `is_due`: a place that is a little old costs nothing, what is to be said must be on disk before it is sent.
    ///
    /// # Errors
    ///
    /// It cannot be put into words, which nothing that was said can bring about.
    pub fn changed(&self, kept: &Kept, is_due: bool) -> anyhow::Result<Option<Unwritten>> {
        let said = serde_json::to_vec(&kept.outbox)?;
        if said == self.said && !is_due {
            return Ok(None);
        }
        let whole = serde_json::to_vec(kept)?;
        Ok((whole != self.whole).then_some(Unwritten { said, whole }))
    }

    /// Writes it.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn write(&mut self, unwritten: Unwritten) -> anyhow::Result<()> {
        write(&self.file, &unwritten.whole)?;
        (self.said, self.whole) = (unwritten.said, unwritten.whole);
        Ok(())
    }

    /// Both at once.
    ///
    /// # Errors
    ///
    /// It cannot be written.
    pub fn keep(&mut self, kept: &Kept, is_due: bool) -> anyhow::Result<()> {
        self.changed(kept, is_due)?.map_or(Ok(()), |unwritten| self.write(unwritten))
    }
}

fn lock_file(path: &Path) -> anyhow::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    options.open(path).with_context(|| format!("cannot open {}", path.display()))
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<Option<T>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(file, FILE_BYTES_MAX), &mut bytes)
        .with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).map(Some).with_context(|| format!("{} is damaged", path.display()))
}

/// Writes a file so that it is the old one or the new one, whatever happens.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("new");
    let written = || -> std::io::Result<()> {
        let mut file = File::create(&beside)?;
        for_owner(&beside, 0o600);
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        // The name is on disk with its directory.
        path.parent().map_or(Ok(()), sync_directory)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(unix)]
fn sync_directory(directory: &Path) -> std::io::Result<()> {
    File::open(directory)?.sync_all()
}

/// Where a directory is no file, the system sees to it.
#[cfg(not(unix))]
fn sync_directory(_directory: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Lets nobody else read it: what is kept has secrets in it.
#[cfg(unix)]
fn for_owner(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    // On a disk without such rights, too, the directory is as private as the home is.
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(mode));
}

/// Where there are no such rights, the directory is as private as the home is.
#[cfg(not(unix))]
fn for_owner(_path: &Path, _mode: u32) {}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use client::outbox::What;

    use super::*;

    fn directory(name: &str) -> (PathBuf, Directory) {
        let path = std::env::temp_dir().join(format!("loggia-kept-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        (path.clone(), Directory::at(path).unwrap())
    }

    #[test]
    fn what_is_to_be_said_outlives_the_program_and_two_programs_have_two_outboxes() {
        let (path, directory) = directory("outbox");
        let (mut first, mut kept) = directory.outbox("irc-a-1", "anna", 1).unwrap();
        kept.outbox.push(What::say("#tea", "ciao"));
        first.keep(&kept, false).unwrap();
        let (second, other) = directory.outbox("irc-a-1", "anna", 2).unwrap();
        assert_eq!(other.outbox.entries().count(), 0);
        drop((first, second));
        let (again, kept) = directory.outbox("irc-a-1", "anna", 3).unwrap();
        assert_eq!(kept.outbox.entries().count(), 1);
        // A place alone is written when it is time.
        let written = fs::metadata(&again.file).unwrap().modified().unwrap();
        let mut again = again;
        again.keep(&kept, false).unwrap();
        assert_eq!(fs::metadata(&again.file).unwrap().modified().unwrap(), written);
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn a_damaged_file_is_set_aside() {
        let (path, directory) = directory("damaged");
        drop(directory.outbox("irc-a-1", "anna/..", 1).unwrap());
        let file = path.join("irc-a-1-anna----1.json");
        fs::write(&file, "{").unwrap();
        let (_outbox, kept) = directory.outbox("irc-a-1", "anna/..", 2).unwrap();
        assert_eq!(kept.outbox.entries().count(), 0);
        assert_eq!(fs::read_to_string(file.with_extension("damaged")).unwrap(), "{");
        fs::remove_dir_all(path).unwrap();
    }

    #[test]
    fn what_is_known_of_servers_is_for_all_programs() {
        let (path, directory) = directory("servers");
        directory.change(|known| known.servers.entry("a".into()).or_default().was_encrypted = true).unwrap();
        let other = Directory::at(path.clone()).unwrap();
        other.change(|known| known.last = Some(("a".into(), "anna".into()))).unwrap();
        let known = directory.known();
        assert!(known.servers["a"].was_encrypted && known.last.is_some());
        fs::remove_dir_all(path).unwrap();
    }
}
