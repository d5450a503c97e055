//! Which of this shard's sessions are in which channel, and which belong to which user.
//!
//! Kept from the effects as they leave, so it is always as new as what the sessions have been told.

use std::collections::BTreeMap;

use chat::ascending::Ascending;
use chat::ids::{ChannelId, UserId};
use smallvec::{SmallVec, smallvec};

/// A connection's place in the shard.
pub type Slot = u32;

/// The index.
#[derive(Debug, Default)]
pub struct Rooms {
    by_channel: BTreeMap<ChannelId, Vec<Slot>>,
    by_user: Ascending<UserId, Presence>,
}

/// Where one user's sessions are.
#[derive(Debug, Default)]
struct Presence {
    slots: SmallVec<[Slot; 1]>,
    channels: Box<[ChannelId]>,
}

impl Rooms {
    /// Notes that a session belongs to a user.
    pub fn attach(&mut self, user: UserId, slot: Slot) {
        let Some(presence) = self.by_user.get_mut(&user) else {
            self.by_user.insert(user, Presence { slots: smallvec![slot], channels: Box::default() });
            return;
        };
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
            presence.channels = presence.channels.iter().copied().chain([channel]).collect();
        }
        for slot in presence.slots.clone() {
            self.insert(channel, slot);
        }
    }

    /// Notes that a user has left a channel.
    pub fn leave(&mut self, user: UserId, channel: ChannelId) {
        let Some(presence) = self.by_user.get_mut(&user) else { return };
        presence.channels = presence.channels.iter().copied().filter(|other| *other != channel).collect();
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// The same without an index: who has which sessions, and who is where.
    #[derive(Default)]
    struct Lists {
        slots: BTreeMap<u64, BTreeSet<Slot>>,
        members: BTreeSet<(u64, u64)>,
    }

    impl Lists {
        fn of_channel(&self, channel: u64) -> Vec<Slot> {
            let is_there = |user: &&u64| self.members.contains(&(**user, channel));
            let slots: BTreeSet<Slot> =
                self.slots.keys().filter(is_there).flat_map(|user| &self.slots[user]).copied().collect();
            slots.into_iter().collect()
        }
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Attach,
        Detach,
        Enter,
        Leave,
    }

    proptest! {
        #[test]
        fn the_index_says_what_plain_lists_say(
            steps in vec((prop_oneof![Just(Step::Attach), Just(Step::Detach), Just(Step::Enter), Just(Step::Leave)], 0_u64..3, 0_u32..3), 0..60),
        ) {
            let (mut rooms, mut lists) = (Rooms::default(), Lists::default());
            for (step, user, number) in steps {
                // Every slot is one user's; what is a slot for two of the steps is a channel for the others.
                let (slot, channel) = (Slot::try_from(user * 3).unwrap_or_default() + number, u64::from(number));
                match step {
                    Step::Attach if lists.slots.get(&user).is_some_and(|slots| slots.contains(&slot)) => {}
                    Step::Attach => {
                        rooms.attach(UserId(user), slot);
                        lists.slots.entry(user).or_default().insert(slot);
                    }
                    Step::Detach => {
                        rooms.detach(UserId(user), slot);
                        if lists.slots.get_mut(&user).is_some_and(|slots| slots.remove(&slot) && slots.is_empty()) {
                            lists.slots.remove(&user);
                            lists.members.retain(|(member, _)| *member != user);
                        }
                    }
                    Step::Enter => {
                        rooms.enter(UserId(user), ChannelId(channel));
                        if lists.slots.contains_key(&user) {
                            lists.members.insert((user, channel));
                        }
                    }
                    Step::Leave => {
                        rooms.leave(UserId(user), ChannelId(channel));
                        lists.members.remove(&(user, channel));
                    }
                }
                for channel in 0..3 {
                    prop_assert_eq!(rooms.of_channel(ChannelId(channel)), &lists.of_channel(channel)[..]);
                }
                for user in 0..3 {
                    let slots: BTreeSet<Slot> = rooms.of_user(UserId(user)).iter().copied().collect();
                    prop_assert_eq!(slots, lists.slots.get(&user).cloned().unwrap_or_default());
                }
            }
            prop_assert_eq!(rooms.by_user.len(), lists.slots.len(), "nobody who is gone is kept");
        }
    }
}
