//! `[admin]`: `/metrics`, `/health` and `/ready`, for those who run the server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::metrics::Metrics;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Whether this server can do its work now.
#[derive(Debug)]
pub struct Readiness {
    listening: AtomicBool,
    store: Mutex<Result<(), String>>,
}

impl Default for Readiness {
    fn default() -> Self {
        Self { listening: AtomicBool::new(false), store: Mutex::new(Err("it is not open yet".to_owned())) }
    }
}

impl Readiness {
    /// Notes whether the listeners accept connections.
    pub fn set_listening(&self, listening: bool) {
        self.listening.store(listening, Ordering::Release);
    }

    /// Notes whether the store can write, and if not, why.
    pub fn set_store(&self, state: Result<(), String>) {
        *self.store.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Returns why the server cannot do its work, or nothing.
    ///
    /// # Errors
    /// With the reason.
    pub fn verdict(&self) -> Result<(), String> {
        if !self.listening.load(Ordering::Acquire) {
            return Err("the listeners do not accept connections".to_owned());
        }
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.as_ref().map_err(|reason| format!("the store cannot write: {reason}")).copied()
    }
}

/// What the endpoints look at.
#[derive(Clone)]
struct Watched {
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
}

/// Returns what serves the endpoints.
pub fn router(metrics: Arc<Metrics>, readiness: Arc<Readiness>) -> Router {
    Router::new()
        .route("/metrics", get(figures))
        .route("/health", get(health))
        .route("/ready", get(ready))
        .with_state(Watched { metrics, readiness })
}

async fn figures(State(watched): State<Watched>) -> Response {
    ([(header::CONTENT_TYPE, OPENMETRICS)], watched.metrics.text()).into_response()
}

async fn health() -> &'static str {
    "alive\n"
}

async fn ready(State(watched): State<Watched>) -> Response {
    match watched.readiness.verdict() {
        Ok(()) => "ready\n".into_response(),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_only_when_everything_is() {
        let readiness = Readiness::default();
        assert_eq!(readiness.verdict(), Err("the listeners do not accept connections".to_owned()));
        readiness.set_listening(true);
        assert_eq!(readiness.verdict(), Err("the store cannot write: it is not open yet".to_owned()));
        readiness.set_store(Ok(()));
        assert_eq!(readiness.verdict(), Ok(()));
        readiness.set_store(Err("the disk is full".to_owned()));
        assert_eq!(readiness.verdict(), Err("the store cannot write: the disk is full".to_owned()));
    }
}
