//! What is said in SASL travels as base64 in pieces of 400 bytes; a shorter one, or `+`, is the last.
//!
//! Spec: `IRCv3` "sasl", "The AUTHENTICATE command".

use base64ct::{Base64, Encoding as _};

/// The bytes of a piece that is not the last one; none may be longer.
pub const PIECE_BYTES: usize = 400;

/// The most bytes of one payload, as base64: a password of 1024 bytes with two names fits easily.
pub const PAYLOAD_BYTES_MAX: usize = 8 * PIECE_BYTES;

/// The pieces that have come so far.
#[derive(Default)]
pub struct Pieces {
    text: String,
}

impl core::fmt::Debug for Pieces {
    /// Leaves out what may be a password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pieces").field("bytes", &self.text.len()).finish()
    }
}

/// What a piece leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// There is more to come.
    More,
    /// That was the last one: the payload.
    Whole(Vec<u8>),
    /// The piece is longer than one may be (905).
    TooLong,
    /// There are too many pieces; what came is forgotten.
    Endless,
    /// It is no base64.
    Garbled,
}

impl Pieces {
    /// Takes the next piece.
    pub fn take(&mut self, piece: &str) -> Taken {
        if piece.len() > PIECE_BYTES {
            return Taken::TooLong;
        }
        let is_last = piece.len() < PIECE_BYTES;
        let piece = if piece == "+" { "" } else { piece };
        if self.text.len() + piece.len() > PAYLOAD_BYTES_MAX {
            self.text = String::new();
            return Taken::Endless;
        }
        self.text.push_str(piece);
        if !is_last {
            return Taken::More;
        }
        let text = core::mem::take(&mut self.text);
        Base64::decode_vec(&text).map_or(Taken::Garbled, Taken::Whole)
    }
}

/// Returns the pieces of a payload; of an empty one `+`.
pub fn split(payload: &[u8]) -> Vec<String> {
    let text = Base64::encode_string(payload);
    let mut pieces: Vec<String> = Vec::new();
    for piece in text.as_bytes().chunks(PIECE_BYTES) {
        pieces.push(String::from_utf8_lossy(piece).into_owned());
    }
    if text.len().is_multiple_of(PIECE_BYTES) {
        pieces.push("+".to_owned());
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_payload_is_told_apart() {
        let mut pieces = Pieces::default();
        assert_eq!(pieces.take("+"), Taken::Whole(Vec::new()));
        assert_eq!(pieces.take("YQ=="), Taken::Whole(b"a".to_vec()));
        for garbled in ["YQ=", "a b", "*", "====", "YQ==YQ==", ""] {
            let expected = if garbled.is_empty() { Taken::Whole(Vec::new()) } else { Taken::Garbled };
            assert_eq!(pieces.take(garbled), expected, "{garbled:?}");
        }
        assert_eq!(pieces.take(&"A".repeat(401)), Taken::TooLong);
    }

    #[test]
    fn endless_pieces_are_not_stored() {
        let (mut pieces, piece) = (Pieces::default(), "A".repeat(PIECE_BYTES));
        for _ in 0..PAYLOAD_BYTES_MAX / PIECE_BYTES {
            assert_eq!(pieces.take(&piece), Taken::More);
        }
        assert_eq!(pieces.take(&piece), Taken::Endless);
        assert!(pieces.text.capacity() == 0);
        assert!(!format!("{pieces:?}").contains('A'));
    }

    proptest! {
        #[test]
        fn every_payload_arrives(payload in prop::collection::vec(any::<u8>(), 0..=2400)) {
            let sent = split(&payload);
            prop_assert!(sent.iter().rev().skip(1).all(|piece| piece.len() == PIECE_BYTES));
            prop_assert!(sent.last().is_some_and(|piece| !piece.is_empty() && piece.len() < PIECE_BYTES));
            let mut pieces = Pieces::default();
            let (last, earlier) = sent.split_last().map_or((None, &[][..]), |(last, earlier)| (Some(last), earlier));
            for piece in earlier {
                prop_assert_eq!(pieces.take(piece), Taken::More);
            }
            prop_assert_eq!(last.map(|last| pieces.take(last)), Some(Taken::Whole(payload)));
        }
    }
}
