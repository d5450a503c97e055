//! The passwords of accounts: made into credentials, and checked. What they look like stands in
//! [`session::sasl::credentials`].

use std::sync::Arc;

use anyhow::Context as _;
use argon2::password_hash::phc::PasswordHash as Phc;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, RECOMMENDED_SALT_LEN, Version};
use data_encoding::BASE64_NOPAD;
use session::sasl::credentials::{ITERATIONS_MIN, SALT_BYTES, ScramKeys, hash, join};

use crate::config::PasswordHash;

/// The iterations of SCRAM-SHA-256: what RFC 7677 recommends. The client does them at each log-in, in a script perhaps.
const SCRAM_ITERATIONS: u32 = 15_000;

/// Returns the iterations of SCRAM for new passwords.
pub fn scram_iterations(cost: PasswordHash) -> u32 {
    match cost {
        PasswordHash::Strong => SCRAM_ITERATIONS,
        PasswordHash::Test => ITERATIONS_MIN,
    }
}

/// Makes and checks credentials at one cost.
#[derive(Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    scram_iterations: u32,
    /// Nobody's hash, to be checked for accounts that do not exist.
    decoy: String,
}

impl Passwords {
    /// Prepares.
    pub fn new(cost: PasswordHash) -> Self {
        let params = match cost {
            PasswordHash::Strong => Params::DEFAULT,
            PasswordHash::Test => Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None)
                .unwrap_or_else(|error| unreachable!("the least of everything: {error}")),
        };
        let decoy = decoy(&params);
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Self { argon2, scram_iterations: scram_iterations(cost), decoy }
    }

    /// Makes credentials of a password, with salts of their own.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn make(&self, password: &str) -> anyhow::Result<Arc<str>> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).context("the system gives no random numbers")?;
        let keys = ScramKeys::of_password(password, &salt, self.scram_iterations);
        Ok(join(&self.hash(password)?, &keys).into())
    }

    /// Checks a password. Without credentials the answer is no, and takes as long.
    pub fn fit(&self, credentials: &str, password: &str) -> bool {
        let kept = hash(credentials);
        let fits = hash_fits(if kept.is_empty() { &self.decoy } else { kept }, password);
        fits && !kept.is_empty()
    }

    fn hash(&self, password: &str) -> anyhow::Result<String> {
        let hash = self.argon2.hash_password(password.as_bytes());
        Ok(hash.map_err(|error| anyhow::anyhow!("cannot hash a password: {error}"))?.to_string())
    }
}

/// Returns what looks like a hash, and takes as long to be compared with as one that was made at this cost. It is written down
/// rather than made: a server that starts has better things to do.
fn decoy(params: &Params) -> String {
    let salt = BASE64_NOPAD.encode(&[0; RECOMMENDED_SALT_LEN]);
    let output = BASE64_NOPAD.encode(&[0; Params::DEFAULT_OUTPUT_LEN]);
    let (memory, time, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    format!("$argon2id$v=19$m={memory},t={time},p={lanes}${salt}${output}")
}

/// Tells whether a password has this hash, at whatever cost it was made.
pub fn hash_fits(hash: &str, password: &str) -> bool {
    Phc::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use session::sasl::credentials::scram_keys;

    use super::*;

    #[test]
    fn credentials_are_salted_and_fit_one_password() {
        let passwords = Passwords::new(PasswordHash::Test);
        let (first, second) = (passwords.make("tè").unwrap(), passwords.make("tè").unwrap());
        assert_ne!(first, second);
        assert!(passwords.fit(&first, "tè") && passwords.fit(&second, "tè") && !passwords.fit(&first, "te"));
        let keys = scram_keys(&first).unwrap();
        assert_eq!(keys, ScramKeys::of_password("tè", &keys.salt, ITERATIONS_MIN));
        assert!(!passwords.fit("", "nobody"));
        assert!(!passwords.fit("garbage", "garbage"));
    }

    /// What was made at one cost is checked at that cost, after the configuration has changed too.
    #[test]
    fn the_cost_is_kept_with_the_hash() {
        let [strong, test] = [PasswordHash::Strong, PasswordHash::Test].map(Passwords::new);
        let made = strong.make("hush").unwrap();
        assert!(made.starts_with("$argon2id$") && made.contains("SCRAM-SHA-256$15000:"), "{made}");
        assert!(test.fit(&made, "hush"));
    }

    /// Nobody can tell by the clock which accounts there are: the same work is done for one that does not exist.
    #[test]
    fn an_account_that_does_not_exist_takes_as_long() {
        let passwords = Passwords::new(PasswordHash::Strong);
        let made = passwords.make("hush").unwrap();
        let [decoy, own] = [passwords.decoy.as_str(), hash(&made)].map(|hash| Phc::new(hash).unwrap());
        assert_eq!((decoy.algorithm, decoy.version, &decoy.params), (own.algorithm, own.version, &own.params));
        assert_eq!(decoy.salt.unwrap().len(), own.salt.unwrap().len());
        assert_eq!(decoy.hash.unwrap().len(), own.hash.unwrap().len());
        assert!(!passwords.fit("", "nobody"), "nobody's password lets nobody in");
    }
}
