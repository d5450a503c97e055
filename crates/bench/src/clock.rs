//! The one place where this crate reads the clock.

use std::time::{Duration, Instant};

/// Returns the time by which everything here is measured.
#[expect(clippy::disallowed_methods, reason = "measuring time is what this crate is for")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Waits. Only where there is nothing to wait for: a program of others that does not tell when it is ready.
#[expect(clippy::disallowed_methods, reason = "it asks again and again what cannot be waited for")]
pub(crate) fn pause(span: Duration) {
    std::thread::sleep(span);
}
