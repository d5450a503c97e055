//! The inputs that are kept in the repository: `corpus/<target>/` shows what inputs look like, `regressions/<target>/`
//! holds what once failed.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// One kept input.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The file it stands in.
    pub path: PathBuf,
    /// What stands there.
    pub bytes: Vec<u8>,
}

/// Reads the kept inputs of a target, in the order of their paths.
///
/// # Errors
/// When a folder or a file cannot be read, except that a target needs no folder.
pub fn inputs(target: &str) -> io::Result<Vec<Kept>> {
    let mut kept = Vec::new();
    for kind in ["corpus", "regressions"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(kind).join(target);
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            kept.push(Kept { bytes: fs::read(&path)?, path });
        }
    }
    kept.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(kept)
}
