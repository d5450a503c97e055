//! One request and its answer.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderMap, HeaderValue};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;

use crate::Guard;

/// The port of HTTPS.
const HTTPS_PORT: u16 = 443;

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum FetchError {
    /// It is not an address of HTTPS with a host, or one with a name and password.
    #[error("it is no address that begins with https:// and names a host")]
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

    /// Makes one that believes whom this configuration believes.
    pub fn with_tls(guard: Guard, limits: Limits, tls: ClientConfig) -> Self {
        Self { guard, limits, tls: Arc::new(OnceCell::new_with(Some(Arc::new(tls)))) }
    }

    /// Sends a request on a connection of its own, and waits for its answer. A header `Host` is added.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, FetchError> {
        tokio::time::timeout(self.limits.time, self.send_in_time(request)).await.unwrap_or(Err(FetchError::Late))
    }

    async fn send_in_time(&self, mut request: Request<Full<Bytes>>) -> Result<Answer, FetchError> {
        let place = Place::of(request.uri())?;
        let address = self.resolve(&place).await?;
        let stream = TcpStream::connect(address).await.map_err(FetchError::Connect)?;
        let tls = self.tls.get_or_try_init(|| async { as_this_machine() }).await.map_err(FetchError::Authorities)?;
        let stream =
            TlsConnector::from(Arc::clone(tls)).connect(place.name, stream).await.map_err(FetchError::Connect)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        request.headers_mut().insert(HOST, place.host_header);
        *request.uri_mut() = place.path;
        let limit = self.limits.body_bytes;
        let answered = async {
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body =
                Limited::new(body, limit).collect().await.map_err(|error| match error.downcast::<hyper::Error>() {
                    Ok(error) => FetchError::Http(*error),
                    Err(_) => FetchError::TooLong,
                })?;
            Ok(Answer { status: head.status, headers: head.headers, body: body.to_bytes() })
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

/// Where a request goes.
struct Place {
    host: String,
    literal: Option<IpAddr>,
    port: u16,
    name: ServerName<'static>,
    host_header: HeaderValue,
    path: Uri,
}

impl Place {
    fn of(address: &Uri) -> Result<Self, FetchError> {
        let authority = address.authority().ok_or(FetchError::Address)?;
        if address.scheme_str() != Some("https") || authority.as_str().contains('@') {
            return Err(FetchError::Address);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host.clone()).map_err(|_| FetchError::Address)?;
        let host_header = HeaderValue::from_str(authority.as_str()).map_err(|_| FetchError::Address)?;
        let path = address.path_and_query().map_or("/", |path| path.as_str());
        let path = path.parse().map_err(|_| FetchError::Address)?;
        let port = authority.port_u16().unwrap_or(HTTPS_PORT);
        Ok(Self { literal: host.parse().ok(), host, port, name, host_header, path })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
mod tests;
