//! HTTP beside the event loop: a thread that serves the pages for browsers and for administrators.
//!
//! The event loop finds out that a connection speaks HTTP and hands it over with what it has read. A slow browser so
//! costs the chat nothing: the thread, its connections and its memory are bounded apart.

mod client;
pub mod filehost;
mod forwarded;
mod joining;
mod life;
mod origin;
mod page;
mod stream;
mod websocket;

use std::io;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use session::settings::Peer;
use session::trusted_proxies::TrustedProxies;
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use transport::Tls;

use self::life::Life;
pub use self::page::{Certificate, PageDoor, PageInfo};
use self::stream::Stream;
pub use self::websocket::WebSocket;
use self::websocket::{Gate, Visit};
use crate::certificates::Challenges;
use crate::filehost::FileHost;

/// Connections served at once; a page takes a few milliseconds, so more than this are not people.
const CONNECTIONS_MAX: usize = 512;
/// Connections to the admin listener at once.
const ADMIN_CONNECTIONS_MAX: usize = 32;
/// Time for a request's header to arrive, and for the next one on the same connection to begin.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Threads for what waits for the disk or takes long: files that people share.
const BLOCKING_THREADS_MAX: usize = 8;
/// How often files are looked for that were kept long enough.
const RETENTION_PERIOD: Duration = Duration::from_hours(1);
/// Time for one connection as a whole, when no file goes over it: who reads slower is not a person with a browser.
const CONNECTION_LIFE: Duration = Duration::from_mins(2);
/// Largest request header, in bytes.
const HEADER_BYTES_MAX: usize = 16 * 1024;
/// Most lines of a request header.
const HEADER_LINES_MAX: usize = 64;

/// Too many browsers at once: the connection was closed.
#[derive(Debug, Error)]
#[error("too many HTTP connections")]
pub struct Busy;

/// A connection that speaks HTTP, on its way from the event loop.
#[derive(Debug)]
pub struct Visitor {
    /// The socket, non-blocking.
    pub stream: TcpStream,
    /// The state of its TLS; none where there is none.
    pub tls: Option<Box<Tls>>,
    /// What has been read of the first request, decrypted.
    pub bytes: Vec<u8>,
    /// The door it came by.
    pub door: u16,
    /// The other end.
    pub peer: Peer,
    /// Whether it is to come back by TLS, because the door takes nothing else.
    pub must_encrypt: bool,
}

/// Who is believed and who may come in.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// For each door, the origins whose pages may open a WebSocket; its own always may.
    pub origins: Vec<Vec<String>>,
    /// What certificate authorities look for.
    pub challenges: Arc<Challenges>,
}

/// The thread that serves HTTP.
pub struct Web;

/// What hands connections to the thread.
#[derive(Debug)]
pub struct WebHandle {
    runtime: Handle,
    page: Router,
    /// For those who are to come back by TLS.
    redirect: Router,
    gate: Arc<Gate>,
    websockets: Receiver<WebSocket>,
    filehost: filehost::Slot,
    places: Arc<Semaphore>,
    open: Gauge,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Web {
    /// Starts the thread, which serves one page and counts in `open` the connections it has.
    ///
    /// # Errors
    /// When the system gives no thread or no event queue.
    pub fn start(page: PageInfo, rules: Rules, open: Gauge) -> io::Result<WebHandle> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS_MAX)
            .build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("web".to_owned()).spawn(move || {
            // Ends when told to, and when the handle is dropped.
            let _ = runtime.block_on(stopped);
        })?;
        let filehost = filehost::Slot::default();
        let (gate, websockets) = Gate::new(rules.trusted_proxies, rules.origins);
        Ok(WebHandle {
            runtime: handle,
            redirect: page::redirect_router(page.clone(), Arc::clone(&rules.challenges)),
            page: page::router(page, rules.challenges, filehost.clone()),
            filehost,
            gate,
            websockets,
            places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
            open,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl WebHandle {
    /// Serves a connection. Returns at once.
    ///
    /// # Errors
    /// When too many are served already; the connection is closed.
    pub fn hand_over(&self, visitor: Visitor) -> Result<(), Busy> {
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| Busy)?;
        let router = if visitor.must_encrypt { self.redirect.clone() } else { self.page.clone() };
        let gate = Arc::clone(&self.gate);
        let open = self.open.clone();
        open.inc();
        self.runtime.spawn(async move {
            let peer = visitor.peer.address;
            if let Err(error) = adopt(visitor, router, gate, place).await {
                tracing::debug!(%peer, %error, "HTTP connection failed");
            }
            open.dec();
        });
        Ok(())
    }

    /// Says how the event loop is told that a connection comes back.
    pub fn set_wake(&self, wake: impl Fn() + Send + Sync + 'static) {
        self.gate.set_wake(wake);
    }

    /// Opens the file host, and lets go of files that were kept long enough, now and then.
    pub fn open_filehost(&self, filehost: &Arc<FileHost>) {
        self.filehost.set(Arc::clone(filehost));
        let filehost = Arc::clone(filehost);
        self.runtime.spawn(async move {
            let mut period = tokio::time::interval(RETENTION_PERIOD);
            loop {
                period.tick().await;
                let filehost = Arc::clone(&filehost);
                let _ = tokio::task::spawn_blocking(move || filehost.retain()).await;
            }
        });
    }

    /// Does something that takes its time on a thread for that.
    pub fn spawn_blocking(&self, work: impl FnOnce() + Send + 'static) {
        drop(self.runtime.spawn_blocking(work));
    }

    /// Takes a connection that has become a WebSocket, if there is one.
    pub fn take_websocket(&self) -> Option<WebSocket> {
        self.websockets.try_recv().ok()
    }

    /// Serves a router on a listener of its own.
    ///
    /// # Errors
    /// When the listener cannot be watched.
    pub fn serve(&self, listener: TcpListener, router: Router) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let _inside = self.runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        self.runtime.spawn(accept(listener, router));
        Ok(())
    }

    /// Closes every connection and ends the thread.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for WebHandle {
    fn drop(&mut self) {
        self.end();
    }
}

async fn accept(listener: tokio::net::TcpListener, router: Router) {
    let places = Arc::new(Semaphore::new(ADMIN_CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let router = router.clone();
                tokio::spawn(async move {
                    if let Err(error) = converse(Stream::new(Vec::new(), stream, None), None, router, place).await {
                        tracing::debug!(%peer, %error, "HTTP connection failed");
                    }
                });
            }
            // Out of file descriptors, most likely: it must not become a busy loop.
            Err(error) => {
                tracing::warn!(%error, "cannot accept an HTTP connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn adopt(visitor: Visitor, router: Router, gate: Arc<Gate>, place: OwnedSemaphorePermit) -> Result<(), Failure> {
    visitor.stream.set_nonblocking(true)?;
    let stream = tokio::net::TcpStream::from_std(visitor.stream)?;
    let visit = Visit { gate, door: visitor.door, peer: visitor.peer };
    converse(Stream::new(visitor.bytes, stream, visitor.tls), Some(visit), router, place).await
}

async fn converse(
    stream: Stream,
    visit: Option<Visit>,
    router: Router,
    place: OwnedSemaphorePermit,
) -> Result<(), Failure> {
    let router = TowerToHyperService::new(router);
    let life = Life::new(CONNECTION_LIFE);
    let of_requests = life.clone();
    let service = service_fn(move |mut request| {
        request.extensions_mut().insert(of_requests.clone());
        if let Some(visit) = &visit {
            request.extensions_mut().insert(visit.clone());
        }
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_BYTES_MAX)
        .max_headers(HEADER_LINES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let ended = tokio::select! {
        result = connection => Some(result),
        () = life.over() => None,
    };
    drop(place);
    match ended {
        Some(result) => Ok(result?),
        None => Err(Failure::Slow),
    }
}

/// Why a connection ended early.
#[derive(Debug, Error)]
enum Failure {
    #[error("it took too long")]
    Slow,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Http(#[from] hyper::Error),
}

#[cfg(test)]
mod tests;
