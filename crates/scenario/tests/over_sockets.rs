//! Every transcript of `scenarios/`, over TCP against the real binary, each with a server of its own: with one shard, and with
//! several, which share the hall in one half of the transcripts and ask its thread in the other. People cannot tell the
//! difference.
//!
//! The binary is `$LOGGIA_BIN`, or the one beside this test, built first when it is missing or older than its sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::OnceLock;
use std::time::SystemTime;

use libtest_mimic::Arguments;
use scenario::model::{Scenario, Setting, Way};
use scenario::run::run;
use scenario::sockets::Sockets;
use scenario::suite;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let scenarios = match suite::load(&suite::directory(), &arguments) {
        Ok(scenarios) => scenarios,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    // Each transcript is mostly waiting; more servers at once than this make the times in them unreliable.
    arguments.test_threads = arguments.test_threads.or(Some(2));
    let mut trials = suite::trials("", &scenarios, Way::Sockets, |scenario| play(scenario, &[]));
    // One half or the other, and always the same for each, whatever others there are.
    let (thread, shared): (Vec<_>, Vec<_>) = scenarios.into_iter().partition(|scenario| scenario.title.len() % 2 == 0);
    trials.extend(suite::trials("shared_hall::", &shared, Way::Sockets, |scenario| {
        play(scenario, &[("shards", 3.into()), ("hall", "shared".into())])
    }));
    trials.extend(suite::trials("hall_thread::", &thread, Way::Sockets, |scenario| {
        play(scenario, &[("shards", 2.into()), ("hall", "thread".into())])
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Plays one transcript to a server with these settings in its `[server]`, besides its own.
fn play(scenario: &Scenario, arrangement: &[(&str, toml::Value)]) -> Result<(), String> {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let program = PROGRAM.get_or_init(find_program).clone()?;
    let arrangement = arrangement.iter().map(|(key, value)| Setting {
        table: "server".to_owned(),
        key: (*key).to_owned(),
        value: value.clone(),
    });
    let settings: Vec<_> = arrangement.chain(scenario.settings.iter().cloned()).collect();
    let mut sockets = Sockets::start(&program, &settings).map_err(|trouble| trouble.to_string())?;
    run(scenario, &mut sockets).map_err(|failure| failure.to_string())
}

fn find_program() -> Result<PathBuf, String> {
    if let Some(given) = std::env::var_os("LOGGIA_BIN") {
        return Ok(given.into());
    }
    let this = std::env::current_exe().map_err(|error| format!("cannot find this test: {error}"))?;
    let profile = this.ancestors().nth(2).ok_or("this test stands in no target directory")?;
    let program = profile.join("loggia").with_extension(std::env::consts::EXE_EXTENSION);
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let built = fs::metadata(&program).and_then(|file| file.modified()).ok();
    if built.is_none_or(|built| newest_source(&crates).is_some_and(|changed| changed > built)) {
        build(profile)?;
    }
    Ok(program)
}

fn build(profile: &Path) -> Result<(), String> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["build", "--quiet", "--package", "server"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if profile.file_name().is_some_and(|name| name == "release") {
        command.arg("--release");
    }
    if let Some(target) = profile.parent() {
        command.env("CARGO_TARGET_DIR", target);
    }
    let status = command.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("the server does not build ({status})")) }
}

/// When a source file beneath `directory` last changed. Tests cannot change the program and do not count.
fn newest_source(directory: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(directory).ok()?.filter_map(Result::ok);
    entries
        .filter(|entry| entry.file_name() != "tests" && entry.file_name() != "scenario")
        .filter_map(|entry| {
            let path = entry.path();
            if path.is_dir() {
                return newest_source(&path);
            }
            let is_source = path.extension().is_some_and(|extension| extension == "rs" || extension == "toml");
            is_source.then(|| entry.metadata().ok()?.modified().ok()).flatten()
        })
        .max()
}
