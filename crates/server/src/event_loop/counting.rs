//! Metrics: what has happened since they were brought up to date last.

use std::sync::Arc;
use std::time::Duration;

use session::shard::{Census, Stats};

use super::EventLoop;
use crate::admin::Readiness;
use crate::hall_host::HallHost;
use crate::metrics::Metrics;

/// What a shard has counted so far.
#[derive(Debug, Default)]
pub(super) struct ShardCount {
    stats: Stats,
    census: Census,
    unknown: usize,
}

impl EventLoop {
    /// Brings the metrics up to date.
    pub(super) fn count(&mut self) {
        let metrics = &self.house.metrics;
        let counted = &mut self.counted;
        let stats = self.shard.stats;
        metrics.deliveries.inc_by(stats.deliveries - counted.stats.deliveries);
        metrics.sends.inc_by(stats.writes - counted.stats.writes);
        metrics.bytes_received.inc_by(stats.bytes_in - counted.stats.bytes_in);
        metrics.bytes_sent.inc_by(stats.bytes_out - counted.stats.bytes_out);
        metrics.slow_readers_closed.inc_by(stats.slow_readers - counted.stats.slow_readers);
        metrics.sessions_registered.inc_by(stats.registered - counted.stats.registered);
        counted.stats = stats;
        // Gauges are sums over all shards; HTTP connections are in the same gauge as WebSockets.
        let census = self.shard.census();
        let change = |now: usize, before: usize| now.cast_signed() as i64 - before.cast_signed() as i64;
        let open = &metrics.connections_open;
        open.undecided.inc_by(change(census.undecided, counted.census.undecided));
        open.web.inc_by(change(census.web, counted.census.web));
        open.irc.inc_by(change(census.irc, counted.census.irc));
        open.plain.inc_by(change(census.plain, counted.census.plain));
        counted.census = census;
        let unknown = self.shard.unknown();
        self.house.post.count_unknown(counted.unknown, unknown);
        counted.unknown = unknown;
        self.seat.count();
    }

    /// Tells the shard how many connections the others have that are not users.
    pub(super) fn count_elsewhere(&mut self) {
        self.shard.set_unknown_elsewhere(self.house.post.unknown().saturating_sub(self.counted.unknown));
    }
}

/// What hall and store have counted so far, and where that is told.
#[derive(Debug)]
pub(super) struct HallCount {
    metrics: Arc<Metrics>,
    readiness: Arc<Readiness>,
    store: store::Stats,
    messages: u64,
    /// What `/ready` was last told of the log.
    refusing: Option<Arc<str>>,
}

impl HallCount {
    pub(super) fn new(metrics: Arc<Metrics>, readiness: Arc<Readiness>) -> Self {
        Self { metrics, readiness, store: store::Stats::default(), messages: 0, refusing: None }
    }

    /// Brings the metrics up to date.
    pub(super) fn count(&mut self, host: &HallHost) {
        let metrics = &self.metrics;
        metrics.messages.inc_by(host.log().messages - self.messages);
        self.messages = host.log().messages;
        metrics.hall_queue.set(i64::try_from(host.hall().held()).unwrap_or(i64::MAX));
        let store = host.log().stats();
        metrics.facts_committed.inc_by(store.facts - self.store.facts);
        let commits = store.commits - self.store.commits;
        metrics.commit_groups.inc_by(commits);
        let micros = store.commit_micros - self.store.commit_micros;
        for _ in 0..commits {
            // Groups that were committed since the last turn share their time: seldom more than one.
            metrics.commit_seconds.observe(Duration::from_micros(micros / commits).as_secs_f64());
        }
        metrics.search_lag_facts.set(i64::try_from(store.unindexed_facts).unwrap_or(i64::MAX));
        self.store = store;
        let refusing = &host.log().refusing;
        if self.refusing != *refusing {
            self.refusing.clone_from(refusing);
            let refusing = self.refusing.as_deref();
            metrics.store_degraded.set(i64::from(refusing.is_some()));
            self.readiness.set_store(refusing.map_or(Ok(()), |why| Err(why.to_owned())));
        }
    }
}
