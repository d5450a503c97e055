//! Users who stay while nobody is connected.

use super::World;
use crate::ids::UserId;
use crate::rows::UserRow;
use crate::settings::AlwaysOn;
use crate::user::User;

impl World {
    /// Tells whether the user of an account is to stay while nobody is connected.
    pub fn is_always_on(&self, account: &str) -> bool {
        let Some(account) = self.accounts.get(account, self.mapping()) else { return false };
        match self.settings.always_on {
            AlwaysOn::Off => false,
            AlwaysOn::OptIn => account.always_on == Some(true),
            AlwaysOn::Default => account.always_on != Some(false),
        }
    }

    /// Returns the user who stays for an account.
    pub fn staying_user(&self, account: &str) -> Option<&User> {
        self.staying.get(&*self.mapping().fold_cow(account)).and_then(|id| self.users.get(id))
    }

    /// Lets a user stay for their account from now on, or no more.
    pub(crate) fn set_stays(&mut self, id: UserId, stays: bool) {
        let mapping = self.mapping();
        let Some(user) = self.users.get_mut(&id) else { return };
        let Some(account) = user.person.account.as_deref() else { return };
        user.stays = stays;
        if stays {
            self.staying.insert(mapping.fold(account), id);
        } else {
            self.staying.remove(&*mapping.fold_cow(account));
        }
        for channel in &user.channels {
            if let Some(channel) = self.channels.get_mut(channel) {
                if stays {
                    channel.stayers.insert(id)
                } else {
                    channel.stayers.remove(&id)
                };
            }
        }
    }

    /// Returns what of a user who stays outlives the process.
    pub(crate) fn user_row(&self, user: &User) -> Option<UserRow> {
        user.person.account.as_ref()?;
        let channels = user.channels.iter().filter_map(|id| self.channels.get(id));
        Some(UserRow {
            person: user.person.fields(),
            modes: user.modes,
            signed_on: user.signed_on,
            away: user.seldom.away.clone().filter(|text| *text != self.settings.disconnected),
            channels: channels
                .map(|channel| (channel.name.clone(), channel.ranks_of(user.id).unwrap_or_default()))
                .collect(),
        })
    }
}
