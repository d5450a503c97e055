//! MARKREAD: how far somebody has read, the same on all their devices, and nobody else's business.
//!
//! Spec: `IRCv3` "draft/read-marker". Wire: `session::features::read_marker`. Proof: `scenarios/read-marker.txt`.

use std::collections::BTreeMap;
use std::sync::Arc;

use irc::casemap::{CaseMapping, Folded};

use super::outlet::Outlet;
use super::{Decision, record, webpush};
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::reply::Reply;
use crate::rows::{MarkerRow, Row};
use crate::time::{Now, Timestamp};
use crate::user::User;
use crate::world::World;

/// Whose markers: an account's outlive connections, those of a user without one go with them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Account(Folded),
    User(UserId),
}

/// How far everybody has read, by channel or nick.
#[derive(Clone, Debug, Default)]
pub struct Markers {
    by_owner: BTreeMap<Owner, BTreeMap<Folded, Timestamp>>,
}

impl Markers {
    /// Puts back a marker that was kept.
    pub fn restore(&mut self, row: &MarkerRow, mapping: CaseMapping) {
        let owner = Owner::Account(mapping.fold(&row.account));
        self.by_owner.entry(owner).or_default().insert(mapping.fold(&row.target), row.at);
    }

    /// Forgets the markers of a user without account, who is gone.
    pub fn forget_user(&mut self, user: UserId) {
        self.by_owner.remove(&Owner::User(user));
    }

    /// Forgets the markers of an account that is removed, and returns their rows.
    pub fn forget_account(&mut self, account: &Arc<str>, mapping: CaseMapping) -> Vec<MarkerRow> {
        let markers = self.by_owner.remove(&Owner::Account(mapping.fold(account))).unwrap_or_default();
        let row = |(target, at): (Folded, Timestamp)| MarkerRow {
            account: Arc::clone(account),
            target: target.as_str().into(),
            at,
        };
        markers.into_iter().map(row).collect()
    }

    fn get(&self, user: &User, target: &str, mapping: CaseMapping) -> Option<Timestamp> {
        self.by_owner.get(&owner(user, mapping))?.get(&*mapping.fold_cow(target)).copied()
    }
}

fn owner(user: &User, mapping: CaseMapping) -> Owner {
    match &user.person.account {
        Some(account) => Owner::Account(mapping.fold(account)),
        None => Owner::User(user.id),
    }
}

/// Answers how far the user has read, or decides to note it. A marker only moves forward, and not beyond now.
pub fn decide(
    world: &World,
    user: &User,
    target: &str,
    at: Option<Timestamp>,
    now: Now,
    outlet: &mut Outlet<'_>,
) -> Decision {
    let known = world.markers.get(user, target, world.mapping());
    let at = at.map(|at| at.min(now.wall)).filter(|at| known.is_none_or(|known| *at > known));
    if let Some(at) = at {
        return record(Fact::ReadMarked { user: user.id, target: target.into(), at });
    }
    outlet.reply_with_state(Reply::ReadMarker { target: target.into(), at: known, on_entry: false });
    Decision::Answered
}

/// Returns how far the user has read a channel.
pub fn of(world: &World, user: &User, channel: &str) -> Option<Timestamp> {
    world.markers.get(user, channel, world.mapping())
}

/// Says how far the user has read a channel that they enter.
pub fn on_entry(world: &World, user: &User, channel: &str) -> Reply {
    Reply::ReadMarker { target: channel.into(), at: of(world, user, channel), on_entry: true }
}

/// Lets the markers of these users follow a channel to its new name.
pub fn renamed(world: &mut World, users: &[UserId], old: &str, new: &str, outlet: &mut Outlet<'_>) {
    let mapping = world.mapping();
    let (old_key, new_key) = (mapping.fold(old), mapping.fold(new));
    if old_key == new_key {
        return;
    }
    for user in users.iter().filter_map(|id| world.users.get(id)) {
        let Some(markers) = world.markers.by_owner.get_mut(&owner(user, mapping)) else { continue };
        let Some(at) = markers.remove(&old_key) else { continue };
        let marker = markers.entry(new_key.clone()).or_insert(at);
        *marker = (*marker).max(at);
        if let Some(account) = &user.person.account {
            let row =
                |target: &str, at| Row::Marker(MarkerRow { account: Arc::clone(account), target: target.into(), at });
            outlet.forget(row(old, at));
            outlet.keep(row(new, *marker));
        }
    }
}

/// Moves the marker; all sessions of the same person hear it, and nobody else. Of too many markers the one that was
/// moved the longest ago is forgotten.
pub fn apply(world: &mut World, id: UserId, target: &Arc<str>, at: Timestamp, outlet: &mut Outlet<'_>) {
    let mapping = world.mapping();
    let Some(user) = world.users.get(&id) else { return };
    let account = user.person.account.clone();
    let markers = world.markers.by_owner.entry(owner(user, mapping)).or_default();
    let marker = markers.entry(mapping.fold(target)).or_insert(at);
    *marker = (*marker).max(at);
    let at = *marker;
    if let Some(account) = &account {
        outlet.keep(Row::Marker(MarkerRow { account: Arc::clone(account), target: Arc::clone(target), at }));
    }
    if markers.len() > world.settings.read_markers
        && let Some(oldest) = markers.iter().min_by_key(|(_, at)| **at).map(|(target, _)| target.clone())
    {
        markers.remove(&oldest);
        if let Some(account) = &account {
            let row = MarkerRow { account: Arc::clone(account), target: oldest.as_str().into(), at };
            outlet.forget(Row::Marker(row));
        }
    }
    let mut audience = Audience::user(id);
    audience.except = outlet.origin();
    let actor = world.actor(id);
    let event = outlet.event(actor, EventKind::ReadMarked { target: Arc::clone(target), at });
    outlet.send(audience, Arc::clone(&event));
    if let Some(account) = &account {
        webpush::read(world, account, target, &event, outlet);
    }
    outlet.reply(Reply::ReadMarker { target: Arc::clone(target), at: Some(at), on_entry: false });
}
