//! Metrics: what has happened since they were brought up to date last.

use std::time::Duration;

use super::EventLoop;

impl EventLoop {
    /// Brings the metrics up to date.
    pub(super) fn count(&mut self) {
        let metrics = &self.prepared.metrics;
        let stats = self.shard.stats;
        metrics.deliveries.inc_by(stats.deliveries - self.counted.deliveries);
        metrics.sends.inc_by(stats.writes - self.counted.writes);
        metrics.bytes_received.inc_by(stats.bytes_in - self.counted.bytes_in);
        metrics.bytes_sent.inc_by(stats.bytes_out - self.counted.bytes_out);
        metrics.slow_readers_closed.inc_by(stats.slow_readers - self.counted.slow_readers);
        metrics.sessions_registered.inc_by(stats.registered - self.counted.registered);
        metrics.messages.inc_by(self.host.log().messages - self.counted_messages);
        metrics.hall_queue.set(i64::try_from(self.host.hall().held()).unwrap_or(i64::MAX));
        let census = self.shard.census();
        let gauge = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        metrics.connections_open.undecided.set(gauge(census.undecided));
        // HTTP connections are counted in the same gauge by their thread.
        metrics.connections_open.web.inc_by(gauge(census.web) - self.counted_web);
        self.counted_web = gauge(census.web);
        metrics.connections_open.irc.set(gauge(census.irc));
        metrics.connections_open.plain.set(gauge(census.plain));
        self.counted = stats;
        self.counted_messages = self.host.log().messages;
        let store = self.host.log().stats();
        metrics.facts_committed.inc_by(store.facts - self.counted_store.facts);
        let commits = store.commits - self.counted_store.commits;
        metrics.commit_groups.inc_by(commits);
        let micros = store.commit_micros - self.counted_store.commit_micros;
        for _ in 0..commits {
            // Groups that were committed since the last turn share their time: seldom more than one.
            metrics.commit_seconds.observe(Duration::from_micros(micros / commits).as_secs_f64());
        }
        metrics.search_lag_facts.set(i64::try_from(store.unindexed_facts).unwrap_or(i64::MAX));
        self.counted_store = store;
        if self.counted_refusing != self.host.log().refusing {
            self.counted_refusing.clone_from(&self.host.log().refusing);
            let refusing = self.counted_refusing.as_deref();
            metrics.store_degraded.set(i64::from(refusing.is_some()));
            self.prepared.readiness.set_store(refusing.map_or(Ok(()), |why| Err(why.to_owned())));
        }
    }
}
