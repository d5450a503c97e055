//! What the world asks of a running server: to stop, and to go by another configuration or another certificate.

use std::sync::Arc;

use chat::ids::SessionId;
use chat::time::Now;

use super::EventLoop;
use super::mail::Mail;
use crate::translate;

/// A reload on its way to all threads. When the last one goes by the new configuration, and so drops this, the log says that
/// it is reloaded: what anybody asks after that line is answered by the new one.
pub(super) struct Reloaded;

impl Drop for Reloaded {
    fn drop(&mut self) {
        tracing::info!("the configuration is reloaded");
    }
}

impl EventLoop {
    pub(super) fn signals(&mut self, now: Now) {
        let Some(front) = &mut self.front else { return };
        if front.prepared.signals.stop_asked() && self.stop_at.is_none() {
            tracing::info!("stopping");
            front.prepared.readiness.set_listening(false);
            // The doors are closed first: a client that reconnects at once would get back in while the server dies.
            self.sockets.close_doors(self.poll.registry());
            front.introductions.close();
            self.house.post.send_to_others(|| Mail::Stop);
            self.say_goodbye(now);
        }
        let Some(front) = &self.front else { return };
        let (reload, news) = (front.prepared.signals.take_reload(), front.prepared.certificates.take_news());
        if reload {
            // What is wrong stands in the log: nobody waits for an answer.
            let _ = self.reload(now);
        }
        if news {
            self.apply_settings(now, None);
        }
    }

    /// Reads the configuration again for an operator.
    pub(super) fn rehash(&mut self, session: SessionId, now: Now) {
        if let Err(why) = self.reload(now) {
            self.house.post.send_to(session, Mail::RehashFailed(session, why.into()));
        }
    }

    /// Goes by the configuration as it is now; when it is wrong, by the old one, and says in one line what is wrong.
    fn reload(&mut self, now: Now) -> Result<(), String> {
        let Some(front) = &mut self.front else { return Ok(()) };
        match front.prepared.reload() {
            Err(errors) => {
                tracing::error!("the configuration is not reloaded: {errors}");
                Err(errors.to_string().lines().map(str::trim).collect::<Vec<_>>().join("; "))
            }
            Ok(sentences) => {
                for sentence in &sentences {
                    tracing::info!("{sentence}");
                }
                self.house.workers.reload(front.prepared.config.operator.clone());
                front.prepared.certificates.reload();
                self.apply_settings(now, Some(Arc::new(Reloaded)));
                Ok(())
            }
        }
    }

    /// Has the hall and the sessions go by the configuration and the certificates as they are now; who does so drops
    /// `reloaded`.
    fn apply_settings(&mut self, now: Now, reloaded: Option<Arc<Reloaded>>) {
        let Some(front) = &self.front else { return };
        front.reload_filehost();
        let (config, told) = (&front.prepared.config, front.prepared.told());
        let settings = translate::settings(config, &self.house.listens, told, &front.secrets, front.started.wall);
        let settings = Arc::new(settings);
        front.reload_pusher(&settings);
        let per_address = config.limits.connections_per_address;
        // Sessions first: what the hall has to tell comes after its commit, to clients as they are by then.
        self.house.post.send_to_others(|| Mail::Reload(Arc::clone(&settings), per_address, reloaded.clone()));
        self.shard.reload(Arc::clone(&settings), per_address, now);
        let shard = &mut self.shard;
        self.seat.reload(Arc::clone(&settings.chat), reloaded, now, &mut |effect| shard.effect(&effect, now));
        self.retain(now);
    }
}
