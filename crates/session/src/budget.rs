//! Flood control: how many lines a session may send, and when it may send the next.
//!
//! A bucket of tokens: a line takes one, time gives them back. Over it nothing is dropped and nobody is thrown out: the
//! session's next lines wait, and when it goes on sending, its socket is not read.

use std::time::Duration;

use chat::time::Instant;

/// Lines that may come at once.
const BURST_LINES: u32 = 20;
/// The time that gives one line back.
const LINE_TIME: Duration = Duration::from_millis(500);

/// One session's budget. Begins full.
#[derive(Clone, Copy, Debug, Default)]
pub struct Budget {
    /// When the bucket is full again.
    full_at: Instant,
}

impl Budget {
    /// Takes one or more lines from the budget. Several that come as one may owe the rest.
    ///
    /// # Errors
    /// When there is none left: the time when there will be.
    pub fn take(&mut self, lines: usize, now: Instant) -> Result<(), Instant> {
        let owed = self.full_at.since(now);
        let most = LINE_TIME * (BURST_LINES - 1);
        if owed > most {
            return Err(now + owed.saturating_sub(most));
        }
        self.full_at = now + owed + LINE_TIME * u32::try_from(lines).unwrap_or(u32::MAX);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::at(Duration::from_millis(millis))
    }

    #[test]
    fn a_burst_passes_and_then_one_line_each_half_second() {
        let mut budget = Budget::default();
        for _ in 0..BURST_LINES {
            assert_eq!(budget.take(1, at(0)), Ok(()));
        }
        assert_eq!(budget.take(1, at(0)), Err(at(500)));
        assert_eq!(budget.take(1, at(499)), Err(at(500)));
        assert_eq!(budget.take(1, at(500)), Ok(()));
        assert_eq!(budget.take(1, at(500)), Err(at(1000)));
        assert_eq!(budget.take(30, at(60_000)), Ok(()));
        assert_eq!(budget.take(1, at(60_000)), Err(at(65_500)));
    }
}
