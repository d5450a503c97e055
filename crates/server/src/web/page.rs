//! What is served at which address: the browser client, how to join with others, and files that prove who runs a host.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::client::Client;
use super::{filehost, joining, websocket};
use crate::certificates::Challenges;
use crate::config::{Config, Dialect, Language, PlainVariant, Tls};
use crate::doors::{Door, is_loopback};
use crate::reach::{Host, Reach};

/// What the page tells.
#[derive(Debug, Clone)]
pub struct PageInfo {
    /// The network's name.
    pub network: String,
    /// One line about the server.
    pub description: String,
    /// The language of the page.
    pub language: Language,
    /// The host to tell in place of the one that the browser used.
    pub public_host: Option<String>,
    /// The port of the public host, where it is told with one.
    pub public_port: Option<u16>,
    /// The host to tell when the browser named none.
    pub fallback_host: Host,
    /// All hosts by which other machines may find the server: it may be on several networks. Empty where a public one is told.
    pub hosts: Vec<Host>,
    /// The ways in.
    pub doors: Vec<PageDoor>,
    /// The fingerprint of the self-made certificate at the door for browsers: it goes along in links, for our own clients.
    pub fingerprint: Option<String>,
}

/// One way in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageDoor {
    /// Its port.
    pub port: u16,
    /// Whether only this machine can use it.
    pub loopback: bool,
    /// What is spoken there.
    pub dialects: Vec<Dialect>,
    /// The variant for plain clients.
    pub variant: PlainVariant,
    /// Where plain clients land.
    pub room: String,
    /// Whether TLS is spoken there, and by whose word.
    pub certificate: Certificate,
    /// Whether nothing else is spoken.
    pub tls_required: bool,
}

/// What vouches for a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// Nothing: it speaks no TLS.
    None,
    /// The server itself: browsers warn.
    SelfMade,
    /// Somebody that browsers know, most likely.
    Trusted,
}

impl PageInfo {
    /// Gathers what the page tells.
    ///
    /// `fingerprints` are those of the doors' self-made certificates.
    pub fn new(config: &Config, doors: &[Door], reach: &Reach, fingerprints: &[Option<String>]) -> Self {
        let hosts = || doors.iter().map(|door| reach.host_and_port(door.address).0);
        let fallback = hosts().find(|host| !host.is_loopback()).or_else(|| hosts().next());
        let mut page_doors = Vec::new();
        for door in doors {
            let public_port = if is_loopback(door.address.ip()) { None } else { reach.public_port };
            let told = PageDoor {
                port: public_port.unwrap_or(door.address.port()),
                loopback: is_loopback(door.address.ip()),
                dialects: door.settings.dialects.clone(),
                variant: door.settings.plain.0.variant,
                room: door.settings.room.clone(),
                certificate: match &door.settings.tls {
                    Tls::Off => Certificate::None,
                    Tls::Auto if config.acme.domains.is_empty() => Certificate::SelfMade,
                    Tls::Auto | Tls::Files(_) => Certificate::Trusted,
                },
                tls_required: door.settings.tls_required,
            };
            // IPv4 and IPv6 of the same door are one way in.
            if !page_doors.contains(&told) {
                page_doors.push(told);
            }
        }
        Self {
            network: config.server.network.clone(),
            description: config.server.description.clone(),
            language: config.server.language,
            public_host: reach.public.clone(),
            public_port: reach.public_port,
            fallback_host: fallback.unwrap_or_else(|| Host("localhost".to_owned())),
            hosts: outside_hosts(doors, reach),
            doors: page_doors,
            fingerprint: web_door(doors).and_then(|number| fingerprints.get(number)?.clone()),
        }
    }

    /// Returns the host to tell to a browser that sent these headers.
    pub(super) fn host(&self, headers: &HeaderMap) -> Host {
        let named = headers.get(header::HOST).and_then(|host| host_of(host.to_str().ok()?));
        self.public_host.clone().map(Host).or(named).unwrap_or_else(|| self.fallback_host.clone())
    }

    /// Returns the room that browsers enter at first.
    pub(super) fn first_room(&self) -> &str {
        self.doors.iter().find(|door| door.dialects.contains(&Dialect::Web)).map_or("", |door| &door.room)
    }
}

/// Returns the number of the door that links lead to: the first one for browsers that others can use.
fn web_door(doors: &[Door]) -> Option<usize> {
    let takes_web = |door: &Door| door.settings.dialects.contains(&Dialect::Web);
    doors
        .iter()
        .position(|door| takes_web(door) && !is_loopback(door.address.ip()))
        .or_else(|| doors.iter().position(takes_web))
}

/// Returns the hosts by which other machines may find a door for browsers.
fn outside_hosts(doors: &[Door], reach: &Reach) -> Vec<Host> {
    let mut hosts: Vec<Host> = Vec::new();
    if reach.public.is_some() {
        return hosts;
    }
    for door in doors.iter().filter(|door| door.settings.dialects.contains(&Dialect::Web)) {
        let told = reach.host_and_port(door.address).0;
        for host in core::iter::once(told).chain(reach.other_hosts(door.address)) {
            if !host.is_loopback() && !hosts.contains(&host) {
                hosts.push(host);
            }
        }
    }
    hosts
}

/// What the pages are made of.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) page: PageInfo,
    client: Client,
}

/// Returns what serves the pages.
pub(super) fn router(page: PageInfo, challenges: Arc<Challenges>, files: filehost::Slot) -> Router {
    let client = Client::new(&page);
    let language = page.language;
    Router::new()
        .route("/", get(index))
        .route("/irc", get(for_programs))
        .route("/join", get(join))
        .route("/join.css", get(join_style))
        .route("/invite", get(invite))
        .route("/invite.svg", get(invite_code))
        .route(
            "/.well-known/acme-challenge/{token}",
            get(move |token| core::future::ready(challenge(&challenges, token))),
        )
        .merge(filehost::router(files, language))
        .route("/{name}", get(file))
        .route("/assets/{name}", get(file))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(map_response(strict))
        .with_state(Arc::new(Site { page, client }))
}

/// Returns what sends browsers to the same place by TLS. Certificate authorities get their answer all the same: they ask without.
pub(super) fn redirect_router(page: PageInfo, challenges: Arc<Challenges>) -> Router {
    Router::new()
        .route(
            "/.well-known/acme-challenge/{token}",
            get(move |token| core::future::ready(challenge(&challenges, token))),
        )
        .fallback(redirect)
        .layer(map_response(strict))
        .with_state(Arc::new(page))
}

async fn redirect(State(page): State<Arc<PageInfo>>, uri: Uri, headers: HeaderMap) -> Response {
    let named = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| host_of(host).is_some());
    let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    match named {
        Some(host) if path.starts_with('/') => Redirect::permanent(&format!("https://{host}{path}")).into_response(),
        _ => short(
            StatusCode::BAD_REQUEST,
            page.language,
            "This port takes encrypted connections only: begin the address with https.\n",
            "Questa porta accetta solo connessioni cifrate: l'indirizzo deve cominciare con https.\n",
        ),
    }
}

/// Answers a certificate authority: `http-01` of RFC 8555.
fn challenge(challenges: &Challenges, Path(token): Path<String>) -> Response {
    match challenges.answer(&token) {
        Some(answer) => ([(header::CONTENT_TYPE, "application/octet-stream")], answer).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn index(State(site): State<Arc<Site>>, request: Request) -> Response {
    if websocket::is_asked_for(request.headers()) {
        return websocket::answer(request, site.page.language);
    }
    let host = site.page.host(request.headers());
    let addresses = joining::addresses(&site.page, &host).join(" ");
    html(site.client.page(&joining::ways(&site.page, &host), &joining::address(&site.page, &host), &addresses))
}

async fn file(State(site): State<Arc<Site>>, request: Request) -> Response {
    match site.client.file(request.uri().path(), request.headers()) {
        Some(response) => response,
        None => not_found(State(site)).await,
    }
}

async fn join(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    html(joining::page(&site.page, &site.page.host(&headers)))
}

async fn join_style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")], joining::STYLE)
        .into_response()
}

async fn invite(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    html(joining::invitation(&site.page, &site.page.host(&headers), uri.query().unwrap_or_default()))
}

async fn invite_code(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    let link = joining::link(&site.page, &site.page.host(&headers), uri.query().unwrap_or_default());
    match joining::code(&link) {
        Some(svg) => {
            ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "no-store")], svg).into_response()
        }
        None => not_found(State(site)).await,
    }
}

fn html(html: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], html).into_response()
}

async fn for_programs(State(site): State<Arc<Site>>, request: Request) -> Response {
    if websocket::is_asked_for(request.headers()) {
        websocket::answer(request, site.page.language)
    } else {
        websocket::only_version_13(site.page.language)
    }
}

async fn not_found(State(site): State<Arc<Site>>) -> Response {
    short(
        StatusCode::NOT_FOUND,
        site.page.language,
        "There is no such page here. Try /\n",
        "Qui non c'è questa pagina. Prova /\n",
    )
}

async fn method_not_allowed(State(site): State<Arc<Site>>) -> Response {
    short(
        StatusCode::METHOD_NOT_ALLOWED,
        site.page.language,
        "This page can only be read.\n",
        "Questa pagina si può solo leggere.\n",
    )
}

/// Answers with one line of text.
pub(super) fn short(status: StatusCode, language: Language, english: &'static str, italian: &'static str) -> Response {
    let text = match language {
        Language::English => english,
        Language::Italian => italian,
    };
    (status, [(header::CACHE_CONTROL, "no-store")], text).into_response()
}

/// What the pages of this server may do in a browser: use what comes from here, and nothing else.
const OWN_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Adds what keeps a browser from doing more with a page than showing it.
async fn strict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    // What people have sent brings its own, which allows less.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(OWN_POLICY));
    }
    let mut set = |name: header::HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    response
}

/// Takes the host out of a Host header, if it is one: it comes from the peer and goes into the page.
pub(super) fn host_of(header: &str) -> Option<Host> {
    let (host, port) = match header.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, port.strip_prefix(':').or(port.is_empty().then_some(""))?)
        }
        None => header.split_once(':').unwrap_or((header, "")),
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':');
    let sound = (1..=253).contains(&host.len()) && host.bytes().all(is_name);
    (sound && (port.is_empty() || port.parse::<u16>().is_ok())).then(|| Host(host.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_are_hosts() {
        for (header, host) in [
            ("chat.example.org:53000", "chat.example.org"),
            ("192.168.1.5", "192.168.1.5"),
            ("[fd00::1]:53000", "fd00::1"),
            ("[::1]", "::1"),
        ] {
            assert_eq!(host_of(header), Some(Host(host.to_owned())), "{header}");
        }
        for header in ["", ":1", "a b", "<b>", "a:b", "a:1:2", "[::1", "[x]:1", "[::1]x", "a/b", "a:70000", "é"] {
            assert_eq!(host_of(header), None, "{header}");
        }
    }
}
