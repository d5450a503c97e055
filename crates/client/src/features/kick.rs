//! KICK: somebody is removed from a room.
//!
//! Spec: Modern IRC, "KICK message".

use irc::message::Message;

use super::nick_of;
use super::part::{hear_no_more, leave};
use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (channel, nick) = (line.params.get(0)?, line.params.get(1)?);
    leave(state, channel, nick)?;
    let (by, text) = (nick_of(line).map(Box::from), line.params.get(2).unwrap_or_default().into());
    Some(Change::Left { room: channel.into(), nick: nick.into(), by, text })
}

/// From here on nobody tells the person what is said there.
pub(super) fn show(state: &mut State, line: &Message<'_>) -> Option<Change> {
    hear_no_more(state, line.params.get(1)?, line.params.get(0)?)
}
