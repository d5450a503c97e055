//! Runs the fuzz targets on the stable compiler: the kept inputs, then generated ones for some seconds each.

#![expect(
    clippy::disallowed_methods,
    reason = "it runs for so many real seconds, and an input that hangs can only be left by exit"
)]

mod arguments;
mod generate;
mod run;
mod shrink;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{fs, panic};

use arguments::Arguments;
use fuzz::{TARGETS, Target, kept};
use generate::{Generator, Random};
use run::{Failure, Runner};

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(trouble) => {
            eprintln!("{trouble}\n\n{}", arguments::USAGE);
            return ExitCode::from(2);
        }
    };
    // A panic is expected here, and told once, with its input.
    panic::set_hook(Box::new(run::note_panic));
    if let Some(path) = &arguments.input {
        return replay(&arguments, path);
    }
    println!("seed {}", arguments.seed);
    let (mut passed, mut failed) = (0, 0);
    for target in TARGETS.iter().filter(|target| arguments.is_wanted(target.name)) {
        if fuzz(target, &arguments) {
            passed += 1;
        } else {
            failed += 1;
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one target. Returns whether nothing failed.
fn fuzz(target: &'static Target, arguments: &Arguments) -> bool {
    let mut runner = Runner::new(target);
    let kept = match kept::inputs(target.name) {
        Ok(kept) => kept,
        Err(trouble) => {
            println!("{}: the kept inputs cannot be read: {trouble}", target.name);
            return false;
        }
    };
    for one in &kept {
        if let Err(failure) = runner.run(&one.bytes) {
            println!("{}: the kept input {} fails", target.name, one.path.display());
            report(target, arguments, &one.bytes, &failure);
            return false;
        }
    }
    let examples = kept.iter().map(|one| one.bytes.clone()).collect();
    let mut generator = Generator::new(target, examples, Random::new(arguments.seed, target.name));
    let started = Instant::now();
    let until = Duration::from_secs(arguments.seconds);
    let mut count = 0_u64;
    while started.elapsed() < until {
        let input = generator.next_input();
        count += 1;
        if let Err(failure) = runner.run(&input) {
            println!("{}: input {count} of this seed fails; making it smaller", target.name);
            let (small, failure) = shrink::shrink(&mut runner, input, failure);
            report(target, arguments, &small, &failure);
            return false;
        }
    }
    println!("{}: {} kept and {count} generated inputs", target.name, kept.len());
    true
}

/// Runs one input from a file, with the panic as it comes.
fn replay(arguments: &Arguments, path: &PathBuf) -> ExitCode {
    let Some(target) = arguments.target.as_deref().and_then(fuzz::target) else {
        eprintln!("--input needs --target");
        return ExitCode::from(2);
    };
    let input = match fs::read(path) {
        Ok(input) => input,
        Err(trouble) => {
            eprintln!("cannot read {}: {trouble}", path.display());
            return ExitCode::from(2);
        }
    };
    match Runner::new(target).run(&input) {
        Ok(()) => {
            println!("1 passed, 0 failed");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{}: {}", target.name, failure.what);
            println!("0 passed, 1 failed");
            ExitCode::FAILURE
        }
    }
}

/// Says what failed and how to see it again, and saves the input.
fn report(target: &Target, arguments: &Arguments, input: &[u8], failure: &Failure) {
    println!("{}: FAILED with seed {}: {}", target.name, arguments.seed, failure.what);
    println!("    input ({} bytes): {}", input.len(), input.escape_ascii());
    let path = run::path_for(target, "failed");
    match fs::write(&path, input) {
        Ok(()) => println!("    saved; see it again with --target {} --input {}", target.name, path.display()),
        Err(trouble) => println!("    cannot be saved as {}: {trouble}", path.display()),
    }
}
