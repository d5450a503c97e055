//! How long a client waits before it connects again.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_secs(1);

/// The longest wait.
const LONGEST: Duration = Duration::from_mins(1);

/// Attempts that have failed, one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackOff {
    failed: u32,
}

impl BackOff {
    /// Notes a failure, and returns how long to wait: twice as long each time, up to a minute, and of that at least half,
    /// by chance, so that a server that comes back is not met by all its clients at once.
    pub fn wait(&mut self, random: u32) -> Duration {
        let whole = FIRST.saturating_mul(1 << self.failed.min(16)).min(LONGEST);
        self.failed = self.failed.saturating_add(1);
        whole / 2 + (whole / 2).mul_f64(f64::from(random) / f64::from(u32::MAX))
    }

    /// Notes that it has worked.
    pub fn worked(&mut self) {
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_minute_and_begin_anew() {
        let mut back_off = BackOff::default();
        let longest: Vec<u64> = (0..9).map(|_| back_off.wait(u32::MAX).as_secs()).collect();
        assert_eq!(longest, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(back_off.wait(0), Duration::from_secs(30));
        back_off.worked();
        assert_eq!(back_off.wait(0), Duration::from_millis(500));
    }
}
