//! SASL: what clients say in it is read or refused, pieces arrive whole, and nobody gets in without the password.

use session::sasl::credentials::{ScramKeys, scram_keys};
use session::sasl::pieces::{Pieces, Taken, split};
use session::sasl::plain;
use session::sasl::scram::{ClientFirst, Exchange, ScramError};

/// Parts of messages.
pub const WORDS: &[&[u8]] = &[
    b"n,,n=",
    b"y,a=",
    b"p=tls-exporter,,",
    b",r=",
    b",n=",
    b"m=1,",
    b"=2C",
    b"=3D",
    b",e=1",
    b"\nc=biws,r=",
    b"\nc=eSws,r=",
    b",p=",
    b"%nonce",
    b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    b"\0",
    b"\0anna\0sesame",
    b"SCRAM-SHA-256$4096:c2FsdA==$",
    b"\xc3\xa8",
    b"\xff",
];

const NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

/// The first line is what a client says first, the rest what it says then.
pub fn sasl(data: &[u8]) {
    let place = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (first, rest) = (&data[..place], data.get(place + 1..).unwrap_or_default());
    if let Some(plain) = plain::parse(first) {
        let authzid = plain.authzid.unwrap_or_default();
        assert_eq!([authzid, plain.authcid, plain.password].join("\0").as_bytes(), first, "PLAIN is read as it is");
    }
    scram(first, rest);
    if let Some(keys) = core::str::from_utf8(rest).ok().and_then(|kept| scram_keys(&format!("hash {kept}"))) {
        assert_eq!(ScramKeys::parse(&keys.to_string()), Some(keys), "keys are read back");
    }
    pieces(rest);
}

/// Whoever has not the password gets no further, whatever they say.
fn scram(first: &[u8], last: &[u8]) {
    let Ok(first) = ClientFirst::parse(first) else { return };
    assert!(!first.name.is_empty());
    let keys = ScramKeys { iterations: 1, salt: b"salt".to_vec(), stored_key: [7; 32], server_key: [8; 32] };
    let (exchange, said) = Exchange::begin(first.clone(), Some(keys), NONCE, b"", 1);
    assert!(said.starts_with("r=") && said.ends_with(&format!("{NONCE},s=c2FsdA==,i=1")), "{said}");
    let told = exchange.finish(last);
    assert!(told.is_err(), "without the password: {told:?}");
    let (nobody, _) = Exchange::begin(first, None, NONCE, b"salt", 1);
    assert_eq!(nobody.finish(last), told, "an account that does not exist is told apart");
    if told == Err(ScramError::InvalidProof) {
        assert!(last.windows(3).any(|part| part == b",p="));
    }
}

fn pieces(payload: &[u8]) {
    let (mut pieces, sent) = (Pieces::default(), split(payload));
    for (number, piece) in sent.iter().enumerate() {
        let taken = pieces.take(piece);
        match taken {
            Taken::More => assert!(number + 1 < sent.len(), "the last piece is not noticed"),
            Taken::Whole(whole) => assert_eq!((number + 1, &*whole), (sent.len(), payload)),
            Taken::Endless => return,
            Taken::TooLong | Taken::Garbled => panic!("our own pieces are refused: {taken:?}"),
        }
    }
    // What is no base64 is refused or read, and leaves nothing behind.
    if let Ok(text) = core::str::from_utf8(payload) {
        let mut pieces = Pieces::default();
        for word in text.split(' ') {
            let _ = pieces.take(word);
        }
    }
}
