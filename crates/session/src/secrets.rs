//! What the server alone knows, from which what must not be guessed is derived. Randomness is an input here.

use std::sync::Arc;

use chat::ids::SessionId;
use chat::time::Now;

use base64ct::{Base64Unpadded, Encoding as _};
use sha2::{Digest as _, Sha256};

use crate::sasl::credentials::{SALT_BYTES, hmac};

/// Bytes of a secret.
pub const SECRET_BYTES: usize = 32;

/// The server's secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The same as long as the data directory exists.
    pub kept: [u8; SECRET_BYTES],
    /// Another one in each process: the seed of what must never come again.
    pub fresh: [u8; SECRET_BYTES],
}

impl core::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secrets")
    }
}

impl Secrets {
    /// Returns a word that nobody can foresee and that never comes again: no session uses a `count` twice.
    pub fn nonce(&self, session: SessionId, count: u32, now: Now) -> String {
        let parts = [b"nonce", &session.0.to_be_bytes()[..], &count.to_be_bytes(), &now.wall.0.to_be_bytes()];
        Base64Unpadded::encode_string(&hmac(&self.fresh, &parts)[..18])
    }

    /// Returns a word for people to pass on, which nobody can guess and that never comes again: no session uses a `count`
    /// twice.
    pub fn word(&self, session: SessionId, count: u32, now: Now) -> String {
        let parts = [b"word", &session.0.to_be_bytes()[..], &count.to_be_bytes(), &now.wall.0.to_be_bytes()];
        word_of(&hmac(&self.fresh, &parts))
    }

    /// Returns the salt that an account would have if it existed, so that nobody can find out whether it does. `name` is
    /// folded.
    pub fn salt(&self, name: &str) -> [u8; SALT_BYTES] {
        let mut salt = [0; SALT_BYTES];
        salt.copy_from_slice(&hmac(&self.kept, &[b"salt of nobody", name.as_bytes()])[..SALT_BYTES]);
        salt
    }
}

/// Makes a word of random bytes: four groups of five letters and digits that do not read as others, 100 bits.
pub fn word_of(random: &[u8; SECRET_BYTES]) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let groups = random[..20]
        .chunks(5)
        .map(|group| group.iter().map(|byte| char::from(DIGITS[usize::from(byte & 31)])).collect::<String>());
    groups.collect::<Vec<_>>().join("-")
}

/// Returns what is kept of a word that was passed on: SHA-256, lower-case hexadecimal. Case and hyphens do not matter.
pub fn hash_of_word(word: &str) -> Arc<str> {
    let plain: String = word.chars().filter(|char| *char != '-').map(|char| char.to_ascii_lowercase()).collect();
    let digest: [u8; SECRET_BYTES] = Sha256::digest(plain.as_bytes()).into();
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)).collect::<String>().into()
}

/// Compares secrets in a time that does not tell how much of them agrees.
pub(crate) fn same_secret(expected: &str, given: &str) -> bool {
    let (expected, given) = (expected.as_bytes(), given.as_bytes());
    let differing = (0..expected.len().max(given.len()))
        .fold(0, |so_far, place| so_far | (expected.get(place).unwrap_or(&0) ^ given.get(place).unwrap_or(&0)));
    differing == 0 && expected.len() == given.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_differ_and_salts_stay() {
        let secrets = Secrets { kept: [1; SECRET_BYTES], fresh: [2; SECRET_BYTES] };
        let other = Secrets { fresh: [3; SECRET_BYTES], ..secrets.clone() };
        let nonce = |secrets: &Secrets, session, count| secrets.nonce(SessionId(session), count, Now::default());
        let nonces = [nonce(&secrets, 1, 0), nonce(&secrets, 1, 1), nonce(&secrets, 2, 0), nonce(&other, 1, 0)];
        for (place, one) in nonces.iter().enumerate() {
            assert!(one.len() == 24 && !nonces[..place].contains(one));
            assert!(one.bytes().all(|byte| byte.is_ascii_graphic() && byte != b','));
        }
        assert_eq!(secrets.salt("anna"), other.salt("anna"));
        assert_ne!(secrets.salt("anna"), secrets.salt("bruno"));
        assert_eq!(format!("{secrets:?}"), "Secrets");
        let word = secrets.word(SessionId(1), 0, Now::default());
        assert_eq!((word.len(), word.matches('-').count()), (23, 3), "{word}");
        assert_ne!(word, secrets.word(SessionId(1), 1, Now::default()));
        assert_eq!(hash_of_word(&word), hash_of_word(&word.to_uppercase().replace('-', "")));
        assert!(hash_of_word("abc").starts_with("ba7816bf8f01cfea"));
    }
}
