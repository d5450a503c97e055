//! What is told of invitations.

use std::sync::Arc;

use crate::invitation::Invitation;

/// What is told of invitations.
#[derive(Clone, Debug)]
pub enum InvitationReply {
    /// There is one more.
    Created {
        /// It.
        invitation: Box<Invitation>,
        /// The word.
        word: Arc<str>,
    },
    /// Those that can be used.
    List(Vec<Invitation>),
    /// It is no more.
    Revoked {
        /// Which.
        id: Arc<str>,
    },
}
