//! How far long work is, for a person at a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error; nothing when that is no terminal.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Begins: what is done, and what is counted.
    pub(super) fn new(doing: &'static str, counted: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let template = format!("{{msg}} {{bar:40}} {{human_pos}} of {{human_len}} {counted}, {{eta}} left");
        bar.set_style(ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(doing);
        Self(bar)
    }

    /// Tells how much is done, and of how much.
    pub(super) fn at(&mut self, done: u64, all: u64) {
        self.0.set_length(all);
        self.0.set_position(done);
    }

    /// Takes the bar away.
    pub(super) fn end(self) {
        self.0.finish_and_clear();
    }
}
