//! The browser client: files built from `web/` and carried by the program. `./test` builds them anew and compares.
//!
//! The page needs one file, which comes on the page's own connection. On a port for everybody a connection that is silent for
//! 300 ms is greeted as a plain client, and a browser whose request comes late on another connection would read that greeting.
//!
//! What never changes under its name (the name has a hash of the content in it) may be kept by browsers for ever; everything
//! else is asked for each time. Texts are compressed once, when they are first asked for.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::OnceLock;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::joining::escape;
use super::page::PageInfo;
use crate::config::Language;

const PAGE: &str = include_str!("bundle/index.html");
const MANIFEST: &str = include_str!("bundle/manifest.webmanifest");
/// Bytes of a file's hash that are in its name.
const HASH_BYTES: usize = 8;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");

/// The client as this server serves it.
#[derive(Debug)]
pub(super) struct Client {
    /// The page, but for the ways to join.
    page: String,
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    path: String,
    content_type: &'static str,
    cache: HeaderValue,
    bytes: Vec<u8>,
    /// Made when it is asked for first: a server that starts has better things to do.
    compressed: OnceLock<Vec<u8>>,
}

impl Client {
    /// Prepares the files for what the server says about itself.
    pub(super) fn new(page: &PageInfo) -> Self {
        let script = hashed("main", "js", "text/javascript; charset=utf-8", include_bytes!("bundle/main.js"));
        let language = match page.language {
            Language::English => "en",
            Language::Italian => "it",
        };
        let told = [
            ("network", page.network.as_str()),
            ("description", &page.description),
            ("room", page.first_room()),
            ("language", language),
            ("fingerprint", page.fingerprint.as_deref().unwrap_or_default()),
        ];
        let fill = |template: &str, safe: fn(&str) -> String| {
            told.iter()
                .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), &safe(value)))
        };
        let html = PAGE.replace("{{main.js}}", &script.path);
        let worker = include_bytes!("bundle/worker.js");
        let licences = include_bytes!("bundle/LICENCES.txt");
        let named = |path: &str, kind, bytes: &[u8]| File::new(path.to_owned(), kind, ASK_EACH_TIME, bytes);
        Self {
            page: fill(&html, escape),
            files: vec![
                script,
                named("/worker.js", "text/javascript; charset=utf-8", worker),
                named("/icon.svg", "image/svg+xml", include_bytes!("bundle/icon.svg")),
                named("/licences.txt", "text/plain; charset=utf-8", licences),
                named("/manifest.webmanifest", "application/manifest+json", fill(MANIFEST, escape_json).as_bytes()),
            ],
        }
    }

    /// Returns the page; `ways` are the ways to join for browsers that run no scripts, `address` is where others find the server,
    /// `addresses` all places where they may, with spaces between.
    pub(super) fn page(&self, ways: &str, address: &str, addresses: &str) -> String {
        self.page
            .replace("{{address}}", &escape(address))
            .replace("{{addresses}}", &escape(addresses))
            .replace("{{join}}", ways)
    }

    /// Answers a request for a file, if there is one at this path.
    pub(super) fn file(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let file = self.files.iter().find(|file| file.path == path)?;
        let takes_gzip = headers.get_all(header::ACCEPT_ENCODING).iter().any(|value| {
            value
                .to_str()
                .is_ok_and(|value| value.split(',').any(|coding| coding.trim().split(';').next() == Some("gzip")))
        });
        let bytes = if takes_gzip { file.compressed() } else { &file.bytes };
        let mut response = bytes.clone().into_response();
        let set = response.headers_mut();
        set.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        set.insert(header::CACHE_CONTROL, file.cache.clone());
        set.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if takes_gzip {
            set.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Some(response)
    }
}

impl File {
    fn new(path: String, content_type: &'static str, cache: HeaderValue, bytes: &[u8]) -> Self {
        Self { path, content_type, cache, bytes: bytes.to_vec(), compressed: OnceLock::new() }
    }

    fn compressed(&self) -> &Vec<u8> {
        self.compressed.get_or_init(|| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            let written = encoder.write_all(&self.bytes).and_then(|()| encoder.finish());
            written.unwrap_or_else(|_| unreachable!("a Vec takes all"))
        })
    }
}

/// A file whose name changes with its content.
fn hashed(name: &str, extension: &str, content_type: &'static str, bytes: &[u8]) -> File {
    let digest = Sha256::digest(bytes);
    let hash = digest.iter().take(HASH_BYTES).fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    });
    File::new(format!("/assets/{name}.{hash}.{extension}"), content_type, FOR_EVER, bytes)
}

/// Makes text safe inside the quotes of a JSON string.
fn escape_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_json() {
        let text = "a \"b\" \\ \u{1} è";
        let read: String = serde_json::from_str(&format!("\"{}\"", escape_json(text))).expect("JSON");
        assert_eq!(read, text);
    }
}
