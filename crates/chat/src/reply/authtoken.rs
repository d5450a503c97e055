//! What is told of tokens for services outside.

use std::sync::Arc;

use crate::time::Timestamp;
use crate::user::OperatorClass;

/// What a token for the file host says of whoever has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileToken {
    /// The account they are logged in to.
    pub account: Option<Arc<str>>,
    /// Their nick.
    pub nick: Arc<str>,
    /// What they may do as a server operator.
    pub operator: Option<OperatorClass>,
    /// Until when it holds.
    pub until: Timestamp,
    /// The word that was given for it.
    pub word: Box<str>,
}
