//! Moments as the wire writes them: the `time` tag, and the references of CHATHISTORY.
//!
//! Spec: `IRCv3` "server-time", "chathistory".

use core::fmt;

use serde::{Deserialize, Serialize};

/// A moment of the calendar: milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Reads `2026-11-21T03:45:00.000Z`, the form of the `time` tag; `None` for anything else, such as the 30th of February.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
        if !shape.eq(*b"0000-00-00T00:00:00.000Z") {
            return None;
        }
        let number = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second, milli) = (number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 23)?);
        let days = days_from_civil(year, month, day);
        let known = (1..=12).contains(&month) && civil_from_days(days) == (year, month, day);
        // A leap second is the moment after it, as the calendar of 86,400 seconds a day has it.
        let of_day = ((hour * 60 + minute) * 60 + second) * 1000 + milli;
        (known && hour < 24 && minute < 60 && second <= 60).then_some(Self(days * 86_400_000 + of_day))
    }

    /// Returns whole seconds since 1970, as numerics such as 329 and 333 want them.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }
}

impl fmt::Display for Timestamp {
    /// Writes `2026-11-21T03:45:00.000Z`, the form of the `time` tag (`IRCv3` "server-time").
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.0.div_euclid(86_400_000);
        let of_day = self.0.rem_euclid(86_400_000);
        let (year, month, day) = civil_from_days(days);
        let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
        let (second, milli) = (of_day / 1000 % 60, of_day % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// Turns year, month and day of the Gregorian calendar into days since 1970-01-01; see [`civil_from_days`].
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Turns days since 1970-01-01 into year, month and day of the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is a year's last; eras are the calendar's 400-year cycle.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let from_march_of_year_zero = days + 719_468;
    let era = from_march_of_year_zero.div_euclid(146_097);
    let day_of_era = from_march_of_year_zero.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_written_as_server_time_wants_them() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(951_827_696_789).to_string(), "2000-02-29T12:34:56.789Z");
        assert_eq!(Timestamp(1_795_233_599_999).to_string(), "2026-11-21T03:59:59.999Z");
        assert_eq!(Timestamp(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn timestamps_are_read_as_they_are_written() {
        for millis in [0, 951_827_696_789, 1_795_233_599_999, -1, -62_135_596_800_000, 253_402_300_799_999] {
            assert_eq!(Timestamp::parse(&Timestamp(millis).to_string()), Some(Timestamp(millis)));
        }
        for bad in [
            "",
            "*",
            "2026-11-21T03:45:00Z",
            "2026-11-21 03:45:00.000Z",
            "2026-11-21T03:45:00.000",
            "2026-02-30T03:45:00.000Z",
            "2026-13-01T03:45:00.000Z",
            "2026-00-01T03:45:00.000Z",
            "2026-11-21T24:00:00.000Z",
            "2026-11-21T03:60:00.000Z",
            "-026-11-21T03:45:00.000Z",
            "２０２６-11-21T03:45:00.000Z",
        ] {
            assert_eq!(Timestamp::parse(bad), None, "{bad}");
        }
    }
}
