//! The configuration: one file of TOML, every key with a default, every mistake told with its line and its remedy.
//!
//! One file per table here; what a table may hold is declared there once (see [`schema`]).

mod accounts;
mod admin;
mod check;
mod cluster;
mod encryption;
mod error;
pub mod form;
mod history;
mod limits;
mod listen;
mod log;
mod media;
mod metadata;
pub mod not_yet;
mod operator;
mod print;
mod relaymsg;
pub mod schema;
mod server;
mod source;
mod together;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::de::DeTable;

pub use self::accounts::{Accounts, AlwaysOn, PasswordHash, Registration};
pub use self::admin::Admin;
pub use self::cluster::Cluster;
pub use self::encryption::{Acme, Sts};
pub use self::error::{ConfigError, ConfigErrors};
pub use self::history::History;
pub use self::limits::Limits;
pub use self::listen::{Dialect, Listen, OnStop, PlainChoice, PlainTable, PlainVariant, Prefix, Tls, TlsFiles};
pub use self::log::{Log, LogFormat};
pub use self::media::{Previews, Push, Uploads};
pub use self::metadata::Metadata;
pub use self::operator::{Operator, OperatorClass};
pub use self::print::print_defaults;
pub(crate) use self::print::values;
pub use self::relaymsg::Relaymsg;
use self::schema::{Presence, Table};
pub use self::server::{Casemapping, Cloak, Durability, Hall, Language, Server};
pub use self::source::ConfigSource;

/// The name of the file that is looked for.
pub const FILE_NAME: &str = "loggia.toml";

/// A table and how often it may stand in the file.
pub struct Section {
    /// The table.
    pub table: &'static Table,
    /// How often it may stand in the file.
    pub presence: Presence,
}

/// Every table of the file, in the order in which they are printed.
pub static SECTIONS: &[Section] = &[
    Section { table: &Server::TABLE, presence: Presence::Always },
    Section { table: &Listen::TABLE, presence: Presence::Repeated },
    Section { table: &Accounts::TABLE, presence: Presence::Always },
    Section { table: &Limits::TABLE, presence: Presence::Always },
    Section { table: &History::TABLE, presence: Presence::Always },
    Section { table: &Metadata::TABLE, presence: Presence::Always },
    Section { table: &Relaymsg::TABLE, presence: Presence::Always },
    Section { table: &Operator::TABLE, presence: Presence::Repeated },
    Section { table: &Cluster::TABLE, presence: Presence::Optional },
    Section { table: &Admin::TABLE, presence: Presence::Optional },
    Section { table: &Log::TABLE, presence: Presence::Always },
    Section { table: &Acme::TABLE, presence: Presence::Always },
    Section { table: &Sts::TABLE, presence: Presence::Always },
    Section { table: &Uploads::TABLE, presence: Presence::Always },
    Section { table: &Previews::TABLE, presence: Presence::Always },
    Section { table: &Push::TABLE, presence: Presence::Always },
];

/// The whole configuration.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `[server]`.
    pub server: Server,
    /// `[[listen]]`; empty: the default doors.
    pub listen: Vec<Listen>,
    /// `[accounts]`.
    pub accounts: Accounts,
    /// `[limits]`.
    pub limits: Limits,
    /// `[history]`.
    pub history: History,
    /// `[metadata]`.
    pub metadata: Metadata,
    /// `[relaymsg]`.
    pub relaymsg: Relaymsg,
    /// `[[operator]]`.
    pub operator: Vec<Operator>,
    /// `[cluster]`; absent: one node.
    pub cluster: Option<Cluster>,
    /// `[admin]`; absent: no admin listener.
    pub admin: Option<Admin>,
    /// `[log]`.
    pub log: Log,
    /// `[acme]`.
    pub acme: Acme,
    /// `[sts]`.
    pub sts: Sts,
    /// `[uploads]`.
    pub uploads: Uploads,
    /// `[previews]`.
    pub previews: Previews,
    /// `[push]`.
    pub push: Push,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// Says everything that is wrong with it, or that it cannot be read.
    pub fn load(file: &Path) -> Result<Self, ConfigErrors> {
        let source = fs::read_to_string(file).map_err(|error| {
            let problem = match error.kind() {
                io::ErrorKind::NotFound => "there is no such file".to_owned(),
                io::ErrorKind::InvalidData => "cannot be read: it is not UTF-8 text".to_owned(),
                _ => format!("cannot be read: {error}"),
            };
            ConfigErrors(vec![ConfigError { file: file.to_owned(), line: None, key: String::new(), problem }])
        })?;
        Self::parse(&source, file)
    }

    /// Reads the text of a file; `file` is only named in errors.
    ///
    /// # Errors
    /// Says everything that is wrong with it.
    pub fn parse(source: &str, file: &Path) -> Result<Self, ConfigErrors> {
        let error_at = |offset: Option<usize>, key: String, problem: String| ConfigError {
            file: file.to_owned(),
            line: offset.map(|offset| line_of(source, offset)),
            key,
            problem,
        };
        let foreign = |error: &toml::de::Error| {
            let problem = format!("this is not valid TOML: {}", error.message());
            ConfigErrors(vec![error_at(error.span().map(|span| span.start), String::new(), problem)])
        };
        let document = DeTable::parse(source).map_err(|error| foreign(&error))?;
        let findings = check::document(document.get_ref());
        if !findings.mistakes.is_empty() {
            let errors = findings
                .mistakes
                .into_iter()
                .map(|mistake| error_at(Some(mistake.offset), mistake.key, mistake.problem));
            return Err(ConfigErrors(errors.collect()));
        }
        let config: Self = toml::from_str(source).map_err(|error| foreign(&error))?;
        let conflicts = together::conflicts(&config);
        if conflicts.is_empty() {
            return Ok(config);
        }
        let errors = conflicts.into_iter().map(|conflict| {
            // A key left at its default has no line of its own: its table's line is the nearest.
            let table = conflict.key.rsplit_once('.').map_or("", |(table, _)| table);
            let offset = findings.offsets.get(&conflict.key).or_else(|| findings.offsets.get(table));
            error_at(offset.copied(), conflict.key, conflict.problem)
        });
        Err(ConfigErrors(errors.collect()))
    }

    /// Returns the file that is read when none is named: `loggia.toml` here, else in the user's configuration directory.
    pub fn find_file() -> Option<PathBuf> {
        let here = PathBuf::from(FILE_NAME);
        if here.is_file() {
            return Some(here);
        }
        let of_user = std::env::var_os("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .filter(|directory| directory.is_absolute())
            .or_else(|| Some(std::env::home_dir()?.join(".config")))?
            .join("loggia")
            .join(FILE_NAME);
        of_user.is_file().then_some(of_user)
    }
}

/// Returns the number, from 1, of the line that holds a byte.
fn line_of(source: &str, offset: usize) -> usize {
    1 + source.get(..offset).unwrap_or(source).matches('\n').count()
}

#[cfg(test)]
mod tests;
