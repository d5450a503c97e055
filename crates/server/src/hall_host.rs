//! Where the hall runs. Inline: on the only shard's thread, the log answering `Ordered` within the call.

use std::sync::Arc;

use chat::command::Request;
use chat::effect::Effect;
use chat::fact::Fact;
use chat::hall::{Hall, Input, Output};
use chat::history::Found;
use chat::time::Now;
use store::{EmbeddedLog, News, Reader};

/// The hall with its log, on one thread.
#[derive(Debug)]
pub struct HallHost {
    hall: Hall,
    log: EmbeddedLog,
    reader: Reader,
    /// Why the log takes nothing, while it does not.
    pub refusing: Option<Arc<str>>,
    /// How many messages were ordered.
    pub messages: u64,
}

impl HallHost {
    /// Brings them together, and records what the hall begins with.
    pub fn new(hall: Hall, log: EmbeddedLog, reader: Reader, now: Now) -> Self {
        let mut host = Self { hall, log, reader, refusing: None, messages: 0 };
        host.drain(now, &mut |_| {});
        host.log.flush();
        host
    }

    /// Returns the hall, to look at.
    pub fn hall(&self) -> &Hall {
        &self.hall
    }

    /// Returns the log, to look at.
    pub fn log(&self) -> &EmbeddedLog {
        &self.log
    }

    /// Lets the hall take a request.
    pub fn request(&mut self, request: Request, now: Now, effect: &mut impl FnMut(Effect)) {
        self.hall.handle(Input::Request(request), now);
        self.drain(now, effect);
    }

    /// Lets the hall go by other settings.
    pub fn reload(&mut self, settings: Arc<chat::settings::Settings>, now: Now, effect: &mut impl FnMut(Effect)) {
        self.hall.handle(Input::Settings(settings), now);
        self.drain(now, effect);
    }

    /// Takes what the log and the store have to say. Returns whether there was anything.
    pub fn news(&mut self, now: Now, effect: &mut impl FnMut(Effect)) -> bool {
        let mut any = false;
        for news in self.log.news() {
            any = true;
            let input = match news {
                News::Committed(through) => Input::Committed(through),
                News::Voided { facts, why } => Input::Voided { facts, why },
                News::Refuses { why } => {
                    tracing::error!(%why, "the log takes nothing: messages are refused until it does");
                    self.refusing = Some(Arc::clone(&why));
                    Input::LogRefuses { why }
                }
                News::Accepts => {
                    tracing::info!("the log takes facts again");
                    self.refusing = None;
                    Input::LogAccepts
                }
            };
            self.hall.handle(input, now);
            self.drain(now, effect);
        }
        for answer in self.reader.answers() {
            any = true;
            if let Found::Trouble(why) = &answer.found {
                tracing::error!(%why, "history cannot be read");
            }
            self.hall.handle(Input::Found { session: answer.session, found: answer.found }, now);
            self.drain(now, effect);
        }
        any
    }

    /// Has the store remove what is not to be kept.
    pub fn keep_only(&mut self, keep: store::Keep) {
        self.log.keep_only(keep);
    }

    /// Ends a turn: what was ordered in it goes to the disk as one group.
    pub fn flush(&mut self) {
        self.log.flush();
    }

    /// Writes everything and closes the log.
    ///
    /// # Errors
    /// When facts could not be written.
    pub fn close(self) -> Result<(), store::CloseError> {
        self.log.close()
    }

    /// Writes into the log who comes and goes, never what they say; `RUST_LOG=info,people=warn` leaves it out.
    fn tell_operator(&self, fact: &Fact) {
        match fact {
            Fact::UserConnected { person, .. } => {
                tracing::info!(target: "people", name = person.shown(), mask = %person.mask(), "connected");
            }
            Fact::UserQuit { user, .. } | Fact::SessionDetached { user, .. } => {
                let is_last = |user: &&chat::user::User| matches!(fact, Fact::UserQuit { .. }) || user.connections <= 1;
                if let Some(user) = self.hall.world().users.get(user).filter(is_last) {
                    let person = &user.person;
                    tracing::info!(target: "people", name = person.shown(), mask = %person.mask(), "left");
                }
            }
            _ => {}
        }
    }

    fn drain(&mut self, now: Now, effect: &mut impl FnMut(Effect)) {
        while let Some(output) = self.hall.poll_output() {
            match output {
                Output::Append { ticket, fact } => {
                    self.messages += u64::from(!fact.changes_state());
                    self.tell_operator(&fact);
                    let (seq, at) = self.log.order(Arc::clone(&fact), now.wall);
                    self.hall.handle(Input::Ordered { ticket, fact, seq, at }, now);
                }
                Output::Keep(row) => self.log.keep(row),
                Output::Effect(one) => effect(one),
                Output::File { seq, at, happening } => self.log.file(seq, at, happening),
                Output::Query { session, query } => self.reader.ask(session, query),
            }
        }
    }
}

#[cfg(test)]
mod tests;
