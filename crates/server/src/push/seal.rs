//! What a notification says is encrypted for the device: the push service that carries it cannot read it.
//!
//! Spec: RFC 8291 (which keys), RFC 8188 (how: `aes128gcm`, one record).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{self, ECDH_P256, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};

/// Bytes of the salt that stands before each message (RFC 8188 section 2.1).
const SALT_BYTES: usize = 16;
/// Bytes of the record, all of which push services have to take (RFC 8291 section 4).
const RECORD_BYTES: u32 = 4096;
/// What ends the text of the last record (RFC 8188 section 2).
const LAST_RECORD: u8 = 2;

/// The device's keys.
#[derive(Clone, Copy)]
pub(super) struct Device<'a> {
    /// Its public key, uncompressed.
    pub public_key: &'a [u8],
    /// What it shares with this server.
    pub secret: &'a [u8],
}

/// What is new for each message.
pub(super) struct Fresh {
    key: PrivateKey,
    salt: [u8; SALT_BYTES],
}

impl Fresh {
    /// Makes it.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub(super) fn new() -> Result<Self, Unspecified> {
        let mut salt = [0; SALT_BYTES];
        aws_lc_rs::rand::fill(&mut salt)?;
        Ok(Self { key: PrivateKey::generate(&ECDH_P256)?, salt })
    }
}

/// How many bytes of a key are wanted.
struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

/// Encrypts a text for a device. The text has at most [`session::features::webpush::PAYLOAD_BYTES_MAX`] bytes.
///
/// # Errors
/// When the device's public key is no point of the curve.
pub(super) fn seal(text: &[u8], device: Device<'_>, fresh: &Fresh) -> Result<Vec<u8>, Unspecified> {
    let own = fresh.key.compute_public_key()?;
    let shared = |secret: &[u8]| {
        let info = [b"WebPush: info\0", device.public_key, own.as_ref()];
        expand(device.secret, secret, &info, 32)
    };
    let theirs = UnparsedPublicKey::new(&ECDH_P256, device.public_key);
    let material = agreement::agree(&fresh.key, theirs, Unspecified, shared)?;
    let key = expand(&fresh.salt, &material, &[b"Content-Encoding: aes128gcm\0"], AES_128_GCM.key_len())?;
    let nonce = expand(&fresh.salt, &material, &[b"Content-Encoding: nonce\0"], AES_128_GCM.nonce_len())?;

    let mut record = text.to_vec();
    record.push(LAST_RECORD);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);
    key.seal_in_place_append_tag(Nonce::try_assume_unique_for_key(&nonce)?, Aad::empty(), &mut record)?;

    let own_bytes = u8::try_from(own.as_ref().len()).map_err(|_| Unspecified)?;
    let mut sealed = fresh.salt.to_vec();
    sealed.extend(RECORD_BYTES.to_be_bytes());
    sealed.push(own_bytes);
    sealed.extend(own.as_ref());
    sealed.extend(record);
    Ok(sealed)
}

/// HKDF with SHA-256 (RFC 5869).
fn expand(salt: &[u8], secret: &[u8], info: &[&[u8]], bytes: usize) -> Result<Vec<u8>, Unspecified> {
    let mut out = vec![0; bytes];
    Salt::new(HKDF_SHA256, salt).extract(secret).expand(info, Bytes(bytes))?.fill(&mut out)?;
    Ok(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
mod tests {
    use data_encoding::BASE64URL_NOPAD;

    use super::*;

    fn bytes(written: &str) -> Vec<u8> {
        BASE64URL_NOPAD.decode(written.as_bytes()).unwrap()
    }

    /// RFC 8291, appendix A.
    #[test]
    fn the_example_of_the_specification() {
        let public_key =
            bytes("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4");
        let key = PrivateKey::from_private_key(&ECDH_P256, &bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"));
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let fresh = Fresh { key: key.unwrap(), salt };
        let device = Device { public_key: &public_key, secret: &bytes("BTBZMqHH6r4Tts7J_aSIgg") };
        let sealed = seal(b"When I grow up, I want to be a watermelon", device, &fresh).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz\
                        AC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(BASE64URL_NOPAD.encode(&sealed), expected);
    }

    #[test]
    fn the_longest_text_makes_the_longest_message_that_push_services_take() {
        let public_key = PrivateKey::generate(&ECDH_P256).unwrap().compute_public_key().unwrap();
        let device = Device { public_key: public_key.as_ref(), secret: &[7; 16] };
        let text = vec![b'x'; session::features::webpush::PAYLOAD_BYTES_MAX];
        let sealed = seal(&text, device, &Fresh::new().unwrap()).unwrap();
        assert_eq!(sealed.len(), 4096);
        assert_ne!(sealed, seal(&text, device, &Fresh::new().unwrap()).unwrap());
    }

    #[test]
    fn a_key_that_is_no_point_of_the_curve_is_refused() {
        let mut public_key = vec![4];
        public_key.extend([7; 64]);
        assert!(seal(b"ciao", Device { public_key: &public_key, secret: &[7; 16] }, &Fresh::new().unwrap()).is_err());
    }
}
