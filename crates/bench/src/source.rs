//! From where connections come.
//!
//! One address of this machine has some 28,000 ports for connections to one server, and Linux finds a free one slowly once the half of
//! them is taken: 150 connections a second, which looked like the server's doing. A network of a machine with itself has more
//! addresses.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};

use socket2::{Domain, Protocol, Socket, Type};

/// How many connections come from each address.
const CONNECTIONS_PER_ADDRESS: usize = 8000;

/// How many addresses are used, one after the other and then from the first again.
const ADDRESSES: usize = 200;

/// Begins the connection of this number, without waiting for it.
pub(crate) fn begin(server: SocketAddr, number: usize) -> io::Result<mio::net::TcpStream> {
    let socket = from_there(server, number)?;
    socket.set_nonblocking(true)?;
    match socket.connect(&server.into()) {
        Err(error) if error.raw_os_error() != Some(rustix::io::Errno::INPROGRESS.raw_os_error()) => Err(error),
        _ => Ok(mio::net::TcpStream::from_std(socket.into())),
    }
}

/// Connects, as the connection of this number.
pub(crate) fn connect(server: SocketAddr, number: usize) -> io::Result<TcpStream> {
    let socket = from_there(server, number)?;
    socket.connect(&server.into())?;
    Ok(socket.into())
}

fn from_there(server: SocketAddr, number: usize) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(server), Type::STREAM, Some(Protocol::TCP))?;
    if let Some(address) = address(server, number) {
        socket.bind(&SocketAddr::from((address, 0)).into())?;
    }
    Ok(socket)
}

/// Returns the address that a connection comes from; `None`: where there is no choice, the system's.
fn address(server: SocketAddr, number: usize) -> Option<Ipv4Addr> {
    let place = number / CONNECTIONS_PER_ADDRESS % ADDRESSES;
    match server.ip() {
        IpAddr::V4(address) if address.is_loopback() && place > 0 => {
            Some(Ipv4Addr::new(127, 0, 0, u8::try_from(place + 1).unwrap_or(1)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn very_many_come_from_several_addresses() {
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 6667));
        let last = |number| address(here, number).map(|address| address.octets()[3]);
        assert_eq!([last(0), last(7999), last(8000), last(19_000)], [None, None, Some(2), Some(3)]);
        assert_eq!(last(8000 * 199), Some(200));
        assert_eq!(last(8000 * 200), None);
        assert_eq!(address("192.0.2.1:6667".parse().unwrap(), 19_000), None);
    }

    #[test]
    fn they_do_connect() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let server = listener.local_addr().unwrap();
        let _first = connect(server, 8000).unwrap();
        let _second = begin(server, 16_000).unwrap();
        let peers: Vec<IpAddr> = (0..2).map(|_| listener.accept().unwrap().1.ip()).collect();
        assert_eq!(peers, [IpAddr::from([127, 0, 0, 2]), IpAddr::from([127, 0, 0, 3])]);
    }
}
