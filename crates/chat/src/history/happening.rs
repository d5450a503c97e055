//! What happened in channels besides what was said, as it is kept for `draft/event-playback`.
//!
//! Facts name users by number, and who they were is not known any more when somebody reads them. So what people saw is kept
//! beside the fact. Names here are the store's format: add, never rename.

use std::sync::Arc;

use irc::names::ChannelName;
use serde::{Deserialize, Serialize};

use crate::event::{Actor, ChannelRef, Event, EventKind};
use crate::ids::{ChannelId, MsgId, UserId};
use crate::modes::ModeChange;
use crate::person::Person;
use crate::time::Timestamp;

/// Something that happened in one or more channels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// Who did it.
    pub user: UserId,
    /// How they presented themself.
    pub person: Arc<Person>,
    /// What.
    pub what: Happened,
    /// What a person wrote: a reason, a topic. Kept in a column of its own.
    #[serde(skip)]
    pub text: Option<Arc<str>>,
    /// The channels that saw it.
    #[serde(skip)]
    pub channels: Vec<ChannelName>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Happened {
    /// They entered.
    Joined {
        /// Where.
        channel: ChannelName,
    },
    /// They left.
    Parted {
        /// Where.
        channel: ChannelName,
    },
    /// They removed a member.
    Kicked {
        /// Where.
        channel: ChannelName,
        /// Whom.
        member: UserId,
        /// How the member presented themself.
        person: Arc<Person>,
    },
    /// They are gone.
    Quit,
    /// They have another nick.
    NickChanged {
        /// With the new nick.
        now: Arc<Person>,
    },
    /// They set the topic.
    TopicSet {
        /// Where.
        channel: ChannelName,
    },
    /// They changed modes.
    ModesChanged {
        /// Where.
        channel: ChannelName,
        /// How.
        changes: Vec<ModeChange>,
    },
}

impl Happening {
    /// Describes an event that these channels see; `None` for what history does not show.
    pub fn of(event: &Event, channels: Vec<ChannelName>) -> Option<Self> {
        let actor = event.actor.as_ref()?;
        let (what, text) = match &event.kind {
            EventKind::Joined { channel } => (Happened::Joined { channel: channel.name.clone() }, None),
            EventKind::Parted { channel, reason } => {
                (Happened::Parted { channel: channel.name.clone() }, reason.clone())
            }
            EventKind::Kicked { channel, member, person, reason } => {
                let (channel, person) = (channel.name.clone(), Arc::clone(person));
                (Happened::Kicked { channel, member: *member, person }, Some(Arc::clone(reason)))
            }
            EventKind::Quit { reason } => (Happened::Quit, Some(Arc::clone(reason))),
            EventKind::NickChanged { now } => (Happened::NickChanged { now: Arc::clone(now) }, None),
            EventKind::TopicSet { channel, text } => {
                (Happened::TopicSet { channel: channel.name.clone() }, Some(Arc::clone(text)))
            }
            EventKind::ModesChanged { channel, changes } => {
                (Happened::ModesChanged { channel: channel.name.clone(), changes: changes.clone() }, None)
            }
            _ => return None,
        };
        Some(Self { user: actor.user, person: Arc::clone(&actor.person), what, text, channels })
    }

    /// Returns what people saw. The channel's number is that of no channel now: this is the past.
    pub fn event(&self, id: MsgId, at: Timestamp) -> Event {
        let named = |name: &ChannelName| ChannelRef { id: ChannelId(0), name: name.clone() };
        let text = || self.text.clone().unwrap_or_default();
        let kind = match &self.what {
            Happened::Joined { channel } => EventKind::Joined { channel: named(channel) },
            Happened::Parted { channel } => EventKind::Parted { channel: named(channel), reason: self.text.clone() },
            Happened::Kicked { channel, member, person } => EventKind::Kicked {
                channel: named(channel),
                member: *member,
                person: Arc::clone(person),
                reason: text(),
            },
            Happened::Quit => EventKind::Quit { reason: text() },
            Happened::NickChanged { now } => EventKind::NickChanged { now: Arc::clone(now) },
            Happened::TopicSet { channel } => EventKind::TopicSet { channel: named(channel), text: text() },
            Happened::ModesChanged { channel, changes } => {
                EventKind::ModesChanged { channel: named(channel), changes: changes.clone() }
            }
        };
        let actor = Some(Actor { user: self.user, person: Arc::clone(&self.person) });
        Event { at, id: Some(id), actor, kind }
    }
}
