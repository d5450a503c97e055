//! Where the configuration comes from: a file that was named or found, and what the command line replaces.

use std::path::{Path, PathBuf};

use super::{Config, ConfigErrors};

/// Where the configuration comes from, for the start and for every reload.
#[derive(Debug, Clone, Default)]
pub struct ConfigSource {
    file: Option<PathBuf>,
    data: Option<PathBuf>,
}

impl ConfigSource {
    /// Takes the file that was named, else the one that is found; `data` replaces `[server] data`.
    pub fn new(named: Option<PathBuf>, data: Option<PathBuf>) -> Self {
        Self { file: named.or_else(Config::find_file), data }
    }

    /// Returns the file; `None` when the defaults hold.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Reads the configuration.
    ///
    /// # Errors
    /// Says everything that is wrong with it.
    pub fn load(&self) -> Result<Config, ConfigErrors> {
        let mut config = self.file.as_deref().map_or_else(|| Ok(Config::default()), Config::load)?;
        if let Some(data) = &self.data {
            config.server.data = data.to_string_lossy().into_owned();
        }
        Ok(config)
    }
}
