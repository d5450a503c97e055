//! `loggia export` and `loggia import`: everything out as text and in again, and what was said elsewhere.
//!
//! Guide: `docs/archive.md`. The archive's form is the store's, other programs' are the crate `import`'s; here are files,
//! names and progress.

mod foreign;
mod naming;
mod origin;
mod progress;

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chat::permission::ArchiveAction;
use irc::names::NameRules;
use serde::{Deserialize, Serialize};
use store::Options;

use crate::cli::Failure;
use crate::config::ConfigSource;
use crate::control::{self, Answer};
use crate::data_dir::DataDir;
use crate::event_loop::clock::Clock;
use crate::{event_loop, owner, serve, translate};
pub use origin::Format;
pub(crate) use progress::Progress;
pub use progress::{Doing, Done};

/// What `loggia import` is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What it reads.
    pub files: Vec<PathBuf>,
    /// Of which program it is; `None`: what it looks like.
    pub format: Option<Format>,
    /// The channel that it goes into; `None`: as the files say.
    pub into: Option<String>,
    /// Where logs were written that do not say it; `None`: in this machine's zone.
    pub time_zone: Option<String>,
}

/// Standard input or output.
const STANDARD: &str = "-";

/// Writes everything that is kept into a file, also while the server runs.
///
/// # Errors
/// When the configuration is wrong, when there is nothing, and when the file cannot be written; then it is not there.
pub fn export(source: &ConfigSource, file: &Path) -> Result<String, Failure> {
    owner::expect_may(ArchiveAction::Export)?;
    let config = source.load()?;
    let directory = Path::new(&config.server.data);
    if !directory.join(store::DATABASE_FILE).exists() {
        return Err(anyhow::anyhow!("there is no data in {}", directory.display()).into());
    }
    let (version, now) = (env!("CARGO_PKG_VERSION"), Clock::new().now().wall);
    let mut progress = Progress::default();
    let tell = |done, all| progress.at(Done { doing: Doing::Exporting, done, all });
    let exported = if file.as_os_str() == STANDARD {
        store::export(directory, version, now, BufWriter::new(io::stdout().lock()), tell)
            .map_err(anyhow::Error::from)?
    } else {
        into_file(file, |out| Ok(store::export(directory, version, now, out, tell)?))?
    };
    progress.end();
    let damaged = match exported.damaged {
        0 => String::new(),
        some => format!("; left out: {some} that are not as they were written (`loggia verify` says more)"),
    };
    let said = format!("exported {} messages, {} lines{damaged}\n", exported.messages, exported.lines);
    if file.as_os_str() == STANDARD {
        eprint!("{said}");
        return Ok(String::new());
    }
    Ok(said)
}

/// Writes a file under another name first: one with its final name is whole. It is the owner's alone, for all is in it.
fn into_file<T>(file: &Path, write: impl FnOnce(&mut BufWriter<File>) -> anyhow::Result<T>) -> anyhow::Result<T> {
    use std::os::unix::fs::OpenOptionsExt as _;
    if file.exists() {
        bail!("{} exists already", file.display());
    }
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let failed = || format!("cannot write {}", unfinished.display());
    let mut options = File::options();
    let made = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished).with_context(failed)?;
    let mut out = BufWriter::new(made);
    let written = write(&mut out).and_then(|value| {
        out.flush().and_then(|()| out.get_ref().sync_all()).with_context(failed)?;
        fs::rename(&unfinished, file).with_context(|| format!("cannot name {}", file.display()))?;
        Ok(value)
    });
    if written.is_err() {
        // What is said is why it could not be written.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Takes in an archive of Loggia, or what was said elsewhere: that also while the server runs, which then does it itself.
///
/// # Errors
/// When the configuration is wrong, when a server runs, and when a file cannot be read or is not what it is said to be.
pub fn import(source: &ConfigSource, asked: &Import) -> Result<String, Failure> {
    owner::expect_may(ArchiveAction::Import)?;
    let config = source.load()?;
    if !config.history.enabled {
        return Err(Failure::Usage("history.enabled = false: what is imported would be shown to nobody".to_owned()));
    }
    origin::time_zone(asked.time_zone.as_deref()).map_err(Failure::Usage)?;
    let rules = translate::name_rules(&config);
    if let Some(Err(error)) = asked.into.as_deref().map(|into| rules.channel(into)) {
        return Err(Failure::Usage(format!("--into: this is no name of a channel: {error}")));
    }
    let (own, foreign): (Vec<_>, Vec<_>) =
        origins(asked)?.into_iter().partition(|(_, format)| *format == Format::Loggia);
    let directory = Path::new(&config.server.data);
    let mut progress = Progress::default();
    if own.is_empty()
        && let Some(said) = ask_running(directory, asked, &mut progress)?
    {
        return Ok(said);
    }
    let data = DataDir::open(directory, serve::migrate)
        .context("an archive of loggia needs the data for itself: stop the server first")?;
    let options = translate::store_options(&config, Clock::new().now().wall);
    let mut said = String::new();
    for (file, format) in &own {
        said += &archive(file, &data, &options).with_context(|| format!("{} ({})", file.display(), format.name()))?;
    }
    if !foreign.is_empty() {
        let mut tell = |done| progress.at(done);
        let mut gathered = foreign::gather(&foreign, asked, rules, &mut tell)?;
        let import =
            store::Import::begin(data.path(), options, event_loop::random_id()?).map_err(anyhow::Error::from)?;
        let outcome = import
            .finish(&mut gathered.staging, |done, all| tell(Done { doing: Doing::Importing, done, all }))
            .map_err(anyhow::Error::from)?;
        progress.end();
        said += &gathered.told(&outcome);
    }
    Ok(said)
}

/// Says of each file which program has written it.
fn origins(asked: &Import) -> anyhow::Result<Vec<(PathBuf, Format)>> {
    let format_of = |file: &PathBuf| Ok((file.clone(), origin::format_of(file, asked.format)?));
    asked.files.iter().map(format_of).collect()
}

/// Has a running server do it; `None`: there is none.
fn ask_running(directory: &Path, asked: &Import, progress: &mut Progress) -> anyhow::Result<Option<String>> {
    let absolute =
        |file: &PathBuf| std::path::absolute(file).with_context(|| format!("cannot find {}", file.display()));
    let files = asked.files.iter().map(absolute).collect::<anyhow::Result<_>>()?;
    // The server may be in another zone.
    let time_zone = asked.time_zone.clone().or_else(origin::name_of_this_zone);
    let request = control::Request::Import(Import { files, time_zone, ..asked.clone() });
    let answer = control::ask_running_and_watch(directory, &request, &mut |done| progress.at(done))?;
    progress.end();
    match answer {
        None => Ok(None),
        Some(Answer::Done { lines }) => Ok(Some(lines.into_iter().map(|line| line + "\n").collect())),
        Some(Answer::Refused { why }) => bail!(why),
    }
}

/// Imports into the log of this process, which is in use: `take_in` hands it a page.
///
/// # Errors
/// When a file cannot be read, and when the log is closed meanwhile.
pub fn import_while_running(
    asked: &Import,
    rules: NameRules,
    take_in: &mut dyn FnMut(store::Page) -> anyhow::Result<()>,
    progress: &mut dyn FnMut(Done),
) -> anyhow::Result<Vec<String>> {
    let files = origins(asked)?;
    if files.iter().any(|(_, format)| *format == Format::Loggia) {
        bail!("an archive of loggia needs the data for itself: stop the server first");
    }
    let mut gathered = foreign::gather(&files, asked, rules, progress)?;
    let (mut outcome, mut done) = (store::Outcome::default(), 0);
    let all = gathered.staging.staged();
    while let Some((page, fates)) = gathered.staging.next_page()? {
        let expected = page.len() as u64;
        take_in(page)?;
        let before = done;
        for fate in fates {
            outcome.add(fate);
            done += 1;
        }
        if done != before + expected {
            bail!("the server stopped after {done} of {all} messages: import it again, what is there stays as it is");
        }
        progress(Done { doing: Doing::Importing, done, all });
    }
    Ok(gathered.told(&outcome).lines().map(str::to_owned).collect())
}

fn archive(file: &Path, data: &DataDir, options: &Options) -> anyhow::Result<String> {
    let mut progress = Progress::default();
    let open = || File::open(file).map(BufReader::new);
    let tell = |done, all| progress.at(Done { doing: Doing::Restoring, done, all });
    let restored = store::restore(data.path(), options, event_loop::random_id()?, open, tell)?;
    progress.end();
    let known = match restored.known {
        0 => String::new(),
        some => format!("; {some} lines were there already"),
    };
    Ok(format!(
        "imported {} messages and {} rows of accounts, channels and the like{known}\n",
        restored.messages, restored.rows
    ))
}
