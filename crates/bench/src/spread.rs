//! Several runs of one thing: the least, the middle and the most.

use serde::Serialize;

/// What several runs gave.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Sums up runs, of which there must be one at least.
    pub(crate) fn of(runs: impl IntoIterator<Item = f64>) -> Self {
        let mut runs: Vec<f64> = runs.into_iter().collect();
        runs.sort_by(f64::total_cmp);
        let middle = runs.len() / 2;
        // Of an even number of runs, two are in the middle.
        let median = if runs.len().is_multiple_of(2) { runs[middle - 1].midpoint(runs[middle]) } else { runs[middle] };
        Self { min: runs[0], median, max: runs[runs.len() - 1] }
    }
}

/// Returns the value that a share of the sorted values does not exceed; zero of none.
pub(crate) fn quantile(sorted: &[u32], share: f64) -> u32 {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
    let place = (sorted.len() as f64 * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_several_runs() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]), Spread { min: 1.0, median: 2.0, max: 3.0 });
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 8.0]), Spread { min: 1.0, median: 3.0, max: 8.0 });
        assert_eq!(Spread::of([5.0]), Spread { min: 5.0, median: 5.0, max: 5.0 });
    }

    #[test]
    fn quantiles_are_values_that_came() {
        let sorted: Vec<u32> = (1..=100).collect();
        assert_eq!((quantile(&sorted, 0.5), quantile(&sorted, 0.99), quantile(&sorted, 1.0)), (51, 100, 100));
        assert_eq!(quantile(&[], 0.5), 0);
    }
}
