//! PRIVMSG, NOTICE, TAGMSG: to say something. They share every rule, so they share this file.
//!
//! Spec: Modern IRC, "Sending Messages"; `IRCv3` "message-tags", STATUSMSG. Wire: `session::features::message`.
//! Proof: `scenarios/privmsg.txt`, `notice.txt`, `tagmsg.txt`, `statusmsg.txt`.

use std::sync::Arc;

use super::multiline::has_barred_ctcp;
use super::outlet::Outlet;
use super::{Decision, record, relaymsg, webpush};
use crate::channel::Channel;
use crate::command::Say;
use crate::effect::Audience;
use crate::event::{Actor, Event, EventKind, Message, MessageKind, Target};
use crate::fact::Fact;
use crate::ids::{MsgId, RulesVersion, UserId};
use crate::permission::{self, Action, Standing};
use crate::rank::Rank;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::time::Now;
use crate::user::User;
use crate::world::World;

/// Client-only tags that make a TAGMSG worth keeping; without one it is a signal, such as typing. None of these
/// specifications is ratified yet; clients that are ahead of that leave out `draft/`.
const KEPT_TAGS: [&str; 6] = ["+draft/react", "+draft/unreact", "+draft/persist", "+react", "+unreact", "+persist"];

/// Decides whether the message may be said. A NOTICE is never refused with an error: it is dropped.
///
/// # Errors
/// 401, 403, 404 or 412.
pub fn decide(
    world: &mut World,
    id: UserId,
    say: Say,
    now: Now,
    outlet: &mut Outlet<'_>,
    next_signal: &mut MsgId,
) -> Result<Decision, Refusal> {
    let is_notice = say.kind == MessageKind::Notice;
    match judge(world, id, say, outlet) {
        // A client that has given it an id waits for its outcome.
        Err(_) if is_notice && !outlet.is_delivery => Ok(Decision::Answered),
        Err(refusal) => Err(refusal),
        Ok((message, rules)) => {
            if let Some(user) = world.users.get_mut(&id).filter(|_| message.how != MessageKind::Tagmsg) {
                user.active = now.instant;
            }
            if is_kept(&message) {
                return Ok(record(Fact::Said { message: Arc::new(message), rules, delivery: None }));
            }
            outlet.id = Some(*next_signal);
            next_signal.seq.0 += 1;
            deliver(world, &Arc::new(message), outlet);
            Ok(Decision::Answered)
        }
    }
}

/// Tells whether a message is kept; another one is a signal.
pub fn is_kept(message: &Message) -> bool {
    message.how != MessageKind::Tagmsg || message.tags.iter().any(|(key, _)| KEPT_TAGS.contains(&key.as_ref()))
}

fn judge(world: &World, id: UserId, say: Say, outlet: &mut Outlet<'_>) -> Result<(Message, RulesVersion), Refusal> {
    let Some(user) = world.users.get(&id) else { return Err(Refusal::NoText) };
    if say.text.is_empty() && say.kind != MessageKind::Tagmsg {
        return Err(Refusal::NoText);
    }
    let (target, rules) = find_target(world, user, &say)?;
    if let Target::User { id: receiver, .. } = &target
        && say.kind == MessageKind::Privmsg
        && let Some(receiver) = world.users.get(receiver)
        && let Some(text) = &receiver.seldom.away
    {
        outlet.reply(Reply::IsAway { person: Arc::clone(&receiver.person), text: Arc::clone(text) });
    }
    let sender = Arc::clone(&user.person);
    Ok((
        Message {
            how: say.kind,
            user: id,
            sender,
            target,
            text: say.text,
            tags: say.tags,
            concats: say.concats,
            relayed_by: None,
        },
        rules,
    ))
}

fn find_target(world: &World, user: &User, say: &Say) -> Result<(Target, RulesVersion), Refusal> {
    let (rank, name) = split_status(&say.target);
    if !name.starts_with('#') {
        let receiver = world.expect_user(&say.target)?;
        permission::check_private(world, user, receiver)?;
        let (nick, account) = (receiver.person.nick().clone(), receiver.person.account.clone());
        return Ok((Target::User { id: receiver.id, nick, account }, RulesVersion(0)));
    }
    let channel = world.expect_channel(name)?;
    may_speak(world, user, channel, has_barred_ctcp(&say.text, say.concats.as_ref()))?;
    Ok((Target::Channel { id: channel.id, name: channel.name.clone(), rank }, channel.rules))
}

/// Splits `@#tea` into the lowest rank that is meant and the channel's name.
pub(super) fn split_status(target: &str) -> (Option<Rank>, &str) {
    let mut rest = target.chars();
    let mut lowest: Option<Rank> = None;
    while let Some(rank) = rest.clone().next().and_then(Rank::from_symbol) {
        lowest = Some(lowest.map_or(rank, |so_far| so_far.min(rank)));
        rest.next();
    }
    (lowest, rest.as_str())
}

pub(super) fn may_speak(world: &World, user: &User, channel: &Channel, ctcp: bool) -> Result<(), Refusal> {
    let standing = Standing::of_speaker(world, user, channel);
    permission::check(standing, Action::Speak { ctcp }, channel)
}

/// Delivers a message that has its place. It was decided against the channel's rules of then: if those have changed
/// since, the same permission is asked again, on every node alike.
pub fn apply(world: &World, message: &Arc<Message>, rules: RulesVersion, outlet: &mut Outlet<'_>) {
    if let Target::Channel { id, .. } = &message.target {
        let Some(channel) = world.channels.get(id) else { return };
        if channel.rules != rules {
            let Some(user) = world.users.get(&message.user) else { return };
            let ctcp = has_barred_ctcp(&message.text, message.concats.as_ref());
            let may_relay =
                if message.relayed_by.is_some() { relaymsg::may_relay(world, user, channel) } else { Ok(()) };
            if let Err(refusal) = may_relay.and_then(|()| may_speak(world, user, channel, ctcp)) {
                outlet.reply(Reply::Refused(refusal));
                return;
            }
        }
    }
    deliver(world, message, outlet);
}

fn deliver(world: &World, message: &Arc<Message>, outlet: &mut Outlet<'_>) {
    let actor = Actor { user: message.user, person: Arc::clone(&message.sender) };
    let kind = EventKind::Message(Arc::clone(message));
    let event = hand_out(world, message.user, &message.target, Some(actor), kind, outlet);
    webpush::said(world, message, &event, outlet);
}

/// Shows something to those whom a message of this user to this target reaches, and to who caused it.
pub(super) fn hand_out(
    world: &World,
    by: UserId,
    target: &Target,
    actor: Option<Actor>,
    kind: EventKind,
    outlet: &mut Outlet<'_>,
) -> Arc<Event> {
    let event = outlet.event(actor, kind);
    let mut audience = match target {
        Target::Channel { id, rank: None, .. } => Audience::channel(*id),
        Target::Channel { id, rank: Some(rank), .. } => {
            let members = world.channels.get(id).into_iter().flat_map(|channel| &channel.members);
            Audience::users(members.filter(|(_, ranks)| ranks.at_least(*rank)).map(|(id, _)| *id))
        }
        Target::User { id, .. } => Audience::user(*id),
    };
    // The sender's other sessions see what was said where not everybody does.
    if !matches!(target, Target::Channel { rank: None, .. })
        && world.users.get(&by).is_some_and(|sender| sender.sessions.len() > 1)
    {
        audience.users.push(by);
    }
    // Who writes to themself gets the message as well as the echo.
    let to_self = matches!(target, Target::User { id, .. } if *id == by);
    audience.except = outlet.origin().filter(|_| !to_self);
    outlet.send(audience, Arc::clone(&event));
    outlet.reply(Reply::Event(Arc::clone(&event)));
    event
}
