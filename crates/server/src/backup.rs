//! `loggia backup`, `restore` and `verify`. For people: `docs/backup.md`.
//!
//! A backup is one file: the database, so that other programs can open it, then the other files of the data directory, then
//! a list of them all, and a line at the end with the list's length and a checksum of everything before.

mod archive;
pub mod restore;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

use anyhow::{Context as _, bail};
use chat::permission::ArchiveAction;
use irc::names::NameRules;

use crate::archive::import_while_running;
use crate::cli::Failure;
use crate::config::ConfigSource;
use crate::control::{self, Answer, Request, Told};
use crate::data_dir::DataDir;
use crate::{owner, serve};

/// Asks the server that runs on the data directory, or does it alone. Returns what is to be printed.
///
/// # Errors
/// When the configuration is wrong, when the answer is no, and when neither a server nor the directory can be reached.
pub fn ask(source: &ConfigSource, request: &Request) -> Result<String, Failure> {
    let config = source.load()?;
    let directory = Path::new(&config.server.data);
    let answer = match control::ask_running(directory, request)? {
        Some(answer) => answer,
        None => alone(directory, request)?,
    };
    match answer {
        Answer::Done { lines } => Ok(lines.into_iter().map(|line| line + "\n").collect()),
        Answer::Refused { why } => Err(Failure::Failed(anyhow::Error::msg(why))),
    }
}

fn alone(directory: &Path, request: &Request) -> anyhow::Result<Answer> {
    if !directory.is_dir() {
        bail!("there is no data directory {}", directory.display());
    }
    let data = DataDir::open(directory, serve::migrate)?;
    Ok(answer(data.path(), request))
}

/// Does what only reads the data directory.
fn answer(directory: &Path, request: &Request) -> Answer {
    let done = match request {
        Request::Backup { file } => {
            owner::expect_may(ArchiveAction::Backup).and_then(|()| write(directory, Path::new(file)))
        }
        Request::Verify {} => owner::expect_may(ArchiveAction::Verify).and_then(|()| verify(directory)),
        _ => Err(anyhow::anyhow!("this is asked of a server that runs")),
    };
    answer_of(done.map(|line| vec![line]))
}

fn answer_of(done: anyhow::Result<Vec<String>>) -> Answer {
    match done {
        Ok(lines) => Answer::Done { lines },
        Err(error) => Answer::Refused { why: format!("{error:#}") },
    }
}

fn verify(directory: &Path) -> anyhow::Result<String> {
    let report = store::verify(directory)?;
    let files = uploads::verify(directory)?;
    let is_well = report.is_well() && files.damages.is_empty();
    // Where nobody has shared a file there is nothing to say of files.
    let told = match (files == uploads::Report::default(), is_well) {
        (true, _) => report.to_string(),
        (false, true) => format!("{report}, {files}"),
        (false, false) => format!("{report}\n{files}"),
    };
    if is_well { Ok(format!("{told}: everything is as it was written")) } else { bail!("{told}") }
}

/// Writes a backup: first under another name, so that a file of its name is complete.
fn write(directory: &Path, file: &Path) -> anyhow::Result<String> {
    if file.file_name().is_none() {
        bail!("{} is no name for a file", file.display());
    }
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = PathBuf::from(unfinished);
    let written = archive::write(directory, &unfinished).and_then(|bytes| {
        fs::rename(&unfinished, file).with_context(|| format!("cannot name it {}", file.display()))?;
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::File::open(parent)
            .and_then(|parent| parent.sync_all())
            .with_context(|| format!("cannot sync {}", parent.display()))?;
        Ok(bytes)
    });
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    let bytes = written.with_context(|| format!("cannot write the backup {}", file.display()))?;
    Ok(format!(
        "{}: {bytes} bytes. It holds passwords' hashes and private messages: keep it as safe as the data",
        file.display()
    ))
}

/// The way into the log of a server that runs.
#[derive(Clone)]
pub struct Intake {
    /// What names are allowed.
    pub rules: NameRules,
    /// What is to be appended, to the event loop.
    pub pages: SyncSender<store::Page>,
    /// Wakes it.
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

impl Intake {
    fn take_in(&self, page: store::Page) -> anyhow::Result<()> {
        self.pages.send(page).map_err(|_| anyhow::anyhow!("the server stops"))?;
        (self.wake)();
        Ok(())
    }
}

/// What the control socket hands over because it may take long.
#[derive(Clone)]
pub struct LongWork {
    directory: PathBuf,
    intake: Intake,
    busy: Arc<AtomicBool>,
}

impl LongWork {
    /// Works on this data directory, and the log in it.
    pub fn new(directory: &Path, intake: Intake) -> Self {
        Self { directory: directory.to_owned(), intake, busy: Arc::default() }
    }

    /// Does it on a thread of its own, one at a time, and gives `tell` the answer, and before it how far it is.
    pub fn begin(&self, request: Request, mut tell: impl FnMut(&Told) + Send + 'static) {
        let work = self.clone();
        if work.busy.swap(true, Ordering::AcqRel) {
            let why = "another backup, import or look through the data is going on".to_owned();
            return tell(&Told::Answer(Answer::Refused { why }));
        }
        let begun = std::thread::Builder::new().name("long-work".to_owned()).spawn(move || {
            let answer = match &request {
                Request::Import(asked) => {
                    let mut progress = |progress| tell(&Told::Progress { progress });
                    let mut take_in = |page| work.intake.take_in(page);
                    let may = owner::expect_may(ArchiveAction::Import);
                    let done =
                        may.and_then(|()| import_while_running(asked, work.intake.rules, &mut take_in, &mut progress));
                    answer_of(done)
                }
                request => answer(&work.directory, request),
            };
            work.busy.store(false, Ordering::Release);
            tell(&Told::Answer(answer));
        });
        if let Err(error) = begun {
            self.busy.store(false, Ordering::Release);
            tracing::error!(%error, "cannot start a thread for a backup");
        }
    }
}
