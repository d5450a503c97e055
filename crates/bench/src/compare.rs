//! Servers side by side: all of them in each run, one after the other, so that what the machine does meanwhile hits all alike.

use clap::Args;
use serde_json::{Value, json};

use crate::crowd::{Faults, Outcome};
use crate::foreign::Foreign;
use crate::report::Report;
use crate::scratch::Stage;
use crate::server_process::Choices;
use crate::spread::Spread;
use crate::subject::{Running, Subject};

/// Which servers, how often.
#[derive(Debug, Args)]
// It stands among the options of a kind of benchmark, which are called so too.
#[group(skip)]
pub(crate) struct Options {
    /// What is measured, once for each: loggia, loggia-disk, loggia-process, loggia-no-history (keeps nothing), loggia-N-shards, inspircd, ngircd, ircd-hybrid (each may be followed by
    /// =PROGRAM); bare, bare-16 (loops that only hand on); ADDRESS:PORT of a server that runs; `all`
    #[arg(long = "server", value_name = "SERVER", value_delimiter = ',', default_values = ["loggia", "loggia-disk", "bare", "bare-16"])]
    servers: Vec<String>,
    /// Runs: tables show the least, the middle and the most
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
}

/// A figure that is compared.
pub(crate) struct Figure<T> {
    /// What it is, for people.
    pub(crate) title: &'static str,
    /// And for programs.
    pub(crate) name: &'static str,
    /// Takes it of a run; `None` where it is not known.
    pub(crate) of: fn(&T) -> Option<f64>,
    /// Writes it for people.
    pub(crate) write: fn(f64) -> String,
}

/// What one server gave, run by run.
pub(crate) struct Results<T> {
    name: String,
    runs: Vec<T>,
}

impl Options {
    /// Returns the servers.
    pub(crate) fn subjects(&self) -> anyhow::Result<Vec<Subject>> {
        let mut subjects = Vec::new();
        for word in &self.servers {
            if word == "all" {
                subjects.extend(["memory", "disk"].map(|durability| Subject::Loggia(Choices::of(durability), None)));
                subjects.extend(Foreign::ALL.map(|foreign| Subject::Foreign(foreign, None)));
                subjects.extend([Subject::Bare(1), Subject::Bare(16)]);
            } else {
                subjects.push(word.parse().map_err(anyhow::Error::msg)?);
            }
        }
        Ok(subjects)
    }

    /// Returns how many runs there are.
    pub(crate) fn runs(&self) -> u32 {
        self.runs
    }

    /// Measures each server in each run, freshly started.
    pub(crate) fn measure<T>(
        &self,
        stage: &Stage,
        mut one: impl FnMut(&Running) -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<Results<T>>> {
        self.measure_unstarted(|subject| one(&subject.start(stage)?))
    }

    /// The same, where it is started by `one`.
    pub(crate) fn measure_unstarted<T>(
        &self,
        mut one: impl FnMut(&Subject) -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<Results<T>>> {
        let subjects = self.subjects()?;
        let mut all: Vec<Results<T>> =
            subjects.iter().map(|subject| Results { name: subject.name(), runs: Vec::new() }).collect();
        for _ in 0..self.runs {
            for (subject, results) in subjects.iter().zip(&mut all) {
                results.runs.push(one(subject).map_err(|error| error.context(subject.name()))?);
            }
        }
        Ok(all)
    }
}

/// Reports every figure of every server, and the ratios of the first server to the others, taken within each run.
pub(crate) fn report<T>(report: &mut Report, all: &[Results<T>], figures: &[Figure<T>]) {
    let mut servers: Vec<Value> = all.iter().map(|results| json!({ "name": results.name })).collect();
    let mut ratios: Vec<Value> =
        all.iter().skip(1).map(|other| json!({ "of": all[0].name, "to": other.name })).collect();
    for figure in figures {
        let mut rows = Vec::new();
        for (place, results) in all.iter().enumerate() {
            let Some(values) = results.runs.iter().map(figure.of).collect::<Option<Vec<f64>>>() else { continue };
            let spread = Spread::of(values.iter().copied());
            servers[place][figure.name] = json!(spread);
            let mut row = vec![results.name.clone()];
            row.extend([spread.min, spread.median, spread.max].map(figure.write));
            let ratio = if place == 0 { None } else { ratio(&all[0], &values, figure) };
            row.push(ratio.map_or_else(String::new, |ratio| {
                format!("{:.2} ({:.2} to {:.2})", ratio.median, ratio.min, ratio.max)
            }));
            if let Some(ratio) = ratio {
                ratios[place - 1][figure.name] = json!(ratio);
            }
            rows.push(row);
        }
        if !rows.is_empty() {
            let ratio = format!("{} : it", all[0].name);
            report.table(&[figure.title, "min", "median", "max", &ratio], &rows);
            report.say("");
        }
    }
    report.value("servers", servers);
    report.value("ratios", ratios);
}

/// Returns the ratios of the first server's figure to another's, run by run; none where one of them is nothing, or less.
fn ratio<T>(first: &Results<T>, others: &[f64], figure: &Figure<T>) -> Option<Spread> {
    let pairs = first.runs.iter().map(figure.of).zip(others);
    let ratios: Option<Vec<f64>> = pairs
        .map(|(first, other)| first.filter(|first| *first >= 0.0 && *other > 0.0).map(|first| first / other))
        .collect();
    ratios.map(Spread::of)
}

/// Adds up what was wrong in all runs of each server, says it, and has it judged: what is lost is wrong, whoever lost it.
pub(crate) fn judge<T>(report: &mut Report, all: &[Results<T>], faults: impl Fn(&T) -> Faults) {
    let mut values = serde_json::Map::new();
    for results in all {
        let mut sum = Faults::default();
        results.runs.iter().for_each(|run| sum.add(faults(run)));
        values.insert(results.name.clone(), json!(sum));
        if sum != Faults::default() {
            report.wrong();
            let Faults { lost, doubled, reordered } = sum;
            report
                .say(format!("{}: {lost} deliveries lost, {doubled} doubled, {reordered} out of order", results.name));
        }
    }
    if report.verdict() == crate::report::Verdict::Right {
        report.say("Every delivery came once and in its sender's order.");
    }
    report.value("faults", values);
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn count(deliveries: u64) -> f64 {
    deliveries.max(1) as f64
}

/// The figures of everything that counts deliveries.
pub(crate) fn delivery_figures() -> Vec<Figure<Outcome>> {
    vec![
        Figure {
            title: "deliveries/s",
            name: "deliveries_per_second",
            of: |run| Some(crate::bare::per_second(run.deliveries, run.took)),
            write: crate::report::grouped,
        },
        Figure {
            title: "server CPU, s per million",
            name: "cpu_seconds_per_million",
            of: |run| run.cpu.map(|cpu| cpu.as_secs_f64() * 1e6 / count(run.deliveries)),
            write: |value| format!("{value:.3}"),
        },
        Figure {
            title: "load's own CPU, share",
            name: "load_cpu_share",
            of: |run| Some(run.own_cpu.as_secs_f64() / run.took.as_secs_f64()),
            write: |value| format!("{value:.2}"),
        },
        Figure {
            title: "server memory (PSS), MiB",
            name: "proportional_mib",
            of: |run| run.usage.map(|usage| crate::report::mebibytes(usage.proportional_bytes)),
            write: |value| format!("{value:.1}"),
        },
        Figure {
            title: "server memory (RSS), MiB",
            name: "resident_mib",
            of: |run| run.usage.map(|usage| crate::report::mebibytes(usage.resident_bytes)),
            write: |value| format!("{value:.1}"),
        },
    ]
}

/// The figures of everything that has a pace.
pub(crate) fn latency_figures() -> Vec<Figure<Outcome>> {
    fn milliseconds(value: f64) -> String {
        format!("{value:.2}")
    }
    vec![
        Figure {
            title: "latency p50, ms",
            name: "p50_ms",
            of: |run| Some(run.latencies.quantile_ms(0.5)),
            write: milliseconds,
        },
        Figure {
            title: "latency p99, ms",
            name: "p99_ms",
            of: |run| Some(run.latencies.quantile_ms(0.99)),
            write: milliseconds,
        },
        Figure {
            title: "latency max, ms",
            name: "max_ms",
            of: |run| Some(run.latencies.quantile_ms(1.0)),
            write: milliseconds,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURE: Figure<f64> =
        Figure { title: "x", name: "x", of: |run| Some(*run), write: |value| value.to_string() };

    #[test]
    fn ratios_are_taken_within_a_run() {
        let results = |runs: &[f64]| Results { name: "a".into(), runs: runs.to_vec() };
        let first = results(&[2.0, 9.0, 4.0]);
        assert_eq!(ratio(&first, &[1.0, 3.0, 1.0], &FIGURE), Some(Spread { min: 2.0, median: 3.0, max: 4.0 }));
        assert_eq!(ratio(&first, &[1.0, 0.0, 1.0], &FIGURE), None);
    }
}
