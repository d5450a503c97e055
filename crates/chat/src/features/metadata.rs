//! METADATA: what users and channels say of themselves, by key.
//!
//! What somebody says who is logged in is their account's: it is kept over connections and processes, and everybody who
//! is logged in to it has it. A channel's is kept as its topic is. Who wants to know about which keys stands in [`sync`].
//!
//! Spec: `IRCv3` drafts "metadata-2" and "metadata-3". Wire: `session::features::metadata`. Proof:
//! `scenarios/metadata.txt`, `metadata-2.txt`, `metadata-before-connect.txt`.

pub mod sync;

use std::sync::Arc;

use smallvec::smallvec;

use super::outlet::Outlet;
use super::{Decision, audit, record, shown};
use crate::audit::AuditAct;
use crate::channel::Channel;
use crate::command::MetadataCommand;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::{SessionId, UserId};
use crate::metadata::{self, Change, Subject, Values};
use crate::permission::{self, Action, Standing};
use crate::refusal::{MetadataRefusal, Refusal};
use crate::reply::{MetadataReply, Reply};
use crate::user::User;
use crate::world::World;

/// The asker themself, as a target.
const ONESELF: &str = "*";

/// The keys that WHOIS tells everybody: those that people can make something of.
const WHOIS_KEYS: [&str; 5] = ["avatar", "display-name", "homepage", "pronouns", "status"];

/// What a command is about.
#[derive(Clone, Copy)]
enum Found<'a> {
    User(&'a User),
    Channel(&'a Channel),
}

impl<'a> Found<'a> {
    fn name(self) -> Arc<str> {
        match self {
            Self::User(user) => user.nick().into(),
            Self::Channel(channel) => channel.shown(),
        }
    }

    fn values(self, world: &'a World) -> &'a Values {
        match self {
            Self::User(user) => world.metadata_of(user),
            Self::Channel(channel) => &channel.metadata,
        }
    }

    fn subject(self) -> Subject {
        match self {
            Self::User(user) => Subject::User { id: user.id, nick: user.person.nick().clone() },
            Self::Channel(channel) => Subject::Channel { id: channel.id, name: channel.name.clone() },
        }
    }
}

/// Carries out METADATA in any form.
///
/// # Errors
/// [`Refusal::Metadata`].
pub fn command(
    world: &mut World,
    session: SessionId,
    id: UserId,
    command: MetadataCommand,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    match command {
        MetadataCommand::Subscribe { keys } => {
            sync::subscribe(world, session, id, keys, outlet);
            return Ok(Decision::Answered);
        }
        MetadataCommand::Unsubscribe { keys } => {
            world.metadata.unsubscribe(session, &keys);
            return Ok(Decision::Answered);
        }
        MetadataCommand::Forget => {
            world.metadata.forget(session);
            return Ok(Decision::Answered);
        }
        _ => {}
    }
    let Some(user) = world.users.get(&id) else { return Ok(Decision::Answered) };
    match command {
        MetadataCommand::Get { target, keys } => {
            let found = find(world, user, &target)?;
            let values = found.values(world);
            let entries = keys.into_iter().map(|key| (Arc::clone(&key), values.get(&key).cloned())).collect();
            Ok(told(outlet, MetadataReply::Values { target: found.name(), entries }))
        }
        MetadataCommand::List { target } => {
            let found = find(world, user, &target)?;
            let entries = found.values(world).iter();
            let entries = entries.map(|(key, value)| (Arc::clone(key), Some(Arc::clone(value)))).collect();
            Ok(told(outlet, MetadataReply::Values { target: found.name(), entries }))
        }
        MetadataCommand::Set { target, key, value } => set(world, user, &target, Change { key, value }, outlet),
        MetadataCommand::Clear { target } => clear(world, user, &target, outlet),
        MetadataCommand::Sync { target } => sync::asked(world, session, user, &target, outlet),
        MetadataCommand::Subscribe { .. } | MetadataCommand::Unsubscribe { .. } | MetadataCommand::Forget => {
            Ok(Decision::Answered)
        }
    }
}

/// Answers with durable state.
fn told(outlet: &mut Outlet<'_>, reply: MetadataReply) -> Decision {
    shown(outlet, Reply::Metadata(Box::new(reply)))
}

/// Finds the user or the channel that somebody means. Of a channel that they may not look into they are told nothing.
fn find<'a>(world: &'a World, asker: &'a User, target: &str) -> Result<Found<'a>, Refusal> {
    let none = || Refusal::Metadata(MetadataRefusal::InvalidTarget(target.into()));
    if target == ONESELF {
        return Ok(Found::User(asker));
    }
    if !target.starts_with(irc::names::CHANNEL_PREFIX) {
        return world.user_by_nick(target).map(Found::User).ok_or_else(none);
    }
    let channel = world.expect_visible_channel(target, asker).map_err(|_| none())?;
    let standing = Standing::of(asker, channel, world.mapping());
    permission::check(standing, Action::SeeMetadata, channel).map_err(|_| none())?;
    Ok(Found::Channel(channel))
}

/// Says whether somebody may change this; `removes`: whether only to remove.
fn may_change(
    world: &World,
    actor: &User,
    found: Found<'_>,
    key: Option<&Arc<str>>,
    removes: bool,
) -> Result<(), Refusal> {
    let may = match found {
        Found::User(user) => permission::may_change_metadata(user.id == actor.id, actor.is_operator(), removes),
        Found::Channel(channel) => {
            let standing = Standing::of(actor, channel, world.mapping());
            permission::check(standing, Action::SetMetadata, channel).is_ok()
        }
    };
    let refusal = || MetadataRefusal::NoPermission { target: found.name(), key: key.cloned() };
    if may { Ok(()) } else { Err(Refusal::Metadata(refusal())) }
}

/// Decides whether the user may give the key this value. What is so already is not recorded again.
fn set(world: &World, user: &User, target: &str, change: Change, outlet: &mut Outlet<'_>) -> Result<Decision, Refusal> {
    let found = find(world, user, target)?;
    may_change(world, user, found, Some(&change.key), change.value.is_none())?;
    let (values, limit) = (found.values(world), world.settings.metadata_keys);
    let before = values.get(&change.key);
    if before == change.value.as_ref() {
        return Ok(told(outlet, MetadataReply::Set { target: found.name(), change, was_so: true }));
    }
    if before.is_none() && values.len() >= limit {
        return Err(Refusal::Metadata(MetadataRefusal::LimitReached { target: found.name(), limit }));
    }
    let Change { key, value } = change;
    let what = format!("METADATA SET {key}");
    let fact = Fact::MetadataSet { user: user.id, subject: found.subject(), key, value };
    Ok(audited(world, user, found, fact, &what))
}

/// Decides whether the user may remove everything.
fn clear(world: &World, user: &User, target: &str, outlet: &mut Outlet<'_>) -> Result<Decision, Refusal> {
    let found = find(world, user, target)?;
    may_change(world, user, found, None, true)?;
    if found.values(world).is_empty() {
        return Ok(told(outlet, MetadataReply::Cleared { target: found.name(), keys: Vec::new() }));
    }
    let fact = Fact::MetadataCleared { user: user.id, subject: found.subject() };
    Ok(audited(world, user, found, fact, "METADATA CLEAR"))
}

/// Records a change, and when it was a server operator's to make only because they are one, that too.
fn audited(world: &World, actor: &User, found: Found<'_>, fact: Fact, what: &str) -> Decision {
    match found {
        Found::User(user) if user.id == actor.id => record(fact),
        Found::User(user) => {
            let entry = audit::entry(actor, AuditAct::MetadataRemoved, Some(user.person.mask()), what);
            Decision::Record(smallvec![fact, entry])
        }
        Found::Channel(channel) => {
            let standing = Standing::of(actor, channel, world.mapping());
            audit::in_channel(actor, standing, Action::SetMetadata, channel, fact, what)
        }
    }
}

/// Gives the key its value; those who want to know about it hear it.
pub fn apply_set(world: &mut World, by: UserId, subject: &Subject, change: Change, outlet: &mut Outlet<'_>) {
    let Some(target) = name_now(world, subject) else { return };
    make(world, by, subject, vec![change.clone()], outlet);
    outlet.reply(Reply::Metadata(Box::new(MetadataReply::Set { target, change, was_so: false })));
}

/// Removes everything; those who want to know about one of the keys hear it.
pub fn apply_cleared(world: &mut World, by: UserId, subject: &Subject, outlet: &mut Outlet<'_>) {
    let Some(target) = name_now(world, subject) else { return };
    let values = match subject {
        Subject::User { id, .. } => world.users.get(id).map(|user| world.metadata_of(user)),
        Subject::Channel { id, .. } => world.channels.get(id).map(|channel| &channel.metadata),
    };
    let keys: Vec<Arc<str>> = values.into_iter().flat_map(Values::keys).cloned().collect();
    let changes = keys.iter().map(|key| Change { key: Arc::clone(key), value: None }).collect();
    make(world, by, subject, changes, outlet);
    outlet.reply(Reply::Metadata(Box::new(MetadataReply::Cleared { target, keys })));
}

/// Returns the name that the subject has by now, if it is still there.
fn name_now(world: &World, subject: &Subject) -> Option<Arc<str>> {
    match subject {
        Subject::User { id, .. } => world.users.get(id).map(|user| user.nick().into()),
        Subject::Channel { id, .. } => world.channels.get(id).map(Channel::shown),
    }
}

/// Makes changes, keeps them, and tells of them.
fn make(world: &mut World, by: UserId, subject: &Subject, changes: Vec<Change>, outlet: &mut Outlet<'_>) {
    match subject {
        Subject::User { id, .. } => {
            put_of_user(world, *id, &changes, outlet);
            let account = world.users.get(id).and_then(|user| user.person.account.clone());
            let changes: Arc<[Change]> = changes.into();
            for bearer in bearers(world, *id, account.as_deref()) {
                tell(world, by, bearer, &changes, outlet.origin(), outlet);
            }
        }
        Subject::Channel { id, .. } => {
            let Some(channel) = world.channels.get_mut(id) else { return };
            for change in &changes {
                metadata::put(&mut channel.metadata, change);
            }
            channel.keep(outlet);
            let kind = EventKind::MetadataChanged { target: channel.shown(), changes: changes.into() };
            let mut audience = Audience::channel(*id);
            audience.except = outlet.origin();
            outlet.show(audience, world.actor(by), kind);
        }
    }
}

/// Makes changes to what a user says of themself, or their account.
fn put_of_user(world: &mut World, id: UserId, changes: &[Change], outlet: &mut Outlet<'_>) {
    let mapping = world.mapping();
    let Some(user) = world.users.get_mut(&id) else { return };
    for change in changes {
        match &user.person.account {
            Some(account) => {
                world.metadata.set(account, change, mapping);
                keep(account, change, outlet);
            }
            None => {
                user.seldom.change(|seldom| metadata::put(&mut seldom.metadata, change));
            }
        }
    }
}

/// Keeps a value of an account, or forgets it.
fn keep(account: &str, change: &Change, outlet: &mut Outlet<'_>) {
    let row = metadata::row(account, change);
    if change.value.is_some() { outlet.keep(row) } else { outlet.forget(row) }
}

/// Returns whose values change with those of a user: their own, and those of whoever is logged in to the same account.
fn bearers(world: &World, id: UserId, account: Option<&str>) -> Vec<UserId> {
    let Some(account) = account else { return vec![id] };
    let is_same = |user: &&User| user.person.account.as_deref().is_some_and(|own| world.mapping().same(own, account));
    world.users.values().filter(is_same).map(|user| user.id).collect()
}

/// Tells those who share a channel with a user, or watch them, and the user's own sessions, what has changed.
fn tell(
    world: &World,
    by: UserId,
    bearer: UserId,
    changes: &Arc<[Change]>,
    except: Option<SessionId>,
    outlet: &mut Outlet<'_>,
) {
    let Some(user) = world.users.get(&bearer) else { return };
    let mut audience = Audience::channels(user.channels.iter().copied())
        .and_user(bearer)
        .and_watchers(world.watchers.of(user.nick(), world.mapping()));
    audience.except = except;
    let kind = EventKind::MetadataChanged { target: user.nick().into(), changes: Arc::clone(changes) };
    outlet.show(audience, world.actor(by), kind);
}

/// Returns what of a newcomer's early values there is room for, beside what their account has.
pub(super) fn early(world: &World, account: Option<&str>, values: &Values) -> Option<Arc<str>> {
    let nothing = Values::new();
    let kept = account.map_or(&nothing, |account| world.metadata.of_account(account, world.mapping()));
    let mut room = world.settings.metadata_keys.saturating_sub(kept.len());
    let fits = values.iter().filter(|(key, _)| {
        let is_known = kept.contains_key(*key);
        let fits = is_known || room > 0;
        room -= usize::from(fits && !is_known);
        fits
    });
    metadata::written(&fits.map(|(key, value)| (Arc::clone(key), Arc::clone(value))).collect())
}

/// Gives a newcomer what they have said of themself before they were somebody.
pub(super) fn connected(world: &mut World, id: UserId, text: Option<&str>, outlet: &mut Outlet<'_>) {
    let changes: Vec<Change> = metadata::read(text).into_iter().map(Change::from).collect();
    if changes.is_empty() {
        return;
    }
    put_of_user(world, id, &changes, outlet);
    let account = world.users.get(&id).and_then(|user| user.person.account.clone());
    let changes: Arc<[Change]> = changes.into();
    for bearer in bearers(world, id, account.as_deref()) {
        tell(world, id, bearer, &changes, outlet.origin(), outlet);
    }
}

/// Goes over to what the account has to which a user has just logged in, or out of which: `before` is what they had. What
/// they have said of themself as a guest is their account's from now on, where it has nothing under the same key.
pub(super) fn logged_in(world: &mut World, id: UserId, before: &Values, outlet: &mut Outlet<'_>) {
    let Some(user) = world.users.get_mut(&id) else { return };
    let account = user.person.account.clone();
    if let Some(account) = account.as_deref() {
        let own = user.seldom.change(|seldom| core::mem::take(&mut seldom.metadata));
        let kept = world.metadata.of_account(account, world.mapping());
        let room = world.settings.metadata_keys.saturating_sub(kept.len());
        let added = own.into_iter().filter(|(key, _)| !kept.contains_key(key)).take(room);
        let added: Vec<Change> = added.map(Change::from).collect();
        if !added.is_empty() {
            put_of_user(world, id, &added, outlet);
            let added: Arc<[Change]> = added.into();
            for bearer in bearers(world, id, Some(account)).into_iter().filter(|bearer| *bearer != id) {
                tell(world, id, bearer, &added, None, outlet);
            }
        }
    }
    let changes = metadata::differences(before, &of(world, id));
    if !changes.is_empty() {
        tell(world, id, id, &changes.into(), None, outlet);
    }
}

/// Notes what a new session wants to know about; returns what its user says of themself, if the session knows of metadata.
pub(super) fn subscribed(
    world: &mut World,
    session: SessionId,
    id: UserId,
    keys: Option<Vec<Arc<str>>>,
) -> Option<Values> {
    world.metadata.subscribe(session, keys?);
    Some(of(world, id))
}

/// Returns what a user says of themself; nothing when there is no such user.
pub(super) fn of(world: &World, id: UserId) -> Values {
    world.users.get(&id).map(|user| world.metadata_of(user).clone()).unwrap_or_default()
}

/// Returns what everybody is told of a user who asks about them.
pub(super) fn for_whois(world: &World, user: &User) -> Vec<(Arc<str>, Arc<str>)> {
    let values = world.metadata_of(user);
    let told = WHOIS_KEYS.iter().filter_map(|key| values.get_key_value(*key));
    told.map(|(key, value)| (Arc::clone(key), Arc::clone(value))).collect()
}
