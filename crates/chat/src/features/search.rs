//! SEARCH: what was said, found by its words.
//!
//! Spec: `IRCv3` pull request 496 "search". Wire: `session::features::search`. Proof: `scenarios/search.txt`. What words
//! are: [`crate::search`].

use irc::names::ChannelName;

use super::chathistory::{conversation, entries_max, visible_from};
use super::outlet::Outlet;
use super::{Decision, Then};
use crate::event::{Message, Target};
use crate::history::{Conversation, Directs, Found, Pair, Query, Search, owner};
use crate::ids::{Seq, SessionId};
use crate::refusal::{NoSearch, Refusal};
use crate::reply::Reply;
use crate::search::Asked;
use crate::user::User;
use crate::world::World;

/// Decides where the user may search for what they ask.
///
/// # Errors
/// [`NoSearch::Target`].
pub fn decide(world: &World, user: &User, asked: Box<Asked>) -> Result<Decision, Refusal> {
    let (channels, directs) = scope(world, user, asked.target.as_deref())?;
    let query = Query::Search(Box::new(Search {
        channels,
        directs,
        wanted: asked.wanted.clone(),
        from: asked.from.clone(),
        since: asked.since,
        until: asked.until,
        oldest: asked.since.is_some(),
        limit: asked.limit.unwrap_or(usize::MAX).min(entries_max(world)),
        before: Seq(u64::MAX),
    }));
    Ok(Decision::Query { query, then: Then::Search(asked) })
}

/// Returns where the user may search: the channels, each with the place from which on it may be read, and direct messages.
fn scope(world: &World, user: &User, target: Option<&str>) -> Result<(Vec<(ChannelName, Seq)>, Directs), Refusal> {
    let Some(target) = target else {
        let channels = user.channels.iter().filter_map(|id| world.channels.get(id));
        let channels =
            channels.filter_map(|channel| Some((channel.name.clone(), visible_from(world, user, channel)?))).collect();
        return Ok((channels, Directs::Of(owner_of(world, user))));
    };
    match conversation(world, user, target) {
        Some((Conversation::Channel(name), from, _)) => Ok((vec![(name, from)], Directs::None)),
        Some((Conversation::Direct(direct), ..)) => Ok((Vec::new(), Directs::With(direct))),
        None => Err(Refusal::NoSearch(NoSearch::Target(target.into()))),
    }
}

/// Shows what was found, as far as the user may still read it.
///
/// # Errors
/// [`Refusal::NoSearch`].
pub fn found(
    world: &World,
    session: SessionId,
    asked: &Asked,
    found: Found,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let Some(user) = world.sessions.get(&session).and_then(|id| world.users.get(id)) else {
        return Ok(Decision::Answered);
    };
    // Who has left the one conversation that was asked for is told so.
    if let Some(target) = asked.target.as_ref().filter(|target| conversation(world, user, target).is_none()) {
        return Err(Refusal::NoSearch(NoSearch::Target(target.clone())));
    }
    let Found::Search { mut messages, given_up } = found else { return Err(Refusal::NoSearch(NoSearch::Unreadable)) };
    messages.retain(|kept| may_read(world, user, kept.id.seq, &kept.message));
    outlet.reply(Reply::Found { messages, given_up });
    Ok(Decision::Answered)
}

fn may_read(world: &World, user: &User, seq: Seq, message: &Message) -> bool {
    match &message.target {
        Target::Channel { name, .. } => world
            .channel_by_name(name.as_str())
            .and_then(|channel| visible_from(world, user, channel))
            .is_some_and(|from| from <= seq),
        Target::User { .. } => Pair::of(message, world.mapping()).is_some_and(|pair| {
            let owner = owner_of(world, user);
            pair.sender.owner == owner || pair.receiver.owner == owner
        }),
    }
}

fn owner_of(world: &World, user: &User) -> Box<str> {
    owner(user.id, user.person.account.as_deref(), world.mapping())
}
