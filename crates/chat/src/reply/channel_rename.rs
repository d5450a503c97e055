//! What is told of a channel that has another name now.

use std::sync::Arc;

use super::Names;
use crate::channel::Topic;
use crate::time::Timestamp;

/// What somebody sees who leaves a channel under its old name and enters it under the new one.
#[derive(Clone, Debug)]
pub struct Moved {
    /// When.
    pub at: Timestamp,
    /// Under its old name.
    pub old: crate::event::ChannelRef,
    /// Under its new name.
    pub new: crate::event::ChannelRef,
    /// Why; empty: for no reason.
    pub reason: Arc<str>,
    /// What it is about.
    pub topic: Option<Topic>,
    /// Who is in it.
    pub names: Names,
}
