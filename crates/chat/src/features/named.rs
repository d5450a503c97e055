//! A message that was said before, named by where and its id: REDACT and EDIT find it in the same way.
//!
//! What the asker cannot see is not told apart from what there is not: ids must not be worth guessing.

use std::sync::Arc;

use irc::names::CHANNEL_PREFIX;

use super::chathistory::visible_from;
use super::message::split_status;
use crate::channel::Channel;
use crate::command::Named;
use crate::event::{Message, Target};
use crate::history::{Found, Query};
use crate::ids::{MsgId, UserId};
use crate::permission::{self, Action, Standing, is_author};
use crate::refusal::{CannotChange, Refusal};
use crate::reply::Kept;
use crate::time::Timestamp;
use crate::user::User;
use crate::world::World;

/// A message that was found, and what the asker has to do with it.
#[derive(Debug)]
pub(super) struct Seen {
    /// Its id.
    pub(super) id: MsgId,
    /// With its newest words.
    pub(super) message: Arc<Message>,
    /// Where it was said, as that is called now.
    pub(super) target: Target,
    /// When it was said.
    at: Timestamp,
    /// Whether the asker said it.
    pub(super) own: bool,
}

impl Named {
    /// Says why it stays as it is.
    pub(super) fn refused(&self, command: &'static str, why: CannotChange) -> Refusal {
        Refusal::CannotChange { command, target: self.target.clone(), id: self.id.clone(), why }
    }

    /// Asks for it.
    ///
    /// # Errors
    /// [`CannotChange::Target`], [`CannotChange::Unknown`].
    pub(super) fn query(&self, world: &World, user: &User) -> Result<Query, CannotChange> {
        let channel = self.channel(world, user)?;
        if channel.is_none() {
            world.settings.names.nick(&self.target).map_err(|_| CannotChange::Target)?;
        }
        let id: MsgId = self.id.parse().map_err(|()| CannotChange::Unknown)?;
        Ok(match channel {
            Some(channel) => Query::message_in(id, channel.name.clone()),
            None => Query::message(id),
        })
    }

    /// Finds the channel that is named, if it is no nick.
    fn channel<'w>(&self, world: &'w World, user: &User) -> Result<Option<&'w Channel>, CannotChange> {
        let (_, name) = split_status(&self.target);
        if !name.starts_with(CHANNEL_PREFIX) {
            return Ok(None);
        }
        let channel = world.channel_by_name(name).ok_or(CannotChange::Target)?;
        let standing = Standing::of(user, channel, world.mapping());
        permission::check(standing, Action::Redact { own: true }, channel).map_err(|_| CannotChange::Target)?;
        Ok(Some(channel))
    }

    /// Looks whether what was found is what was named.
    ///
    /// # Errors
    /// [`CannotChange::Target`], [`CannotChange::Unknown`], [`CannotChange::Unreadable`].
    pub(super) fn seen(&self, world: &World, user: &User, found: Found) -> Result<Seen, CannotChange> {
        let kept = match found {
            Found::Message(kept) => kept.ok_or(CannotChange::Unknown)?,
            _ => return Err(CannotChange::Unreadable),
        };
        let own = is_author(user, &kept.message, world.mapping());
        let target = match self.channel(world, user)? {
            Some(channel) => in_channel(world, user, channel, &kept, own),
            None => between(world, user, &self.target, &kept.message, own),
        };
        let target = target.ok_or(CannotChange::Unknown)?;
        Ok(Seen { id: kept.id, message: kept.message, target, at: kept.at, own })
    }
}

impl Seen {
    /// Looks whether it was said so lately; 0 seconds: whenever it was.
    ///
    /// # Errors
    /// [`CannotChange::TooLate`].
    pub(super) fn expect_within(&self, seconds: u64, now: Timestamp) -> Result<(), CannotChange> {
        let age = u64::try_from(now.0.saturating_sub(self.at.0)).unwrap_or(0);
        let is_late = seconds > 0 && age > seconds.saturating_mul(1000);
        if is_late { Err(CannotChange::TooLate { seconds }) } else { Ok(()) }
    }
}

/// Names the channel as it is called now, if the user could see the message. The store found it in the past of the channel
/// that had this name when it looked: unless that one has another name by now.
fn in_channel(world: &World, user: &User, channel: &Channel, kept: &Kept, own: bool) -> Option<Target> {
    let Target::Channel { id, rank, .. } = &kept.message.target else { return None };
    let is_there = *id == channel.id || !world.channels.contains_key(id);
    let saw = rank.is_none_or(|rank| own || channel.ranks_of(user.id).is_some_and(|ranks| ranks.at_least(rank)));
    let may_read = own || visible_from(world, user, channel).is_some_and(|from| from <= kept.id.seq);
    (is_there && saw && may_read).then(|| Target::Channel { id: channel.id, name: channel.name.clone(), rank: *rank })
}

/// Names whom the message was for as they are called now, if it was said between the user and who is named.
fn between(world: &World, user: &User, named: &str, message: &Message, own: bool) -> Option<Target> {
    let Target::User { id, nick, account } = &message.target else { return None };
    let receiver = (*id, nick.as_str(), account.as_deref());
    let is_there = if own {
        is_called(world, named, receiver)
    } else {
        let sender = (message.user, message.sender.nick().as_str(), message.sender.account.as_deref());
        is_same(world, user, receiver) && is_called(world, named, sender)
    };
    if !is_there {
        return None;
    }
    let now = world.users.get(id).or_else(|| world.user_by_nick(named).filter(|now| is_same(world, now, receiver)));
    let now = now.map(|now| Target::User {
        id: now.id,
        nick: now.person.nick().clone(),
        account: now.person.account.clone(),
    });
    Some(now.unwrap_or_else(|| message.target.clone()))
}

/// Tells whether a name means somebody of then: their nick then, or that of who they are now.
fn is_called(world: &World, named: &str, then: (UserId, &str, Option<&str>)) -> bool {
    world.mapping().same(named, then.1) || world.user_by_nick(named).is_some_and(|now| is_same(world, now, then))
}

/// Tells whether a user is somebody of then: the same user, or logged in to the same account.
fn is_same(world: &World, now: &User, then: (UserId, &str, Option<&str>)) -> bool {
    let accounts = now.person.account.as_deref().zip(then.2);
    now.id == then.0 || accounts.is_some_and(|(now, then)| world.mapping().same(now, then))
}
