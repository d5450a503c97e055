//! The program `loggia`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::run()
}
