//! How other machines reach this one: the addresses that people are told.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use if_addrs::IfAddr;

use crate::doors::is_loopback;

/// The addresses of this machine that others can use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// `[server] public_address`, without its port; what people are told in place of everything else.
    pub public: Option<String>,
    /// The port of `public_address`, where it has one: what stands before this server forwards it.
    pub public_port: Option<u16>,
    /// The IPv4 address of an interface.
    pub v4: Option<Ipv4Addr>,
    /// The IPv6 address of an interface.
    pub v6: Option<Ipv6Addr>,
    /// All addresses that others may reach, those first that are likely to be on their network; `v4` and `v6` among them.
    pub all: Vec<IpAddr>,
}

/// The most addresses that people are told: machines with IPv6 change theirs often and keep the former ones.
const ADDRESSES_MAX: usize = 8;
/// Bridges of containers and virtual machines: nobody else is on them.
const INNER: [&str; 6] = ["docker", "br-", "veth", "virbr", "lxc", "cni"];
/// How far away their addresses are; those of other interfaces are nearer.
const INNER_DISTANCE: u8 = 2;

impl Reach {
    /// Looks at the interfaces of this machine.
    pub fn find(public_address: &str) -> Self {
        let (public, public_port) = split_public(public_address);
        let mut v4: Vec<(u8, Ipv4Addr)> = Vec::new();
        let mut v6: Vec<(u8, Ipv6Addr)> = Vec::new();
        for interface in if_addrs::get_if_addrs().unwrap_or_default() {
            let inner = INNER.iter().any(|name| interface.name.starts_with(name));
            let distance = u8::from(inner) * INNER_DISTANCE;
            match interface.addr {
                IfAddr::V4(found) if !found.ip.is_loopback() && !found.ip.is_link_local() => {
                    v4.push((distance + u8::from(!found.ip.is_private()), found.ip));
                }
                IfAddr::V6(found) if !found.ip.is_loopback() && !found.ip.is_unicast_link_local() => {
                    v6.push((distance + u8::from(!found.ip.is_unique_local()), found.ip));
                }
                _ => {}
            }
        }
        // A stable sort: among equals the first interface wins.
        v4.sort_by_key(|(distance, _)| *distance);
        v6.sort_by_key(|(distance, _)| *distance);
        let outside_v4 = v4.iter().filter(|(distance, _)| *distance < INNER_DISTANCE).map(|(_, ip)| IpAddr::from(*ip));
        let outside_v6 = v6.iter().filter(|(distance, _)| *distance < INNER_DISTANCE).map(|(_, ip)| IpAddr::from(*ip));
        let all = outside_v4.chain(outside_v6).take(ADDRESSES_MAX).collect();
        Self { public, public_port, v4: v4.first().map(|(_, ip)| *ip), v6: v6.first().map(|(_, ip)| *ip), all }
    }

    /// Returns the hosts, besides the one that `host_and_port` names, by which others may reach a listening socket: the
    /// machine may be on several networks.
    pub fn other_hosts(&self, address: SocketAddr) -> Vec<Host> {
        if self.public.is_some() || !address.ip().is_unspecified() {
            return Vec::new();
        }
        let told = self.host_and_port(address).0;
        let of_family = self.all.iter().filter(|ip| ip.is_ipv4() == address.is_ipv4());
        of_family.map(|ip| Host(ip.to_string())).filter(|host| *host != told).collect()
    }

    /// Returns the host and port by which others reach a listening socket; loopback where nobody else can.
    pub fn host_and_port(&self, address: SocketAddr) -> (Host, u16) {
        if let (Some(public), false) = (&self.public, is_loopback(address.ip())) {
            return (Host(public.clone()), self.public_port.unwrap_or(address.port()));
        }
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(self.v4.unwrap_or(Ipv4Addr::LOCALHOST)),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(self.v6.unwrap_or(Ipv6Addr::LOCALHOST)),
            ip => ip,
        };
        (Host(ip.to_string()), address.port())
    }
}

/// A host's name or address, without brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(pub String);

impl Host {
    /// Returns it as it stands in front of a port: IPv6 in brackets.
    pub fn with_port(&self, port: u16) -> String {
        if self.0.contains(':') { format!("[{}]:{port}", self.0) } else { format!("{}:{port}", self.0) }
    }

    /// Tells whether only this machine can use it.
    pub fn is_loopback(&self) -> bool {
        self.0.eq_ignore_ascii_case("localhost") || self.0.parse().is_ok_and(is_loopback)
    }
}

fn split_public(written: &str) -> (Option<String>, Option<u16>) {
    if written.is_empty() {
        (None, None)
    } else if let Ok(address) = written.parse::<SocketAddr>() {
        (Some(address.ip().to_string()), Some(address.port()))
    } else if let Ok(address) = written.parse::<IpAddr>() {
        (Some(address.to_string()), None)
    } else {
        match written.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?))) {
            Some((host, port)) => (Some(host.to_owned()), Some(port)),
            None => (Some(written.to_owned()), None),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn told(reach: &Reach, address: &str) -> String {
        let (host, port) = reach.host_and_port(address.parse().unwrap());
        host.with_port(port)
    }

    #[test]
    fn wildcards_become_interfaces() {
        let reach =
            Reach { v4: Some([192, 168, 1, 5].into()), v6: Some("fd00::5".parse().unwrap()), ..Reach::default() };
        assert_eq!(told(&reach, "0.0.0.0:53000"), "192.168.1.5:53000");
        assert_eq!(told(&reach, "[::]:53000"), "[fd00::5]:53000");
        assert_eq!(told(&reach, "127.0.0.1:6667"), "127.0.0.1:6667");
        assert_eq!(told(&reach, "10.0.0.9:1"), "10.0.0.9:1");
        assert_eq!(told(&Reach::default(), "0.0.0.0:1"), "127.0.0.1:1");
        assert_eq!(told(&Reach::default(), "[::]:1"), "[::1]:1");
    }

    #[test]
    fn a_machine_on_several_networks_tells_all_addresses() {
        let all = ["192.168.1.5", "10.0.0.5", "fd00::5"].map(|ip| ip.parse().unwrap()).to_vec();
        let reach =
            Reach { v4: Some([192, 168, 1, 5].into()), v6: Some("fd00::5".parse().unwrap()), all, ..Reach::default() };
        let others = |address: &str| reach.other_hosts(address.parse().unwrap());
        assert_eq!(others("0.0.0.0:1"), [Host("10.0.0.5".to_owned())]);
        assert!(others("[::]:1").is_empty());
        assert!(others("192.168.1.5:1").is_empty(), "it listens there only");
        let public = Reach { public: Some("chat.example.org".to_owned()), ..reach.clone() };
        assert!(public.other_hosts("0.0.0.0:1".parse().unwrap()).is_empty());
    }

    #[test]
    fn the_public_address_goes_first() {
        let reach = Reach::find("chat.example.org");
        assert_eq!(told(&reach, "0.0.0.0:53000"), "chat.example.org:53000");
        assert_eq!(told(&reach, "127.0.0.1:6667"), "127.0.0.1:6667");
        assert_eq!(told(&Reach::find("chat.example.org:80"), "[::]:53000"), "chat.example.org:80");
        assert_eq!(told(&Reach::find("[fd00::1]:80"), "[::]:53000"), "[fd00::1]:80");
        assert_eq!(told(&Reach::find("fd00::1"), "[::]:53000"), "[fd00::1]:53000");
    }

    #[test]
    fn loopback_is_known_by_name_and_number() {
        assert!(
            ["localhost", "127.0.0.9", "::1", "::ffff:127.0.0.1"]
                .iter()
                .all(|host| Host((*host).to_owned()).is_loopback())
        );
        assert!(!Host("10.0.0.1".to_owned()).is_loopback());
    }
}
