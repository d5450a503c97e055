//! Checks and chores of this repository: `cargo xtask check` is what the one command `./test` and every commit rely on.

use std::process::ExitCode;

mod arrows;
mod bench_report;
mod benchmarks;
mod dist;
mod licences;
mod longest;
mod purity;
mod source;
mod steps;

const USAGE: &str = "\
Checks and chores of this repository.

    cargo xtask check          format, clippy, arrows, licences, docs, tests: everything that needs no server
    cargo xtask arrows         who depends on whom, and that pure crates stay pure
    cargo xtask licences       what is linked in: licences, banned crates, sources (deny.toml)
    cargo xtask longest [N]    the N longest files and functions (default 10)
    cargo xtask sim --seed N   one simulated run, with its transcript; or --seeds A..B, or --minutes M
    cargo xtask bench          micro-benchmarks: parse, write, fan-out, commit; --compare REV: ratios to another revision
    cargo xtask bench-report [NAME…]  measures beside other servers and writes docs/performance.md; some of it, or all; --from DIR: from figures
                               measured before
    cargo xtask dist          what is handed out: archive and Debian packages, in target/dist (or --out DIR); of programs that were built
                              before: --server FILE --desktop FILE
    cargo xtask fuzz SECONDS SEED  the fuzz targets on the stable compiler, SECONDS for each, with the inputs of SEED";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["check"] => steps::check(),
        ["arrows"] => arrows::run(),
        ["licences"] => licences::run(),
        ["longest"] => longest::run(10),
        ["longest", count] => match count.parse() {
            Ok(count) => longest::run(count),
            Err(_) => return usage_error(&format!("longest: `{count}` is not a number of files")),
        },
        ["fuzz", seconds, seed] => match (seconds.parse(), seed.parse()) {
            (Ok(seconds), Ok(seed)) => steps::fuzz(seconds, seed),
            _ => return usage_error(&format!("fuzz: `{seconds}` and `{seed}` are not whole numbers")),
        },
        ["bench-report", "--from", directory] => bench_report::from(directory.as_ref()),
        ["bench-report", only @ ..] => bench_report::run(only),
        ["dist", rest @ ..] => dist::run(rest),
        ["bench"] => benchmarks::run(),
        ["bench", "--compare", revision] => benchmarks::compare(revision),
        ["sim", rest @ ..] => steps::sim(rest),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        [] => return usage_error("say what to do"),
        other => return usage_error(&format!("unknown: {}", other.join(" "))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage_error(what: &str) -> ExitCode {
    eprintln!("xtask: {what}\n\n{USAGE}");
    ExitCode::from(2)
}
