//! One device: what it is to be told is sent in order, one after the other, until the push service has it.
//!
//! Spec: RFC 8030.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::error::Unspecified;
use chat::push::Subscription;
use data_encoding::BASE64URL_NOPAD;
use fetch::{Answer, FetchError, Fetcher};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, RETRY_AFTER};
use hyper::{Request, StatusCode, Uri};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::Receiver;

use super::seal::{Device, Fresh, seal};
use super::vapid::Vapid;
use crate::desk::Asker;
use crate::event_loop::clock::Clock;
use crate::metrics::Metrics;

/// How often a push service is asked to take one notification.
const TRIES_MAX: u32 = 5;
/// How long after the first failure it is asked again; four times as long after each further one.
const RETRY: Duration = Duration::from_secs(2);
/// The longest time that a push service may make a notification wait.
const RETRY_MAX: Duration = Duration::from_mins(10);
/// After so long without news the device's task ends.
const IDLE: Duration = Duration::from_mins(1);

/// What all devices share.
pub(super) struct Post {
    pub(super) fetcher: Fetcher,
    pub(super) vapid: Vapid,
    pub(super) asker: Asker,
    pub(super) clock: Clock,
    /// Places for requests on their way.
    pub(super) places: Semaphore,
    pub(super) metrics: Arc<Metrics>,
}

/// One notification.
pub(super) struct Letter {
    pub(super) account: Arc<str>,
    pub(super) subscription: Subscription,
    /// One line of IRC.
    pub(super) text: Vec<u8>,
    /// How soon the device is to hear of it (RFC 8030 section 5.3).
    pub(super) urgency: &'static str,
    /// For how many seconds the push service keeps it for a device that is off (section 5.2).
    pub(super) keep_seconds: u32,
}

/// What has become of one try.
enum Outcome {
    Taken,
    /// The device is no more, or cannot be reached at this address.
    Gone,
    /// The push service does not want it.
    Refused(StatusCode),
    /// It may be taken later; after so long, if the push service says.
    Later(Option<Duration>),
}

/// Sends what comes for one device until nothing has come for a while.
pub(super) async fn serve(mut letters: Receiver<Letter>, post: Arc<Post>) {
    while let Ok(Some(letter)) = tokio::time::timeout(IDLE, letters.recv()).await {
        post.deliver(letter).await;
    }
    // What has come at the last moment is not lost: the channel takes nothing more from here on.
    letters.close();
    while let Some(letter) = letters.recv().await {
        post.deliver(letter).await;
    }
}

impl Post {
    /// Sends a notification, and counts what has become of it.
    async fn deliver(&self, letter: Letter) {
        match self.hand_in(letter).await {
            Ok(()) => {
                self.metrics.push_sent.inc();
            }
            Err(reason) => self.metrics.push_lost(reason),
        }
        self.metrics.push_waiting.dec();
    }

    /// Sends a notification until it is taken.
    ///
    /// # Errors
    /// Why it was not, in one of the words of `loggia_push_lost`.
    async fn hand_in(&self, letter: Letter) -> Result<(), &'static str> {
        // Whoever knows the address can send there: the log has its host only.
        let uri = letter.subscription.endpoint.parse::<Uri>().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        for try_number in 0..TRIES_MAX {
            match self.send(&letter, uri.as_ref()).await {
                Outcome::Taken => return Ok(()),
                Outcome::Refused(status) => {
                    tracing::warn!(host, account = &*letter.account, %status, "a notification is refused");
                    return Err("refused");
                }
                Outcome::Gone => {
                    tracing::info!(host, account = &*letter.account, "a device is notified no more");
                    let Letter { account, subscription, .. } = letter;
                    let (account, endpoint) = ((*account).into(), (*subscription.endpoint).into());
                    // When the hall has no time for it, the next notification finds out the same.
                    let _ = self.asker.ask(chat::command::Command::PushGone { account, endpoint }).await;
                    return Err("gone");
                }
                Outcome::Later(after) => {
                    let own = RETRY.saturating_mul(4_u32.saturating_pow(try_number));
                    tokio::time::sleep(after.unwrap_or(own).min(RETRY_MAX)).await;
                }
            }
        }
        tracing::warn!(host, account = &*letter.account, "a notification is given up");
        Err("given_up")
    }

    async fn send(&self, letter: &Letter, uri: Option<&Uri>) -> Outcome {
        let Some(uri) = uri else { return Outcome::Gone };
        let Ok(sealed) = sealed(letter) else { return Outcome::Gone };
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let Ok(authorization) = self.vapid.authorization(&format!("https://{authority}"), self.clock.now().wall) else {
            return Outcome::Later(None);
        };
        let request = Request::post(uri.clone())
            .header(AUTHORIZATION, authorization)
            .header(CONTENT_ENCODING, "aes128gcm")
            .header("TTL", letter.keep_seconds)
            .header("Urgency", letter.urgency)
            .body(Full::new(Bytes::from(sealed)));
        let Ok(request) = request else { return Outcome::Gone };
        let Ok(place) = self.places.acquire().await else { return Outcome::Later(None) };
        let answer = self.fetcher.send(request).await;
        drop(place);
        match answer {
            Ok(answer) => outcome(&answer),
            Err(error @ (FetchError::Private(_) | FetchError::Address)) => {
                tracing::warn!(host = uri.host(), %error, "push.allow_addresses: a device cannot be notified");
                Outcome::Gone
            }
            // A machine that knows no certificate authorities can reach no push service.
            Err(error @ FetchError::Authorities(_)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "nobody can be notified");
                Outcome::Later(None)
            }
            Err(error) => {
                tracing::debug!(
                    host = uri.host(),
                    error = &error as &dyn std::error::Error,
                    "a notification has to wait"
                );
                Outcome::Later(None)
            }
        }
    }
}

fn outcome(answer: &Answer) -> Outcome {
    match answer.status {
        status if status.is_success() => Outcome::Taken,
        StatusCode::NOT_FOUND | StatusCode::GONE => Outcome::Gone,
        status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            let seconds = answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
            Outcome::Later(seconds.map(Duration::from_secs))
        }
        status => Outcome::Refused(status),
    }
}

fn sealed(letter: &Letter) -> Result<Vec<u8>, Unspecified> {
    let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| Unspecified);
    let (public_key, secret) = (decode(&letter.subscription.p256dh)?, decode(&letter.subscription.auth)?);
    seal(&letter.text, Device { public_key: &public_key, secret: &secret }, &Fresh::new()?)
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderMap, HeaderValue};

    use super::*;

    fn of(status: u16, retry_after: Option<&'static str>) -> String {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
        }
        let status = StatusCode::from_u16(status).unwrap_or_default();
        match outcome(&Answer { status, headers, body: Bytes::new() }) {
            Outcome::Taken => "taken".to_owned(),
            Outcome::Gone => "gone".to_owned(),
            Outcome::Refused(status) => format!("refused {}", status.as_u16()),
            Outcome::Later(after) => format!("later {after:?}"),
        }
    }

    #[test]
    fn what_push_services_answer() {
        assert_eq!([of(200, None), of(201, None), of(202, None)], ["taken", "taken", "taken"]);
        assert_eq!([of(404, None), of(410, None)], ["gone", "gone"]);
        assert_eq!([of(429, Some("7")), of(503, None)], ["later Some(7s)", "later None"]);
        assert_eq!(of(500, Some("Wed, 21 Oct 2026 07:28:00 GMT")), "later None");
        // Nothing is followed.
        assert_eq!([of(301, None), of(307, None), of(403, None)], ["refused 301", "refused 307", "refused 403"]);
    }
}
