//! The event loop.

use std::sync::mpsc;

use crate::serve::Prepared;

/// Runs the server until a signal asks it to stop.
///
/// # Errors
/// When the loop cannot go on.
pub fn run(mut prepared: Prepared) -> anyhow::Result<()> {
    let (wake, woken) = mpsc::channel();
    prepared.signals.set_wake(move || {
        let _ = wake.send(());
    });
    prepared.announce_ready();
    while !prepared.signals.stop_asked() && woken.recv().is_ok() {
        if prepared.signals.take_reload() {
            match prepared.reload() {
                Ok(sentences) => sentences.iter().for_each(|sentence| tracing::info!("{sentence}")),
                Err(errors) => tracing::error!("the configuration is not reloaded: {errors}"),
            }
        }
    }
    prepared.readiness.set_listening(false);
    prepared.web.stop();
    Ok(())
}
