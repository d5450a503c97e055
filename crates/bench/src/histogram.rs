//! Latencies, counted in buckets that grow with them: cheap to note, exact to one part in 128.

use std::time::Duration;

/// Each doubling is divided into so many buckets.
const PARTS: u64 = 128;

/// Counts of durations, from a microsecond to hours.
#[derive(Clone, Debug, Default)]
pub(crate) struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    longest: u64,
}

impl Histogram {
    /// Notes a duration, so many times.
    pub(crate) fn note(&mut self, span: Duration, times: u64) {
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        let bucket = bucket_of(micros);
        if self.buckets.len() <= bucket {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] += times;
        self.count += times;
        self.longest = self.longest.max(micros);
    }

    /// Returns the milliseconds that a share of all did not exceed; the longest for 1.0, zero of none.
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    pub(crate) fn quantile_ms(&self, share: f64) -> f64 {
        if share >= 1.0 {
            return self.longest as f64 / 1e3;
        }
        let wanted = self.count as f64 * share;
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += count;
            if *count > 0 && seen as f64 > wanted {
                return longest_in(bucket as u64).min(self.longest) as f64 / 1e3;
            }
        }
        self.longest as f64 / 1e3
    }
}

/// Small values have a bucket each; above that the seven bits behind the first one tell the bucket.
fn bucket_of(micros: u64) -> usize {
    let doublings = u64::from((micros / PARTS).checked_ilog2().map_or(0, |log| log + 1));
    let bucket = if doublings == 0 { micros } else { doublings * PARTS + (micros >> (doublings - 1)) - PARTS };
    usize::try_from(bucket).unwrap_or(usize::MAX)
}

/// Returns the largest value of a bucket.
fn longest_in(bucket: u64) -> u64 {
    match (bucket / PARTS, bucket % PARTS) {
        (0, micros) => micros,
        (doublings, part) => ((PARTS + part + 1) << (doublings - 1)) - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_it_says() {
        for micros in (0..5000).chain([65_535, 65_536, 1_000_000, 3_600_000_000]) {
            let bucket = bucket_of(micros) as u64;
            let longest = longest_in(bucket);
            assert!(micros <= longest, "{micros} in {bucket} up to {longest}");
            assert!(longest - micros <= micros / PARTS, "{micros} is shown as {longest}");
            assert!(bucket == 0 || longest_in(bucket - 1) < micros, "{micros} belongs to the bucket before {bucket}");
        }
    }

    #[test]
    fn quantiles_are_those_of_what_was_noted() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile_ms(0.5).to_bits(), 0);
        for micros in 1..=100 {
            histogram.note(Duration::from_micros(micros), 10);
        }
        let micros = [0.5, 0.99, 1.0].map(|share| format!("{:.0}", histogram.quantile_ms(share) * 1e3));
        assert_eq!(micros, ["51", "100", "100"]);
    }
}
