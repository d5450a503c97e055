//! Previews of links: what the page behind a link says of itself, looked up by this server for who is connected to it, so that
//! nobody's own address is told to whoever has written a link. How it is asked: `web::filehost::preview`,
//! `docs/protocol/previews.md`. What may be reached, and how a page is read: the crate `fetch`.
//!
//! Nothing of it is kept but in memory, and nothing is looked at that nobody asks for.

mod shelf;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use data_encoding::BASE64;
use fetch::page::{self, Page};
use fetch::{FetchError, Fetcher, Limits, Reading};
use hyper::StatusCode;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use serde_json::json;
use tokio::sync::Semaphore;
use uploads::{Kind, picture};
use url::Url;

use self::shelf::Shelf;
use crate::config::Config;
use crate::event_loop::clock::Clock;

// None of these is in the configuration: each is what keeps a stranger's page from costing more than a glance.

/// What one look may take, from the name to the last byte; a page and its picture are two.
const TIME: Duration = Duration::from_secs(10);
/// How much of a page is read: what it says of itself stands at its beginning.
const PAGE_BYTES: usize = 512 * 1024;
/// The largest picture that is fetched.
const PICTURE_BYTES_MAX: usize = 5 * 1024 * 1024;
/// The most pixels of a picture: some 200 megabytes of memory while it is made smaller, and one is at a time.
const PICTURE_PIXELS_MAX: u64 = 12_000_000;
/// The larger side of the picture that is shown, in pixels.
const SHOWN_PIXELS: u32 = 320;
/// The largest picture that is shown; photographs of that size have 30 kilobytes.
const SHOWN_BYTES_MAX: usize = 96 * 1024;
/// Pages that are looked at at once, for everybody; further ones wait.
const LOOKS_AT_ONCE: usize = 8;
/// And for one person.
const LOOKS_OF_ONE: usize = 4;

/// Why nobody looks at a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPreview {
    /// It is no address of a page.
    Address,
    /// The person has asked for as much as one may.
    TooManyAtOnce,
}

/// What one page says of itself, as JSON. None: there is no page, it may not be looked at, or it says nothing of itself. Which
/// of them is not told: who asks would learn what can be reached from here.
type Said = Option<Arc<str>>;

/// Looks at pages.
#[derive(Debug)]
pub struct Previews {
    fetcher: Fetcher,
    places: Semaphore,
    /// Pictures that are made smaller at once.
    pictures: Semaphore,
    shelf: Mutex<Shelf>,
    clock: Clock,
    /// How many looks each person waits for.
    asking: Mutex<BTreeMap<String, usize>>,
}

impl Previews {
    /// Makes what looks at pages, where the configuration wants it.
    pub fn new(config: &Config, fetcher: &Fetcher) -> Option<Self> {
        config.previews.enabled.then(|| Self {
            fetcher: fetcher.within(Limits { time: TIME, body_bytes: PAGE_BYTES }),
            places: Semaphore::new(LOOKS_AT_ONCE),
            pictures: Semaphore::new(1),
            shelf: Mutex::default(),
            clock: Clock::new(),
            asking: Mutex::default(),
        })
    }

    /// Returns what the page at an address says of itself, as JSON, if anything. `who` counts for one person.
    ///
    /// # Errors
    /// [`NoPreview`].
    pub async fn of(&self, address: &str, who: &str) -> Result<Option<Arc<str>>, NoPreview> {
        let address = fetch::page_address(address).ok_or(NoPreview::Address)?;
        let _asking = self.ask(who).ok_or(NoPreview::TooManyAtOnce)?;
        let place =
            self.shelf.lock().unwrap_or_else(PoisonError::into_inner).place(address.as_str(), self.clock.now().instant);
        // All who ask for the same page wait for one look at it.
        Ok(place.get_or_init(|| self.look(&address)).await.clone())
    }

    fn ask(&self, who: &str) -> Option<Asking<'_>> {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        let count = asking.entry(who.to_owned()).or_default();
        if *count >= LOOKS_OF_ONE {
            return None;
        }
        *count += 1;
        Some(Asking { previews: self, who: who.to_owned() })
    }

    async fn look(&self, address: &Url) -> Said {
        let _place = self.places.acquire().await.ok()?;
        match self.page(address).await {
            Ok(said) => said,
            Err(error) => {
                let host = address.host_str();
                tracing::debug!(host, error = &error as &dyn std::error::Error, "a link cannot be looked at");
                None
            }
        }
    }

    async fn page(&self, address: &Url) -> Result<Said, FetchError> {
        let reading = Reading { body_bytes: PAGE_BYTES, beginning: true, wanted: is_page };
        let looked = self.fetcher.look(address, "text/html,application/xhtml+xml", reading).await?;
        if !is_page(looked.answer.status, &looked.answer.headers) {
            return Ok(None);
        }
        let said = page::read(&looked.answer.body, content_type(&looked.answer.headers));
        if said.title.is_empty() && said.about.is_empty() {
            return Ok(None);
        }
        let picture = self.picture(&looked.address, &said).await.unwrap_or_default();
        let site = if said.site.is_empty() { looked.address.host_str().unwrap_or_default() } else { &said.site };
        let json = json!({
            "url": looked.address.as_str(),
            "title": said.title,
            "about": said.about,
            "site": site,
            "picture": picture,
        });
        Ok(Some(json.to_string().into()))
    }

    /// Returns the page's picture, made smaller and drawn anew, as a `data:` address; none where there is none to be had.
    async fn picture(&self, page: &Url, said: &Page) -> Option<String> {
        let address = Some(&*said.picture).filter(|address| !address.is_empty())?;
        let address = fetch::page_address(page.join(address).ok()?.as_str())?;
        let reading = Reading { body_bytes: PICTURE_BYTES_MAX, beginning: false, wanted: is_picture };
        let looked = self.fetcher.look(&address, "image/jpeg,image/png,image/gif,image/webp", reading).await.ok()?;
        let _turn = self.pictures.acquire().await.ok()?;
        tokio::task::spawn_blocking(move || data_address(&looked.answer.body)).await.ok()?
    }
}

/// Somebody waits for a look; until this is dropped.
struct Asking<'a> {
    previews: &'a Previews,
    who: String,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let mut asking = self.previews.asking.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = asking.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                asking.remove(&self.who);
            }
        }
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Nothing packed is asked for, and nothing packed is unpacked.
fn is_readable(status: StatusCode, headers: &HeaderMap) -> bool {
    status == StatusCode::OK && headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding == "identity")
}

fn is_page(status: StatusCode, headers: &HeaderMap) -> bool {
    is_readable(status, headers) && page::is_page(content_type(headers))
}

/// What kind of picture it is, its bytes tell.
fn is_picture(status: StatusCode, headers: &HeaderMap) -> bool {
    is_readable(status, headers) && content_type(headers).starts_with("image/")
}

fn data_address(bytes: &[u8]) -> Option<String> {
    let kind = Kind::of(bytes).ok().filter(|kind| kind.is_picture())?;
    let (small, kind) = picture::small(bytes, kind, PICTURE_PIXELS_MAX, SHOWN_PIXELS).ok()?;
    let encoded = BASE64.encode(Some(&small).filter(|small| small.len() <= SHOWN_BYTES_MAX)?);
    Some(format!("data:{};base64,{encoded}", kind.content_type()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on is to stop")]
mod tests;
