//! The end of a turn: each connection's bytes leave in one piece, and what that means for it.

use chat::ids::SessionId;
use chat::time::Now;

use super::connections::{Due, Talk};
use super::outgoing::{Outgoing, Pieces};
use super::rooms::Slot;
use super::{CloseHow, Shard, ToWrite, WriteFailed};
use crate::parting;

/// To how many connections one flush writes what others did: a write costs some microseconds, and those whose turn it is not yet are
/// not to keep everybody waiting. What comes for them until it is their turn leaves in the same write. And what is said meanwhile is on
/// its way to the disk while the rest is written to: with 256, the disk waited for all of a room of a hundred, and the room then for the
/// disk.
const BROADCAST_WRITES: usize = 32;

/// In how many turns everybody's turn comes at the latest: where more wait, a flush writes to more. In a room of ten thousand, each would
/// have some hundred kilobytes waiting else when it comes.
const ROUND_TURNS_MAX: usize = 128;

/// What of the buffer in which pieces are joined stays allocated between turns, in bytes.
const SCRATCH_BYTES_KEPT: usize = 256 * 1024;

impl Shard {
    /// Notes that a session's socket takes bytes again.
    pub fn writable(&mut self, session: SessionId) {
        let Some(slot) = self.connections.find(session) else { return };
        if let Some(entry) = self.connections.get_mut(slot) {
            entry.blocked = false;
        }
        self.mark_due(slot);
    }

    /// Ends the turn: gives connections' bytes to `write`, each in one piece; it returns how many the socket took.
    ///
    /// Who has an answer is written to now. Of those who only hear what others did, as many as a turn may take; the rest comes round
    /// in the next turns, with what is added until then ([`Self::has_dirty`]).
    pub fn flush(&mut self, now: Now, mut write: impl FnMut(ToWrite<'_>) -> Result<usize, WriteFailed>) {
        // Writing may cause more to write (a plain client's next send): such a connection comes round again next turn.
        for _ in 0..self.answered.len() {
            if let Some(slot) = self.answered.pop_front() {
                self.flush_one(slot, now, &mut write);
            }
        }
        for _ in 0..BROADCAST_WRITES.max(self.heard.len() / ROUND_TURNS_MAX) {
            let Some(slot) = self.next_who_heard() else { break };
            self.flush_one(slot, now, &mut write);
        }
        if self.turn.is_full() {
            self.keep_what_waits(|_, _| true);
            self.turn.clear();
        } else if !self.has_dirty() {
            self.turn.clear();
        } else if self.turn.is_full_of_answers() {
            self.keep_what_waits(Outgoing::has_answers);
            self.turn.clear_answers();
        }
        self.scratch.clear();
        self.scratch.shrink_to(SCRATCH_BYTES_KEPT);
    }

    /// Returns who is the next to be written to of those who only hear. Who has had an answer since it was put there was written to.
    fn next_who_heard(&mut self) -> Option<Slot> {
        loop {
            let slot = self.heard.pop_front()?;
            if self.connections.get(slot).is_some_and(|entry| entry.due == Due::Heard) {
                return Some(slot);
            }
        }
    }

    /// Has those connections that wait for their turn keep what the turn's buffers have for them.
    fn keep_what_waits(&mut self, concerns: impl Fn(&Outgoing, &Pieces) -> bool) {
        for slot in self.answered.iter().chain(&self.heard) {
            if let Some(entry) = self.connections.get_mut(*slot)
                && concerns(&entry.outgoing, &self.turn.pieces)
            {
                entry.outgoing.keep(&self.turn);
            }
        }
    }

    fn flush_one(&mut self, slot: Slot, now: Now, write: &mut impl FnMut(ToWrite<'_>) -> Result<usize, WriteFailed>) {
        let Some(entry) = self.connections.get_mut(slot) else { return };
        entry.due = Due::Nothing;
        let id = entry.id;
        let stats = &mut self.stats;
        let outcome = if entry.blocked {
            entry.outgoing.keep(&self.turn);
            Ok(())
        } else {
            let is_last = entry.closing.is_some_and(|(how, _)| how == CloseHow::Fin);
            entry.outgoing.write(&self.turn, &mut self.scratch, |bytes| {
                let taken = write(ToWrite { session: id, bytes, is_last })?;
                stats.writes += 1;
                stats.bytes_out += taken as u64;
                Ok(taken)
            })
        };
        let is_blocked = entry.outgoing.is_blocked();
        entry.blocked = is_blocked;
        let too_much = entry.outgoing.bytes() > self.settings.sendq_bytes;
        if outcome == Err(WriteFailed) {
            self.lost(id, now);
        } else if too_much {
            self.overflow(slot, now);
        } else if core::mem::replace(&mut entry.told_blocked, is_blocked) != is_blocked {
            let news = if is_blocked { plain::Input::SendBlocked } else { plain::Input::SendReady };
            self.with(slot, now, |talk, cx| {
                if let Talk::Classroom(classroom) = talk {
                    classroom.handle(news, cx);
                }
            });
        }
        self.close_when_flushed(slot, now);
    }

    /// Tells whether anything waits to be written that was not refused by its socket.
    pub fn has_dirty(&self) -> bool {
        !(self.answered.is_empty() && self.heard.is_empty())
    }

    /// A session that does not read hurts itself only: it is closed, and history lets it catch up.
    fn overflow(&mut self, slot: Slot, now: Now) {
        self.stats.slow_readers += 1;
        self.with(slot, now, |talk, cx| match talk {
            Talk::Irc(irc) => irc.leave(parting::SENDQ_EXCEEDED, cx),
            Talk::Classroom(classroom) => classroom.handle(plain::Input::Lost, cx),
            Talk::Doorway(_) | Talk::Over => {}
        });
        self.close(slot, CloseHow::Reset);
    }

    fn close_when_flushed(&mut self, slot: Slot, now: Now) {
        let Some(entry) = self.connections.get_mut(slot) else { return };
        let Some((how, until)) = entry.closing else { return };
        if how == CloseHow::Reset || entry.outgoing.bytes() == 0 || until <= now.instant {
            self.close(slot, how);
        }
    }

    /// Notes that a connection is to be written to: in this turn, unless it waits for its turn among those who only hear.
    pub(super) fn mark_due(&mut self, slot: Slot) {
        if self.connections.get(slot).is_some_and(|entry| entry.due == Due::Nothing) {
            self.mark_answered(slot);
        }
    }

    /// Notes that a connection is to be written to in this turn.
    pub(super) fn mark_answered(&mut self, slot: Slot) {
        if let Some(entry) = self.connections.get_mut(slot)
            && core::mem::replace(&mut entry.due, Due::Answered) != Due::Answered
        {
            self.answered.push_back(slot);
        }
    }
}
