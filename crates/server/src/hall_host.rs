//! Where the hall runs. Inline: on the only shard's thread, the log answering `Ordered` within the call.

use std::sync::Arc;

use chat::fact::Fact;
use chat::hall::Input;
use chat::history::{Found, Happening, Query};
use chat::ids::{Seq, SessionId, Ticket};
use chat::rows::RowChange;
use chat::time::Timestamp;
use chat::world::World;
use session::host::{Host, Log, WAITING_MAX};
use store::{EmbeddedLog, News, Reader};

/// The hall with the store.
pub type HallHost = Host<KeptLog>;

/// Tells whether hall and log take no more for now, so that nobody is to read from sockets.
pub fn is_full(host: &HallHost) -> bool {
    host.log().is_full() || host.waiting() >= WAITING_MAX
}

/// The store as the hall's log, which tells the operator of the server how it is.
#[derive(Debug)]
pub struct KeptLog {
    log: EmbeddedLog,
    reader: Reader,
    /// Why the log takes nothing, while it does not.
    pub refusing: Option<Arc<str>>,
    /// How many messages were ordered.
    pub messages: u64,
}

impl KeptLog {
    /// Brings both sides of the store together.
    pub fn new(log: EmbeddedLog, reader: Reader) -> Self {
        Self { log, reader, refusing: None, messages: 0 }
    }

    /// Returns the counts.
    pub fn stats(&self) -> store::Stats {
        self.log.stats()
    }

    /// Tells whether nothing more is to be read from sockets for now.
    pub fn is_full(&self) -> bool {
        self.log.is_full()
    }

    /// Has the store remove what is not to be kept.
    pub fn keep_only(&mut self, keep: store::Keep) {
        self.log.keep_only(keep);
    }

    /// Appends what was said elsewhere; nobody hears of it.
    pub fn take_in(&mut self, page: store::Page) {
        self.log.take_in(page);
    }

    /// Writes everything and closes the log.
    ///
    /// # Errors
    /// When facts could not be written.
    pub fn close(self) -> Result<(), store::CloseError> {
        self.log.close()
    }
}

impl Log for KeptLog {
    fn order(&mut self, _: Ticket, fact: &Arc<Fact>, world: &World, now: Timestamp) -> Option<(Seq, Timestamp)> {
        self.messages += u64::from(!fact.changes_state());
        tell_operator(fact, world);
        Some(self.log.order(Arc::clone(fact), now))
    }

    fn keep(&mut self, change: RowChange) {
        self.log.keep(change);
    }

    fn file(&mut self, seq: Seq, at: Timestamp, happening: Box<Happening>) {
        self.log.file(seq, at, happening);
    }

    fn ask(&mut self, session: SessionId, query: Query) {
        self.reader.ask(session, query);
    }

    fn flush(&mut self) {
        self.log.flush();
    }

    fn news(&mut self) -> Vec<Input> {
        let mut inputs = Vec::new();
        for news in self.log.news() {
            match &news {
                News::Refuses { why } => {
                    tracing::error!(%why, "the log takes nothing: messages are refused until it does");
                    self.refusing = Some(Arc::clone(why));
                }
                News::Accepts => {
                    tracing::info!("the log takes facts again");
                    self.refusing = None;
                }
                News::Committed(_) | News::Voided { .. } => {}
            }
            inputs.push(news.into());
        }
        for answer in self.reader.answers() {
            if let Found::Trouble(why) = &answer.found {
                tracing::error!(%why, "history cannot be read");
            }
            inputs.push(answer.into());
        }
        inputs
    }
}

/// Writes into the log who comes and goes, never what they say; `RUST_LOG=info,people=warn` leaves it out.
fn tell_operator(fact: &Fact, world: &World) {
    match fact {
        Fact::UserConnected { person, .. } => {
            tracing::info!(target: "people", name = person.shown(), mask = %person.mask(), "connected");
        }
        Fact::UserQuit { user, .. } | Fact::SessionDetached { user, .. } => {
            let is_last = |user: &&chat::user::User| matches!(fact, Fact::UserQuit { .. }) || user.connections <= 1;
            if let Some(user) = world.users.get(user).filter(is_last) {
                let person = &user.person;
                tracing::info!(target: "people", name = person.shown(), mask = %person.mask(), "left");
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
