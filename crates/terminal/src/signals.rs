//! What the system and the owner ask of the program.

use std::sync::mpsc::SyncSender;

use anyhow::Context as _;
use signal_hook::iterator::Signals;

/// Sends what `stop` makes whenever one of the signals comes. The thread ends with the process, or when nobody listens.
///
/// # Errors
/// When they cannot be waited for, or the system gives no thread.
pub(crate) fn stop_on<E: Send + 'static>(signals: &[i32], to: &SyncSender<E>, stop: fn() -> E) -> anyhow::Result<()> {
    let mut signals = Signals::new(signals).context("cannot wait for signals")?;
    let to = to.clone();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for _ in signals.forever() {
            if to.send(stop()).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}
