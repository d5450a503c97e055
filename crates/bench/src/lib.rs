//! `loggia bench`: load on a real server process, and what comes of it.
//!
//! One file per scenario: `rates` (kept messages per second), `history` (pages of a long past), `search` (among very many
//! messages), `torture` (killed again and again). Each starts the server it measures, the program itself, on a directory that is removed afterwards and on free ports
//! of this machine. Figures depend on the machine, so each stands beside what the machine can do by itself, measured in the same
//! run, in turns: compare ratios, not figures of two runs.
//!
//! The load comes from one thread over one poll, so that the machine is left to the server. This crate sees a server from outside
//! only: sockets, `/proc`, and for torture the database file.

use std::path::PathBuf;

use clap::{Args, Subcommand};

mod bare;
mod chance;
mod clock;
mod dialogue;
mod load;
mod report;
mod scratch;
mod server_process;
mod speech;
mod spread;
mod wire;

mod history;
mod rates;
mod search;
mod torture;

pub use report::Verdict;

/// What `loggia bench` is asked for.
#[derive(Debug, Args)]
pub struct Bench {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    scenario: Scenario,
}

/// What holds for every scenario.
#[derive(Debug, Args)]
pub(crate) struct Everywhere {
    /// Print one JSON object instead of a table
    #[arg(long, global = true)]
    json: bool,
    /// Keep the servers' data below this directory while they run: its disk is what is measured [default: the system's temporary directory]
    #[arg(long, value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// Messages per second that are kept before anyone sees them, from many senders and from one
    Rates(rates::Options),
    /// How long pages of 100 messages take from a channel with a long past
    History(history::Options),
    /// How long a search takes among very many messages
    Search(search::Options),
    /// Kill a server again and again while clients talk, and compare what they saw with what is kept
    Torture(torture::Options),
}

/// Runs a scenario against `program`, prints what came of it, and tells whether everything was as it must be.
///
/// # Errors
///
/// When the server cannot be started, or the machine does not let us measure.
pub fn run(asked: &Bench, program: PathBuf) -> anyhow::Result<Verdict> {
    let stage = scratch::Stage::new(program, asked.everywhere.directory.clone());
    let report = match &asked.scenario {
        Scenario::Rates(options) => rates::run(options, &stage)?,
        Scenario::History(options) => history::run(options, &stage)?,
        Scenario::Search(options) => search::run(options, &stage)?,
        Scenario::Torture(options) => torture::run(options, &stage)?,
    };
    report.print(asked.everywhere.json)?;
    Ok(report.verdict())
}
