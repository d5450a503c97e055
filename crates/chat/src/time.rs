//! Time is an argument: pure code is told what the clock says and never looks.

use core::num::NonZeroU64;
use core::time::Duration;

pub use irc::time::Timestamp;

/// A moment on the process's own clock, counted from its start: never goes back, says nothing about the date.
///
/// In nanoseconds, which last for 584 years; one more than have passed, so that where there may be none it takes no more room.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(NonZeroU64);

impl Instant {
    /// Returns the moment so long after the start.
    pub fn at(since_start: Duration) -> Self {
        let nanoseconds = u64::try_from(since_start.as_nanos()).unwrap_or(u64::MAX);
        Self(NonZeroU64::MIN.saturating_add(nanoseconds))
    }

    /// Returns the time that passed since the start.
    pub fn since_start(self) -> Duration {
        Duration::from_nanos(self.0.get() - 1)
    }

    /// Returns the time that passed since `earlier`, zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.get().saturating_sub(earlier.0.get()))
    }
}

/// The start.
impl Default for Instant {
    fn default() -> Self {
        Self(NonZeroU64::MIN)
    }
}

impl core::ops::Add<Duration> for Instant {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self::at(self.since_start().saturating_add(span))
    }
}

impl core::fmt::Debug for Instant {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Instant({:?})", self.since_start())
    }
}

/// What the two clocks say when an input is handled.
#[derive(Clone, Copy, Debug, Default)]
pub struct Now {
    /// For spans and deadlines.
    pub instant: Instant,
    /// For what people are shown.
    pub wall: Timestamp,
}
