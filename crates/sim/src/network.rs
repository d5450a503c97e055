//! Connections: bytes that are delayed, split and joined, cut off, half-closed, or not read.

use std::collections::VecDeque;
use std::time::Duration;

use chat::ids::SessionId;

use crate::random::Random;

/// What the kernels of both ends hold for one direction.
const SOCKET_BYTES: usize = 8 << 10;
/// What one read brings at most.
const READ_BYTES: usize = 4096;

/// Bytes under way, and when they arrive.
type Way = VecDeque<(Duration, Vec<u8>)>;

/// One connection between a client and the server.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) client: usize,
    /// `None` when the server has let go of it.
    pub(crate) session: Option<SessionId>,
    up: Way,
    /// Arrived, not read by the server yet.
    arrived: VecDeque<u8>,
    /// The client has closed its half; the server hears it when it has read all.
    half_closed: bool,
    down: Way,
    down_bytes: usize,
    /// The client does not read until then.
    pub(crate) stalled_until: Duration,
    /// The server was told that the socket takes nothing.
    pub(crate) refused: bool,
    /// The server has closed: after the last bytes, the client hears it.
    closed: bool,
}

impl Link {
    pub(crate) fn new(client: usize, session: SessionId) -> Self {
        Self {
            client,
            session: Some(session),
            up: Way::new(),
            arrived: VecDeque::new(),
            half_closed: false,
            down: Way::new(),
            down_bytes: 0,
            stalled_until: Duration::ZERO,
            refused: false,
            closed: false,
        }
    }

    /// The client sends.
    pub(crate) fn send(&mut self, bytes: &[u8], now: Duration, random: &mut Random) {
        put(&mut self.up, bytes, now, random);
    }

    /// The client will send no more.
    pub(crate) fn half_close(&mut self) {
        self.half_closed = true;
    }

    /// The server writes; returns how much the socket takes.
    pub(crate) fn write(&mut self, bytes: &[u8], now: Duration, random: &mut Random) -> usize {
        let room = SOCKET_BYTES.saturating_sub(self.down_bytes);
        let taken = bytes.len().min(room);
        self.down_bytes += taken;
        put(&mut self.down, &bytes[..taken], now, random);
        self.refused |= taken < bytes.len();
        taken
    }

    /// The server closes: what it wrote still arrives, or not when it resets.
    pub(crate) fn close(&mut self, reset: bool) {
        self.session = None;
        self.closed = true;
        if reset {
            self.down.clear();
        }
    }

    /// When something is to happen here next.
    pub(crate) fn due(&self) -> Option<Duration> {
        let down = self.down.front().map(|(at, _)| *at).or(self.closed.then_some(Duration::ZERO));
        let up = self.up.front().map(|(at, _)| *at).filter(|_| self.session.is_some());
        [up, down.map(|at| at.max(self.stalled_until))].into_iter().flatten().min()
    }

    pub(crate) fn up_is_due(&self, now: Duration) -> bool {
        self.session.is_some() && self.up.front().is_some_and(|(at, _)| *at <= now)
    }

    pub(crate) fn down_is_due(&self, now: Duration) -> bool {
        now >= self.stalled_until
            && (self.down.front().is_some_and(|(at, _)| *at <= now) || self.closed && self.down.is_empty())
    }

    /// Lets arrive at the server what is due.
    pub(crate) fn arrive(&mut self, now: Duration) {
        while let Some((_, bytes)) = self.up.pop_front_if(|(at, _)| *at <= now) {
            self.arrived.extend(bytes);
        }
    }

    /// Takes what arrives at the client now; `Some` of nothing is the end.
    pub(crate) fn take(&mut self, now: Duration) -> Option<Vec<u8>> {
        if now < self.stalled_until {
            return None;
        }
        match self.down.pop_front_if(|(at, _)| *at <= now) {
            Some((_, bytes)) => {
                self.down_bytes -= bytes.len();
                Some(bytes)
            }
            None => (self.closed && self.down.is_empty()).then(Vec::new),
        }
    }

    /// Tells whether the socket takes bytes again that it refused.
    pub(crate) fn takes_again(&mut self) -> bool {
        self.down_bytes < SOCKET_BYTES && std::mem::take(&mut self.refused)
    }

    /// Tells whether the server can read something.
    pub(crate) fn is_readable(&self) -> bool {
        self.session.is_some() && (!self.arrived.is_empty() || self.is_at_end())
    }

    fn is_at_end(&self) -> bool {
        self.half_closed && self.up.is_empty() && self.arrived.is_empty()
    }

    /// One read of the server: `Some` of nothing is the end, which is read once.
    pub(crate) fn read(&mut self, random: &mut Random) -> Option<Vec<u8>> {
        if self.is_at_end() {
            self.half_closed = false;
            return Some(Vec::new());
        }
        if self.arrived.is_empty() {
            return None;
        }
        let most = if random.chance(200) { 1 + random.below(40) } else { READ_BYTES };
        Some(self.arrived.drain(..most.min(self.arrived.len())).collect())
    }
}

/// Sends bytes on their way: mostly whole, sometimes in pieces cut anywhere, never overtaking each other.
fn put(way: &mut Way, bytes: &[u8], now: Duration, random: &mut Random) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let count = if random.chance(150) { 1 + random.below(rest.len()) } else { rest.len() };
        let latency = if random.chance(30) { random.of(50..1500) } else { random.of(1..40) };
        let at = (now + Duration::from_millis(latency)).max(way.back().map_or(now, |(at, _)| *at));
        way.push_back((at, rest[..count].to_vec()));
        rest = &rest[count..];
    }
}
