//! What a shard counts, for the metrics.

use super::connections::Talk;
use super::framing::Framing;

/// What has happened since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Events put into a session's queue.
    pub deliveries: u64,
    /// Writes.
    pub writes: u64,
    /// Bytes written.
    pub bytes_out: u64,
    /// Bytes read.
    pub bytes_in: u64,
    /// Sessions closed because they did not read.
    pub slow_readers: u64,
    /// Connections that became users.
    pub registered: u64,
}

/// The connections by what they speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Not known yet.
    pub undecided: usize,
    /// IRC by WebSocket.
    pub web: usize,
    /// IRC.
    pub irc: usize,
    /// Plain.
    pub plain: usize,
}

impl Census {
    pub(super) fn of(&mut self, talk: &Talk, framing: Framing) -> &mut usize {
        match talk {
            Talk::Doorway(_) | Talk::Over => &mut self.undecided,
            Talk::Irc(_) if framing.is_websocket() => &mut self.web,
            Talk::Irc(_) => &mut self.irc,
            Talk::Classroom(_) => &mut self.plain,
        }
    }
}
