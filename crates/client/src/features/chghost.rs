//! CHGHOST: somebody has another address.
//!
//! Spec: `IRCv3` "chghost".

use irc::message::Message;

use super::nick_of;
use crate::state::{Change, State};

pub(super) fn receive(state: &mut State, line: &Message<'_>) -> Option<Change> {
    let (nick, user, host) = (nick_of(line)?, line.params.get(0)?, line.params.get(1)?);
    state.person_mut(nick)?.address = Some(format!("{user}@{host}").into());
    Some(Change::Person(nick.into()))
}
