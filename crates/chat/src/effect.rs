//! What must be done because of a command or a fact, in the order it is to be done.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::event::Event;
use crate::ids::{ChannelId, SessionId, UserId};
use crate::person::Person;
use crate::push::Push;
use crate::reply::Reply;
use crate::server_ban::BannedNetworks;

/// One thing to do, by the shard that owns the sessions it names.
#[derive(Clone, Debug)]
pub enum Effect {
    /// The session is this user from now on.
    Attached {
        /// Which session.
        to: SessionId,
        /// Who it is.
        user: UserId,
        /// As others see them.
        person: Arc<Person>,
        /// The channels the user is in.
        channels: Vec<ChannelId>,
    },
    /// The audience sees the event.
    Event {
        /// Who.
        audience: Audience,
        /// What.
        event: Arc<Event>,
    },
    /// An answer to what the session asked: it carries the request's label.
    Reply {
        /// The asker.
        to: SessionId,
        /// The answer.
        reply: Reply,
    },
    /// News for one session that it did not ask for: no label.
    Tell {
        /// Who.
        to: SessionId,
        /// What.
        reply: Reply,
    },
    /// All answers to the session's oldest open request have been given.
    Done {
        /// The asker.
        to: SessionId,
    },
    /// Connections from these networks are not to be taken from now on.
    BannedNetworks(Arc<BannedNetworks>),
    /// An account is gone: what the edge keeps for it is to go, too.
    AccountRemoved(Arc<str>),
    /// Devices are to be notified.
    Push(Push),
    /// The session is nobody any more; the connection is to be closed.
    Close {
        /// Which session.
        to: SessionId,
        /// Why, for its `ERROR`.
        reason: Arc<str>,
    },
}

/// Who sees an event: named, not listed, so that it crosses a thread once and not once for each member.
/// A session that is meant several times sees the event once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Everybody in these channels.
    pub channels: SmallVec<[ChannelId; 1]>,
    /// Every session of these users.
    pub users: SmallVec<[UserId; 1]>,
    /// Sessions that watch the actor (`extended-monitor`).
    pub watchers: Vec<SessionId>,
    /// But not this session: it is the actor's and gets the event as its answer.
    pub except: Option<SessionId>,
}

impl Audience {
    /// Everybody in one channel.
    pub fn channel(channel: ChannelId) -> Self {
        Self { channels: SmallVec::from_buf([channel]), ..Self::default() }
    }

    /// Everybody in any of these channels.
    pub fn channels(channels: impl IntoIterator<Item = ChannelId>) -> Self {
        Self { channels: channels.into_iter().collect(), ..Self::default() }
    }

    /// One user.
    pub fn user(user: UserId) -> Self {
        Self { users: SmallVec::from_buf([user]), ..Self::default() }
    }

    /// Some users.
    pub fn users(users: impl IntoIterator<Item = UserId>) -> Self {
        Self { users: users.into_iter().collect(), ..Self::default() }
    }

    /// These, and one user more.
    #[must_use]
    pub fn and_user(mut self, user: UserId) -> Self {
        self.users.push(user);
        self
    }

    /// These, and the sessions that watch the actor.
    #[must_use]
    pub fn and_watchers(mut self, watchers: Vec<SessionId>) -> Self {
        self.watchers = watchers;
        self
    }

    /// Tells whether nobody can be meant.
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty() && self.users.is_empty() && self.watchers.is_empty()
    }
}
