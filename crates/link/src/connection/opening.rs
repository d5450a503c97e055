//! From an address to a connection on which IRC can be spoken. This blocks: it runs on the link's thread.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::http::HeaderValue;

use super::certificate::{self, Believer};
use super::{Channel, Stream, Trouble};
use crate::address::{Address, Door, is_near};

/// How long one address may take to answer.
const CONNECT_MAX: Duration = Duration::from_secs(8);

/// How long a step of a handshake may take, where the server is expected to speak TLS or HTTP.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// How long it may take where it is only tried: some servers that do not know TLS wait for the end of its line.
const TRY_MAX: Duration = Duration::from_secs(3);

/// How a connection is to be opened.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where.
    pub address: Address,
    /// The fingerprint that the person believes, beside what the system does.
    pub pinned: Option<String>,
    /// Whether it may be unencrypted beyond this machine's network: the person has said so.
    pub may_be_clear: bool,
    /// Whether the server has been encrypted before: then it is never spoken with otherwise.
    pub was_encrypted: bool,
}

/// A connection, open.
pub(crate) struct Opened {
    pub(crate) channel: Channel,
    pub(crate) is_encrypted: bool,
}

pub(crate) fn open(plan: &Plan) -> Result<Opened, Trouble> {
    let address = &plan.address;
    let socket = connect(address)?;
    let is_near = socket.peer_addr().is_ok_and(|peer| is_near(peer.ip()));
    let opened = |channel, is_encrypted| Ok(Opened { channel, is_encrypted });
    match &address.door {
        Door::Clear | Door::Classroom(_) => opened(Channel::Bytes(Stream::Clear(socket)), false),
        Door::Tls => opened(Channel::Bytes(encrypt(plan, socket, HANDSHAKE_MAX)?), true),
        Door::WebSocket { is_encrypted, path } => {
            let stream = if *is_encrypted { encrypt(plan, socket, HANDSHAKE_MAX)? } else { Stream::Clear(socket) };
            opened(frames(address, *is_encrypted, path, stream)?, *is_encrypted)
        }
        Door::Any => {
            let time = if plan.was_encrypted || plan.pinned.is_some() { HANDSHAKE_MAX } else { TRY_MAX };
            match encrypt(plan, socket, time) {
                Ok(stream) => opened(Channel::Bytes(stream), true),
                Err(trouble @ Trouble::Certificate { .. }) => Err(trouble),
                Err(_) if plan.was_encrypted || plan.pinned.is_some() => Err(Trouble::NotEncrypted),
                Err(_) if is_near || plan.may_be_clear => {
                    opened(Channel::Bytes(Stream::Clear(connect(address)?)), false)
                }
                Err(_) => Err(Trouble::NotEncrypted),
            }
        }
    }
}

fn connect(address: &Address) -> Result<TcpStream, Trouble> {
    let found = (address.host.as_str(), address.port).to_socket_addrs();
    let found: Vec<SocketAddr> = found.map_err(|error| Trouble::Unknown(error.to_string()))?.collect();
    let mut last = Trouble::Unknown(address.host.clone());
    for one in found {
        match TcpStream::connect_timeout(&one, CONNECT_MAX) {
            Ok(socket) => {
                // What is typed is to be there at once.
                let _ = socket.set_nodelay(true);
                return Ok(socket);
            }
            Err(error) => last = Trouble::Unreachable(error.to_string()),
        }
    }
    Err(last)
}

fn encrypt(plan: &Plan, socket: TcpStream, time: Duration) -> Result<Stream, Trouble> {
    let protocol = |error: &dyn std::fmt::Display| Trouble::Protocol(error.to_string());
    let believer = Arc::new(Believer::new(plan.pinned.clone()).map_err(|error| protocol(&error))?);
    let config = certificate::config(Arc::clone(&believer)).map_err(|error| protocol(&error))?;
    let host = ServerName::try_from(plan.address.host.clone()).map_err(|error| protocol(&error))?;
    let connection = ClientConnection::new(Arc::new(config), host).map_err(|error| protocol(&error))?;
    with_time(&socket, Some(time));
    let mut stream = StreamOwned::new(connection, socket);
    while stream.conn.is_handshaking() {
        if let Err(error) = stream.conn.complete_io(&mut stream.sock) {
            return Err(match believer.refused() {
                Some(fingerprint) => Trouble::Certificate { fingerprint, is_another: plan.pinned.is_some() },
                None => protocol(&error),
            });
        }
    }
    with_time(&stream.sock, None);
    Ok(Stream::Encrypted(Box::new(stream)))
}

fn frames(address: &Address, is_encrypted: bool, path: &str, stream: Stream) -> Result<Channel, Trouble> {
    let protocol = |error: &dyn std::fmt::Display| Trouble::Protocol(error.to_string());
    let scheme = if is_encrypted { "wss" } else { "ws" };
    let host = if address.host.contains(':') { format!("[{}]", address.host) } else { address.host.clone() };
    let url = format!("{scheme}://{host}:{}{path}", address.port);
    let mut request = url.into_client_request().map_err(|error| protocol(&error))?;
    request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("text.ircv3.net"));
    with_time(stream.socket(), Some(HANDSHAKE_MAX));
    let config = tungstenite::protocol::WebSocketConfig::default().max_message_size(Some(64 * 1024));
    let (frames, _) =
        tungstenite::client::client_with_config(request, stream, Some(config)).map_err(|error| protocol(&error))?;
    with_time(frames.get_ref().socket(), None);
    Ok(Channel::Frames(Box::new(frames)))
}

pub(crate) fn with_time(socket: &TcpStream, time: Option<Duration>) {
    // A socket that cannot be given a time would wait longer, nothing else.
    let _ = socket.set_read_timeout(time);
    let _ = socket.set_write_timeout(time);
}
