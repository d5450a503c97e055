//! Every transcript of `scenarios/`, against the pure crates with a simulated clock.

use std::process::ExitCode;

use libtest_mimic::Arguments;
use scenario::in_process::InProcess;
use scenario::model::{Scenario, Way};
use scenario::run::run;
use scenario::suite;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let scenarios = match suite::load(&suite::directory(), &arguments) {
        Ok(scenarios) => scenarios,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    libtest_mimic::run(&arguments, suite::trials("", &scenarios, Way::InProcess, play)).exit_code()
}

fn play(scenario: &Scenario) -> Result<(), String> {
    let mut server = InProcess::start(&scenario.settings).map_err(|trouble| trouble.to_string())?;
    run(scenario, &mut server).map_err(|failure| failure.to_string())
}
