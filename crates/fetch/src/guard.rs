//! Which addresses may be reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What is not the public internet by IPv4: the IANA registry of special-purpose addresses, and multicast.
const NOT_PUBLIC_V4: [(Ipv4Addr, u8); 16] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// All of the public internet by IPv6 (RFC 4291 section 2.4). Outside are loopback, ULA, link-local and multicast, and the
/// prefix of NAT64, behind which any address of IPv4 may stand.
const PUBLIC_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// All that is not in it.
const OUTSIDE_PUBLIC_V6: [(Ipv6Addr, u8); 3] = [
    (Ipv6Addr::UNSPECIFIED, 3),
    (Ipv6Addr::new(0x4000, 0, 0, 0, 0, 0, 0, 0), 2),
    (Ipv6Addr::new(0x8000, 0, 0, 0, 0, 0, 0, 0), 1),
];

/// What of it is not: protocols of the IETF (Teredo among them), documentation, and 6to4, which hides an address of IPv4.
const NOT_PUBLIC_V6: [(Ipv6Addr, u8); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Decides which addresses may be reached: the public internet, and networks that are allowed besides.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: Vec<IpNet>,
}

impl Guard {
    /// Makes one that allows these networks besides the public internet.
    pub fn new(allowed: impl IntoIterator<Item = IpNet>) -> Self {
        Self { allowed: allowed.into_iter().collect() }
    }

    /// Tells whether an address may be reached. One of IPv4 that is written as IPv6 is what it is.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.allowed.iter().any(|network| network.contains(&address))
    }
}

/// Lists the networks that are not the public internet, for those who look at addresses before a request is made.
pub fn not_public() -> impl Iterator<Item = IpNet> {
    let v4 = NOT_PUBLIC_V4.iter().filter_map(|(network, bits)| Ipv4Net::new(*network, *bits).ok()).map(IpNet::from);
    let v6 = OUTSIDE_PUBLIC_V6.iter().chain(&NOT_PUBLIC_V6);
    v4.chain(v6.filter_map(|(network, bits)| Ipv6Net::new(*network, *bits).ok()).map(IpNet::from))
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !NOT_PUBLIC_V4
            .iter()
            .any(|(network, bits)| Ipv4Net::new(*network, *bits).is_ok_and(|network| network.contains(&address))),
        IpAddr::V6(address) => {
            let is_in = |(network, bits): &(Ipv6Addr, u8)| {
                Ipv6Net::new(*network, *bits).is_ok_and(|network| network.contains(&address))
            };
            is_in(&PUBLIC_V6) && !NOT_PUBLIC_V6.iter().any(is_in)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The list says the same as the guard.
    fn allows(guard: &Guard, address: &str) -> bool {
        let address: IpAddr = address.parse().unwrap_or_else(|error| panic!("{address}: {error}"));
        let is_listed = not_public().any(|network| network.contains(&address.to_canonical()));
        assert_eq!(is_public(address.to_canonical()), !is_listed, "{address}");
        guard.allows(address)
    }

    #[test]
    fn the_public_internet_is_allowed() {
        let guard = Guard::default();
        for address in
            ["1.1.1.1", "9.255.255.255", "172.32.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1", "2a00::1"]
        {
            assert!(allows(&guard, address), "{address}");
        }
    }

    #[test]
    fn what_is_private_is_not() {
        let guard = Guard::default();
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            assert!(!allows(&guard, address), "{address}");
        }
        for address in [
            "::",
            "::1",
            "fe80::1",
            "fec0::1",
            "fc00::1",
            "fd12:3456::1",
            "ff02::1",
            "ff0e::1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
        ] {
            assert!(!allows(&guard, address), "{address}");
        }
    }

    #[test]
    fn an_address_of_ipv4_is_the_same_when_it_is_written_as_ipv6() {
        let guard = Guard::default();
        for address in ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.0.0.1"] {
            assert!(!allows(&guard, address), "{address}");
        }
        assert!(allows(&guard, "::ffff:1.1.1.1"));
    }

    #[test]
    fn networks_are_allowed_by_name() {
        let network = |text: &str| text.parse::<IpNet>().unwrap_or_else(|error| panic!("{text}: {error}"));
        let guard = Guard::new([network("127.0.0.0/8"), network("fd00::/8")]);
        assert!(allows(&guard, "127.0.0.1") && allows(&guard, "::ffff:127.0.0.1") && allows(&guard, "fd00::1"));
        assert!(!allows(&guard, "10.0.0.1") && !allows(&guard, "::1") && !allows(&guard, "fe80::1"));
    }
}
