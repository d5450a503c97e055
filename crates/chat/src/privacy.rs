//! Which of a channel's past is private, and who was let in when.
//!
//! Kept by the channel's name, as its past is, and for as long as the store lives: a channel that vanished leaves its past
//! behind, and who makes another of its name was not there; one that is renamed takes its past along. Who may read what is decided by [`crate::permission::visible_from`].

use std::collections::BTreeMap;
use std::sync::Arc;

use irc::casemap::{CaseMapping, Folded};
use irc::names::ChannelName;
use serde::{Deserialize, Serialize};

use crate::channel::Channel;
use crate::features::outlet::Outlet;
use crate::ids::{Seq, UserId};
use crate::rows::Row;
use crate::world::World;

/// What is known of a channel that is or was private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Privacy {
    /// Whether it is private now, or was when it vanished.
    pub is_private: bool,
    /// The last place in the log at which it was private.
    pub through: Seq,
    /// Where the present channel of this name began.
    pub born: Seq,
    /// From where on accounts may read, by their folded names.
    let_in: BTreeMap<Folded, Seq>,
}

/// A [`Privacy`] as it is kept, but for who was let in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivacyRow {
    /// The channel's name.
    pub name: ChannelName,
    /// As in [`Privacy`].
    pub is_private: bool,
    /// As in [`Privacy`].
    pub through: Seq,
    /// As in [`Privacy`].
    pub born: Seq,
}

/// That an account was let in, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetInRow {
    /// The channel's name.
    pub name: ChannelName,
    /// The account.
    pub account: Arc<str>,
    /// From which place on it may read.
    pub from: Seq,
}

impl Default for Privacy {
    fn default() -> Self {
        Self { is_private: false, through: Seq::ZERO, born: Seq::ZERO, let_in: BTreeMap::new() }
    }
}

impl Privacy {
    /// Takes what was kept.
    pub fn restore(&mut self, row: &PrivacyRow) {
        (self.is_private, self.through, self.born) = (row.is_private, row.through, row.born);
    }

    /// Takes what was kept of an account.
    pub fn restore_let_in(&mut self, row: &LetInRow, mapping: CaseMapping) {
        self.let_in.insert(mapping.fold(&row.account), row.from);
    }

    /// Returns from where on an account may read what is private.
    pub fn let_in(&self, account: &str, mapping: CaseMapping) -> Option<Seq> {
        self.let_in.get(&*mapping.fold_cow(account)).copied()
    }

    fn row(&self, name: &ChannelName) -> Row {
        let Self { is_private, through, born, .. } = *self;
        Row::Privacy(PrivacyRow { name: name.clone(), is_private, through, born })
    }

    /// Returns all that is kept of it.
    fn rows<'a>(&'a self, name: &'a ChannelName) -> impl Iterator<Item = Row> + 'a {
        let let_in = self.let_in.iter().map(|(account, from)| {
            Row::LetIn(LetInRow { name: name.clone(), account: account.as_str().into(), from: *from })
        });
        core::iter::once(self.row(name)).chain(let_in)
    }
}

/// Notes that a channel begins. What was private under its name before stays so.
pub fn begins(world: &mut World, name: &ChannelName, outlet: &mut Outlet<'_>) {
    let Some(seq) = outlet.seq() else { return };
    let Some(privacy) = world.privacy.get_mut(&world.settings.names.casemapping.fold(name.as_str())) else { return };
    if privacy.is_private {
        privacy.is_private = false;
        privacy.through = Seq(seq.0.saturating_sub(1));
    }
    privacy.born = seq;
    outlet.keep(privacy.row(name));
}

/// Notes that a channel may have become private or public. Whoever is in it when it closes may go on reading what they could
/// read before.
pub fn changed(world: &mut World, channel: &Channel, outlet: &mut Outlet<'_>) {
    let Some(seq) = outlet.seq() else { return };
    let key = world.fold(channel.name.as_str());
    let was_private = world.privacy.get(&key).is_some_and(|privacy| privacy.is_private);
    if channel.is_private() == was_private {
        return;
    }
    let known = world.privacy.get(&key).cloned();
    let privacy = world.privacy.entry(key).or_default();
    privacy.is_private = !was_private;
    if was_private {
        privacy.through = seq;
    }
    outlet.keep(privacy.row(&channel.name));
    if !was_private {
        let from = known.map_or(Seq::ZERO, |known| Seq(known.through.0 + 1));
        for member in channel.members.keys().copied().collect::<Vec<_>>() {
            let_in(world, member, &channel.name, from, outlet);
        }
    }
}

/// Lets a user read a private channel from a place on, and their account when they have one; an earlier place stays.
pub fn let_in(world: &mut World, user: UserId, name: &ChannelName, from: Seq, outlet: &mut Outlet<'_>) {
    let (mapping, key) = (world.mapping(), world.fold(name.as_str()));
    let from = match world.channel_id(name.as_str()).and_then(|id| world.channels.get_mut(&id)) {
        Some(channel) => {
            let place = channel.let_in.entry(user).or_insert(from);
            *place = from.min(*place);
            *place
        }
        None => from,
    };
    let account = world.users.get(&user).and_then(|user| user.person.account.clone());
    let Some((account, privacy)) = account.zip(world.privacy.get_mut(&key)) else { return };
    let place = privacy.let_in.entry(mapping.fold(&account)).or_insert(Seq(u64::MAX));
    if from < *place {
        *place = from;
        outlet.keep(Row::LetIn(LetInRow { name: name.clone(), account, from }));
    }
}

/// Notes that a user was put out of a channel: whoever lets them in again lets them in anew, and what was said meanwhile, and
/// before, is not theirs.
pub fn put_out(world: &mut World, user: UserId, name: &ChannelName, outlet: &mut Outlet<'_>) {
    let Some(account) = world.users.get(&user).and_then(|user| user.person.account.clone()) else { return };
    let (folded, key) = (world.fold(&account), world.fold(name.as_str()));
    if let Some(from) = world.privacy.get_mut(&key).and_then(|privacy| privacy.let_in.remove(&folded)) {
        outlet.forget(Row::LetIn(LetInRow { name: name.clone(), account, from }));
    }
}

/// Forgets where an account was let in.
pub fn forget_account(world: &mut World, account: &std::sync::Arc<str>, outlet: &mut Outlet<'_>) {
    let folded = world.fold(account);
    for (name, privacy) in &mut world.privacy {
        if let Some(from) = privacy.let_in.remove(&folded) {
            let name = ChannelName::trusted(name.as_str());
            outlet.forget(Row::LetIn(LetInRow { name, account: Arc::clone(account), from }));
        }
    }
}

/// Notes that a user entered.
pub fn entered(world: &mut World, user: UserId, name: &ChannelName, outlet: &mut Outlet<'_>) {
    let is_private = world.channel_by_name(name.as_str()).is_some_and(Channel::is_private);
    if let (true, Some(seq)) = (is_private, outlet.seq()) {
        let_in(world, user, name, seq, outlet);
    }
}

/// Notes that a user has another account: it may read what the user may.
pub fn logged_in(world: &mut World, user: UserId, outlet: &mut Outlet<'_>) {
    for name in world.channel_names_of(user) {
        let from = world.channel_by_name(name.as_str()).and_then(|channel| channel.let_in.get(&user).copied());
        if let Some(from) = from {
            let_in(world, user, &name, from, outlet);
        }
    }
}

/// Notes that a channel has another name: what is private of its past goes with it. Nobody's is what was private under
/// the new name before, because that past is found no more.
pub fn renamed(world: &mut World, old: &ChannelName, name: &ChannelName, outlet: &mut Outlet<'_>) {
    let (old_key, key) = (world.fold(old.as_str()), world.fold(name.as_str()));
    if old_key == key {
        return;
    }
    if let Some(nobodys) = world.privacy.remove(&key) {
        nobodys.rows(name).for_each(|row| outlet.forget(row));
    }
    if let Some(privacy) = world.privacy.remove(&old_key) {
        privacy.rows(old).for_each(|row| outlet.forget(row));
        privacy.rows(name).for_each(|row| outlet.keep(row));
        world.privacy.insert(key, privacy);
    }
}
