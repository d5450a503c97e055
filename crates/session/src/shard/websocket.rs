//! Connections that have become WebSockets: IRC in frames, which are taken apart and answered at the socket.

use chat::ids::SessionId;
use chat::time::Now;

use super::Shard;
use super::connections::{Entry, Talk};
use super::framing::Framing;
use super::outgoing::Source;
use crate::irc_session::IrcSession;
use crate::parting::TurnedAway;
use crate::settings::Peer;

impl Shard {
    /// Takes a connection that has become a WebSocket: nobody has to guess that it speaks IRC.
    ///
    /// # Errors
    /// When there are too many from its address already: what to tell it before it is closed.
    pub fn accept_websocket(
        &mut self,
        door: u16,
        peer: Peer,
        framing: Framing,
        now: Now,
    ) -> Result<SessionId, TurnedAway> {
        let is_counted = self.admit(&peer, now)?;
        let (slot, id) = self.connections.insert(|id| Entry {
            framing,
            talk: Talk::Irc(Box::new(IrcSession::new(now))),
            ..Entry::new(id, door, peer, is_counted, now.instant)
        });
        self.census.web += 1;
        self.schedule(slot);
        Ok(id)
    }

    /// Takes what one read of a WebSocket brought: its lines, and the frames that answer its control frames. `closes` says
    /// that the last of these is a close.
    pub fn receive_unframed(&mut self, session: SessionId, lines: &[u8], reply: &[u8], closes: bool, now: Now) {
        // A ping is nobody's word: who sends nothing else is asked whether they are still there.
        if !lines.is_empty() {
            self.receive(session, lines, now);
        }
        let Some(slot) = self.connections.find(session) else { return };
        let Some(entry) = self.connections.get_mut(slot) else { return };
        if !entry.is_shut && !reply.is_empty() {
            let start = self.turn.answers.len();
            self.turn.answers.extend_from_slice(reply);
            entry.outgoing.push(Source::Answers, start..self.turn.answers.len(), &mut self.turn.pieces);
            entry.is_shut = closes;
            self.mark_answered(slot);
        }
    }
}
