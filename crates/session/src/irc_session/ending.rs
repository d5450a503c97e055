//! How an IRC connection ends: by time, by its own wish, by the server's; and what is due before that.

use chat::command::{Command, Request};
use chat::time::Instant;
use irc::write::LineWriter;

use super::{Asked, Cx, IrcSession, Stage};
use crate::settings::Settings;
use crate::shard::{Action, CloseHow};

impl IrcSession {
    /// Returns when the session is to be woken at the latest.
    pub fn timeout(&self, settings: &Settings) -> Option<Instant> {
        let by_stage = match &self.stage {
            _ if self.leaving => None,
            Stage::Greeting(greeting) | Stage::Entering(greeting) => Some(greeting.opened + settings.registration_time),
            Stage::Registered => Some(self.quiet_since + settings.ping_time),
            Stage::Closing => None,
        };
        [by_stage, self.busy.resume_at, self.batch_timeout()].into_iter().flatten().min()
    }

    /// Does what is due.
    pub fn wake(&mut self, cx: &mut Cx<'_>) {
        let now = cx.now.instant;
        if self.busy.resume_at.is_some_and(|at| at <= now) {
            self.busy.resume_at = None;
            self.resume(cx);
        }
        if self.batch_timeout().is_some_and(|at| at <= now) {
            self.batch_timed_out(cx);
        }
        if self.timeout(cx.settings).is_none_or(|due| due > now) {
            return;
        }
        match &self.stage {
            Stage::Registered if !self.is_pinged => {
                self.is_pinged = true;
                self.quiet_since = now;
                let name = cx.settings.server_name();
                LineWriter::new(cx.out).command("PING").trailing(name).end();
            }
            Stage::Registered => {
                let seconds = cx.settings.ping_time.as_secs();
                self.leave(&format!("Ping timeout: {seconds} seconds"), cx);
            }
            Stage::Greeting(_) | Stage::Entering(_) => self.leave("Registration timed out", cx),
            Stage::Closing => {}
        }
    }

    /// Leaves for a reason: a user's departure is the hall's to decide, anybody else is closed at once.
    pub fn leave(&mut self, reason: &str, cx: &mut Cx<'_>) {
        if self.leaving {
            return;
        }
        if self.is_known_to_hall() {
            self.leaving = true;
            cx.requests.push(Request {
                session: cx.id,
                commands: smallvec::smallvec![Command::Quit { reason: reason.into() }],
            });
            self.busy.asked.push_back(Asked { label: None, id: None, service: None, lines: Vec::new() });
        } else {
            self.close(reason, cx);
        }
    }

    /// Says `ERROR` and asks for the connection to be closed.
    pub fn close(&mut self, reason: &str, cx: &mut Cx<'_>) {
        if self.is_closing() {
            return;
        }
        let host = cx.settings.cloak.host(cx.peer.address);
        let text = format!("Closing Link: {host} ({reason})");
        LineWriter::new(cx.out).command("ERROR").trailing(&text).end_cut();
        self.stage = Stage::Closing;
        self.busy.held = Vec::new();
        cx.actions.push(Action::Close { session: cx.id, how: CloseHow::Fin });
    }
}
