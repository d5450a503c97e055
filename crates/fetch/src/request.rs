//! One request and its answer.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, HeaderMap, HeaderValue};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;

use crate::Guard;

/// The port of HTTPS.
const HTTPS_PORT: u16 = 443;
/// The port of HTTP.
const HTTP_PORT: u16 = 80;
/// Below it are the ports of protocols that are not HTTP, but for the two above: nobody is made to send mail with a link.
const FREE_PORTS_FROM: u16 = 1024;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum FetchError {
    /// It is not an address with a host that may be asked, or one with a name and password.
    #[error("it is no address of a page, or none that may be asked")]
    Address,
    /// It leads to what is private. Said of every address that a name has, because it is answered with one of them.
    #[error("{0} is a private address")]
    Private(IpAddr),
    /// The name has no address.
    #[error("the name has no address")]
    NoAddress,
    /// Whom this machine believes cannot be read.
    #[error("this machine's certificate authorities cannot be read")]
    Authorities(#[source] rustls::Error),
    /// The name, the connection or its encryption.
    #[error("cannot connect")]
    Connect(#[source] std::io::Error),
    /// What is spoken is not HTTP, or the connection was lost.
    #[error("the answer cannot be read")]
    Http(#[from] hyper::Error),
    /// More is answered than may be.
    #[error("the answer is too long")]
    TooLong,
    /// It takes too long.
    #[error("the answer takes too long")]
    Late,
    /// It is somewhere else, and there, and there.
    #[error("it leads from one address to the next")]
    TooManyRedirects,
}

/// What one request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long all of it may take, from the name to the last byte.
    pub time: Duration,
    /// The most bytes of an answer's body.
    pub body_bytes: usize,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// What became of it.
    pub status: StatusCode,
    /// What is said of it.
    pub headers: HeaderMap,
    /// What was answered.
    pub body: Bytes,
}

/// What is read of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// The most bytes of its body.
    pub body_bytes: usize,
    /// Whether the beginning is enough of a body that is longer.
    pub beginning: bool,
    /// Whether the body is wanted, by what the head says of it; otherwise it is empty.
    pub wanted: fn(StatusCode, &HeaderMap) -> bool,
}

/// How a request travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// Encrypted, and nothing else.
    Https,
    /// As its address says, to the ports that pages are at.
    Web,
}

/// A connection, encrypted or not.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Sends requests.
#[derive(Clone, Debug)]
pub struct Fetcher {
    guard: Guard,
    limits: Limits,
    /// Made for the first request: to read all that this machine believes takes longer than all else at a server's start.
    tls: Arc<OnceCell<Arc<ClientConfig>>>,
}

impl Fetcher {
    /// Makes one that believes whom this machine believes.
    pub fn new(guard: Guard, limits: Limits) -> Self {
        Self { guard, limits, tls: Arc::default() }
    }

    /// Makes another one with other limits. Whom this machine believes is read once for both.
    #[must_use]
    pub fn within(&self, limits: Limits) -> Self {
        Self { limits, ..self.clone() }
    }

    /// Makes one that believes whom this configuration believes.
    pub fn with_tls(guard: Guard, limits: Limits, tls: ClientConfig) -> Self {
        Self { guard, limits, tls: Arc::new(OnceCell::new_with(Some(Arc::new(tls)))) }
    }

    /// Sends a request by HTTPS on a connection of its own, and waits for its answer. A header `Host` is added.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, FetchError> {
        let reading = Reading { body_bytes: self.limits.body_bytes, beginning: false, wanted: |_, _| true };
        self.in_time(self.exchange(request, Scheme::Https, reading)).await
    }

    /// Does something in the time that there is.
    pub(crate) async fn in_time<T>(&self, work: impl Future<Output = Result<T, FetchError>>) -> Result<T, FetchError> {
        tokio::time::timeout(self.limits.time, work).await.unwrap_or(Err(FetchError::Late))
    }

    /// Sends one request, and reads its answer.
    pub(crate) async fn exchange(
        &self,
        mut request: Request<Full<Bytes>>,
        scheme: Scheme,
        reading: Reading,
    ) -> Result<Answer, FetchError> {
        let place = Place::of(request.uri(), scheme)?;
        let address = self.resolve(&place).await?;
        let stream = TcpStream::connect(address).await.map_err(FetchError::Connect)?;
        let stream: Box<dyn Stream> = match place.name {
            Some(name) => {
                let tls =
                    self.tls.get_or_try_init(|| async { as_this_machine() }).await.map_err(FetchError::Authorities)?;
                Box::new(TlsConnector::from(Arc::clone(tls)).connect(name, stream).await.map_err(FetchError::Connect)?)
            }
            None => Box::new(stream),
        };
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        request.headers_mut().insert(HOST, place.host_header);
        *request.uri_mut() = place.path;
        let answered = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            let is_wanted = (reading.wanted)(head.status, &head.headers);
            let body = if is_wanted { read(body, reading).await? } else { Bytes::new() };
            Ok(Answer { status: head.status, headers: head.headers, body })
        };
        tokio::pin!(answered);
        tokio::select! {
            answer = &mut answered => answer,
            // The connection is what moves the bytes: when it ends, what came before it did is the answer still.
            ended = connection => {
                ended?;
                answered.await
            }
        }
    }

    /// Returns an address of a host that may be reached. All that it has are looked at: a name that leads to the public
    /// internet and to what is private is made to deceive.
    async fn resolve(&self, place: &Place) -> Result<SocketAddr, FetchError> {
        let found = match place.literal {
            Some(address) => vec![SocketAddr::new(address, place.port)],
            None => tokio::net::lookup_host((&*place.host, place.port)).await.map_err(FetchError::Connect)?.collect(),
        };
        if let Some(private) = found.iter().find(|address| !self.guard.allows(address.ip())) {
            return Err(FetchError::Private(private.ip()));
        }
        found.first().copied().ok_or(FetchError::NoAddress)
    }
}

/// Returns a configuration that believes whom this machine believes.
fn as_this_machine() -> Result<Arc<ClientConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(Arc::new(tls))
}

/// Reads a body, or as much of it as is wanted.
async fn read(mut body: Incoming, reading: Reading) -> Result<Bytes, FetchError> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(part) = frame?.into_data() else { continue };
        let room = reading.body_bytes - bytes.len();
        if part.len() > room && !reading.beginning {
            return Err(FetchError::TooLong);
        }
        bytes.extend_from_slice(&part[..part.len().min(room)]);
        if bytes.len() == reading.body_bytes && reading.beginning {
            break;
        }
    }
    Ok(bytes.into())
}

/// Where a request goes.
struct Place {
    host: String,
    literal: Option<IpAddr>,
    port: u16,
    /// Whom the other end has to be, where it is asked by TLS.
    name: Option<ServerName<'static>>,
    host_header: HeaderValue,
    path: Uri,
}

impl Place {
    fn of(address: &Uri, scheme: Scheme) -> Result<Self, FetchError> {
        let authority = address.authority().ok_or(FetchError::Address)?;
        let is_https = match address.scheme_str() {
            Some("https") => true,
            Some("http") if scheme == Scheme::Web => false,
            _ => return Err(FetchError::Address),
        };
        let port = authority.port_u16().unwrap_or(if is_https { HTTPS_PORT } else { HTTP_PORT });
        let is_odd = scheme == Scheme::Web && port < FREE_PORTS_FROM && port != HTTPS_PORT && port != HTTP_PORT;
        if is_odd || authority.as_str().contains('@') {
            return Err(FetchError::Address);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| FetchError::Address)?;
        let host_header = HeaderValue::from_str(authority.as_str()).map_err(|_| FetchError::Address)?;
        let path = address.path_and_query().map_or("/", |path| path.as_str());
        let path = path.parse().map_err(|_| FetchError::Address)?;
        let name = is_https.then_some(name);
        Ok(Self { literal: host.parse().ok(), host, port, name, host_header, path })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
mod tests;
