//! The one page: what this server is and how to join it.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::websocket;
use crate::certificates::Challenges;
use crate::config::{Config, Dialect, Language, PlainVariant, Tls};
use crate::doors::{Door, is_loopback};
use crate::reach::{Host, Reach};

const STYLE: &str = include_str!("style.css");

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
    /// The host to tell when the browser named none.
    pub fallback_host: Host,
    /// The ways in.
    pub doors: Vec<PageDoor>,
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
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// Whether nothing else is.
    pub tls_required: bool,
}

impl PageInfo {
    /// Gathers what the page tells.
    pub fn new(config: &Config, doors: &[Door], reach: &Reach) -> Self {
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
                tls: door.settings.tls != Tls::Off,
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
            fallback_host: fallback.unwrap_or_else(|| Host("localhost".to_owned())),
            doors: page_doors,
        }
    }
}

/// Returns what serves the page.
pub(super) fn router(page: PageInfo, challenges: Arc<Challenges>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/irc", get(for_programs))
        .route("/style.css", get(style))
        .route(
            "/.well-known/acme-challenge/{token}",
            get(move |token| core::future::ready(challenge(&challenges, token))),
        )
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(map_response(strict))
        .with_state(Arc::new(page))
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

async fn index(State(page): State<Arc<PageInfo>>, request: Request) -> Response {
    if websocket::is_asked_for(request.headers()) {
        return websocket::answer(request, page.language);
    }
    let named = request.headers().get(header::HOST).and_then(|host| host_of(host.to_str().ok()?));
    let host = page.public_host.clone().map(Host).or(named).unwrap_or_else(|| page.fallback_host.clone());
    let html = render(&page, &host);
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")], html).into_response()
}

async fn for_programs(State(page): State<Arc<PageInfo>>, request: Request) -> Response {
    if websocket::is_asked_for(request.headers()) {
        websocket::answer(request, page.language)
    } else {
        websocket::only_version_13(page.language)
    }
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")], STYLE).into_response()
}

async fn not_found(State(page): State<Arc<PageInfo>>) -> Response {
    short(
        StatusCode::NOT_FOUND,
        page.language,
        "There is no such page here. Try /\n",
        "Qui non c'è questa pagina. Prova /\n",
    )
}

async fn method_not_allowed(State(page): State<Arc<PageInfo>>) -> Response {
    short(
        StatusCode::METHOD_NOT_ALLOWED,
        page.language,
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

/// Adds what keeps a browser from doing more with a page than showing it.
async fn strict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: header::HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    response
}

/// Takes the host out of a Host header, if it is one: it comes from the peer and goes into the page.
fn host_of(header: &str) -> Option<Host> {
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

/// The words of the page in one language.
struct Words {
    code: &'static str,
    what: &'static str,
    join: &'static str,
    irc: &'static str,
    terminal: &'static str,
    classroom: &'static str,
    host_and_port: [&'static str; 2],
    variants: &'static str,
    here: &'static str,
    plain_warning: &'static str,
    later: &'static str,
}

const ENGLISH: Words = Words {
    code: "en",
    what: "This is a chat server, run with Loggia. Whichever way you come in, you meet the same people.",
    join: "How to join",
    irc: "IRC client",
    terminal: "Terminal",
    classroom: "Classroom client",
    host_and_port: ["host", "port"],
    variants: "variant",
    here: "on the server's own machine only",
    plain_warning: "Terminal and classroom clients have neither encryption nor passwords: use them on networks you trust.",
    later: "This version has no chat in the browser yet.",
};

const ITALIAN: Words = Words {
    code: "it",
    what: "Questo è un server di chat, fatto con Loggia. Da qualunque parte entri, incontri le stesse persone.",
    join: "Come entrare",
    irc: "Client IRC",
    terminal: "Terminale",
    classroom: "Client didattico",
    host_and_port: ["host", "porta"],
    variants: "variante",
    here: "solo sulla macchina del server",
    plain_warning: "Terminale e client didattici non hanno né cifratura né password: usali su reti di cui ti fidi.",
    later: "Questa versione non ha ancora la chat nel browser.",
};

/// Renders the page for a browser that came by `host`.
fn render(page: &PageInfo, host: &Host) -> String {
    let words = match page.language {
        Language::English => &ENGLISH,
        Language::Italian => &ITALIAN,
    };
    let network = escape(&page.network);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{network}</title>\n\
         <link rel=\"stylesheet\" href=\"/style.css\">\n</head>\n<body>\n<main>\n<h1>{network}</h1>\n\
         <p class=\"description\">{description}</p>\n<p>{what}</p>\n<h2>{join}</h2>\n<dl>\n",
        code = words.code,
        description = escape(&page.description),
        what = words.what,
        join = words.join,
    );
    let mut any_plain = false;
    for door in page.doors.iter().filter(|door| !door.loopback || host.is_loopback()) {
        let here = if door.loopback { format!(" <small>({})</small>", words.here) } else { String::new() };
        if door.dialects.contains(&Dialect::Irc) {
            irc(&mut html, words, host, door, &here);
        }
        if door.dialects.contains(&Dialect::Plain) && !door.tls_required {
            any_plain = true;
            plain(&mut html, words, host, door, &here);
        }
    }
    html.push_str("</dl>\n");
    if any_plain {
        let _ = writeln!(html, "<p>{}</p>", words.plain_warning);
    }
    let _ = write!(html, "<p>{}</p>\n</main>\n</body>\n</html>\n", words.later);
    html
}

fn irc(html: &mut String, words: &Words, host: &Host, door: &PageDoor, here: &str) {
    let address = escape(&host.with_port(door.port));
    let room = escape(&door.room);
    let link = room.replace('#', "%23");
    let (scheme, tls) = if door.tls { ("ircs", " TLS") } else { ("irc", "") };
    let _ = writeln!(
        html,
        "<dt>{}</dt>\n<dd><a href=\"{scheme}://{address}/{link}\"><code>{address}</code></a> <code>{room}</code>{tls}{here}</dd>",
        words.irc
    );
}

fn plain(html: &mut String, words: &Words, host: &Host, door: &PageDoor, here: &str) {
    let (name, port) = (escape(&host.0), door.port);
    let _ = writeln!(html, "<dt>{}</dt>\n<dd><code>nc {name} {port}</code>{here}</dd>", words.terminal);
    let variant = match door.variant {
        PlainVariant::Quit => "quit",
        PlainVariant::Close => "close",
        PlainVariant::Nick => "nick",
        PlainVariant::Username => "username",
    };
    let [host_word, port_word] = words.host_and_port;
    let _ = writeln!(
        html,
        "<dt>{}</dt>\n<dd>{host_word} <code>{name}</code>, {port_word} <code>{port}</code>, {} <code>{variant}</code>{here}</dd>",
        words.classroom, words.variants
    );
}

/// Makes text safe between tags and inside quoted attributes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(character),
        }
    }
    safe
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

    #[test]
    fn escaping_leaves_nothing_that_opens() {
        assert_eq!(escape("<a href=\"'&'\">"), "&lt;a href=&quot;&#39;&amp;&#39;&quot;&gt;");
    }
}
