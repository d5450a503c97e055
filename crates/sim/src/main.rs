//! Runs the simulator: `cargo xtask sim`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use sim::Sabotage;
use sim::run::{Counts, Run};

const USAGE: &str = "\
Runs the whole server and its clients in one thread, with everything that can go wrong, and checks what was promised.

    sim --seed N          one run, with its transcript
    sim --seeds A..B      the runs from A up to B, without B
    sim --minutes M       runs for so long, from a seed that the time chooses
    sim --sabotage NAME   breaks a rule on purpose, and runs until that is noticed; `all` breaks one after the other";

/// Enough for everything that is broken on purpose to be noticed.
const SABOTAGED_SEEDS: u64 = 500;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let known = match words.as_slice() {
        ["--seed", seed] => seed.parse().ok().map(one),
        ["--seeds", range] => seeds(range).map(|seeds| many(seeds, None)),
        ["--minutes", minutes] => minutes.parse().ok().map(|minutes: u64| {
            let first = std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_secs()) * 1_000_000;
            many(first..u64::MAX, Some(Duration::from_secs(60 * minutes)))
        }),
        ["--sabotage", "all"] => Some(sabotaged(&Sabotage::ALL)),
        ["--sabotage", name] => {
            Sabotage::ALL.iter().find(|one| format!("{one:?}") == *name).map(|one| sabotaged(&[*one]))
        }
        _ => None,
    };
    known.unwrap_or_else(|| {
        eprintln!("{USAGE}");
        ExitCode::from(2)
    })
}

fn seeds(range: &str) -> Option<std::ops::Range<u64>> {
    let (from, to) = range.split_once("..")?;
    Some(from.parse().ok()?..to.parse().ok()?)
}

/// Runs one seed and prints everything.
fn one(seed: u64) -> ExitCode {
    let outcome = Run { seed, sabotage: None, transcript: true }.go();
    for line in &outcome.transcript {
        println!("{line}");
    }
    println!("{:.3} simulated seconds; {}", outcome.simulated.as_secs_f64(), sentence(outcome.counts));
    for violation in &outcome.violations {
        println!("{:?} is violated: {}", violation.rule, violation.what);
    }
    println!(
        "{} passed, {} failed",
        usize::from(outcome.violations.is_empty()),
        usize::from(!outcome.violations.is_empty())
    );
    if outcome.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Breaks rules, one after the other, and prints how each is noticed.
fn sabotaged(sabotages: &[Sabotage]) -> ExitCode {
    let mut unnoticed = 0;
    for sabotage in sabotages {
        let mut steps = 0;
        let found = (0..SABOTAGED_SEEDS).find_map(|seed| {
            let outcome = Run { seed, sabotage: Some(*sabotage), transcript: false }.go();
            steps += outcome.steps;
            Some((seed, outcome.violations.into_iter().next()?))
        });
        if let Some((seed, violation)) = found {
            println!(
                "{sabotage:?}: noticed with seed {seed}, after {steps} steps: {:?}: {}",
                violation.rule, violation.what
            );
        } else {
            println!("{sabotage:?}: not noticed in {SABOTAGED_SEEDS} runs, {steps} steps");
            unnoticed += 1;
        }
    }
    println!("{} passed, {unnoticed} failed", sabotages.len() - unnoticed);
    if unnoticed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs many seeds, and prints those that fail.
fn many(seeds: impl Iterator<Item = u64>, time: Option<Duration>) -> ExitCode {
    #[expect(clippy::disallowed_methods, reason = "how long to go on is a matter of the wall clock")]
    let began = Instant::now();
    let (mut passed, mut failed, mut counts, mut simulated) = (0_u64, 0_u64, Counts::default(), Duration::ZERO);
    let mut broken: BTreeMap<String, u64> = BTreeMap::new();
    for seed in seeds {
        if time.is_some_and(|time| began.elapsed() >= time) {
            break;
        }
        let outcome = Run { seed, sabotage: None, transcript: false }.go();
        counts += outcome.counts;
        simulated += outcome.simulated;
        if outcome.violations.is_empty() {
            passed += 1;
            continue;
        }
        failed += 1;
        for violation in outcome.violations {
            println!("seed {seed}: {:?} is violated: {}", violation.rule, violation.what);
            *broken.entry(format!("{:?}", violation.rule)).or_default() += 1;
        }
    }
    for (rule, times) in broken {
        println!("{rule}: violated {times} times");
    }
    println!(
        "{passed} runs in {:.0} s, {:.0} simulated hours; {}",
        began.elapsed().as_secs_f64(),
        simulated.as_secs_f64() / 3600.0,
        sentence(counts)
    );
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn sentence(counts: Counts) -> String {
    let Counts { said, seen, resumed, backups, crashes, restarts, cuts, refused } = counts;
    format!(
        "{said} messages said, seen {seen} times ({resumed} by who resumes), {refused} refused; {crashes} \
         crashes, {restarts} restarts, {cuts} connections cut, {backups} backups"
    )
}
