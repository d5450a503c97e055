//! Which of this shard's sessions are in which channel, and which belong to which user.
//!
//! Kept from the effects as they leave, so it is always as new as what the sessions have been told.

use std::collections::BTreeMap;

use chat::ids::{ChannelId, UserId};
use smallvec::SmallVec;

/// A connection's place in the shard.
pub type Slot = u32;

/// The index.
#[derive(Debug, Default)]
pub struct Rooms {
    by_channel: BTreeMap<ChannelId, Vec<Slot>>,
    by_user: BTreeMap<UserId, Presence>,
}

/// Where one user's sessions are.
#[derive(Debug, Default)]
struct Presence {
    slots: SmallVec<[Slot; 1]>,
    channels: SmallVec<[ChannelId; 2]>,
}

impl Rooms {
    /// Notes that a session belongs to a user.
    pub fn attach(&mut self, user: UserId, slot: Slot) {
        let presence = self.by_user.entry(user).or_default();
        presence.slots.push(slot);
        for channel in presence.channels.clone() {
            self.insert(channel, slot);
        }
    }

    /// Notes that a session is gone.
    pub fn detach(&mut self, user: UserId, slot: Slot) {
        let Some(presence) = self.by_user.get_mut(&user) else { return };
        presence.slots.retain(|other| *other != slot);
        let channels = presence.channels.clone();
        if presence.slots.is_empty() {
            self.by_user.remove(&user);
        }
        for channel in channels {
            self.remove(channel, slot);
        }
    }

    /// Notes that a user, if here at all, is in a channel.
    pub fn enter(&mut self, user: UserId, channel: ChannelId) {
        let Some(presence) = self.by_user.get_mut(&user) else { return };
        if !presence.channels.contains(&channel) {
            presence.channels.push(channel);
        }
        for slot in presence.slots.clone() {
            self.insert(channel, slot);
        }
    }

    /// Notes that a user has left a channel.
    pub fn leave(&mut self, user: UserId, channel: ChannelId) {
        let Some(presence) = self.by_user.get_mut(&user) else { return };
        presence.channels.retain(|other| *other != channel);
        for slot in presence.slots.clone() {
            self.remove(channel, slot);
        }
    }

    /// Returns the sessions in a channel, in ascending order.
    pub fn of_channel(&self, channel: ChannelId) -> &[Slot] {
        self.by_channel.get(&channel).map_or(&[], Vec::as_slice)
    }

    /// Returns the sessions of a user.
    pub fn of_user(&self, user: UserId) -> &[Slot] {
        self.by_user.get(&user).map_or(&[], |presence| presence.slots.as_slice())
    }

    fn insert(&mut self, channel: ChannelId, slot: Slot) {
        let slots = self.by_channel.entry(channel).or_default();
        if let Err(place) = slots.binary_search(&slot) {
            slots.insert(place, slot);
        }
    }

    fn remove(&mut self, channel: ChannelId, slot: Slot) {
        let Some(slots) = self.by_channel.get_mut(&channel) else { return };
        if let Ok(place) = slots.binary_search(&slot) {
            slots.remove(place);
        }
        if slots.is_empty() {
            self.by_channel.remove(&channel);
        }
    }
}
