//! What is asked of what was said before.

use crate::history::Kinds;
use crate::history::Span;
use crate::ids::MsgId;

/// A page of what was said before.
///
/// Spec: `IRCv3` "chathistory".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryAsked {
    /// The subcommand, which a refusal repeats.
    pub subcommand: &'static str,
    /// A channel or a nick, as typed.
    pub target: Box<str>,
    /// Which part.
    pub span: Span,
    /// The most entries.
    pub limit: usize,
    /// Which entries.
    pub kinds: Kinds,
}

/// What RESUME asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeAsked {
    /// Up to where the client has seen all; `None`: it only wants to know where it is.
    pub cursor: Option<MsgId>,
    /// The most entries.
    pub limit: usize,
    /// Which entries.
    pub kinds: Kinds,
}
