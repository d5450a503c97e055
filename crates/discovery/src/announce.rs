//! The announcement of one server, as long as it runs.

use std::net::IpAddr;
use std::time::Duration;

use gethostname::gethostname;
use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};

use crate::{DiscoveryError, Encryption, IRC, IRC_TLS, LOGGIA, key};

/// The longest name of an instance, in bytes: it is one label of DNS.
const INSTANCE_BYTES_MAX: usize = 63;
/// The longest value in a TXT record that we write, in bytes: key, `=` and value have 255.
const VALUE_BYTES_MAX: usize = 200;
/// How long each step of the withdrawal may take: the network may be gone before the server is.
const WITHDRAWAL: Duration = Duration::from_millis(250);

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What the network is called.
    pub network: String,
    /// The port for our own clients.
    pub port: u16,
    /// The port for IRC clients, where there is one.
    pub irc_port: Option<u16>,
    /// The usual port: another one stands in the name, so that two servers of one machine differ.
    pub usual_port: u16,
    /// The only address where it listens; none where it listens on all of them.
    pub address: Option<IpAddr>,
    /// Whether it listens for IPv4 and for IPv6, where it listens on all addresses.
    pub families: (bool, bool),
    /// The room that people enter at first.
    pub room: String,
    /// Whether TLS is spoken.
    pub encryption: Encryption,
    /// The fingerprint of a certificate that the server has made itself: 64 hexadecimal digits.
    pub fingerprint: Option<String>,
}

/// An announcement that stands. Dropping it withdraws it.
pub struct Announcement {
    daemon: ServiceDaemon,
    names: Vec<String>,
}

impl Offer {
    /// Announces the server on every interface but loopback, also on those that come later.
    ///
    /// # Errors
    /// When the system gives no thread or no poll. That there is no network is no error: there may be one later.
    pub fn announce(&self) -> Result<Announcement, DiscoveryError> {
        let daemon = ServiceDaemon::new()?;
        let mut announcement = Announcement { daemon, names: Vec::new() };
        announcement.daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6])?;
        let host = host_name(&gethostname().to_string_lossy());
        for (service_type, port) in self.services() {
            let service = self.service(service_type, port, &host)?;
            announcement.names.push(service.get_fullname().to_owned());
            announcement.daemon.register(service)?;
        }
        Ok(announcement)
    }

    /// Returns the service types under which it is announced, and the port of each.
    fn services(&self) -> Vec<(&'static str, u16)> {
        let irc_type = if self.encryption == Encryption::Required { IRC_TLS } else { IRC };
        let irc = self.irc_port.map(|port| (irc_type, port));
        [Some((LOGGIA, self.port)), irc].into_iter().flatten().collect()
    }

    fn service(&self, service_type: &str, port: u16, host: &str) -> Result<ServiceInfo, DiscoveryError> {
        let instance = self.instance(host);
        let server = format!("loggia-{host}.local.");
        let properties = self.properties();
        let make =
            |address: &[IpAddr]| ServiceInfo::new(service_type, &instance, &server, address, port, &properties[..]);
        if let Some(address) = self.address {
            let mut service = make(&[address])?;
            service.set_interfaces(vec![IfKind::Addr(address)]);
            return Ok(service);
        }
        let mut service = make(&[])?.enable_addr_auto();
        let (v4, v6) = self.families;
        service
            .set_interfaces([v4.then_some(IfKind::IPv4), v6.then_some(IfKind::IPv6)].into_iter().flatten().collect());
        Ok(service)
    }

    /// Returns what people see in a list: the network's name, and the machine's, because many servers are called the same.
    fn instance(&self, host: &str) -> String {
        let machine =
            if self.port == self.usual_port { format!(" ({host})") } else { format!(" ({host}:{})", self.port) };
        let room = INSTANCE_BYTES_MAX.saturating_sub(machine.len());
        format!("{}{machine}", &self.network[..self.network.floor_char_boundary(room)])
    }

    fn properties(&self) -> Vec<(&'static str, String)> {
        let short = |text: &str| text[..text.floor_char_boundary(VALUE_BYTES_MAX)].to_owned();
        let mut properties =
            vec![(key::VERSION, "1".to_owned()), (key::NETWORK, short(&self.network)), (key::ROOM, short(&self.room))];
        properties.extend(self.encryption.word().map(|word| (key::TLS, word.to_owned())));
        properties
            .extend(self.fingerprint.as_ref().map(|fingerprint| (key::FINGERPRINT, format!("sha256:{fingerprint}"))));
        properties
    }
}

/// Returns a machine's name as one label of DNS: letters, digits and hyphens. It is ours alone behind `loggia-`, so that nobody
/// else on this machine who speaks multicast DNS is contradicted.
fn host_name(written: &str) -> String {
    /// Leaves room for `loggia-` in a label, and for the network's name beside it.
    const BYTES_MAX: usize = 30;
    let label: String = written
        .split('.')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|character| character.is_ascii_alphanumeric() || *character == '-')
        .take(BYTES_MAX)
        .collect();
    let label = label.trim_matches('-').to_ascii_lowercase();
    if label.is_empty() { "server".to_owned() } else { label }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // Whoever has it in a list takes it out at once, and not when it is too old.
        let withdrawn: Vec<_> = self.names.iter().filter_map(|name| self.daemon.unregister(name).ok()).collect();
        for answer in withdrawn {
            let _ = answer.recv_timeout(WITHDRAWAL);
        }
        if let Ok(answer) = self.daemon.shutdown() {
            let _ = answer.recv_timeout(WITHDRAWAL);
        }
    }
}

impl core::fmt::Debug for Announcement {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Announcement").field("names", &self.names).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn offer() -> Offer {
        Offer {
            network: "Loggia".to_owned(),
            port: 53_000,
            irc_port: Some(6697),
            usual_port: 53_000,
            address: None,
            families: (true, true),
            room: "#piazza".to_owned(),
            encryption: Encryption::Offered,
            fingerprint: Some("ab".repeat(32)),
        }
    }

    #[test]
    fn a_machine_has_one_label() {
        assert_eq!(host_name("Annas-Laptop.fritz.box"), "annas-laptop");
        assert_eq!(host_name("-été_"), "t");
        assert_eq!(host_name(""), "server");
        assert_eq!(host_name(&"x".repeat(64)).len(), 30);
    }

    #[test]
    fn people_can_tell_servers_apart() {
        assert_eq!(offer().instance("anna"), "Loggia (anna)");
        assert_eq!(Offer { port: 53_001, ..offer() }.instance("anna"), "Loggia (anna:53001)");
        let long = Offer { network: "è".repeat(60), ..offer() }.instance("anna");
        assert!(long.len() <= INSTANCE_BYTES_MAX && long.ends_with("è (anna)"), "{long}");
    }

    #[test]
    fn irc_is_announced_as_what_is_spoken_there() {
        assert_eq!(offer().services(), [(LOGGIA, 53_000), (IRC, 6697)]);
        let strict = Offer { encryption: Encryption::Required, ..offer() };
        assert_eq!(strict.services(), [(LOGGIA, 53_000), (IRC_TLS, 6697)]);
        assert_eq!(Offer { irc_port: None, ..offer() }.services(), [(LOGGIA, 53_000)]);
    }

    #[test]
    fn what_is_said_fits_a_record() {
        let long = Offer { network: "è".repeat(200), room: format!("#{}", "x".repeat(300)), ..offer() };
        let service = long.service(LOGGIA, 1, "anna").unwrap();
        assert_eq!(service.get_property_val_str(key::NETWORK).unwrap().len(), VALUE_BYTES_MAX);
        assert_eq!(service.get_property_val_str(key::TLS), Some("yes"));
        assert_eq!(service.get_hostname(), "loggia-anna.local.");
    }
}
