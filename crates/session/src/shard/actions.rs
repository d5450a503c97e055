//! What a shard wants done with sockets, and by others.

use chat::ids::SessionId;

use crate::settings::Peer;
use crate::work::Work;

/// How a socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseHow {
    /// By FIN, after all bytes.
    Fin,
    /// By reset.
    Reset,
}

/// Bytes that one socket is to take.
#[derive(Clone, Copy, Debug)]
pub struct ToWrite<'a> {
    /// Whose socket.
    pub session: SessionId,
    /// At least one.
    pub bytes: &'a [u8],
    /// Whether the socket is closed by FIN as soon as it has taken them ([`Action::Close`]): then both can leave in one segment.
    pub is_last: bool,
}

/// What the event loop is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Close the socket; the session is forgotten.
    Close {
        /// Whose.
        session: SessionId,
        /// By FIN or reset.
        how: CloseHow,
    },
    /// Give the socket to the web server, with what was read; the session is forgotten.
    HandOff {
        /// Whose.
        session: SessionId,
        /// What was read.
        bytes: Vec<u8>,
        /// The other end.
        peer: Peer,
        /// The door it came by.
        door: u16,
    },
    /// Speak TLS on the socket from now on, and say by [`super::Shard::secured`] when the handshake has ended.
    StartTls {
        /// Whose.
        session: SessionId,
        /// The door it came by.
        door: u16,
        /// What was read of the handshake.
        bytes: Vec<u8>,
    },
    /// Have this done by a worker, and say what came of it by [`super::Shard::worked`]. A session wants one thing at a time.
    Work {
        /// Who asks.
        session: SessionId,
        /// What.
        work: Work,
    },
    /// Read the configuration again.
    Rehash {
        /// Who asked.
        session: SessionId,
    },
}

/// What became of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteFailed;
