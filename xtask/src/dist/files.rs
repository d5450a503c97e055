//! Files as they will stand on a system, and archives of them in which no byte depends on the machine.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

/// Files by their paths, without a slash at the beginning.
#[derive(Default)]
pub(super) struct Files(BTreeMap<String, File>);

struct File {
    mode: u32,
    bytes: Vec<u8>,
}

impl Files {
    /// Adds a file.
    pub(super) fn add(&mut self, path: &str, mode: u32, bytes: Vec<u8>) {
        self.0.insert(path.to_owned(), File { mode, bytes });
    }

    /// Adds those of another.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Puts all of them into a directory.
    pub(super) fn under(self, directory: &str) -> Self {
        Self(self.0.into_iter().map(|(path, file)| (format!("{directory}/{path}"), file)).collect())
    }

    /// Returns how much room they take, in bytes.
    pub(super) fn size(&self) -> usize {
        self.0.values().map(|file| file.bytes.len()).sum()
    }

    /// Returns an archive of them, with the directories that they stand in; all belongs to root, and is of one time.
    ///
    /// # Errors
    ///
    /// A path is too long for an archive.
    pub(super) fn gzipped_tar(&self, time: u64) -> Result<Vec<u8>> {
        let mut archive = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
        let mut directories = BTreeSet::new();
        for (path, file) in &self.0 {
            for (slash, _) in path.match_indices('/') {
                let directory = &path[..=slash];
                if directories.insert(directory) {
                    archive.append_data(&mut header(EntryType::Directory, 0o755, 0, time)?, directory, &[][..])?;
                }
            }
            let size = u64::try_from(file.bytes.len())?;
            archive.append_data(&mut header(EntryType::Regular, file.mode, size, time)?, path, &file.bytes[..])?;
        }
        Ok(archive.into_inner()?.finish()?)
    }
}

fn header(kind: EntryType, mode: u32, size: u64, time: u64) -> Result<Header> {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_mtime(time);
    header.set_uid(0);
    header.set_gid(0);
    header.set_username("root")?;
    header.set_groupname("root")?;
    Ok(header)
}

/// Compresses a file, without a name or a time in it.
///
/// # Errors
///
/// None that memory could give.
pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
