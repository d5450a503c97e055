//! Cloaks: what other users see instead of an address.
//!
//! The same address gets the same cloak as long as the server keeps its secret, so bans work; addresses of one network
//! share the cloak's second half, so a whole network can be banned.

use core::net::IpAddr;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How addresses are hidden.
#[derive(Clone, Debug)]
pub enum Cloak {
    /// They are not: others see them.
    Off,
    /// All but loopback, keyed with the server's secret.
    Keyed(Arc<[u8; 32]>),
}

impl Cloak {
    /// Returns the host that others see: `localhost`, an address, or `k3qf8w2n.7hd2mz4p.cloak`.
    pub fn host(&self, address: IpAddr) -> Arc<str> {
        let address = address.to_canonical();
        if address.is_loopback() {
            return "localhost".into();
        }
        match self {
            // An IPv6 address that begins with `:` would be read as the last parameter of a line.
            Self::Off => match address.to_string() {
                shown if shown.starts_with(':') => format!("0{shown}").into(),
                shown => shown.into(),
            },
            Self::Keyed(secret) => {
                let (whole, network) = parts(address);
                format!("{}.{}.cloak", digest(secret, &whole), digest(secret, &network)).into()
            }
        }
    }
}

/// Returns what identifies the address and what identifies its network: a /16, or for IPv6 a /48. Of an IPv6 address only
/// the /64 counts, because a host changes the rest as it likes.
fn parts(address: IpAddr) -> (Vec<u8>, Vec<u8>) {
    match address {
        IpAddr::V4(address) => {
            let octets = address.octets();
            (octets.to_vec(), octets[..2].to_vec())
        }
        IpAddr::V6(address) => {
            let octets = address.octets();
            (octets[..8].to_vec(), octets[..6].to_vec())
        }
    }
}

fn digest(secret: &[u8; 32], part: &[u8]) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(part);
    HEXLOWER.encode(&mac.finalize().into_bytes()[..6])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(address: &str) -> Arc<str> {
        let address = address.parse().unwrap_or_else(|_| panic!("{address} is an address"));
        Cloak::Keyed(Arc::new([7; 32])).host(address)
    }

    #[test]
    fn loopback_is_shown_and_others_are_hidden() {
        assert_eq!(&*host("127.0.0.1"), "localhost");
        assert_eq!(&*host("::ffff:127.0.0.1"), "localhost");
        assert!(!host("192.168.1.7").contains("192"));
        assert!(host("192.168.1.7").ends_with(".cloak"));
    }

    #[test]
    fn one_network_shares_the_second_half() {
        let (one, other) = (host("192.168.1.7"), host("192.168.2.8"));
        assert_ne!(one, other);
        assert_eq!(one.split_once('.').map(|parts| parts.1), other.split_once('.').map(|parts| parts.1));
        assert_eq!(host("2001:db8::1"), host("2001:db8::2"), "one /64 is one host");
    }

    #[test]
    fn a_shown_ipv6_address_never_begins_with_a_colon() {
        assert_eq!(&*Cloak::Off.host("::2".parse().unwrap_or_else(|_| panic!("an address"))), "0::2");
    }
}
