//! How often something may be tried: token buckets, which are unlogged state and bounded in number.

use core::net::IpAddr;
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use irc::casemap::Folded;

use crate::refusal::Refusal;
use crate::time::Instant;

/// The most keys that are remembered; beyond it, the one that has tried least is forgotten.
const KEYS_MAX: usize = 4096;

/// One bucket for each key: `burst` tries at once, and one more each time `every` has passed.
#[derive(Clone, Debug)]
pub struct Throttle<Key> {
    burst: u32,
    every: Duration,
    /// When each bucket is full again; a key without tries is not here.
    full_at: BTreeMap<Key, Instant>,
}

impl<Key: Ord + Clone> Throttle<Key> {
    /// Makes full buckets.
    pub fn new(burst: u32, every: Duration) -> Self {
        Self { burst, every, full_at: BTreeMap::new() }
    }

    /// Takes a token.
    ///
    /// # Errors
    /// How long it takes until there is one.
    pub fn take(&mut self, key: &Key, now: Instant) -> Result<(), Duration> {
        let full_at = self.full_at.get(key).copied().unwrap_or(now).max(now) + self.every;
        let last = now + self.every * self.burst;
        if full_at > last {
            return Err(full_at.since(last));
        }
        self.make_room(key, now);
        self.full_at.insert(key.clone(), full_at);
        Ok(())
    }

    /// Puts a token back: the try was no guess.
    pub fn give_back(&mut self, key: &Key) {
        if let Some(full_at) = self.full_at.get_mut(key) {
            *full_at = Instant(full_at.0.saturating_sub(self.every));
        }
    }

    fn make_room(&mut self, key: &Key, now: Instant) {
        if self.full_at.len() < KEYS_MAX || self.full_at.contains_key(key) {
            return;
        }
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() >= KEYS_MAX {
            let least = self.full_at.iter().min_by_key(|(_, full_at)| **full_at).map(|(key, _)| key.clone());
            if let Some(least) = least {
                self.full_at.remove(&least);
            }
        }
    }
}

/// From where somebody tries something that is limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guest {
    /// What connections are counted by; `None` for this machine, which is not limited.
    pub address: Option<IpAddr>,
}

/// What is limited of accounts.
#[derive(Clone, Debug)]
pub struct AccountThrottles {
    /// Wrong passwords for one account.
    guesses_of_account: Throttle<Folded>,
    /// Wrong passwords from one address.
    guesses_of_address: Throttle<IpAddr>,
    /// Accounts made from one address.
    registrations: Throttle<IpAddr>,
    /// From where accounts were proved since the start, newest last: others' guesses do not lock their owners out there.
    homes: VecDeque<(Folded, IpAddr)>,
}

impl Default for AccountThrottles {
    fn default() -> Self {
        Self {
            guesses_of_account: Throttle::new(20, Duration::from_secs(15)),
            guesses_of_address: Throttle::new(10, Duration::from_secs(10)),
            registrations: Throttle::new(5, Duration::from_mins(5)),
            homes: VecDeque::new(),
        }
    }
}

impl AccountThrottles {
    /// Notes that somebody is about to prove that they are this account. Known again by [`Self::proved`].
    ///
    /// # Errors
    /// [`Refusal::TooManyGuesses`].
    pub fn guess(&mut self, account: &Folded, guest: Guest, now: Instant) -> Result<(), Refusal> {
        let Some(address) = guest.address else { return Ok(()) };
        self.guesses_of_address.take(&address, now).map_err(too_many)?;
        if self.homes.iter().any(|(known, home)| known == account && *home == address) {
            return Ok(());
        }
        self.guesses_of_account.take(account, now).map_err(too_many)
    }

    /// Notes that they have proved it: that was no guess.
    pub fn proved(&mut self, account: &Folded, guest: Guest) {
        if let Some(address) = guest.address {
            self.guesses_of_address.give_back(&address);
            let home = (account.clone(), address);
            if self.homes.contains(&home) {
                return;
            }
            self.guesses_of_account.give_back(account);
            if self.homes.len() == KEYS_MAX {
                self.homes.pop_front();
            }
            self.homes.push_back(home);
        }
    }

    /// Notes that an account has another password: only who knows that one is at home.
    pub fn renewed(&mut self, account: &Folded) {
        self.homes.retain(|(known, _)| known != account);
    }

    /// Notes that somebody makes an account.
    ///
    /// # Errors
    /// How long they have to wait.
    pub fn register(&mut self, guest: Guest, now: Instant) -> Result<(), Duration> {
        guest.address.map_or(Ok(()), |address| self.registrations.take(&address, now))
    }
}

fn too_many(wait: Duration) -> Refusal {
    Refusal::TooManyGuesses { seconds: seconds(wait) }
}

/// Returns whole seconds, at least one.
pub(crate) fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use irc::casemap::CaseMapping;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn tries_come_back_with_time() {
        let mut throttle = Throttle::new(2, SECOND * 10);
        let at = |seconds| Instant(SECOND * seconds);
        assert_eq!([at(0), at(0)].map(|now| throttle.take(&'a', now)), [Ok(()), Ok(())]);
        assert_eq!(throttle.take(&'a', at(3)), Err(SECOND * 7));
        assert_eq!(throttle.take(&'b', at(3)), Ok(()));
        assert_eq!(throttle.take(&'a', at(10)), Ok(()));
        assert_eq!(throttle.take(&'a', at(10)), Err(SECOND * 10));
        throttle.give_back(&'a');
        assert_eq!(throttle.take(&'a', at(10)), Ok(()));
    }

    #[test]
    fn no_more_keys_are_remembered_than_may_be() {
        let mut throttle = Throttle::new(3, SECOND);
        let now = Instant(SECOND);
        assert_eq!([(); 3].map(|()| throttle.take(&0, now)), [Ok(()); 3]);
        for key in 1..2 * KEYS_MAX {
            assert_eq!(throttle.take(&key, now), Ok(()));
        }
        assert_eq!(throttle.full_at.len(), KEYS_MAX);
        assert!(throttle.take(&0, now).is_err(), "who has tried most is not forgotten");
    }

    #[test]
    fn guesses_count_by_account_and_by_address_and_not_from_here() {
        let fold = |name: &str| CaseMapping::Ascii.fold(name);
        let from = |last| Guest { address: Some([192, 0, 2, last].into()) };
        let now = Instant(SECOND);
        let mut throttles = AccountThrottles::default();
        let until_refused = |throttles: &mut AccountThrottles, account: &str, guest| {
            (0..100).take_while(|_| throttles.guess(&fold(account), guest, now).is_ok()).count()
        };
        assert_eq!(until_refused(&mut throttles, "anna", Guest::default()), 100);
        assert_eq!(until_refused(&mut throttles, "anna", from(1)), 10);
        assert_eq!(until_refused(&mut throttles, "bruno", from(1)), 0, "the address has guessed enough");
        assert_eq!(until_refused(&mut throttles, "anna", from(2)), 10);
        assert_eq!(until_refused(&mut throttles, "anna", from(3)), 0, "the account was guessed at enough");
        throttles.proved(&fold("anna"), from(2));
        assert_eq!(until_refused(&mut throttles, "anna", from(2)), 1);
    }

    #[test]
    fn nobody_locks_an_owner_out_where_they_were_before() {
        let anna = CaseMapping::Ascii.fold("anna");
        let from = |last| Guest { address: Some([192, 0, 2, last].into()) };
        let now = Instant(SECOND);
        let mut throttles = AccountThrottles::default();
        assert!(throttles.guess(&anna, from(1), now).is_ok());
        throttles.proved(&anna, from(1));
        for stranger in 2..6 {
            while throttles.guess(&anna, from(stranger), now).is_ok() {}
        }
        assert!(throttles.guess(&anna, from(9), now).is_err(), "the account was guessed at enough");
        assert!(throttles.guess(&anna, from(1), now).is_ok());
        throttles.renewed(&anna);
        assert!(throttles.guess(&anna, from(1), now).is_err(), "who knew the former password is a stranger");
    }
}
