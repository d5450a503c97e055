//! RELAYMSG: a bot that bridges to elsewhere says what people there have said, under their names.
//!
//! Such a name has a character that no ordinary nick may have, so nobody here is ever impersonated, and the message tells
//! whose bot said it. It is kept and shown like any other message of the channel; it has no account, and its user name and
//! host are the server's.
//!
//! Spec: `IRCv3` draft "relaymsg" (pull request 417). Wire: `session::features::relaymsg`. Proof: `scenarios/relaymsg.txt`.

use std::sync::Arc;

use irc::names::{Nick, UserName, is_bad_in_name};

use super::{Decision, message, record};
use crate::channel::Channel;
use crate::command::Relay;
use crate::event::{Message, MessageKind, Target};
use crate::fact::Fact;
use crate::ids::UserId;
use crate::permission::{self, Action, Standing, is_barred_ctcp};
use crate::person::{Person, PersonFields};
use crate::refusal::{CannotRelay, Refusal};
use crate::settings::Relaymsg;
use crate::time::Now;
use crate::user::User;
use crate::world::World;

/// The user name of everybody elsewhere.
pub const USER_NAME: &str = "relay";

/// The longest name, in bytes: those elsewhere are longer than nicks, and have the name of the place behind them.
pub const NICK_BYTES_MAX: usize = 64;

/// What the specification has servers keep out, because lines, masks, lists and ranks are written with it.
const RESERVED: &str = "!+%@&#$:'\"?*,.~";

/// Decides whether the message may be relayed.
///
/// # Errors
/// 403, 404, and the refusals of [`CannotRelay`].
pub fn decide(world: &mut World, id: UserId, relay: Relay, now: Now) -> Result<Decision, Refusal> {
    let (message, rules) = judge(world, id, relay)?;
    if let Some(user) = world.users.get_mut(&id) {
        user.active = now.instant;
    }
    Ok(record(Fact::Said { message: Arc::new(message), rules, delivery: None }))
}

fn judge(world: &World, id: UserId, relay: Relay) -> Result<(Message, crate::ids::RulesVersion), Refusal> {
    let settings = &world.settings.relaymsg;
    if !settings.enabled {
        return Err(Refusal::CannotRelay(CannotRelay::NotEnabled));
    }
    let Some(user) = world.users.get(&id) else { return Err(Refusal::NoText) };
    let channel = world.expect_visible_channel(&relay.channel, user)?;
    may_relay(world, user, channel)?;
    if relay.text.trim().is_empty() {
        return Err(Refusal::CannotRelay(CannotRelay::Blank));
    }
    if !is_nick(&relay.nick, settings) || world.is_name_taken(&relay.nick, None) {
        return Err(Refusal::CannotRelay(CannotRelay::InvalidNick));
    }
    message::may_speak(world, user, channel, is_barred_ctcp(&relay.text))?;
    let sender = Person::from(PersonFields {
        nick: Nick::trusted(&*relay.nick),
        username: UserName::trusted(USER_NAME),
        host: Arc::clone(&world.settings.server_name),
        realname: (&*relay.nick).into(),
        shown: None,
        account: None,
        bot: false,
        operator: false,
    });
    let message = Message {
        how: MessageKind::Privmsg,
        user: id,
        sender: Arc::new(sender),
        target: Target::Channel { id: channel.id, name: channel.name.clone(), rank: None },
        text: relay.text,
        tags: relay.tags,
        concats: None,
        relayed_by: Some(user.person.nick().clone()),
    };
    Ok((message, channel.rules))
}

/// Tells whether the user may relay into the channel.
///
/// # Errors
/// [`CannotRelay::PrivilegesNeeded`].
pub(super) fn may_relay(world: &World, user: &User, channel: &Channel) -> Result<(), Refusal> {
    let action = Action::Relay { chanops: world.settings.relaymsg.chanops };
    permission::check(Standing::of_speaker(world, user, channel), action, channel)
        .map_err(|_| Refusal::CannotRelay(CannotRelay::PrivilegesNeeded))
}

/// Tells whether somebody elsewhere may be called this.
fn is_nick(nick: &str, settings: &Relaymsg) -> bool {
    let is_separator = |character: char| settings.separators.contains(character);
    (1..=NICK_BYTES_MAX).contains(&nick.len())
        && nick.contains(is_separator)
        && !nick.starts_with(is_separator)
        && !nick
            .chars()
            .any(|character| is_bad_in_name(character) || (RESERVED.contains(character) && !is_separator(character)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_elsewhere_is_called_what_nobody_here_can_be() {
        let slash = Relaymsg::default();
        for good in ["smt/discord", "a/", "1/x", "Ánna/T", "日本/m", "a-b|c/d"] {
            assert!(is_nick(good, &slash), "{good}");
        }
        let long = format!("{}/d", "x".repeat(NICK_BYTES_MAX));
        let bad = [
            "",
            "smt",
            "/d",
            "a b/d",
            "a!b/d",
            "@a/d",
            "~a/d",
            "a:b/d",
            "a,b/d",
            "a.b/d",
            "a\u{202e}b/d",
            "a\n/d",
            &long,
        ];
        for bad in bad {
            assert!(!is_nick(bad, &slash), "{bad:?}");
        }
        let tilde = Relaymsg { separators: "~=".into(), ..slash };
        assert!(is_nick("smt~discord", &tilde) && is_nick("smt=d", &tilde));
        assert!(!is_nick("smt/discord", &tilde) && !is_nick("~smt", &tilde));
    }
}
