//! Tokens that were used: each is good once.

use std::collections::BTreeMap;

use chat::time::Timestamp;
use sha2::{Digest as _, Sha256};

use super::Denied;

/// The most tokens that are remembered; they are forgotten when their time is over.
const SPENT_MAX: usize = 100_000;

/// What stands for a token.
type Sum = [u8; 32];

/// Tokens that were used and whose time is not over.
#[derive(Debug, Default)]
pub(super) struct Spent {
    until: BTreeMap<Sum, Timestamp>,
}

impl Spent {
    /// Notes that a token is used.
    ///
    /// # Errors
    /// [`Denied::Token`] when it was before, [`Denied::Busy`] when there is no room to remember it.
    pub(super) fn take(&mut self, token: &str, until: Timestamp, now: Timestamp) -> Result<(), Denied> {
        let sum = Sha256::digest(token.as_bytes()).into();
        if self.until.contains_key(&sum) {
            return Err(Denied::Token);
        }
        if self.until.len() >= SPENT_MAX {
            self.until.retain(|_, until| now < *until);
        }
        if self.until.len() >= SPENT_MAX {
            return Err(Denied::Busy);
        }
        self.until.insert(sum, until);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_once_and_the_memory_has_an_end() {
        let mut spent = Spent::default();
        assert_eq!(spent.take("a", Timestamp(10), Timestamp(0)), Ok(()));
        assert_eq!(spent.take("a", Timestamp(10), Timestamp(0)), Err(Denied::Token));
        for number in 1..SPENT_MAX {
            assert_eq!(spent.take(&number.to_string(), Timestamp(20), Timestamp(0)), Ok(()));
        }
        assert_eq!(spent.take("b", Timestamp(30), Timestamp(9)), Err(Denied::Busy));
        assert_eq!(spent.take("b", Timestamp(30), Timestamp(10)), Ok(()), "the first one's time is over");
    }
}
