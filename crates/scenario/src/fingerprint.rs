//! What a client certificate is known by. Written apart from the server's, so that one checks the other.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Returns the SHA-256 of a certificate in lower-case hexadecimal.
pub(crate) fn fingerprint(certificate: &[u8]) -> String {
    Sha256::digest(certificate).iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_of_the_specification() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::fingerprint(b"abc"), expected);
    }
}
