//! CHGHOST: a server operator gives a user another user name and host.
//!
//! Spec: `IRCv3` "chghost" for what others see; the command is InspIRCd's. Wire: `session::features::chghost`. Proof:
//! `scenarios/chghost.txt`.

use std::sync::Arc;

use irc::names::UserName;
use smallvec::smallvec;

use super::outlet::Outlet;
use super::{Decision, audit};
use crate::audit::AuditAct;
use crate::effect::Audience;
use crate::event::EventKind;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::permission::{ServerAction, check_server};
use crate::refusal::Refusal;
use crate::user::User;
use crate::world::World;

/// The longest host, in bytes: what a name in the DNS is commonly given on IRC (`HOSTLEN`).
pub const HOST_BYTES_MAX: usize = 64;

/// Decides whether the user may give the other this user name and host. The same ones again are silently nothing.
///
/// # Errors
/// 481 for all but server operators, 401 when there is no such nick, 723 when they are an operator of a higher class,
/// [`Refusal::BadHost`].
pub fn decide(world: &World, user: &User, nick: &str, username: &str, host: &str) -> Result<Decision, Refusal> {
    check_server(user.operator, ServerAction::ChangeHost { whom: None })?;
    let target = world.expect_user(nick)?;
    check_server(user.operator, ServerAction::ChangeHost { whom: target.operator })?;
    let username = world.settings.names.user_name(username).map_err(|_| Refusal::BadHost)?;
    if !is_host(host) {
        return Err(Refusal::BadHost);
    }
    if target.person.username() == username.as_str() && target.person.host() == host {
        return Ok(Decision::Answered);
    }
    // With the former one, by which whoever reads it can undo it.
    let change = format!("{}@{} → {username}@{host}", target.person.username(), target.person.host());
    let audited = audit::entry(user, AuditAct::HostChanged, Some(target.nick()), &change);
    Ok(Decision::Record(smallvec![Fact::HostChanged { user: target.id, username, host: host.into() }, audited]))
}

/// Tells whether a text can stand behind the `@` of `nick!user@host`: a name, an address, or a cloak such as
/// `tea/drinker`. A colon first would begin a last parameter.
fn is_host(host: &str) -> bool {
    (1..=HOST_BYTES_MAX).contains(&host.len())
        && !host.starts_with(':')
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'_' | b'/'))
}

/// Changes user name and host. The user, all who share a channel and those who watch the nick hear it; then each channel
/// hears of the return, for clients that know of no such change.
pub fn apply(world: &mut World, id: UserId, username: &UserName, host: &Arc<str>, outlet: &mut Outlet<'_>) {
    let (Some(user), actor) = (world.users.get(&id), world.actor(id)) else { return };
    let channels: Vec<_> = user.channels.iter().copied().collect();
    let audience = Audience::channels(channels.iter().copied())
        .and_user(id)
        .and_watchers(world.watchers.of(user.nick(), world.mapping()));
    let now = user.person.with(|fields| {
        fields.username = username.clone();
        fields.host = Arc::clone(host);
    });
    world.set_person(id, &now);
    // Who asked is somebody else than the actor, so it sees what everybody sees.
    outlet.show(audience, actor.clone(), EventKind::HostChanged { now: Arc::clone(&now), back_in: None });
    for channel in channels {
        let Some(room) = world.channels.get_mut(&channel) else { continue };
        // Bans look at masks: messages decided against the old one are judged again.
        room.rules_changed();
        let back_in = Some((room.named(), room.ranks_of(id).unwrap_or_default()));
        let kind = EventKind::HostChanged { now: Arc::clone(&now), back_in };
        outlet.show(Audience::channel(channel), actor.clone(), kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for good in ["localhost", "tea.example", "2001:db8::1", "tea/drinker_1", "0::1", &"h".repeat(64)] {
            assert!(is_host(good), "{good}");
        }
        for bad in ["", ":", "::1", "a b", "a@b", "a!b", "a*", "é", "a\u{1}", &"h".repeat(65)] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
