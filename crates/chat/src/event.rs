//! What people see happen. One value for all who see it; each dialect renders it in its own manner.

use std::sync::Arc;

use irc::names::{ChannelName, Nick};
use serde::{Deserialize, Serialize};

use crate::features::multiline::Concats;
use crate::ids::{ChannelId, MsgId, UserId};
use crate::metadata::Change;
use crate::modes::{ModeChange, UserModes};
use crate::person::Person;
use crate::rank::{Rank, RankSet};
use crate::time::Timestamp;

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When: the `time` tag.
    pub at: Timestamp,
    /// Its id: the `msgid` tag. Only messages have one that clients see.
    pub id: Option<MsgId>,
    /// Who did it; `None`: the server itself.
    pub actor: Option<Actor>,
    /// What.
    pub kind: EventKind,
}

impl Event {
    /// Lets something of the past stand under the name that its channel has now: it is there that whoever reads it looks.
    pub fn move_to(&mut self, channel: &ChannelName) {
        match &mut self.kind {
            EventKind::Message(message) | EventKind::Edited { message, .. } => Message::move_to(message, channel),
            EventKind::Redacted { target: Target::Channel { name, .. }, .. } => name.clone_from(channel),
            EventKind::Joined { channel: place }
            | EventKind::Parted { channel: place, .. }
            | EventKind::Kicked { channel: place, .. }
            | EventKind::TopicSet { channel: place, .. }
            | EventKind::ModesChanged { channel: place, .. } => place.name.clone_from(channel),
            // The rest is of no one channel, or is not kept.
            _ => {}
        }
    }
}

/// Who did something, as they presented themself at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Who.
    pub user: UserId,
    /// As others see them.
    pub person: Arc<Person>,
}

/// A channel in an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRef {
    /// Which.
    pub id: ChannelId,
    /// Its name as it is shown.
    pub name: ChannelName,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// Something was said.
    Message(Arc<Message>),
    /// The actor entered. The shard puts the actor's sessions into the channel when this leaves.
    Joined {
        /// Where.
        channel: ChannelRef,
    },
    /// The actor left. The shard takes the actor's sessions out of the channel.
    Parted {
        /// Where.
        channel: ChannelRef,
        /// As given.
        reason: Option<Arc<str>>,
    },
    /// The actor removed a member. The shard takes the member's sessions out of the channel.
    Kicked {
        /// Where.
        channel: ChannelRef,
        /// Whom.
        member: UserId,
        /// How the member presented themself.
        person: Arc<Person>,
        /// Why.
        reason: Arc<str>,
    },
    /// The actor is gone from everywhere.
    Quit {
        /// Why.
        reason: Arc<str>,
    },
    /// The actor (with the old nick) is now another.
    NickChanged {
        /// With the new nick.
        now: Arc<Person>,
    },
    /// The actor has another real name.
    RealNameChanged {
        /// With the new real name.
        now: Arc<Person>,
    },
    /// The actor is logged in to another account, or to none.
    AccountChanged {
        /// With the new account.
        now: Arc<Person>,
    },
    /// The actor has another user name or host (`chghost`).
    HostChanged {
        /// With the new host.
        now: Arc<Person>,
        /// `None`: the change itself, once to everybody. Then once to each channel, with the actor's ranks there: people
        /// whose clients do not know of such changes see the actor leave and come back.
        back_in: Option<(ChannelRef, RankSet)>,
    },
    /// The topic is another; empty: none.
    TopicSet {
        /// Where.
        channel: ChannelRef,
        /// The new one.
        text: Arc<str>,
    },
    /// A channel has another name. Members whose clients do not know of such things are told by
    /// [`crate::reply::Reply::Moved`].
    ChannelRenamed {
        /// With its new name.
        channel: ChannelRef,
        /// The name it had.
        old: ChannelName,
        /// As given; empty: none.
        reason: Arc<str>,
    },
    /// Something that was said is taken back.
    Redacted {
        /// Where it was said.
        target: Target,
        /// What.
        message: MsgId,
        /// As given.
        reason: Option<Arc<str>>,
    },
    /// Something that was said has other words now.
    Edited {
        /// What was said.
        original: MsgId,
        /// As it would be said now.
        message: Arc<Message>,
    },
    /// Channel modes changed.
    ModesChanged {
        /// Where.
        channel: ChannelRef,
        /// How.
        changes: Vec<ModeChange>,
    },
    /// The actor's own modes changed.
    UserModesChanged {
        /// Before.
        before: UserModes,
        /// Now.
        now: UserModes,
    },
    /// The actor invited somebody: the guest hears it, and operators who have `invite-notify`.
    Invited {
        /// Where to.
        channel: ChannelRef,
        /// Whom.
        guest: Nick,
        /// Whom.
        guest_user: UserId,
    },
    /// The actor asks to be let in: operators of the channel hear it (710).
    Knocked {
        /// Where.
        channel: ChannelRef,
        /// Why.
        text: Arc<str>,
    },
    /// The actor has read this far: for their own sessions only.
    ReadMarked {
        /// The channel or the nick, as typed.
        target: Arc<str>,
        /// When the newest message was said that was read.
        at: Timestamp,
    },
    /// The actor is away with this text, or back.
    Away {
        /// `None`: back.
        text: Option<Arc<str>>,
    },
    /// A user or a channel says something else of itself. Each session is shown the keys that it wants to know about.
    MetadataChanged {
        /// The nick or the channel.
        target: Arc<str>,
        /// How, by key.
        changes: Arc<[Change]>,
    },
    /// A server operator tells all with `+w`.
    Wallops {
        /// What.
        text: Arc<str>,
    },
}

/// The three ways to say something.
///
/// Spec: Modern IRC, "Sending Messages"; `IRCv3` "message-tags".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum MessageKind {
    /// For people.
    Privmsg,
    /// From programs; never answered automatically, never refused with an error.
    Notice,
    /// Tags alone.
    Tagmsg,
}

impl MessageKind {
    /// Returns the command's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Privmsg => "PRIVMSG",
            Self::Notice => "NOTICE",
            Self::Tagmsg => "TAGMSG",
        }
    }
}

/// Client-only tags, in the order they were given, unescaped.
pub type MessageTags = Vec<(Box<str>, Option<Box<str>>)>;

/// A message as it is kept and as everybody sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// How it was said.
    pub how: MessageKind,
    /// Who said it.
    pub user: UserId,
    /// How they presented themself.
    pub sender: Arc<Person>,
    /// Whom to.
    pub target: Target,
    /// What; empty for TAGMSG. Kept in a column of its own.
    #[serde(skip)]
    pub text: Arc<str>,
    /// The client-only tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: MessageTags,
    /// For a message of several lines: where a line of IRC continues the one before it. `None`: it is one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concats: Option<Concats>,
    /// For what somebody elsewhere said: the nick of who relayed it. Then `sender` is how those elsewhere are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relayed_by: Option<Nick>,
}

impl Message {
    /// Lets something that was said in a channel stand under the name that it has now.
    pub fn move_to(message: &mut Arc<Self>, channel: &ChannelName) {
        if let Target::Channel { name, .. } = &message.target
            && name != channel
            && let Target::Channel { name, .. } = &mut Arc::make_mut(message).target
        {
            name.clone_from(channel);
        }
    }
}

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Everybody in a channel, or those of a rank and above.
    Channel {
        /// Which.
        id: ChannelId,
        /// Its name as it is shown.
        name: ChannelName,
        /// For `@#channel`: the lowest rank that gets it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rank: Option<Rank>,
    },
    /// One user.
    User {
        /// Who.
        id: UserId,
        /// Their nick then.
        nick: Nick,
        /// Their account then: the message is its owner's to read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<Arc<str>>,
    },
}

impl Target {
    /// Returns the first parameter of the message's line: `#tea`, `@#tea` or `alice`.
    pub fn shown(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Channel { name, rank: None, .. } => name.as_str().into(),
            Self::Channel { name, rank: Some(rank), .. } => format!("{}{}", rank.symbol(), name.as_str()).into(),
            Self::User { nick, .. } => nick.as_str().into(),
        }
    }
}
