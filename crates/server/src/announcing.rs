//! What the local network is told of this server, so that nobody has to type an address.

use std::net::IpAddr;

use discovery::{Announcement, Encryption, Offer};

use crate::config::{Config, Dialect, Tls};
use crate::doors::{DEFAULT_PORT, Door, is_loopback};

/// Returns what is announced; none where nobody else could connect, or the owner wants it so.
///
/// `fingerprints` are those of the doors' self-made certificates.
pub fn offer(config: &Config, doors: &[Door], fingerprints: &[Option<String>]) -> Option<Offer> {
    if !config.server.mdns {
        return None;
    }
    let takes = |door: &Door, dialect| door.settings.dialects.contains(&dialect);
    // A door that expects PROXY headers is for whoever stands before it.
    let is_open = |door: &Door| !is_loopback(door.address.ip()) && !door.settings.proxy_protocol;
    // Our own clients speak IRC, with or without a WebSocket around it.
    let doors_for = |dialect| doors.iter().enumerate().find(move |(_, door)| is_open(door) && takes(door, dialect));
    let (number, door) = doors_for(Dialect::Irc).or_else(|| doors_for(Dialect::Web))?;
    let port = door.address.port();
    let everywhere = |family: fn(&IpAddr) -> bool| {
        doors.iter().any(|other| is_everywhere(other, port) && family(&other.address.ip()))
    };
    Some(Offer {
        network: config.server.network.clone(),
        port,
        irc_port: takes(door, Dialect::Irc).then_some(port),
        usual_port: DEFAULT_PORT,
        address: Some(door.address.ip()).filter(|ip| !ip.is_unspecified()),
        families: (everywhere(IpAddr::is_ipv4), everywhere(IpAddr::is_ipv6)),
        room: door.settings.room.clone(),
        encryption: match (&door.settings.tls, door.settings.tls_required) {
            (Tls::Off, _) => Encryption::None,
            (_, false) => Encryption::Offered,
            (_, true) => Encryption::Required,
        },
        fingerprint: fingerprints.get(number).cloned().flatten(),
    })
}

/// Announces it. A network that cannot be spoken to keeps no server from running.
pub fn announce(offer: &Offer) -> Option<Announcement> {
    match offer.announce() {
        Ok(announcement) => Some(announcement),
        Err(error) => {
            tracing::warn!(%error, "the server is not announced on the local network");
            None
        }
    }
}

fn is_everywhere(door: &Door, port: u16) -> bool {
    door.address.ip().is_unspecified() && door.address.port() == port
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::Listen;
    use crate::doors;

    /// Doors at these addresses, by name only: their sockets are on loopback.
    fn doors_at(addresses: &[&str]) -> Vec<Door> {
        let open = |address: &&str| {
            let mut opened = doors::open(&Config::default(), &["127.0.0.1:0".to_owned()]).unwrap().doors;
            Door { address: address.parse().unwrap(), ..opened.remove(0) }
        };
        addresses.iter().map(open).collect()
    }

    #[test]
    fn doors_for_this_machine_only_are_nobodys_business() {
        let config = Config::default();
        assert_eq!(offer(&config, &doors_at(&["127.0.0.1:53000", "[::1]:53000"]), &[]), None);
        let mut silent = Config::default();
        silent.server.mdns = false;
        assert_eq!(offer(&silent, &doors_at(&["0.0.0.0:53000"]), &[]), None);
        let mut behind = doors_at(&["0.0.0.0:53000"]);
        behind[0].settings.proxy_protocol = true;
        assert_eq!(offer(&config, &behind, &[]), None);
    }

    #[test]
    fn the_first_door_for_irc_is_told() {
        let config = Config::default();
        let told = offer(&config, &doors_at(&["127.0.0.1:6667", "0.0.0.0:53000", "[::]:53000"]), &[]).unwrap();
        assert_eq!((told.port, told.irc_port, told.address, told.families), (53_000, Some(53_000), None, (true, true)));
        assert_eq!((told.room.as_str(), told.encryption), ("#piazza", Encryption::None));
        let mut doors = doors_at(&["192.168.1.5:443", "0.0.0.0:6697"]);
        doors[0].settings.dialects = vec![Dialect::Web];
        doors[1].settings =
            Listen { dialects: vec![Dialect::Irc], tls: Tls::Auto, tls_required: true, ..Listen::default() };
        let told = offer(&config, &doors, &[None, Some("ab".to_owned())]).unwrap();
        assert_eq!((told.port, told.families), (6697, (true, false)));
        assert_eq!((told.encryption, told.fingerprint.as_deref()), (Encryption::Required, Some("ab")));
        doors.truncate(1);
        let told = offer(&config, &doors, &[]).unwrap();
        assert_eq!((told.port, told.irc_port, told.address), (443, None, Some([192, 168, 1, 5].into())));
    }
}
