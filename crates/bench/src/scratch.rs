//! Where servers under load keep their data: directories that are removed afterwards.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The program under load, and where its data may lie.
#[derive(Debug)]
pub(crate) struct Stage {
    /// The program that is started as the server.
    pub(crate) program: PathBuf,
    directory: PathBuf,
}

impl Stage {
    pub(crate) fn new(program: PathBuf, directory: Option<PathBuf>) -> Self {
        Self { program, directory: directory.unwrap_or_else(std::env::temp_dir) }
    }

    /// Makes an empty directory of a name of its own.
    pub(crate) fn scratch(&self, purpose: &str) -> anyhow::Result<Scratch> {
        Self::scratch_in(&self.directory, purpose)
    }

    /// Makes one for a server that may run as somebody else, who is not let into every directory. Its disk is not measured.
    pub(crate) fn scratch_for_anybody(purpose: &str) -> anyhow::Result<Scratch> {
        Self::scratch_in(&std::env::temp_dir(), purpose)
    }

    fn scratch_in(directory: &Path, purpose: &str) -> anyhow::Result<Scratch> {
        let path = directory.join(format!("loggia-bench-{}-{purpose}", std::process::id()));
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| format!("cannot empty {}", path.display()))?;
        }
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Scratch(path))
    }
}

/// A directory that is removed at the end.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
