//! How long the index of words needs to come up with the log.

use std::time::Duration;

use anyhow::ensure;

use crate::clock;
use crate::dialogue::Dialogue;
use crate::server_process::Setup;

/// How long it may take.
const WAIT: Duration = Duration::from_hours(1);

/// The server's figure of what the index has not looked at yet.
const LAG: &str = "loggia_search_lag_facts";

/// Asks until the index has come up with the log; returns how long that took.
pub(crate) fn wait(setup: &Setup, asker: &mut Dialogue) -> anyhow::Result<Duration> {
    let began = clock::now();
    loop {
        // The figures are brought up to date with what the server does.
        asker.ask("PING lag", |message| Ok(message.is_command("PONG")))?;
        if setup.figure(LAG)? == 0.0 {
            return Ok(began.elapsed());
        }
        ensure!(began.elapsed() < WAIT, "the index does not catch up");
    }
}
