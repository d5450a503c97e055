//! The question for messages by their words, and whether a message is an answer: one function for every store.

use std::sync::Arc;

use irc::casemap::CaseMapping;
use irc::names::ChannelName;

use super::{Direct, Kinds, Pair};
use crate::event::{Message, Target};
use crate::ids::Seq;
use crate::search::{Wanted, words_of_message};
use crate::time::Timestamp;

/// Asks for messages by their words, in all conversations that the asker may read, or in one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The channels, each with the place from which on it may be read.
    pub channels: Vec<(ChannelName, Seq)>,
    /// Which direct messages.
    pub directs: Directs,
    /// Their words.
    pub wanted: Wanted,
    /// The nick of who said it.
    pub from: Option<Box<str>>,
    /// Not earlier than this.
    pub since: Option<Timestamp>,
    /// Earlier than this.
    pub until: Option<Timestamp>,
    /// Whether the oldest are wanted, when there are more than may be shown.
    pub oldest: bool,
    /// The most messages.
    pub limit: usize,
    /// Nothing at or behind this place is part of the answer.
    pub before: Seq,
}

/// Which direct messages somebody searches in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directs {
    /// None.
    None,
    /// One conversation.
    With(Direct),
    /// All of this owner's.
    Of(Box<str>),
}

impl Directs {
    /// Tells whether a message is among them.
    fn have(&self, message: &Message, mapping: CaseMapping) -> bool {
        let pair = || Pair::of(message, mapping);
        match self {
            Self::None => false,
            Self::With(direct) => pair().is_some_and(|pair| direct.has(&pair)),
            Self::Of(owner) => pair().is_some_and(|pair| pair.sender.owner == *owner || pair.receiver.owner == *owner),
        }
    }
}

impl Search {
    /// Returns a message as it is to be looked at: what was said in a channel, under the name that this one has now. Nothing
    /// when it is none of those that are searched; `is_in` tells whether the message stands in a channel's past.
    pub fn under_its_name(
        &self,
        mut message: Arc<Message>,
        is_in: impl Fn(&ChannelName) -> bool,
    ) -> Option<Arc<Message>> {
        if matches!(message.target, Target::Channel { .. }) {
            let (channel, _) = self.channels.iter().find(|(channel, _)| is_in(channel))?;
            Message::move_to(&mut message, channel);
        }
        Some(message)
    }

    /// Tells whether a message, with its newest words, is an answer.
    pub fn fits(&self, seq: Seq, at: Timestamp, message: &Message, mapping: CaseMapping) -> bool {
        seq < self.before
            && self.since.is_none_or(|since| since <= at)
            && self.until.is_none_or(|until| at < until)
            && Kinds::default().shows(message)
            && self.from.as_deref().is_none_or(|nick| mapping.same(nick, message.sender.nick().as_str()))
            && self.is_readable(seq, message, mapping)
            && self.wanted.fits(&words_of_message(&message.text))
    }

    fn is_readable(&self, seq: Seq, message: &Message, mapping: CaseMapping) -> bool {
        match &message.target {
            Target::Channel { name, rank: None, .. } => self
                .channels
                .iter()
                .any(|(channel, from)| *from <= seq && mapping.same(channel.as_str(), name.as_str())),
            // What is for some ranks only is not for everybody who reads the channel's past.
            Target::Channel { .. } => false,
            Target::User { .. } => self.directs.have(message, mapping),
        }
    }
}
