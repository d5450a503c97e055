//! Doors: from the configuration to listening sockets.
//!
//! `--listen` replaces `[[listen]]`, and `[[listen]]` replaces the default doors. Only a default door looks for another
//! port when its own is taken.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs as _};

use socket2::{Domain, Protocol, Socket, Type};
use thiserror::Error;

use crate::config::{Config, Dialect, Listen};
use crate::port_holder::{self, Holder};

/// The port of the default door.
pub const DEFAULT_PORT: u16 = 53_000;
/// The port where IRC clients look first.
pub const IRC_PORT: u16 = 6667;
/// The two families' addresses of the default door.
type Everywhere = (Ipv4Addr, Ipv6Addr);
/// All interfaces; tests stay on loopback.
const EVERYWHERE: Everywhere = (Ipv4Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED);
/// How many ports after a taken one are tried.
const PORTS_TRIED: u16 = 100;
/// Connections that may wait for `accept`; the kernel caps it at `somaxconn`.
const BACKLOG: i32 = 1024;

/// One listening socket and what it takes.
#[derive(Debug)]
pub struct Door {
    /// The socket: bound, listening, non-blocking.
    pub listener: TcpListener,
    /// Where it listens, with the port that it really has.
    pub address: SocketAddr,
    /// Its dialects, variant and room.
    pub settings: Listen,
}

/// All doors of a server.
#[derive(Debug)]
pub struct Doors {
    /// In the order of the configuration; never empty.
    pub doors: Vec<Door>,
    /// What people should know about how they were opened.
    pub notices: Vec<Notice>,
}

/// What people should know about a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The default port was taken, and the next free one is used.
    PortTaken {
        /// The port that was wanted.
        wanted: u16,
        /// The port that is used.
        used: u16,
        /// Who has the wanted one, where it could be found out.
        holder: Option<Holder>,
    },
    /// The port for IRC was taken; IRC clients use the other door.
    IrcPortTaken {
        /// Who has it, where it could be found out.
        holder: Option<Holder>,
    },
    /// This machine has no IPv6, so this address was left out.
    NoIpv6 {
        /// The address.
        address: SocketAddr,
    },
}

/// Why the doors could not be opened.
#[derive(Debug, Error)]
pub enum DoorError {
    /// Somebody else listens there.
    #[error("{address} is taken{}: stop it, or listen elsewhere with --listen or [[listen]]", by(.holder.as_ref()))]
    Taken {
        /// The address.
        address: SocketAddr,
        /// Who listens there, where it could be found out.
        holder: Option<Holder>,
    },
    /// Every port that was tried is taken.
    #[error("the ports from {first} to {last} are all taken: choose another with --listen")]
    NoneFree {
        /// The first port that was tried.
        first: u16,
        /// The last port that was tried.
        last: u16,
    },
    /// The system says no.
    #[error("cannot listen on {address}")]
    Io {
        /// The address, as it was written.
        address: String,
        /// Why not.
        source: io::Error,
    },
    /// Nothing is left to listen on.
    #[error("there is no address left to listen on: this machine has no IPv6")]
    Nothing,
}

/// Opens the doors of a configuration; `listen` are the addresses of the command line.
///
/// # Errors
/// When a port is taken that nobody said could be replaced, and when the system says no.
pub fn open(config: &Config, listen: &[String]) -> Result<Doors, DoorError> {
    if listen.is_empty() && config.listen.is_empty() {
        return open_default(EVERYWHERE, DEFAULT_PORT, IRC_PORT);
    }
    let asked: Vec<Listen> = if listen.is_empty() {
        config.listen.clone()
    } else {
        listen.iter().map(|address| Listen { address: address.clone(), ..Listen::default() }).collect()
    };
    let mut doors = Doors { doors: Vec::new(), notices: Vec::new() };
    for settings in asked {
        for address in addresses(&settings.address)? {
            match bind(address) {
                Ok(listener) => doors.doors.push(door(listener, &settings)?),
                // A name may well have an IPv6 address on a machine that has none.
                Err(error)
                    if is_ipv6_absent(&error)
                        && address.is_ipv6()
                        && (address.ip().is_unspecified() || settings.address.parse::<SocketAddr>().is_err()) =>
                {
                    doors.notices.push(Notice::NoIpv6 { address });
                }
                Err(error) => return Err(refused(address, error)),
            }
        }
    }
    if doors.doors.is_empty() { Err(DoorError::Nothing) } else { Ok(doors) }
}

/// Opens the default doors: every dialect everywhere, and IRC where clients of this machine look for it.
fn open_default(everywhere: Everywhere, port: u16, irc_port: u16) -> Result<Doors, DoorError> {
    let everything = Listen::default();
    let (opened, mut notices) = open_pair_from(everywhere, port)?;
    let mut doors = Vec::new();
    for listener in opened {
        doors.push(door(listener, &everything)?);
    }
    let irc_address = SocketAddr::from((Ipv4Addr::LOCALHOST, irc_port));
    match bind(irc_address) {
        Ok(listener) => {
            let irc = Listen { address: irc_address.to_string(), dialects: vec![Dialect::Irc], ..Listen::default() };
            doors.push(door(listener, &irc)?);
        }
        // It is a convenience: whatever keeps it from being opened, the first door takes IRC too.
        Err(_) => notices.push(Notice::IrcPortTaken { holder: port_holder::find(irc_port) }),
    }
    Ok(Doors { doors, notices })
}

/// Binds one port for both families, the first that is free for both.
fn open_pair_from((v4, v6): Everywhere, first: u16) -> Result<(Vec<TcpListener>, Vec<Notice>), DoorError> {
    let last = first.saturating_add(PORTS_TRIED);
    for port in first..=last {
        let mut notices = Vec::new();
        if port != first {
            notices.push(Notice::PortTaken { wanted: first, used: port, holder: port_holder::find(first) });
        }
        let v4 = SocketAddr::from((v4, port));
        let mut opened = match bind(v4) {
            Ok(listener) => vec![listener],
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => continue,
            Err(error) => return Err(refused(v4, error)),
        };
        let v6 = SocketAddr::from((v6, port));
        match bind(v6) {
            Ok(listener) => opened.push(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => continue,
            Err(error) if is_ipv6_absent(&error) => notices.push(Notice::NoIpv6 { address: v6 }),
            Err(error) => return Err(refused(v6, error)),
        }
        return Ok((opened, notices));
    }
    Err(DoorError::NoneFree { first, last })
}

/// Opens one listening socket, for the doors and for the admin listener alike.
///
/// # Errors
/// When the port is taken, and when the system says no.
pub fn open_one(address: &str) -> Result<TcpListener, DoorError> {
    let address =
        *addresses(address)?.first().ok_or_else(|| unusable(address, io::Error::from(io::ErrorKind::NotFound)))?;
    bind(address).map_err(|error| refused(address, error))
}

fn door(listener: TcpListener, settings: &Listen) -> Result<Door, DoorError> {
    let address = listener.local_addr().map_err(|source| unusable(&settings.address, source))?;
    Ok(Door { listener, address, settings: settings.clone() })
}

/// Turns an address as written into those to bind: a name may have one of each family.
fn addresses(written: &str) -> Result<Vec<SocketAddr>, DoorError> {
    let found = written.to_socket_addrs().map_err(|source| unusable(written, source))?;
    let mut addresses = Vec::new();
    for address in found {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    // Port 0 would give each family another port; one is what was asked for.
    if written.ends_with(":0") {
        addresses.truncate(1);
    }
    Ok(addresses)
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && !has_ipv6() {
        return Err(rustix::io::Errno::ADDRNOTAVAIL.into());
    }
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // A restart must not wait for the former process's closed connections.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    transport::prepare_listener(&socket)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Tells whether any interface has an IPv6 address, loopback too. Where IPv6 is switched off, Linux still binds `[::]`: to a
/// door that nobody can come through.
fn has_ipv6() -> bool {
    if_addrs::get_if_addrs().map_or(true, |all| all.iter().any(|interface| interface.ip().is_ipv6()))
}

fn is_ipv6_absent(error: &io::Error) -> bool {
    let absent = [rustix::io::Errno::AFNOSUPPORT, rustix::io::Errno::ADDRNOTAVAIL];
    error.raw_os_error().is_some_and(|code| absent.iter().any(|errno| errno.raw_os_error() == code))
}

fn refused(address: SocketAddr, error: io::Error) -> DoorError {
    if error.kind() == io::ErrorKind::AddrInUse {
        DoorError::Taken { address, holder: port_holder::find(address.port()) }
    } else {
        unusable(&address.to_string(), error)
    }
}

fn unusable(address: &str, source: io::Error) -> DoorError {
    DoorError::Io { address: address.to_owned(), source }
}

fn by(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |holder| format!(" by {holder}"))
}

/// Tells whether only this machine can use an address.
pub fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn with_listen(addresses: &[&str]) -> Config {
        let listen = |address: &&str| Listen { address: (*address).to_owned(), ..Listen::default() };
        Config { listen: addresses.iter().map(listen).collect(), ..Config::default() }
    }

    #[test]
    fn the_command_line_replaces_the_file() {
        let mut config = with_listen(&["127.0.0.1:0"]);
        config.listen[0].dialects = vec![Dialect::Irc];
        let doors = open(&config, &[]).unwrap().doors;
        assert_eq!((doors.len(), doors[0].settings.dialects.as_slice()), (1, &[Dialect::Irc][..]));
        assert_ne!(doors[0].address.port(), 0);
        let doors = open(&config, &["127.0.0.2:0".to_owned(), "localhost:0".to_owned()]).unwrap().doors;
        assert_eq!(doors.len(), 2);
        assert_eq!(doors[0].address.ip(), IpAddr::from([127, 0, 0, 2]));
        assert_eq!(doors[0].settings.dialects.len(), 3);
    }

    #[test]
    fn a_taken_port_names_its_holder() {
        let taken = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let error = open(&with_listen(&[&address]), &[]).unwrap_err();
        let own = format!("(process {})", std::process::id());
        assert!(matches!(error, DoorError::Taken { .. }));
        assert!(error.to_string().starts_with(&format!("{address} is taken by ")), "{error}");
        assert!(error.to_string().contains(&own), "{error}");
    }

    #[test]
    fn only_the_default_door_takes_the_next_free_port() {
        // A port well away from the ephemeral range, so that neighbours are likely free.
        let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
        let here = (Ipv4Addr::LOCALHOST, Ipv6Addr::LOCALHOST);
        let (taken, _) = open_pair_from(here, first).unwrap();
        let wanted = taken[0].local_addr().unwrap().port();
        let irc = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let irc_port = irc.local_addr().unwrap().port();
        let opened = open_default(here, wanted, irc_port).unwrap();
        let used = opened.doors[0].address.port();
        assert!(used > wanted);
        assert!(opened.doors.iter().all(|door| door.address.port() == used));
        let Notice::PortTaken { wanted: said, used: told, holder } = &opened.notices[0] else {
            panic!("{:?}", opened.notices)
        };
        assert_eq!((*said, *told, holder.as_ref().unwrap().process), (wanted, used, std::process::id()));
        assert!(matches!(opened.notices.last(), Some(Notice::IrcPortTaken { holder: Some(_) })));
    }

    #[test]
    fn ipv6_stands_apart_from_ipv4() {
        match bind("[::1]:0".parse().unwrap()) {
            Ok(listener) => assert!(socket2::SockRef::from(&listener).only_v6().unwrap()),
            Err(error) => assert!(is_ipv6_absent(&error), "{error}"),
        }
    }
}
