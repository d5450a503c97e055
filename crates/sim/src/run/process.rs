//! How the server's process begins and ends.

use std::time::Duration;

use super::{CLOSING, GOODBYE, Phase, World};
use crate::disk::Crash;
use crate::server::{Server, Setup};
use crate::watch::Rule;

impl World {
    fn setup(&self) -> Setup<'_> {
        Setup {
            dir: &self.dir,
            disk: &self.disk,
            durability: self.plan.durability,
            sabotage: self.sabotage,
            retention: self.plan.retention,
            shards: self.plan.shards,
            process: self.processes,
        }
    }

    pub(super) fn start(&mut self) {
        self.processes += 1;
        self.phase = Phase::Serving;
        match Server::start(&self.setup(), self.now) {
            Ok((server, notes)) => {
                for note in notes {
                    self.watch.note(self.now, || format!("-- started: {note}"));
                    if note.starts_with("facts that are not as they were written") || note.starts_with("places where") {
                        self.watch.violate(Rule::Whole, note);
                    }
                }
                self.server = Some(server);
            }
            Err(error) => {
                let text = chain(&error);
                self.watch.note(self.now, || format!("-- cannot start: {text}"));
                self.start_at = self.now + Duration::from_secs(1);
                let is_damaged = matches!(error, store::StoreError::Damaged { .. } | store::StoreError::NotOurs { .. });
                if is_damaged && !self.disk.has_crashed() {
                    self.watch.violate(Rule::Whole, format!("the store is damaged: {text}"));
                } else if self.is_ending {
                    self.watch.violate(Rule::Running, format!("the server cannot start: {text}"));
                }
            }
        }
    }

    pub(super) fn stop(&mut self) {
        if let (Some(server), Phase::Serving) = (&mut self.server, self.phase) {
            server.stop();
            self.phase = Phase::Leaving { until: self.now + GOODBYE };
        }
    }

    pub(super) fn next_phase(&mut self) {
        match self.phase {
            Phase::Serving => {}
            Phase::Leaving { .. } => {
                if let Some(server) = &mut self.server {
                    server.ask_to_end();
                }
                self.phase = Phase::Closing { until: self.now + CLOSING };
            }
            Phase::Closing { .. } => {
                let Some(server) = self.server.take_if(|server| server.crew.has_ended()) else {
                    self.crash = Crash::Kill;
                    return self.disk.crash();
                };
                if let Err(error) = server.close() {
                    self.watch.note(self.now, || format!("-- stopped: {error}"));
                    if self.is_ending {
                        self.watch.violate(Rule::Running, format!("stopped on a good disk: {error}"));
                    }
                }
                self.gone(false);
            }
        }
    }

    /// The process has died.
    pub(super) fn crashed(&mut self) {
        self.watch.counts.crashes += 1;
        let crash = self.crash;
        self.watch.note(self.now, || format!("-- the process dies: {crash:?}"));
        // Closing its files has no effect any more.
        self.server = None;
        self.disk.restart(crash);
        self.backup_through = None;
        self.remove_copy();
        self.gone(true);
    }

    pub(super) fn gone(&mut self, abruptly: bool) {
        for link in &mut self.links {
            link.close(abruptly && self.random.chance(500));
        }
        self.phase = Phase::Serving;
        self.start_at = self.now + Duration::from_millis(self.random.of(1..3000));
    }
}

/// Writes an error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
