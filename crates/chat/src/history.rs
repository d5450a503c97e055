//! What was said before: the questions that are asked of the store, and what it finds.
//!
//! A question waits until all that it may show is committed; the store answers in its own time, and the commands of the
//! session that asked wait for that, nobody else's. Which of it somebody may read is asked of [`crate::permission`].
//! [`memory`] is the same store in memory: for tests, and the model that the real one is compared with.
//!
//! Spec: `IRCv3` "chathistory". Meaning of the command: [`crate::features::chathistory`].

mod channel_keys;
pub use channel_keys::{ChannelKeys, fresh_key};
pub mod corrections;
mod direct;
pub use direct::{Direct, Pair, Party};
pub(crate) use direct::{by_account, by_nick, owner};
mod happening;
pub use happening::{Happened, Happening};
mod search;
pub use search::{Directs, Search};
pub mod memory;

use irc::names::ChannelName;

use crate::delivery::DeliveryId;
use crate::event::Event;
use crate::fact::Fact;
use crate::ids::{LogId, MsgId, Seq};
use crate::reply::Kept;
use crate::time::Timestamp;

/// A question to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// A page of one conversation.
    Page(Page),
    /// With whom and where something was said last.
    Targets(Targets),
    /// What has happened since a place in the log, of all that somebody may read.
    Since(Since),
    /// What became of something that a client has given an id.
    Delivery {
        /// The id.
        id: DeliveryId,
        /// Nothing at or behind this place is found.
        before: Seq,
    },
    /// One message by its id. Made by [`Query::message`].
    Message {
        /// Its id.
        id: MsgId,
        /// The channel in whose past it must stand, for all or for some ranks; `None`: whoever it was for.
        within: Option<ChannelName>,
        /// Nothing at or behind this place is found.
        before: Seq,
    },
    /// Messages by their words.
    Search(Box<Search>),
}

impl Query {
    /// Asks for one message by its id, whoever it was for.
    pub fn message(id: MsgId) -> Self {
        Self::Message { id, within: None, before: Seq(u64::MAX) }
    }

    /// Asks for one message by its id, if it was said in the channel that has this name now.
    pub fn message_in(id: MsgId, channel: ChannelName) -> Self {
        Self::Message { id, within: Some(channel), before: Seq(u64::MAX) }
    }

    /// Lets the answer know of no fact at or behind this place.
    pub(crate) fn limit_to(&mut self, before: Seq) {
        match self {
            Self::Page(page) => page.before = page.before.min(before),
            Self::Targets(targets) => targets.before = targets.before.min(before),
            Self::Since(since) => since.before = since.before.min(before),
            Self::Message { before: end, .. } | Self::Delivery { before: end, .. } => *end = (*end).min(before),
            Self::Search(search) => search.before = search.before.min(before),
        }
    }

    /// The place before which all facts must be found by who answers.
    pub fn before(&self) -> Seq {
        match self {
            Self::Page(page) => page.before,
            Self::Targets(targets) => targets.before,
            Self::Since(since) => since.before,
            // Not only the message itself: what came later may have taken it back.
            Self::Message { before, .. } | Self::Delivery { before, .. } => *before,
            Self::Search(search) => search.before,
        }
    }
}

/// Asks what has happened since a place in the log, oldest first: what was said, edited, taken back, and what people saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// The place; excluded. `None`: nothing is asked for.
    pub after: Option<MsgId>,
    /// The channels: what stands from the first place on may be read, and from the second on came live.
    pub channels: Vec<(ChannelName, Seq, Seq)>,
    /// Whose direct messages.
    pub owner: Box<str>,
    /// The place from which on these came live.
    pub direct_to: Seq,
    /// Which entries.
    pub kinds: Kinds,
    /// The most entries.
    pub limit: usize,
    /// Nothing at or behind this place is part of the answer.
    pub before: Seq,
}

/// A page of one conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Which.
    pub of: Conversation,
    /// Which part.
    pub span: Span,
    /// The most entries.
    pub limit: usize,
    /// Which entries.
    pub kinds: Kinds,
    /// Nothing before this place is for the asker.
    pub visible_from: Seq,
    /// Nothing at or behind this place is part of the answer: it comes live.
    pub before: Seq,
}

/// Where something is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conversation {
    /// In the channel that has this name; a channel that was renamed has its past with it.
    Channel(ChannelName),
    /// Between two people.
    Direct(Direct),
}

/// Which entries somebody is shown. What is not shown does not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Messages of tags alone that were kept.
    pub tagmsgs: bool,
    /// Who came and went, topics, modes.
    pub events: bool,
}

/// A place in a conversation, excluded from what is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// That of a message.
    Message(MsgId),
    /// All that happened at this time.
    Time(Timestamp),
}

/// Which part of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// The newest, of all or of what came after a point.
    Latest(Option<Point>),
    /// The newest of what came before.
    Before(Point),
    /// The oldest of what came after.
    After(Point),
    /// On both sides, the point itself included.
    Around(Point),
    /// Between two points, counted from the first.
    Between(Point, Point),
}

/// Asks with whom and where something was said last, between two times, counted from the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Targets {
    /// The channels, each with the place from which on it may be read.
    pub channels: Vec<(ChannelName, Seq)>,
    /// Whose direct conversations.
    pub owner: Box<str>,
    /// Where counting begins; excluded.
    pub from: Timestamp,
    /// Where it ends; excluded.
    pub to: Timestamp,
    /// The most targets.
    pub limit: usize,
    /// Nothing at or behind this place is part of the answer.
    pub before: Seq,
}

/// What the store has found.
#[derive(Clone, Debug)]
pub enum Found {
    /// A page.
    Page {
        /// Oldest first.
        entries: Vec<Event>,
        /// Whether there is nothing more in the direction that was asked for.
        is_end: bool,
    },
    /// Targets, each with the time of its newest message.
    Targets {
        /// Oldest first.
        targets: Vec<(Whom, Timestamp)>,
        /// Whether these are all.
        is_end: bool,
    },
    /// The message; `None`: there is none of this id, or its text was erased.
    Message(Option<Kept>),
    /// Messages that were searched for.
    Search {
        /// Oldest first.
        messages: Vec<Kept>,
        /// Whether it was given up before everything was looked through, because it took too long.
        given_up: bool,
    },
    /// What has happened since then.
    Since {
        /// Oldest first.
        entries: Vec<Event>,
        /// Whether these are all.
        is_end: bool,
        /// Whether something that happened since then is not kept any more.
        has_gap: bool,
    },
    /// What became of something with an id.
    Delivery(Delivered),
    /// A message that was named is of no log that is here.
    NoSuchMessage,
    /// Nothing could be looked up.
    Trouble(std::sync::Arc<str>),
}

/// What is known of a stream, and of one number in it.
#[derive(Clone, Debug, Default)]
pub struct Delivered {
    /// The highest number that was kept; 0: the stream is not known.
    pub highest: u64,
    /// The account that has begun it.
    pub account: Option<std::sync::Arc<str>>,
    /// What the number in question is: where it stands, when it happened, and what. Texts are as they were first; of what
    /// was erased, empty.
    pub kept: Option<(MsgId, Timestamp, std::sync::Arc<Fact>)>,
    /// Whether it was kept, and has been removed from the log since.
    pub is_gone: bool,
}

/// A conversation that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A channel.
    Channel(ChannelName),
    /// A person.
    Person {
        /// Their account then, folded.
        account: Option<Box<str>>,
        /// Their nick in the newest message.
        nick: Box<str>,
    },
}

/// The entries at a point: they are excluded, and stand between what is before and what is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The first place that is not before it.
    pub first: Seq,
    /// The first place after it.
    pub behind: Seq,
}

/// What is to be read, once points are places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// From one end.
    OneWay {
        /// The first place that may be shown.
        from: Seq,
        /// The first that may not.
        to: Seq,
        /// Whether the newest are wanted.
        newest: bool,
    },
    /// Both sides of a place; what stands there belongs to the later side.
    Around(Seq),
}

impl Span {
    /// Tells whether all messages that it names may be in this log.
    pub fn is_of(self, log: LogId) -> bool {
        let is_of = |point| !matches!(point, Point::Message(id) if id.log != log);
        match self {
            Self::Latest(point) => point.is_none_or(is_of),
            Self::Before(point) | Self::After(point) | Self::Around(point) => is_of(point),
            Self::Between(first, second) => is_of(first) && is_of(second),
        }
    }

    /// Says what is to be read. `gap` tells where a point is.
    ///
    /// # Errors
    /// Those of `gap`.
    pub fn reading<E>(self, mut gap: impl FnMut(Point) -> Result<Gap, E>) -> Result<Reading, E> {
        /// Behind every fact.
        const END: Seq = Seq(u64::MAX);
        Ok(match self {
            Self::Latest(None) => Reading::OneWay { from: Seq::ZERO, to: END, newest: true },
            Self::Latest(Some(point)) => Reading::OneWay { from: gap(point)?.behind, to: END, newest: true },
            Self::Before(point) => Reading::OneWay { from: Seq::ZERO, to: gap(point)?.first, newest: true },
            Self::After(point) => Reading::OneWay { from: gap(point)?.behind, to: END, newest: false },
            Self::Around(point) => Reading::Around(gap(point)?.first),
            Self::Between(first, second) => {
                let (first, second) = (gap(first)?, gap(second)?);
                if first <= second {
                    Reading::OneWay { from: first.behind, to: second.first, newest: false }
                } else {
                    Reading::OneWay { from: second.behind, to: first.first, newest: true }
                }
            }
        })
    }
}

impl Page {
    /// Reads a page. `read` returns at most so many entries at places `from..to`, the newest or the oldest of them, always
    /// oldest first; `gap` tells where a point is.
    ///
    /// # Errors
    /// Those of `read` and `gap`.
    pub fn find<T, E>(
        &self,
        gap: impl FnMut(Point) -> Result<Gap, E>,
        mut read: impl FnMut(Seq, Seq, bool, usize) -> Result<Vec<T>, E>,
    ) -> Result<(Vec<T>, bool), E> {
        // One more than is wanted tells whether there are more.
        let most = self.limit.saturating_add(1);
        match self.span.reading(gap)? {
            Reading::OneWay { from, to, newest } => {
                let (from, to) = (from.max(self.visible_from), to.min(self.before));
                let mut found = if from < to { read(from, to, newest, most)? } else { Vec::new() };
                let extra = found.len().saturating_sub(self.limit);
                if newest {
                    found.drain(..extra);
                } else {
                    found.truncate(self.limit);
                }
                Ok((found, extra == 0))
            }
            Reading::Around(place) => {
                let middle = place.clamp(self.visible_from, self.before.max(self.visible_from));
                let mut earlier =
                    if self.visible_from < middle { read(self.visible_from, middle, true, most)? } else { Vec::new() };
                let mut later = if middle < self.before { read(middle, self.before, false, most)? } else { Vec::new() };
                let before = earlier.len().min((self.limit / 2).max(self.limit.saturating_sub(later.len())));
                let after = later.len().min(self.limit - before);
                let is_end = before == earlier.len() && after == later.len();
                earlier.drain(..earlier.len() - before);
                later.truncate(after);
                earlier.append(&mut later);
                Ok((earlier, is_end))
            }
        }
    }
}

impl Targets {
    /// Of conversations with the times of their newest messages, chooses those that are asked for, oldest first; and says
    /// whether these are all.
    pub fn choose(&self, mut all: Vec<(Whom, Timestamp, Seq)>) -> (Vec<(Whom, Timestamp)>, bool) {
        let (earliest, latest) = (self.from.min(self.to), self.from.max(self.to));
        all.retain(|(_, at, _)| earliest < *at && *at < latest);
        all.sort_by_key(|(_, at, seq)| (*at, *seq));
        let extra = all.len().saturating_sub(self.limit);
        if self.from > self.to {
            all.drain(..extra);
        } else {
            all.truncate(self.limit);
        }
        (all.into_iter().map(|(whom, at, _)| (whom, at)).collect(), extra == 0)
    }
}
