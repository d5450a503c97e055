//! The time, read in one place.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use irc::time::Timestamp;

/// A clock that began with the program.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the program's clock: read once per turn of its loop")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Returns how long the program runs, and a second: at zero, nothing is overdue.
    pub(crate) fn now(self) -> Duration {
        self.0.elapsed() + Duration::from_secs(1)
    }

    /// Returns what time it is on the wall.
    #[expect(clippy::disallowed_methods, reason = "the program's clock: read once per turn of its loop")]
    pub(crate) fn wall() -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
