//! What is said, taken back and said in other words.

use std::sync::Arc;

use super::Command;
use crate::delivery::DeliveryId;
use crate::event::MessageKind;
use crate::event::MessageTags;
use crate::features::multiline::Concats;

/// A message that was said before, as a client names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The channel or nick where it was said, as typed.
    pub target: Box<str>,
    /// Its id, as typed.
    pub id: Box<str>,
}

/// Something that is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redaction {
    /// What.
    pub message: Named,
    /// As given; cut to the limit.
    pub reason: Option<Box<str>>,
}

/// Something that is to be said in other words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// What.
    pub message: Named,
    /// The new words; one line, not empty.
    pub text: Arc<str>,
}

/// One message to one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Say {
    /// PRIVMSG, NOTICE or TAGMSG.
    pub kind: MessageKind,
    /// A nick, a channel, or a channel behind a rank's symbol (STATUSMSG).
    pub target: Box<str>,
    /// What is said; empty for TAGMSG.
    pub text: Arc<str>,
    /// The client-only tags that go along.
    pub tags: MessageTags,
    /// For a message of several lines: where a line continues the one before it. `None`: it is one line.
    pub concats: Option<Concats>,
}

/// Something that a client has given an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deliver {
    /// The id.
    pub id: DeliveryId,
    /// The command's name, for refusals: PRIVMSG, NOTICE, TAGMSG, REDACT or EDIT.
    pub name: &'static str,
    /// [`Command::Message`], [`Command::Redact`] or [`Command::Edit`].
    pub command: Command,
}

/// A message of somebody elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// The channel, as typed.
    pub channel: Box<str>,
    /// What they are called.
    pub nick: Box<str>,
    /// What they say.
    pub text: Arc<str>,
    /// The client-only tags that go along.
    pub tags: MessageTags,
}
