//! Time is an argument: pure code is told what the clock says and never looks.

use core::time::Duration;

pub use irc::time::Timestamp;

/// A moment on the process's own clock, counted from its start: never goes back, says nothing about the date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub Duration);

impl Instant {
    /// Returns the time that passed since `earlier`, zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl core::ops::Add<Duration> for Instant {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0 + span)
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
