//! What is counted, for `/metrics` (OpenMetrics).
//!
//! The event loop bumps plain atomics; only refusals, which are rare, look a label up.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// A label and its value, both fixed in the program: what a peer sends never becomes a label.
type Label = [(&'static str, &'static str); 1];

/// One figure for each way of speaking.
#[derive(Debug, Clone, Default)]
pub struct ByDialect {
    /// Connections that have not shown yet what they speak.
    pub undecided: Gauge,
    /// Browsers.
    pub web: Gauge,
    /// IRC clients.
    pub irc: Gauge,
    /// Plain clients.
    pub plain: Gauge,
}

/// Every figure of this server.
#[derive(Debug)]
pub struct Metrics {
    /// Connections that are open.
    pub connections_open: ByDialect,
    /// Connections accepted since the start.
    pub connections_accepted: Counter,
    /// Sessions that have completed their registration.
    pub sessions_registered: Counter,
    /// Messages that people have sent.
    pub messages: Counter,
    /// Messages and events queued to their recipients, one for each recipient.
    pub deliveries: Counter,
    /// Writes to sockets; deliveries divided by sends is the figure to watch.
    pub sends: Counter,
    /// Bytes read from sockets.
    pub bytes_received: Counter,
    /// Bytes written to sockets.
    pub bytes_sent: Counter,
    /// Facts that the log has committed.
    pub facts_committed: Counter,
    /// Groups in which it has committed them.
    pub commit_groups: Counter,
    /// How long each group took, in seconds.
    pub commit_seconds: Histogram,
    /// Sessions closed because they did not read.
    pub slow_readers_closed: Counter,
    /// TLS handshakes that ended well.
    pub tls_handshakes: Counter,
    /// TLS handshakes that did not.
    pub tls_handshakes_failed: Counter,
    /// Facts that the index of words has not looked at yet.
    pub search_lag_facts: Gauge,
    /// 1 while the store cannot write.
    pub store_degraded: Gauge,
    /// Commands that wait for the hall.
    pub hall_queue: Gauge,
    /// Notifications that push services have taken.
    pub push_sent: Counter,
    /// Notifications that wait to be taken by a push service.
    pub push_waiting: Gauge,
    push_lost: Family<Label, Counter>,
    refused: Family<Label, Counter>,
    registry: Registry,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Makes all figures, at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("loggia");
        let connections_open = open_connections(&mut registry);
        // From 0.1 ms, a fast disk's sync, to 3 s, a disk in trouble.
        let commit_seconds = Histogram::new(exponential_buckets(0.0001, 2.0, 16));
        registry.register("commit_seconds", "Time to commit a group", commit_seconds.clone());
        let refused = Family::<Label, Counter>::default();
        registry.register("refused", "Refused connections and commands", refused.clone());
        let push_lost = Family::<Label, Counter>::default();
        registry.register("push_lost", "Notifications that no push service has taken", push_lost.clone());
        let mut counter = |name: &str, help: &str| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let connections_accepted = counter("connections_accepted", "Connections accepted");
        let sessions_registered = counter("sessions_registered", "Sessions registered");
        let messages = counter("messages", "Messages sent by people");
        let deliveries = counter("deliveries", "Events queued to recipients");
        let sends = counter("sends", "Writes to sockets");
        let bytes_received = counter("received_bytes", "Bytes read from sockets");
        let bytes_sent = counter("sent_bytes", "Bytes written to sockets");
        let facts_committed = counter("facts_committed", "Facts committed");
        let commit_groups = counter("commit_groups", "Groups of facts committed");
        let slow_readers_closed = counter("slow_readers_closed", "Sessions closed because they did not read");
        let tls_handshakes = counter("tls_handshakes", "TLS handshakes that ended well");
        let tls_handshakes_failed = counter("tls_handshakes_failed", "TLS handshakes that failed");
        let push_sent = counter("push_sent", "Notifications that push services have taken");
        let mut gauge = |name: &str, help: &str| {
            let gauge: Gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let store_degraded = gauge("store_degraded", "1 while the store cannot write");
        let search_lag_facts = gauge("search_lag_facts", "Facts that the search index has not looked at yet");
        let push_waiting = gauge("push_waiting", "Notifications that wait to be taken by a push service");
        let hall_queue = gauge("hall_queue", "Commands that wait for the hall");
        Self {
            connections_open,
            connections_accepted,
            sessions_registered,
            messages,
            deliveries,
            sends,
            bytes_received,
            bytes_sent,
            facts_committed,
            commit_groups,
            commit_seconds,
            slow_readers_closed,
            tls_handshakes,
            tls_handshakes_failed,
            search_lag_facts,
            store_degraded,
            hall_queue,
            push_sent,
            push_waiting,
            push_lost,
            refused,
            registry,
        }
    }

    /// Counts a refusal by its reason, one of the program's own words.
    pub fn refused(&self, reason: &'static str) {
        self.refused.get_or_create(&[("reason", reason)]).inc();
    }

    /// Counts a notification that no push service has taken, by its reason, one of the program's own words.
    pub fn push_lost(&self, reason: &'static str) {
        self.push_lost.get_or_create(&[("reason", reason)]).inc();
    }

    /// Returns all figures as OpenMetrics text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).unwrap_or_else(|error| unreachable!("text can always be written: {error}"));
        text
    }
}

fn open_connections(registry: &mut Registry) -> ByDialect {
    let open = Family::<Label, Gauge>::default();
    registry.register("connections_open", "Connections that are open", open.clone());
    let of = |dialect: &'static str| open.get_or_create_owned(&[("dialect", dialect)]);
    ByDialect { undecided: of("undecided"), web: of("web"), irc: of("irc"), plain: of("plain") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bumped_is_shown() {
        let metrics = Metrics::new();
        metrics.connections_open.irc.inc();
        metrics.deliveries.inc_by(30);
        metrics.sends.inc();
        metrics.refused("too many connections");
        metrics.commit_seconds.observe(0.001);
        metrics.push_lost("refused");
        let text = metrics.text();
        for line in [
            "loggia_connections_open{dialect=\"irc\"} 1",
            "loggia_connections_open{dialect=\"plain\"} 0",
            "loggia_deliveries_total 30",
            "loggia_sends_total 1",
            "loggia_refused_total{reason=\"too many connections\"} 1",
            "loggia_commit_seconds_count 1",
            "loggia_push_lost_total{reason=\"refused\"} 1",
            "loggia_push_sent_total 0",
            "loggia_push_waiting 0",
            "loggia_store_degraded 0",
            "# EOF",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line}\n{text}");
        }
    }
}
