//! `loggia bench fanout`: what members of one room receive, as fast as it goes or at a pace.
//!
//! Saturated: a window of messages is on its way all the time. Paced: messages are due at equal distances, and a delivery's latency
//! counts from when its message was *due*: a server that holds the load up is not spared what would have been sent meanwhile.

use std::time::Duration;

use clap::Args;

use crate::compare;
use crate::crowd::{Crowd, Plan, TEXT_BYTES};
use crate::report::{Report, grouped_count};
use crate::scratch::Stage;

/// How large a room, how long.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    compare: compare::Options,
    /// Members of the room
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(2..=50_000))]
    members: u32,
    /// Of those, who speak
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    senders: u32,
    /// Messages on their way at most [without --rate]
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=65_536))]
    window: u32,
    /// Deliveries per second; without it, as many as the server makes
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    rate: Option<u32>,
    /// Seconds of each measurement, after one of warming up
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
}

/// How long a load runs before it is measured.
pub(crate) const WARM_UP: Duration = Duration::from_secs(1);

pub(crate) fn run(options: &Options, stage: &Stage) -> anyhow::Result<Report> {
    let members = usize::try_from(options.members)?;
    let plan = Plan { rooms: 1, members, senders: usize::try_from(options.senders)?.min(members) };
    let span = Duration::from_secs(options.seconds.into());
    let all = options.compare.measure(stage, |server| {
        let mut crowd = Crowd::enter(server, plan)?;
        match options.rate {
            None => crowd.saturate(server, options.window.into(), WARM_UP, span),
            Some(rate) => crowd.pace(server, rate, WARM_UP, span),
        }
    })?;
    let mut report = Report::new("fanout");
    let how = match options.rate {
        None => format!("{} messages on their way", options.window),
        Some(rate) => format!("{} deliveries per second", grouped_count(rate.into())),
    };
    report.say(format!(
        "One room of {} members, {} of them speak, texts of {TEXT_BYTES} bytes; {how}; {} runs of {} s in turns\n",
        grouped_count(options.members.into()),
        plan.senders,
        options.compare.runs(),
        options.seconds
    ));
    report.value("members", options.members);
    report.value("rate", options.rate);
    let mut figures = compare::delivery_figures();
    if options.rate.is_some() {
        figures.extend(compare::latency_figures());
    }
    compare::report(&mut report, &all, &figures);
    compare::judge(&mut report, &all, |run| run.faults);
    Ok(report)
}
