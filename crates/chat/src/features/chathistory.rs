//! CHATHISTORY: what was said before.
//!
//! Spec: `IRCv3` "chathistory". Wire: `session::features::chathistory`. Proof: `scenarios/chathistory.txt` and its
//! siblings.

use irc::names::ChannelName;

use super::outlet::Outlet;
use super::{Decision, Then, join};
use crate::event::EventKind;
use crate::history::{Conversation, Found, Kinds, Page, Query, Span};
use crate::ids::Seq;
use crate::refusal::Refusal;
use crate::reply::{Kept, Reply};
use crate::user::User;
use crate::world::World;

/// Lets a plain client see what was said before it came.
///
/// # Errors
/// 403 when there is no such channel, 442 when the user is outside.
pub fn replay(world: &World, user: &User, channel: &str, most: usize) -> Result<Decision, Refusal> {
    let channel = join::expect_member(world, user, channel)?.name.clone();
    let query = Query::Page(Page {
        of: Conversation::Channel(channel.clone()),
        span: Span::Latest(None),
        limit: most,
        kinds: Kinds::default(),
        visible_from: Seq::ZERO,
        before: Seq(u64::MAX),
    });
    Ok(Decision::Query { query, then: Then::Replay { channel } })
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
