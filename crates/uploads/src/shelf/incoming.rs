//! A file that is coming: counted against the limits while it does, and gone without a trace unless it is whole.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::{ABOUT, PART, Shelf, ShelfError, THUMBNAIL, failed, write_whole};
use crate::entry::{Entry, Owner, Thumbnail};
use crate::kind::{HEAD_BYTES, Kind, UnknownPicture};
use crate::limits::{Limits, Refused};
use crate::name::{ID_CHARS, Id, StoredName};
use crate::picture::{self, Cleaned};

/// What is to be kept of a file beside its bytes, as far as its sender and the clock say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The name for people, cleaned.
    pub shown: String,
    /// Who sends it: their nick, or account.
    pub by: String,
    /// The time, in milliseconds since 1970.
    pub at: i64,
}

/// A file that is coming. Dropped before [`Self::finish`], it leaves nothing.
#[derive(Debug)]
pub struct Incoming {
    shelf: Arc<Shelf>,
    owner: Owner,
    id: Id,
    path: PathBuf,
    file: File,
    sum: Sha256,
    limits: Limits,
    /// What has come.
    bytes: u64,
    /// What is counted against the limits.
    reserved: u64,
}

impl Incoming {
    pub(super) fn new(shelf: Arc<Shelf>, owner: Owner, reserved: u64, limits: Limits) -> Result<Self, ShelfError> {
        let counted_as = owner.counted_as();
        let give_back = |shelf: &Shelf| {
            let mut known = shelf.known();
            if let Some(taken) = known.owners.get_mut(&counted_as) {
                taken.coming -= 1;
            }
            known.uncount(&counted_as, reserved);
        };
        let opened = new_id(&shelf).and_then(|id| {
            let path = shelf.path(id, PART);
            let mut options = fs::OpenOptions::new();
            let file = options.read(true).write(true).create_new(true).mode(0o600).open(&path);
            Ok((id, file.map_err(failed("create", &path))?, path))
        });
        match opened {
            Ok((id, file, path)) => {
                Ok(Self { shelf, owner, id, path, file, sum: Sha256::new(), limits, bytes: 0, reserved })
            }
            Err(error) => {
                give_back(&shelf);
                Err(error)
            }
        }
    }

    /// Takes what has come of it.
    ///
    /// # Errors
    /// [`Refused`] when it becomes too much; what the file system says.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), ShelfError> {
        let length = self.bytes + bytes.len() as u64;
        if length > self.limits.max_bytes {
            return Err(Refused::TooLarge { limit: self.limits.max_bytes }.into());
        }
        self.reserve(length)?;
        self.file.write_all(bytes).map_err(failed("write", &self.path))?;
        self.sum.update(bytes);
        self.bytes = length;
        Ok(())
    }

    fn reserve(&mut self, length: u64) -> Result<(), Refused> {
        if let Some(more) = length.checked_sub(self.reserved).filter(|more| *more > 0) {
            self.shelf.known().reserve(&self.owner.counted_as(), more, &self.limits)?;
            self.reserved = length;
        }
        Ok(())
    }

    /// Tells what it is from its beginning.
    ///
    /// # Errors
    /// [`Refused::UnknownPicture`], [`Refused::Type`], [`Refused::Empty`].
    fn kind(&mut self) -> Result<Kind, ShelfError> {
        if self.bytes == 0 {
            return Err(Refused::Empty.into());
        }
        let mut head = Vec::new();
        self.file.seek(SeekFrom::Start(0)).map_err(failed("read", &self.path))?;
        (&self.file).take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(failed("read", &self.path))?;
        let kind = Kind::of(&head).map_err(|UnknownPicture| Refused::UnknownPicture)?;
        if kind.is_among(self.limits.types.iter().map(String::as_str)) { Ok(kind) } else { Err(Refused::Type.into()) }
    }

    /// Keeps the file, which is whole now. A picture is drawn anew, which takes its time.
    ///
    /// # Errors
    /// [`Refused`]; what the file system says. Nothing is kept then.
    pub fn finish(mut self, about: About) -> Result<Arc<Entry>, ShelfError> {
        let kind = self.kind()?;
        let mut entry = Entry {
            name: String::new(),
            shown: about.shown,
            bytes: self.bytes,
            sha256: String::new(),
            owner: self.owner.clone(),
            by: about.by,
            at: about.at,
            pixels: None,
            thumbnail: None,
        };
        let name = if kind.is_picture() {
            self.keep_picture(kind, &mut entry)?
        } else {
            self.keep_as_it_is(kind, &mut entry)?
        };
        entry.name = name.to_string();
        let about = serde_json::to_vec(&entry).unwrap_or_else(|error| unreachable!("an entry is JSON: {error}"));
        let kept = write_whole(&self.shelf.path(self.id, ABOUT), &about).and_then(|()| self.shelf.sync());
        if let Err(error) = kept {
            for path in [self.shelf.path(self.id, ABOUT), self.shelf.path(self.id, THUMBNAIL), self.content_path(name)]
            {
                let _ = fs::remove_file(path);
            }
            return Err(error);
        }
        let entry_name = name.id;
        let mut known = self.shelf.known();
        known.add(entry);
        let entry = known.entries.get(&entry_name).map(Arc::clone);
        drop(known);
        // What it takes is counted with its entry from now on: dropping `self` gives back what was reserved.
        entry.ok_or_else(|| unreachable!("it was put there"))
    }

    fn content_path(&self, name: StoredName) -> PathBuf {
        self.shelf.directory.join(name.to_string())
    }

    fn keep_as_it_is(&mut self, kind: Kind, entry: &mut Entry) -> Result<StoredName, ShelfError> {
        let name = StoredName { id: self.id, kind };
        self.file.sync_all().map_err(failed("sync", &self.path))?;
        fs::rename(&self.path, self.content_path(name)).map_err(failed("rename", &self.path))?;
        entry.sha256 = HEXLOWER.encode(&self.sum.clone().finalize());
        Ok(name)
    }

    fn keep_picture(&mut self, kind: Kind, entry: &mut Entry) -> Result<StoredName, ShelfError> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0)).map_err(failed("read", &self.path))?;
        self.file.read_to_end(&mut bytes).map_err(failed("read", &self.path))?;
        let Cleaned { bytes, kind, pixels, thumbnail } = picture::clean(&bytes, kind, self.limits.max_pixels)?;
        let thumbnail_bytes = thumbnail.as_ref().map_or(0, |(bytes, _)| bytes.len() as u64);
        self.reserve(bytes.len() as u64 + thumbnail_bytes)?;
        let name = StoredName { id: self.id, kind };
        if let Some((bytes, kind)) = thumbnail {
            write_whole(&self.shelf.path(self.id, THUMBNAIL), &bytes)?;
            let content_type = kind.content_type().to_owned();
            entry.thumbnail = Some(Thumbnail { bytes: bytes.len() as u64, content_type });
        }
        let written = write_whole(&self.content_path(name), &bytes);
        if written.is_err() {
            let _ = fs::remove_file(self.shelf.path(self.id, THUMBNAIL));
        }
        written?;
        entry.bytes = bytes.len() as u64;
        entry.sha256 = HEXLOWER.encode(&Sha256::digest(&bytes));
        entry.pixels = Some(pixels);
        Ok(name)
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
        let counted_as = self.owner.counted_as();
        let mut known = self.shelf.known();
        if let Some(taken) = known.owners.get_mut(&counted_as) {
            taken.coming -= 1;
        }
        known.uncount(&counted_as, self.reserved);
    }
}

fn new_id(shelf: &Shelf) -> Result<Id, ShelfError> {
    let mut random = [0; ID_CHARS];
    getrandom::fill(&mut random)
        .map_err(|error| failed("draw random bytes for", &shelf.directory)(std::io::Error::other(error.to_string())))?;
    Ok(Id::of(&random))
}
