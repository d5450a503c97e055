//! TOKEN: who somebody is, to be shown to the file host of this server.
//!
//! Spec: `IRCv3` pull request 602, "authtoken"; what the token is for: `docs/protocol/filehost.md`. Wire:
//! `session::features::authtoken`. Proof: `scenarios/authtoken.txt`, `tests/e2e/test_uploads.py`.

use core::time::Duration;
use std::sync::Arc;

use irc::names::CHANNEL_PREFIX;

use super::outlet::Outlet;
use crate::permission::{UploadAction, UploadStanding, check_upload};
use crate::refusal::Refusal;
use crate::reply::{FileToken, Reply};
use crate::time::{Now, Timestamp};
use crate::user::User;
use crate::world::World;

/// For how long a token holds: "short expiration periods (10-15 minutes)".
pub const TOKEN_TIME: Duration = Duration::from_mins(10);

/// Says whether the user may have a token, for a channel that they are in or somebody who is there, or for nothing in particular.
///
/// # Errors
/// [`Refusal::LogInNeeded`] where only accounts may send files, [`Refusal::TokenScope`].
pub fn query(
    world: &World,
    user: &User,
    scope: Option<&str>,
    unforeseen: Box<str>,
    now: Now,
    outlet: &mut Outlet<'_>,
) -> Result<(), Refusal> {
    let account = user.person.account.clone();
    let standing = UploadStanding { account: account.is_some(), author: false, operator: user.operator };
    check_upload(standing, UploadAction::Send { accounts_only: world.settings.uploads_need_account })?;
    if let Some(scope) = scope.filter(|scope| !is_there(world, user, scope)) {
        return Err(Refusal::TokenScope(scope.into()));
    }
    outlet.reply_with_state(Reply::FileToken(Box::new(FileToken {
        account,
        nick: Arc::from(user.nick()),
        operator: user.operator,
        until: end(now.wall),
        word: unforeseen,
    })));
    Ok(())
}

fn is_there(world: &World, user: &User, scope: &str) -> bool {
    if scope.starts_with(CHANNEL_PREFIX) {
        world.expect_visible_channel(scope, user).is_ok_and(|channel| user.channels.contains(&channel.id))
    } else {
        world.user_by_nick(scope).is_some()
    }
}

fn end(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_add(i64::try_from(TOKEN_TIME.as_millis()).unwrap_or(i64::MAX)))
}
