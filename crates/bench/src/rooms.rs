//! `loggia bench rooms`: many small rooms in which everybody talks.

use std::time::Duration;

use clap::Args;

use crate::compare;
use crate::crowd::{Crowd, Plan, TEXT_BYTES};
use crate::fanout::WARM_UP;
use crate::report::{Report, grouped_count};
use crate::scratch::Stage;

/// How many rooms, how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    compare: compare::Options,
    /// Rooms
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rooms: u32,
    /// Members of each, who all speak
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    members: u32,
    /// Messages on their way at most, of each room
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    window: u32,
    /// Seconds of each measurement, after one of warming up
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
}

pub(crate) fn run(options: &Options, stage: &Stage) -> anyhow::Result<Report> {
    let members = usize::try_from(options.members)?;
    let plan = Plan { rooms: usize::try_from(options.rooms)?, members, senders: members };
    let span = Duration::from_secs(options.seconds.into());
    let all = options
        .compare
        .measure(stage, |server| Crowd::enter(server, plan)?.saturate(server, options.window.into(), WARM_UP, span))?;
    let mut report = Report::new("rooms");
    report.say(format!(
        "{} rooms of {} who all speak, texts of {TEXT_BYTES} bytes; {} messages of each room on their way; {} runs of {} s in turns\n",
        grouped_count(options.rooms.into()),
        options.members,
        options.window,
        options.compare.runs(),
        options.seconds
    ));
    report.value("rooms", options.rooms);
    report.value("members", options.members);
    compare::report(&mut report, &all, &compare::delivery_figures());
    compare::judge(&mut report, &all, |run| run.faults);
    Ok(report)
}
