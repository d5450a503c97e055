//! What is asked of invitations.

use std::sync::Arc;

/// What may be asked of invitations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationCommand {
    /// Makes one.
    Create {
        /// The word, to be told to whoever asks.
        word: Arc<str>,
        /// Its hash.
        hash: Arc<str>,
        /// How many accounts it can make.
        uses: u32,
        /// For how long.
        time: Option<core::time::Duration>,
        /// Whether who uses it becomes an operator; for the owner of the server.
        operator: bool,
    },
    /// Asks which there are.
    List,
    /// Ends one.
    Revoke {
        /// As typed.
        id: Box<str>,
    },
}
