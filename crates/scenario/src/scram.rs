//! The client's side of SCRAM-SHA-256, for transcripts: a transcript cannot write down what depends on the server's nonce.
//! It shares no code with the server's side, so that the two cannot be wrong in the same way.
//!
//! Spec: RFC 5802, RFC 7677.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

type Digest = [u8; 32];

/// Says that there is no channel binding, and nobody else to act for.
const GS2_HEADER: &str = "n,,";
/// The client's nonce. A real one is random; here the server's own part makes each exchange another.
const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";

/// One exchange.
#[derive(Debug)]
pub(crate) struct ScramClient {
    first: String,
    /// What the server has to say at the end, once it is known.
    verifier: Option<String>,
}

impl ScramClient {
    /// Begins as the account `name`; returns the exchange, and what is said first, as base64.
    pub(crate) fn begin(name: &str) -> (Self, String) {
        let first = format!("n={},r={NONCE}", name.replace('=', "=3D").replace(',', "=2C"));
        let said = Base64::encode_string(format!("{GS2_HEADER}{first}").as_bytes());
        (Self { first, verifier: None }, said)
    }

    /// Answers the server's challenge, both as base64.
    ///
    /// # Errors
    /// What is wrong with the challenge.
    pub(crate) fn prove(&mut self, challenge: &[u8], password: &str) -> Result<String, String> {
        let challenge = decoded(challenge)?;
        let fields: BTreeMap<&str, &str> = challenge.split(',').filter_map(|field| field.split_once('=')).collect();
        let field = |key: &str| fields.get(key).copied().ok_or_else(|| format!("the challenge has no {key}="));
        let (nonce, salt, iterations) = (field("r")?, field("s")?, field("i")?);
        if !nonce.starts_with(NONCE) || nonce.len() == NONCE.len() {
            return Err("the challenge's nonce does not go on with the client's".to_owned());
        }
        let salt = Base64::decode_vec(salt).map_err(|_| "the salt is not base64")?;
        let iterations: u32 = iterations.parse().map_err(|_| "the iterations are no number")?;
        let salted = salted(password, &salt, iterations);
        let without_proof = format!("c={},r={nonce}", Base64::encode_string(GS2_HEADER.as_bytes()));
        let message = format!("{},{challenge},{without_proof}", self.first);
        let client_key = hmac(&salted, b"Client Key");
        let signature = hmac(&Sha256::digest(client_key).into(), message.as_bytes());
        let proof = xor(client_key, signature);
        let server = hmac(&hmac(&salted, b"Server Key"), message.as_bytes());
        self.verifier = Some(format!("v={}", Base64::encode_string(&server)));
        let said = format!("{without_proof},p={}", Base64::encode_string(&proof));
        Ok(Base64::encode_string(said.as_bytes()))
    }

    /// Checks that the server knows the password's keys too; what it says is base64.
    ///
    /// # Errors
    /// It does not.
    pub(crate) fn believe(&self, said: &[u8]) -> Result<(), String> {
        let said = decoded(said)?;
        if self.verifier.as_ref() == Some(&said) {
            Ok(())
        } else {
            Err(format!("the server has not proved itself: {said}"))
        }
    }
}

fn decoded(base64: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(base64).map_err(|_| "that is not base64")?;
    let bytes = Base64::decode_vec(text).map_err(|_| "that is not base64")?;
    String::from_utf8(bytes).map_err(|_| "that is no text".to_owned())
}

/// `Hi` of RFC 5802: PBKDF2 of one block.
fn salted(password: &str, salt: &[u8], iterations: u32) -> Digest {
    let key = password.as_bytes();
    let mut last = hmac_of(key, &[salt, &1_u32.to_be_bytes()]);
    let mut all = last;
    for _ in 1..iterations {
        last = hmac_of(key, &[&last]);
        all = xor(all, last);
    }
    all
}

fn hmac(key: &Digest, message: &[u8]) -> Digest {
    hmac_of(key, &[message])
}

fn hmac_of(key: &[u8], parts: &[&[u8]]) -> Digest {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { unreachable!("HMAC takes keys of any length") };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn xor(left: Digest, right: Digest) -> Digest {
    std::array::from_fn(|place| left[place] ^ right[place])
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The exchange of RFC 7677, section 3, whose client nonce begins ours.
    #[test]
    fn the_example_of_the_specification() {
        let client_first = "n=user,r=rOprNGfwEbeRWgbNEkqO";
        let (mut client, said) = ScramClient::begin("user");
        assert_eq!(decoded(said.as_bytes()).unwrap(), format!("n,,{client_first}"));
        let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let proof = client.prove(Base64::encode_string(challenge.as_bytes()).as_bytes(), "pencil").unwrap();
        let expected = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        assert_eq!(decoded(proof.as_bytes()).unwrap(), expected);
        let verifier = |text: &str| Base64::encode_string(text.as_bytes());
        client.believe(verifier("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").as_bytes()).unwrap();
        assert!(client.believe(verifier("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=").as_bytes()).is_err());
    }

    #[test]
    fn what_is_no_challenge_is_told() {
        let (mut client, _) = ScramClient::begin("user");
        for bad in ["", "r=other,s=AAAA,i=2", "r=rOprNGfwEbeRWgbNEkqO,s=AAAA,i=2", "r=rOprNGfwEbeRWgbNEkqOx,s=?,i=2"] {
            assert!(client.prove(Base64::encode_string(bad.as_bytes()).as_bytes(), "pencil").is_err(), "{bad}");
        }
        assert!(client.prove(b"?", "pencil").is_err());
    }
}
