//! How a connection ends (section 6, "Ending").

use std::time::Duration;

use super::{Close, CloseReason, Conversation, LeaveReason, Output, Stage};
use crate::conversation::outgoing::SEND_GAP;
use crate::framing::Mode;

/// The silence after a quit word in segment mode: an earlier answer can hang 000's client (section 3.7).
pub const QUIT_SILENCE: Duration = Duration::from_millis(300);
/// The gap before the shutdown word, and between it and the FIN (section 6, "Ending").
pub const SHUTDOWN_GAP: Duration = Duration::from_millis(200);
/// How long a stop waits for the queue of a segment-mode client; the whole server must stop within 5 s
/// (`interface.md`, "Signals").
pub const FLUSH_TIME_MAX: Duration = Duration::from_secs(3);

/// A connection on its way out.
#[derive(Debug)]
pub(super) enum Ending {
    /// A quit word came; nothing is sent until the silence is over.
    Silence {
        until: Duration,
        /// The reply word follows, if the dialect has one.
        answered: bool,
    },
    /// What is queued goes out first.
    Flush { until: Duration, shutdown: bool, how: Close, reason: CloseReason },
    /// The shutdown word comes next, alone.
    Shutdown { at: Duration, how: Close, reason: CloseReason },
    /// All is said.
    Close { at: Duration, how: Close, reason: CloseReason },
}

impl Ending {
    pub(super) fn timeout(&self) -> (Duration, &'static str) {
        match self {
            Self::Silence { until, .. } => (*until, "silence after the quit word"),
            Self::Flush { until, .. } => (*until, "queue before the close"),
            Self::Shutdown { at, .. } => (*at, "gap before the shutdown word"),
            Self::Close { at, .. } => (*at, "gap before the close"),
        }
    }
}

impl Conversation {
    /// A quit word or `/quit`: out of the room at once, then the answer, then the FIN.
    pub(super) fn quit(&mut self, leaving: LeaveReason, now: Duration) {
        let in_room = self.is_in_room();
        // The reply word answers a quit word, not a person's `/quit`; before registration there are only prompts.
        let answered = in_room && leaving == LeaveReason::QuitWord;
        if in_room {
            self.outputs.push_back(Output::Left { reason: leaving });
        }
        self.outgoing.clear();
        if let Mode::Line { .. } = self.framing.mode() {
            if answered {
                let reply = self.variant.quit_reply.clone();
                self.show(&reply);
            }
            self.flush_lines();
            self.close(Close::Fin, CloseReason::Quit);
        } else {
            self.stage = Stage::Ending(Ending::Silence { until: now + QUIT_SILENCE, answered });
        }
    }

    pub(super) fn end_of_input(&mut self, _now: Duration) {
        match self.stage {
            // The caller may still hold the answer for a name, and with it messages that came before the end.
            Stage::Naming(_) | Stage::Awaiting(_) | Stage::InRoom(_) => {
                self.framing.finish();
                self.input_ended = true;
            }
            Stage::Unopened => self.close(Close::Fin, CloseReason::EndOfInput),
            Stage::Ending(_) | Stage::Closed => {}
        }
    }

    pub(super) fn dismiss(&mut self, text: &str, now: Duration) {
        self.end(text, false, CloseReason::Dismissed, now);
    }

    pub(super) fn stop(&mut self, goodbye: &str, now: Duration) {
        let goodbye = if self.speaks_lines() { goodbye } else { "" };
        self.end(goodbye, true, CloseReason::Stopping, now);
    }

    fn end(&mut self, last_line: &str, shutdown: bool, reason: CloseReason, now: Duration) {
        if matches!(self.stage, Stage::Ending(_) | Stage::Closed) {
            return;
        }
        let how = self.server_close();
        if self.is_in_room() || self.speaks_lines() {
            self.show(last_line);
        }
        let shutdown = shutdown && !self.variant.shutdown.is_empty();
        if self.speaks_lines() {
            if shutdown {
                let word = self.variant.shutdown.clone();
                self.show(&word);
            }
            self.flush_lines();
            self.close(how, reason);
        } else {
            self.stage = Stage::Ending(Ending::Flush { until: now + FLUSH_TIME_MAX, shutdown, how, reason });
        }
    }

    /// Takes the steps of an ending whose time has come.
    pub(super) fn carry_on_ending(&mut self, now: Duration) {
        while let Stage::Ending(ending) = &mut self.stage {
            let next = match *ending {
                Ending::Silence { until, answered } if until <= now => {
                    let reply = self.variant.quit_reply.clone();
                    if answered && !reply.is_empty() {
                        self.show(&reply);
                        self.pump(now);
                    }
                    let at = if self.outgoing.last_send() == Some(now) { now + SEND_GAP } else { now };
                    Ending::Close { at, how: Close::Fin, reason: CloseReason::Quit }
                }
                Ending::Flush { until, shutdown, how, reason } if self.outgoing.is_empty() || until <= now => {
                    self.outgoing.clear();
                    if shutdown {
                        Ending::Shutdown { at: self.after_last_send(SHUTDOWN_GAP, now), how, reason }
                    } else {
                        // What a reset overtakes on its way out is lost, so it waits for the gap too.
                        Ending::Close { at: self.after_last_send(SEND_GAP, now), how, reason }
                    }
                }
                Ending::Shutdown { at, how, reason } if at <= now => {
                    let word = self.variant.shutdown.clone();
                    self.show(&word);
                    self.pump(now);
                    Ending::Close { at: now + SHUTDOWN_GAP, how, reason }
                }
                Ending::Close { at, how, reason } if at <= now => {
                    self.close(how, reason);
                    return;
                }
                _ => return,
            };
            self.stage = Stage::Ending(next);
        }
    }

    fn after_last_send(&self, gap: Duration, now: Duration) -> Duration {
        self.outgoing.last_send().map_or(now, |last| (last + gap).max(now))
    }

    fn close(&mut self, how: Close, reason: CloseReason) {
        self.outgoing.clear();
        self.stage = Stage::Closed;
        self.outputs.push_back(Output::Close { how, reason });
    }
}
