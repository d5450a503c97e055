//! What is kept to check a password with: one line, made by the edge, read here.
//!
//! `$argon2id$… SCRAM-SHA-256$15000:salt$StoredKey:ServerKey` — a hash for when the password is said, and keys for when it
//! is only proved. The second word is in the form of RFC 5803, as PostgreSQL keeps it. Neither gives the password away.

use core::fmt;

use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// Bytes of a key of SCRAM-SHA-256.
pub const KEY_BYTES: usize = 32;

/// Bytes of a salt that is made here or for an account that does not exist.
pub const SALT_BYTES: usize = 16;

/// The fewest iterations (RFC 7677, section 4).
pub const ITERATIONS_MIN: u32 = 4096;

/// The most iterations and the longest salt that are read: what is kept is ours, but may have been damaged.
const ITERATIONS_MAX: u32 = 10_000_000;
const SALT_BYTES_MAX: usize = 128;

/// What SCRAM-SHA-256 checks a proof with.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramKeys {
    /// How often the password was hashed.
    pub iterations: u32,
    /// What was hashed along.
    pub salt: Vec<u8>,
    /// `H(ClientKey)`.
    pub stored_key: [u8; KEY_BYTES],
    /// What the server proves itself with.
    pub server_key: [u8; KEY_BYTES],
}

impl fmt::Debug for ScramKeys {
    /// Leaves out the keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramKeys").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

impl ScramKeys {
    /// Makes the keys of a [`super::prepared`] password. Takes long, as long as the iterations say.
    pub fn of_password(password: &str, salt: &[u8], iterations: u32) -> Self {
        let salted: [u8; KEY_BYTES] =
            pbkdf2::pbkdf2_hmac_array::<Sha256, KEY_BYTES>(password.as_bytes(), salt, iterations);
        let client_key = hmac(&salted, &[b"Client Key"]);
        Self {
            iterations,
            salt: salt.to_vec(),
            stored_key: Sha256::digest(client_key).into(),
            server_key: hmac(&salted, &[b"Server Key"]),
        }
    }

    /// Returns keys that no password has, to be compared with where there are none.
    pub(super) fn of_nobody() -> Self {
        Self { iterations: ITERATIONS_MIN, salt: Vec::new(), stored_key: [0; KEY_BYTES], server_key: [0; KEY_BYTES] }
    }

    /// Reads the second word of credentials.
    pub fn parse(word: &str) -> Option<Self> {
        let (numbers, keys) = word.strip_prefix("SCRAM-SHA-256$")?.split_once('$')?;
        let ((iterations, salt), (stored_key, server_key)) = (numbers.split_once(':')?, keys.split_once(':')?);
        let key = |text: &str| Base64::decode_vec(text).ok()?.try_into().ok();
        let iterations = iterations.parse().ok().filter(|count| (1..=ITERATIONS_MAX).contains(count))?;
        let salt = Base64::decode_vec(salt).ok().filter(|salt| salt.len() <= SALT_BYTES_MAX)?;
        Some(Self { iterations, salt, stored_key: key(stored_key)?, server_key: key(server_key)? })
    }
}

impl fmt::Display for ScramKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [salt, stored, server] = [&self.salt[..], &self.stored_key, &self.server_key].map(Base64::encode_string);
        write!(f, "SCRAM-SHA-256${}:{salt}${stored}:{server}", self.iterations)
    }
}

/// Joins what the edge made of a password to credentials.
pub fn join(hash: &str, keys: &ScramKeys) -> String {
    format!("{hash} {keys}")
}

/// Returns the hash that a said password is checked with; empty where there is none.
pub fn hash(credentials: &str) -> &str {
    credentials.split(' ').next().unwrap_or_default()
}

/// Returns the keys that a proof is checked with, where there are any.
pub fn scram_keys(credentials: &str) -> Option<ScramKeys> {
    credentials.split(' ').skip(1).find_map(ScramKeys::parse)
}

/// HMAC-SHA-256 over parts in a row.
pub(crate) fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; KEY_BYTES] {
    let mac = Hmac::<Sha256>::new_from_slice(key);
    let mut mac = mac.unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_kept_and_read_back() {
        let keys = ScramKeys::of_password("pencil", b"sixteen bytes...", 4096);
        let line = join("$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA", &keys);
        assert_eq!(hash(&line), "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA");
        assert_eq!(scram_keys(&line), Some(keys.clone()));
        assert!(line.contains(" SCRAM-SHA-256$4096:c2l4dGVlbiBieXRlcy4uLg==$"), "{line}");
        assert!(!format!("{keys:?}").contains("stored"));
    }

    #[test]
    fn what_is_no_credentials_has_no_keys() {
        let keys = ScramKeys::of_password("pencil", b"salt", 1).to_string();
        assert_eq!((hash(""), scram_keys("")), ("", None));
        for damaged in [
            keys.replace("$1:", "$0:"),
            keys.replace("$1:", "$99999999:"),
            keys.replace("256$", "512$"),
            keys.replace(":c2FsdA==", ""),
            keys[..keys.len() - 4].to_owned(),
            format!("{keys}AAAA"),
        ] {
            assert_eq!(scram_keys(&format!("hash {damaged}")), None, "{damaged}");
        }
    }
}
