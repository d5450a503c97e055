//! The end of a turn: each connection's bytes leave in one piece, and what that means for it.

use chat::ids::SessionId;
use chat::time::Now;

use super::connections::Talk;
use super::rooms::Slot;
use super::{CloseHow, Shard, WriteFailed};
use crate::parting;

/// What of the turn's buffers stays allocated between turns, in bytes.
const TURN_BYTES_KEPT: usize = 256 * 1024;

impl Shard {
    /// Notes that a session's socket takes bytes again.
    pub fn writable(&mut self, session: SessionId) {
        let Some(slot) = self.connections.find(session) else { return };
        if let Some(entry) = self.connections.get_mut(slot) {
            entry.blocked = false;
        }
        self.mark_dirty(slot);
    }

    /// Ends the turn: gives each connection's bytes to `write` in one piece, which returns how many the socket took.
    pub fn flush(&mut self, now: Now, mut write: impl FnMut(SessionId, &[u8]) -> Result<usize, WriteFailed>) {
        // Writing may cause more to write (a plain client's next send): such a connection comes round again next turn.
        for slot in core::mem::take(&mut self.dirty) {
            let Some(entry) = self.connections.get_mut(slot) else { continue };
            entry.dirty = false;
            let id = entry.id;
            let stats = &mut self.stats;
            let outcome = if entry.blocked {
                entry.outgoing.keep(&self.turn);
                Ok(())
            } else {
                entry.outgoing.write(&self.turn, &mut self.scratch, |piece| {
                    let taken = write(id, piece)?;
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
        // What was written to the turn's buffer meanwhile (a goodbye, a next send) is kept with its connections.
        for slot in &self.dirty {
            if let Some(entry) = self.connections.get_mut(*slot) {
                entry.outgoing.keep(&self.turn);
            }
        }
        self.turn.clear();
        self.turn.shrink_to(TURN_BYTES_KEPT);
        self.scratch.clear();
        self.scratch.shrink_to(TURN_BYTES_KEPT);
    }

    /// Tells whether anything waits to be written that was not refused by its socket.
    pub fn has_dirty(&self) -> bool {
        !self.dirty.is_empty()
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

    pub(super) fn mark_dirty(&mut self, slot: Slot) {
        if let Some(entry) = self.connections.get_mut(slot)
            && !entry.dirty
        {
            entry.dirty = true;
            self.dirty.push(slot);
        }
    }
}
