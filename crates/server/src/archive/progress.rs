//! How far long work is, for a person at a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::{Deserialize, Serialize};

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// Lines are written into an archive.
    Exporting,
    /// Lines of an archive are taken in.
    Restoring,
    /// Files are read.
    Reading,
    /// Messages are taken in.
    Importing,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// What is being done.
    pub doing: Doing,
    /// How much of it is done.
    pub done: u64,
    /// Of how much.
    pub all: u64,
}

impl Doing {
    /// Returns what is said beside the bar, and what is counted.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Exporting => ("exporting", "lines"),
            Self::Restoring => ("importing", "lines"),
            Self::Reading => ("reading", "files"),
            Self::Importing => ("importing", "messages"),
        }
    }
}

/// A bar on standard error; nothing when that is no terminal.
#[derive(Debug, Default)]
pub(crate) struct Progress(Option<(Doing, ProgressBar)>);

impl Progress {
    /// Tells how much is done, and of how much.
    pub(crate) fn at(&mut self, Done { doing, done, all }: Done) {
        if self.0.as_ref().is_none_or(|(before, _)| *before != doing) {
            self.end();
            self.0 = Some((doing, bar(doing)));
        }
        if let Some((_, bar)) = &self.0 {
            bar.set_length(all);
            bar.set_position(done);
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&mut self) {
        if let Some((_, bar)) = self.0.take() {
            bar.finish_and_clear();
        }
    }
}

fn bar(doing: Doing) -> ProgressBar {
    let (doing, counted) = doing.words();
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let template = format!("{{msg}} {{bar:40}} {{human_pos}} of {{human_len}} {counted}, {{eta}} left");
    bar.set_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(doing);
    bar
}
