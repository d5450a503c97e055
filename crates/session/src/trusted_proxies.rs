//! Whose word about where a connection comes from is believed.

use core::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

/// Addresses and networks of proxies and gateways. Nobody is in it at first.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Reads addresses (`10.0.0.1`) and networks (`fd00::/8`), and leaves out what is neither.
    pub fn new<'a>(written: impl IntoIterator<Item = &'a str>) -> Self {
        Self(written.into_iter().filter_map(network).collect())
    }

    /// Tells whether an address is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// Reads one address or network, as `server.trusted_proxies` has them.
pub fn network(written: &str) -> Option<IpNet> {
    match written.parse::<IpAddr>() {
        Ok(address) => Some(address.to_canonical().into()),
        Err(_) => written.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusts(written: &[&str], address: &str) -> bool {
        let address = address.parse().unwrap_or_else(|_| panic!("{address} is an address"));
        TrustedProxies::new(written.iter().copied()).contains(address)
    }

    #[test]
    fn nobody_is_trusted_by_default() {
        assert!(!trusts(&[], "127.0.0.1"));
    }

    #[test]
    fn addresses_and_networks_are_trusted_in_both_families() {
        let list = ["10.0.0.1", "192.168.0.0/16", "fd00::/8", "::1"];
        for trusted in ["10.0.0.1", "192.168.7.9", "fd12::9", "::1", "::ffff:10.0.0.1", "::ffff:192.168.0.1"] {
            assert!(trusts(&list, trusted), "{trusted}");
        }
        for other in ["10.0.0.2", "192.169.0.1", "fe80::1", "127.0.0.1", "::2", "::ffff:10.0.0.3"] {
            assert!(!trusts(&list, other), "{other}");
        }
        assert!(trusts(&["0.0.0.0/0"], "203.0.113.9") && !trusts(&["0.0.0.0/0"], "2001:db8::1"));
    }

    #[test]
    fn what_is_no_network_trusts_nobody() {
        assert!(network("10/8").is_none() && network("10.0.0.0/33").is_none() && network("localhost").is_none());
    }
}
