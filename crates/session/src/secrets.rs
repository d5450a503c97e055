//! What the server alone knows, from which what must not be guessed is derived. Randomness is an input here.

use chat::ids::SessionId;
use chat::time::Now;

use base64ct::{Base64Unpadded, Encoding as _};

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

    /// Returns the salt that an account would have if it existed, so that nobody can find out whether it does. `name` is
    /// folded.
    pub fn salt(&self, name: &str) -> [u8; SALT_BYTES] {
        let mut salt = [0; SALT_BYTES];
        salt.copy_from_slice(&hmac(&self.kept, &[b"salt of nobody", name.as_bytes()])[..SALT_BYTES]);
        salt
    }
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
    }
}
