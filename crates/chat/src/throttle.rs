//! How often something may be tried: token buckets, which are unlogged state and bounded in number.

use core::net::IpAddr;
use core::time::Duration;
use std::collections::{BTreeMap, VecDeque};

use irc::casemap::Folded;

use crate::refusal::Refusal;
use crate::time::Instant;

/// The most keys that are remembered; beyond it, the one that has tried least is forgotten.
const KEYS_MAX: usize = 4096;

/// How often something may be tried: `burst` times at once, and once more each time `every` has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tries {
    /// How many times at once.
    pub burst: u32,
    /// How long it takes until there is one more.
    pub every: Duration,
}

/// One bucket of [`Tries`] for each key.
#[derive(Clone, Debug)]
pub struct Throttle<Key> {
    /// When each bucket is full again; a key without tries is not here.
    full_at: BTreeMap<Key, Instant>,
}

impl<Key> Default for Throttle<Key> {
    fn default() -> Self {
        Self { full_at: BTreeMap::new() }
    }
}

impl<Key: Ord + Clone> Throttle<Key> {
    /// Takes a token.
    ///
    /// # Errors
    /// How long it takes until there is one.
    pub fn take(&mut self, key: &Key, tries: Tries, now: Instant) -> Result<(), Duration> {
        let full_at = self.full_at.get(key).copied().unwrap_or(now).max(now) + tries.every;
        let last = now + tries.every * tries.burst;
        if full_at > last {
            return Err(full_at.since(last));
        }
        self.make_room(key, now);
        self.full_at.insert(key.clone(), full_at);
        Ok(())
    }

    /// Puts a token back: the try was no guess.
    pub fn give_back(&mut self, key: &Key, tries: Tries) {
        if let Some(full_at) = self.full_at.get_mut(key) {
            *full_at = Instant::at(full_at.since_start().saturating_sub(tries.every));
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

/// How often what is secret may be guessed, and accounts be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuessLimits {
    /// Wrong passwords for one account, or one operator of the configuration.
    pub of_account: Tries,
    /// Wrong passwords from one address.
    pub of_address: Tries,
    /// Accounts made from one address.
    pub registrations: Tries,
}

impl Default for GuessLimits {
    fn default() -> Self {
        Self {
            of_account: Tries { burst: 20, every: Duration::from_secs(15) },
            of_address: Tries { burst: 10, every: Duration::from_secs(10) },
            registrations: Tries { burst: 5, every: Duration::from_mins(5) },
        }
    }
}

/// Who somebody says they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Claim {
    /// The owner of an account.
    Account(Folded),
    /// An operator of the configuration, by the name that OPER takes.
    Operator(Box<str>),
}

/// The guesses at passwords, and the accounts that were made.
#[derive(Clone, Debug, Default)]
pub struct Guesses {
    of_claim: Throttle<Claim>,
    of_address: Throttle<IpAddr>,
    registrations: Throttle<IpAddr>,
    /// From where claims were proved since the start, newest last: others' guesses do not lock them out there.
    homes: VecDeque<(Claim, IpAddr)>,
}

impl Guesses {
    /// Notes that somebody is about to prove who they are. Known again by [`Self::proved`].
    ///
    /// # Errors
    /// [`Refusal::TooManyGuesses`].
    pub fn guess(&mut self, claim: &Claim, guest: Guest, limits: &GuessLimits, now: Instant) -> Result<(), Refusal> {
        let Some(address) = guest.address else { return Ok(()) };
        self.of_address.take(&address, limits.of_address, now).map_err(too_many)?;
        if self.homes.iter().any(|(known, home)| known == claim && *home == address) {
            return Ok(());
        }
        self.of_claim.take(claim, limits.of_account, now).map_err(too_many)
    }

    /// Notes that they have proved it: that was no guess.
    pub fn proved(&mut self, claim: &Claim, guest: Guest, limits: &GuessLimits) {
        if let Some(address) = guest.address {
            self.of_address.give_back(&address, limits.of_address);
            let home = (claim.clone(), address);
            if self.homes.contains(&home) {
                return;
            }
            self.of_claim.give_back(claim, limits.of_account);
            if self.homes.len() == KEYS_MAX {
                self.homes.pop_front();
            }
            self.homes.push_back(home);
        }
    }

    /// Notes that an account has another password: only who knows that one is at home.
    pub fn renewed(&mut self, account: &Folded) {
        self.homes.retain(|(known, _)| !matches!(known, Claim::Account(known) if known == account));
    }

    /// Notes that somebody makes an account.
    ///
    /// # Errors
    /// How long they have to wait.
    pub fn register(&mut self, guest: Guest, limits: &GuessLimits, now: Instant) -> Result<(), Duration> {
        guest.address.map_or(Ok(()), |address| self.registrations.take(&address, limits.registrations, now))
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

    const LIMITS: GuessLimits = GuessLimits {
        of_account: Tries { burst: 20, every: Duration::from_secs(15) },
        of_address: Tries { burst: 10, every: Duration::from_secs(10) },
        registrations: Tries { burst: 5, every: Duration::from_mins(5) },
    };

    fn account(name: &str) -> Claim {
        Claim::Account(CaseMapping::Ascii.fold(name))
    }

    fn from(last: u8) -> Guest {
        Guest { address: Some([192, 0, 2, last].into()) }
    }

    fn until_refused(guesses: &mut Guesses, claim: &Claim, guest: Guest) -> usize {
        (0..100).take_while(|_| guesses.guess(claim, guest, &LIMITS, Instant::at(SECOND)).is_ok()).count()
    }

    #[test]
    fn tries_come_back_with_time() {
        let mut throttle = Throttle::default();
        let tries = Tries { burst: 2, every: SECOND * 10 };
        let at = |seconds| Instant::at(SECOND * seconds);
        assert_eq!([at(0), at(0)].map(|now| throttle.take(&'a', tries, now)), [Ok(()), Ok(())]);
        assert_eq!(throttle.take(&'a', tries, at(3)), Err(SECOND * 7));
        assert_eq!(throttle.take(&'b', tries, at(3)), Ok(()));
        assert_eq!(throttle.take(&'a', tries, at(10)), Ok(()));
        assert_eq!(throttle.take(&'a', tries, at(10)), Err(SECOND * 10));
        throttle.give_back(&'a', tries);
        assert_eq!(throttle.take(&'a', tries, at(10)), Ok(()));
    }

    #[test]
    fn other_limits_hold_at_once() {
        let mut throttle = Throttle::default();
        let tries = |burst| Tries { burst, every: SECOND };
        let now = Instant::at(SECOND);
        assert!(throttle.take(&'a', tries(1), now).is_ok() && throttle.take(&'a', tries(1), now).is_err());
        assert!(throttle.take(&'a', tries(2), now).is_ok() && throttle.take(&'a', tries(2), now).is_err());
    }

    #[test]
    fn no_more_keys_are_remembered_than_may_be() {
        let mut throttle = Throttle::default();
        let tries = Tries { burst: 3, every: SECOND };
        let now = Instant::at(SECOND);
        assert_eq!([(); 3].map(|()| throttle.take(&0, tries, now)), [Ok(()); 3]);
        for key in 1..2 * KEYS_MAX {
            assert_eq!(throttle.take(&key, tries, now), Ok(()));
        }
        assert_eq!(throttle.full_at.len(), KEYS_MAX);
        assert!(throttle.take(&0, tries, now).is_err(), "who has tried most is not forgotten");
    }

    #[test]
    fn guesses_count_by_claim_and_by_address_and_not_from_here() {
        let (anna, bruno) = (account("anna"), account("bruno"));
        let mut guesses = Guesses::default();
        assert_eq!(until_refused(&mut guesses, &anna, Guest::default()), 100);
        assert_eq!(until_refused(&mut guesses, &anna, from(1)), 10);
        assert_eq!(until_refused(&mut guesses, &bruno, from(1)), 0, "the address has guessed enough");
        assert_eq!(until_refused(&mut guesses, &anna, from(2)), 10);
        assert_eq!(until_refused(&mut guesses, &anna, from(3)), 0, "the account was guessed at enough");
        guesses.proved(&anna, from(2), &LIMITS);
        assert_eq!(until_refused(&mut guesses, &anna, from(2)), 1);
    }

    #[test]
    fn operators_are_guessed_at_as_accounts_are_and_apart_from_them() {
        let (operator, namesake) = (Claim::Operator("anna".into()), account("anna"));
        let mut guesses = Guesses::default();
        assert_eq!([1, 2, 3].map(|last| until_refused(&mut guesses, &operator, from(last))), [10, 10, 0]);
        assert_eq!(until_refused(&mut guesses, &namesake, from(4)), 10, "the account of that name was not guessed at");
        assert_eq!(until_refused(&mut guesses, &Claim::Operator("bruno".into()), from(4)), 0, "by address all count");
        guesses.proved(&operator, from(1), &LIMITS);
        guesses.renewed(&CaseMapping::Ascii.fold("anna"));
        assert!(guesses.guess(&operator, from(1), &LIMITS, Instant::at(SECOND)).is_ok(), "still at home");
    }

    #[test]
    fn nobody_locks_an_owner_out_where_they_were_before() {
        let (anna, now) = (account("anna"), Instant::at(SECOND));
        let mut guesses = Guesses::default();
        assert!(guesses.guess(&anna, from(1), &LIMITS, now).is_ok());
        guesses.proved(&anna, from(1), &LIMITS);
        for stranger in 2..6 {
            until_refused(&mut guesses, &anna, from(stranger));
        }
        assert!(guesses.guess(&anna, from(9), &LIMITS, now).is_err(), "the account was guessed at enough");
        assert!(guesses.guess(&anna, from(1), &LIMITS, now).is_ok());
        guesses.renewed(&CaseMapping::Ascii.fold("anna"));
        assert!(guesses.guess(&anna, from(1), &LIMITS, now).is_err(), "who knew the former password is a stranger");
    }

    #[test]
    fn accounts_are_made_so_often_from_one_address() {
        let mut guesses = Guesses::default();
        let now = Instant::at(SECOND);
        let made = (0..9).take_while(|_| guesses.register(from(1), &LIMITS, now).is_ok()).count();
        assert_eq!(made, 5);
        assert_eq!(guesses.register(from(1), &LIMITS, now), Err(Duration::from_mins(5)));
        assert!(
            guesses.register(from(2), &LIMITS, now).is_ok() && guesses.register(Guest::default(), &LIMITS, now).is_ok()
        );
    }
}
