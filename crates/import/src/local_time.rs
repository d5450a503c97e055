//! Times of logs that write the clock on the wall: they mean a place, and say no more than the second or the minute.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Turns the wall clock's time into one that never goes back: what is said in the same minute stays in its order, a
/// millisecond apart, and the hour that comes twice in autumn is read on.
#[derive(Clone, Debug)]
pub(crate) struct LocalTime {
    zone: TimeZone,
    last: i64,
}

impl LocalTime {
    /// Begins.
    pub(crate) fn new(zone: TimeZone) -> Self {
        Self { zone, last: i64::MIN }
    }

    /// Returns milliseconds since 1970; `None` for what is beyond the calendar.
    pub(crate) fn at(&mut self, wall: DateTime) -> Option<i64> {
        let zoned = self.zone.to_ambiguous_zoned_datetime(wall).compatible().ok()?;
        let stated = zoned.timestamp().as_millisecond();
        let at = stated.max(self.last.saturating_add(1));
        self.last = at;
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use jiff::civil::date;
    use jiff::tz::{Offset, TimeZone};

    use super::*;

    #[test]
    fn the_same_minute_keeps_its_order() {
        let mut time = LocalTime::new(TimeZone::fixed(Offset::from_hours(1).unwrap()));
        let wall = date(2026, 11, 29).at(18, 30, 0, 0);
        let first = time.at(wall).unwrap();
        assert_eq!(first, 1_795_973_400_000);
        assert_eq!(time.at(wall), Some(first + 1));
        assert_eq!(time.at(date(2026, 11, 29).at(18, 31, 0, 0)), Some(first + 60_000));
    }
}
