//! MONITOR: to be told when nicks come and go.
//!
//! Spec: `IRCv3` "monitor" and "extended-monitor". Wire: `session::features::monitor`. Proof: `scenarios/monitor.txt`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use irc::casemap::{CaseMapping, Folded};

use super::outlet::Outlet;
use super::{Decision, metadata};
use crate::command::MonitorCommand;
use crate::ids::SessionId;
use crate::person::Person;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::World;

/// Who watches whom, in both directions. Unlogged: it belongs to sessions.
#[derive(Debug, Default)]
pub struct Watchers {
    by_nick: BTreeMap<Folded, BTreeSet<SessionId>>,
    by_session: BTreeMap<SessionId, BTreeMap<Folded, Box<str>>>,
}

impl Watchers {
    /// Returns the sessions that watch a nick.
    pub fn of(&self, nick: &str, mapping: CaseMapping) -> Vec<SessionId> {
        self.by_nick
            .get(&*mapping.fold_cow(nick))
            .map(|sessions| sessions.iter().copied().collect())
            .unwrap_or_default()
    }

    /// Forgets a session and all it watched.
    pub fn forget(&mut self, session: SessionId) {
        for nick in self.by_session.remove(&session).unwrap_or_default().into_keys() {
            self.unlink(&nick, session);
        }
    }

    fn unlink(&mut self, nick: &Folded, session: SessionId) {
        if let Some(sessions) = self.by_nick.get_mut(nick) {
            sessions.remove(&session);
            if sessions.is_empty() {
                self.by_nick.remove(nick);
            }
        }
    }

    /// Returns the nicks that a session watches, as it wrote them.
    pub(super) fn watched_by(&self, session: SessionId) -> impl Iterator<Item = &Box<str>> {
        self.by_session.get(&session).into_iter().flat_map(BTreeMap::values)
    }
}

/// Carries out MONITOR in any form. Names that are no nicks (masks) are passed over.
///
/// # Errors
/// [`Refusal::MonitorListFull`] with the nicks that did not fit; those before them are watched.
pub fn command(
    world: &mut World,
    session: SessionId,
    command: MonitorCommand,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    match command {
        MonitorCommand::Add(nicks) => add(world, session, &nicks, outlet)?,
        MonitorCommand::Remove(nicks) => {
            for nick in nicks {
                let key = world.fold(&nick);
                world.watchers.unlink(&key, session);
                if let Some(watched) = world.watchers.by_session.get_mut(&session) {
                    watched.remove(&key);
                }
            }
        }
        MonitorCommand::Clear => world.watchers.forget(session),
        MonitorCommand::List => {
            outlet.reply(Reply::MonitorList(world.watchers.watched_by(session).cloned().collect()));
        }
        MonitorCommand::Status => {
            let nicks: Vec<_> = world.watchers.watched_by(session).cloned().collect();
            tell_status(world, session, &nicks, outlet);
        }
    }
    Ok(Decision::Answered)
}

fn add(world: &mut World, session: SessionId, nicks: &[Box<str>], outlet: &mut Outlet<'_>) -> Result<(), Refusal> {
    let limit = world.settings.monitor_entries;
    let mut added: Vec<Box<str>> = Vec::new();
    let mut refused: Option<&[Box<str>]> = None;
    for (place, nick) in nicks.iter().enumerate() {
        if world.settings.names.nick(nick).is_err() {
            continue;
        }
        let key = world.fold(nick);
        let watched = world.watchers.by_session.entry(session).or_default();
        if watched.len() >= limit && !watched.contains_key(&key) {
            refused = Some(&nicks[place..]);
            break;
        }
        watched.insert(key.clone(), nick.clone());
        // Named twice in one line, it is told once.
        if !added.iter().any(|before| world.fold(before) == key) {
            added.push(nick.clone());
        }
        world.watchers.by_nick.entry(key).or_default().insert(session);
    }
    tell_status(world, session, &added, outlet);
    match refused {
        Some(rest) => Err(Refusal::MonitorListFull { limit, nicks: rest.join(",").into() }),
        None => Ok(()),
    }
}

fn tell_status(world: &World, session: SessionId, nicks: &[Box<str>], outlet: &mut Outlet<'_>) {
    let (mut online, mut offline) = (Vec::new(), Vec::new());
    for nick in nicks {
        match world.user_by_nick(nick) {
            Some(user) => online.push(Arc::clone(user.person.mask())),
            None => offline.push(nick.clone()),
        }
    }
    if !online.is_empty() {
        outlet.reply_with_state(Reply::MonitorOnline(online));
    }
    if !offline.is_empty() {
        outlet.reply_with_state(Reply::MonitorOffline(offline));
    }
    for reply in nicks.iter().filter_map(|nick| metadata::sync::of_watched(world, session, nick)) {
        outlet.reply_with_state(reply);
    }
}

/// Tells those who watch the nick that it is there.
pub(super) fn online(world: &World, person: &Person, outlet: &mut Outlet<'_>) {
    for session in world.watchers.of(person.nick().as_str(), world.mapping()) {
        outlet.tell(session, Reply::MonitorOnline(vec![Arc::clone(person.mask())]));
        if let Some(reply) = metadata::sync::of_watched(world, session, person.nick().as_str()) {
            outlet.tell(session, reply);
        }
    }
}

/// Tells those who watch the nick that it is gone.
pub(super) fn offline(world: &World, person: &Person, outlet: &mut Outlet<'_>) {
    for session in world.watchers.of(person.nick().as_str(), world.mapping()) {
        outlet.tell(session, Reply::MonitorOffline(vec![person.nick().as_str().into()]));
    }
}
