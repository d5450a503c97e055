//! A file on its way to a browser: whole or a part, and only when the browser does not have it.
//!
//! Spec: RFC 9110, sections 13 (If-None-Match, If-Range) and 14 (Range).

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead as _, ReadBuf};
use uploads::headers::{Part, range};

use super::PART_TIME;
use crate::web::life::Life;

/// What is read at a time.
const CHUNK_BYTES: u64 = 64 * 1024;

/// A sandbox without exceptions; a film or a picture that is looked at alone is a document that shows itself.
const SANDBOX: &str = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'";

/// It never changes under its name. Only who knows the name may see it, so it is for nobody's shared cache; and for a day only, for
/// it may be removed.
const CACHE: &str = "private, max-age=86400, immutable";

/// What is said of a file.
pub(super) struct What {
    /// What it is.
    pub(super) content_type: &'static str,
    /// Whether it is shown or saved, and by which name.
    pub(super) disposition: String,
    /// Its size.
    pub(super) bytes: u64,
    /// What stands for its content, in quotes.
    pub(super) tag: String,
}

/// Answers with a file, a part of it, or that the browser has it.
pub(super) fn answer(what: &What, mut file: File, asked: &HeaderMap, life: Option<Life>) -> Response {
    let said = |name: HeaderName| asked.get(name).and_then(|value| value.to_str().ok());
    let has_it = said(header::IF_NONE_MATCH).is_some_and(|tags| {
        tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == what.tag || tag.trim() == "*")
    });
    if has_it {
        return with_headers(StatusCode::NOT_MODIFIED.into_response(), what);
    }
    let is_same = said(header::IF_RANGE).is_none_or(|tag| tag == what.tag);
    let part = said(header::RANGE).filter(|_| is_same).map_or(Part::Whole, |header| range(header, what.bytes));
    let (status, first, bytes) = match part {
        Part::Whole => (StatusCode::OK, 0, what.bytes),
        Part::Bytes { first, last } => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
        Part::Nothing => {
            let mut response = with_headers(StatusCode::RANGE_NOT_SATISFIABLE.into_response(), what);
            set(&mut response, header::CONTENT_RANGE, &format!("bytes */{}", what.bytes));
            return response;
        }
    };
    if first > 0 && file.seek(SeekFrom::Start(first)).is_err() {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let body = FileBody { file: tokio::fs::File::from_std(file), left: bytes, buffer: Vec::new(), life };
    let mut response = with_headers((status, Body::new(body)).into_response(), what);
    set(&mut response, header::CONTENT_LENGTH, &bytes.to_string());
    if status == StatusCode::PARTIAL_CONTENT {
        set(&mut response, header::CONTENT_RANGE, &format!("bytes {first}-{}/{}", first + bytes - 1, what.bytes));
    }
    response
}

fn with_headers(mut response: Response, what: &What) -> Response {
    for (name, value) in [
        (header::CONTENT_TYPE, what.content_type),
        (header::CONTENT_DISPOSITION, &what.disposition),
        (header::ETAG, &what.tag),
        (header::CACHE_CONTROL, CACHE),
        (header::ACCEPT_RANGES, "bytes"),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ] {
        set(&mut response, name, value);
    }
    response
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    // What is not fit for a header is percent-encoded already.
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A file that is read as fast as it is sent.
struct FileBody {
    file: tokio::fs::File,
    left: u64,
    buffer: Vec<u8>,
    life: Option<Life>,
}

impl HttpBody for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Self { file, left, buffer, life } = self.get_mut();
        if *left == 0 {
            return Poll::Ready(None);
        }
        if buffer.is_empty() {
            buffer.resize(usize::try_from(CHUNK_BYTES.min(*left)).unwrap_or_default(), 0);
        }
        let mut read = ReadBuf::new(buffer);
        ready!(Pin::new(file).poll_read(context, &mut read))?;
        let count = read.filled().len();
        if count == 0 {
            return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
        }
        buffer.truncate(count);
        *left -= count as u64;
        // Whoever takes this part has time for the next.
        if let Some(life) = life {
            life.go_on(PART_TIME);
        }
        Poll::Ready(Some(Ok(Frame::data(std::mem::take(buffer).into()))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
