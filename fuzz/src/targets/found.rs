//! What somebody on the local network announces: the name of a service as DNS writes it, and the texts of its TXT record.

use std::net::{Ipv4Addr, SocketAddr};

use discovery::told;

/// Parts of them.
pub const WORDS: &[&[u8]] = &[
    b"\\.",
    b"\\032",
    b"\\999",
    b"._loggia._tcp.local.",
    b"\nname=",
    b"\nroom=#",
    b"\ntls=only",
    b"\nfp=sha256:",
    b"abababababababababababababababababababababababababababababababab",
    b"\x1b[2J",
    b"\xe2\x80\xae",
    b"\xe2\x81\xa6",
];

/// The first line is the name, each further one a key and its text.
pub fn found(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let fullname = lines.next().unwrap_or_default();
    let pairs: Vec<_> = lines.filter_map(|line| line.split_once('=')).collect();
    let said = |key: &str| pairs.iter().find(|(name, _)| *name == key).map(|(_, text)| *text);
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    assert_eq!(told(fullname, said, vec![nowhere]), None, "nobody can connect to port 0");
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 53_000));
    let Some(found) = told(fullname, said, vec![nowhere, here]) else { panic!("there is an address") };
    assert_eq!(found.addresses, [here]);
    for text in [&found.name, &found.network, &found.room] {
        assert!(text.chars().count() <= 64, "{text:?} is too long");
        assert!(!text.contains(|one: char| one.is_control() || ('\u{202a}'..='\u{202e}').contains(&one)), "{text:?}");
    }
    assert!(found.room.is_empty() || found.room.starts_with(['#', '&']));
    assert!(
        found.fingerprint.is_none_or(|digits| digits.len() == 64 && digits.bytes().all(|one| one.is_ascii_hexdigit()))
    );
}
