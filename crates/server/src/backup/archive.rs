//! The file of a backup, written and read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What stands at the end, before the length and the checksum. The number is the format's: 2 has files of a directory, too.
const MARK: &str = "loggia backup 2";

/// The same of what older versions have written, which has no files of a directory.
const OLDER_MARK: &str = "loggia backup 1";

/// The last line: the mark, 16 digits of length and 64 of checksum, in hexadecimal.
const LAST_LINE_BYTES: u64 = MARK.len() as u64 + 1 + 16 + 1 + 64 + 1;

/// The longest list of files: a million files that people share.
const LIST_BYTES_MAX: u64 = 1 << 28;

/// What is copied at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// The directory whose files are in a backup, too: those that people share.
pub(super) const TREE: &str = uploads::shelf::DIRECTORY;

/// Files of the data directory that mean nothing elsewhere, or are made anew.
const LEFT_OUT: [&str; 3] = ["lock", "control.sock", "loggia-index.db"];

/// What is in a backup.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct List {
    /// The version of the program that has written it.
    pub(super) program: String,
    /// The files, in their order.
    pub(super) files: Vec<Entry>,
}

/// A file in a backup.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its name in the data directory; in front of it, where it has one, its directory and a slash.
    pub(super) name: String,
    /// Its size.
    pub(super) bytes: u64,
}

/// Writes a backup of a data directory and syncs it; returns its size.
pub(super) fn write(directory: &Path, target: &Path) -> anyhow::Result<u64> {
    // Whoever reads the directory may read the backup, and nobody else. SQLite takes an empty file.
    OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(target)?;
    store::copy(directory, target)?;
    let mut file = OpenOptions::new().read(true).write(true).open(target)?;
    let mut sum = Sha256::new();
    let database = pass(&mut file, u64::MAX, |bytes| {
        sum.update(bytes);
        Ok(())
    })?;
    let mut files = vec![Entry { name: store::DATABASE_FILE.to_owned(), bytes: database }];
    for name in others(directory)? {
        let path = directory.join(&name);
        let mut other = match File::open(&path) {
            // Removed by whoever shared it, meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound && name.starts_with(TREE) => continue,
            other => other.with_context(|| format!("cannot read {}", path.display()))?,
        };
        let bytes = pass(&mut other, u64::MAX, |bytes| {
            sum.update(bytes);
            file.write_all(bytes)
        })?;
        files.push(Entry { name, bytes });
    }
    let list = List { program: env!("CARGO_PKG_VERSION").to_owned(), files };
    let list = serde_json::to_vec(&list).context("cannot write the list of files")?;
    sum.update(&list);
    file.write_all(&list)?;
    writeln!(file, "{MARK} {:016x} {}", list.len(), HEXLOWER.encode(&sum.finalize()))?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// Lists the files beside the database that belong into a backup.
fn others(directory: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let is_left_out = LEFT_OUT.iter().any(|left_out| name.starts_with(left_out));
        let is_of_database = name.starts_with(store::DATABASE_FILE);
        let is_unfinished =
            Path::new(&name).extension().is_some_and(|ending| ending == "part" || ending == "unfinished");
        if entry.file_type()?.is_file() && !is_left_out && !is_of_database && !is_unfinished {
            names.push(name);
        }
    }
    names.sort();
    names.extend(uploads::shelf::files(directory)?.into_iter().map(|name| format!("{TREE}/{name}")));
    Ok(names)
}

/// Reads a backup to its end and compares the checksum; returns what is in it.
pub(super) fn check(file: &Path) -> anyhow::Result<List> {
    let mut opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    let not_ours = || format!("{} is not a backup of loggia, or its end is missing", file.display());
    let length = opened.metadata()?.len();
    let end = length.checked_sub(LAST_LINE_BYTES).with_context(not_ours)?;
    opened.seek(SeekFrom::Start(end))?;
    let mut line = String::new();
    opened.read_to_string(&mut line).with_context(not_ours)?;
    let (list_bytes, expected) = last_line(&line).with_context(not_ours)?;
    let list_at = end.checked_sub(list_bytes).filter(|_| list_bytes <= LIST_BYTES_MAX).with_context(not_ours)?;
    opened.seek(SeekFrom::Start(0))?;
    let mut sum = Sha256::new();
    pass(&mut opened, end, |bytes| {
        sum.update(bytes);
        Ok(())
    })?;
    if HEXLOWER.encode(&sum.finalize()) != expected {
        bail!("{} is damaged: its checksum does not agree", file.display());
    }
    opened.seek(SeekFrom::Start(list_at))?;
    let mut list = Vec::new();
    opened.take(list_bytes).read_to_end(&mut list)?;
    let list: List = serde_json::from_slice(&list).with_context(not_ours)?;
    let plain = |name: &str| {
        let name = name.strip_prefix(TREE).and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
        !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
    };
    let total = list.files.iter().try_fold(0_u64, |sum, entry| sum.checked_add(entry.bytes));
    if total != Some(list_at) || !list.files.iter().all(|entry| plain(&entry.name)) {
        bail!(not_ours());
    }
    Ok(list)
}

/// Reads the last line: the length of the list, and the checksum.
fn last_line(line: &str) -> Option<(u64, String)> {
    let (length, sum) = line
        .strip_prefix(MARK)
        .or_else(|| line.strip_prefix(OLDER_MARK))?
        .strip_prefix(' ')?
        .strip_suffix('\n')?
        .split_once(' ')?;
    Some((u64::from_str_radix(length, 16).ok()?, sum.to_owned()))
}

/// Writes the files of a backup that was checked into a directory, each synced.
pub(super) fn extract(file: &Path, list: &List, directory: &Path) -> anyhow::Result<()> {
    let mut from = BufReader::new(File::open(file)?);
    let tree = directory.join(TREE);
    DirBuilder::new().mode(0o700).create(&tree)?;
    for Entry { name, bytes } in &list.files {
        let path = directory.join(name);
        let mut to = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let copied = pass(&mut from, *bytes, |bytes| to.write_all(bytes));
        let copied = copied.with_context(|| format!("cannot write {}", path.display()))?;
        if copied != *bytes {
            bail!("{} has become shorter", file.display());
        }
        to.sync_all()?;
    }
    File::open(tree)?.sync_all()?;
    File::open(directory)?.sync_all()?;
    Ok(())
}

/// Hands on what can be read, at most so many bytes; returns how many.
fn pass(from: &mut impl Read, most: u64, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<u64> {
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut passed = 0;
    while passed < most {
        let wanted = usize::try_from(most - passed).unwrap_or(CHUNK_BYTES).min(CHUNK_BYTES);
        let read = from.read(&mut chunk[..wanted])?;
        if read == 0 {
            break;
        }
        take(&chunk[..read])?;
        passed += read as u64;
    }
    Ok(passed)
}
