//! What the log records. A fact is true once the log has given it a place; every node applies it alike.
//!
//! Facts are kept as JSON, so names here are part of the log's format: add, never rename.

mod text;

use std::sync::Arc;

use irc::names::{ChannelName, Nick, UserName};
use serde::{Deserialize, Serialize};

use crate::account::{Account, AccountChange};
use crate::audit::AuditAct;
use crate::delivery::Delivery;
use crate::event::{Message, Target};
use crate::ids::{ChannelId, MsgId, RulesVersion, UserId};
use crate::invitation::Invitation;
use crate::metadata::Subject;
use crate::modes::{ModeChange, UserModes};
use crate::person::Person;
use crate::rank::{Rank, RankSet};
use crate::server_ban::BanKind;
use crate::time::Timestamp;

/// One recorded change or message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// The node has started: whatever an earlier process left open has ended.
    NodeStarted {},
    /// A session became a user.
    UserConnected {
        /// The new user.
        user: UserId,
        /// How they present themself.
        person: Arc<Person>,
        /// The modes they start with.
        modes: UserModes,
        /// What they say of themself from the start, as [`crate::metadata::written`] writes it.
        #[serde(skip)]
        metadata: Option<Arc<str>>,
    },
    /// An account was made.
    AccountRegistered {
        /// The account, without what is secret or private of it.
        account: Box<Account>,
        /// What is secret or private of it, as [`crate::account::Private`] writes it.
        #[serde(skip)]
        private: Arc<str>,
        /// Who is logged in to it from the start.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<UserId>,
        /// The id of the invitation that it was made with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        invitation: Option<Arc<str>>,
    },
    /// An account is not as it was.
    AccountChanged {
        /// Its name.
        account: Arc<str>,
        /// What is different.
        change: AccountChange,
        /// What is secret or private of it.
        #[serde(skip)]
        text: Arc<str>,
    },
    /// An account is no more. What was said from it is erased too, unless it is to stay.
    AccountRemoved {
        /// Its name.
        account: Arc<str>,
        /// Whether what was said from it stays.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        keeps_messages: bool,
    },
    /// All sessions of an account but one have ended.
    SessionsEnded {
        /// The user whose session stays.
        user: UserId,
        /// The account.
        account: Arc<str>,
        /// As others read it.
        #[serde(skip)]
        reason: Arc<str>,
    },
    /// Somebody may make an account.
    InvitationMade {
        /// Who, and how often.
        invitation: Box<Invitation>,
        /// The word, for whoever made it; kept nowhere.
        #[serde(skip)]
        word: Arc<str>,
    },
    /// An invitation is no more.
    InvitationRevoked {
        /// Which.
        id: Arc<str>,
    },
    /// An account's wish to stay while nobody is connected is another.
    AlwaysOnChanged {
        /// By whom.
        user: UserId,
        /// The account.
        account: Arc<str>,
        /// The wish; `None`: as the configuration says.
        always_on: Option<bool>,
    },
    /// A user is logged in to an account.
    LoggedIn {
        /// Who.
        user: UserId,
        /// The account's name as it is shown.
        account: Arc<str>,
    },
    /// A user is logged in to no account any more.
    LoggedOut {
        /// Who.
        user: UserId,
    },
    /// A session became another one of a user.
    SessionAttached {
        /// The user.
        user: UserId,
        /// The account that the session is logged in to, which must be the user's.
        account: Arc<str>,
        /// What the session has said of the user, as [`crate::metadata::written`] writes it.
        #[serde(skip)]
        metadata: Option<Arc<str>>,
    },
    /// One of a user's sessions is gone; with the last one goes the user, unless they stay.
    SessionDetached {
        /// The user.
        user: UserId,
        /// As others read it, if the user goes.
        #[serde(skip)]
        reason: Arc<str>,
    },
    /// A server operator did something that others are to know of.
    Audited {
        /// Who.
        user: UserId,
        /// Their `nick!user@host`.
        by: Arc<str>,
        /// What.
        act: AuditAct,
        /// To whom or what.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<Arc<str>>,
        /// Why, or how.
        #[serde(skip)]
        reason: Arc<str>,
    },
    /// The raid mode is on.
    RaidBegan {
        /// Who switched it.
        user: UserId,
        /// Their `nick!user@host`.
        by: Arc<str>,
        /// Why.
        #[serde(skip)]
        reason: Arc<str>,
    },
    /// The raid mode is off.
    RaidEnded {
        /// Who switched it.
        user: UserId,
    },
    /// Somebody is kept off the server. Those who are on it have facts of their own.
    ServerBanAdded {
        /// Who set it.
        user: UserId,
        /// Their `nick!user@host`.
        by: Arc<str>,
        /// What it looks at.
        ban: BanKind,
        /// The mask, the network or the account.
        what: Arc<str>,
        /// When it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// The nick it was set on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nick: Option<Arc<str>>,
        /// How many users it fitted.
        #[serde(default)]
        disconnected: u32,
        /// Why.
        #[serde(skip)]
        reason: Arc<str>,
    },
    /// Somebody is kept off the server no more.
    ServerBanRemoved {
        /// Who undid it.
        user: UserId,
        /// What it looked at.
        ban: BanKind,
        /// The mask, the network or the account.
        what: Arc<str>,
    },
    /// A user is gone.
    UserQuit {
        /// Who.
        user: UserId,
        /// The server operator who disconnected them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<UserId>,
        /// Whether a ban of the server has just begun to fit them.
        #[serde(default, skip_serializing_if = "core::ops::Not::not")]
        banned: bool,
        /// As others read it.
        #[serde(skip)]
        reason: Arc<str>,
    },
    /// A user has another nick.
    NickChanged {
        /// Who.
        user: UserId,
        /// The new nick.
        nick: Nick,
        /// The new name as typed, for classroom users.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shown: Option<Arc<str>>,
    },
    /// A user has another real name.
    RealNameChanged {
        /// Who.
        user: UserId,
        /// The new one.
        #[serde(skip)]
        realname: Arc<str>,
    },
    /// A user has another user name and host.
    HostChanged {
        /// Who.
        user: UserId,
        /// The new user name.
        username: UserName,
        /// The new host.
        host: Arc<str>,
    },
    /// A user's modes changed.
    UserModesChanged {
        /// Who.
        user: UserId,
        /// All that are now set.
        modes: UserModes,
        /// The operator class that goes with `+o`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        operator: Option<crate::user::OperatorClass>,
    },
    /// A user entered a channel.
    Joined {
        /// Who.
        user: UserId,
        /// Where.
        channel: ChannelId,
        /// The channel's name as it is shown.
        name: ChannelName,
        /// The ranks the member starts with.
        ranks: RankSet,
    },
    /// A user left a channel.
    Parted {
        /// Who.
        user: UserId,
        /// Where.
        channel: ChannelId,
        /// As given.
        #[serde(skip)]
        reason: Option<Arc<str>>,
    },
    /// A member was removed.
    Kicked {
        /// By whom.
        user: UserId,
        /// From where.
        channel: ChannelId,
        /// Whom.
        member: UserId,
        /// As given, else the kicker's nick.
        #[serde(skip)]
        reason: Arc<str>,
    },
    /// A channel's topic is another.
    TopicSet {
        /// By whom.
        user: UserId,
        /// Where.
        channel: ChannelId,
        /// The new one; empty: none.
        #[serde(skip)]
        text: Arc<str>,
    },
    /// A channel's modes changed.
    ModesChanged {
        /// By whom.
        user: UserId,
        /// Where.
        channel: ChannelId,
        /// How.
        changes: Vec<ModeChange>,
    },
    /// A channel has another name.
    ChannelRenamed {
        /// By whom.
        user: UserId,
        /// Which.
        channel: ChannelId,
        /// The name it had.
        old: ChannelName,
        /// The name it has.
        name: ChannelName,
        /// As given; empty: none.
        #[serde(skip)]
        reason: Arc<str>,
    },
    /// A channel was registered.
    ChannelRegistered {
        /// By whom.
        user: UserId,
        /// Which.
        channel: ChannelId,
        /// Whose account it belongs to.
        founder: Arc<str>,
    },
    /// A channel is registered no more.
    ChannelDropped {
        /// By whom.
        user: UserId,
        /// Which.
        channel: ChannelId,
    },
    /// A registered channel's access list is another.
    AccessChanged {
        /// By whom.
        user: UserId,
        /// Where.
        channel: ChannelId,
        /// Whose rank.
        account: Arc<str>,
        /// The rank; `None`: the account is not on the list any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rank: Option<Rank>,
    },
    /// A registered channel belongs to another account.
    FounderChanged {
        /// By whom.
        user: UserId,
        /// Which.
        channel: ChannelId,
        /// Whose it is now.
        founder: Arc<str>,
    },
    /// Something that was said is taken back: its words are gone from the log too.
    Redacted {
        /// By whom.
        user: UserId,
        /// Where it was said.
        target: Target,
        /// What.
        message: MsgId,
        /// How they presented themself; nothing in logs of before that was kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Arc<Person>>,
        /// As given.
        #[serde(skip)]
        reason: Option<Arc<str>>,
        /// The id that the client has given it. Kept apart, because it is a secret and is forgotten.
        #[serde(skip)]
        delivery: Option<Box<Delivery>>,
    },
    /// Something that was said has other words now. The earlier ones stay in the log.
    Edited {
        /// What was said.
        original: MsgId,
        /// As it would be said now.
        message: Arc<Message>,
        /// The id that the client has given it.
        #[serde(skip)]
        delivery: Option<Box<Delivery>>,
    },
    /// A user or a channel says something else of itself, or nothing any more.
    MetadataSet {
        /// By whom.
        user: UserId,
        /// Whose.
        subject: Subject,
        /// Under which key.
        key: Arc<str>,
        /// The new value.
        #[serde(skip)]
        value: Option<Arc<str>>,
    },
    /// A user or a channel says nothing of itself any more.
    MetadataCleared {
        /// By whom.
        user: UserId,
        /// Whose.
        subject: Subject,
    },
    /// Somebody was invited.
    Invited {
        /// By whom.
        user: UserId,
        /// Where to.
        channel: ChannelId,
        /// Whom.
        guest: UserId,
    },
    /// An invitation was withdrawn.
    Uninvited {
        /// By whom.
        user: UserId,
        /// Where to.
        channel: ChannelId,
        /// Whose.
        guest: UserId,
    },
    /// Somebody has read this far.
    ReadMarked {
        /// Who.
        user: UserId,
        /// The channel or the nick, as typed.
        target: Arc<str>,
        /// When the newest message was said that was read.
        at: crate::time::Timestamp,
    },
    /// Something was said.
    Said {
        /// What.
        message: Arc<Message>,
        /// The channel's rules when this was allowed.
        rules: RulesVersion,
        /// The id that the client has given it.
        #[serde(skip)]
        delivery: Option<Box<Delivery>>,
    },
}

impl Fact {
    /// Tells whether later decisions may depend on this fact. A message is none of these: if it cannot be kept,
    /// it is taken back and its sender told.
    pub fn changes_state(&self) -> bool {
        !matches!(self, Self::Said { .. })
    }

    /// Tells whether somebody leaves by it, or one of their clients.
    pub fn is_departure(&self) -> bool {
        matches!(self, Self::UserQuit { .. } | Self::SessionDetached { .. })
    }

    /// Returns the id that the client has given it.
    pub fn delivery(&self) -> Option<&Delivery> {
        match self {
            Self::Said { delivery, .. } | Self::Edited { delivery, .. } | Self::Redacted { delivery, .. } => {
                delivery.as_deref()
            }
            _ => None,
        }
    }

    /// Gives it the client's id. Other facts than what is said, edited or redacted have none.
    #[must_use]
    pub fn with_delivery(mut self, given: Delivery) -> Self {
        if let Self::Said { delivery, .. } | Self::Edited { delivery, .. } | Self::Redacted { delivery, .. } = &mut self
        {
            *delivery = Some(Box::new(given));
        }
        self
    }
}
