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
mod bare_loop;
mod chance;
mod clock;
mod compare;
mod crowd;
mod dialogue;
mod foreign;
mod histogram;
mod index_lag;
mod load;
mod report;
mod scratch;
mod server_process;
mod source;
mod speech;
mod spread;
mod subject;
mod timer;
mod watcher;
mod wire;

mod churn;
mod fanout;
mod history;
mod idle;
mod rates;
mod rooms;
mod search;
mod slow;
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
    /// Write the figures as one JSON object to this file; without a name, to standard output instead of a table
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
    json: Option<PathBuf>,
    /// Keep the servers' data below this directory while they run: its disk is what is measured [default: the system's temporary directory]
    #[arg(long, value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// What members of one room receive: deliveries per second, or latency at a pace; beside other servers
    Fanout(fanout::Options),
    /// The same in many small rooms in which everybody talks
    Rooms(rooms::Options),
    /// Memory for each connection that says nothing
    Idle(idle::Options),
    /// People who come and go: registrations per second, and how long others wait when very many join a room
    Churn(churn::Options),
    /// What a reader who stops, and a slow one, cost the others
    Slow(slow::Options),
    /// Messages per second that are kept before anyone sees them, from many senders and from one
    Rates(rates::Options),
    /// How long pages of 100 messages take from a channel with a long past
    History(history::Options),
    /// How long a search takes among very many messages
    Search(search::Options),
    /// Kill a server again and again while clients talk, and compare what they saw with what is kept
    Torture(torture::Options),
    #[command(hide = true)]
    BareLoop(bare_loop::Options),
}

/// Runs a scenario against `program`, prints what came of it, and tells whether everything was as it must be.
///
/// # Errors
///
/// When the server cannot be started, or the machine does not let us measure.
pub fn run(asked: &Bench, program: PathBuf) -> anyhow::Result<Verdict> {
    allow_many_files();
    let stage = scratch::Stage::new(program, asked.everywhere.directory.clone());
    let report = match &asked.scenario {
        Scenario::BareLoop(options) => return bare_loop::run(options).map(|()| Verdict::Right),
        Scenario::Fanout(options) => fanout::run(options, &stage)?,
        Scenario::Rooms(options) => rooms::run(options, &stage)?,
        Scenario::Idle(options) => idle::run(options, &stage)?,
        Scenario::Churn(options) => churn::run(options, &stage)?,
        Scenario::Slow(options) => slow::run(options, &stage)?,
        Scenario::Rates(options) => rates::run(options, &stage)?,
        Scenario::History(options) => history::run(options, &stage)?,
        Scenario::Search(options) => search::run(options, &stage)?,
        Scenario::Torture(options) => torture::run(options, &stage)?,
    };
    report.print(asked.everywhere.json.as_deref())?;
    Ok(report.verdict())
}

/// Raises the number of files that may be open, here and in what is started, as far as the system lets everybody.
fn allow_many_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // Without it a scenario with too many connections says so itself.
    let _ = setrlimit(Resource::Nofile, limit);
}
