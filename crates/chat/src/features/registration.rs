//! Registered channels: to register, drop and hand over a channel, and its access list.
//!
//! Spec: none; the words are those of ChanServ as IRC users know them. Wire: `session::features::services::chanserv`.
//! Proof: `scenarios/chanserv.txt`, `scenarios/registered-channels.txt`.

use std::sync::Arc;

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::channel::Channel;
use crate::command::RegistrationCommand;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::{ChannelId, UserId};
use crate::modes::ModeChange;
use crate::permission::{self, Action, Hidden, Standing};
use crate::rank::{Rank, RankSet};
use crate::refusal::{Refusal, RegistrationRefusal};
use crate::registration::{Access, Registration};
use crate::reply::{ChannelInfo, RegistrationReply, Reply};
use crate::user::User;
use crate::world::World;

/// Decides what is asked of a channel's registration.
///
/// # Errors
/// 403 and 482, and [`Refusal::Registration`] for what has no numeric.
pub fn decide(
    world: &World,
    user: &User,
    channel: &str,
    what: RegistrationCommand,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let channel = world.expect_visible_channel(channel, user)?;
    let standing = Standing::of(user, channel, world.mapping());
    let ids = (user.id, channel.id);
    let (fact, action, what) = match what {
        RegistrationCommand::Register => {
            (register(world, user, channel, standing)?, Action::Register, "REGISTER".to_owned())
        }
        RegistrationCommand::Info => {
            answer(outlet, RegistrationReply::Info(Box::new(info(channel, standing))));
            return Ok(Decision::Answered);
        }
        RegistrationCommand::Drop { code } => {
            expect_registered(channel)?;
            permission::check(standing, Action::Drop, channel)?;
            let expected = drop_code(channel);
            if code.is_none_or(|code| *code != *expected) {
                let channel = channel.name.clone();
                answer(outlet, RegistrationReply::DropCode { channel, code: expected.into() });
                return Ok(Decision::Answered);
            }
            (Fact::ChannelDropped { user: ids.0, channel: ids.1 }, Action::Drop, "DROP".to_owned())
        }
        RegistrationCommand::AccessList => {
            let registration = expect_registered(channel)?;
            let (founder, entries) = (Arc::clone(&registration.founder), registration.access.clone());
            answer(outlet, RegistrationReply::AccessList { channel: channel.name.clone(), founder, entries });
            return Ok(Decision::Answered);
        }
        RegistrationCommand::Access { account, rank } => {
            let (fact, action) = access(world, user, channel, standing, (&account, rank))?;
            (
                fact,
                action,
                format!("ACCESS {account} {}", rank.map_or("DEL".into(), |rank| format!("+{}", rank.letter()))),
            )
        }
        RegistrationCommand::Transfer { account } => {
            expect_registered(channel)?;
            permission::check(standing, Action::Transfer, channel)?;
            let founder = expect_account(world, channel, &account)?;
            may_have_another(world, channel, &founder)?;
            let what = format!("TRANSFER {founder}");
            (Fact::FounderChanged { user: ids.0, channel: ids.1, founder }, Action::Transfer, what)
        }
    };
    Ok(audit::in_channel(user, standing, action, channel, fact, &what))
}

fn answer(outlet: &mut Outlet<'_>, reply: RegistrationReply) {
    outlet.reply_with_state(Reply::Registration(reply));
}

fn no(channel: &Channel, why: RegistrationRefusal) -> Refusal {
    Refusal::Registration { channel: channel.shown(), why }
}

fn register(world: &World, user: &User, channel: &Channel, standing: Standing) -> Result<Fact, Refusal> {
    let founder = user.person.account.clone().ok_or_else(|| no(channel, RegistrationRefusal::AccountNeeded))?;
    if channel.permanent {
        return Err(no(channel, RegistrationRefusal::Permanent));
    }
    if channel.registration.is_some() {
        return Err(no(channel, RegistrationRefusal::Registered));
    }
    permission::check(standing, Action::Register, channel)?;
    may_have_another(world, channel, &founder)?;
    Ok(Fact::ChannelRegistered { user: user.id, channel: channel.id, founder })
}

fn may_have_another(world: &World, channel: &Channel, founder: &str) -> Result<(), Refusal> {
    let mapping = world.mapping();
    let is_theirs =
        |channel: &&Channel| channel.registration.as_ref().is_some_and(|own| mapping.same(&own.founder, founder));
    let limit = world.settings.registered_channels_per_account;
    if world.channels.values().filter(is_theirs).count() < limit {
        Ok(())
    } else {
        Err(no(channel, RegistrationRefusal::TooMany { limit }))
    }
}

fn expect_registered(channel: &Channel) -> Result<&Registration, Refusal> {
    channel.registration.as_ref().ok_or_else(|| no(channel, RegistrationRefusal::NotRegistered))
}

fn expect_account(world: &World, channel: &Channel, name: &str) -> Result<Arc<str>, Refusal> {
    let found = world.accounts.get(name, world.mapping()).map(|account| Arc::clone(&account.name));
    found.ok_or_else(|| no(channel, RegistrationRefusal::NoSuchAccount(name.into())))
}

fn access(
    world: &World,
    user: &User,
    channel: &Channel,
    standing: Standing,
    (account, rank): (&str, Option<Rank>),
) -> Result<(Fact, Action), Refusal> {
    let registration = expect_registered(channel)?;
    let mapping = world.mapping();
    let before = registration.rank_of(account, mapping);
    if before == Some(Rank::Founder) {
        return Err(no(channel, RegistrationRefusal::IsFounder(account.into())));
    }
    let action = Action::ChangeAccess(before.max(rank).unwrap_or(Rank::Voice));
    permission::check(standing, action, channel)?;
    // An account that is gone can still be taken off the list.
    let account = match registration.access.iter().find(|entry| mapping.same(&entry.account, account)) {
        Some(entry) => Arc::clone(&entry.account),
        None if rank.is_none() => return Err(no(channel, RegistrationRefusal::NotListed(account.into()))),
        None => expect_account(world, channel, account)?,
    };
    let limit = world.settings.access_entries;
    if before.is_none() && registration.access.len() >= limit {
        return Err(no(channel, RegistrationRefusal::AccessFull { limit }));
    }
    Ok((Fact::AccessChanged { user: user.id, channel: channel.id, account, rank }, action))
}

/// Returns the word that has to be repeated to drop a channel: nobody loses one by a slip of the hand.
fn drop_code(channel: &Channel) -> String {
    let at = channel.registration.as_ref().map_or(channel.created, |registration| registration.at);
    format!("{:04x}", at.0.unsigned_abs().wrapping_mul(0x9e37_79b9).wrapping_add(channel.id.0) & 0xffff)
}

fn info(channel: &Channel, standing: Standing) -> ChannelInfo {
    let is_inside = standing.ranks.is_some() || standing.access.is_some();
    ChannelInfo {
        channel: channel.name.clone(),
        registration: channel.registration.as_ref().map(|own| (Arc::clone(&own.founder), own.at)),
        created: channel.created,
        topic: channel.topic.clone(),
        modes: channel.modes.clone(),
        with_key: permission::may_see(Hidden::Key, is_inside, standing.operator),
        members: channel.members.len(),
    }
}

/// Registers the channel, unless somebody was quicker; the founder gets the rank that goes with it.
pub fn registered(world: &mut World, user: UserId, channel_id: ChannelId, founder: &Arc<str>, outlet: &mut Outlet<'_>) {
    let Some(channel) = world.channels.get_mut(&channel_id) else { return };
    if channel.registration.is_some() || channel.permanent {
        outlet.reply(Reply::Refused(no(channel, RegistrationRefusal::Registered)));
        return;
    }
    channel.registration = Some(Registration::new(Arc::clone(founder), outlet.at));
    channel.rules_changed();
    let name = channel.name.clone();
    outlet.reply(Reply::Registration(RegistrationReply::Registered { channel: name, founder: Arc::clone(founder) }));
    change_rank(world, channel_id, user, Rank::Founder, true, outlet);
    keep(world, channel_id, outlet);
}

/// Makes the channel one like others: it vanishes with its last member.
pub fn dropped(world: &mut World, channel_id: ChannelId, outlet: &mut Outlet<'_>) {
    let Some(channel) = world.channels.get_mut(&channel_id).filter(|channel| channel.registration.is_some()) else {
        return;
    };
    channel.registration = None;
    channel.rules_changed();
    outlet.reply(Reply::Registration(RegistrationReply::Dropped { channel: channel.name.clone() }));
    world.settle_channel(channel_id, &mut outlet.rows);
}

/// Changes the access list, and the ranks of those who are inside.
pub fn access_changed(
    world: &mut World,
    user: UserId,
    channel_id: ChannelId,
    account: &Arc<str>,
    rank: Option<Rank>,
    outlet: &mut Outlet<'_>,
) {
    let mapping = world.mapping();
    let by: Arc<str> = world.users.get(&user).map_or("", |user| user.nick()).into();
    let Some(channel) = world.channels.get_mut(&channel_id) else { return };
    let Some(registration) = &mut channel.registration else { return };
    let before = registration.rank_of(account, mapping).filter(|before| *before != Rank::Founder);
    let entry = rank.map(|rank| Access { account: Arc::clone(account), rank, by, at: outlet.at });
    registration.set_access(account, entry, mapping);
    let (channel, account_shown) = (channel.name.clone(), Arc::clone(account));
    outlet.reply(Reply::Registration(RegistrationReply::AccessChanged { channel, account: account_shown, rank }));
    for member in members_of_account(world, channel_id, account) {
        if let Some(before) = before.filter(|before| Some(*before) != rank) {
            change_rank(world, channel_id, member, before, false, outlet);
        }
        if let Some(rank) = rank {
            change_rank(world, channel_id, member, rank, true, outlet);
        }
    }
    keep(world, channel_id, outlet);
}

/// Gives the channel to another account.
pub fn transferred(world: &mut World, channel_id: ChannelId, founder: &Arc<str>, outlet: &mut Outlet<'_>) {
    let mapping = world.mapping();
    let Some(channel) = world.channels.get_mut(&channel_id) else { return };
    let Some(registration) = &mut channel.registration else { return };
    let before = core::mem::replace(&mut registration.founder, Arc::clone(founder));
    // Whose channel it is stands in no list.
    registration.set_access(founder, None, mapping);
    let name = channel.name.clone();
    outlet.reply(Reply::Registration(RegistrationReply::Transferred { channel: name, founder: Arc::clone(founder) }));
    for (account, on) in [(&before, false), (founder, true)] {
        for member in members_of_account(world, channel_id, account) {
            change_rank(world, channel_id, member, Rank::Founder, on, outlet);
        }
    }
    keep(world, channel_id, outlet);
}

/// Gives a user who has just logged in the ranks that their account has in the channels they are in.
pub(super) fn grant_on_login(world: &mut World, id: UserId, outlet: &mut Outlet<'_>) {
    let mapping = world.mapping();
    let Some(user) = world.users.get(&id) else { return };
    let Some(account) = user.person.account.clone() else { return };
    let channels = user.channels.iter().filter_map(|channel| world.channels.get(channel));
    let due: Vec<_> = channels
        .filter_map(|channel| Some((channel.id, channel.registration.as_ref()?.rank_of(&account, mapping)?)))
        .collect();
    for (channel, rank) in due {
        change_rank(world, channel, id, rank, true, outlet);
        keep(world, channel, outlet);
    }
}

/// Lets go of an account that is no more: its channels are as if they were dropped, and it stands in no list.
pub fn forget_account(world: &mut World, account: &str, outlet: &mut Outlet<'_>) {
    let mapping = world.mapping();
    let concerned: Vec<_> = world
        .channels
        .values()
        .filter(|channel| channel.registration.as_ref().is_some_and(|own| own.rank_of(account, mapping).is_some()))
        .map(|channel| channel.id)
        .collect();
    for id in concerned {
        let Some(channel) = world.channels.get_mut(&id) else { continue };
        let Some(registration) = &mut channel.registration else { continue };
        if mapping.same(&registration.founder, account) {
            channel.registration = None;
            world.settle_channel(id, &mut outlet.rows);
        } else {
            registration.set_access(account, None, mapping);
            keep(world, id, outlet);
        }
    }
}

fn keep(world: &World, channel: ChannelId, outlet: &mut Outlet<'_>) {
    if let Some(channel) = world.channels.get(&channel) {
        channel.keep(outlet);
    }
}

fn members_of_account(world: &World, channel: ChannelId, account: &str) -> Vec<UserId> {
    let mapping = world.mapping();
    let members = world.channels.get(&channel).into_iter().flat_map(|channel| channel.members.keys());
    members
        .filter(|id| {
            let own = world.users.get(id).and_then(|user| user.person.account.as_deref());
            own.is_some_and(|own| mapping.same(own, account))
        })
        .copied()
        .collect()
}

/// Gives a member a rank, or takes it; everybody in the channel sees that the server did.
fn change_rank(
    world: &mut World,
    channel_id: ChannelId,
    member: UserId,
    rank: Rank,
    on: bool,
    outlet: &mut Outlet<'_>,
) {
    let mapping = world.mapping();
    let Some(nick) = world.users.get(&member).map(|user| Arc::from(user.nick())) else { return };
    let Some(channel) = world.channels.get_mut(&channel_id) else { return };
    let change = ModeChange::Rank { rank, member, nick, on };
    let by = "".into();
    if channel.change(&change, &by, outlet.at, mapping) {
        channel.rules_changed();
        world.changed_users.insert(member);
        let kind = EventKind::ModesChanged { channel: channel.named(), changes: vec![change] };
        outlet.show(Audience::channel(channel_id), None, kind);
    }
}

/// Shows the rank that somebody has entered with.
pub(super) fn show_rank(world: &World, channel: &Channel, member: UserId, outlet: &mut Outlet<'_>) {
    let (Some(user), Some(rank)) = (world.users.get(&member), channel.ranks_of(member).and_then(RankSet::highest))
    else {
        return;
    };
    let changes = vec![ModeChange::Rank { rank, member, nick: user.nick().into(), on: true }];
    outlet.show(Audience::channel(channel.id), None, EventKind::ModesChanged { channel: channel.named(), changes });
}
