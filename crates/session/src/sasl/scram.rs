//! SCRAM-SHA-256, the server's side: the client proves that it knows the password, and the server that it knows the keys.
//!
//! Spec: RFC 5802 and RFC 7677. There is no channel binding here, so `p=` is refused, and `y` means nothing more than `n`:
//! no mechanism with `-PLUS` is offered.

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::credentials::{KEY_BYTES, ScramKeys, hmac};

/// Why an exchange fails, in the words of RFC 5802 ("server-error-value").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScramError {
    /// Something has not the form it must have.
    InvalidEncoding,
    /// An extension is mandatory that nobody here knows.
    ExtensionsNotSupported,
    /// The client does not know the password. Also said of accounts that do not exist.
    InvalidProof,
    /// What the client says of channel binding at the end is not what it said at the beginning.
    ChannelBindingsDontMatch,
    /// The client wants channel binding.
    ChannelBindingNotSupported,
    /// The name is not encoded as names are.
    InvalidUsernameEncoding,
    /// Anything else: a foreign nonce.
    OtherError,
}

impl ScramError {
    /// Returns the word.
    pub fn word(self) -> &'static str {
        match self {
            Self::InvalidEncoding => "invalid-encoding",
            Self::ExtensionsNotSupported => "extensions-not-supported",
            Self::InvalidProof => "invalid-proof",
            Self::ChannelBindingsDontMatch => "channel-bindings-dont-match",
            Self::ChannelBindingNotSupported => "channel-binding-not-supported",
            Self::InvalidUsernameEncoding => "invalid-username-encoding",
            Self::OtherError => "other-error",
        }
    }
}

/// The client's first message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientFirst {
    /// Whose rights it wants; `None`: its own.
    pub authzid: Option<Box<str>>,
    /// Whose password it knows.
    pub name: Box<str>,
    /// `n,,` or `n,a=name,`, as it came.
    gs2_header: Box<str>,
    /// The rest, as it came.
    bare: Box<str>,
    nonce: Box<str>,
}

impl ClientFirst {
    /// Reads it.
    ///
    /// # Errors
    /// When it has not the form that RFC 5802, section 7 gives it, or asks for what is not there.
    pub fn parse(message: &[u8]) -> Result<Self, ScramError> {
        let message = core::str::from_utf8(message).map_err(|_| ScramError::InvalidEncoding)?;
        let (flag, rest) = message.split_once(',').ok_or(ScramError::InvalidEncoding)?;
        match flag {
            "n" | "y" => {}
            _ if flag.starts_with("p=") => return Err(ScramError::ChannelBindingNotSupported),
            _ => return Err(ScramError::InvalidEncoding),
        }
        let (authzid, bare) = rest.split_once(',').ok_or(ScramError::InvalidEncoding)?;
        let authzid = match authzid {
            "" => None,
            _ => Some(name(authzid.strip_prefix("a=").ok_or(ScramError::InvalidEncoding)?)?),
        };
        let mut attributes = bare.split(',');
        let first = attributes.next().unwrap_or_default();
        if first.starts_with("m=") {
            return Err(ScramError::ExtensionsNotSupported);
        }
        let who = name(first.strip_prefix("n=").ok_or(ScramError::InvalidEncoding)?)?;
        let nonce = attributes.next().and_then(|one| one.strip_prefix("r=")).ok_or(ScramError::InvalidEncoding)?;
        if nonce.is_empty() || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) || !attributes.all(is_attribute) {
            return Err(ScramError::InvalidEncoding);
        }
        let gs2_header = &message[..message.len() - bare.len()];
        Ok(Self { authzid, name: who, gs2_header: gs2_header.into(), bare: bare.into(), nonce: nonce.into() })
    }
}

/// Decodes a `saslname`: `=2C` is a comma, `=3D` an equals sign, and no other equals sign may stand there.
fn name(text: &str) -> Result<Box<str>, ScramError> {
    let rest = text.replace("=2C", "").replace("=3D", "");
    if text.is_empty() || rest.contains('=') || text.contains('\0') {
        return Err(ScramError::InvalidUsernameEncoding);
    }
    Ok(super::prepared(&text.replace("=2C", ",").replace("=3D", "=")).into())
}

/// Tells whether this is `x=value`: an extension that may be passed over.
fn is_attribute(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b'=', _, ..] if letter.is_ascii_alphabetic()) && !text.contains('\0')
}

/// An exchange after the server's first message.
#[derive(Clone, PartialEq, Eq)]
pub struct Exchange {
    gs2_header: Box<str>,
    client_first_bare: Box<str>,
    server_first: Box<str>,
    nonce: Box<str>,
    /// `None`: there is no such account, and no proof is right.
    keys: Option<ScramKeys>,
}

impl core::fmt::Debug for Exchange {
    /// Leaves out the keys.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Exchange").field("nonce", &self.nonce).finish_non_exhaustive()
    }
}

impl Exchange {
    /// Answers the first message. `nonce` is the server's part, never used before; `salt` and `iterations` are shown where
    /// the account has no keys.
    pub fn begin(
        first: ClientFirst,
        keys: Option<ScramKeys>,
        nonce: &str,
        salt: &[u8],
        iterations: u32,
    ) -> (Self, String) {
        let (salt, iterations) = keys.as_ref().map_or((salt, iterations), |keys| (&keys.salt[..], keys.iterations));
        let nonce = format!("{}{nonce}", first.nonce);
        let server_first = format!("r={nonce},s={},i={iterations}", Base64::encode_string(salt));
        let exchange = Self {
            gs2_header: first.gs2_header,
            client_first_bare: first.bare,
            server_first: server_first.as_str().into(),
            nonce: nonce.into(),
            keys,
        };
        (exchange, server_first)
    }

    /// Checks the final message and returns the server's: `v=` and its own proof.
    ///
    /// # Errors
    /// When the proof is wrong, or the message is.
    pub fn finish(&self, message: &[u8]) -> Result<String, ScramError> {
        let message = core::str::from_utf8(message).map_err(|_| ScramError::InvalidEncoding)?;
        let (without_proof, proof) = message.rsplit_once(",p=").ok_or(ScramError::InvalidEncoding)?;
        let mut attributes = without_proof.split(',');
        let binding = attributes.next().and_then(|one| one.strip_prefix("c=")).ok_or(ScramError::InvalidEncoding)?;
        let binding = Base64::decode_vec(binding).map_err(|_| ScramError::InvalidEncoding)?;
        let nonce = attributes.next().ok_or(ScramError::InvalidEncoding)?;
        if nonce.starts_with("m=") {
            return Err(ScramError::ExtensionsNotSupported);
        }
        let nonce = nonce.strip_prefix("r=").ok_or(ScramError::InvalidEncoding)?;
        if !attributes.all(is_attribute) {
            return Err(ScramError::InvalidEncoding);
        }
        if binding != self.gs2_header.as_bytes() {
            return Err(ScramError::ChannelBindingsDontMatch);
        }
        if nonce != &*self.nonce {
            return Err(ScramError::OtherError);
        }
        let proof = Base64::decode_vec(proof).map_err(|_| ScramError::InvalidEncoding)?;
        let proof: [u8; KEY_BYTES] = proof.try_into().map_err(|_| ScramError::InvalidEncoding)?;
        self.verify(without_proof, proof)
    }

    fn verify(&self, without_proof: &str, proof: [u8; KEY_BYTES]) -> Result<String, ScramError> {
        // Of an account that does not exist as much is computed as of one that does.
        let nobody = ScramKeys::of_nobody();
        let keys = self.keys.as_ref().unwrap_or(&nobody);
        let parts = [&*self.client_first_bare, ",", &self.server_first, ",", without_proof].map(str::as_bytes);
        let signature = hmac(&keys.stored_key, &parts);
        let mut client_key = proof;
        for (byte, mask) in client_key.iter_mut().zip(signature) {
            *byte ^= mask;
        }
        let given: [u8; KEY_BYTES] = Sha256::digest(client_key).into();
        let proof = format!("v={}", Base64::encode_string(&hmac(&keys.server_key, &parts)));
        let is_proved = bool::from(given.ct_eq(&keys.stored_key)) && self.keys.is_some();
        if is_proved { Ok(proof) } else { Err(ScramError::InvalidProof) }
    }
}

#[cfg(test)]
mod tests;
