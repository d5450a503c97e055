//! WEBPUSH: notifications for telephones and browsers that are not connected.
//!
//! Spec: `IRCv3` "draft/webpush" (specification pull request #471), the same as `soju.im/webpush`. Wire:
//! `session::features::webpush`. Proof: `scenarios/webpush.txt`, `tests/e2e/test_webpush.py`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::outlet::Outlet;
use super::{Decision, record};
use crate::account::{Account, AccountChange};
use crate::command::WebPushCommand;
use crate::event::{Event, Message, MessageKind, Target};
use crate::fact::Fact;
use crate::ids::UserId;
use crate::push::{Push, Subscription};
use crate::refusal::Refusal;
use crate::reply::{Reply, WebPushed};
use crate::user::User;
use crate::world::World;

/// Decides what somebody asks about notifications.
///
/// # Errors
/// [`Refusal::LogInNeeded`]: who has no account cannot be told apart from others later; [`Refusal::TooManySubscriptions`].
pub fn decide(
    world: &World,
    user: &User,
    command: WebPushCommand,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let account = user.person.account.as_deref().and_then(|name| world.accounts.get(name, world.mapping()));
    let account = account.ok_or(Refusal::LogInNeeded { command: "WEBPUSH" })?;
    let is_known = |endpoint: &str| account.push.iter().any(|known| *known.endpoint == *endpoint);
    match command {
        WebPushCommand::Register(wanted) => {
            let limit = world.settings.push_subscriptions;
            if !is_known(&wanted.endpoint) && account.push.len() >= limit {
                return Err(Refusal::TooManySubscriptions { endpoint: (*wanted.endpoint).into(), limit });
            }
            if account.push.contains(&wanted) {
                // Clients say it at each connection.
                outlet.reply_with_state(Reply::WebPush(WebPushed::Registered(wanted.endpoint)));
                return Ok(Decision::Answered);
            }
            Ok(change(account, AccountChange::PushRegistered {}, wanted.written()))
        }
        WebPushCommand::Unregister(endpoint) if is_known(&endpoint) => {
            Ok(change(account, AccountChange::PushUnregistered {}, endpoint.into()))
        }
        WebPushCommand::Unregister(endpoint) => {
            outlet.reply_with_state(Reply::WebPush(WebPushed::Unregistered(endpoint.into())));
            Ok(Decision::Answered)
        }
    }
}

/// Decides to forget a subscription of which the push service says that it is no more.
pub fn gone(world: &World, account: &str, endpoint: &str) -> Decision {
    let account = world.accounts.get(account, world.mapping());
    match account.filter(|account| account.push.iter().any(|known| *known.endpoint == *endpoint)) {
        Some(account) => change(account, AccountChange::PushUnregistered {}, endpoint.into()),
        None => Decision::Answered,
    }
}

fn change(account: &Account, change: AccountChange, text: Arc<str>) -> Decision {
    record(Fact::AccountChanged { account: Arc::clone(&account.name), change, text })
}

/// Notes a subscription, in the place of one with the same address, and returns what whoever asked is told.
pub(super) fn registered(account: &mut Account, text: &str) -> Option<Reply> {
    let subscription = Subscription::read(text)?;
    let endpoint = Arc::clone(&subscription.endpoint);
    account.push = others(account, &endpoint).chain([subscription]).collect();
    Some(Reply::WebPush(WebPushed::Registered(endpoint)))
}

/// Forgets a subscription, and returns what whoever asked is told.
pub(super) fn unregistered(account: &mut Account, endpoint: &Arc<str>) -> Reply {
    account.push = others(account, endpoint).collect();
    Reply::WebPush(WebPushed::Unregistered(Arc::clone(endpoint)))
}

fn others<'a>(account: &'a Account, endpoint: &'a str) -> impl Iterator<Item = Subscription> + 'a {
    account.push.iter().filter(move |known| *known.endpoint != *endpoint).cloned()
}

/// Has the devices of those told whom a message concerns: of its addressee, or of who is named in a channel they are in.
pub(super) fn said(world: &World, message: &Message, event: &Arc<Event>, outlet: &mut Outlet<'_>) {
    if message.how != MessageKind::Privmsg || !world.accounts.any_has_push() {
        return;
    }
    match &message.target {
        Target::User { id, .. } => {
            let from = message.sender.nick().as_str();
            tell(world, *id, from, message.user, event, outlet);
        }
        Target::Channel { id, name, rank } => {
            let Some(channel) = world.channels.get(id) else { return };
            let named: BTreeSet<UserId> = words(&message.text)
                .filter_map(|word| world.user_by_nick(word))
                .map(|user| user.id)
                .filter(|user| {
                    channel.members.get(user).is_some_and(|ranks| rank.is_none_or(|rank| ranks.at_least(rank)))
                })
                .collect();
            for user in named {
                tell(world, user, name.as_str(), message.user, event, outlet);
            }
        }
    }
}

/// Has the devices of a user told, unless they did it themself. `conversation`: as MARKREAD calls where it happened.
pub(super) fn tell(
    world: &World,
    user: UserId,
    conversation: &str,
    by: UserId,
    event: &Arc<Event>,
    outlet: &mut Outlet<'_>,
) {
    let account_of = |id| world.users.get(&id).and_then(|user: &User| user.person.account.as_ref());
    let Some(account) = account_of(user).filter(|account| user != by && account_of(by) != Some(*account)) else {
        return;
    };
    push(world, account, conversation, event, outlet);
}

/// Has the devices of an account told how far it has read somewhere, so that they take notifications away.
pub(super) fn read(world: &World, account: &Arc<str>, conversation: &str, event: &Arc<Event>, outlet: &mut Outlet<'_>) {
    push(world, account, conversation, event, outlet);
}

fn push(world: &World, account: &Arc<str>, conversation: &str, event: &Arc<Event>, outlet: &mut Outlet<'_>) {
    let Some(found) = world.accounts.get(account, world.mapping()).filter(|found| !found.push.is_empty()) else {
        return;
    };
    outlet.push(Push {
        account: Arc::clone(account),
        conversation: world.fold(conversation).as_str().into(),
        event: Arc::clone(event),
        subscriptions: Arc::clone(&found.push),
    });
}

/// Returns the words of a text that may be nicks: what no nick has in it parts them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |letter: char| letter.is_alphanumeric() || "-_[]\\`^{}|".contains(letter);
    text.split(move |letter| !is_part(letter)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_may_be_nicks() {
        let found = |text| words(text).collect::<Vec<_>>();
        assert_eq!(found("bob: hi, @carol! [away]"), ["bob", "hi", "carol", "[away]"]);
        assert_eq!(found("(bob_) bob-2, è…"), ["bob_", "bob-2", "è"]);
        assert_eq!(found(" ,:\n"), Vec::<&str>::new());
    }
}
