//! Who entered a channel lately: what the join throttle counts. Not logged: after a restart nobody has.

use core::fmt;
use core::str::FromStr;
use core::time::Duration;
use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// The most joins that a measure counts.
pub const JOINS_MAX: u16 = 200;

/// The longest time that a measure looks back, in seconds.
pub const SECONDS_MAX: u16 = 3600;

/// How many may enter in how long: `+j joins:seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinThrottle {
    /// The most joins, from 1 to [`JOINS_MAX`].
    pub joins: u16,
    /// In so many seconds, from 1 to [`SECONDS_MAX`].
    pub seconds: u16,
}

/// What was written is no measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoThrottle;

impl FromStr for JoinThrottle {
    type Err = NoThrottle;

    fn from_str(written: &str) -> Result<Self, NoThrottle> {
        let (joins, seconds) = written.split_once(':').ok_or(NoThrottle)?;
        let number = |digits: &str, most: u16| {
            // `parse` alone would take `+3`.
            let digits = digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits)?;
            digits.parse().ok().filter(|number| (1..=most).contains(number))
        };
        match (number(joins, JOINS_MAX), number(seconds, SECONDS_MAX)) {
            (Some(joins), Some(seconds)) => Ok(Self { joins, seconds }),
            _ => Err(NoThrottle),
        }
    }
}

impl fmt::Display for JoinThrottle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.joins, self.seconds)
    }
}

/// When people entered, newest last; as many as any measure counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    all: VecDeque<Instant>,
    newcomers: VecDeque<Instant>,
}

impl Arrivals {
    /// Tells whether one more may enter by this measure.
    pub fn take(&self, throttle: JoinThrottle, newcomers_only: bool, now: Instant) -> bool {
        let times = if newcomers_only { &self.newcomers } else { &self.all };
        let span = Duration::from_secs(throttle.seconds.into());
        let lately = times.iter().rev().take_while(|at| now.since(**at) < span).count();
        lately < usize::from(throttle.joins)
    }

    /// Notes that somebody enters.
    pub fn note(&mut self, newcomer: bool, now: Instant) {
        push(&mut self.all, now);
        if newcomer {
            push(&mut self.newcomers, now);
        }
    }
}

fn push(times: &mut VecDeque<Instant>, now: Instant) {
    if times.len() == usize::from(JOINS_MAX) {
        times.pop_front();
    }
    times.push_back(now);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn measures_are_read_and_written() {
        assert_eq!("3:10".parse(), Ok(JoinThrottle { joins: 3, seconds: 10 }));
        for bad in ["", "3", ":", "3:", ":3", "0:1", "1:0", "-1:5", "+1:5", "201:1", "1:3601", "a:b", "1:2:3", " 1:2"] {
            assert_eq!(bad.parse::<JoinThrottle>(), Err(NoThrottle), "{bad:?}");
        }
    }

    #[test]
    fn newcomers_are_counted_apart() {
        let (mut arrivals, now) = (Arrivals::default(), Instant::at(Duration::from_secs(50)));
        let one = JoinThrottle { joins: 1, seconds: 5 };
        arrivals.note(false, now);
        assert!(!arrivals.take(one, false, now) && arrivals.take(one, true, now));
        arrivals.note(true, now);
        assert!(!arrivals.take(one, true, now));
        assert!(arrivals.take(one, true, now + Duration::from_secs(5)));
    }

    proptest! {
        #[test]
        fn never_more_than_the_measure_in_any_span(
            joins in 1_u16..5,
            seconds in 1_u16..10,
            waits in prop::collection::vec(0_u64..4, 0..60),
        ) {
            let throttle = JoinThrottle { joins, seconds };
            prop_assert_eq!(throttle.to_string().parse(), Ok(throttle));
            let (mut arrivals, mut now, mut entered) = (Arrivals::default(), Instant::default(), Vec::new());
            for wait in waits {
                now = now + Duration::from_secs(wait);
                if arrivals.take(throttle, false, now) {
                    arrivals.note(false, now);
                    entered.push(now);
                }
            }
            for (place, at) in entered.iter().enumerate() {
                let span = entered[place..].iter().take_while(|later| later.since(*at) < Duration::from_secs(seconds.into()));
                prop_assert!(span.count() <= usize::from(joins));
            }
        }
    }
}
