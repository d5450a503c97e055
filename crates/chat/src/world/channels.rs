//! Channels and who is in them.

use irc::names::{ChannelName, NameError};

use super::World;
use crate::channel::Channel;
use crate::ids::{ChannelId, UserId};
use crate::refusal::Refusal;
use crate::rows::{Row, RowChange};
use crate::user::User;

impl World {
    /// Takes a channel id that was never used.
    pub fn new_channel_id(&mut self) -> ChannelId {
        self.last_id += 1;
        ChannelId(self.last_id)
    }

    /// Finds a channel's id by its name.
    pub fn channel_id(&self, name: &str) -> Option<ChannelId> {
        self.channel_names.get(&*self.mapping().fold_cow(name)).copied()
    }

    /// Finds a channel by its name.
    pub fn channel_by_name(&self, name: &str) -> Option<&Channel> {
        self.channel_id(name).and_then(|id| self.channels.get(&id))
    }

    /// Finds a channel by its name, or says that there is none (403).
    ///
    /// # Errors
    /// [`Refusal::NoSuchChannel`].
    pub fn expect_channel(&self, name: &str) -> Result<&Channel, Refusal> {
        self.channel_by_name(name).ok_or_else(|| Refusal::NoSuchChannel(name.into()))
    }

    /// Finds a channel that a user is to know of: a secret one is none for outsiders (403).
    ///
    /// # Errors
    /// [`Refusal::NoSuchChannel`].
    pub fn expect_visible_channel(&self, name: &str, user: &User) -> Result<&Channel, Refusal> {
        self.channel_by_name(name)
            .filter(|channel| channel.is_visible_to(user))
            .ok_or_else(|| Refusal::NoSuchChannel(name.into()))
    }

    /// Returns the validated name of a channel that is to be made.
    ///
    /// # Errors
    /// [`Refusal::NoSuchChannel`] for what is no channel name at all and for one that is too long, as Modern IRC's "CHANNELLEN"
    /// is understood; [`Refusal::BadChannelName`] for a bad one.
    pub fn valid_channel_name(&self, name: &str) -> Result<ChannelName, Refusal> {
        self.settings.names.channel(name).map_err(|error| {
            if name.starts_with('#') && !matches!(error, NameError::TooLong { .. }) {
                Refusal::BadChannelName(name.into())
            } else {
                Refusal::NoSuchChannel(name.into())
            }
        })
    }

    /// Returns the names of the channels that a user is in.
    pub fn channel_names_of(&self, user: UserId) -> Vec<ChannelName> {
        let channels = self.users.get(&user).into_iter().flat_map(|user| &user.channels);
        channels.filter_map(|id| self.channels.get(id)).map(|channel| channel.name.clone()).collect()
    }

    /// Adds a channel.
    pub fn insert_channel(&mut self, channel: Channel) {
        self.channel_names.insert(self.fold(channel.name.as_str()), channel.id);
        self.channels.insert(channel.id, channel);
    }

    /// Gives a channel another name. Nobody else may have it.
    pub fn rename_channel(&mut self, id: ChannelId, name: &ChannelName) {
        let mapping = self.mapping();
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let old = core::mem::replace(&mut channel.name, name.clone());
        self.channel_names.remove(&*mapping.fold_cow(old.as_str()));
        self.channel_names.insert(mapping.fold(name.as_str()), id);
    }

    /// Takes a member out of a channel; the channel vanishes with the last one unless it stays. What that changes of
    /// durable rows is added to `rows`.
    pub fn remove_member(&mut self, channel: ChannelId, user: UserId, rows: &mut Vec<RowChange>) {
        if let Some(user) = self.users.get_mut(&user) {
            user.channels.remove(&channel);
        }
        let Some(room) = self.channels.get_mut(&channel) else { return };
        let was_kept = room.is_kept();
        room.members.remove(&user);
        room.stayers.remove(&user);
        self.changed_users.insert(user);
        room.let_in.remove(&user);
        room.rules_changed();
        let is_kept = room.is_kept();
        if was_kept && !is_kept {
            rows.push(RowChange::Remove(Row::Channel(room.row())));
        }
        if !is_kept && room.members.is_empty() {
            self.drop_channel(channel);
        }
    }

    /// Looks whether a channel that was kept still has a reason to be, and to be kept, after one was taken away.
    pub(crate) fn settle_channel(&mut self, channel: ChannelId, rows: &mut Vec<RowChange>) {
        let Some(room) = self.channels.get(&channel) else { return };
        if room.is_kept() {
            return;
        }
        rows.push(RowChange::Remove(Row::Channel(room.row())));
        if room.members.is_empty() {
            self.drop_channel(channel);
        }
    }

    fn drop_channel(&mut self, id: ChannelId) {
        let mapping = self.mapping();
        if let Some(channel) = self.channels.remove(&id) {
            self.channel_names.remove(&*mapping.fold_cow(channel.name.as_str()));
        }
    }
}
