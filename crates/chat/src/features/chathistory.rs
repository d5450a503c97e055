//! CHATHISTORY: what was said before.
//!
//! Spec: `IRCv3` "chathistory". Wire: `session::features::chathistory`. Proof: `scenarios/chathistory.txt` and its
//! siblings, `history-privacy.txt`.

use irc::names::{CHANNEL_PREFIX, ChannelName};

use super::outlet::Outlet;
use super::{Decision, Then};
use crate::channel::Channel;
use crate::command::HistoryAsked;
use crate::event::EventKind;
use crate::history::{
    Conversation, Direct, Found, Kinds, Page, Query, Span, Targets, Whom, by_account, by_nick, owner,
};
use crate::ids::{Seq, SessionId};
use crate::permission::{self, Action, Standing};
use crate::refusal::{NoHistory, Refusal};
use crate::reply::{Kept, Reply};
use crate::time::Timestamp;
use crate::user::User;
use crate::world::World;

/// The most entries of one answer, also where the configuration sets no limit: allocation never follows the peer's word.
pub const ENTRIES_MAX: usize = 10_000;

/// Decides which page of which conversation the user may see.
///
/// # Errors
/// [`NoHistory::Target`].
pub fn decide(world: &World, user: &User, asked: Box<HistoryAsked>) -> Result<Decision, Refusal> {
    let no_target = || refused(&asked, NoHistory::Target);
    let (of, visible_from, _) = conversation(world, user, &asked.target).ok_or_else(no_target)?;
    let query = Query::Page(Page {
        of,
        span: asked.span,
        limit: asked.limit.min(entries_max(world)),
        kinds: asked.kinds,
        visible_from,
        before: Seq(u64::MAX),
    });
    Ok(Decision::Query { query, then: Then::History(asked) })
}

/// Shows the page, if the user may still see it.
///
/// # Errors
/// [`Refusal::NoHistory`].
pub fn found(
    world: &World,
    session: SessionId,
    asked: &HistoryAsked,
    found: Found,
    outlet: &mut Outlet<'_>,
) -> Result<Decision, Refusal> {
    let Some(user) = world.sessions.get(&session).and_then(|id| world.users.get(id)) else {
        return Ok(Decision::Answered);
    };
    let Some((_, visible_from, target)) = conversation(world, user, &asked.target) else {
        return Err(refused(asked, NoHistory::Target));
    };
    match found {
        Found::Page { mut entries, is_end } => {
            entries.retain(|event| event.id.is_some_and(|id| id.seq >= visible_from));
            if let Some(channel) = world.channel_by_name(&target) {
                for event in &mut entries {
                    event.move_to(&channel.name);
                }
            }
            outlet.reply(Reply::History { target, entries, is_end });
            Ok(Decision::Answered)
        }
        Found::NoSuchMessage => Err(refused(asked, NoHistory::Message)),
        Found::Targets { .. }
        | Found::Message(_)
        | Found::Search { .. }
        | Found::Delivery(_)
        | Found::Since { .. }
        | Found::Trouble(_) => Err(refused(asked, NoHistory::Unreadable)),
    }
}

fn refused(asked: &HistoryAsked, why: NoHistory) -> Refusal {
    Refusal::NoHistory { subcommand: asked.subcommand, target: Some(asked.target.clone()), why }
}

pub(super) fn entries_max(world: &World) -> usize {
    match world.settings.history_messages {
        0 => ENTRIES_MAX,
        most => most.min(ENTRIES_MAX),
    }
}

/// Finds the conversation of a name, from where on the user may read it, and the name as it is shown. Nothing when there is
/// none, or none that the user may read.
pub(super) fn conversation(world: &World, user: &User, target: &str) -> Option<(Conversation, Seq, Box<str>)> {
    if target.starts_with(CHANNEL_PREFIX) {
        let channel = world.channel_by_name(target)?;
        let visible_from = visible_from(world, user, channel)?;
        return Some((Conversation::Channel(channel.name.clone()), visible_from, channel.name.as_str().into()));
    }
    let mapping = world.mapping();
    let there = world.user_by_nick(target);
    let nick = there.map_or(target, User::nick);
    world.settings.names.nick(nick).ok()?;
    let mut peers = vec![by_nick(nick, mapping)];
    match there {
        Some(other) => peers.extend(other.person.account.as_deref().map(|account| by_account(account, mapping))),
        // Nobody has the nick now: then an account of this name is meant.
        None => peers.push(by_account(nick, mapping)),
    }
    let direct = Direct { owner: owner(user.id, user.person.account.as_deref(), mapping), peers };
    Some((Conversation::Direct(direct), Seq::ZERO, nick.into()))
}

/// Returns from where on the user may read a channel; nothing when not at all.
pub(super) fn visible_from(world: &World, user: &User, channel: &Channel) -> Option<Seq> {
    let mapping = world.mapping();
    permission::check(Standing::of(user, channel, mapping), Action::ReadHistory, channel).ok()?;
    Some(permission::visible_from(user, channel, world.privacy.get(&world.fold(channel.name.as_str())), mapping))
}

/// Looks for the conversations of the user: the channels they are in, and people.
pub fn targets(world: &World, user: &User, from: Timestamp, to: Timestamp, limit: usize) -> Decision {
    let channels = user.channels.iter().filter_map(|id| world.channels.get(id));
    let channels =
        channels.filter_map(|channel| Some((channel.name.clone(), visible_from(world, user, channel)?))).collect();
    let query = Query::Targets(Targets {
        channels,
        owner: owner(user.id, user.person.account.as_deref(), world.mapping()),
        from,
        to,
        limit: limit.min(entries_max(world)),
        before: Seq(u64::MAX),
    });
    Decision::Query { query, then: Then::HistoryTargets }
}

/// Names the conversations as they can be asked for now.
///
/// # Errors
/// [`NoHistory::Unreadable`].
pub fn targets_found(world: &World, found: Found, outlet: &mut Outlet<'_>) -> Result<Decision, Refusal> {
    let Found::Targets { targets: found, is_end } = found else {
        return Err(Refusal::NoHistory { subcommand: "TARGETS", target: None, why: NoHistory::Unreadable });
    };
    let mut targets: Vec<(Box<str>, Timestamp)> = Vec::new();
    for (whom, at) in found {
        let name: Box<str> = match whom {
            Whom::Channel(name) => name.as_str().into(),
            Whom::Person { account, nick } => name_of(world, account.as_deref(), &nick),
        };
        // One person may have been known by nick, and by account later.
        targets.retain(|(known, _)| !world.mapping().same(known, &name));
        targets.push((name, at));
    }
    outlet.reply(Reply::HistoryTargets { targets, is_end });
    Ok(Decision::Answered)
}

/// Returns the nick under which somebody is found: the one they had, while nobody else has it; else their account's name.
fn name_of(world: &World, account: Option<&str>, nick: &str) -> Box<str> {
    let Some(account) = account else { return nick.into() };
    let mapping = world.mapping();
    let is_theirs = |user: &&User| user.person.account.as_deref().is_some_and(|name| mapping.same(name, account));
    if let Some(user) = world.user_by_nick(nick).filter(is_theirs) {
        return user.nick().into();
    }
    world.accounts.get(account, mapping).map_or(account, |account| &*account.name).into()
}

/// Lets a plain client see what was said before it came.
///
/// # Errors
/// 403 when there is no such channel, 442 when the user is outside.
pub fn replay(world: &World, user: &User, channel: &str, most: usize) -> Result<Decision, Refusal> {
    let channel = world.expect_visible_channel(channel, user)?;
    let visible_from = visible_from(world, user, channel).ok_or_else(|| Refusal::NotOnChannel(channel.shown()))?;
    let query = Query::Page(Page {
        of: Conversation::Channel(channel.name.clone()),
        span: Span::Latest(None),
        limit: most,
        kinds: Kinds::default(),
        visible_from,
        before: Seq(u64::MAX),
    });
    Ok(Decision::Query { query, then: Then::Replay { channel: channel.name.clone() } })
}

/// Shows it; when it cannot be read, nothing.
pub fn replayed(channel: ChannelName, found: Found, outlet: &mut Outlet<'_>) -> Decision {
    let entries = if let Found::Page { entries, .. } = found { entries } else { Vec::new() };
    let messages = entries.into_iter().filter_map(|event| match (event.id, event.kind) {
        (Some(id), EventKind::Message(message)) => Some(Kept { id, at: event.at, message }),
        _ => None,
    });
    let messages = messages.collect();
    if let Some(session) = outlet.origin() {
        outlet.tell(session, Reply::Replayed { channel, messages });
    }
    Decision::Answered
}
