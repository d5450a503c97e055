//! Running the other tools in order, all of them even when one fails, and saying which did.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{arrows, licences};

/// A named check: prints what it finds and fails when that is something.
type Step = (&'static str, fn() -> Result<()>);

/// Runs everything that needs no running server: format, clippy, arrows, licences, docs, tests.
///
/// # Errors
///
/// Names the steps that failed, after all have run.
pub(crate) fn check() -> Result<()> {
    let steps: [Step; 6] = [
        ("format", format),
        ("clippy", clippy),
        ("arrows", arrows::run),
        ("licences", licences::run),
        ("docs", docs),
        ("tests", tests),
    ];
    let mut failed = Vec::new();
    for (name, step) in steps {
        println!("== {name}");
        if let Err(error) = step() {
            eprintln!("{name}: {error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

/// Runs every fuzz target as a plain function on the stable compiler, `seconds` for each, with the inputs of `seed`.
///
/// # Errors
///
/// When a target found something, or the runner cannot be built.
pub(crate) fn fuzz(seconds: u32, seed: u64) -> Result<()> {
    let (seconds, seed) = (seconds.to_string(), seed.to_string());
    let run = ["run", "--release", "--package", "fuzz", "--bin", "fuzz-stable", "--"];
    cargo(&[&run[..], &["--seconds", &seconds, "--seed", &seed]].concat(), &[])
}

/// Runs the simulator; what it is asked is its own.
///
/// # Errors
///
/// When a promise was broken, or the simulator cannot be built.
pub(crate) fn sim(words: &[&str]) -> Result<()> {
    let mut arguments = vec!["run", "--quiet", "--release", "--package", "sim", "--"];
    arguments.extend(words);
    cargo(&arguments, &[])
}

fn format() -> Result<()> {
    cargo(&["fmt", "--all", "--check"], &[])
}

fn clippy() -> Result<()> {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])
}

fn docs() -> Result<()> {
    cargo(&["doc", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")])
}

fn tests() -> Result<()> {
    cargo(&["test", "--workspace"], &[])
}

fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let shown = format!("cargo {}", arguments.join(" "));
    let status = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .status()
        .with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed: {status}");
    }
    Ok(())
}
