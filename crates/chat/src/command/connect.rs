//! What a session gives to become a user.

use core::net::IpAddr;
use std::sync::Arc;

use crate::metadata::Early;
use crate::person::PersonFields;
use crate::time::Instant;

/// What a session must give to become a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connect {
    /// How the user presents themself.
    pub person: PersonFields,
    /// When the session proved that it is its account; means nothing without one.
    pub proved: Instant,
    /// The address others do not see.
    pub address: IpAddr,
    /// The gateway that has named the address (WEBIRC), by the name it gave itself.
    pub gateway: Option<Arc<str>>,
    /// Whether the connection is encrypted.
    pub secure: bool,
    /// Connections that are not users yet, as the shard counts them: for the numbers in the welcome.
    pub unknown: usize,
    /// Why they come already away; cut to the limit.
    pub away: Option<Box<str>>,
    /// What the client has said with METADATA; `None`: it does not know of it.
    pub metadata: Option<Box<Early>>,
}
