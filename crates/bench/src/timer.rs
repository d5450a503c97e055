//! A timer in the poll that is exact to microseconds; the poll's own patience counts whole milliseconds.

use std::os::fd::{AsRawFd as _, OwnedFd};
use std::time::Duration;

use anyhow::Context as _;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};

/// Wakes a poll.
#[derive(Debug)]
pub(crate) struct Timer(OwnedFd);

impl Timer {
    /// Makes a timer that is not set.
    pub(crate) fn new(registry: &Registry, token: Token) -> anyhow::Result<Self> {
        let failed = "cannot make a timer";
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = rustix::time::timerfd_create(TimerfdClockId::Monotonic, flags).context(failed)?;
        registry.register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE).context(failed)?;
        Ok(Self(timer))
    }

    /// Has it wake the poll after this time, instead of what was set before.
    pub(crate) fn set(&self, after: Duration) -> anyhow::Result<()> {
        // Zero would mean never.
        let after = after.max(Duration::from_nanos(1));
        let span = Timespec { tv_sec: i64::try_from(after.as_secs())?, tv_nsec: after.subsec_nanos().into() };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: span };
        rustix::time::timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &once).context("cannot set the timer")?;
        Ok(())
    }
}
