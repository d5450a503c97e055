//! What a new user is told first.

use std::sync::Arc;

use super::PersistenceStatus;
use crate::metadata::Values;
use crate::modes::UserModes;
use crate::person::Person;

/// What a new user is told first.
#[derive(Clone, Debug)]
pub struct Welcome {
    /// How others see them.
    pub person: Arc<Person>,
    /// The modes they start with.
    pub modes: UserModes,
    /// Users and channels, counted.
    pub counts: Counts,
    /// What they say of themself, for those who know of metadata.
    pub metadata: Option<Values>,
    /// Whether they stay, for who is logged in.
    pub persistence: Option<PersistenceStatus>,
}

/// The numbers of LUSERS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users that are not invisible.
    pub visible: usize,
    /// Users that are.
    pub invisible: usize,
    /// Server operators.
    pub operators: usize,
    /// Connections that are not users yet.
    pub unknown: usize,
    /// Channels.
    pub channels: usize,
    /// The most users there were at once since the start.
    pub max: usize,
}
