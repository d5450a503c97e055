//! The WebSocket handshake. Once it has succeeded the connection goes back to the event loop, as one of its sessions.
//!
//! Spec: RFC 6455 section 4.2, IRCv3 "websocket". No extension is offered, so nothing is ever decompressed.

use std::fmt;
use std::io;
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use axum::response::{IntoResponse as _, Response};
use hyper::upgrade::{OnUpgrade, Parts, Upgraded};
use hyper_util::rt::TokioIo;
use session::settings::Peer;
use session::shard::Framing;
use session::trusted_proxies::TrustedProxies;
use transport::Tls;
use tungstenite::handshake::derive_accept_key;

use super::page::short;
use super::stream::Stream;
use super::{forwarded, origin};
use crate::config::Language;

/// Connections that may wait for the event loop to take them; it does so every turn.
const WAITING_MAX: usize = 256;
/// What a client's key is in base64: 16 bytes.
const KEY_BYTES: usize = 24;

/// A connection that has become a WebSocket, on its way back to the event loop.
#[derive(Debug)]
pub struct WebSocket {
    /// The socket, non-blocking.
    pub stream: TcpStream,
    /// The state of its TLS; none where there is none.
    pub tls: Option<Box<Tls>>,
    /// What has been read behind the handshake, decrypted.
    pub bytes: Vec<u8>,
    /// The door it came by.
    pub door: u16,
    /// The other end: the client itself, also behind a proxy.
    pub peer: Peer,
    /// What was agreed on.
    pub framing: Framing,
}

/// Who may open a WebSocket, and where it goes.
pub(super) struct Gate {
    trusted: TrustedProxies,
    /// The origins named for each door.
    origins: Vec<Vec<String>>,
    opened: SyncSender<WebSocket>,
    wake: OnceLock<Box<dyn Fn() + Send + Sync>>,
}

impl fmt::Debug for Gate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Gate").field("origins", &self.origins).finish_non_exhaustive()
    }
}

/// The connection that a request came by; every request that may become a WebSocket carries it.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub(super) gate: Arc<Gate>,
    pub(super) door: u16,
    pub(super) peer: Peer,
}

impl Visit {
    /// Returns who is at the other end: the peer, or for whom it forwards if it is a trusted proxy.
    pub(super) fn client(&self, headers: &HeaderMap) -> Peer {
        forwarded::client(&self.peer, headers, &self.gate.trusted)
    }
}

impl Gate {
    /// Makes the gate, and where those who have passed it come out.
    pub(super) fn new(trusted: TrustedProxies, origins: Vec<Vec<String>>) -> (Arc<Self>, Receiver<WebSocket>) {
        let (opened, come_out) = sync_channel(WAITING_MAX);
        (Arc::new(Self { trusted, origins, opened, wake: OnceLock::new() }), come_out)
    }

    /// Says how the event loop is told that somebody has passed. Only the first word counts.
    pub(super) fn set_wake(&self, wake: impl Fn() + Send + Sync + 'static) {
        let _ = self.wake.set(Box::new(wake));
    }

    fn pass(&self, websocket: WebSocket) {
        if self.opened.try_send(websocket).is_err() {
            // The event loop has stopped, or has not come round for a long time: the connection is closed.
            tracing::warn!("too many WebSockets wait to be taken");
        } else if let Some(wake) = self.wake.get() {
            wake();
        }
    }
}

/// Tells whether a request asks for a WebSocket.
pub(super) fn is_asked_for(headers: &HeaderMap) -> bool {
    has_word(headers, "upgrade", "websocket")
}

/// Answers such a request. With 101 the connection is the event loop's from then on.
pub(super) fn answer(mut request: Request, language: Language) -> Response {
    let Some(visit) = request.extensions_mut().remove::<Visit>() else { return bad_handshake(language) };
    let headers = request.headers();
    let is_version_13 = headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| key.len() == KEY_BYTES);
    let is_sound = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && has_word(headers, "connection", "upgrade");
    let (Some(key), true, true) = (key, is_sound, is_version_13) else {
        return if is_sound && !is_version_13 { only_version_13(language) } else { bad_handshake(language) };
    };
    let peer = forwarded::client(&visit.peer, headers, &visit.gate.trusted);
    let named = visit.gate.origins.get(usize::from(visit.door)).map_or(&[][..], Vec::as_slice);
    if !may_open(headers, peer.secure, named) {
        return foreign_origin(language);
    }
    let subprotocol = subprotocol(headers);
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let set = response.headers_mut();
    set.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    set.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    let accept = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    set.insert(header::SEC_WEBSOCKET_ACCEPT, accept.unwrap_or_else(|_| unreachable!("base64 is a header's value")));
    if let Some((name, _)) = subprotocol {
        set.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(name));
    }
    let framing = subprotocol.map_or(Framing::Text, |(_, framing)| framing);
    tokio::spawn(hand_back(hyper::upgrade::on(request), visit, peer, framing));
    response
}

fn bad_handshake(language: Language) -> Response {
    short(
        StatusCode::BAD_REQUEST,
        language,
        "This is not how a WebSocket is opened (RFC 6455).\n",
        "Non è così che si apre un WebSocket (RFC 6455).\n",
    )
}

/// Answers who asks for a WebSocket's address without asking for a WebSocket, or for another version.
pub(super) fn only_version_13(language: Language) -> Response {
    let mut response = short(
        StatusCode::UPGRADE_REQUIRED,
        language,
        "This address is for chat programs: WebSocket, version 13.\n",
        "Questo indirizzo è per i programmi di chat: WebSocket, versione 13.\n",
    );
    response.headers_mut().insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    response
}

fn foreign_origin(language: Language) -> Response {
    short(
        StatusCode::FORBIDDEN,
        language,
        "A page of another site may not open the chat here, unless its origin is in `websocket_origins`.\n",
        "Una pagina di un altro sito non può aprire qui la chat, se la sua origine non è in `websocket_origins`.\n",
    )
}

/// Chooses the first subprotocol of the client's that is known here. "If no subprotocol can be agreed on, the server MAY
/// continue connection establishment without sending the `Sec-WebSocket-Protocol` header": it does, with text messages.
fn subprotocol(headers: &HeaderMap) -> Option<(&'static str, Framing)> {
    const KNOWN: [(&str, Framing); 2] = [("binary.ircv3.net", Framing::Binary), ("text.ircv3.net", Framing::Text)];
    let wanted = forwarded::entries(headers, "sec-websocket-protocol");
    wanted.into_iter().find_map(|wanted| KNOWN.into_iter().find(|(name, _)| *name == wanted))
}

fn may_open(headers: &HeaderMap, secure: bool, named: &[String]) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origin.to_str().is_ok_and(|origin| origin::is_allowed(origin, host, secure, named))
}

fn has_word(headers: &HeaderMap, name: &str, word: &str) -> bool {
    forwarded::entries(headers, name).iter().any(|entry| entry.eq_ignore_ascii_case(word))
}

/// Waits for the 101 to be on its way, and gives the connection back.
async fn hand_back(upgrade: OnUpgrade, visit: Visit, peer: Peer, framing: Framing) {
    let parts = match upgrade.await {
        Ok(upgraded) => take_apart(upgraded),
        Err(error) => return tracing::debug!(%error, "a browser was gone before its WebSocket was open"),
    };
    match parts {
        Ok((stream, tls, bytes)) => {
            visit.gate.pass(WebSocket { stream, tls, bytes, door: visit.door, peer, framing });
        }
        Err(error) => tracing::debug!(%error, "a WebSocket was gone before it was taken"),
    }
}

fn take_apart(upgraded: Upgraded) -> io::Result<(TcpStream, Option<Box<Tls>>, Vec<u8>)> {
    let Parts { io, read_buf, .. } = upgraded
        .downcast::<TokioIo<Stream>>()
        .unwrap_or_else(|_| unreachable!("every connection of this thread is one of these"));
    let (unread, stream, tls) = io.into_inner().into_parts()?;
    Ok((stream, tls, [&read_buf[..], &unread].concat()))
}
