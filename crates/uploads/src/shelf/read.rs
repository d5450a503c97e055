//! The directory read: at the start, and to be looked through.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::{ABOUT, DIRECTORY, PART, ShelfError, THUMBNAIL, failed};
use crate::entry::Entry;
use crate::name::Id;

/// The largest of what is kept beside a file: names are bounded.
const ABOUT_BYTES_MAX: u64 = 16 * 1024;

/// Reads what is known of all files, and removes what was left unfinished.
pub(super) fn clean_up(directory: &Path) -> Result<Vec<Entry>, ShelfError> {
    let names = names(directory)?;
    let mut kept = BTreeSet::new();
    let mut entries = Vec::new();
    for name in &names {
        let Some(id) = about_id(name) else { continue };
        match read_entry(directory, name) {
            Ok(entry) if directory.join(&entry.name).is_file() => {
                kept.extend([name.clone(), entry.name.clone(), format!("{id}.{THUMBNAIL}")]);
                entries.push(entry);
            }
            Ok(entry) => tracing::error!(name = entry.name, "a file that was shared is missing"),
            // It is left where it is, with its file: somebody may be able to mend it.
            Err(error) => {
                tracing::error!(%error, "what is kept of a file cannot be read");
                kept.extend(names.iter().filter(|other| other.starts_with(&id.to_string())).cloned());
            }
        }
    }
    for name in names.iter().filter(|name| !kept.contains(*name) && is_ours(name)) {
        let path = directory.join(name);
        fs::remove_file(&path).map_err(failed("remove", &path))?;
    }
    Ok(entries)
}

/// Lists the names in a data directory's shelf that are whole, for a backup: of each file its bytes before what makes them a file.
///
/// # Errors
/// When the directory cannot be listed.
pub fn files(data: &Path) -> Result<Vec<String>, ShelfError> {
    let directory = data.join(DIRECTORY);
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = names(&directory)?;
    names.retain(|name| is_ours(name) && !name.ends_with(PART));
    names.sort_by_key(|name| about_id(name).is_some());
    Ok(names)
}

fn names(directory: &Path) -> Result<Vec<String>, ShelfError> {
    let read = || {
        let mut names = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string()
                && entry.file_type()?.is_file()
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    };
    read().map_err(failed("list", directory))
}

/// Tells whether a file has a name that only this program gives.
fn is_ours(name: &str) -> bool {
    name.split_once('.').is_some_and(|(id, _)| Id::parse(id).is_some())
}

fn about_id(name: &str) -> Option<Id> {
    let (id, ending) = name.split_once('.')?;
    Id::parse(id).filter(|_| ending == ABOUT)
}

fn read_entry(directory: &Path, name: &str) -> Result<Entry, ShelfError> {
    let path = directory.join(name);
    let read = || {
        let mut text = String::new();
        File::open(&path)?.take(ABOUT_BYTES_MAX).read_to_string(&mut text)?;
        let entry: Entry = serde_json::from_str(&text)?;
        let is_own = entry.stored_name().is_some_and(|stored| Some(stored.id) == about_id(name));
        if is_own { Ok(entry) } else { Err(io::Error::other("it is about another file")) }
    };
    read().map_err(failed("read", &path))
}

/// What was found when all files were looked through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many there are.
    pub files: usize,
    /// What is wrong with some.
    pub damages: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} shared files", self.files)?;
        self.damages.iter().try_for_each(|damage| write!(f, "\n{damage}"))
    }
}

/// Reads all files of a data directory and compares them with what is kept of them. Files may come and go meanwhile.
///
/// # Errors
/// When the directory cannot be listed.
pub fn verify(data: &Path) -> Result<Report, ShelfError> {
    let directory = data.join(DIRECTORY);
    let mut report = Report::default();
    if !directory.is_dir() {
        return Ok(report);
    }
    for name in names(&directory)?.iter().filter(|name| about_id(name).is_some()) {
        let entry = match read_entry(&directory, name) {
            Ok(entry) => entry,
            Err(_) if !directory.join(name).exists() => continue,
            Err(error) => {
                report.damages.push(format!("{error}: the file is not served"));
                continue;
            }
        };
        report.files += 1;
        let sum = sum_of(&directory.join(&entry.name));
        let thumbnail = directory.join(name.replace(ABOUT, THUMBNAIL));
        let has_thumbnail = entry.thumbnail.is_none() || thumbnail.is_file();
        if sum.as_ref().is_ok_and(|sum| *sum == entry.sha256) && has_thumbnail || !directory.join(name).exists() {
            continue;
        }
        report.damages.push(match sum {
            Ok(sum) if sum != entry.sha256 => format!("{}: it is not what was sent", entry.name),
            Ok(_) => format!("{}: its smaller picture is missing", entry.name),
            Err(error) => format!("{}: cannot be read: {error}", entry.name),
        });
    }
    Ok(report)
}

fn sum_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let (mut sum, mut chunk) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(HEXLOWER.encode(&sum.finalize())),
            read => sum.update(&chunk[..read]),
        }
    }
}
