//! Looking at what stands at an address that somebody has written: as a browser would, but for what is private.

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{ACCEPT, LOCATION, USER_AGENT};
use url::Url;

use crate::request::{Answer, FetchError, Fetcher, Reading, Scheme};

/// How often an answer may say that it is somewhere else. Browsers follow 20; of what people link to, few need more than three.
const REDIRECTS_MAX: usize = 5;
/// The longest address that is asked.
pub const ADDRESS_BYTES_MAX: usize = 2048;
/// Who asks: those who look at their server's log can tell what it was.
const AGENT: &str = "Loggia (link preview)";

/// What stands there.
#[derive(Debug)]
pub struct Looked {
    /// Where it was in the end.
    pub address: Url,
    /// What was answered.
    pub answer: Answer,
}

/// Reads an address of a page: `http` or `https`, a host, no name and no password. What stands behind `#` is left out.
pub fn page_address(text: &str) -> Option<Url> {
    let mut address = Url::parse(text).ok().filter(|_| text.len() <= ADDRESS_BYTES_MAX)?;
    let is_page = matches!(address.scheme(), "http" | "https") && address.has_host();
    address.set_fragment(None);
    (is_page && address.username().is_empty() && address.password().is_none()).then_some(address)
}

impl Fetcher {
    /// Looks at what stands at an address, and follows where it leads: each address on the way is looked at as the first one.
    /// What is encrypted does not lead to what is not.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn look(&self, address: &Url, accept: &'static str, reading: Reading) -> Result<Looked, FetchError> {
        self.in_time(async {
            let mut address = address.clone();
            for _ in 0..=REDIRECTS_MAX {
                let request = Request::get(address.as_str())
                    .header(USER_AGENT, AGENT)
                    .header(ACCEPT, accept)
                    .body(Full::new(Bytes::new()))
                    .map_err(|_| FetchError::Address)?;
                let answer = self.exchange(request, Scheme::Web, reading).await?;
                match next(&address, &answer)? {
                    Some(next) => address = next,
                    None => return Ok(Looked { address, answer }),
                }
            }
            Err(FetchError::TooManyRedirects)
        })
        .await
    }
}

/// Returns where an answer leads.
fn next(address: &Url, answer: &Answer) -> Result<Option<Url>, FetchError> {
    if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let named = answer.headers.get(LOCATION).and_then(|location| location.to_str().ok());
    let next = named.and_then(|named| address.join(named).ok()).and_then(|next| page_address(next.as_str()));
    let next = next.filter(|next| address.scheme() == "http" || next.scheme() == "https");
    next.map(Some).ok_or(FetchError::Address)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
mod tests;
