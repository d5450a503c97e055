//! Which addresses notifications may be sent to, as far as that can be told without resolving a name. The edge knows the rest: it
//! looks at every address that a name has (crate `fetch`).

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::IpNet;

/// What is out of reach, and what of it the configuration allows. By default nothing is out of reach.
#[derive(Clone, Debug, Default)]
pub struct PushReach {
    refused: Arc<[IpNet]>,
    allowed: Arc<[IpNet]>,
}

impl PushReach {
    /// Refuses some networks, but for what is allowed of them.
    pub fn new(refused: impl IntoIterator<Item = IpNet>, allowed: impl IntoIterator<Item = IpNet>) -> Self {
        Self { refused: refused.into_iter().collect(), allowed: allowed.into_iter().collect() }
    }

    /// Tells whether the host in an address that begins with `https://` is a literal one that is out of reach.
    pub fn refuses(&self, endpoint: &str) -> bool {
        literal_host(endpoint).is_some_and(|address| {
            let is_in = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&address));
            is_in(&self.refused) && !is_in(&self.allowed)
        })
    }
}

/// Returns the host of an address, when it is no name. One of IPv4 that is written as IPv6 is what it is.
fn literal_host(endpoint: &str) -> Option<IpAddr> {
    let authority = endpoint.strip_prefix("https://")?.split(['/', '?']).next()?;
    let address = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0.parse::<Ipv6Addr>().ok()?.into(),
        None => authority.split(':').next()?.parse::<Ipv4Addr>().ok()?.into(),
    };
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trusted_proxies::network;

    #[test]
    fn literal_addresses_are_judged_and_names_are_not() {
        let networks = |written: &[&str]| written.iter().filter_map(|text| network(text)).collect::<Vec<_>>();
        let reach = PushReach::new(networks(&["10.0.0.0/8", "127.0.0.0/8", "::/3"]), networks(&["10.7.0.0/16"]));
        for refused in [
            "https://10.0.0.1/1",
            "https://127.0.0.1:8443/1",
            "https://127.0.0.1?x",
            "https://[::1]/1",
            "https://[::1]:8443/1",
            "https://[::ffff:10.0.0.1]/1",
        ] {
            assert!(reach.refuses(refused), "{refused}");
        }
        for taken in [
            "https://10.7.0.1/1",
            "https://[::ffff:10.7.0.1]/1",
            "https://1.1.1.1/1",
            "https://[2606:4700::1]/1",
            // What a name stands for is looked at when it is asked for.
            "https://localhost/1",
            "https://127.0.0.1.example/1",
        ] {
            assert!(!reach.refuses(taken), "{taken}");
        }
        assert!(!PushReach::default().refuses("https://127.0.0.1/1"));
    }
}
