//! The one place where this crate reads the clock.

use std::time::Instant;

/// Returns the time by which everything here is measured.
#[expect(clippy::disallowed_methods, reason = "measuring time is what this crate is for")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
