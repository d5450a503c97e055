//! Connection registration: a session becomes a user.
//!
//! Spec: Modern IRC, "Connection Registration". Wire: `session::registration`, `session::plain`.

use std::collections::BTreeSet;
use std::sync::Arc;

use irc::names::with_suffix;

use super::outlet::Outlet;
use super::{away, metadata, monitor, persistence, server_ban, sessions};
use crate::command::Connect;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::{SessionId, UserId};
use crate::modes::UserModes;
use crate::person::{Person, PersonFields};
use crate::refusal::Refusal;
use crate::reply::{Reply, Welcome};
use crate::time::Now;
use crate::user::{Attached, SeldomAttached, SeldomUser, User};
use crate::world::{Pending, World};

/// Decides under which name the session becomes a user.
///
/// # Errors
/// [`Refusal::ServerBanned`] for those who are kept off the server, [`Refusal::NicknameInUse`] when the name is in use,
/// [`Refusal::NicknameReserved`] when it is an account's,
/// [`Refusal::AccountRequired`] without the account that is needed, and what [`sessions::user_of`] says.
pub fn decide(world: &mut World, session: SessionId, connect: &Connect, now: Now) -> Result<Fact, Refusal> {
    server_ban::check_newcomer(world, &connect.person, connect.address, now.wall)?;
    let mut wanted = connect.person.clone();
    // The account may have been removed since the session has proved that it is this one, or its owner may not want to know of
    // what was proved so long ago.
    let account = wanted.account.as_deref().and_then(|name| world.accounts.get(name, world.mapping()));
    let account = account.filter(|account| account.renewed <= connect.proved);
    if account.is_none() && world.settings.require_account {
        return Err(Refusal::AccountRequired);
    }
    let mut modes = world.settings.default_user_modes;
    wanted.operator = account.is_some_and(|account| account.operator.is_some());
    modes.set(UserModes::OPERATOR, wanted.operator);
    wanted.account = account.map(|account| Arc::clone(&account.name));
    let early = connect.metadata.as_deref();
    let own = sessions::user_of(world, &wanted)?;
    let fact = if let (Some(user), Some(account)) = (own, &wanted.account) {
        let metadata = early.and_then(|early| metadata::early(world, Some(account), &early.values));
        Fact::SessionAttached { user, account: Arc::clone(account), metadata }
    } else {
        let person = free_person(world, &wanted, None)?;
        let metadata = early.and_then(|early| metadata::early(world, person.account.as_deref(), &early.values));
        let user = world.new_user_id();
        Fact::UserConnected { user, person: Arc::new(person), modes, metadata }
    };
    let away = connect.away.as_deref().and_then(|text| away::text(text, &world.settings));
    let (address, gateway) = (Some(connect.address), connect.gateway.clone());
    let (secure, unknown) = (connect.secure, connect.unknown);
    let subscriptions = early.map(|early| early.keys.clone());
    world.pending.insert(session, Pending { address, gateway, secure, unknown, away, subscriptions });
    Ok(fact)
}

/// Finds the form in which the wanted names are free. A nick that was derived from the name as typed gives way silently,
/// by a number behind it; the name as typed itself does not.
///
/// # Errors
/// [`Refusal::NicknameInUse`], [`Refusal::NicknameReserved`].
pub(super) fn free_person(world: &World, wanted: &PersonFields, but: Option<UserId>) -> Result<Person, Refusal> {
    let rules = &world.settings.names;
    let typed = wanted.shown.as_deref().unwrap_or(wanted.nick.as_str());
    let mut fields = wanted.clone();
    if world.is_name_taken(typed, but) {
        return Err(Refusal::NicknameInUse(typed.into()));
    }
    let account = wanted.account.as_deref();
    if world.is_name_reserved(typed, account, but) {
        return Err(Refusal::NicknameReserved(typed.into()));
    }
    let is_taken = |name: &str| world.is_name_taken(name, but) || world.is_name_reserved(name, account, but);
    if is_taken(fields.nick.as_str()) {
        let base = fields.nick.clone();
        let free = (2..=u32::MAX).map(|n| with_suffix(base.as_str(), n, rules)).find(|n| !is_taken(n.as_str()));
        fields.nick = free.unwrap_or_else(|| unreachable!("there are more numbers than users"));
        fields.shown.get_or_insert_with(|| typed.into());
    }
    if fields.shown.as_deref() == Some(fields.nick.as_str()) {
        fields.shown = None;
    }
    Ok(Person::from(fields))
}

/// Adds the user and welcomes the session. Another node may have taken the nick meanwhile: then the answer is no.
pub fn apply(
    world: &mut World,
    id: UserId,
    person: &Arc<Person>,
    modes: UserModes,
    said: Option<&str>,
    now: Now,
    outlet: &mut Outlet<'_>,
) {
    let Pending { address, gateway, secure, unknown, away, subscriptions } = world.take_pending(outlet.origin());
    if let Some(taken) = world.taken_name(person.nick().as_str(), person.shown.as_deref(), None) {
        outlet.reply(Reply::Refused(Refusal::NicknameInUse(taken.into())));
        return;
    }
    let account = person.account.as_deref().and_then(|name| world.accounts.get(name, world.mapping()));
    let operator = account.and_then(|account| account.operator).filter(|_| modes.contains(UserModes::OPERATOR));
    let since = outlet.seq().unwrap_or_default();
    let attached = outlet.origin().zip(address).map(|(session, address)| {
        let seldom = SeldomAttached { gateway, away: away.clone() }.into();
        Attached { session, address, secure, seldom, since, entered: Box::default() }
    });
    if let Some(session) = outlet.origin() {
        world.sessions.insert(session, id);
        outlet.attach(session, id, Arc::clone(person), Vec::new());
    }
    world.insert_user(User {
        id,
        person: Arc::clone(person),
        modes,
        operator,
        channels: BTreeSet::new(),
        sessions: attached.into_iter().collect(),
        connections: 1,
        stays: false,
        signed_on: outlet.at,
        active: now.instant,
        seldom: SeldomUser { away: away.clone(), ..SeldomUser::default() }.into(),
    });
    persistence::begin(world, id, outlet);
    let persistence = world.users.get(&id).and_then(|user| persistence::status(world, user));
    // The session was one of those it counted itself.
    let counts = world.counts(unknown.saturating_sub(1));
    metadata::connected(world, id, said, outlet);
    let metadata = outlet.origin().and_then(|session| metadata::subscribed(world, session, id, subscriptions));
    let welcome = Welcome { person: Arc::clone(person), modes, counts, metadata, persistence };
    outlet.reply(Reply::Welcome(Box::new(welcome)));
    monitor::online(world, person, outlet);
    if away.is_some() {
        // "AWAY pre-registration sets the away message but does not inhibit reporting of the change in nickname status".
        let watchers = world.watchers.of(person.nick().as_str(), world.mapping());
        let audience = Audience::channels([]).and_watchers(watchers);
        outlet.show(audience, world.actor(id), EventKind::Away { text: away });
    }
}
