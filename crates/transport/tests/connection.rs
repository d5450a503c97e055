//! Connections against real sockets on this machine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use mio::{Events, Poll, Token};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use transport::{Connection, HowToClose, Lost, Read, prepare_listener};

/// Two ends of a connection: the server's and the client's.
fn pair() -> (Connection, TcpStream) {
    let (server, client) = streams();
    server.set_nonblocking(true).unwrap();
    (Connection::new(mio::net::TcpStream::from_std(server)), client)
}

/// The same, before the server takes its end.
fn streams() -> (TcpStream, TcpStream) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
    prepare_listener(&socket).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(1).unwrap();
    let listener = TcpListener::from(socket);
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    (listener.accept().unwrap().0, client)
}

#[test]
fn accepted_connections_are_as_their_listener_was_prepared() {
    let (server, client) = streams();
    let socket = SockRef::from(&server);
    assert!(socket.tcp_nodelay().unwrap() && socket.keepalive().unwrap());
    assert_eq!(socket.tcp_keepalive_time().unwrap(), Duration::from_mins(2));
    assert_eq!(socket.tcp_keepalive_interval().unwrap(), Duration::from_secs(30));
    // Linux reserves twice what was asked for.
    assert!((256 * 1024..=512 * 1024).contains(&socket.send_buffer_size().unwrap()));
    drop(client);
}

/// Reads when there is something to read.
fn read_soon(connection: &mut Connection, buffer: &mut [u8]) -> Read {
    let mut poll = Poll::new().unwrap();
    connection.register(poll.registry(), Token(0)).unwrap();
    loop {
        match connection.read(buffer) {
            Read::Nothing => poll.poll(&mut Events::with_capacity(1), Some(Duration::from_secs(20))).unwrap(),
            read => return read,
        }
    }
}

/// Writes until the kernel takes no more; returns how many bytes it has taken.
fn fill(connection: &mut Connection) -> usize {
    let mut taken = 0;
    loop {
        match connection.write(&[b'x'; 16 * 1024]).unwrap() {
            0 => return taken,
            count => taken += count,
        }
    }
}

#[test]
fn reading_says_whether_there_may_be_more() {
    let (mut connection, mut client) = pair();
    let mut buffer = [0; 4];
    assert_eq!(connection.read(&mut buffer), Read::Nothing);
    client.write_all(b"seven b").unwrap();
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(read_soon(&mut connection, &mut buffer), Read::Bytes { count: 4, more: true });
    assert_eq!(&buffer, b"seve");
    assert_eq!(connection.read(&mut buffer), Read::Bytes { count: 3, more: false });
    assert_eq!(&buffer[..3], b"n b");
    assert_eq!(connection.read(&mut buffer), Read::End);
}

#[test]
fn a_client_that_does_not_read_is_noticed_soon() {
    let (mut connection, client) = pair();
    let taken = fill(&mut connection);
    assert!(taken < 2 << 20, "the kernel has taken {taken} bytes unseen");
    assert_eq!(connection.write(b"more"), Ok(0));
    drop(client);
}

#[test]
fn last_words_arrive_before_the_end() {
    let (mut connection, mut client) = pair();
    client.write_all(b"never read by the server").unwrap();
    assert_eq!(connection.write(b"good"), Ok(4));
    assert_eq!(connection.write_last(b"bye"), Ok(3));
    connection.shut(HowToClose::Fin);
    let mut heard = String::new();
    client.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "goodbye");
}

#[test]
fn last_words_that_do_not_fit_go_on_when_there_is_room() {
    let (mut connection, mut client) = pair();
    let taken = fill(&mut connection);
    assert_eq!(connection.write_last(b"bye"), Ok(0));
    let reader = std::thread::spawn(move || {
        let mut heard = Vec::new();
        client.read_to_end(&mut heard).unwrap();
        heard
    });
    let mut poll = Poll::new().unwrap();
    connection.register(poll.registry(), Token(0)).unwrap();
    while connection.write_last(b"bye").unwrap() == 0 {
        poll.poll(&mut Events::with_capacity(1), Some(Duration::from_secs(20))).unwrap();
    }
    connection.shut(HowToClose::Fin);
    let heard = reader.join().unwrap();
    assert_eq!((heard.len(), heard.ends_with(b"xbye")), (taken + 3, true));
}

#[test]
fn a_reset_is_a_reset() {
    let (mut connection, mut client) = pair();
    connection.shut(HowToClose::Reset);
    drop(connection);
    assert_eq!(client.read(&mut [0; 1]).unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[test]
fn a_broken_connection_is_lost_in_both_directions() {
    let (mut connection, client) = pair();
    socket2::SockRef::from(&client).set_linger(Some(Duration::ZERO)).unwrap();
    drop(client);
    assert_eq!(read_soon(&mut connection, &mut [0; 4]), Read::Lost);
    assert_eq!(connection.write(b"hello"), Err(Lost));
}

#[test]
fn a_connection_that_is_given_away_is_the_same_connection() {
    let (mut connection, mut client) = pair();
    let poll = Poll::new().unwrap();
    connection.register(poll.registry(), Token(0)).unwrap();
    let (mut given, _) = connection.into_std(poll.registry()).unwrap();
    given.write_all(b"from another thread").unwrap();
    drop(given);
    let mut heard = String::new();
    client.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "from another thread");
}
