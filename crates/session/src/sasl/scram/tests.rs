//! The example of RFC 7677, what may go wrong, and an independent client.

use proptest::prelude::*;

use super::*;

/// The keys of `pencil` as the example of RFC 7677 has them.
fn keys() -> ScramKeys {
    let salt = Base64::decode_vec("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap_or_default();
    ScramKeys::of_password("pencil", &salt, 4096)
}

const CLIENT_FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const SERVER_NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const CLIENT_FINAL: &str = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
    p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

fn first(message: &str) -> ClientFirst {
    ClientFirst::parse(message.as_bytes()).unwrap_or_else(|error| panic!("{message}: {error:?}"))
}

fn begun() -> Exchange {
    Exchange::begin(first(CLIENT_FIRST), Some(keys()), SERVER_NONCE, b"", 1).0
}

#[test]
fn the_example_of_the_specification() {
    let (exchange, server_first) = Exchange::begin(first(CLIENT_FIRST), Some(keys()), SERVER_NONCE, b"", 1);
    let expected = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    assert_eq!(server_first, expected);
    let finished = exchange.finish(CLIENT_FINAL.as_bytes());
    assert_eq!(finished.as_deref(), Ok("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
}

#[test]
fn first_messages() {
    use ScramError::{ChannelBindingNotSupported, ExtensionsNotSupported, InvalidEncoding, InvalidUsernameEncoding};
    for (message, expected) in [
        ("n,,n=anna,r=x", Ok((None, "anna"))),
        ("y,,n=anna,r=x", Ok((None, "anna"))),
        ("n,a=bruno,n=anna,r=x", Ok((Some("bruno"), "anna"))),
        ("n,,n=a=2Cb=3Dc,r=x", Ok((None, "a,b=c"))),
        ("n,,n=anna,r=x,e=1", Ok((None, "anna"))),
        ("p=tls-exporter,,n=anna,r=x", Err(ChannelBindingNotSupported)),
        ("p,,n=anna,r=x", Err(InvalidEncoding)),
        ("x,,n=anna,r=x", Err(InvalidEncoding)),
        ("n,bruno,n=anna,r=x", Err(InvalidEncoding)),
        ("n,,m=1,n=anna,r=x", Err(ExtensionsNotSupported)),
        ("n,,n=,r=x", Err(InvalidUsernameEncoding)),
        ("n,,n=a=2cb,r=x", Err(InvalidUsernameEncoding)),
        ("n,,n=a=b,r=x", Err(InvalidUsernameEncoding)),
        ("n,a=a=b,n=anna,r=x", Err(InvalidUsernameEncoding)),
        ("n,,n=anna", Err(InvalidEncoding)),
        ("n,,n=anna,r=", Err(InvalidEncoding)),
        ("n,,n=anna,r=x y", Err(InvalidEncoding)),
        ("n,,n=anna,r=è", Err(InvalidEncoding)),
        ("n,,n=anna,r=x,junk", Err(InvalidEncoding)),
        ("n,,r=x,n=anna", Err(InvalidEncoding)),
        ("n,n=anna,r=x", Err(InvalidEncoding)),
        ("", Err(InvalidEncoding)),
    ] {
        let read = ClientFirst::parse(message.as_bytes());
        let read = read.as_ref().map(|first| (first.authzid.as_deref(), &*first.name)).map_err(|error| *error);
        assert_eq!(read, expected, "{message}");
    }
    assert_eq!(ClientFirst::parse(b"n,,n=\xff,r=x"), Err(InvalidEncoding));
}

#[test]
fn final_messages() {
    use ScramError::{ChannelBindingsDontMatch, ExtensionsNotSupported, InvalidEncoding, InvalidProof, OtherError};
    let changed = |from: &str, to: &str| CLIENT_FINAL.replacen(from, to, 1);
    for (message, expected) in [
        (changed("c=biws", "c=eSws"), ChannelBindingsDontMatch),
        (changed("c=biws", "c=!"), InvalidEncoding),
        (changed("c=biws,", ""), InvalidEncoding),
        (changed("r=rOpr", "r=rOprX"), OtherError),
        (changed("r=", "m=1,r="), ExtensionsNotSupported),
        (changed("p=dH", "p=dI"), InvalidProof),
        (changed("p=dHzb", "p="), InvalidEncoding),
        (changed("p=", "x=1,p="), InvalidProof),
        (changed("p=", "junk,p="), InvalidEncoding),
        (changed(",p=", ",q="), InvalidEncoding),
        (String::new(), InvalidEncoding),
    ] {
        assert_eq!(begun().finish(message.as_bytes()), Err(expected), "{message}");
    }
    assert_eq!(begun().finish(b"\xff"), Err(InvalidEncoding));
}

#[test]
fn nobody_looks_like_somebody() {
    let (exchange, server_first) = Exchange::begin(first(CLIENT_FIRST), None, SERVER_NONCE, b"pepper", 4096);
    assert!(server_first.ends_with(",s=cGVwcGVy,i=4096"), "{server_first}");
    assert_eq!(exchange.finish(CLIENT_FINAL.as_bytes()), Err(ScramError::InvalidProof));
    assert!(!format!("{:?}", begun()).contains("key"));
}

/// A client written from RFC 5802, section 3, without the server's code: what it sends last, and what it expects then.
fn client_final(password: &str, gs2_header: &str, bare: &str, server_first: &str) -> (String, String) {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    let mac = |key: &[u8], text: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|error| panic!("{error}"));
        mac.update(text);
        mac.finalize().into_bytes().to_vec()
    };
    let attribute = |letter: &str| {
        let found = server_first.split(',').find_map(|one| one.strip_prefix(letter));
        found.unwrap_or_else(|| panic!("{letter} is missing in {server_first}")).to_owned()
    };
    let salt = Base64::decode_vec(&attribute("s=")).unwrap_or_else(|error| panic!("{error}"));
    let iterations: u32 = attribute("i=").parse().unwrap_or_else(|error| panic!("{error}"));
    // Hi(): U1 XOR U2 XOR …
    let mut block = mac(password.as_bytes(), &[&salt[..], &[0, 0, 0, 1]].concat());
    let mut salted = block.clone();
    for _ in 1..iterations {
        block = mac(password.as_bytes(), &block);
        salted.iter_mut().zip(&block).for_each(|(sum, byte)| *sum ^= byte);
    }
    let client_key = mac(&salted, b"Client Key");
    let without_proof = format!("c={},r={}", Base64::encode_string(gs2_header.as_bytes()), attribute("r="));
    let message = format!("{bare},{server_first},{without_proof}");
    let signature = mac(&Sha256::digest(&client_key), message.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(&signature).map(|(key, mask)| key ^ mask).collect();
    let verifier = Base64::encode_string(&mac(&mac(&salted, b"Server Key"), message.as_bytes()));
    (format!("{without_proof},p={}", Base64::encode_string(&proof)), format!("v={verifier}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn who_knows_the_password_gets_in_and_nobody_else(
        password in "\\PC{1,20}",
        other in "\\PC{1,20}",
        salt in prop::collection::vec(any::<u8>(), 1..32),
        iterations in 1_u32..20,
        flag in "[ny]",
        nonce in "[!-+\\--~]{1,20}",
    ) {
        let (gs2_header, bare) = (format!("{flag},,"), format!("n=anna,r={nonce}"));
        let keys = ScramKeys::of_password(&password, &salt, iterations);
        let first = first(&format!("{gs2_header}{bare}"));
        let (exchange, server_first) = Exchange::begin(first, Some(keys), SERVER_NONCE, b"", 1);
        let (message, expected) = client_final(&password, &gs2_header, &bare, &server_first);
        prop_assert_eq!(exchange.finish(message.as_bytes()), Ok(expected));
        if other != password {
            let (message, _) = client_final(&other, &gs2_header, &bare, &server_first);
            prop_assert_eq!(exchange.finish(message.as_bytes()), Err(ScramError::InvalidProof));
        }
    }

    #[test]
    fn any_bytes_are_answered(message in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = ClientFirst::parse(&message);
        prop_assert!(begun().finish(&message).is_err());
    }
}
