//! Signals: SIGINT and SIGTERM stop the server, a second one ends it at once, SIGHUP reloads the configuration.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

type Wake = Box<dyn Fn() + Send>;

/// What the signals have asked for.
#[derive(Clone, Default)]
pub struct Signals(Arc<Asked>);

#[derive(Default)]
struct Asked {
    stop: AtomicBool,
    reload: AtomicBool,
    wake: Mutex<Option<Wake>>,
}

impl fmt::Debug for Signals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Signals")
            .field("stop", &self.0.stop)
            .field("reload", &self.0.reload)
            .finish_non_exhaustive()
    }
}

impl Signals {
    /// Begins to listen to this process's signals, on a thread of its own.
    ///
    /// # Errors
    /// When the system does not let them be caught.
    pub fn install() -> io::Result<Self> {
        let signals = Self::default();
        let mut arriving = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let asked = signals.clone();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in &mut arriving {
                if signal == SIGHUP {
                    asked.ask_reload();
                } else if asked.stop_asked() {
                    // By convention: 128 and the number of the signal.
                    signal_hook::low_level::exit(128 + signal);
                } else {
                    asked.ask_stop();
                }
            }
        })?;
        Ok(signals)
    }

    /// Says what to call, on another thread, when something was asked; at once if something was asked before.
    pub fn set_wake(&self, wake: impl Fn() + Send + 'static) {
        let mut place = self.0.wake.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stop_asked() || self.0.reload.load(Ordering::Acquire) {
            wake();
        }
        *place = Some(Box::new(wake));
    }

    /// Tells whether the server is to stop.
    pub fn stop_asked(&self) -> bool {
        self.0.stop.load(Ordering::Acquire)
    }

    /// Tells whether the configuration is to be reloaded, once for each time it was asked.
    pub fn take_reload(&self) -> bool {
        self.0.reload.swap(false, Ordering::AcqRel)
    }

    /// Asks the server to stop, as SIGTERM does.
    pub fn ask_stop(&self) {
        self.0.stop.store(true, Ordering::Release);
        self.wake();
    }

    /// Asks for the configuration to be reloaded, as SIGHUP does.
    pub fn ask_reload(&self) {
        self.0.reload.store(true, Ordering::Release);
        self.wake();
    }

    fn wake(&self) {
        if let Some(wake) = &*self.0.wake.lock().unwrap_or_else(PoisonError::into_inner) {
            wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn what_is_asked_wakes_and_is_taken_once() {
        let signals = Signals::default();
        signals.ask_reload();
        let (sender, receiver) = mpsc::channel();
        signals.set_wake(move || sender.send(()).expect("the receiver lives"));
        assert!(receiver.try_recv().is_ok(), "what was asked before wakes at once");
        assert!(signals.take_reload() && !signals.take_reload());
        assert!(!signals.stop_asked());
        signals.ask_stop();
        assert!(receiver.try_recv().is_ok() && signals.stop_asked());
    }
}
