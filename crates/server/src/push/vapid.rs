//! By what push services know that it is this server that sends: a signed word about who it is, for each service.
//!
//! Spec: RFC 8292 (VAPID), RFC 7515 and RFC 7519 (JWT).

use anyhow::{Context as _, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use chat::time::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use serde_json::json;

use crate::data_dir::DataDir;

/// The file of the key. Devices are bound to it: with another one, all have to subscribe again.
const FILE: &str = "push-key.der";
/// How long a word holds: less than the day that it may (RFC 8292 section 2), so that clocks may differ.
const WORD_SECONDS: i64 = 12 * 60 * 60;

/// The server's key, and whom push services may write to about what it sends.
pub struct Vapid {
    key: EcdsaKeyPair,
    contact: String,
}

impl Vapid {
    /// Reads the key of a data directory, or makes it.
    ///
    /// # Errors
    /// What the file system says, and when the file holds no key.
    pub fn open(data: &DataDir, contact: String) -> anyhow::Result<Self> {
        let make = || {
            let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
            Ok(made.map_err(|_| anyhow!("the system gives no random numbers"))?.as_ref().to_vec())
        };
        let written = data.read_or_write(FILE, make)?;
        Self::from_written(&written, contact)
            .with_context(|| format!("{FILE} does not hold a key: restore it from a backup, or remove it"))
    }

    fn from_written(written: &[u8], contact: String) -> anyhow::Result<Self> {
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, written)?;
        Ok(Self { key, contact })
    }

    /// Returns the public key as clients are told it.
    pub fn public_key(&self) -> String {
        BASE64URL_NOPAD.encode(self.key.public_key().as_ref())
    }

    /// Returns the header `Authorization` for a push service: its origin, `https://push.example:8443`.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub(super) fn authorization(&self, origin: &str, now: Timestamp) -> anyhow::Result<String> {
        let until = now.0.div_euclid(1000).saturating_add(WORD_SECONDS);
        let head = BASE64URL_NOPAD.encode(json!({ "typ": "JWT", "alg": "ES256" }).to_string().as_bytes());
        let claims = json!({ "aud": origin, "exp": until, "sub": self.contact }).to_string();
        let said = format!("{head}.{}", BASE64URL_NOPAD.encode(claims.as_bytes()));
        let signature = self.key.sign(&SystemRandom::new(), said.as_bytes())?;
        let signature = BASE64URL_NOPAD.encode(signature.as_ref());
        Ok(format!("vapid t={said}.{signature}, k={}", self.public_key()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
mod tests {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    #[test]
    fn a_word_is_signed_for_one_service_and_a_time() {
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let vapid = Vapid::from_written(key.as_ref(), "mailto:admin@example.org".to_owned()).unwrap();
        let header = vapid.authorization("https://push.example:8443", Timestamp(1_000_500)).unwrap();
        let (token, public_key) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(public_key, vapid.public_key());
        let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        let (said, signature) = token.rsplit_once('.').unwrap();
        let (head, claims) = said.split_once('.').unwrap();
        assert_eq!(decode(head), br#"{"alg":"ES256","typ":"JWT"}"#);
        let claims: serde_json::Value = serde_json::from_slice(&decode(claims)).unwrap();
        let expected = json!({ "aud": "https://push.example:8443", "exp": 44_200, "sub": "mailto:admin@example.org" });
        assert_eq!(claims, expected);
        let public_key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(public_key));
        assert_eq!(decode(&vapid.public_key()).len(), 65);
        public_key.verify(said.as_bytes(), &decode(signature)).unwrap();
        assert!(public_key.verify(b"another", &decode(signature)).is_err());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(Vapid::from_written(b"another file", String::new()).is_err());
    }
}
