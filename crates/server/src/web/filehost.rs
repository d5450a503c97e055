//! The file host by HTTP: files are sent to `/upload`, fetched from `/uploads/…`, with smaller pictures at `/thumbnails/…`. Who
//! may: [`crate::filehost`]. For people who write clients: `docs/protocol/filehost.md`.
//!
//! No cookie says who somebody is, only the Authorization header, which no page of another site can make a browser add: so
//! pages of other sites may send files, too, as clients in browsers do (CORS).
//!
//! What was sent is shown in a sandbox: no scripts, no plugins, no access to this site, whatever it is.

mod answer;
mod preview;
mod send;

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;
use uploads::headers::{authorization, file_name};
use uploads::{About, Entry, Incoming, Refused, ShelfError, StoredName};

use self::answer::{Problem, created, entry_json, problem};
use super::life::Life;
use super::page::host_of;
use super::websocket::Visit;
use crate::config::Language;
use crate::filehost::{Denied, FileHost, Visitor};

/// How long the next part of a file may take.
pub(super) const PART_TIME: Duration = Duration::from_secs(30);
/// What is gathered before it is written to the disk.
const WRITE_BYTES: usize = 256 * 1024;
/// What is read of a file that is not taken, at the most.
const DRAIN_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The most files in one list.
const LIST_MAX: usize = 1000;

/// The file host, once it is open.
#[derive(Clone, Debug, Default)]
pub struct Slot(Arc<OnceLock<Arc<FileHost>>>);

impl Slot {
    /// Opens it.
    pub fn set(&self, filehost: Arc<FileHost>) {
        let _ = self.0.set(filehost);
    }
}

/// What the handlers go by.
#[derive(Clone, Debug)]
struct Desk {
    slot: Slot,
    language: Language,
}

/// Returns what serves the file host.
pub(super) fn router<S: Clone + Send + Sync + 'static>(slot: Slot, language: Language) -> Router<S> {
    Router::new()
        .route("/upload", axum::routing::post(upload).options(options))
        .route("/uploads", get(list))
        .route("/uploads/{name}", get(fetch).delete(remove).options(options))
        .route("/thumbnails/{name}", get(thumbnail))
        .route("/preview", get(preview::preview).options(options))
        .with_state(Desk { slot, language })
}

impl Desk {
    /// Returns the file host, once the hall is open.
    fn filehost(&self) -> Option<Arc<FileHost>> {
        self.slot.0.get().cloned()
    }

    fn say(&self, what: &Problem) -> Response {
        problem(what, self.language)
    }

    /// Finds out who asks.
    async fn recognise(&self, filehost: &FileHost, visit: &Visit, headers: &HeaderMap) -> Result<Visitor, Response> {
        let peer = visit.client(headers);
        let said = headers.get(header::AUTHORIZATION).and_then(|value| authorization(value.to_str().ok()?));
        let is_garbled = said.is_none() && headers.contains_key(header::AUTHORIZATION);
        let known = filehost.recognise(said, &peer).await;
        let known = if is_garbled { Err(Denied::Wrong) } else { known };
        known.map_err(|denied| self.say(&Problem::Denied(denied)))
    }
}

/// "Servers MUST accept OPTIONS requests on the upload URI." Browsers ask so, too, before a page of another site sends something.
async fn options(uri: Uri) -> Response {
    let allowed = if uri.path() == "/upload" { "OPTIONS, POST" } else { "DELETE, GET, HEAD, OPTIONS" };
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(allowed));
    headers.insert("accept-post", HeaderValue::from_static("*/*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(allowed));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Authorization, Content-Type, Content-Disposition"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    answer::for_other_sites(response)
}

async fn upload(State(desk): State<Desk>, request: Request) -> Response {
    let (parts, mut body) = request.into_parts();
    let extensions = (parts.extensions.get::<Visit>().cloned(), parts.extensions.get::<Life>().cloned());
    let (Some(visit), Some(life)) = extensions else { return desk.say(&Problem::Closed) };
    let headers = &parts.headers;
    let taken = async {
        let filehost = desk.filehost().ok_or_else(|| desk.say(&Problem::Closed))?;
        let visitor = desk.recognise(&filehost, &visit, headers).await?;
        filehost.may_send(&visitor).map_err(|denied| desk.say(&Problem::Denied(denied)))?;
        let said = |name| headers.get(name).and_then(|value: &HeaderValue| std::str::from_utf8(value.as_bytes()).ok());
        let shown = said(header::CONTENT_DISPOSITION).map(file_name).unwrap_or_default();
        let expected = said(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let about = About { shown, by: visitor.by, at: filehost.now().0 };
        let kept = receive(&filehost, (visitor.owner, about), expected, &mut body, &life).await;
        kept.map_err(|why| desk.say(&why))
    };
    match taken.await {
        Ok(entry) => created(&entry, &base(&visit, headers)),
        Err(answer) => {
            drain(&mut body, &life).await;
            answer::for_other_sites(answer)
        }
    }
}

/// Reads what is still on its way of a file that is not taken: a browser that is cut off while it sends does not read why.
async fn drain(body: &mut Body, life: &Life) {
    let mut drained = 0;
    while drained < DRAIN_BYTES_MAX
        && let Ok(Some(part)) = next_part(body, life).await
    {
        drained += part.len();
    }
}

/// Returns the next part of what is sent; `None` at its end.
async fn next_part(body: &mut Body, life: &Life) -> Result<Option<Bytes>, Refused> {
    loop {
        life.go_on(PART_TIME * 2);
        let frame = tokio::time::timeout(PART_TIME, poll_fn(|context| Pin::new(&mut *body).poll_frame(context))).await;
        match frame {
            // What is no data are trailers, which say nothing here.
            Ok(Some(Ok(frame))) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
            Ok(None) => return Ok(None),
            // Too slow, or gone.
            Ok(Some(Err(_))) | Err(_) => return Err(Refused::Incomplete),
        }
    }
}

/// Takes the file. What blocks is done on a thread for that.
async fn receive(
    filehost: &Arc<FileHost>,
    (owner, about): (uploads::Owner, About),
    expected: Option<u64>,
    body: &mut Body,
    life: &Life,
) -> Result<Arc<Entry>, Problem> {
    let _place = filehost.uploads.try_acquire().map_err(|_| Problem::Denied(Denied::Busy))?;
    let shelf = Arc::clone(&filehost.shelf);
    let mut incoming = blocking(move || shelf.begin(owner, expected)).await?;
    let mut gathered = Vec::new();
    loop {
        let part = next_part(body, life).await.map_err(Problem::Refused)?;
        let is_over = part.is_none();
        gathered.extend_from_slice(&part.unwrap_or_default());
        if gathered.len() >= WRITE_BYTES || is_over {
            incoming = write(incoming, std::mem::take(&mut gathered)).await?;
        }
        if is_over {
            break;
        }
    }
    let _turn = filehost.pictures.acquire().await.map_err(|_| Problem::Closed)?;
    blocking(move || incoming.finish(about)).await
}

async fn write(mut incoming: Incoming, bytes: Vec<u8>) -> Result<Incoming, Problem> {
    blocking(move || incoming.write(&bytes).map(|()| incoming)).await
}

/// Does something on a thread that may wait for the disk.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ShelfError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(ShelfError::Refused(why))) => Err(Problem::Refused(why)),
        Ok(Err(error)) => {
            tracing::error!(%error, "a file cannot be kept");
            Err(if matches!(error, ShelfError::DiskFull { .. }) { Problem::DiskFull } else { Problem::Failed })
        }
        Err(error) => {
            tracing::error!(%error, "a file could not be looked at");
            Err(Problem::Refused(Refused::BrokenPicture))
        }
    }
}

/// Returns how others reach this site: as this client does, unless that is its own machine's business.
fn base(visit: &Visit, headers: &HeaderMap) -> String {
    let peer = visit.client(headers);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    match host.filter(|host| host_of(host).is_some()) {
        Some(host) => format!("{}://{host}", if peer.secure { "https" } else { "http" }),
        None => String::new(),
    }
}

async fn fetch(State(desk): State<Desk>, Path(name): Path<String>, request: Request) -> Response {
    let found = desk.filehost().zip(StoredName::parse(&name));
    let found = found.and_then(|(filehost, name)| Some((filehost.shelf.find(name)?, name, filehost)));
    let Some((entry, name, filehost)) = found else { return desk.say(&Problem::NoSuchFile) };
    let shelf = Arc::clone(&filehost.shelf);
    let Ok(Ok(file)) = tokio::task::spawn_blocking(move || shelf.open_file(name)).await else {
        return desk.say(&Problem::NoSuchFile);
    };
    let what = send::What {
        content_type: name.kind.content_type(),
        disposition: uploads::headers::disposition(name.kind.is_shown(), &entry.shown),
        bytes: entry.bytes,
        tag: format!("\"{}\"", &entry.sha256[..entry.sha256.len().min(32)]),
    };
    send::answer(&what, file, request.headers(), request.extensions().get::<Life>().cloned())
}

async fn thumbnail(State(desk): State<Desk>, Path(name): Path<String>, request: Request) -> Response {
    let found = desk.filehost().zip(StoredName::parse(&name));
    let found = found.and_then(|(filehost, name)| Some((filehost.shelf.find(name)?, name, filehost)));
    let Some((entry, name, filehost)) = found.filter(|(_, name, _)| name.kind.is_picture()) else {
        return desk.say(&Problem::NoSuchFile);
    };
    let small = entry.thumbnail.as_ref();
    // What is small itself is sent as it is.
    let (content_type, bytes) =
        small.map_or((name.kind.content_type(), entry.bytes), |small| (shown_type(&small.content_type), small.bytes));
    let (shelf, is_small) = (Arc::clone(&filehost.shelf), small.is_some());
    let open = move || if is_small { shelf.open_thumbnail(name) } else { shelf.open_file(name) };
    let Ok(Ok(file)) = tokio::task::spawn_blocking(open).await else { return desk.say(&Problem::NoSuchFile) };
    let what = send::What {
        content_type,
        disposition: "inline".to_owned(),
        bytes,
        tag: format!("\"{}-small\"", &entry.sha256[..entry.sha256.len().min(32)]),
    };
    send::answer(&what, file, request.headers(), request.extensions().get::<Life>().cloned())
}

/// What is kept may have been changed by somebody: only what can be meant is said to browsers.
fn shown_type(kept: &str) -> &'static str {
    if kept == "image/png" { "image/png" } else { "image/jpeg" }
}

async fn remove(State(desk): State<Desk>, Path(name): Path<String>, request: Request) -> Response {
    let Some(visit) = request.extensions().get::<Visit>().cloned() else { return desk.say(&Problem::Closed) };
    let headers = request.headers().clone();
    let removed = async {
        let filehost = desk.filehost().ok_or_else(|| desk.say(&Problem::Closed))?;
        let visitor = desk.recognise(&filehost, &visit, &headers).await?;
        let name = StoredName::parse(&name);
        let found = name.and_then(|name| Some((name, filehost.shelf.find(name)?)));
        let (name, entry) = found.ok_or_else(|| desk.say(&Problem::NoSuchFile))?;
        FileHost::may_remove(&visitor, &entry).map_err(|denied| desk.say(&Problem::Denied(denied)))?;
        let shelf = Arc::clone(&filehost.shelf);
        blocking(move || shelf.remove(name)).await.map_err(|why| desk.say(&why))?;
        tracing::info!(%name, by = visitor.by, of = entry.by, "a shared file is removed");
        if !FileHost::is_author(&visitor, &entry) {
            filehost.note_removal(&visitor, &entry).await;
        }
        Ok(())
    };
    answer::for_other_sites(match removed.await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(answer) => answer,
    })
}

/// Lists one's own files, the newest first; with `?all`, everybody's, for server operators.
async fn list(State(desk): State<Desk>, request: Request) -> Response {
    let Some(visit) = request.extensions().get::<Visit>().cloned() else { return desk.say(&Problem::Closed) };
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let listed = async {
        let filehost = desk.filehost().ok_or_else(|| desk.say(&Problem::Closed))?;
        let visitor = desk.recognise(&filehost, &visit, &headers).await?;
        let denied = |denied| desk.say(&Problem::Denied(denied));
        let entries = if uri.query() == Some("all") {
            FileHost::may_list_all(&visitor).map_err(denied)?;
            filehost.shelf.list(|_| true, LIST_MAX)
        } else {
            filehost.shelf.list(|entry| FileHost::is_author(&visitor, entry), LIST_MAX)
        };
        let base = base(&visit, &headers);
        Ok(serde_json::Value::from(entries.iter().map(|entry| entry_json(entry, &base)).collect::<Vec<_>>()))
    };
    answer::for_other_sites(match listed.await {
        Ok(list) => {
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
            (headers, list.to_string()).into_response()
        }
        Err(answer) => answer,
    })
}
