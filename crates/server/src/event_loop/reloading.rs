//! What the world asks of a running server: to stop, and to go by another configuration or another certificate.

use std::sync::Arc;

use chat::hall::Input;
use chat::time::Now;

use super::{EventLoop, GOODBYE};
use crate::translate;

impl EventLoop {
    pub(super) fn signals(&mut self, now: Now) {
        if self.prepared.signals.stop_asked() && self.stop_at.is_none() {
            tracing::info!("stopping");
            self.prepared.readiness.set_listening(false);
            // The doors are closed first: a client that reconnects at once would get back in while the server dies.
            self.sockets.close_doors(self.poll.registry());
            self.introductions.close();
            self.shard.stop(now);
            self.stop_at = Some(now.instant + GOODBYE);
        }
        if self.prepared.signals.take_reload() {
            // What is wrong stands in the log: nobody waits for an answer.
            let _ = self.reload(now);
        }
        if self.prepared.certificates.take_news() {
            self.apply_settings(now);
        }
    }

    /// Goes by the configuration as it is now; when it is wrong, by the old one, and says in one line what is wrong.
    pub(super) fn reload(&mut self, now: Now) -> Result<(), String> {
        match self.prepared.reload() {
            Err(errors) => {
                tracing::error!("the configuration is not reloaded: {errors}");
                Err(errors.to_string().lines().map(str::trim).collect::<Vec<_>>().join("; "))
            }
            Ok(sentences) => {
                for sentence in &sentences {
                    tracing::info!("{sentence}");
                }
                tracing::info!("the configuration is reloaded");
                self.workers.reload(self.prepared.config.operator.clone());
                self.prepared.certificates.reload();
                self.apply_settings(now);
                Ok(())
            }
        }
    }

    /// Has the hall and the sessions go by the configuration and the certificates as they are now.
    pub(super) fn apply_settings(&mut self, now: Now) {
        let config = &self.prepared.config;
        let sts = self.prepared.sts();
        let settings = translate::settings(config, &self.listens, sts, &self.secrets, self.started.wall);
        let settings = Arc::new(settings);
        // Sessions first: what the hall has to tell comes after its commit, to clients as they are by then.
        self.shard.reload(Arc::clone(&settings), config.limits.connections_per_address, now);
        let shard = &mut self.shard;
        let reloaded = Input::Settings(Arc::clone(&settings.chat));
        self.host.handle(reloaded, now, &mut |effect| shard.effect(&effect, now));
        self.retain(now);
    }
}
