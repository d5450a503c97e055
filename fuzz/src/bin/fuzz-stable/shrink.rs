//! Making an input that fails smaller, as long as it fails.

use std::time::{Duration, Instant};

use crate::run::{Failure, Runner};

/// How long smaller inputs are looked for.
const SHRINK_TIME: Duration = Duration::from_secs(10);

/// Takes pieces out, halves first and single bytes last, until nothing can go. Returns what is left and how that fails.
pub(crate) fn shrink(runner: &mut Runner, input: Vec<u8>, failure: Failure) -> (Vec<u8>, Failure) {
    let started = Instant::now();
    let (mut smallest, mut failure) = (input, failure);
    let mut piece_bytes = (smallest.len() / 2).max(1);
    loop {
        let mut has_shrunk = false;
        let mut place = 0;
        while place < smallest.len() {
            if started.elapsed() > SHRINK_TIME {
                return (smallest, failure);
            }
            let end = (place + piece_bytes).min(smallest.len());
            let without = [&smallest[..place], &smallest[end..]].concat();
            match runner.run(&without) {
                Err(still) => {
                    (smallest, failure) = (without, still);
                    has_shrunk = true;
                }
                Ok(()) => place = end,
            }
        }
        if piece_bytes > 1 {
            piece_bytes /= 2;
        } else if !has_shrunk {
            return (smallest, failure);
        }
    }
}
