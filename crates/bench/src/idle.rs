//! `loggia bench idle`: what a connection costs that is registered and says nothing.
//!
//! All capabilities that the server offers are asked for first, as today's clients do. The first hundred connections are not counted:
//! what the server needs once is not what a connection needs.

mod line;
mod trust;

use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::clock;
use crate::report::{Report, grouped, grouped_count, mebibytes};
use crate::scratch::Stage;
use crate::spread::Spread;
use crate::subject::{Running, Subject};
use line::Line;

/// Connections that are not counted.
const FIRST: u32 = 100;

/// Two looks at the memory, so far apart, must agree; for so long at most.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
const LOOKS_MAX: u32 = 25;

/// What connections speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Door {
    /// TCP.
    Plain,
    /// TLS.
    Tls,
    /// WebSocket over TCP.
    Websocket,
}

impl Door {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Tls => "TLS",
            Self::Websocket => "WebSocket",
        }
    }
}

/// How many, of what kind.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    compare: crate::compare::Options,
    /// Connections, beyond the first hundred
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    connections: u32,
    /// What they speak; other servers are asked for plain ones only
    #[arg(long = "door", value_enum, value_delimiter = ',', default_values = ["plain", "tls", "websocket"])]
    doors: Vec<Door>,
}

/// What one server gave through one door.
struct Costs {
    server: Subject,
    door: Door,
    /// Bytes for each connection, run by run.
    proportional: Vec<f64>,
    resident: Vec<f64>,
    /// Of the whole process.
    process_mib: Vec<f64>,
    per_second: Vec<f64>,
}

pub(crate) fn run(options: &Options, stage: &Stage) -> anyhow::Result<Report> {
    let mut all: Vec<Costs> = Vec::new();
    for subject in options.compare.subjects()? {
        let doors = options.doors.iter().filter(|door| **door == Door::Plain || subject.is_loggia());
        all.extend(doors.map(|door| Costs::new(&subject, *door)));
    }
    for _ in 0..options.compare.runs() {
        for costs in &mut all {
            costs.measure(options, stage).map_err(|error| error.context(costs.server.name()))?;
        }
    }
    Ok(report(options, &all))
}

impl Costs {
    fn new(subject: &Subject, door: Door) -> Self {
        let (proportional, resident) = (Vec::new(), Vec::new());
        Self { server: subject.clone(), door, proportional, resident, process_mib: Vec::new(), per_second: Vec::new() }
    }

    fn measure(&mut self, options: &Options, stage: &Stage) -> anyhow::Result<()> {
        let server = self.server.start_with_door(stage, self.door)?;
        let mut lines = connect(&server, self.door, 0, FIRST)?;
        let before = settled(&server)?;
        let began = clock::now();
        lines.extend(connect(&server, self.door, FIRST, options.connections)?);
        let took = began.elapsed();
        let after = settled(&server)?;
        if let (Some(before), Some(after)) = (before, after) {
            let each = |before: u64, after: u64| bytes(after.saturating_sub(before)) / f64::from(options.connections);
            self.proportional.push(each(before.proportional_bytes, after.proportional_bytes));
            self.resident.push(each(before.resident_bytes, after.resident_bytes));
            self.process_mib.push(mebibytes(after.proportional_bytes));
        }
        self.per_second.push(crate::bare::per_second(options.connections.into(), took));
        // All of them were there until now.
        drop(lines);
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn bytes(count: u64) -> f64 {
    count as f64
}

/// Lets so many in, from this number on.
fn connect(server: &Running, door: Door, from: u32, count: u32) -> anyhow::Result<Vec<Line>> {
    let capabilities = Line::connect(server.address, from, door)?.capabilities()?;
    let mut lines = Vec::with_capacity(usize::try_from(count)?);
    let mut numbers = from..from + count;
    while !numbers.is_empty() {
        let first = lines.len();
        for number in numbers.by_ref().take(server.entering_max) {
            let mut line = Line::connect(server.address, number, door)?;
            line.register(&format!("i{number}"), &capabilities)?;
            lines.push(line);
        }
        for line in &mut lines[first..] {
            line.wait_for(&[" 376 ", " 422 "])?;
        }
    }
    Ok(lines)
}

/// Waits until the server's memory does not change, and returns what it uses then; nothing of one that was not started here.
fn settled(server: &Running) -> anyhow::Result<Option<crate::server_process::Usage>> {
    let mut last = server.usage()?;
    for _ in 0..LOOKS_MAX {
        clock::pause(LOOK_AGAIN);
        let now = server.usage()?;
        let is_same = now.map(|now| now.proportional_bytes) == last.map(|last| last.proportional_bytes);
        last = now;
        if is_same {
            break;
        }
    }
    Ok(last)
}

fn report(options: &Options, all: &[Costs]) -> Report {
    let mut report = Report::new("idle");
    report.say(format!(
        "{} connections that are registered with all capabilities and say nothing; {} runs in turns\n",
        grouped_count(options.connections.into()),
        options.compare.runs()
    ));
    report.value("connections", options.connections);
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    for costs in all {
        let mut row = vec![format!("{}, {}", costs.server.name(), costs.door.name())];
        let mut value = json!({ "server": costs.server.name(), "door": costs.door.name() });
        let figures = [
            ("bytes_per_connection", &costs.proportional),
            ("resident_bytes_per_connection", &costs.resident),
            ("process_mib", &costs.process_mib),
            ("connections_per_second", &costs.per_second),
        ];
        for (name, runs) in figures {
            let spread = (!runs.is_empty()).then(|| Spread::of(runs.iter().copied()));
            row.push(spread.map_or_else(|| "–".to_owned(), |spread| grouped(spread.median)));
            value[name] = json!(spread);
        }
        let spread = (!costs.proportional.is_empty()).then(|| Spread::of(costs.proportional.iter().copied()));
        row.insert(
            2,
            spread.map_or_else(String::new, |spread| format!("{} to {}", grouped(spread.min), grouped(spread.max))),
        );
        rows.push(row);
        values.push(value);
    }
    report.table(
        &["medians", "bytes each (PSS)", "min to max", "bytes each (RSS)", "process, MiB", "connected/s"],
        &rows,
    );
    report.value("servers", values);
    report
}
