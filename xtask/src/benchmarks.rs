//! Micro-benchmarks: how long the small steps take, now and at another revision.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

/// The crates that have micro-benchmarks, each with its file in `benches/`.
const BENCHES: [(&str, &str); 3] = [("irc", "lines"), ("session", "fan_out"), ("store", "commit")];

/// Under which names criterion keeps what it measured.
const BEFORE: &str = "before";
const NOW: &str = "now";

/// Runs the micro-benchmarks.
///
/// # Errors
///
/// When one of them fails.
pub(crate) fn run() -> Result<()> {
    measure(&root()?, &target()?, NOW)
}

/// Runs them at `revision` too, built in a worktree of its own, and prints the ratios.
///
/// # Errors
///
/// When there is no such revision, or it has no micro-benchmarks, or one of them fails.
pub(crate) fn compare(revision: &str) -> Result<()> {
    let (root, target) = (root()?, target()?);
    let tree = target.join("compared");
    let shown = tree.to_str().context("the target directory's name is not UTF-8")?;
    // It may be left from a run that was broken off.
    let _ = git(&root, &["worktree", "remove", "--force", shown]);
    git(&root, &["worktree", "add", "--detach", shown, revision])?;
    let outcome = measure(&tree, &target, BEFORE).and_then(|()| measure(&root, &target, NOW));
    git(&root, &["worktree", "remove", "--force", shown])?;
    outcome?;
    print_ratios(revision, &target)
}

/// Runs all benchmarks of the sources in a directory, and has criterion keep the figures under a name.
fn measure(sources: &Path, target: &Path, name: &str) -> Result<()> {
    for (package, bench) in BENCHES {
        let file = sources.join("crates").join(package).join("benches").join(bench).with_extension("rs");
        ensure!(file.exists(), "there is no {}: nothing to compare with", file.display());
        let status = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(sources)
            .env("CARGO_TARGET_DIR", target)
            .args(["bench", "--quiet", "--package", package, "--bench", bench, "--", "--save-baseline", name])
            .status()
            .context("cannot start cargo")?;
        ensure!(status.success(), "the benchmarks of {package} failed: {status}");
    }
    Ok(())
}

fn print_ratios(revision: &str, target: &Path) -> Result<()> {
    let directory = target.join("criterion");
    let (before, now) = (medians(&directory, BEFORE)?, medians(&directory, NOW)?);
    println!("{:<40} {:>14} {:>14} {:>8}", "median, ns", revision, "now", "ratio");
    for (name, now) in now {
        match before.get(&name) {
            Some(before) => println!("{name:<40} {before:>14.0} {now:>14.0} {:>8.2}", now / before),
            None => println!("{name:<40} {:>14} {now:>14.0}", "–"),
        }
    }
    Ok(())
}

/// Finds what criterion has kept under a name: `…/GROUP/FUNCTION/NAME/estimates.json`.
fn medians(directory: &Path, name: &str) -> Result<BTreeMap<String, f64>> {
    let mut found = BTreeMap::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(at) = directories.pop() {
        let entries = std::fs::read_dir(&at).with_context(|| format!("cannot read {}", at.display()))?;
        for entry in entries {
            let path = entry.with_context(|| format!("cannot read {}", at.display()))?.path();
            if path.is_dir() && path.file_name().is_some_and(|last| last == name) {
                let estimates = path.join("estimates.json");
                let text = std::fs::read_to_string(&estimates);
                let text = text.with_context(|| format!("cannot read {}", estimates.display()))?;
                let estimates: serde_json::Value = serde_json::from_str(&text).context("criterion's figures")?;
                let median = estimates["median"]["point_estimate"].as_f64().context("criterion says no median")?;
                let shown = at.strip_prefix(directory).unwrap_or(&at).display().to_string();
                found.insert(shown, median);
            } else if path.is_dir() {
                directories.push(path);
            }
        }
    }
    Ok(found)
}

fn root() -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec().context("cannot ask cargo where this is")?;
    Ok(metadata.workspace_root.into())
}

fn target() -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec().context("cannot ask cargo where this is")?;
    Ok(metadata.target_directory.into())
}

fn git(directory: &Path, words: &[&str]) -> Result<()> {
    let output = Command::new("git").current_dir(directory).args(words).output().context("cannot start git")?;
    if !output.status.success() {
        bail!("git {} failed: {}", words.join(" "), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
